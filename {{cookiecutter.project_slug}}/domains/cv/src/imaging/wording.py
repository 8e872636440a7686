"""How names and numbers of the reports are put into words, in documents, figures and pages."""

from typing import Any

from .markdown import amount, code, interval, table
from .policy import ALWAYS, NEVER

Report = dict[str, Any]

NOTICE = (
    "Not a medical device: a learning project, for study only. "
    "Do not use it, or anything it says, to decide about a person's care."
)
METRICS = {
    "roc_auc": "ROC-AUC",
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
    "precision": "Precision",
    "accuracy": "Accuracy",
    "brier": "Brier score (lower is better)",
}
LADDER = ("roc_auc", "sensitivity", "specificity", "accuracy", "brier")
LABELS = {"resnet": "ResNet", "transfer": "transfer learning"}
PARTS = {"train": "training", "validation": "validation", "test": "test"}
CAUGHT, MISSED = "referred, rightly", "missed"
ALARM, CLEARED = "false alarm", "not referred, rightly"


def label(name: str) -> str:
    """A model as people write it."""
    return LABELS.get(name, name.replace("_", " "))


def selected(metrics: Report) -> Report:
    """The chosen model's entry of the ladder."""
    return next(model for model in metrics["models"] if model["selected"])


def positive(metrics: Report) -> str:
    """The class, or classes, that count as a positive case."""
    return " or ".join(code(name) for name in metrics["cv"]["positive"])


def outcome(is_positive: bool, decision: str) -> str:
    """What a decision came to."""
    if decision == "refer":
        return CAUGHT if is_positive else ALARM
    return MISSED if is_positive else CLEARED


def settings(model: Report) -> str:
    """A model's settings in one line."""
    named = [
        f"{name.replace('_', ' ')} {_short(value)}" for name, value in model["settings"].items()
    ]
    return ", ".join(named) or "none"


def ladder(metrics: Report) -> str:
    """The table of all models on the validation images."""
    rows = [
        [_name(model), *[interval(model["metrics"][key]) for key in LADDER], _count(model)]
        for model in metrics["models"]
    ]
    return table(["Model", *[METRICS[key] for key in LADDER], "Parameters"], rows)


def lead(metrics: Report) -> str:
    """Whether the chosen model is clearly ahead of the best of the others."""
    chosen = selected(metrics)
    others = [model for model in metrics["models"] if not model["selected"]]
    best = max(others, key=lambda model: model["metrics"]["roc_auc"]["value"])
    ours, theirs = (model["metrics"]["roc_auc"] for model in (chosen, best))
    apart = ours["low"] > theirs["high"] or ours["high"] < theirs["low"]
    verdict = "are apart" if apart else "overlap: other images could turn the order"
    return (
        f"The intervals of {label(chosen['name'])} and of {label(best['name'])}, the best of the "
        f"others, {verdict}."
    )


def scores(metrics: Report) -> str:
    """The table of the chosen model's metrics on the test set."""
    rows = [[METRICS[key], interval(metrics["test"][key])] for key in METRICS]
    return table(["Metric on the test set", "Value"], rows)


def confusion(metrics: Report) -> str:
    """What became of the test cases at the operating threshold, in words."""
    cells = metrics["cv"]["confusion"]
    ill, missed = cells["true_positive"] + cells["false_negative"], cells["false_negative"]
    text = (
        f"Test cases of {positive(metrics)}: {cells['true_positive']:,} referred, "
        f"{missed:,} missed. Others: {cells['false_positive']:,} referred without "
        f"need, {cells['true_negative']:,} not referred."
    )
    if missed or not cells["true_negative"]:
        return text
    # The interval has no width here: a bootstrap draws from what was seen.
    most = f"{min(3 / ill, 1):.1%}"
    return f"{text} Where none of {ill:,} is missed, up to {most} may be (rule of three)."


def slices(found: dict[str, list[Report]]) -> str:
    """Sensitivity, specificity and accuracy in each slice, as a table."""
    rows = [
        [
            kind.replace("_", " "),
            code(row["name"]) if kind == "class" else row["name"],
            f"{row['rows']:,}",
            f"{row['positive_rate']:.0%}",
            _rate(row["sensitivity"]),
            _rate(row["specificity"]),
            interval({"value": row["accuracy"], "low": row["low"], "high": row["high"]}),
            _rate(row["roc_auc"]),
        ]
        for kind, rows in found.items()
        for row in rows
    ]
    header = ["Slice", "", "Test images", "Positive", "Sensitivity", "Specificity", "Accuracy"]
    return table([*header, "ROC-AUC"], rows)


