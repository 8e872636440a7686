"""The demo of a forecasting project: what is to come of a series, and how much to order for it."""

import csv
from dataclasses import asdict, dataclass

from portfolio.contract import ContractError, Json, Project, parse
from portfolio.errors import UserError
from portfolio.files import read_text
from portfolio.site.demos import arrays
from portfolio.site.demos.parts import Parts, Published, Recorded

SAYS = (
    "Pick a series and see its forecast with intervals, and what it is made of; say what is in "
    "stock and how sure you want to be, and see how much to order."
)
ARRAYS = (
    "forecasts",
    "scale",
    "levels",
    "offsets",
    "total_offsets",
    "history",
    "values",
    "contributions",
)
TEXTS = ("ids", "dates", "history_dates", "features")
FORECASTS = "reports/forecasts.csv"
SHOWN = 7  # recorded steps


@dataclass(frozen=True)
class Prices:
    """The prices of stock that the project published."""

    currency: str
    holding_cost: float
    stockout_cost: float


@dataclass(frozen=True)
class Signature:
    """Periods until an order arrives and of a season, and whether demand comes in whole units."""

    lead_time: int
    season_length: int
    whole: bool


@dataclass(frozen=True)
class Curve:
    """Units a month that were held and short in validation, at each service level."""

    held: tuple[float, ...]
    short: tuple[float, ...]


@dataclass(frozen=True)
class Levels:
    """The service levels of that curve, as the reports have them."""

    service_level: tuple[float, ...]


@dataclass(frozen=True)
class Business:
    """Where the reports have that curve."""

    curve: Levels


@dataclass(frozen=True)
class Detail:
    """What of the domain's own results the demo reads."""

    business: Business


def parts(project: Project, published: Published, model: bytes) -> Parts:
    """What the demo of a forecasting project needs.

    Raises:
        UserError: the model is not one that the demo knows, or the reports are damaged.
    """
    folder = f"{project.name}/models/{published.version}"
    shown, metadata = f"{folder}/{published.file}", f"{folder}/metadata.json"
    found = arrays.read(model, {*ARRAYS, *TEXTS}, shown)
    if missing := [name for name in (*ARRAYS, *TEXTS) if name not in found]:
        raise UserError(f"{shown}: no {' and no '.join(missing)}.")
    texts = {name: parse(tuple[str, ...], found[name].text(), shown, name) for name in TEXTS}
    steps = (len(texts["ids"]), len(texts["dates"]))
    if found["contributions"].shape != (*steps, len(texts["features"])):
        raise UserError(f"{shown}: its arrays are not as long as their names.")
    data: Json = {
        **texts,
        "prices": asdict(parse(Prices, published.prices, metadata, "prices")),
        "signature": asdict(parse(Signature, published.signature, metadata, "signature")),
        "curve": asdict(parse(Curve, published.curve, metadata, "curve")),
        "service_levels": _levels(project),
    }
    if len(data["curve"]["held"]) != len(data["service_levels"]):
        raise ContractError(f"{metadata}: `curve` is not as long as that of the reports.")
    packed = arrays.pack({name: found[name] for name in ARRAYS})
    return Parts("demand", SAYS, packed, "bin", data, _recorded(project))


def _levels(project: Project) -> tuple[float, ...]:
    """The service levels that `evaluate` has simulated."""
    detail = project.results.detail if project.results else {}
    shown = f"{project.name}/reports/metrics.json"
    return parse(Detail, detail, shown, "timeseries").business.curve.service_level


def _recorded(project: Project) -> Recorded | None:
    """The first steps of the last window: what was forecast, and what came."""
    file = project.root / FORECASTS
    if not file.is_file():
        return None
    try:
        lines = list(csv.DictReader(read_text(file).splitlines()))[:SHOWN]
        rows = tuple(
            (
                f"{row['unique_id']}, {row['ds']}",
                f"{float(row['yhat']):,.6g}",
                f"{float(row['low_95']):,.6g} to {float(row['high_95']):,.6g}",
                f"{float(row['y']):,.6g}",
            )
            for row in lines
        )
    except (KeyError, TypeError, ValueError, csv.Error) as error:
        raise UserError(f"{project.name}/{FORECASTS} cannot be read ({error}).") from error
    header = ("Series and date", "Forecast", "95% interval", "What came")
    return Recorded("Recorded: the first steps of the last window of the data", header, rows)
