"""What the first notebook shows: seasons, differences, and how a series goes with its own past."""

from dataclasses import replace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from statsmodels.tsa.stattools import acf, pacf

from .backtest import origins
from .bootstrap import Array
from .charts import BLUE, GREY, ORANGE
from .classes import CLASSES, classify
from .data import DatasetInfo, Panel

SEASONS_SHOWN = 3  # of lags
MOST_LAGS = 60
MOST_TICKS = 13
# How the places of a season are sorted and called; those of other seasons are counted.
MONTHS = ("%m", "%b")
PLACES = {("D", 7): ("%u", "%a"), ("B", 5): ("%u", "%a"), ("h", 24): ("%H", "%H")}
PLACES |= {("MS", 12): MONTHS, ("ME", 12): MONTHS}


def overview(info: DatasetInfo) -> pd.Series:
    """The size of the data."""
    return pd.Series(
        {
            "series": f"{info.series:,}",
            "values": f"{info.rows:,}",
            "filled gaps": f"{info.filled:,}",
            "first date": info.start,
            "last date": info.end,
            "step": info.freq,
            "season, steps": f"{info.season_length:,}",
            "horizon, steps": f"{info.horizon:,}",
        },
        name="",
    )


def before_test(panel: Panel, info: DatasetInfo) -> Panel:
    """The same series up to the untouched window."""
    last = origins(panel.series["ds"], info.horizon, 1)[-1]
    return replace(panel, series=panel.series[panel.series["ds"] <= last])


def kinds(history: pd.DataFrame) -> pd.DataFrame:
    """For each kind of demand: how many series, their mean, and how often nothing is sold."""
    by_series = history.groupby("unique_id")["y"]
    table = pd.DataFrame(
        {
            "kind": classify(history),
            "units a step": by_series.mean(),
            "steps without demand": by_series.agg(lambda y: (y == 0).mean()),
        }
    )
    means = table.groupby("kind").mean()
    means.insert(0, "series", table["kind"].value_counts())
    return means.reindex([name for name in CLASSES if name in means.index])


def places(dates: pd.Series, info: DatasetInfo) -> pd.Series:
    """Where in its season each date lies: a weekday, an hour, a month, or a number from 1."""
    forms = PLACES.get((info.freq, info.season_length))
    if forms:
        return named(dates, *forms)
    steps = np.searchsorted(np.sort(dates.unique()), dates)
    return pd.Series(steps % info.season_length + 1, dates.index)


def named(dates: pd.Series, sort: str, form: str) -> pd.Series:
    """Each date in one form of ``strftime``, as categories in the order of the other."""
    keys = dates.dt.strftime(sort)
    names = dict(sorted(set(zip(keys, dates.dt.strftime(form), strict=True))))
    return keys.map(names).astype(pd.CategoricalDtype(list(names.values()), ordered=True))


def profiles(history: pd.DataFrame, groups: pd.Series) -> pd.DataFrame:
    """Mean demand of each series (rows) in each group (columns), 1 being its own mean.

    Series without any demand are left out.
    """
    means = history.groupby(["unique_id", groups], observed=True)["y"].mean().unstack()
    level = history.groupby("unique_id")["y"].mean()
    return means.div(level, axis=0)[level > 0]


def differenced(values: Array, plain: int, seasonal: int, season_length: int) -> Array:
    """``values`` (n,) less those one season before, then less those one step before."""
    for _ in range(seasonal):
        values = values[season_length:] - values[:-season_length]
    return np.diff(values, plain)


def draw_profiles(axes: Axes, table: pd.DataFrame) -> None:
    """A box for each column: half of the series lie in it; a single series is a line."""
    axes.axhline(1, color=GREY, ls="--")
    ticks = np.arange(1, table.shape[1] + 1)
    if len(table) == 1:
        axes.plot(ticks, table.iloc[0], "o-", color=BLUE)
    else:
        boxes = [column.dropna() for _, column in table.items()]
        axes.boxplot(boxes, manage_ticks=False, medianprops={"color": ORANGE})
    some = slice(None, None, -(-len(ticks) // MOST_TICKS))
    axes.set_xticks(ticks[some], [str(name) for name in table.columns[some]])
    axes.set_ylabel("demand, 1 is the series' mean")


def draw_line(axes: Axes, dates: pd.Series, values: Array, label: str) -> None:
    """One series over time, with its mean over a window of a twentieth of it."""
    shown = dates.to_numpy()[len(dates) - len(values) :]
    width = max(3, len(values) // 20)
    smooth = pd.Series(values).rolling(width, center=True).mean()
    axes.plot(shown, values, color=GREY, lw=0.8)
    axes.plot(shown, smooth, color=BLUE, lw=2, label=f"mean of {width} steps")
    axes.set_ylabel(label)


def draw_correlations(pair: tuple[Axes, Axes], values: Array, season_length: int) -> None:
    """Autocorrelation and partial autocorrelation; outside the band, chance alone is unlikely.

    Without correlation 95 % of the bars stay within 1.96 over the root of the number of values.
    """
    lags = min(max(SEASONS_SHOWN * season_length, 20), MOST_LAGS, len(values) // 2 - 1)
    band = 1.96 / np.sqrt(len(values))
    # Unlike the default, this estimate cannot leave -1 to 1 at long lags of a short series.
    partial = pacf(values, nlags=lags, method="ywm")
    found = {"autocorrelation": acf(values, nlags=lags), "partial": partial}
    for axes, (name, heights) in zip(pair, found.items(), strict=True):
        axes.axhspan(-band, band, color=BLUE, alpha=0.15)
        axes.vlines(np.arange(1, lags + 1), 0, heights[1:], color=BLUE, lw=2)
        axes.axhline(0, color="black", lw=0.8)
        axes.set_ylim(-1, 1)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("lag, steps")
        axes.set_ylabel(name)
