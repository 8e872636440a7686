"""Prediction intervals from the errors of the validation windows (split conformal).

Errors are divided by a scale of their series and then pooled over series, so that little is
needed of each (Lei et al. 2018; for forecasts, Stankeviciute, Alaa & van der Schaar 2021). That
errors to come are like those of the validation windows is an assumption: coverage is measured.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .bootstrap import Array
from .inventory import lead_time_sums

TAIL = np.array([0.005, 0.01, 0.025, 0.05])
LEVELS = np.concatenate([TAIL, np.arange(1, 10) / 10, 1 - TAIL[::-1]])
ENOUGH = 200  # errors of which the outermost levels can be read
QUIET = 0.05  # of its usual error: a series with less has stopped, and says nothing of others
PRIOR = 14  # errors that a series' likeness to the others is worth


@dataclass(frozen=True)
class Calibration:
    """How wide intervals are: a quantile is ``max(0, forecast + scale * offset)``.

    Attributes:
        scale: (S,) in units.
        offsets: (H, Q) for one step, at ``LEVELS``.
        total_offsets: (Q,) for the sum over the steps that an order must last for.
    """

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
    """Learn the width of intervals.

    Args:
        errors: (W, S, H) demand minus forecast in W windows.
        naive_error: (W, S) how hard each series is for the seasonal naive forecast.
    """
    usual = naive_error.mean(axis=0)
    scale = scales(errors, usual)
    # As for errors to come, the scale of a window's errors is learnt from other windows.
    divisors = [
        scales(np.delete(errors, place, axis=0), usual) if len(errors) > 1 else scale
        for place in range(len(errors))
    ]
    live = _live(errors, usual)
    errors, divisor = errors[:, live], np.array(divisors)[:, live, np.newaxis]
    divisor = np.where(divisor > 0, divisor, 1)
    groups = np.array_split(np.arange(errors.shape[2]), _groups(errors))
    by_group = [_levels((errors / divisor)[..., steps]) for steps in groups]
    offsets = np.repeat(by_group, [len(steps) for steps in groups], axis=0)
    return Calibration(scale, offsets, _levels(lead_time_sums(errors, lead_time) / divisor))


def scales(errors: Array, naive_error: Array) -> Array:
    """(S,) the mean absolute error of each series, drawn towards what others would have there.

    The more so the fewer errors there are: ``PRIOR`` errors count as much as the others' ratio of
    error to naive error, times the series' own naive error.
    """
    size, usual = _sizes(errors, naive_error)
    count = errors.shape[0] * errors.shape[2]
    return (count * size + PRIOR * usual) / (count + PRIOR)


def _sizes(errors: Array, naive_error: Array) -> tuple[Array, Array]:
    """(S,) the mean absolute error of each series, and what it would be at all series' ratio."""
    size = np.abs(errors).mean(axis=(0, 2))
    return size, naive_error * (size.sum() / max(naive_error.sum(), 1e-12))


def _live(errors: Array, naive_error: Array) -> NDArray[np.bool_]:
    """(S,) series whose errors are pooled: not those that never sell, or no longer do.

    Their errors of next to nothing would make the intervals of all others too narrow.
    """
    size, usual = _sizes(errors, naive_error)
    live = (naive_error > 0) & (size > QUIET * usual)
    return live if live.any() else np.ones_like(live)


def _groups(errors: Array) -> int:
    """Into how many parts the horizon is cut, each with errors enough of its own."""
    return int(np.clip(errors.size // ENOUGH, 1, errors.shape[2]))


def _levels(errors: Array) -> Array:
    """(Q,) quantiles that new errors stay below with the stated probability.

    The place of level p among n errors is p (n + 1), which makes up for n being small.
    """
    return np.asarray(np.quantile(errors, LEVELS, method="weibull"))
