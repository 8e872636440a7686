"""Yes-or-no predictions: how good they are, and from which probability acting on one pays."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import ModelError
from .intervals import Array, Arrays, Estimate, intervals

NEVER = 1.01  # the one threshold above 1: no probability is at or above it


@dataclass(frozen=True)
class Stakes:
    """What acting on a case that calls for it brings, and what acting on any case costs."""

    worth: float
    cost: float


def break_even(stakes: Stakes) -> float:
    """The (calibrated) probability from which acting pays (Elkan 2001); ``NEVER`` if at none."""
    return stakes.cost / stakes.worth if 0 < stakes.worth >= stakes.cost else NEVER


def expected_value(probability: Array, stakes: Stakes) -> Array:
    """Money expected from acting on each case, before the outcome is known: (n,)."""
    return probability * stakes.worth - stakes.cost


def gain(y: Array, acted: Array | NDArray[np.bool_], stakes: Stakes) -> Array:
    """Money from each case: (n,) from whether it called for acting and whether we acted."""
    return acted * (y * stakes.worth - stakes.cost)


def profit_curve(
    y: Array, probability: Array, stakes: Stakes, weights: Array | None = None
) -> tuple[Array, Array]:
    """Every threshold that decides differently, ascending (k,), and the mean gain at each: (k,),
    or (draws, k) with ``weights`` (draws, n). The first acts on all cases, ``NEVER`` on none."""
    counts = np.ones(len(y)) if weights is None else weights
    ranked, ties = _ranks(probability)
    gains = np.cumsum((counts * gain(y, np.ones(len(y)), stakes))[..., ranked], axis=-1)
    mean = gains[..., ties[::-1]] / counts.sum(axis=-1, keepdims=True)
    thresholds = np.append(probability[ranked][ties[::-1]], NEVER)
    return thresholds, np.insert(mean, len(ties), 0, axis=-1)


def best_threshold(y: Array, probability: Array, stakes: Stakes, seed: int) -> Estimate:
    """The threshold of most gain on these cases, and how far other cases would move it."""

    def best(weights: Array) -> Arrays:
        thresholds, gains = profit_curve(y, probability, stakes, weights)
        return {"threshold": thresholds[gains.argmax(axis=1)]}

    return intervals(best, len(y), seed)["threshold"]


def weighted_scores(y: Array, probability: Array, threshold: float, weights: Array) -> Arrays:
    """Scores of ``y`` (rows,), 1 or 0, under many ``weights`` (draws, rows): one value a draw; NaN
    where not defined. The Brier score (1950) is better the lower it is."""
    ranked, ties = _ranks(probability)
    drawn = weights[:, ranked]
    caught, alarms = (np.cumsum(drawn * of[ranked], axis=1)[:, ties] for of in (y, 1 - y))
    rises, falls = (np.diff(counts, axis=1, prepend=0) for counts in (caught, alarms))
    act, positives, rows = probability >= threshold, weights @ y, weights.sum(axis=1)
    hits, actions = weights @ (y * act), weights @ act.astype(float)
    area = (falls * (caught - rises / 2)).sum(axis=1)
    steps = (rises * _ratio(caught, caught + alarms)).sum(axis=1)
    return {
        "roc_auc": _ratio(area, positives * (rows - positives), np.nan),
        "average_precision": _ratio(steps, positives, np.nan),
        "f1": _ratio(2 * hits, actions + positives),
        "precision": _ratio(hits, actions, np.nan),
        "recall": _ratio(hits, positives, np.nan),
        "accuracy": weights @ (act == y).astype(float) / rows,
        "brier": weights @ (probability - y) ** 2 / rows,
    }


def judged(y: Array, probability: Array, stakes: Stakes, seed: int) -> dict[str, Estimate]:
    """How well a model ranks these cases, and what acting on what it expects to pay brings."""
    return intervals(lambda weights: _figures(y, probability, stakes, weights), len(y), seed)


def _figures(y: Array, probability: Array, stakes: Stakes, weights: Array) -> Arrays:
    earned = gain(y, expected_value(probability, stakes) > 0, stakes)
    ranked = weighted_scores(y, probability, 0.5, weights)["roc_auc"]
    return {"ROC-AUC": ranked, "money a case": weights @ earned / len(y)}


def difference(y: Array, one: Array, two: Array, stakes: Stakes, seed: int) -> dict[str, Estimate]:
    """How much better another model's probabilities are than one's, on the same cases, in pairs."""

    def lead(weights: Array) -> Arrays:
        first, second = (_figures(y, each, stakes, weights) for each in (one, two))
        return {name: second[name] - first[name] for name in second}

    return intervals(lead, len(y), seed)


def _ranks(probability: Array) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The order from most to least likely, and where in it each group of equal ones ends."""
    ranked = np.argsort(-probability, kind="stable")
    return ranked, np.append(np.flatnonzero(np.diff(probability[ranked])), len(ranked) - 1)


def _ratio(top: Array, bottom: Array, empty: float = 0.0) -> Array:
    """Divide; ``empty`` where nothing was there to divide by."""
    return np.divide(top, bottom, out=np.full_like(top, empty, dtype=float), where=bottom > 0)


def require_better_than_chance(roc_auc: Estimate, cases: str, remedy: str) -> None:
    """Refuse with a ModelError the best model of all if it may rank no better than a coin."""
    if roc_auc.low <= 0.5:
        why = f"no model ranks {cases} better than chance (the interval of its ROC-AUC holds 0.5)"
        raise ModelError(f"{why}, so there is nothing to publish. {remedy}")
