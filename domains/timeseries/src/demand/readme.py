"""The generated blocks of README and model card: words made from the numbers in ``reports/``."""

from collections import Counter
from pathlib import Path
from typing import Any

from .config import Config, step_name
from .kit.documents import amount, code, interval, pictures, span, table, told, update
from .kit.files import Paths, read_json
from .money import FORESIGHT, MODEL, RULE, SWING
from .stationarity import MEANING

Report = dict[str, Any]
METRICS = {
    "mase": "MASE (1: the usual error of seasonal naive)",
    "wmape": "Absolute error, share of demand",
    "bias": "Bias, share of demand (above 0: too high)",
    "coverage_80": "Inside the 80% interval",
    "coverage_95": "Inside the 95% interval",
}
ROLES = {"lightgbm": "the published model", "average": "one part of the published average"}


def write_documents(config: Config, paths: Paths, check: bool) -> list[Path]:
    """Bring README and model card up to date; with ``check`` only say whether they are. A
    ProjectError says that a stage has not run, or that a document is not up to date."""
    metrics = read_json(paths.reports / "metrics.json", "evaluate")
    explanation = read_json(paths.reports / "explain.json", "explain")
    shown = pictures(read_json(paths.reports / "figures.json", "evaluate"))
    mark = " (Synthetic sample: made-up shops.)" if metrics["dataset"]["synthetic"] else ""
    readme = {
        "headline": f"**{metrics['business']['headline']}.**{mark}\n\n{shown['headline']}",
        "data": f"{bullets(metrics)}\n\n{told(read_json(paths.reports / 'data.json', 'data'))}",
        "results": f"{results(metrics)}\n\n{shown['result']}",
        "money": worth(metrics),
        "explanation": f"{made_of(metrics, explanation)}\n\n{shown.get('explanation', '')}",
        "live": f"Online: <{config.live_url}>" if config.live_url else "<!-- not online -->",
    }
    card = {"model": model_details(metrics, explanation), "results": performance(metrics)}
    return update({paths.root / "README.md": readme, paths.root / "MODEL_CARD.md": card}, check)


def bullets(metrics: Report) -> str:
    """Data, model and worth in a line each."""
    data, business = metrics["timeseries"]["data"], metrics["timeseries"]["business"]
    served = {row["key"]: f"{row['fill_rate']:.1%}" for row in business["policies"]}
    return (
        f"- **Data:** {origin(metrics)}.\n"
        f"- **Model:** {selected(metrics)['label']}; it foretells {data['horizon']} "
        f"{step_name(data['freq'])}s with intervals, from what was known before them.\n"
        f"- **Worth:** in simulation {served[MODEL]} of demand served, {served[RULE]} by the rule; "
        f"orders aim at a service level of {business['service_level']:.1%}, the cheapest tried."
    )


def results(metrics: Report) -> str:
    """The ladder on validation windows, and the chosen model on the last one."""
    detail, test = metrics["timeseries"], metrics["test"]
    rows = [
        [
            f"**{model['label']}**" if model["selected"] else model["label"],
            f"{model['metrics']['mase']['value']:.3f}",
            "chosen" if model["selected"] else behind(model["difference"]),
        ]
        for model in metrics["models"]
    ]
    seen, naive = selected(metrics)["metrics"], metrics["models"][0]["metrics"]
    return (
        f"{table(['Model', 'MASE, validation', 'Behind the chosen one'], rows)}\n\n"
        "MASE is the error in units of the seasonal naive forecast's usual one. Each of "
        f"{len(detail['origins'])} windows was foretold from what was known before it; "
        f"differences are paired, their 95% intervals are over {detail['cases']}. The last row is "
        "chosen unless another is better beyond chance, after Holm's correction for how many were "
        "tried. In the window kept for the end "
        f"({detail['test_start']} to {detail['test_end']}), used for no choice, the MASE is "
        f"{number(test['mase']['value'])} and seasonal naive's "
        f"{number(detail['baseline']['mase']['value'])}; in validation they were "
        f"{number(seen['mase']['value'])} and {number(naive['mase']['value'])}.\n\n"
        f"The 95% intervals held {number(seen['coverage_95']['value'], '.1%')} of values in "
        f"validation and {number(test['coverage_95']['value'], '.1%')} in that window; each is as "
        "wide as the errors in other windows were (conformal)."
    )


def behind(difference: Report) -> str:
    """How far a model is behind the chosen one, and whether that may be chance."""
    value, low, high = (f"{difference[key]:z.3f}" for key in ("value", "low", "high"))
    chance = difference["low"] <= 0 <= difference["high"]
    return f"{value}, may be chance" if chance else f"{value} ({low} to {high})"


