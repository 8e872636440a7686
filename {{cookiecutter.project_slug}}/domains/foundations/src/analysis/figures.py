"""The plots of the exploration, chosen by what the columns hold.

Each draws on an empty figure and returns the sentence that says what it shows, computed from the
data.
"""

from collections.abc import Callable
from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .charts import BLUE, GREEN, GREY, ORANGE, outside_fences, short
from .markdown import code
from .pairs import pairs
from .roles import DatasetInfo, focus, main_category
from .summaries import (
    by_group,
    rarer_class,
    readable,
    shares,
    skewness,
    strongest_pairs,
)

BARS, LINES = 30, 12
TITLE_LENGTH = 60  # letters of a title that fit above a plot
Z = 1.96  # 95% of a normal distribution lie within so many standard deviations
Plot = Callable[[Figure, pd.DataFrame, DatasetInfo], str]


def reasons_to_skip(info: DatasetInfo) -> dict[str, str]:
    """Why each plot that does not apply to a data set is left out."""
    no_number = "the table has no column of numbers"
    few_numbers = "the table has fewer than two columns of numbers"
    needs = {
        "distribution": (info.numeric, no_number),
        "outliers": (info.numeric, no_number),
        "skew": (info.numeric, no_number),
        "correlations": (info.numeric[1:], few_numbers),
        "pairs": (info.numeric[1:], few_numbers),
        "timeline": (info.numeric and info.date, "no `date` is configured, or nothing to follow"),
        "categories": (
            main_category(info) and (info.numeric or info.classification_target),
            "the table has no categories to compare",
        ),
    }
    return {name: reason for name, (there, reason) in needs.items() if not there}


def distribution(drawing: Figure, table: pd.DataFrame, info: DatasetInfo) -> str:
    """How often each value of the main number occurs, with mean and median."""
    name, axes = focus(table, info), drawing.subplots()
    values = table[name].dropna()
    mean, median, skew = values.mean(), values.median(), values.skew()
    axes.hist(values, bins=BARS, color=BLUE, alpha=0.7)
    axes.axvline(mean, color=ORANGE, label=f"mean {readable(mean)}")
    axes.axvline(median, color=GREEN, ls="--", label=f"median {readable(median)}")
    shape = "about symmetric" if abs(skew) < 0.5 else f"skewed to the {_side(skew)}"
    _label(axes, f"{short(name)} is {shape}", name, "rows")
    axes.legend()
    return (
        f"{code(name)} is {shape} (skewness {skew:.2f}): its mean is {readable(mean)} and its "
        f"median {readable(median)}; half of all rows lie between "
        f"{readable(values.quantile(0.25))} and {readable(values.quantile(0.75))}."
    )


def outliers(drawing: Figure, table: pd.DataFrame, info: DatasetInfo) -> str:
    """Boxes of the main number, one for each value of the main category."""
    name, group, axes = focus(table, info), main_category(info), drawing.subplots()
    parts = {"all rows": table[name].dropna()}
    if group:
        frequent = table[group].value_counts().index[:LINES]
        parts = {str(key): table[name][table[group] == key].dropna() for key in sorted(frequent)}
    flier = {"marker": ".", "alpha": 0.3}
    axes.boxplot(list(parts.values()), orientation="horizontal", widths=0.6, flierprops=flier)
    axes.set_yticks(range(1, len(parts) + 1), [short(key) for key in parts])
    within = f" of its {code(group)}" if group else ""
    far = pd.concat([part[outside_fences(part)] for part in parts.values()])
    title = f"{len(far) / table[name].count():.1%} of {short(name)} lie beyond the fences"
    _label(axes, title + (f" of their {short(group)}" if group else ""), name, "")
    if far.empty:
        return f"No value of {code(name)} lies beyond Tukey's fences{within}."
    middle = table[name].median()
    furthest = far.loc[(far - middle).abs().idxmax()]
    return (
        f"{len(far):,} values of {code(name)} ({len(far) / table[name].count():.1%}) lie beyond "
        f"Tukey's fences{within}, the furthest at {readable(furthest)}, where the median is "
        f"{readable(middle)}; they are unusual, not wrong, and stay."
    )


def skew(drawing: Figure, table: pd.DataFrame, info: DatasetInfo) -> str:
    """Skewness of each number, as it is and after a logarithm."""
    axes = drawing.subplots()
    plain = skewness(table, info.numeric)[:LINES]
    logs = table[plain.index].where(table[plain.index] >= 0).apply(np.log1p).skew()
    places = np.arange(len(plain))
    axes.barh(places + 0.2, plain, 0.38, color=BLUE, label="as it is")
    axes.barh(places - 0.2, logs, 0.38, color=ORANGE, label="after log(1 + x)")
    axes.axvline(0, color="black", lw=1)
    axes.set_yticks(places, [short(name) for name in plain.index])
    axes.invert_yaxis()
    axes.legend()
    name, strongest = plain.index[0], plain.iloc[0]
    clear = abs(strongest) >= 0.5
    title = f"{short(name)} is most lopsided" if clear else "No number is clearly lopsided"
    _label(axes, title, "skewness (0: symmetric)", "")
    if not clear:
        return f"No number is clearly skewed; {code(name)} is most, at {strongest:.2f}."
    after = logs[name]
    helps = "helps" if abs(after) < abs(strongest) / 2 else "does not help"
    change = f" A logarithm {helps} ({after:.2f})." if not np.isnan(after) else ""
    return f"{code(name)} is the most skewed number ({strongest:.2f}).{change}"


