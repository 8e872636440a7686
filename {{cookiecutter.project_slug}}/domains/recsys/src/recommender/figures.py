"""The figures of the evaluation: each with a title, units and a point."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from .charts import BLUE, GREEN, GREY, ORANGE, draw_all, draw_ladder, source_note
from .wording import label

MARKERS = "osD^v<>PX"  # one for each rung of the ladder


def draw_evaluation(folder: Path, metrics: dict[str, Any]) -> list[Path]:
    """Draw all figures of the evaluation into ``folder`` and return their paths."""
    detail, note = metrics["recsys"], source_note(metrics)
    models, primary = metrics["models"], metrics["primary_metric"]["name"]
    return draw_all(
        folder,
        {
            "ladder": lambda page: ladder(page.subplots(), models, primary, note),
            "tradeoff": lambda page: tradeoff(page, models, primary, note),
            "ab_test": lambda page: ab_test(page.subplots(), detail, note),
            "peeking": lambda page: peeking(page.subplots(), detail["experiment"], note),
        },
    )


def ladder(axes: Axes, models: list[dict[str, Any]], primary: str, note: str) -> None:
    """The primary metric of every model on the validation slice, with its interval."""
    draw_ladder(axes, models, primary, [label(model["name"]) for model in models])
    axes.set_xlabel(f"{label(primary)} on the validation slice (95% interval over users)")
    chosen = next(model for model in models if model["selected"])
    best = max(models, key=lambda model: model["metrics"][primary]["value"])
    verdict = "ranks best" if chosen is best else "is the best that can be published"
    axes.set_title(f"{label(chosen['name'])} {verdict}{note}")


def tradeoff(page: Figure, models: list[dict[str, Any]], primary: str, note: str) -> None:
    """Accuracy against how much of the catalogue is shown, and how unusual it is."""
    panels = page.subplots(1, 2, sharey=True)
    names = {"coverage": "coverage (share of items shown)", "novelty": "novelty (bits)"}
    for axes, (name, axis) in zip(panels, names.items(), strict=True):
        for model, marker in zip(models, MARKERS, strict=False):
            shown = model["coverage"] if name == "coverage" else model["metrics"][name]["value"]
            size, edge = (12, "black") if model["selected"] else (8, "none")
            accuracy = model["metrics"][primary]["value"]
            named = label(model["name"]) if name == "coverage" else None
            axes.plot(shown, accuracy, marker, ls="", ms=size, mec=edge, label=named)
        axes.margins(0.1)
        axes.set_xlabel(axis)
    panels[0].xaxis.set_major_formatter(PercentFormatter(1))
    panels[0].set_ylabel(label(primary))
    page.legend(loc="outside right upper")
    title = f"Who is right, and who shows more of the catalogue{note}"
    page.suptitle(title, x=0.02, ha="left", weight="bold", size=11)


def ab_test(axes: Axes, detail: dict[str, Any], note: str) -> None:
    """The click-through rate of both groups, with intervals and what was put in."""
    result, expected = detail["business"]["result"], detail["experiment"]["expected"]
    for position, (name, colour) in enumerate((("control", GREY), ("treatment", BLUE))):
        rate = result[name]
        spread = [[rate["value"] - rate["low"]], [rate["high"] - rate["value"]]]
        axes.bar(position, rate["value"], 0.5, yerr=spread, color=colour, capsize=8)
        axes.annotate(
            f"{rate['value']:.1%}", (position, rate["value"] / 2), ha="center", color="white"
        )
        axes.plot([position - 0.35, position + 0.35], [expected[name]] * 2, color=ORANGE, ls="--")
    axes.plot([], [], color=ORANGE, ls="--", label="rate with which clicks were drawn")
    axes.set_xticks([0, 1], ["control: popular items", "treatment: the model"])
    axes.set_ylabel("visits that end in a click")
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    verdict = "significant" if result["significant"] else "not significant"
    users = f"{result['users_per_group']:,} users per group"
    axes.set_title(f"{users}: {result['lift']['value']:+.0%} clicks, {verdict}{note}")
    axes.legend()


def peeking(axes: Axes, experiment: dict[str, Any], note: str) -> None:
    """False alarms of someone who looks again and again, and stops at the first star."""
    shares, alpha = experiment["peeking"], experiment["alpha"]
    looks = np.arange(1, len(shares) + 1)
    axes.plot(looks, shares, "o-", color=ORANGE, label="stop at the first significant look")
    axes.axhline(alpha, color=GREEN, ls="--", label="one look, at the planned end")
    axes.set_ylim(0, None)
    axes.set_xlabel("looks at the test while it runs")
    axes.set_ylabel("tests that find what is not there")
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_title(
        f"Peeking {len(shares)} times raises false alarms from {alpha:.0%} to "
        f"{shares[-1]:.0%}{note}"
    )
    axes.legend()
