"""The figures of the evaluation: each with a title, units and a point."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from . import policy_figures
from .charts import BLUE, GREY, ORANGE, draw_all, draw_ladder, short, source_note
from .policy import Outcomes
from .policy_figures import sensitivity
from .wording import SLICES, label, slice_name

Report = dict[str, Any]

# Figures of the policy, in the words of this project.
roc = partial(policy_figures.roc, rates=("bad reviews taken for good", "good reviews recognised"))
calibration = partial(
    policy_figures.calibration,
    compared=("probability of a good review", "share of good reviews", "sentiment"),
)
profit = partial(
    policy_figures.profit,
    cases="reviews",
    policies=("read from the threshold on", "read nothing", "read everything"),
    risk="the risk that a review is bad",
)


def draw_evaluation(folder: Path, metrics: Report, test: Outcomes) -> list[Path]:
    """Draw all figures of the evaluation into ``folder`` and return their paths.

    Args:
        test: whether each test review is positive (1) or not (0), and its probability: (rows,).
    """
    detail, note = metrics["nlp"], source_note(metrics)
    impact, summary = detail["business"], metrics["business"]
    curve, score = detail["calibration_curve"], metrics["test"]["roc_auc"]
    return draw_all(
        folder,
        {
            "ladder": lambda page: ladder(page.subplots(), metrics["models"], note),
            "roc": lambda page: roc(page.subplots(), test, score, note),
            "reach": lambda page: reach(page.subplots(), test, impact, note),
            "calibration": lambda page: calibration(page.subplots(), curve, note),
            "confusion": lambda page: confusion(page.subplots(), detail["confusion"], note),
            "slices": lambda page: slices(page.subplots(), detail["slices"], note),
            "profit": lambda page: profit(page.subplots(), impact, note),
            "sensitivity": lambda page: sensitivity(page.subplots(), impact, summary, note),
            "aspects": lambda page: aspects(
                page.subplots(), detail["aspects"], summary["currency"], note
            ),
        },
    )


def ladder(axes: Axes, models: list[Report], note: str) -> None:
    """Validation ROC-AUC of every model with its interval."""
    draw_ladder(axes, models, "roc_auc", [label(model["name"]) for model in models])
    axes.set_xlabel("ROC-AUC on validation folds (95% interval)")
    chosen = next(label(model["name"]) for model in models if model["selected"])
    axes.set_title(f"Chosen: {chosen}{note}")


def reach(axes: Axes, test: Outcomes, impact: Report, note: str) -> None:
    """The share of bad reviews found by reading the riskiest first, with the operating point."""
    y, probability = test
    bad = 1 - y[np.argsort(probability, kind="stable")]
    read = np.arange(len(y) + 1) / len(y)
    axes.plot(read, np.append(0, np.cumsum(bad)) / bad.sum(), color=BLUE, label="riskiest first")
    axes.plot([0, 1], [0, 1], "--", color=GREY, label="read at random")
    share, found = impact["read"], impact["reached"]["value"]
    axes.plot(share, found, "o", color=ORANGE, ms=9, label="operating point")
    axes.set_xlabel("share of reviews read")
    axes.set_ylabel("share of bad reviews among them")
    axes.set_title(f"Reading {share:.0%} finds {found:.0%} of bad reviews{note}")
    axes.legend()


def confusion(axes: Axes, cells: dict[str, dict[str, float]], note: str) -> None:
    """Test reviews by label and prediction, each count with its 95% interval."""
    names = [["true_negative", "false_positive"], ["false_negative", "true_positive"]]
    counts = np.array([[cells[name]["value"] for name in row] for row in names])
    axes.imshow(counts, cmap="Blues")
    for (row, column), count in np.ndenumerate(counts):
        colour = "white" if count > counts.max() / 2 else "black"
        cell = cells[names[row][column]]
        text = f"{count:,.0f}\n[{cell['low']:,.0f}, {cell['high']:,.0f}]"
        axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=13)
    axes.set_xticks([0, 1], ["negative", "positive"])
    axes.set_yticks([0, 1], ["negative", "positive"])
    axes.set_xlabel("prediction (at a probability of 0.5)")
    axes.set_ylabel("label")
    axes.grid(visible=False)
    axes.set_title(f"Test reviews by label and prediction{note}")


def slices(axes: Axes, found: dict[str, list[Report]], note: str) -> None:
    """Accuracy with its interval in each slice of the test reviews."""
    rows = [(short(slice_name(kind, row)), row) for kind in SLICES for row in found[kind]][::-1]
    for place, (_, row) in enumerate(rows):
        axes.plot([row["low"], row["high"]], [place, place], color=GREY, lw=4)
        axes.plot(row["accuracy"], place, "o", color=BLUE)
    axes.set_yticks(range(len(rows)), [f"{name} ({row['rows']:,})" for name, row in rows])
    axes.tick_params(axis="y", labelsize=8)
    axes.set_xlabel("accuracy (95% interval); in brackets: test reviews")
    axes.xaxis.set_major_formatter("{x:.0%}")
    worst = min(rows, key=lambda row: row[1]["accuracy"], default=None)
    title = f"Least accurate: {worst[0]}" if worst else "No slice has enough reviews"
    if worst and len({row["accuracy"] for _, row in rows}) == 1:
        title = "Equally accurate in every slice"
    axes.set_title(f"{title}{note}")


def aspects(axes: Axes, found: list[Report], currency: str, note: str) -> None:
    """Revenue at risk by what unhappy customers complain of, with its interval."""
    rows = found[::-1]
    for place, row in enumerate(rows):
        risk = row["revenue_at_risk"]
        axes.plot([risk["low"], risk["high"]], [place, place], color=GREY, lw=4)
        axes.plot(risk["value"], place, "o", color=ORANGE, ms=9)
    axes.set_yticks(range(len(rows)), [short(row["aspect"]) for row in rows])
    axes.set_xlabel(f"revenue at risk per 1,000 reviews ({currency}, 95% interval)")
    axes.xaxis.set_major_formatter("{x:,.0f}")
    title = f"Most at risk: {short(found[0]['aspect'])}" if found else "No aspect is mentioned"
    if found and not found[0]["revenue_at_risk"]["value"]:
        title = "No aspect puts revenue at risk"
    axes.set_title(f"{title}{note}")
