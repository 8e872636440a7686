"""Metrics of a yes-or-no prediction, with intervals."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

DRAWS = 1_000
AT_ONCE = 60_000  # bootstrap weights in memory at a time: few, to stay in the cache


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % percentile bootstrap interval."""

    value: float
    low: float
    high: float


def estimate(value: float, draws: Array) -> Estimate:
    """Put the 2.5th and 97.5th percentile of bootstrap ``draws`` around ``value``."""
    low, high = np.percentile(draws, [2.5, 97.5])
    return Estimate(float(value), float(low), float(high))


def bootstrap_weights(rows: int, seed: int) -> Iterator[Array]:
    """Yield how often each row is drawn: arrays (some draws, rows), ``DRAWS`` lines in all."""
    rng = np.random.default_rng(seed)
    step = max(1, AT_ONCE // rows)
    for start in range(0, DRAWS, step):
        size = min(step, DRAWS - start)
        # Each draw counts in a range of its own, so that one pass counts them all.
        drawn = rng.integers(rows, size=(size, rows)) + rows * np.arange(size)[:, np.newaxis]
        counts = np.bincount(drawn.ravel(), minlength=size * rows)
        yield counts.reshape(size, rows).astype(float)


def evaluate_predictions(
    y: Array, probability: Array, threshold: float, seed: int
) -> dict[str, Estimate]:
    """Return every metric of ``scores`` with its interval over resampled rows."""
    point = scores(y, probability, threshold, np.ones((1, len(y))))
    draws = [scores(y, probability, threshold, w) for w in bootstrap_weights(len(y), seed)]
    return {
        name: estimate(value[0], np.concatenate([part[name] for part in draws]))
        for name, value in point.items()
    }


def scores(y: Array, probability: Array, threshold: float, weights: Array) -> dict[str, Array]:
    """Score the same predictions under several weightings of the rows at once.

    Args:
        y: (rows,) 1 or 0. probability: (rows,) of a 1. threshold: act when at or above.
        weights: (draws, rows), how often each row counts; a bootstrap draw is such a weighting.

    Returns:
        One value per draw: ROC-AUC (Fawcett 2006), average precision, F1, precision, recall,
        accuracy and the Brier score (Brier 1950, lower is better).
    """
    order = np.argsort(-probability, kind="stable")
    ranked, truth = probability[order], y[order]
    last_of_tie = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
    drawn = weights[:, order]
    caught = np.cumsum(drawn * truth, axis=1)[:, last_of_tie]
    alarms = np.cumsum(drawn, axis=1)[:, last_of_tie] - caught
    act = probability >= threshold
    hits, actions = weights @ (y * act), weights @ act.astype(float)
    positives = weights @ y
    right = weights @ (act == y).astype(float)
    return {
        "roc_auc": _roc_auc(caught, alarms),
        "average_precision": _average_precision(caught, alarms),
        "f1": _ratio(2 * hits, actions + positives),
        "precision": _ratio(hits, actions),
        "recall": _ratio(hits, positives),
        "accuracy": right / weights.sum(axis=1),
        "brier": weights @ (probability - y) ** 2 / weights.sum(axis=1),
    }


def _roc_auc(caught: Array, alarms: Array) -> Array:
    start = np.zeros((len(caught), 1))
    hits, false_alarms = np.hstack([start, caught]), np.hstack([start, alarms])
    area = np.asarray(np.trapezoid(hits, false_alarms, axis=1))
    return _ratio(area, caught[:, -1] * alarms[:, -1])


def _average_precision(caught: Array, alarms: Array) -> Array:
    new = np.diff(caught, axis=1, prepend=0)
    precision = _ratio(caught, caught + alarms)
    return _ratio((new * precision).sum(axis=1), caught[:, -1])


def _ratio(top: Array, bottom: Array) -> Array:
    """Divide; 0 where nothing was there to divide by."""
    return np.divide(top, bottom, out=np.zeros_like(top, dtype=float), where=bottom > 0)


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
