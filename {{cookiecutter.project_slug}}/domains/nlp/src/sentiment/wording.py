"""How names and numbers of the reports are put into words, in documents and figures."""

from typing import Any

from .markdown import amount, code, interval, table
from .policy import NEVER

Report = dict[str, Any]

METRICS = {
    "roc_auc": "ROC-AUC",
    "average_precision": "Average precision",
    "f1": "F1",
    "precision": "Precision",
    "recall": "Recall",
    "accuracy": "Accuracy",
    "brier": "Brier score (lower is better)",
}
LADDER = ("roc_auc", "accuracy", "f1", "brier")
LABELS = {"naive_bayes": "naive Bayes", "svm": "linear SVM", "bert": "BERT"}
SLICES = {"length": "Length", "negation": "Negation", "aspect": "Aspect"}
EXAMPLE_LENGTH = 160


def label(name: str) -> str:
    """A model as people write it."""
    return LABELS.get(name, name.replace("_", " "))


def slice_name(kind: str, row: Report) -> str:
    """A slice by its kind and its own name."""
    return f"{SLICES[kind].lower()}: {row['name']}"


def selected(metrics: Report) -> Report:
    """The chosen model's entry of the ladder."""
    return next(model for model in metrics["models"] if model["selected"])


def settings(model: Report) -> str:
    """A model's best settings in one line."""
    named = [
        f"{name.replace('_', ' ')} = {_short(value)}" for name, value in model["settings"].items()
    ]
    return ", ".join(named) or "none"


def lead(metrics: Report) -> str:
    """Whether the chosen model is clearly ahead of the next on the validation folds."""
    ranked = sorted(metrics["models"], key=lambda model: -model["metrics"]["roc_auc"]["value"])
    chosen, others = selected(metrics), [model for model in ranked if not model["selected"]]
    next_best = others[0]
    ours, theirs = (model["metrics"]["roc_auc"] for model in (chosen, next_best))
    apart = ours["low"] > theirs["high"] or theirs["low"] > ours["high"]
    verdict = "are apart" if apart else "overlap: other reviews could turn the order"
    return (
        f"The intervals of {label(chosen['name'])} and of {label(next_best['name'])}, the best of "
        f"the others, {verdict}."
    )


def too_large(found: Report | None) -> str:
    """Which better model was passed over because its file is too large, if any was."""
    if found is None:
        return ""
    return (
        f"{label(found['name'])} has the best score, but its file of {found['megabytes']:.0f} MB "
        f"is above the {found['limit']:g} MB that `model_mb` in `config.yaml` allows: what is "
        "published is the best of the others."
    )


def ladder(metrics: Report) -> str:
    """The table of all models on the validation folds."""
    rows = [
        [_name(model), *[interval(model["metrics"][key]) for key in LADDER], settings(model)]
        for model in metrics["models"]
    ]
    return table(["Model", *[METRICS[key] for key in LADDER], "Best settings"], rows)


def scores(metrics: Report) -> str:
    """The table of the chosen model's metrics on the test set."""
    rows = [[METRICS[key], interval(metrics["test"][key])] for key in METRICS]
    return table(["Metric on the test set", "Value"], rows)


def confusion(cells: Report) -> str:
    """The confusion matrix as a table; each count has its interval."""
    rows = [
        [f"**{name}**", *[_count(cells[key]) for key in keys]]
        for name, keys in (
            ("negative", ("true_negative", "false_positive")),
            ("positive", ("false_negative", "true_positive")),
        )
    ]
    return table(["Label", "predicted negative", "predicted positive"], rows)


def threshold(risk: float) -> str:
    """What a threshold on the risk means."""
    if risk >= NEVER:
        return "Reading nothing"
    return f"Reading from a risk of {risk:.3f} on (one minus the probability of positive)"


def slices(found: dict[str, list[Report]]) -> str:
    """Accuracy in each slice, as a table."""
    rows = [
        [
            SLICES[kind],
            code(row["name"]) if kind == "aspect" else row["name"],
            f"{row['rows']:,}",
            f"{row['positive_rate']:.0%}",
            f"{row['accuracy']:.3f} [{row['low']:.3f}, {row['high']:.3f}]",
            f"{row['f1']:.3f}",
            "one label only" if row["roc_auc"] is None else f"{row['roc_auc']:.3f}",
        ]
        for kind in SLICES
        for row in found[kind]
    ]
    header = ["Slice", "", "Test reviews", "Positive", "Accuracy", "F1", "ROC-AUC"]
    return table(header, rows)


def calibration(found: Report) -> str:
    """What calibration was compared, and what was shipped."""
    compared = "; ".join(
        f"{_correction(name)}: Brier {values['brier']:.4f}, calibration error "
        f"{values['expected_calibration_error']:.3f}"
        for name, values in found["candidates"].items()
    )
    return f"Calibration on validation folds: {compared}. Shipped: {_correction(found['chosen'])}."


def aspects(found: list[Report], currency: str) -> str:
    """Aspects by revenue at risk, as a table."""
    rows = [
        [
            code(row["aspect"]),
            f"{row['reviews']:,}",
            f"{row['unhappy']:,}",
            f"{row['blamed']:,}",
            money(row["revenue_at_risk"], currency),
        ]
        for row in found
    ]
    header = [
        "Aspect",
        "Test reviews that mention it",
        "of them negative",
        "blamed",
        "Revenue at risk per 1,000 reviews",
    ]
    return table(header, rows)


def words(rows: list[Report]) -> str:
    """Telling words in one line, each with its effect."""
    return ", ".join(f"{code(row['word'])} {row['contribution']:+.2f}" for row in rows[:10])


def example(row: Report) -> list[str]:
    """A review as a row of a table: text, label, prediction, strongest words."""
    strongest = sorted(row["words"], key=lambda word: -abs(word["contribution"]))[:3]
    text = " ".join(row["text"].split())
    text = text if len(text) <= EXAMPLE_LENGTH else text[: EXAMPLE_LENGTH - 1] + "\u2026"
    return [
        code(text),
        "positive" if row["positive"] else "negative",
        f"{row['probability']:.0%}",
        ", ".join(f"{code(word['word'])} {word['contribution']:+.2f}" for word in strongest),
    ]


def left_out(detail: Report) -> str:
    """How many reviews of the source were left out, and why."""
    parts = {
        "without words": detail["empty"],
        "that say the same as another one": detail["duplicates"],
    }
    named = ", ".join(f"{count:,} {why}" for why, count in parts.items() if count)
    if detail["contradictory"]:
        named += f"; copies of {detail['contradictory']:,} reviews had the opposite label"
    return named or "none"


def money(estimate: Report, currency: str) -> str:
    """An amount with its interval."""
    value, low, high = (amount(estimate[end]) for end in ("value", "low", "high"))
    return f"{value} {currency} [{low}, {high}]"


def _name(model: Report) -> str:
    name = label(model["name"])
    return f"**{name}** (chosen)" if model["selected"] else name


def _correction(name: str) -> str:
    return "no correction" if name == "none" else name


def _count(cell: Report) -> str:
    return f"{cell['value']:,.0f} [{cell['low']:,.0f}, {cell['high']:,.0f}]"


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, int | float) else str(value)
