"""The pair plot: the main number and those closest to it, each against each."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from .charts import BLUE, GREEN, GREY, ORANGE, short
from .markdown import code
from .roles import DatasetInfo, focus, main_category
from .summaries import closest, some_rows

COLOURS = (BLUE, ORANGE, GREEN, "#9333ea", GREY)
PAIRED = 4


def pairs(drawing: Figure, table: pd.DataFrame, info: DatasetInfo) -> str:
    """The main number and those closest to it, each against each, coloured by category."""
    name = focus(table, info)
    related = closest(table, info.numeric, name)
    names = [name, *related.index[: PAIRED - 1]]
    group = main_category(info)
    rows = some_rows(table, names)
    colours = _colours(rows, group)
    axes = drawing.subplots(len(names), len(names), squeeze=False)
    drawing.set_size_inches(7, 6.4)
    for (row, column), cell in np.ndenumerate(axes):
        if row == column:
            cell.hist(rows[names[row]], bins=20, color=GREY)
        else:
            cell.scatter(rows[names[column]], rows[names[row]], s=4, alpha=0.5, c=colours)
        cell.tick_params(labelsize=6)
        cell.set_xlabel(short(names[column]) if row == len(names) - 1 else "", fontsize=8)
        cell.set_ylabel(short(names[row]) if column == 0 else "", fontsize=8)
    if group:
        _colour_key(drawing, rows, group)
    title = f"{short(names[1])} comes closest to {short(name)}" if names[1:] else short(name)
    drawing.suptitle(title, fontsize=11, weight="bold")
    if related.empty:
        return f"No other number varies together with {code(name)}."
    nearest = related.index[0]
    straight = table[[name, nearest]].corr().iloc[0, 1]
    bent = abs(related.iloc[0]) - abs(straight) > 0.1
    return (
        f"{code(nearest)} comes closest to {code(name)} (Spearman {related.iloc[0]:.2f}, Pearson "
        f"{straight:.2f}): the relation is {'bent' if bent else 'close to a straight line'}"
        f"{' but weak' if abs(related.iloc[0]) < 0.3 else ''}."
    )


def _colours(rows: pd.DataFrame, group: str | None) -> list[str]:
    if group is None:
        return [BLUE] * len(rows)
    codes = rows[group].map({key: at for at, key in enumerate(rows[group].value_counts().index)})
    last = len(COLOURS) - 1
    return [COLOURS[min(int(at), last)] for at in codes.fillna(last)]


def _colour_key(drawing: Figure, rows: pd.DataFrame, group: str) -> None:
    """Which colour stands for which category; the last one is for all others."""
    names = [short(key) for key in rows[group].value_counts().index]
    shown = names[: len(COLOURS)]
    if len(names) > len(COLOURS):
        shown[-1] = "others"
    dots = [Line2D([], [], marker="o", ls="", color=colour) for colour in COLOURS[: len(shown)]]
    drawing.legend(
        dots, shown, title=short(group), loc="outside lower center", ncols=len(shown), fontsize=8
    )
