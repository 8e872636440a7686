"""The pictures, each with a title that says what it shows."""

from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.ticker import PercentFormatter

from .kit import charts
from .kit.charts import BLUE, GREEN, GREY, ORANGE, Picture, short
from .money import MODEL, NAIVE, RULE

Report = dict[str, Any]

SHOWN = 10  # bars of a figure
PLAIN = "{x:,.12g}"  # numbers on an axis: no offset, no exponent where they can be read without


def draw(folder: Path, metrics: Report, table: pd.DataFrame) -> list[Report]:
    """Draw the evaluation's figures, ``table`` being the last window; return their entries."""
    business = metrics["timeseries"]["business"]
    seen = "Demand in the last window, with the forecast and its intervals"
    climbed = "MASE of each model over the validation windows, with its 95% interval"
    stock = "Cost of the stock a month by service level, beside the manager's rule"
    pictures: dict[str, Picture] = {
        "forecasts": ("result", seen, lambda axes: forecasts(axes, table)),
        "ladder": ("result", climbed, lambda axes: ladder(axes, metrics["models"])),
        "inventory": ("headline", stock, lambda axes: inventory(axes, business)),
    }
    return charts.draw(folder, pictures, metrics["dataset"]["synthetic"])


def forecasts(axes: Axes, table: pd.DataFrame) -> None:
    """The last window of the series with the most demand."""
    name = table.groupby("unique_id")["y"].mean().idxmax()
    rows = table[table["unique_id"] == name]
    dates = pd.to_datetime(rows["ds"])
    for percent, strength in ((95, 0.15), (80, 0.3)):
        low, high = rows[f"low_{percent}"], rows[f"high_{percent}"]
        axes.fill_between(dates, low, high, color=BLUE, alpha=strength, lw=0, label=f"{percent}%")
    axes.plot(dates, rows["yhat"], color=BLUE, label="forecast")
    axes.plot(dates, rows[NAIVE], color=ORANGE, lw=1, ls="--", label="seasonal naive")
    axes.plot(dates, rows["y"], "o", color="black", ms=4, clip_on=False, label="demand")
    axes.set_ylim(0, None)
    date_axis(axes)
    one = table["unique_id"].nunique() == 1
    axes.set_ylabel("units" if one else f"units of {short(name)}")
    axes.yaxis.set_major_formatter(PLAIN)
    inside = table["y"].between(table["low_95"], table["high_95"]).sum()
    where = "" if one else " of all series"
    axes.set_title(f"{inside:,} of {len(table):,} values{where} came inside their 95% intervals")
    axes.legend(ncols=5, loc="upper center", bbox_to_anchor=(0.5, -0.1), fontsize=8)


def ladder(axes: Axes, models: list[Report]) -> None:
    """Validation MASE of every model with its interval."""
    charts.ladder(axes, models, "mase")
    axes.set_xlabel("MASE over validation windows (95% interval); lower is better")
    chosen = next(model["label"] for model in models if model["selected"])
    axes.set_title(f"Chosen: {chosen}")


def inventory(axes: Axes, business: Report) -> None:
    """What the stock of the validation windows cost a month, by service level."""
    curve, currency = business["curve"], business["prices"]["currency"]
    named = {row["key"]: row for row in business["policies"]}
    for key, colour in ((MODEL, BLUE), (NAIVE, ORANGE)):
        label = short(named[key]["name"], 44)
        axes.plot(curve["service_level"], curve[key], "o-", color=colour, label=label)
    axes.axhline(named[RULE]["cost"], color=GREEN, ls="-.", label=short(named[RULE]["name"], 44))
    axes.axvline(business["service_level"], color="black", lw=1, label="cheapest: in use")
    axes.axvline(business["level_in_theory"], color=GREY, lw=1, ls=":", label="newsvendor theory")
    axes.set_ylim(0, None)
    axes.set_xlabel("service level (chance that an order lasts until the next)")
    axes.set_ylabel(f"cost a month ({currency})")
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    axes.yaxis.set_major_formatter(PLAIN)
    tried, level = len(curve["service_level"]), business["service_level"]
    axes.set_title(f"Of {tried} service levels, {level:.1%} cost least in validation")
    axes.legend(fontsize=8)


def decomposition(axes: Axes, name: str, parts: pd.DataFrame, seasons: int) -> None:
    """A series above its trend, its season and the rest: ``parts``, with strengths in brackets."""
    drawing = axes.figure
    axes.remove()
    rows = drawing.subplots(parts.shape[1], 1, sharex=True)
    for row, label in zip(rows, parts, strict=True):
        row.plot(parts[label], color=BLUE, lw=1.2)
        row.set_ylabel(label, fontsize=8)
        row.tick_params(labelsize=8)
        row.yaxis.set_major_formatter(PLAIN)
    date_axis(rows[-1])
    drawing.align_ylabels(rows)
    strength = f"strength over {seasons:,} seasons, 0 to 1"
    rows[0].set_title(f"{short(name)}: taken apart (in brackets: {strength})")


def importance(axes: Axes, rows: list[Report], noise: float, published: str) -> None:
    """What moves LightGBM's forecasts, strongest on top; grey is no stronger than noise."""
    kept = rows[:SHOWN][::-1]
    colours = [BLUE if row["driver"] else GREY for row in kept]
    axes.barh(range(len(kept)), [row["value"] for row in kept], color=colours)
    axes.axvline(noise, color=ORANGE, ls="--", label="the strongest shuffled copy")
    axes.set_yticks(range(len(kept)), [short(row["feature"]) for row in kept])
    axes.set_xlabel(f"units a period that it adds or takes, on average\n(published: {published})")
    axes.xaxis.set_major_formatter(PLAIN)
    axes.locator_params(axis="x", nbins=4)
    drivers = sum(row["driver"] for row in rows)
    axes.set_title(f"LightGBM: {drivers} of {len(rows)} inputs beat any shuffled copy")
    axes.legend()


def date_axis(axes: Axes) -> None:
    """Few dates, each said once."""
    locator = AutoDateLocator(maxticks=8)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
