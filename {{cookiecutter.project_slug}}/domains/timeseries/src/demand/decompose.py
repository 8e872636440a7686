"""A series taken apart: trend, season and rest by STL, and how strong the first two are."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from statsmodels.tsa.seasonal import STL

Array = NDArray[np.float64]

SEASONAL = 13  # seasons that one place is smoothed over: fewer, and the season follows noise
TREND = 5  # seasons that the trend is smoothed over: fewer, and it follows promotions
MIN_SEASONS = 2  # with fewer, season and trend cannot be told apart
PARTS = ("level", "season", "trend and other inputs")


@dataclass(frozen=True)
class Decomposition:
    """``trend + season + rest`` is the series; all (n,), in its units."""

    trend: Array
    season: Array
    rest: Array

    @property
    def trend_strength(self) -> float:
        """0 (none) to 1: how little is left of the variation without season if the trend goes.

        Wang, Smith & Hyndman (2006), in the form of Hyndman & Athanasopoulos (2021, section 4.3).
        """
        return _strength(self.rest, self.trend)

    @property
    def season_strength(self) -> float:
        """The same for the season: how little is left of the variation without trend."""
        return _strength(self.rest, self.season)


def decompose(values: Array, season_length: int) -> Decomposition | None:
    """Take a series (n,) without gaps apart; None where it has less than two seasons.

    STL (Cleveland, Cleveland, McRae & Terpenning 1990), robust, so that single odd values (a
    promotion, a stock-out) stay in the rest. Without a season (``season_length`` 1) there is only
    trend and rest.
    """
    if len(values) < MIN_SEASONS * max(season_length, 7):
        return None
    if np.ptp(values) == 0:
        return Decomposition(values, np.zeros(len(values)), np.zeros(len(values)))
    period = max(season_length, 2)
    trend = TREND * period // 2 * 2 + 1  # STL wants it odd
    found = STL(values, period=period, seasonal=SEASONAL, trend=trend, robust=True).fit()
    smooth, season = np.asarray(found.trend), np.asarray(found.seasonal)
    season = season if season_length > 1 else np.zeros(len(values))
    return Decomposition(smooth, season, values - smooth - season)


def contributions(history: Array, forecast: Array, season_length: int) -> Array:
    """What each forecast is made of, whatever model made it: (series, steps, ``PARTS``).

    The level is the mean of the last season; the season is how far the same place of earlier
    seasons lay from their means, on average; the rest is what the model adds to that. The parts
    sum to the forecast.

    Args:
        history: (series, periods), the last one just before the first step; NaN where there is
            none.
        forecast: (series, steps).
    """
    seasons = history.shape[1] // season_length
    recent = history[:, history.shape[1] - seasons * season_length :]
    by_season = recent.reshape(len(history), seasons, season_length)
    means = _mean(by_season, axis=2)
    pattern = _mean(by_season - means[:, :, np.newaxis], axis=1)
    pattern -= pattern.mean(axis=1, keepdims=True)
    places = np.arange(forecast.shape[1]) % season_length
    season = pattern[:, places]
    level = np.broadcast_to(means[:, -1:], forecast.shape)
    return np.stack([level, season, forecast - level - season], axis=-1)


def _mean(values: Array, axis: int) -> Array:
    """The mean without gaps; 0 where there is nothing else."""
    known = np.isfinite(values)
    count = np.maximum(known.sum(axis=axis), 1)
    return np.asarray(np.where(known, values, 0).sum(axis=axis) / count)


def _strength(rest: Array, part: Array) -> float:
    whole = float(np.var(part + rest))
    return max(0.0, 1 - float(np.var(rest)) / whole) if whole > 0 else 0.0