def calibration(found: Report) -> str:
    """What calibration was compared, and what was shipped."""
    compared = "; ".join(
        f"{_correction(name)}: Brier {values['brier']:.4f}, calibration error "
        f"{values['expected_calibration_error']:.3f}"
        for name, values in found["candidates"].items()
    )
    return f"Calibration on validation images: {compared}. Shipped: {_correction(found['chosen'])}."


def cases(detail: Report) -> str:
    """Missed cases, false alarms and their cost under each policy, as a table."""
    currency = detail["prices"]["currency"]
    rows = [
        [name, _counted(row["missed"]), _counted(row["alarms"]), f"{money(row['cost'])} {currency}"]
        for name, row in detail["policies"].items()
    ]
    return table(["Of 1,000 cases", "Missed", "False alarms", "Cost"], rows)


def prevalence(found: Report) -> str:
    """Which share of positive cases money is counted with."""
    if found["given"]:
        return (
            f"Money is counted for a practice in which {found['practice']:.2%} of the cases are "
            f"positive, as `prevalence` says; among the validation images it is "
            f"{found['data']:.1%}."
        )
    return (
        "Money is counted with the share of positive cases among these images; where that of "
        "your practice differs, set `prevalence`."
    )


def break_even(detail: Report) -> str:
    """From which probability on a referral pays for itself."""
    point = detail["break_even_probability"]
    if point is None:
        return "At these prices neither error costs anything."
    if point >= 1:
        return "At these prices no referral pays for itself."
    return f"A referral pays for itself from a probability of {point:.3g} on."


def augmentation(metrics: Report) -> str:
    """How training images were varied, if a network was trained."""
    if not any(model["curve"] for model in metrics["models"]):
        return ""
    named = ", ".join(
        f"{name} {_short(value)}" for name, value in metrics["cv"]["augmentation"].items()
    )
    return f"Networks saw each training image varied at random, as `config.yaml` says: {named}."


def threshold(probability: float) -> str:
    """Which cases a threshold refers."""
    if probability >= NEVER:
        return "no case: at these prices that cost least on validation images"
    if probability <= ALWAYS:
        return "every case: at these prices that cost least on validation images"
    return f"cases from a probability of {probability:.3g} on"


def passed_over(metrics: Report) -> str:
    """Which better model is not published, and why, if there is one."""
    found = metrics["cv"]["passed_over"]
    return f"{label(found['name'])} was passed over: {found['reason']}." if found else ""


def pointing(found: Report | None) -> str:
    """How often the map's maximum lies on what was planted, where that is known."""
    if found is None:
        return ""
    text = (
        "In the sample it is known what is there (pointing game; brackets: 95% interval). Of "
        f"{found['cases']:,} test images with a planted opacity the map's maximum lies on it in "
        f"{share(found['on_finding'])}; a place drawn at random would in {found['by_chance']:.1%}."
    )
    if found["marked"]:
        hits = found["on_marker"]["value"] * found["marked"]
        text += (
            f" Of {found['marked']:,} that also have a marker in a corner, which says nothing of "
            f"the label, it lies on the marker in {hits:.0f}."
        )
    return text


def money(estimate: Report) -> str:
    """An amount with its interval."""
    value, low, high = (amount(estimate[end]) for end in ("value", "low", "high"))
    return f"{value} [{low}, {high}]"


def share(estimate: Report) -> str:
    """A share in percent with its interval."""
    return "{value:.1%} [{low:.1%}, {high:.1%}]".format(**estimate)


def _name(model: Report) -> str:
    name = label(model["name"])
    return f"**{name}** (chosen)" if model["selected"] else name


def _count(model: Report) -> str:
    return f"{model['parameters']:,}"


def _counted(estimate: Report) -> str:
    value, low, high = (f"{estimate[end]:,.1f}" for end in ("value", "low", "high"))
    return f"{value} [{low}, {high}]"


def _rate(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _correction(name: str) -> str:
    return "no correction" if name == "none" else name


def _short(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, int | float) else code(value)
