"""What the calendar and the recent past tell a model, by frequency."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

SHORT_SEASON = 12  # a longer one says enough with fewer repetitions

# pandas' names of parts of a date that demand may depend on, by step in time.
PARTS = {
    "min": ("hour", "dayofweek", "month"),
    "h": ("hour", "dayofweek", "month"),
    "D": ("dayofweek", "dayofyear"),
    "B": ("dayofweek", "dayofyear"),
    "W": ("week", "month"),
    "M": ("month",),
    "Q": ("quarter",),
    "Y": ("year",),
}


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


def cycles(dates: pd.DatetimeIndex, freq: str) -> NDArray[np.float32]:
    """(dates, 2 per part) where in its cycle each part of a date is, as sine and cosine."""
    columns = []
    for part in features(freq, 1).dates:
        values = dates.isocalendar().week if part == "week" else getattr(dates, part)
        length = {"hour": 24, "dayofweek": 7, "dayofyear": 366, "week": 53, "month": 12}
        angle = 2 * np.pi * np.asarray(values, float) / length.get(part, 4)
        columns += [np.sin(angle), np.cos(angle)]
    return np.stack(columns, axis=1).astype(np.float32)
