"""How names and numbers of the reports are put into words, in documents and figures."""

from typing import Any

from .business import MODEL, NAIVE
from .markdown import code, table

Report = dict[str, Any]

ACCURACY = ("mase", "rmsse", "smape", "wmape", "owa", "bias")
SPREAD = ("pinball", "coverage_80", "width_80", "coverage_95", "width_95")
PERCENT = ("wmape", "bias", "coverage_80", "coverage_95")
LABELS = {
    "mase": "MASE",
    "rmsse": "RMSSE",
    "smape": "sMAPE",
    "wmape": "wMAPE",
    "owa": "OWA",
    "bias": "Bias",
    "pinball": "Pinball loss",
    "coverage_80": "In the 80% interval",
    "coverage_95": "In the 95% interval",
    "width_80": "Width of 80%",
    "width_95": "Width of 95%",
    "ets": "ETS",
    "arima": "ARIMA",
    "sarima": "SARIMA",
    "lightgbm": "LightGBM",
    "prophet": "Prophet",
    "lstm": "LSTM",
    "average": "the average of the models",
    "per_series": "each series' own model",
}
STEPS = {"h": "hour", "D": "day", "B": "working day", "W": "week"}
STEPS |= {
    "MS": "month",
    "ME": "month",
    "QS": "quarter",
    "QE": "quarter",
    "YS": "year",
    "YE": "year",
}

# What the tests of stationarity can find, and what it means.
SHORTEST = 20  # values without which nothing is tested
STATIONARY, TREND, UNIT_ROOT, MOVING, UNCLEAR, UNTESTED = (
    "stationary",
    "stationary around a trend",
    "unit root",
    "no unit root, but the level moves",
    "unclear",
    "not tested",
)
MEANING = {
    STATIONARY: "ADF rejects a unit root, KPSS does not object to a fixed level",
    TREND: "around a straight line ADF rejects a unit root and KPSS does not object",
    UNIT_ROOT: "ADF finds nothing against a unit root, KPSS objects to a fixed level: difference, "
    "unless a plot shows one jump of the level, which looks the same to the tests (Perron 1989)",
    MOVING: "both reject: no unit root, but slow seasons or small shifts; differencing may help",
    UNCLEAR: "neither rejects: too little evidence for either",
    UNTESTED: f"constant, or fewer than {SHORTEST} values",
}


def label(name: str) -> str:
    """A model or metric as people write it."""
    return LABELS.get(name, name.replace("_", " "))


def title(name: str) -> str:
    """The same where a sentence begins."""
    text = label(name)
    return text[0].upper() + text[1:]


def chosen(metrics: Report) -> str:
    """What is published, as people write it."""
    return label(metrics["timeseries"]["selected"])


def compared(metrics: Report) -> dict[str, str]:
    """What the published forecasts and the baseline are called; one alone if they are the same."""
    names = {MODEL: chosen(metrics), NAIVE: label(NAIVE)}
    return names if names[MODEL] != names[NAIVE] else {MODEL: names[MODEL]}


def number(value: float | None, name: str = "") -> str:
    """A metric's value; ``none`` where there is none."""
    if value is None:
        return "none"
    if name in PERCENT:
        return f"{round(value, 3) + 0:.1%}"  # no minus before a zero
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.3f}"


def estimate(found: Report, name: str = "") -> str:
    """A metric's value, with its 95 % interval in brackets where it has one."""
    value, low, high = (number(found[part], name) for part in ("value", "low", "high"))
    return value if found["low"] is None else f"{value} [{low}, {high}]"


def step_name(data: Report) -> str:
    """What one step in time is called."""
    return STEPS.get(data["freq"].split("-")[0], "step")


def steps(data: Report, count: int) -> str:
    """So many steps in time: ``14 days``."""
    return f"{count:,} {step_name(data)}" + ("" if count == 1 else "s")


def p_value(value: float | None) -> str:
    """Three digits; less where it is tiny, ``none`` where nothing was tested."""
    return "< 0.001" if value is not None and value < 0.001 else number(value)


def series(count: int) -> str:
    """How many series there are."""
    return "one series" if count == 1 else f"{count:,} series"


def brackets(metrics: Report) -> str:
    """What the brackets of a table hold, or why there are none."""
    if metrics["test"]["mase"]["low"] is None:
        return "too few series for scores to have an interval"
    return "brackets: 95% bootstrap interval over series"


def choice(metrics: Report) -> str:
    """How the published model was found, and whether its lead may be chance."""
    detail, data = metrics["timeseries"], metrics["timeseries"]["data"]
    found, lead = detail["choice"], detail["choice"]["lead"]
    rule = ""
    if len(metrics["models"]) > 2:
        rule = (
            "The average of the models is taken, unless another's MASE is lower with a 95% "
            "interval of the paired difference above 0; then the lowest of these. "
        )
    rule += f"The choice fell on {chosen(metrics)}."
    if detail["selection"] == "per_series":
        rule = "For each series the model of the lowest MASE is taken."
    over = series(found["count"])
    if found["over"] == "blocks":
        over = f"{found['count']:,} blocks of {steps(data, found['block'])}"
    spread = "too few for an interval" if lead["low"] is None else "95% interval"
    if detail["selected"] == NAIVE:
        return rule
    sure = lead["low"] is not None and (lead["low"] > 0 or lead["high"] < 0)
    return (
        f"{rule} Chosen like that by all windows but one and scored on that one, it lies "
        f"{estimate(lead)} below {label(NAIVE)} in MASE ({spread}, over {over})"
        f"{'.' if sure else ': that may be chance.'}"
    )


def comparison(metrics: Report, names: tuple[str, ...]) -> str:
    """A table of the untouched window: the published forecasts beside the baseline's."""
    found = {MODEL: metrics["test"], NAIVE: metrics["timeseries"]["baseline"]}
    shown = compared(metrics)
    rows = [[label(name), *(estimate(found[who][name], name) for who in shown)] for name in names]
    return table(["On the untouched window", *shown.values()], rows)


def classes(metrics: Report) -> str:
    """A table of the kinds of demand: how many series, how good forecasts and intervals are."""
    shown = compared(metrics)
    rows = [
        [
            row["class"],
            f"{row['series']:,}",
            *(number(row.get(f"{who}_mase")) for who in shown),
            number(row.get("model_coverage_95"), "coverage_95"),
        ]
        for row in metrics["timeseries"]["by_class"]
    ]
    errors = [f"MASE, {named}" for named in shown.values()]
    return table(["Demand", "Series", *errors, label("coverage_95")], rows)


def known(data: Report) -> str:
    """What the models may know of the time ahead."""
    if not data["known"]:
        return "nothing but the calendar"
    text = ", ".join(code(name) for name in data["known"])
    if not data["planned"]:
        text += "; where the source does not say, their usual values are assumed"
    if data["perfect_forecast"]:
        perfect = ", ".join(code(name) for name in data["perfect_forecast"])
        text += f". All results assume a perfect forecast of {perfect}"
    return text


def filled(data: Report) -> str:
    """What was done about gaps."""
    if not data["filled"]:
        return "no gaps"
    return f"{data['filled']:,} gaps filled by the rule `{data['fill']}`"
