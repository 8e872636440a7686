"""The pictures, each with a title that says what it shows."""

from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from .kit import charts
from .kit.charts import BLUE, GREEN, GREY, ORANGE, Picture, short
from .money import MODEL, RULE, VERDICTS, in_full

Report = dict[str, Any]
METRICS = {"map": "MAP", "ndcg": "nDCG", "popularity_share": "from the most liked tenth"}


def draw(folder: Path, metrics: Report) -> list[Report]:
    """Draw the figures of the evaluation; return their entries in ``reports/figures.json``."""
    clicked = "Share of visits that end in a click, by rule and by model, with intervals"
    climbed = "nDCG of each model on the validation slice, with its 95% interval"
    looked = "Share of tests without a difference that come out significant, by number of looks"
    pictures: dict[str, Picture] = {
        "ab_test": ("headline", clicked, lambda axes: ab_test(axes, metrics)),
        "ladder": ("result", climbed, lambda axes: ladder(axes, metrics)),
        "peeking": ("money", looked, lambda axes: peeking(axes, metrics)),
    }
    return charts.draw(folder, pictures, metrics["dataset"]["synthetic"])


def draw_reasons(folder: Path, explanation: Report) -> list[Report]:
    """Draw what speaks for one recommendation; return its entry in ``reports/figures.json``."""
    alt = "What each like adds to the score of one recommendation"
    first = explanation["examples"][0]
    picture: Picture = ("explanation", alt, lambda axes: reasons(axes, first))
    return charts.draw(folder, {"because": picture}, explanation["dataset"]["synthetic"])


def metric(key: str) -> str:
    """A metric as people write it."""
    name, _, k = key.partition("_at_")
    return METRICS.get(name, name) + (f"@{k}" if k else "")


def ladder(axes: Axes, metrics: Report) -> None:
    """The primary metric of every model on the validation slice, with its interval."""
    models, primary = metrics["models"], metrics["primary_metric"]["name"]
    charts.ladder(axes, models, primary)
    axes.set_xlabel(f"{metric(primary)} on the validation slice (95% interval)")
    chosen = next(model["label"] for model in models if model["selected"])
    others = [model["difference"] for model in models if not model["selected"]]
    ties = sum(found["high"] >= 0 for found in others)
    also = f"; {ties} of the {len(models)} models may be as good or better" if ties else ""
    axes.set_title(f"Chosen: {chosen}{also}")


def ab_test(axes: Axes, metrics: Report) -> None:
    """The click-through rate of both groups, with intervals, and the rates behind them."""
    detail = metrics["recsys"]
    result, lists = detail["experiment"]["result"], detail["business"]["lists"]
    groups = ((RULE, "control", GREY), (MODEL, "treatment", BLUE))
    for position, (name, group, colour) in enumerate(groups):
        rate = result[group]
        spread = [[rate["value"] - rate["low"]], [rate["high"] - rate["value"]]]
        axes.bar(position, rate["value"], 0.5, yerr=spread, color=colour, capsize=8)
        shown, middle = f"{in_full(100 * rate['value'], '#.3g')}%", (position, rate["value"] / 2)
        axes.annotate(shown, middle, ha="center", color="white", weight="bold")
        ends = [position - 0.35, position + 0.35]
        axes.plot(ends, [lists[name]["clicks"]["value"]] * 2, color=ORANGE, ls="--")
    axes.plot([], [], color=ORANGE, ls="--", label="rate with which clicks were drawn")
    names = [f"{group}: {beside(lists[name]['name'])}" for name, group, _ in groups]
    axes.set_xticks([0, 1], names)
    axes.set_ylabel("visits that end in a click")
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.margins(y=0.2)
    axes.legend(loc="upper left")
    lift = f"{result['lift']['value']:+.1%}"
    axes.set_title(f"Simulated A/B test: {lift}, {VERDICTS[detail['verdict']]}")


def peeking(axes: Axes, metrics: Report) -> None:
    """False alarms of someone who looks again and again, and stops at the first star."""
    experiment = metrics["recsys"]["experiment"]
    shares, once = experiment["peeking"], experiment["false_alarms"]
    looks = np.arange(1, len(shares) + 1)
    axes.plot(looks, shares, "o-", color=ORANGE, label="stop at the first significant look")
    axes.axhline(once, color=GREEN, ls="--", label="one look, at the planned end")
    axes.set_ylim(0, None)
    axes.set_xlabel("looks at the test while it runs")
    axes.set_ylabel(f"significant, of {experiment['simulations']:,} tests of equal lists")
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    least, most = (f"{in_full(100 * share, '.2g')}%" for share in (once, shares[-1]))
    axes.set_title(f"Peeking {len(shares)} times takes false alarms from {least} to {most}")
    axes.legend()


def reasons(axes: Axes, shown: Report) -> None:
    """What each like adds to the score of one recommendation, strongest on top."""
    rows = shown["reasons"][::-1]
    colours = [BLUE if row["feature"] in shown["because"] else GREY for row in rows]
    axes.barh(range(len(rows)), [row["contribution"] for row in rows], color=colours)
    axes.set_yticks(range(len(rows)), [beside(row["feature"]) for row in rows])
    axes.axvline(0, color="black", lw=1)
    axes.locator_params(axis="x", nbins=3)
    axes.xaxis.set_major_formatter(lambda tick, place: in_full(tick))
    axes.set_xlabel(f"added to the score; together {in_full(shown['score'], '.3g')}")
    axes.set_title(f"Why {beside(shown['title'])}")


def beside(name: str) -> str:
    """A name that fits beside an axis, where Chinese or Japanese letters are twice as wide."""
    wide = sum(east_asian_width(letter) in "WF" for letter in name)
    return short(name, max(14, 28 - wide // 2))
