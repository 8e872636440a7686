"""Rolling origins: what a model may see before each, what it must then foretell, and the scores.

A forecaster gets the past up to an origin and, of the steps after it, the known columns alone:
it cannot look ahead, because what lies ahead is not given to it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd
from scipy.stats import t as student

from .data import DatasetInfo
from .kit import ModelError
from .kit.intervals import Array, Estimate

Table: TypeAlias = pd.DataFrame
# Takes the past (unique_id, ds, y, known columns), the steps ahead (the same without y), what is
# known of the data, and a seed; returns one mean for each row of the steps ahead.
Forecaster = Callable[[Table, Table, DatasetInfo, int], Array]
MANY = 8  # groups of series from which on intervals are over them, too


@dataclass(frozen=True)
class Window:
    """One origin: ``actual`` is (series, horizon), in the order of the rows of ``future``."""

    history: pd.DataFrame
    future: pd.DataFrame
    actual: Array


@dataclass(frozen=True)
class Actual:
    """What really happened in W windows: ``demand`` (W, S, H), and by what errors are scaled:
    ``naive_error`` (W, S), the mean absolute seasonal difference of the past."""

    demand: Array
    naive_error: Array

    def part(self, windows: slice) -> "Actual":
        """Some of the windows."""
        return Actual(self.demand[windows], self.naive_error[windows])


def origins(dates: pd.Series, horizon: int, windows: int) -> list[pd.Timestamp]:
    """The last date known in each window, oldest first; the last one is the final test's."""
    steps = np.sort(dates.unique())
    return [pd.Timestamp(steps[-1 - horizon * back]) for back in range(windows + 1, 0, -1)]


def window(series: pd.DataFrame, origin: pd.Timestamp, horizon: int) -> Window:
    """Divide all series at ``origin``."""
    history = series[series["ds"] <= origin].reset_index(drop=True)
    later = series[series["ds"] > origin]
    ahead = later[later.groupby("unique_id").cumcount() < horizon].reset_index(drop=True)
    actual = ahead["y"].to_numpy(float).reshape(-1, horizon)
    return Window(history, ahead.drop(columns="y"), actual)


def forecast(name: str, make: Forecaster, past: Window, info: DatasetInfo, seed: int) -> Array:
    """(series, horizon) means, none below 0; a ModelError says where one is no number."""
    found = make(past.history, past.future, info, seed)
    if not np.isfinite(found).all():
        row = past.future.loc[int(np.flatnonzero(~np.isfinite(found))[0])]
        raise ModelError(
            f"{name} finds no forecast for series {row['unique_id']!r} on {row['ds']:%Y-%m-%d}. "
            "Take it off `models` in config.yaml, or leave the series out."
        )
    return np.maximum(0, found.astype(float)).reshape(-1, info.horizon)


def actual(windows: list[Window], info: DatasetInfo) -> Actual:
    """What happened in each window, with its scales."""
    errors = [naive_error(part.history, info.seasons) for part in windows]
    return Actual(np.stack([part.actual for part in windows]), np.stack(errors))


def naive_error(history: pd.DataFrame, seasons: dict[str, list[int]]) -> Array:
    """(series,) mean absolute seasonal difference: how hard each is for seasonal naive."""
    each = history.groupby("unique_id")["y"]
    return np.array([y.diff(seasons[str(name)][0]).abs().mean() for name, y in each])


def mase(happened: Actual, found: Array) -> Array:
    """Mean absolute error over the past's seasonal naive error (Hyndman & Koehler 2006). Of
    forecasts (windows, series, steps): (windows, series); NaN where a series never changed."""
    return ratio(np.abs(found - happened.demand).mean(axis=2), happened.naive_error)


def totals(happened: Actual, found: Array) -> dict[str, Estimate]:
    """Sums of absolute errors, and of errors, per unit of demand; NaN where nothing was sold."""
    error, demand = found - happened.demand, happened.demand.sum() or np.nan
    sums = {"wmape": np.abs(error).sum(), "bias": error.sum()}
    return {k: Estimate(float(each / demand), np.nan, np.nan) for k, each in sums.items()}


def mean(values: Array, groups: list[str], least: float = -np.inf) -> Estimate:
    """The mean of (windows, series), NaN left out, and its 95 % interval, not below ``least``."""
    value, error, freedom = spread(values, groups)
    reach = error * float(student.ppf(0.975, freedom)) if freedom else np.nan
    return Estimate(value, float(np.maximum(value - reach, least)), value + reach)


def share(values: Array, steps: int, groups: list[str]) -> Estimate:
    """The mean of shares of ``steps`` values each, with an interval that stays between 0 and 1. It
    is Wilson's (1927) for as many independent values as the standard error is worth (Korn &
    Graubard 1998), and for all of them where none was outside, as then nothing can be estimated."""
    value, error, freedom = spread(values, groups)
    if not freedom:
        return Estimate(value, np.nan, np.nan)
    count = float(np.isfinite(values).sum() * steps)
    count = min(count, value * (1 - value) / error**2) if error else count
    beyond = float(student.ppf(0.975, freedom)) ** 2 / count
    reach = np.sqrt(beyond * value * (1 - value) + beyond**2 / 4)
    low, high = ((value + beyond / 2 + sign * reach) / (1 + beyond) for sign in (-1, 1))
    return Estimate(value, float(max(low, 0)), float(min(high, 1)))


def p_value(values: Array, groups: list[str]) -> float:
    """How likely so large a mean of (windows, series) is by chance where the true one is 0."""
    value, error, freedom = spread(values, groups)
    if not freedom or not value:
        return 1.0
    return float(2 * student.sf(abs(value) / error, freedom)) if error else 0.0


def spread(values: Array, groups: list[str]) -> tuple[float, float, int]:
    """The mean of (windows, series), its standard error, and the degrees of freedom of a t. What
    moves together counts as one case, however many values it holds (Liang & Zeger 1986): all series
    of one window, which share weather, calendar and the model's fit. Where there are ``MANY``
    groups, the series of one group in all windows do so as well, and both are added less what they
    have in common (Cameron, Gelbach & Miller 2011), but never to less than either."""
    known = np.isfinite(values)
    value = float(values[known].mean()) if known.any() else np.nan
    off = np.where(known, values - value, 0)
    cells = pd.DataFrame(off).T.groupby(np.array(groups)).sum().to_numpy()
    by_window, by_group, by_cell = (
        len(sums) / max(len(sums) - 1, 1) * float((sums**2).sum())
        for sums in (cells.sum(axis=0), cells.sum(axis=1), cells.ravel())
    )
    cases, variance = len(off), by_window
    if is_many(groups):
        cases, variance = len(cells), max(by_window + by_group - by_cell, by_window, by_group)
    if cases < 2 or not known.any():
        return value, np.nan, 0
    return value, float(np.sqrt(variance)) / int(known.sum()), cases - 1


def is_many(groups: list[str]) -> bool:
    """Whether intervals are over groups of series as well, rather than over windows alone."""
    return len(set(groups)) >= MANY


def ratio(part: Array, whole: Array) -> Array:
    """NaN where the whole is 0."""
    return np.divide(part, whole, out=np.full_like(part, np.nan), where=whole > 0)
