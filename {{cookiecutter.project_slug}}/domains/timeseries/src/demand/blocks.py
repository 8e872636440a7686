"""The generated blocks of README and model card: text made of numbers from ``reports/``."""

from . import markdown, wording
from .business import NAIVE
from .conformal import LEVELS
from .markdown import amount, code, dataset_name, origin, table
from .wording import ACCURACY, MEANING, SPREAD, Report, label

DOCUMENTS = ("README.md", "MODEL_CARD.md")
REPORTS = ("metrics.json", "explain.json")


def headline(metrics: Report, explanation: Report) -> str:
    """The finding, a picture, and a badge where the data is synthetic."""
    picture = (
        "![Demand in the untouched window, with forecasts and their intervals]"
        "(reports/figures/forecasts.png)"
    )
    return markdown.headline(metrics, metrics["business"]["headline"], picture)


def results(metrics: Report, explanation: Report) -> str:
    """The ladder on the validation windows, and the published forecasts on the untouched one."""
    detail, data = metrics["timeseries"], metrics["timeseries"]["data"]
    return "\n\n".join(
        [
            f"{origin(metrics)} From {len(detail['origins'])} dates ({detail['origins'][0]} to "
            f"{detail['origins'][-1]}) each model forecast the next "
            f"{wording.steps(data, data['horizon'])} of {wording.series(data['series'])} from what "
            "was known then; "
            f"{wording.brackets(metrics)}. MASE is the absolute error in units of the seasonal "
            "naive forecast's usual error in the past, OWA compares with Naive2 (1: as good).",
            _ladder(metrics, ACCURACY),
            "![MASE of each model on the validation windows](reports/figures/ladder.png)",
            wording.choice(metrics),
            f"The window from {detail['test_start']} to {detail['test_end']} was scored once, "
            "after that choice:",
            wording.comparison(metrics, ACCURACY),
            f"![Error by {_step(metrics)}s ahead](reports/figures/steps.png)",
            "By kind of demand: how regularly it comes, and how evenly much:",
            wording.classes(metrics),
        ]
    )


def intervals(metrics: Report, explanation: Report) -> str:
    """What the intervals promise and hold."""
    step = wording.step_name(metrics["timeseries"]["data"])
    return "\n\n".join(
        [
            "Intervals are conformal: as wide as the errors in the validation windows were, "
            "pooled over series by each one's scale. On the validation windows those of one "
            "window come from the others; on the untouched window from all of them. Widths and "
            "pinball loss are scaled as MASE is.",
            _ladder(metrics, SPREAD),
            wording.comparison(metrics, SPREAD),
            "![Share of demand inside the intervals](reports/figures/coverage.png)",
            f"Errors of neighbouring {step}s go together, so a share over one window moves more "
            "from window to window than its number of values suggests.",
        ]
    )


def business(metrics: Report, explanation: Report) -> str:
    """Money: prices, what the stock costs by each forecast, and what that depends on."""
    detail, data = metrics["timeseries"]["business"], metrics["timeseries"]["data"]
    step = wording.step_name(data)
    prices, currency = detail["prices"], detail["prices"]["currency"]
    names = wording.compared(metrics) | {"perfect_foresight": "perfect foresight"}
    policies = [(named, detail["policies"][name]) for name, named in names.items()]
    rows = [
        [
            named,
            *(f"{amount(row[part])} {currency}" for part in ("cost", "holding", "stockout")),
            *(f"{row[part]:.1%}" for part in ("fill_rate", "cycle_service")),
        ]
        for named, row in policies
    ]
    header = ["Ordering by", "Cost a month", "Holding", "Stock-outs", "Demand served"]
    moved = [
        [
            f"{row['price'].replace('_', ' ')} by {row['swing']:.0%}",
            *(f"{amount(row[end])} {currency}" for end in ("if_lower", "if_higher")),
        ]
        for row in detail["sensitivity"]
    ]
    parts = [
        f"{metrics['business']['headline']}.",
        f"Prices (from `config.yaml`): {prices['holding_cost']:g} {currency} for a unit in "
        f"stock at the end of the {step}, {prices['stockout_cost']:g} {currency} for a unit that "
        f"is asked for in vain. At the start of each {step} stock and open orders are filled "
        "up to a level that lasts until the next order can arrive (lead time: "
        f"{wording.steps(data, detail['lead_time'])}) with a probability of "
        f"{detail['service_level']:.1%}, the one that costs least at these prices (of "
        f"{LEVELS[0]:.1%} to {LEVELS[-1]:.1%}); demand that "
        f"finds no stock is lost. Simulated on {wording.steps(data, detail['periods'])} of the "
        f"untouched window with {wording.series(detail['series'])}.",
        table([*header, f"{step.capitalize()}s without stock-out"], rows),
        _possible(detail, currency),
        "![Cost a month by service level](reports/figures/inventory.png)",
    ]
    if NAIVE in names:
        parts.append(table(["Saved a month with", "lower", "higher"], moved))
    return "\n\n".join(parts)


