"""The pictures of a table. Their titles say what is drawn, and no more than that."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.ticker import FuncFormatter, MaxNLocator
from scipy import stats

from .hypotheses import LEVEL
from .kit.charts import BLUE, GREEN, GREY, ORANGE, STYLE, ladder, plt, save, short
from .kit.files import Paths
from .roles import Info, as_number, rarer_class, readable

BARS, LINES, DOTS = 30, 12, 600


@dataclass(frozen=True)
class Plot:
    """A picture to draw on empty axes, and what ``figures.json`` says of it."""

    name: str
    title: str
    alt: str
    role: str
    draw: Callable[[Axes], None]

    def titled(self, axes: Axes) -> None:
        """Draw it under its title."""
        self.draw(axes)
        axes.set_title(self.title)


def group_means(axes: Axes, result: dict[str, Any]) -> None:
    """Mean or share of each group with its 95 % interval, those furthest apart in colour."""
    gap = result["difference"]
    groups = sorted(result["groups"], key=lambda group: -group["value"])
    if len(groups) > LINES:  # those in the middle are left out
        groups = groups[: LINES // 2] + groups[-LINES // 2 :]
    for place, group in enumerate(groups):
        colour = {gap["most"]: BLUE, gap["least"]: ORANGE}.get(group["name"], GREY)
        axes.plot([group["low"], group["high"]], [place, place], color=colour, lw=4)
        axes.plot(group["value"], place, "o", color=colour, ms=9)
        shown = shown_value(result, group["value"])
        axes.annotate(shown, (group["value"], place - 0.18), ha="center", color=colour)
    labels = [f"{short(group['name'])}\n{group['rows']:,} rows" for group in groups]
    axes.set_yticks(range(len(groups)), labels)
    axes.set_ylim(len(groups) - 0.5, -0.7)
    of = f"share of {short(gap['of'])} in" if result["kind"] == "class" else "mean"
    axes.set_xlabel(f"{of} {short(result['outcome'])}, 95% interval")
    few_ticks(axes.xaxis)


def shown_value(result: dict[str, Any], value: float) -> str:
    """A group's mean, or its share in percent."""
    return f"{value:.1%}" if result["kind"] == "class" else readable(value)


def group_title(result: dict[str, Any]) -> str:
    """The two groups furthest apart with their values, or that no difference can be shown."""
    group, outcome = short(result["group"]), short(result["outcome"])
    if not result["holds"]:
        return f"{outcome} by {group}: no difference can be shown"
    gap = result["difference"]
    values = {g["name"]: shown_value(result, g["value"]) for g in result["groups"]}
    ends = ", ".join(f"{values[name]} for {short(name)}" for name in (gap["most"], gap["least"]))
    of = f"Mean {outcome}"
    if result["kind"] == "class":
        of = f"Share of {short(gap['of'])} in {outcome}"
    return f"{of} by {group}: {ends}"


def distribution(axes: Axes, column: pd.Series) -> None:
    """How often each value of a number occurs, with mean and median; or of a category."""
    if pd.api.types.is_numeric_dtype(column):
        values = column.dropna()
        axes.hist(values, bins=BARS, color=BLUE, alpha=0.7)
        axes.axvline(values.mean(), color=ORANGE, label=f"mean {readable(values.mean())}")
        label = f"median {readable(values.median())}"
        axes.axvline(values.median(), color=GREEN, ls="--", label=label)
        axes.set_xlabel(short(column.name))
        axes.set_ylabel("rows")
        few_ticks(axes.xaxis)
        axes.legend()
        return
    counts = column.value_counts()[:LINES]
    bars = axes.barh([short(name) for name in counts.index], counts, color=BLUE, alpha=0.7)
    axes.bar_label(bars, [f"{count:,}" for count in counts], padding=3)
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.set_xlabel("rows")
    few_ticks(axes.xaxis)


def timeline(axes: Axes, table: pd.DataFrame, info: Info) -> None:
    """The outcome over time: each month and week, or week and day where the table is short."""
    series = as_number(table[info.outcome]).set_axis(table[info.date]).dropna()
    series = series[series.index.notna()].sort_index()
    long = (series.index[-1] - series.index[0]).days > 120
    rough, fine = ("month", "week") if long else ("week", "day")
    rules = {"month": "MS", "week": "W-MON", "day": "D"}
    for name, style in ((fine, {"color": GREY, "lw": 1}), (rough, {"color": BLUE, "marker": "o"})):
        means = series.resample(rules[name], label="left", closed="left").mean()
        if name == fine and means.isna().mean() > 0.5:  # dates are further apart than that
            continue
        axes.plot(means.index, means, label=f"of a {name}, at its first day", **style)
    axes.legend(title="share" if not info.outcome_is_number else "mean", fontsize=9)
    axes.set_ylabel(outcome_label(table, info))
    axes.xaxis.set_major_locator(AutoDateLocator(maxticks=8))
    axes.xaxis.set_major_formatter(ConciseDateFormatter(axes.xaxis.get_major_locator()))
    few_ticks(axes.yaxis)


