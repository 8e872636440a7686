"""Rolling origins: what a model may see before each, and what it must then foretell.

A forecaster gets the past up to an origin and, of the steps after it, the known columns alone:
it cannot look ahead, because what lies ahead is not given to it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from .bootstrap import Array
from .data import DatasetInfo
from .errors import ModelError

# Takes the past (unique_id, ds, y, known columns), the steps ahead (the same without y), what is
# known of the data, and a seed; returns one mean for each row of the steps ahead.
Forecaster = Callable[[pd.DataFrame, pd.DataFrame, DatasetInfo, int], Array]


@dataclass(frozen=True)
class Window:
    """One origin: ``actual`` is (series, horizon), in the order of the rows of ``future``."""

    history: pd.DataFrame
    future: pd.DataFrame
    actual: Array


@dataclass(frozen=True)
class Actual:
    """What really happened in W windows, and by what errors are scaled, for S series.

    Attributes:
        demand: (W, S, H).
        naive_error: (W, S) mean absolute seasonal difference of the past: the scale of MASE.
        naive_square: (W, S) the mean of its squares, for RMSSE.
    """

    demand: Array
    naive_error: Array
    naive_square: Array

    def part(self, windows: slice) -> "Actual":
        """Some of the windows."""
        return Actual(self.demand[windows], self.naive_error[windows], self.naive_square[windows])


def origins(dates: pd.Series, horizon: int, windows: int) -> list[pd.Timestamp]:
    """The last date known in each window, oldest first; the last one is the final test's."""
    steps = np.sort(dates.unique())
    return [pd.Timestamp(steps[-1 - horizon * back]) for back in range(windows + 1, 0, -1)]


def window(series: pd.DataFrame, origin: pd.Timestamp, horizon: int) -> Window:
    """Divide all series at ``origin``."""
    history = series[series["ds"] <= origin]
    later = series[series["ds"] > origin]
    ahead = later[later.groupby("unique_id").cumcount() < horizon]
    actual = ahead["y"].to_numpy(float).reshape(-1, horizon)
    return Window(
        history.reset_index(drop=True), ahead.drop(columns="y").reset_index(drop=True), actual
    )


def forecast(
    name: str, forecaster: Forecaster, past: Window, info: DatasetInfo, seed: int
) -> Array:
    """(series, horizon) means, none below 0.

    Raises:
        ModelError: the model gave something that is no number.
    """
    found = forecaster(past.history, past.future, info, seed)
    if not np.isfinite(found).all():
        row = past.future.loc[int(np.flatnonzero(~np.isfinite(found))[0])]
        raise ModelError(
            f"{name} finds no forecast for series {row['unique_id']!r} on {row['ds']:%Y-%m-%d}. "
            "Take it off `models` in config.yaml, or leave the series out."
        )
    return np.maximum(0, found.astype(float)).reshape(-1, info.horizon)


def actual(windows: list[Window], info: DatasetInfo) -> Actual:
    """What happened in each window, with its scales."""
    scales = [naive_scales(part.history, info.season_length) for part in windows]
    return Actual(
        np.stack([part.actual for part in windows]),
        np.stack([error for error, _ in scales]),
        np.stack([square for _, square in scales]),
    )


def naive_scales(history: pd.DataFrame, season_length: int) -> tuple[Array, Array]:
    """Mean absolute and mean squared seasonal difference of each series: both (series,).

    The denominators of MASE (Hyndman & Koehler 2006) and RMSSE (Makridakis et al. 2022).
    """
    steps = history.groupby("unique_id")["y"].diff(season_length)
    by_series = history["unique_id"]
    error, square = (values.groupby(by_series).mean() for values in (steps.abs(), steps**2))
    return error.to_numpy(), square.to_numpy()