def correlations(drawing: Figure, table: pd.DataFrame, info: DatasetInfo) -> str:
    """Spearman's correlation of all numbers."""
    axes = drawing.subplots()
    names = info.numeric[:LINES]
    matrix = table[names].corr(method="spearman").round(2) + 0.0  # no "-0.00"
    image = axes.imshow(matrix, cmap="coolwarm", vmin=-1, vmax=1, aspect="auto")
    for (row, column), value in np.ndenumerate(matrix.to_numpy()):
        colour = "white" if abs(value) > 0.6 else "black"
        text = "" if np.isnan(value) else f"{value:.2f}"
        axes.text(column, row, text, ha="center", va="center", fontsize=8, color=colour)
    labels = [short(name) for name in names]
    axes.set_xticks(range(len(names)), labels, rotation=30, ha="right")
    axes.set_yticks(range(len(names)), labels)
    axes.grid(visible=False)
    drawing.colorbar(image, label="Spearman's correlation")
    ranked = strongest_pairs(table, names)
    if ranked.empty:
        axes.set_title("No two numbers can be compared")
        return "No correlation can be worked out."
    (first, second), value = ranked.index[0], ranked.iloc[0]
    how = "together" if value > 0 else "against each other"
    axes.set_title(f"{short(first)} and {short(second)} move {how} most")
    return (
        f"{code(first)} and {code(second)} move {how} most clearly (Spearman {value:.2f}); "
        f"{(ranked.abs() < 0.1).sum()} of {len(ranked)} pairs are hardly related (below 0.1)."
    )


def timeline(drawing: Figure, table: pd.DataFrame, info: DatasetInfo) -> str:
    """The main number over time: mean of each week and month."""
    name, axes = focus(table, info), drawing.subplots()
    series = table.dropna(subset=[info.date, name]).set_index(info.date)[name].sort_index()
    weekly, monthly = series.resample("W").mean(), series.resample("MS").mean()
    axes.plot(weekly.index, weekly, color=GREY, lw=1, label="mean of a week")
    axes.plot(monthly.index + pd.Timedelta(days=14), monthly, "o-", color=BLUE, label="of a month")
    axes.legend()
    axes.tick_params(axis="x", rotation=30)
    high, low = monthly.idxmax(), monthly.idxmin()
    title = f"{short(name)} is highest in {high:%B %Y}, lowest in {low:%B %Y}"
    _label(axes, title, "", f"mean {short(name)}")
    return (
        f"From {series.index.min():%Y-%m-%d} to {series.index.max():%Y-%m-%d}, {code(name)} is "
        f"highest in {high:%B %Y} (mean {readable(monthly[high])}) and lowest in {low:%B %Y} "
        f"({readable(monthly[low])}), {_noise(series, monthly)}."
    )


def _noise(series: pd.Series, monthly: pd.Series) -> str:
    """Whether months differ more than their rows would by chance."""
    rows = max(2.0, float(series.resample("MS").count().median()))
    chance = series.std() / np.sqrt(rows)
    clear = monthly.std() > 2 * chance
    return "more than chance from month to month" if clear else "no more than chance would make it"


def categories(drawing: Figure, table: pd.DataFrame, info: DatasetInfo) -> str:
    """The outcome in each value of the main category, with 95% intervals."""
    group, axes = main_category(info), drawing.subplots()
    assert group is not None, "reasons_to_skip says when there is none"
    target = info.classification_target
    if info.regression_target is None and target and target != group:
        rare = rarer_class(table[target])
        means = shares(table, group, target)[rare].sort_values(ascending=False)
        n = table.dropna(subset=[target])[group].value_counts()[means.index]
        error, label = (
            np.sqrt(means * (1 - means) / n),
            f"share of {short(rare)} in {short(target)}",
        )
    else:
        name = focus(table, info)
        summary = by_group(table, group, name)[:LINES]
        means, label = summary["mean"], f"mean {short(name)}"
        error = (summary["std"] / np.sqrt(summary["count"])).fillna(0)
    places = np.arange(len(means))
    axes.errorbar(means, places, xerr=Z * error, fmt="o", color=BLUE, capsize=3)
    axes.set_yticks(places, [short(key) for key in means.index])
    axes.set_ylim(len(means) - 0.5, -0.5)
    title = f"By {short(group)}, {short(means.index[0])} is highest"
    _label(axes, title, label + ", 95% interval", "")
    first, last = means.iloc[0], means.iloc[-1]
    apart = first - Z * error.iloc[0] > last + Z * error.iloc[-1]
    return (
        f"{code(means.index[0])} is highest ({label}: {readable(first)}) and "
        f"{code(means.index[-1])} lowest ({readable(last)}) by {code(group)}; their intervals "
        f"{'do not overlap' if apart else 'overlap'}."
    )


def mark(drawing: Figure, info: DatasetInfo) -> None:
    """Say in the title that the data is synthetic, if it is; break titles that are too long."""
    note, axes = " (synthetic sample)" if info.synthetic else "", drawing.axes[0]
    if title := drawing.get_suptitle():
        drawing.suptitle(fill(title + note, TITLE_LENGTH), fontsize=11, weight="bold")
    else:
        title = axes.get_title(plt.rcParams["axes.titlelocation"])
        axes.set_title(fill(title + note, TITLE_LENGTH))


PLOTS: dict[str, Plot] = {
    plot.__name__: plot
    for plot in (distribution, outliers, skew, correlations, pairs, timeline, categories)
}


def _label(axes: Axes, title: str, x: str, y: str) -> None:
    axes.set_title(title)
    axes.set_xlabel(x)
    axes.set_ylabel(y)


def _side(skew: float) -> str:
    return "right" if skew > 0 else "left"
