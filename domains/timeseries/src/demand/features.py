"""What the calendar and the recent past tell a model, by frequency."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

SHORT_SEASON = 12  # a longer one says enough with fewer repetitions

# pandas' names of parts of a date that demand may depend on, by step in time.
PARTS: dict[str, tuple[str, ...]] = dict.fromkeys(("min", "h"), ("hour", "dayofweek", "month"))
PARTS |= dict.fromkeys(("D", "B"), ("dayofweek", "dayofyear")) | {"W": ("week", "month")}
PARTS |= {"M": ("month",), "Q": ("quarter",), "Y": ("year",)}


@dataclass(frozen=True)
class Features:
    """Earlier values at ``lags``, means over the last ``windows`` steps, and ``dates`` parts."""

    lags: tuple[int, ...]
    windows: tuple[int, ...]
    dates: tuple[str, ...]


def features(freq: str, season_length: int) -> Features:
    """The features for a frequency (pandas' name) and its season in steps."""
    base = freq.lstrip("0123456789").split("-")[0]
    dates = PARTS[base if base in PARTS else base[0]]
    if season_length <= SHORT_SEASON:
        wide = max(season_length, 4)
        lags = (season_length, 2 * season_length, 4 * season_length)
        return Features(lags, (wide, 4 * wide, 8 * wide), dates)
    lags = (1, season_length, 2 * season_length)
    return Features(lags, (season_length // 4, season_length, 2 * season_length), dates)


def date_part(dates: pd.DatetimeIndex, part: str) -> NDArray[np.float64]:
    """One part of each date, as MLForecast counts it."""
    return np.asarray(dates.isocalendar().week if part == "week" else getattr(dates, part), float)
