"""The demo of a review project: a text whose words are coloured by what they say."""

from dataclasses import asdict, dataclass

from portfolio.contract import Project, parse
from portfolio.site.demos import rules, tested
from portfolio.site.demos.parts import Parts, Published, Recorded
from portfolio.site.demos.tested import Tested

SAYS = (
    "Write a review: its words are coloured by what they say to the model, which decides whether "
    "somebody should read it."
)
SHOWN = 5  # recorded reviews
VOCABULARY = b"\n\x0avocabulary"  # in ONNX's metadata, of models that count words
CANNOT = "counts no words, and the demo runs models that do"
# The module that makes words and features, as `sentiment.js` does it.
MODULE, MARK = "features.py", "2739809e0da8"


@dataclass(frozen=True)
class Prices:
    """The prices at which the published model decides."""

    currency: str
    customer_value: float
    win_back: float
    reading_cost: float


def parts(project: Project, published: Published, model: bytes) -> Parts:
    """What the demo of a review project needs.

    Raises:
        UserError: a file of the project is missing or damaged.
    """
    shown = f"{project.name}/models/{published.version}/metadata.json"
    prices = parse(Prices, published.prices, shown, "prices")
    recorded = _recorded(tested.read(project), prices)
    if VOCABULARY not in model:
        return Parts("sentiment", SAYS, model, "onnx", {}, recorded, cannot=CANNOT)
    rules.require(project, MODULE, MARK)
    data = {"prices": asdict(prices)}
    return Parts("sentiment", SAYS, model, "onnx", data, recorded, onnx=True)


def _recorded(test: Tested, prices: Prices) -> Recorded:
    """The first reviews of the test, and what was decided about them."""
    worth, rows = prices.win_back * prices.customer_value, []
    for positive, probability in test.first(SHOWN):
        value = (1 - probability) * worth - prices.reading_cost
        decision = "read" if value > 0 else "skip"
        outcome = "good" if positive else "bad"
        rows.append((f"{probability:.1%}", decision, f"{value:,.2f}", outcome))
    header = (
        "Probability of a good review",
        "Decision",
        f"Value of reading it, {prices.currency}",
        "What it was",
    )
    return Recorded("Recorded: the first reviews of the test", header, tuple(rows))
