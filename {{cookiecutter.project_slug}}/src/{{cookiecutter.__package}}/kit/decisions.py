"""When to act on a probability: arithmetic on outcomes, probabilities and two amounts of money."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .intervals import Array, Estimate, intervals

NEVER = 1.01  # the one threshold above 1: no probability is at or above it


class Stakes(Protocol):
    """What acting on a case that calls for it brings, and what acting on any case costs."""

    @property
    def worth(self) -> float: ...

    @property
    def cost(self) -> float: ...


def break_even(stakes: Stakes) -> float:
    """The probability from which acting pays for itself; ``NEVER`` if at none.

    With calibrated probabilities it is the threshold of least expected cost (Elkan 2001).
    """
    return stakes.cost / stakes.worth if 0 < stakes.worth >= stakes.cost else NEVER


def expected_value(probability: Array, stakes: Stakes) -> Array:
    """Money expected from acting on each case, before the outcome is known: (n,)."""
    return probability * stakes.worth - stakes.cost


def gain(y: Array, acted: Array | NDArray[np.bool_], stakes: Stakes) -> Array:
    """Money from each case: (n,) from whether it called for acting and whether we acted."""
    return acted * (y * stakes.worth - stakes.cost)


def profit_curves(
    y: Array, probability: Array, stakes: Stakes, weights: Array
) -> tuple[Array, Array]:
    """Every threshold that decides differently, and the mean gain at each under several weightings.

    The first of the thresholds (k,) acts on all cases, the last (``NEVER``) on none; ``weights``
    and gains are (draws, rows) and (draws, k).
    """
    order = np.argsort(-probability, kind="stable")
    last_of_tie = np.append(np.flatnonzero(np.diff(probability[order])), len(y) - 1)
    gains = np.cumsum(weights[:, order] * gain(y, np.ones(len(y)), stakes)[order], axis=1)
    thresholds = np.append(probability[order][last_of_tie][::-1], NEVER)
    mean = gains[:, last_of_tie][:, ::-1] / weights.sum(axis=1, keepdims=True)
    return thresholds, np.hstack([mean, np.zeros((len(weights), 1))])


def profit_curve(y: Array, probability: Array, stakes: Stakes) -> tuple[Array, Array]:
    """Every threshold that decides differently, ascending, and the mean gain at each: (k,)."""
    thresholds, gains = profit_curves(y, probability, stakes, np.ones((1, len(y))))
    return thresholds, gains[0]


def best_threshold(y: Array, probability: Array, stakes: Stakes, seed: int) -> Estimate:
    """The threshold of most gain on these cases, and how far other cases would move it."""

    def best(weights: Array) -> dict[str, Array]:
        thresholds, gains = profit_curves(y, probability, stakes, weights)
        return {"threshold": thresholds[gains.argmax(axis=1)]}

    return intervals(best, len(y), seed)["threshold"]
