"""What the reports of this project say, by name: for posts and for the sheet of questions."""

from .. import wording
from ..markdown import amount, interval
from ..wording import label
from .words import Report, common, ladder, lead, listed, money, moved, named

SHIPPED = ("amazon",)  # data sets that every such project has


def facts(metrics: Report, explanation: Report) -> dict[str, str]:
    """Facts as Markdown; each is true whatever the data and the settings are."""
    detail, models = metrics["nlp"], metrics["models"]
    labels = [label(model["name"]) for model in models]
    aucs = [model["metrics"]["roc_auc"]["value"] for model in models[1:]]
    chosen = wording.selected(metrics)
    return {
        **common(metrics),
        **_money(detail["business"], metrics["business"]),
        **_slices(detail["slices"]),
        "rate": f"{detail['positive_rate']:.1%}",
        "rule_of_labels": detail["rule"],
        "left_out": wording.left_out(detail),
        "model": label(chosen["name"]),
        "model_count": str(len(models)),
        "settings": wording.settings(chosen),
        "dummy_accuracy": f"{models[0]['metrics']['accuracy']['value']:.3f}",
        "auc": interval(metrics["test"]["roc_auc"]),
        "validation_auc": f"{chosen['metrics']['roc_auc']['value']:.3f}",
        "accuracy": interval(metrics["test"]["accuracy"]),
        "precision": interval(metrics["test"]["precision"]),
        "recall": interval(metrics["test"]["recall"]),
        "brier": interval(metrics["test"]["brier"]),
        "ladder": ladder(models, "roc_auc", labels),
        "lead": lead(models, "roc_auc", labels),
        "spread": f"{max(aucs) - min(aucs):.3f}",
        "good_words": _words(explanation["positive_words"]),
        "bad_words": _words(explanation["negative_words"]),
        "exact": _exact(chosen["name"]),
        "mistakes": _mistakes(detail["confusion"]),
        "calibration": wording.calibration(detail["calibration"]).removesuffix("."),
        "calibration_error": f"{detail['test_calibration_error']:.3f}",
        "aspect": _aspect(detail["aspects"], metrics["business"]["currency"]),
        "export": f"{detail['export_difference']:.1g}",
    }


def _money(detail: Report, business: Report) -> dict[str, str]:
    prices, currency = detail["prices"], detail["prices"]["currency"]
    pays, reached = detail["break_even_risk"], detail["reached"]
    nothing = detail["threshold"] > 1
    worth_it = "never, whatever the risk" if pays is None else f"from a risk of {pays:.3f} on"
    return {
        "customer_value": f"{amount(prices['customer_value'])} {currency}",
        "reading_cost": f"{amount(prices['reading_cost'])} {currency}",
        "win_back": f"{prices['win_back']:.0%}",
        "break_even": worth_it,
        "rule": "read nothing" if nothing else f"read from a risk of {detail['threshold']:.3f} on",
        "read": f"{detail['read']:.0%}",
        "reached": f"{reached['value']:.0%} [{reached['low']:.0%}, {reached['high']:.0%}]",
        "naive": f"\u201c{detail['naive']}\u201d",
        "saving": money(business, currency) + " per 1,000 reviews",
        "moved": moved(detail["sensitivity"], currency),
    }


def _slices(found: dict[str, list[Report]]) -> dict[str, str]:
    """How accurate the model is with and without negation, and on the worst slice of all."""
    negation = [f"{_accuracy(row)} {row['name']}" for row in found["negation"]]
    rows = [(kind, row) for kind in found for row in found[kind]]
    worst = "no slice has enough test reviews"
    if rows:
        kind, row = min(rows, key=lambda each: each[1]["accuracy"])
        worst = f"{_accuracy(row)} on {row['rows']:,} test reviews ({kind}: {named(row['name'])})"
    return {"negation": " and ".join(negation) or "too few test reviews to tell", "worst": worst}


def _accuracy(row: Report) -> str:
    return f"{row['accuracy']:.3f} [{row['low']:.3f}, {row['high']:.3f}]"


def _words(rows: list[Report]) -> str:
    return listed([named(row["word"]) for row in rows[:3]]) if rows else "none"


def _exact(model: str) -> str:
    if model == "bert":
        return "a word's contribution is what the log-odds lose without it"
    return "the model is linear, so a word's contribution is exact"


def _mistakes(cells: Report) -> str:
    return (
        f"bad reviews taken for good ones {cells['false_positive']['value']:,.0f}, "
        f"good ones taken for bad ones {cells['false_negative']['value']:,.0f}"
    )


def _aspect(rows: list[Report], currency: str) -> str:
    if not rows:
        return "no test review mentions an aspect"
    first = rows[0]
    return (
        f"{named(first['aspect'])}, blamed in {first['blamed']:,} of {first['unhappy']:,} bad "
        f"reviews that mention it: {money(first['revenue_at_risk'], currency)} at risk per 1,000 "
        "reviews"
    )
