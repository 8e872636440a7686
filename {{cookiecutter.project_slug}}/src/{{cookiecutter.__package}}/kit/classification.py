"""Metrics of a yes-or-no prediction."""

import numpy as np

from .errors import ModelError
from .intervals import Array, Estimate

CHANCE = 0.5  # ROC-AUC of a coin


def weighted_scores(
    y: Array, probability: Array, threshold: float, weights: Array
) -> dict[str, Array]:
    """Score the same predictions under several weightings of the rows at once.

    Scoring 1,000 bootstrap draws so takes a tenth of the time of scikit-learn's functions.

    Args:
        y: (rows,) 1 or 0. probability: (rows,) of a 1. threshold: act when at or above.
        weights: (draws, rows), how often each row counts; a bootstrap draw is such a weighting.

    Returns:
        One value per draw: ROC-AUC (Fawcett 2006), average precision, F1, precision, recall,
        accuracy and the Brier score (Brier 1950, lower is better). The first two and recall are
        NaN in a draw without any 1, ROC-AUC without any 0 too, precision where nobody acts.
    """
    order = np.argsort(-probability, kind="stable")
    ranked, truth = probability[order], y[order]
    last_of_tie = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
    drawn = weights[:, order]
    caught = np.cumsum(drawn * truth, axis=1)[:, last_of_tie]
    alarms = np.cumsum(drawn, axis=1)[:, last_of_tie] - caught
    act = probability >= threshold
    hits, actions, positives = weights @ (y * act), weights @ act.astype(float), weights @ y
    return {
        "roc_auc": _roc_auc(caught, alarms),
        "average_precision": _average_precision(caught, alarms),
        "f1": _ratio(2 * hits, actions + positives),
        "precision": _ratio(hits, actions, np.nan),
        "recall": _ratio(hits, positives, np.nan),
        "accuracy": weights @ (act == y).astype(float) / weights.sum(axis=1),
        "brier": weights @ (probability - y) ** 2 / weights.sum(axis=1),
    }


def require_better_than_chance(roc_auc: Estimate, cases: str, remedy: str) -> None:
    """Refuse the best model of all if it may rank no better than a coin.

    Raises:
        ModelError: chance lies within the interval of its ROC-AUC, or above it.
    """
    if roc_auc.low <= CHANCE:
        raise ModelError(
            f"no model ranks {cases} better than chance on this data (the 95% interval of the "
            f"best ROC-AUC holds {CHANCE}), so there is nothing to publish. {remedy}"
        )


def _roc_auc(caught: Array, alarms: Array) -> Array:
    start = np.zeros((len(caught), 1))
    hits, false_alarms = np.hstack([start, caught]), np.hstack([start, alarms])
    area = np.asarray(np.trapezoid(hits, false_alarms, axis=1))
    return _ratio(area, caught[:, -1] * alarms[:, -1], np.nan)


def _average_precision(caught: Array, alarms: Array) -> Array:
    new = np.diff(caught, axis=1, prepend=0)
    precision = _ratio(caught, caught + alarms)
    return _ratio((new * precision).sum(axis=1), caught[:, -1], np.nan)


def _ratio(top: Array, bottom: Array, empty: float = 0.0) -> Array:
    """Divide; ``empty`` where nothing was there to divide by."""
    return np.divide(top, bottom, out=np.full_like(top, empty, dtype=float), where=bottom > 0)