def outcome_label(table: pd.DataFrame, info: Info) -> str:
    """What is drawn of the outcome: its mean, or the share of its rarest value."""
    if info.outcome_is_number:
        return f"mean {short(info.outcome)}"
    return f"share of {short(rarer_class(table[info.outcome]))} in {short(info.outcome)}"


def related(table: pd.DataFrame, info: Info) -> pd.Series:
    """Spearman's correlation of each other measure with the outcome, strongest first."""
    outcome = as_number(table[info.outcome])
    others = [name for name in info.measures if name != info.outcome]
    values = {name: table[name].corr(outcome, method="spearman") for name in others}
    known = pd.Series(values, dtype=float).dropna()
    return known.sort_values(key=np.abs, ascending=False, kind="stable")


def related_title(table: pd.DataFrame, info: Info, near: pd.Series) -> str:
    """The correlation of the closest number, if it can be told from chance for so many."""
    name, outcome = str(near.index[0]), as_number(table[info.outcome])
    test = stats.spearmanr(outcome, table[name], nan_policy="omit")
    found = f"Spearman's correlation {near.iloc[0]:.2f}"
    if test.pvalue * len(near) >= LEVEL:
        found = "no relation can be shown"
    return f"{short(info.outcome)} against {short(name)}: {found}"


def correlations(axes: Axes, table: pd.DataFrame, info: Info) -> None:
    """Spearman's correlation of the outcome and the numbers closest to it, each with each."""
    names = [info.outcome, *related(table, info).index[: LINES - 3]]
    numbers = pd.DataFrame({name: as_number(table[name]) for name in names})
    matrix = numbers.corr(method="spearman").to_numpy()
    image = axes.imshow(matrix, cmap="coolwarm", vmin=-1, vmax=1, aspect="auto")
    for (row, column), value in np.ndenumerate(matrix):
        colour = "white" if abs(value) > 0.6 else "black"
        text = f"{round(value, 2) + 0.0:.2f}"  # no "-0.00"
        axes.text(column, row, text, ha="center", va="center", fontsize=8, color=colour)
    labels = [short(name) for name in names]
    axes.set_xticks(range(len(names)), labels, rotation=30, ha="right")
    axes.set_yticks(range(len(names)), labels)
    axes.grid(visible=False)
    axes.figure.colorbar(image, ax=axes, label="Spearman's correlation")


def closest(axes: Axes, table: pd.DataFrame, info: Info, name: str) -> None:
    """The outcome against one number: dots, or a box for each value of a category."""
    known = table.dropna(subset=[info.outcome, name])
    if info.outcome_is_number:
        some = known.iloc[:: max(1, len(known) // DOTS)]
        axes.plot(some[name], some[info.outcome], ".", color=BLUE, alpha=0.5)
        axes.set_ylabel(short(info.outcome))
        few_ticks(axes.yaxis)
    else:
        groups = known[info.outcome].value_counts().index[:LINES]
        parts = [known[name][known[info.outcome] == group] for group in groups]
        dots = {"marker": ".", "alpha": 0.3}
        axes.boxplot(parts, orientation="horizontal", widths=0.6, flierprops=dots)
        axes.set_yticks(range(1, len(groups) + 1), [short(group) for group in groups])
        axes.set_ylabel(short(info.outcome))
    axes.set_xlabel(short(name))
    few_ticks(axes.xaxis)


def ladders(
    paths: Paths, tasks: dict[str, dict[str, Any]], names: dict[str, str], info: Info
) -> dict[str, str]:
    """All models of each task, by the metric that chooses."""
    file = paths.figures / "models.png"
    with plt.style.context(STYLE):
        width = max(6.0, 4.7 * len(tasks))
        page, grid = plt.subplots(1, len(tasks), figsize=(width, 3.4), squeeze=False)
        for axes, task in zip(grid[0], tasks.values(), strict=True):
            ladder(axes, task["models"], task["metric"])
            axes.set_xlabel(f"{names[task['metric']]}, 95% interval\n{short(task['target'])}")
            axes.margins(x=0.15)
            few_ticks(axes.xaxis)
        title = "Scores on rows not seen before; blue: chosen"
        page.suptitle(title + info.note, x=0.01, ha="left", fontsize=11, weight="bold")
        save(file)
    alt = "Score of each model in cross-validation, with its interval"
    place = file.relative_to(paths.root).as_posix()
    return {"file": place, "title": title, "alt": alt, "role": "result"}


def few_ticks(axis: Axis) -> None:
    """So few numbers beside an axis that they do not run into each other, in full digits."""
    longest = len(readable(max(axis.get_view_interval(), key=abs)))
    inches = axis.axes.bbox.width / axis.axes.figure.dpi
    room = 5 if axis is axis.axes.yaxis else int(inches / (0.1 * longest + 0.3))
    axis.set_major_locator(MaxNLocator(min(5, max(1, room))))
    axis.set_major_formatter(FuncFormatter(lambda value, _: readable(value)))
