"""Intervals by the bootstrap: how much a figure would move with other rows."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Arrays = dict[str, Array]
DRAWS = 1_000
AT_ONCE = 60_000  # weights in memory at a time: few, to stay in the cache; but 4 share a sort


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % percentile bootstrap interval."""

    value: float
    low: float
    high: float


def intervals(figures: Callable[[Array], Arrays], rows: int, seed: int) -> dict[str, Estimate]:
    """Each figure on all rows, with its interval over the same resampled rows: so differences are
    in pairs. ``figures`` makes of weights (draws, rows), how often each counts, a value a draw."""
    rng, step = np.random.default_rng(seed), max(4, AT_ONCE // rows)
    point, draws = figures(np.ones((1, rows))), []
    for start in range(0, DRAWS, step):
        size = min(step, DRAWS - start)
        # Each draw counts in a range of its own, so that one pass counts them all.
        drawn = rng.integers(rows, size=(size, rows)) + rows * np.arange(size)[:, np.newaxis]
        counts = np.bincount(drawn.ravel(), minlength=size * rows)
        draws.append(figures(counts.reshape(size, rows).astype(float)))
    every = {name: np.concatenate([part[name] for part in draws]) for name in point}
    return {name: estimate(value[0], every[name]) for name, value in point.items()}


def estimate(value: float, draws: Array) -> Estimate:
    """Put the 2.5th and 97.5th percentile of bootstrap ``draws`` around ``value``."""
    finite = draws[np.isfinite(draws)]  # a draw without a row of a small group says nothing of it
    low, high = np.percentile(finite, [2.5, 97.5]) if len(finite) else (np.nan, np.nan)
    return Estimate(float(value), float(low), float(high))
