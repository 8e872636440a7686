"""The figures of the evaluation: each with a title, units and a point."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from .business import MODEL, NAIVE
from .charts import BLUE, GREEN, ORANGE, draw_all, draw_ladder, short, source_note
from .markdown import amount
from .wording import compared, label, step_name, title

SHOWN = 4  # series of one figure
COLOURS = {MODEL: BLUE, NAIVE: ORANGE}


def draw_evaluation(folder: Path, metrics: dict[str, Any], table: pd.DataFrame) -> list[Path]:
    """Draw all figures of the evaluation into ``folder`` and return their paths.

    Args:
        table: the untouched window, as in ``reports/forecasts.csv``.
    """
    note = source_note(metrics)
    return draw_all(
        folder,
        {
            "ladder": lambda page: ladder(page.subplots(), metrics, note),
            "forecasts": lambda page: forecasts(page, metrics, table, note),
            "steps": lambda page: steps(page.subplots(), metrics, note),
            "coverage": lambda page: coverage(page.subplots(), metrics, note),
            "inventory": lambda page: inventory(page.subplots(), metrics, note),
        },
    )


def ladder(axes: Axes, metrics: dict[str, Any], note: str) -> None:
    """The MASE of every model on the validation windows, with its interval over series."""
    models = metrics["models"]
    draw_ladder(axes, models, "mase", [label(model["name"]) for model in models])
    few = metrics["test"]["mase"]["low"] is None
    spread = "too few series for an interval" if few else "95% interval over series"
    axes.set_xlabel(f"MASE, validation windows ({spread}); lower is better")
    best = min(models, key=lambda model: model["metrics"]["mase"]["value"])
    selected = metrics["timeseries"]["selected"]
    lowest = "has the lowest error" if best["name"] == selected else "is published"
    other = "" if best["selected"] else f"; lowest error: {label(best['name'])}"
    axes.set_title(f"{title(selected)} {lowest}{other}{note}")


def forecasts(page: Figure, metrics: dict[str, Any], table: pd.DataFrame, note: str) -> None:
    """Demand of some series, from large to small, in the forecast's intervals."""
    sizes = table.groupby("unique_id")["y"].mean().sort_values(ascending=False, kind="stable")
    places = np.unique(np.linspace(0, len(sizes) - 1, SHOWN).round().astype(int))
    page.set_size_inches(7, 1.6 + 1.5 * len(places))
    rows = page.subplots(len(places), 1, sharex=True, squeeze=False)[:, 0]
    for axes, name in zip(rows, sizes.index[places], strict=True):
        draw_forecast(axes, table[table["unique_id"] == name])
        axes.set_ylabel("units" if len(sizes) == 1 else f"units of\n{short(name)}")
    inside = ((table["low_95"] <= table["y"]) & (table["y"] <= table["high_95"])).mean()
    page.legend(*rows[0].get_legend_handles_labels(), loc="outside lower center", ncols=5)
    heading = f"{inside:.1%} of the values came inside the 95% intervals{note}"
    page.suptitle(heading, x=0.02, ha="left", weight="bold", size=11)


def draw_forecast(axes: Axes, rows: pd.DataFrame) -> None:
    """One series in the untouched window: demand, forecast and intervals, and the baseline."""
    dates = pd.to_datetime(rows["ds"])
    for percent, strength in ((95, 0.15), (80, 0.3)):
        low, high = rows[f"low_{percent}"], rows[f"high_{percent}"]
        axes.fill_between(dates, low, high, color=BLUE, alpha=strength, lw=0, label=f"{percent}%")
    axes.plot(dates, rows["yhat"], color=BLUE, label="forecast")
    axes.plot(dates, rows[NAIVE], color=ORANGE, lw=1, ls="--", label=label(NAIVE))
    axes.plot(dates, rows["y"], "o", color="black", ms=3.5, clip_on=False, label="demand")
    axes.set_ylim(0, None)
    locator = AutoDateLocator(maxticks=8)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))


def steps(axes: Axes, metrics: dict[str, Any], note: str) -> None:
    """How the error grows, or does not, with the distance from the last known date."""
    detail, names = metrics["timeseries"], compared(metrics)
    found = {name: np.array(detail["by_step"][name]["mase"], float) for name in names}
    for name, errors in found.items():
        ahead = np.arange(1, len(errors) + 1)
        axes.plot(ahead, errors, "o-", color=COLOURS[name], label=names[name])
    axes.set_ylim(0, None)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel(f"{step_name(detail['data'])}s ahead")
    axes.set_ylabel("MASE on the untouched window")
    heading = f"Error of {names[MODEL]} by distance"
    if NAIVE in found:
        closer = int((found[MODEL] < found[NAIVE]).sum())
        heading = f"Closer than {names[NAIVE]} in {closer} of {len(errors)} steps"
    axes.set_title(heading + note)
    axes.legend()


def coverage(axes: Axes, metrics: dict[str, Any], note: str) -> None:
    """What the intervals held on the untouched window, beside what they promise."""
    rows = {MODEL: metrics["test"], NAIVE: metrics["timeseries"]["baseline"]}
    for shift, (name, named) in zip((-0.2, 0.1), compared(metrics).items(), strict=False):
        for place, percent in enumerate((80, 95)):
            held, x = rows[name][f"coverage_{percent}"], place + shift
            if held["low"] is not None:
                axes.plot([x, x], [held["low"], held["high"]], color=COLOURS[name])
            axes.plot(x, held["value"], "o", color=COLOURS[name], ms=8)
            words = axes.annotate(f"{held['value']:.1%}", (x + 0.04, held["value"]), va="center")
            words.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1})
        axes.plot([], [], "o", color=COLOURS[name], label=named)
    axes.hlines([0.8, 0.95], [-0.4, 0.6], [0.4, 1.4], color=GREEN, ls="--", label="promised")
    axes.set_xticks([0, 1], ["80% interval", "95% interval"])
    axes.set_ylabel("demand inside, of the untouched window")
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    held = metrics["test"]["coverage_95"]["value"]
    axes.set_title(f"Intervals that promise 95% held {held:.1%}{note}")
    axes.legend(loc="lower right")


def inventory(axes: Axes, metrics: dict[str, Any], note: str) -> None:
    """What the stock of the untouched window cost, by service level."""
    detail = metrics["timeseries"]["business"]
    currency, names = detail["prices"]["currency"], compared(metrics)
    levels = [row["service_level"] for row in detail["curve"]]
    for name, named in names.items():
        costs = [row[name] for row in detail["curve"]]
        axes.plot(levels, costs, "o-", color=COLOURS[name], label=named)
    axes.axvline(detail["service_level"], color=GREEN, ls="--", label="used: best in theory")
    axes.set_ylim(0, None)
    axes.set_xlabel("service level (chance that an order lasts until the next)")
    axes.set_ylabel(f"cost a month, {currency}")
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    axes.yaxis.set_major_formatter(lambda value, _: amount(value))
    costs = [f"{amount(detail['policies'][name]['cost'])} {currency}" for name in names]
    beside = f"; by {names[NAIVE]} {costs[1]}" if NAIVE in names else ""
    axes.set_title(f"Stock costs {costs[0]} a month{beside}{note}")
    axes.legend()
