"""The demo of a churn project: a customer's risk and reasons, and prices that move the profit."""

from dataclasses import asdict, dataclass

from portfolio.contract import ContractError, Json, Project, parse
from portfolio.files import read_text
from portfolio.site.demos import tested
from portfolio.site.demos.parts import Parts, Published, Recorded
from portfolio.site.demos.tested import Tested

SAYS = (
    "Change a customer and see the probability of leaving, its reasons, and what an offer is "
    "worth; move the prices and see whom it pays to contact."
)
MEAN = "np.median("  # in the predictor of projects that take it
SHOWN = 5  # recorded customers
SLACK = 1e-5  # a range's ends are rounded to six digits


@dataclass(frozen=True)
class Prices:
    """The prices at which the published model decides."""

    currency: str
    customer_value: float
    offer_cost: float
    offer_acceptance: float
    customers_per_year: int


@dataclass(frozen=True)
class Column:
    """A feature: what it is called, what it usually is, and the ends of a number's range."""

    name: str
    type: str
    typical: object
    range: tuple[float, ...] | None = None  # older models do not have it


def parts(project: Project, published: Published, model: bytes) -> Parts:
    """What the demo of a churn project needs.

    Raises:
        UserError: a file of the project is missing or damaged.
    """
    shown = f"{project.name}/models/{published.version}/metadata.json"
    columns = parse(tuple[Column, ...], published.signature, shown, "signature")
    prices = parse(Prices, published.prices, shown, "prices")
    test = tested.read(project)
    data = {
        "columns": [_column(column, shown) for column in columns],
        "mean_of_middle": _takes_mean(project),
        "prices": asdict(prices),
        "test": asdict(test),
        # The project keeps what the published model said, which may not be the one that runs.
        "test_of": None if published.version == project.version else project.version,
    }
    return Parts("churn", SAYS, model, "onnx", data, _recorded(test, prices), onnx=True)


def _takes_mean(project: Project) -> bool:
    """Whether a typical number is the mean of the two middle ones, or as it once was the upper."""
    file = project.root / "src" / project.package / "predictor.py"
    return not file.is_file() or MEAN in read_text(file)


def _column(column: Column, shown: str) -> Json:
    """A feature as the module takes it: a category's values as pairs, which keep their order."""
    typical, more = column.typical, {}
    if column.type == "number":
        values = parse(tuple[float, ...], typical, shown, f"signature.{column.name}")
        more = {"range": _range(column.range) if column.range else None}
    elif column.type == "category":
        shares = parse(dict[str, float], typical, shown, f"signature.{column.name}")
        values = tuple(shares.items())
    else:
        raise ContractError(f"{shown}: {column.name} is neither a number nor a category.")
    if not values:
        raise ContractError(f"{shown}: {column.name} has no typical values.")
    return {"name": column.name, "type": column.type, "typical": values, **more}


def _range(ends: tuple[float, ...]) -> Json:
    """From where to where the project's predictor knows a number, and how it says that."""
    low, high = min(ends), max(ends)
    slack = SLACK * max(-low, high)
    return {"low": low - slack, "high": high + slack, "expected": f"{low:.15g} to {high:.15g}"}


def _recorded(test: Tested, prices: Prices) -> Recorded:
    """The first customers of the test, and what was decided for them."""
    worth = prices.offer_acceptance * prices.customer_value
    rows = []
    for left, probability in test.first(SHOWN):
        value = probability * worth - prices.offer_cost
        decision = "contact" if value > 0 else "leave alone"
        outcome = "left" if left else "stayed"
        rows.append((f"{probability:.1%}", decision, f"{value:,.2f}", outcome))
    header = (
        "Probability of leaving",
        "Decision",
        f"Value of an offer, {prices.currency}",
        "What came",
    )
    return Recorded("Recorded: the first customers of the test", header, tuple(rows))
