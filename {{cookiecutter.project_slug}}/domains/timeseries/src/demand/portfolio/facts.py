"""What the reports of this project say, by name: for posts and for the sheet of questions."""

from .. import wording
from ..business import MODEL, NAIVE
from ..markdown import amount
from ..wording import label
from .words import Report, common, ladder, moved, named

SHIPPED = ("bikes",)  # data sets that every such project has


def facts(metrics: Report, explanation: Report) -> dict[str, str]:
    """Facts as Markdown; each is true whatever the data and the settings are."""
    detail, data, models = metrics["timeseries"], metrics["timeseries"]["data"], metrics["models"]
    test, baseline = metrics["test"], detail["baseline"]
    example = explanation["example"]
    return {
        **common(metrics),
        **_money(detail["business"], wording.step_name(data)),
        "series": wording.series(data["series"]),
        "start": data["start"],
        "end": data["end"],
        "step": wording.step_name(data),
        "season": wording.steps(data, data["season_length"]),
        "horizon": wording.steps(data, data["horizon"]),
        "windows": str(len(detail["origins"])),
        "known": wording.known(data),
        "filled": wording.filled(data),
        "published": wording.chosen(metrics),
        "model_count": str(len(models)),
        "ladder": ladder(models, "mase", [label(model["name"]) for model in models]),
        "choice": wording.choice(metrics).removesuffix("."),
        "mase": wording.estimate(test["mase"]),
        "naive_mase": wording.estimate(baseline["mase"]),
        "owa": wording.estimate(test["owa"]),
        "bias": wording.estimate(test["bias"], "bias"),
        "wmape": wording.estimate(test["wmape"], "wmape"),
        "coverage_80": wording.estimate(test["coverage_80"], "coverage_80"),
        "coverage_95": wording.estimate(test["coverage_95"], "coverage_95"),
        "steps": _steps(detail["by_step"][MODEL]["mase"]),
        "hardest": _hardest(detail["by_class"]),
        "verdicts": _verdicts(explanation["verdicts"]),
        "tested": wording.series(explanation["tested"]),
        "parts": ", ".join(named(reason["feature"]) for reason in example["reasons"][:3]),
    }


def _money(detail: Report, step: str) -> dict[str, str]:
    prices, currency = detail["prices"], detail["prices"]["currency"]
    ours, naive = detail["policies"][MODEL], detail["policies"][NAIVE]
    return {
        "holding_cost": f"{prices['holding_cost']:g} {currency}",
        "stockout_cost": f"{prices['stockout_cost']:g} {currency}",
        "service_level": f"{detail['service_level']:.1%}",
        "served": f"{ours['fill_rate']:.1%}",
        "naive_served": f"{naive['fill_rate']:.1%}",
        "cost": f"{amount(ours['cost'])} {currency} a month",
        "naive_cost": f"{amount(naive['cost'])} {currency} a month",
        "possible": f"{max(0.0, detail['share_of_possible'] or 0.0):.0%}",
        "moved": moved(detail["sensitivity"], currency),
        "periods": f"{detail['periods']:,} {step}" + ("" if detail["periods"] == 1 else "s"),
    }


def _steps(errors: list[float | None]) -> str:
    """The error of the nearest and of the farthest step ahead."""
    known = [wording.number(error, "mase") for error in errors if error is not None]
    if not known:
        return "no step could be scored"
    return f"MASE {known[0]} for the nearest step ahead, {known[-1]} for the farthest"


def _hardest(rows: list[Report]) -> str:
    scored = [row for row in rows if row.get("model_mase") is not None]
    if not scored:
        return "no kind of demand could be scored"
    worst = max(scored, key=lambda row: row["model_mase"])
    return (
        f"{worst['class']} demand ({wording.series(worst['series'])}), "
        f"MASE {wording.number(worst['model_mase'], 'mase')}"
    )


def _verdicts(found: dict[str, int]) -> str:
    ordered = sorted(found.items(), key=lambda each: (-each[1], each[0]))
    return "; ".join(f"{verdict} ({count:,})" for verdict, count in ordered) or "none"