def worth(metrics: Report) -> str:
    """Money: prices, policies, and what the answer depends on."""
    detail, data = metrics["timeseries"]["business"], metrics["timeseries"]["data"]
    summary, step, days = metrics["business"], step_name(data["freq"]), detail["lead_time"]
    width, currency = summary["high"] - summary["low"], summary["currency"]
    rows = [
        [
            f"**{row['name']}**" if row["key"] == MODEL else row["name"],
            amount(row["cost"], width),
            f"{row['fill_rate']:.1%}",
            "" if row["key"] in (MODEL, FORESIGHT) else span(row["saved"]),
        ]
        for row in detail["policies"]
    ]
    header = ["Ordering by", f"{currency} a month", "Demand served", "The model: saved a month"]
    tested, moved = detail["saved_in_test"], []
    for row in detail["sensitivity"]:
        ends = " or ".join(amount(row[key], width) for key in ("if_lower", "if_higher"))
        moved.append(f"{row['price']} {ends}")
    return (
        f"Assumed: {summary['assumption'].removeprefix('if ')}; orders take {days} {step}"
        f"{'' if days == 1 else 's'}; what finds no stock is lost (`config.yaml`). Each {step} "
        "stock is filled up to what lasts until the next order with a forecast probability of "
        f"{detail['service_level']:.1%}: of the levels tried, what cost least in validation.\n\n"
        f"{table(header, rows)}\n\n"
        f"Simulated on the {data['windows']} validation windows, which also chose the model; each "
        "is ordered at the level that the others find cheapest. In brackets the 95% interval of "
        f"the paired difference over {metrics['timeseries']['cases']}. In the window kept for the "
        f"end the model {'saved' if tested >= 0 else 'lost'} {amount(abs(tested), width)} "
        f"{currency} a month against the rule. The saving in validation with a price {SWING:.0%} "
        f"lower or higher: {'; '.join(moved)}."
    )


def made_of(metrics: Report, explanation: Report) -> str:
    """What the series are made of, and what moves forecasts."""
    tested = explanation["series"]
    verdicts = Counter(row["verdict"] for row in tested)
    found = "; ".join(
        f"{f'{count} of {len(tested)} series' if len(tested) > 1 else 'the series'}: **{verdict}** "
        f"({MEANING[verdict]})"
        for verdict, count in verdicts.most_common()
    )
    said = f"Tested for a fixed level (ADF and KPSS at 5%), {found}."
    if rows := explanation["importance"]:
        drivers = ", ".join(code(row["feature"]) for row in rows if row["driver"])
        noise = ", ".join(code(row["feature"]) for row in rows if not row["driver"])
        role = ROLES.get(metrics["timeseries"]["selected"], "not the published model")
        said += (
            f"\n\nForecasts by LightGBM ({role}) are moved by {drivers or 'nothing'}, strongest "
            f"first; no more than by a shuffled copy: {noise or 'none'}. By chance neighbours swap "
            "and noise passes; association is no cause. The API says what a forecast is made of."
        )
    return said


def model_details(metrics: Report, explanation: Report) -> str:
    """For the model card: what is published."""
    data = metrics["timeseries"]["data"]
    return (
        f"- Forecasts by: {selected(metrics)['label']}\n"
        f"- Version: `{explanation['model_version']}`, NumPy arrays without pickle\n"
        f"- For the {data['horizon']} {step_name(data['freq'])}s after {data['end']}, from all "
        f"data up to then; later dates need a new run\n- Data: {origin(metrics)}"
    )


def performance(metrics: Report) -> str:
    """For the model card: metrics of the last window, and of the validation windows."""
    rows = []
    for key, label in METRICS.items():
        last, found = metrics["test"][key]["value"], selected(metrics)["metrics"][key]
        seen = number(found["value"]) if found["low"] is None else interval(found)
        rows.append([label, number(last), seen])
    return table(["Metric", "Last window, used for no choice", "Validation [95% interval]"], rows)


def origin(metrics: Report) -> str:
    """How many values, where they come from, what was done about gaps, what is known ahead."""
    dataset, data = metrics["dataset"], metrics["timeseries"]["data"]
    licence = f", {dataset['licence']}" if dataset["licence"] else ""
    name = "a synthetic sample" if dataset["synthetic"] else code(dataset["name"])
    gaps = f"{data['filled']:,} gaps filled (`{data['fill']}`)" if data["filled"] else "no gaps"
    known = ", ".join(code(name) for name in data["known"]) or "the calendar"
    ahead = known if data["planned"] else f"{known} (after the end as usual in the season)"
    series = "one series" if data["series"] == 1 else f"{data['series']:,} series"
    seasons = ", ".join(f"{steps} ({count:,} series)" for steps, count in data["seasons"].items())
    when = f"one value a {step_name(data['freq'])} from {data['start']} to {data['end']}"
    ahead = f"steps in a season: {seasons}; known ahead: {ahead}"
    return f"{series} ({name}{licence}), {when}; {gaps}; {ahead}"


def selected(metrics: Report) -> Report:
    """The chosen model's entry of the ladder."""
    return next(model for model in metrics["models"] if model["selected"])


def number(value: float | None, form: str = ".3f") -> str:
    """A figure, where there is one."""
    return "not defined" if value is None else f"{value:{form}}"
