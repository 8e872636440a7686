"""What the reports of this project say, by name: for posts and for the sheet of questions."""

from .. import wording
from ..markdown import amount, interval
from ..wording import label
from .words import Report, common, ladder, listed, money, moved, named

# Data sets that every such project has.
SHIPPED = ("pneumonia", "pneumonia_64", "pneumonia_128", "pneumonia_224")


def facts(metrics: Report, explanation: Report) -> dict[str, str]:
    """Facts as Markdown; each is true whatever the data and the settings are."""
    detail, models, test = metrics["cv"], metrics["models"], metrics["test"]
    chosen = wording.selected(metrics)
    return {
        **common(metrics),
        **_money(detail["business"], metrics["business"]),
        "positive": listed([named(name) for name in detail["positive"]]),
        "classes": str(len(detail["classes"])),
        "size": f"{detail['size']} x {detail['size']}",
        "rate": f"{detail['positive_rate']:.1%}",
        "patients": _patients(detail["patients"]),
        "duplicates": f"{detail['duplicates']:,}",
        "model": label(chosen["name"]),
        "model_count": str(len(models)),
        "parameters": f"{chosen['parameters']:,}",
        "megabytes": f"{detail['model_bytes'] / 1e6:.2f}",
        "settings": wording.settings(chosen),
        "ladder": ladder(models, "roc_auc", [label(model["name"]) for model in models]),
        "lead": wording.lead(metrics).removesuffix("."),
        "dummy_accuracy": f"{models[0]['metrics']['accuracy']['value']:.3f}",
        "auc": interval(test["roc_auc"]),
        "validation_auc": f"{chosen['metrics']['roc_auc']['value']:.3f}",
        "sensitivity": interval(test["sensitivity"]),
        "specificity": interval(test["specificity"]),
        "precision": interval(test["precision"]),
        "brier": interval(test["brier"]),
        "outcome": _outcome(detail["confusion"]),
        "calibration": wording.calibration(detail["calibration"]).removesuffix("."),
        "calibration_error": f"{detail['test_calibration_error']:.3f}",
        "augmentation": wording.augmentation(metrics) or "No network was trained.",
        "worst": _worst(detail["slices"]),
        "pointing": wording.pointing(explanation["pointing_game"])
        or "Where the evidence lies is not known for these images.",
        "export": f"{detail['export_difference']:.1g}",
    }


def _money(detail: Report, business: Report) -> dict[str, str]:
    prices, currency = detail["prices"], detail["prices"]["currency"]
    threshold = detail["threshold"]
    rule = f"refer from a probability of {threshold:.3g} on"
    if threshold <= 0 or threshold > 1:
        rule = "refer every case" if threshold <= 0 else "refer no case"
    return {
        "missed_cost": f"{amount(prices['missed_case'])} {currency}",
        "alarm_cost": f"{amount(prices['false_alarm'])} {currency}",
        "break_even": wording.break_even(detail),
        "prevalence": wording.prevalence(detail["prevalence"]),
        "rule": rule,
        "naive": f"\u201c{detail['naive']}\u201d",
        "saving": money(business, currency) + " per 1,000 cases",
        "moved": moved(detail["sensitivity"], currency),
    }


def _outcome(cells: Report) -> str:
    ill = cells["true_positive"] + cells["false_negative"]
    healthy = cells["true_negative"] + cells["false_positive"]
    return (
        f"{cells['false_negative']:,} of {ill:,} positive cases missed, "
        f"{cells['false_positive']:,} of {healthy:,} others referred without need"
    )


def _patients(count: int | None) -> str:
    if count is None:
        return "nobody knows which images are of one patient"
    return f"images of one patient stay in one part ({count:,} patients)"


def _worst(found: dict[str, list[Report]]) -> str:
    rows = [(kind, row) for kind, rows in found.items() for row in rows]
    if not rows:
        return "no slice has enough test images"
    kind, row = min(rows, key=lambda each: each[1]["accuracy"])
    score = {"value": row["accuracy"], "low": row["low"], "high": row["high"]}
    return (
        f"accuracy {interval(score)} on {row['rows']:,} test images "
        f"({kind.replace('_', ' ')}: {named(row['name'])})"
    )
