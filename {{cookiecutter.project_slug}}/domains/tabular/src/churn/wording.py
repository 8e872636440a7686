"""How names and numbers of the reports are put into words, in documents and on the page."""

from typing import Any

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
LADDER = ("roc_auc", "average_precision", "f1", "brier")
LABELS = {"xgboost": "XGBoost"}


def label(name: str) -> str:
    """A model as people write it."""
    return LABELS.get(name, name.replace("_", " "))


def selected(metrics: Report) -> Report:
    """The chosen model's entry of the ladder."""
    return next(model for model in metrics["models"] if model["selected"])


def threshold(probability: float) -> str:
    """What a threshold on the churn probability means."""
    if probability >= NEVER:
        return "Contacting nobody"
    return f"Contacting from a churn probability of {probability:.3f} on"
