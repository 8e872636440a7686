"""Prediction intervals from the errors of other windows (split conformal).

Errors are divided by a scale of their series and then pooled (Lei et al. 2018; Stankeviciute et al.
2021). That errors to come are alike is an assumption: coverage is measured.
"""

from dataclasses import dataclass

import numpy as np

from .backtest import Actual
from .kit.intervals import Array
from .money import lead_time_sums

TAIL = np.array([0.005, 0.01, 0.025, 0.05])
LEVELS = np.concatenate([TAIL, np.arange(1, 10) / 10, 1 - TAIL[::-1]])
ENDS = {80: (0.1, 0.9), 95: (0.025, 0.975)}
ENOUGH = 200  # errors of which the outermost levels can be read
QUIET = 0.05  # of its usual error: a series with less has stopped, and says nothing of others
PRIOR = 14  # errors that a series' likeness to the others is worth


@dataclass(frozen=True)
class Calibration:
    """How wide intervals are: a quantile is ``max(0, forecast + scale * offset)``. ``scale`` is
    (S,) in units; ``offsets`` (H, Q) for one step at ``LEVELS``; ``total_offsets`` (Q,) for the sum
    over the steps that an order must last for."""

    scale: Array
    offsets: Array
    total_offsets: Array

    def quantiles(self, forecast: Array) -> Array:
        """(S, H, Q) for means (S, H)."""
        spread = self.scale[:, np.newaxis, np.newaxis] * self.offsets
        return np.maximum(0, forecast[..., np.newaxis] + spread)

    def totals(self, forecast: Array, lead_time: int) -> Array:
        """(S, H - lead_time, Q) for what is sold from each order on until it has arrived."""
        sums = lead_time_sums(forecast, lead_time)[..., np.newaxis]
        return np.maximum(0, sums + self.scale[:, np.newaxis, np.newaxis] * self.total_offsets)


def calibrate(errors: Array, naive_error: Array, lead_time: int) -> Calibration:
    """Learn the width of intervals from ``errors`` (W, S, H), demand minus forecast in W windows.
    ``naive_error`` (W, S) says how hard each series is for the seasonal naive forecast."""
    usual = naive_error.mean(axis=0)
    scale = scales(errors, usual)
    # As for errors to come, the scale of a window's errors is learnt from other windows.
    others = [np.delete(errors, place, axis=0) for place in range(len(errors))]
    divisors = [scales(each, usual) if len(each) else scale for each in others]
    # Errors of next to nothing would narrow the intervals of all others: they are not pooled.
    size, likely = _sizes(errors, usual)
    live = (usual > 0) & (size > QUIET * likely)
    live = live if live.any() else np.ones_like(live)
    errors, divisor = errors[:, live], np.array(divisors)[:, live, np.newaxis]
    divisor = np.where(divisor > 0, divisor, 1)
    parts = int(np.clip(errors.size // ENOUGH, 1, errors.shape[2]))  # of the horizon
    groups = np.array_split(np.arange(errors.shape[2]), parts)
    by_group = [_levels((errors / divisor)[..., steps]) for steps in groups]
    offsets = np.repeat(by_group, [len(steps) for steps in groups], axis=0)
    return Calibration(scale, offsets, _levels(lead_time_sums(errors, lead_time) / divisor))


def blind(happened: Actual, found: Array, lead_time: int) -> list[Calibration]:
    """For each window the widths that all other windows teach, given forecasts (W, S, H)."""
    errors, others = happened.demand - found, ~np.eye(len(found), dtype=bool)
    return [calibrate(errors[w], happened.naive_error[w], lead_time) for w in others]


def interval_scores(happened: Actual, quantiles: Array) -> dict[str, Array]:
    """Scores of ``quantiles`` (windows, series, steps, levels): every array is (windows, series).
    ``coverage_80``: share of values inside the interval; NaN of a series that never changed
    before."""
    found, scale = {}, happened.naive_error
    for percent in ENDS:
        low, high = ends(quantiles, percent)
        inside = ((low <= happened.demand) & (happened.demand <= high)).mean(axis=2)
        found[f"coverage_{percent}"] = np.where(scale > 0, inside, np.nan)
    return found


def ends(quantiles: Array, percent: int) -> tuple[Array, Array]:
    """The lower and upper end of the 80 % or the 95 % interval."""
    low, high = (int(np.argmin(np.abs(LEVELS - level))) for level in ENDS[percent])
    return quantiles[..., low], quantiles[..., high]


def scales(errors: Array, naive_error: Array) -> Array:
    """(S,) the mean absolute error of each series, drawn towards what others would have there:
    their ratio of error to naive error, times its own naive error, counts for ``PRIOR`` errors."""
    size, usual = _sizes(errors, naive_error)
    count = errors.shape[0] * errors.shape[2]
    return (count * size + PRIOR * usual) / (count + PRIOR)


def _sizes(errors: Array, naive_error: Array) -> tuple[Array, Array]:
    """(S,) the mean absolute error of each series, and what it would be at all series' ratio."""
    size = np.abs(errors).mean(axis=(0, 2))
    return size, naive_error * (size.sum() / max(naive_error.sum(), 1e-12))


def _levels(errors: Array) -> Array:
    """(Q,) quantiles: level p is place p (n + 1) of n errors, which makes up for n being small."""
    return np.asarray(np.quantile(errors, LEVELS, method="weibull"))
