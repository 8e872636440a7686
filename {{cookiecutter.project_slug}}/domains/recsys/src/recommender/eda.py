"""What the first notebook shows: how full the table is, the long tail, time, the cold start."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from .bootstrap import Array
from .charts import BLUE, GREY, ORANGE, short
from .data import DatasetInfo

STEPS = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000)  # where groups by a count begin
MAP = 150  # users and items in the picture of the table, at most


def overview(info: DatasetInfo) -> pd.Series:
    """The size of the data, and which share of all pairs of user and item it holds."""
    return pd.Series(
        {
            "users": f"{info.users:,}",
            "items": f"{info.items:,}",
            "interactions": f"{info.rows:,}",
            "likes": f"{info.likes:,}",
            "share of all pairs": f"{info.rows / (info.users * info.items):.3%}",
            "repeated, left out": f"{info.duplicates:,}",
        },
        name="",
    )


def counts(codes: pd.Series, size: int) -> Array:
    """(size,) how many interactions each user, or each item, has: 0 for those without any."""
    return np.bincount(codes, minlength=size).astype(float)


def share_of_top(sizes: Array, share: float) -> float:
    """Which part of all interactions the largest ``share`` of ``sizes`` holds; 0 to 1."""
    top = max(1, round(share * len(sizes)))
    return float(np.sort(sizes)[::-1][:top].sum() / sizes.sum())


def gini(sizes: Array) -> float:
    """How unequal ``sizes`` are (Gini 1912): 0 if all are the same, near 1 if one has it all."""
    ordered, n = np.sort(sizes), len(sizes)
    return float((2 * np.arange(1, n + 1) - n - 1) @ ordered / (n * ordered.sum()))


def by_count(sizes: Array) -> pd.Series:
    """How many users, or items, have none, 1, 2 to 4 … interactions; empty groups are left out."""
    ends = [*STEPS[1:], np.inf]
    groups = {}
    for start, end in zip(STEPS, ends, strict=True):
        last = f"{start:,} or more" if end == np.inf else f"{start:,} to {end - 1:,}"
        name = f"{start:,}" if end - start == 1 else last
        groups[name] = int(((sizes >= start) & (sizes < end)).sum())
    return pd.Series(groups)[lambda numbers: numbers > 0]


def corner(users: pd.Series, items: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Ranks of user and item of each interaction among the ``MAP`` that have most of them."""
    rows, columns = _rank(users), _rank(items)
    inside = (rows < MAP) & (columns < MAP)
    return rows[inside], columns[inside]


def by_month(times: pd.Series) -> pd.Series:
    """Interactions in each calendar month; ``times`` are seconds since 1970."""
    months = pd.to_datetime(times, unit="s").dt.to_period("M")
    found = months.value_counts()
    return found.reindex(pd.period_range(months.min(), months.max(), freq="M"), fill_value=0)


def draw_table(axes: Axes, users: pd.Series, items: pd.Series) -> None:
    """A dot for each interaction of the most active users with the most popular items."""
    rows, columns = corner(users, items)
    axes.plot(columns, rows, "s", ms=1.6, color=BLUE)
    axes.invert_yaxis()
    axes.grid(visible=False)
    axes.set_xlabel("items, most popular first")
    axes.set_ylabel("users, most active first")


def draw_tail(axes: Axes, sizes: Array) -> None:
    """Interactions by rank on two logarithmic axes; the shaded tenth is the head."""
    ordered = np.sort(sizes)[::-1]
    ranks = np.arange(1, len(ordered) + 1)
    axes.axvspan(1, max(1, round(0.1 * len(ordered))), color=ORANGE, alpha=0.15)
    axes.plot(ranks[ordered > 0], ordered[ordered > 0], color=BLUE, lw=2)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.yaxis.set_major_formatter("{x:,.0f}")


def draw_bars(axes: Axes, numbers: pd.Series, label: str) -> None:
    """A bar for each group, the first on top, with its number beside it."""
    bars = axes.barh([short(name) for name in numbers.index], numbers, color=BLUE)
    axes.bar_label(bars, [f"{number:,}" for number in numbers], padding=3)
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.set_xlabel(label)


def draw_months(axes: Axes, months: pd.Series, label: str) -> None:
    """A line through the months; the last one may be incomplete."""
    axes.plot(months.index.to_timestamp(), months, "o-", color=BLUE, ms=4)
    axes.set_ylim(0, None)
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.set_ylabel(label)
    axes.tick_params(axis="x", rotation=30)


def draw_ratings(axes: Axes, ratings: pd.Series, least: float | None) -> None:
    """How often each rating is given; those that count as a like are blue."""
    found = ratings.value_counts(normalize=True).sort_index()
    width = 0.8 * min(np.diff(found.index), default=1.0)
    liked = [least is None or value >= least for value in found.index]
    axes.bar(found.index, found, width, color=[BLUE if like else GREY for like in liked])
    axes.yaxis.set_major_formatter("{x:.0%}")
    axes.set_xlabel("rating (blue: counts as a like)")
    axes.set_ylabel("share of ratings")


def _rank(codes: pd.Series) -> pd.Series:
    """The place of each row's code by how often it occurs, 0 for the most frequent."""
    ordered = codes.value_counts().sort_index().sort_values(ascending=False, kind="stable")
    return codes.map(pd.Series(np.arange(len(ordered)), ordered.index))
