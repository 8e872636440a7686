"""What the calendar and the recent past tell a model, by frequency."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .kit.intervals import Array

# Of how many values usual demand may be the mean; of what errs so little more, the steadiest.
REPEATS, NEAR = (1, 2, 4, 8, 16, 32), 1.05
SHORT_SEASON = 12  # a longer one says enough with fewer repetitions
# pandas' names of parts of a date that demand may depend on, by step in time.
PARTS: dict[str, tuple[str, ...]] = dict.fromkeys(("min", "h"), ("hour", "dayofweek", "month"))
PARTS |= dict.fromkeys(("D", "B"), ("dayofweek", "dayofyear")) | {"W": ("week", "month")}
PARTS |= {"M": ("month",), "Q": ("quarter",), "Y": ("year",)}


def date_parts(freq: str) -> list[str]:
    """The parts of a date that may matter, for a frequency (pandas' name)."""
    base = freq.lstrip("0123456789").split("-")[0]
    return [*PARTS[base if base in PARTS else base[0]]]


def memory(seasons: set[int]) -> tuple[list[int], list[int]]:
    """How many steps back single values are looked at, and how many the last means are over."""
    lags, sizes = set(), set()
    for season in seasons:
        wide, short = max(season, 4), season <= SHORT_SEASON
        lags |= {1, season, 2 * season}
        sizes |= {wide, 4 * wide} if short else {season // 4, season, 2 * season}
    return sorted(lags), sorted(sizes)


def date_part(dates: pd.DatetimeIndex, part: str) -> NDArray[np.float64]:
    """One part of each date, as MLForecast counts it."""
    return np.asarray(dates.isocalendar().week if part == "week" else getattr(dates, part), float)


def usual_lags(values: Array, seasons: list[int], horizon: int) -> range:
    """How many steps back the values of a series (n,) lie whose mean, as forecast of the horizon,
    has erred about least: its usual demand. A level that wanders is followed, others averaged."""

    def error(lags: range) -> float:
        expected, shifts = usual(values, lags), range(0, min(horizon, len(values)), lags.step)
        gaps = [values[shift:] - expected[: len(values) - shift] for shift in shifts]
        return float(np.nanmean(np.abs(np.concatenate(gaps))))

    options = [range(s, s * n + 1, s) for s in sorted({1, *seasons}) for n in REPEATS]
    errors = {lags: error(lags) for lags in options if len(values) >= lags[-1] + lags.step}
    best = min(errors, key=lambda lags: errors[lags])
    near = [n for n in errors if n.step == best.step and errors[n] <= NEAR * errors[best]]
    return max(near, key=len)


def usual(values: Array, lags: range) -> Array:
    """The mean of the values (n,) that lie ``lags`` back from each; NaN where there are less."""
    padded = np.concatenate([np.full(lags[-1], np.nan), values])
    return np.asarray(np.mean([padded[lags[-1] - lag : -lag] for lag in lags], axis=0))


def restore(moves: Array, past: Array, lags: range) -> Array:
    """Steps ahead, given how far each (steps, …) lies from usual, and the past (n, …) before."""
    found = [*past]
    for move in moves:
        found.append(move + np.mean([found[-lag] for lag in lags], axis=0))
    return np.array(found[len(past) :])