def structure(metrics: Report, explanation: Report) -> str:
    """What the series are made of: both tests, the decomposition, and what moves forecasts."""
    firsts = {row["verdict"]: row for row in reversed(explanation["series"])}
    tests = [
        [
            verdict,
            f"{count:,}",
            MEANING[verdict],
            code(firsts[verdict]["unique_id"]),
            *(wording.p_value(firsts[verdict][key]) for key in ("adf_p", "kpss_p")),
            f"{firsts[verdict]['differences']}, {firsts[verdict]['seasonal_differences']}",
        ]
        for verdict, count in sorted(explanation["verdicts"].items(), key=lambda each: -each[1])
    ]
    header = ["Verdict", "Series", "Meaning", "Example", "ADF p", "KPSS p", "Differences, seasonal"]
    example, truth = explanation["example"], explanation["weekly_truth"]
    reasons = [
        [code(reason["feature"]), _value(reason["value"]), amount(reason["contribution"])]
        for reason in example["reasons"]
    ]
    parts = [
        f"{origin(metrics)} Two tests of {wording.series(explanation['tested'])} ask opposite "
        "questions: ADF assumes a unit root until the data speak against it, KPSS a fixed level. "
        "Together, at 5%:",
        table(header, tests),
        _pictures(explanation),
        truth
        and "In the sample the true weekly pattern is known: the season that STL finds correlates "
        f"with it by {truth['median']:.2f} (median over series).",
        f"The forecast of {code(example['unique_id'])} for {example['ds']} is "
        f"{amount(example['yhat'])} units, the sum of:",
        table(["Part", "Value", "Units"], reasons),
        "![What one forecast is made of](reports/figures/contributions.png)",
    ]
    return "\n\n".join(part for part in parts if part)


def provenance(metrics: Report, explanation: Report) -> str:
    """Which data all numbers on the page come from."""
    dataset, data = metrics["dataset"], metrics["timeseries"]["data"]
    lines = [
        f"- Data set: {dataset_name(metrics)}",
        f"- Values: {dataset['rows']:,} of {wording.series(data['series'])} from {data['start']} "
        f"to {data['end']}, one for each {_step(metrics)}; {wording.filled(data)}",
        f"- Season: {wording.steps(data, data['season_length'])}; horizon: {data['horizon']:,}",
        f"- Known of the time ahead: {wording.known(data)}",
        f"- Source sha256: `{dataset['sha256']}`",
    ]
    return "\n".join(lines)


def model_details(metrics: Report, explanation: Report) -> str:
    """For the model card: what is published."""
    detail, data = metrics["timeseries"], metrics["timeseries"]["data"]
    counts = detail["series_models"].items()
    models = ", ".join(f"{label(name)} ({wording.series(count)})" for name, count in counts)
    return "\n".join(
        [
            f"- Forecasts by: {models}",
            f"- Version: `{explanation['model_version']}`",
            f"- For the {wording.steps(data, data['horizon'])} after {data['end']}, from all data "
            "up to then; later dates need a new run",
            "- Export: NumPy arrays without pickle: forecasts, intervals, recent history",
        ]
    )


def model_performance(metrics: Report, explanation: Report) -> str:
    """For the model card: all metrics of the untouched window, and by kind of demand."""
    scores = wording.comparison(metrics, ACCURACY + SPREAD)
    return "\n\n".join(
        [
            f"{origin(metrics)} {wording.brackets(metrics).capitalize()}.",
            scores,
            wording.classes(metrics),
        ]
    )


def _ladder(metrics: Report, names: tuple[str, ...]) -> str:
    rows = []
    for model in metrics["models"]:
        name = label(model["name"])
        shown = f"**{name}** (chosen)" if model["selected"] else name
        rows.append([shown, *(wording.estimate(model["metrics"][key], key) for key in names)])
    return table(["Model", *map(label, names)], rows)


def _step(metrics: Report) -> str:
    return wording.step_name(metrics["timeseries"]["data"])


def _value(value: float | None) -> str:
    return "" if value is None else amount(value)


def _possible(detail: Report, currency: str) -> str:
    """How much of what foresight would save is saved."""
    possible = detail["policies"][NAIVE]["cost"] - detail["policies"]["perfect_foresight"]["cost"]
    share = max(0.0, detail["share_of_possible"] or 0.0)
    return (
        f"Perfect foresight would save {amount(possible)} {currency} a month; these forecasts save "
        f"{share:.0%} of that."
    )


def _pictures(explanation: Report) -> str:
    """The figures that there are: a short series has no decomposition."""
    found = []
    if any(row["trend_strength"] is not None for row in explanation["series"]):
        found.append("![One series taken apart by STL](reports/figures/decomposition.png)")
    if explanation["importance"]:
        found.append("![What moves LightGBM's forecasts](reports/figures/importance.png)")
    return "\n\n".join(found)
