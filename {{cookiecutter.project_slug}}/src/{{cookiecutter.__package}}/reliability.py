"""How far probabilities can be believed."""

import numpy as np
from sklearn.metrics import brier_score_loss

from .bootstrap import Array


def quality(y: Array, probability: Array) -> dict[str, float]:
    """How far probabilities can be believed: lower is better."""
    return {
        "brier": float(brier_score_loss(y, probability)),
        "expected_calibration_error": calibration_error(y, probability),
    }


def calibration_curve(y: Array, probability: Array, bins: int = 10) -> list[dict[str, float]]:
    """Predicted against observed share of positives in bins of equally many rows."""
    groups = np.array_split(np.argsort(probability, kind="stable"), bins)
    return [
        {"predicted": float(probability[g].mean()), "observed": float(y[g].mean()), "rows": len(g)}
        for g in groups
        if len(g)
    ]


def calibration_error(y: Array, probability: Array) -> float:
    """Expected calibration error (Naeini 2015), over ten bins of equally many rows."""
    curve = calibration_curve(y, probability)
    gaps = [point["rows"] * abs(point["predicted"] - point["observed"]) for point in curve]
    return sum(gaps) / len(y)
