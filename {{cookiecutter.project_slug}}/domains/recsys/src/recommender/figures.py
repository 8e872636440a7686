"""The pictures, each with a title that says what it shows."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from .kit import charts
from .kit.charts import BLUE, GREEN, GREY, ORANGE, Picture, short
from .money import MODEL, RULE

Report = dict[str, Any]


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
    alt, shown = (
        "What each like adds to the score of one recommendation",
        explanation["examples"][0],
    )
    pictures: dict[str, Picture] = {
        "because": ("explanation", alt, lambda axes: reasons(axes, shown))
    }
    return charts.draw(folder, pictures, explanation["dataset"]["synthetic"])


def chosen(metrics: Report) -> Report:
    """The chosen model's entry of the ladder."""
    return next(model for model in metrics["models"] if model["selected"])


def metric(metrics: Report) -> str:
    """The primary metric as people write it."""
    return f"nDCG@{metrics['recsys']['k']}"


def ladder(axes: Axes, metrics: Report) -> None:
    """The primary metric of every model on the validation slice, with its interval."""
    models, primary = metrics["models"], metrics["primary_metric"]["name"]
    charts.ladder(axes, models, primary)
    axes.set_xlabel(f"{metric(metrics)} on the validation slice (95% interval)")
    best = max(models, key=lambda model: model["metrics"][primary]["value"])
    verdict = "Ranks best" if best["selected"] else "Ranks best of what can be published"
    differences = [model["difference"] for model in models if not model["selected"]]
    ties = sum(found["low"] <= 0 <= found["high"] for found in differences)
    beside = f"; {ties} of {len(differences)} others may be as good" if ties else ""
    axes.set_title(f"{verdict}: {chosen(metrics)['label']}{beside}")


def ab_test(axes: Axes, metrics: Report) -> None:
    """The click-through rate of both groups, with intervals, and the rates behind them."""
    detail = metrics["recsys"]["experiment"]
    result, rule = detail["result"], metrics["recsys"]["data"]["rule"]
    lists = metrics["recsys"]["business"]["lists"]
    groups = ((RULE, "control", GREY, rule), (MODEL, "treatment", BLUE, chosen(metrics)["label"]))
    for position, (name, group, colour, _) in enumerate(groups):
        rate = result[group]
        spread = [[rate["value"] - rate["low"]], [rate["high"] - rate["value"]]]
        axes.bar(position, rate["value"], 0.5, yerr=spread, color=colour, capsize=8)
        middle = (position, rate["value"] / 2)
        axes.annotate(f"{rate['value']:.2%}", middle, ha="center", color="white", weight="bold")
        ends = [position - 0.35, position + 0.35]
        axes.plot(ends, [lists[name]["clicks"]["value"]] * 2, color=ORANGE, ls="--")
    axes.plot([], [], color=ORANGE, ls="--", label="rate with which clicks were drawn")
    axes.set_xticks([0, 1], [f"{group}: {short(name)}" for _, group, _, name in groups])
    axes.set_ylabel("visits that end in a click")
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.margins(y=0.2)
    axes.legend(loc="upper left")
    words = {"more": "more clicks", "fewer": "fewer clicks", "chance": "may be chance"}
    lift = f"{result['lift']['value']:+.1%}"
    axes.set_title(f"Simulated A/B test: {lift}, {words[metrics['recsys']['verdict']]}")


def peeking(axes: Axes, metrics: Report) -> None:
    """False alarms of someone who looks again and again, and stops at the first star."""
    experiment = metrics["recsys"]["experiment"]
    shares, alpha = experiment["peeking"], experiment["plan"]["alpha"]
    looks = np.arange(1, len(shares) + 1)
    axes.plot(looks, shares, "o-", color=ORANGE, label="stop at the first significant look")
    axes.axhline(alpha, color=GREEN, ls="--", label="one look, at the planned end")
    axes.set_ylim(0, None)
    axes.set_xlabel("looks at the test while it runs")
    axes.set_ylabel("tests that find what is not there")
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    rates = f"from {100 * alpha:.3g}% to {shares[-1]:.0%}"
    axes.set_title(f"Peeking {len(shares)} times takes false alarms {rates}")
    axes.legend()


def reasons(axes: Axes, shown: Report) -> None:
    """What each like adds to the score of one recommendation, strongest on top."""
    rows = shown["reasons"][::-1]
    colours = [BLUE if row["feature"] in shown["because"] else GREY for row in rows]
    axes.barh(range(len(rows)), [row["contribution"] for row in rows], color=colours)
    axes.set_yticks(range(len(rows)), [short(row["feature"]) for row in rows])
    axes.axvline(0, color="black", lw=1)
    axes.set_xlabel(f"added to the score; together {shown['score']:.3g}")
    axes.set_title(f"Why {short(shown['title'])}")
