"""The figures of the evaluation: each with a title, units and a point."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from sklearn.metrics import roc_curve

from .charts import BLUE, GREEN, GREY, ORANGE, draw_all, draw_ladder, short, source_note
from .policy import Outcomes
from .wording import SLICES, label, slice_name

Report = dict[str, Any]


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


def roc(axes: Axes, test: Outcomes, score: dict[str, float], note: str) -> None:
    """True against false positive rate on the test set."""
    false_positives, true_positives, _ = roc_curve(*test)
    axes.plot(false_positives, true_positives, color=BLUE, label="model")
    axes.plot([0, 1], [0, 1], "--", color=GREY, label="chance")
    axes.set_xlabel("false positive rate (bad reviews taken for good)")
    axes.set_ylabel("true positive rate (good reviews recognised)")
    axes.set_title(f"ROC curve: area {score['value']:.3f}{note}")
    axes.legend()


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


def calibration(axes: Axes, curve: list[dict[str, float]], note: str) -> None:
    """Predicted probability against what was observed, in ten equally large groups."""
    axes.plot([0, 1], [0, 1], "--", color=GREY, label="perfect")
    predicted = [point["predicted"] for point in curve]
    axes.plot(predicted, [point["observed"] for point in curve], "o-", color=BLUE, label="model")
    axes.set_xlabel("predicted probability of a good review (mean of group)")
    axes.set_ylabel("observed share of good reviews")
    axes.set_title(f"Predicted and observed sentiment{note}")
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


def profit(axes: Axes, impact: Report, note: str) -> None:
    """Gain on the test set over all thresholds, with the one chosen on validation data."""
    currency = impact["prices"]["currency"]
    points = [point for point in impact["profit_curve"] if point["threshold"] <= 1]
    x = [point["threshold"] for point in points]
    y = [point["per_1000_reviews"] for point in points]
    axes.plot(x, y, color=BLUE, label="read from the threshold on")
    axes.axhline(0, color=GREY, label="read nothing")
    axes.axhline(y[0], color=ORANGE, ls=":", label="read everything")
    axes.axvline(min(impact["threshold"], 1), color=GREEN, ls="--", label="chosen on validation")
    axes.set_xlabel("threshold on the risk that a review is bad")
    axes.set_ylabel(f"gain per 1,000 reviews ({currency})")
    axes.yaxis.set_major_formatter("{x:,.0f}")
    earned = impact["per_1000_reviews"]["read nothing"]["value"]
    axes.set_title(f"Gain on test reviews: {earned:,.0f} {currency} per 1,000{note}")
    axes.legend()


def sensitivity(axes: Axes, impact: Report, summary: Report, note: str) -> None:
    """A tornado: the saving when each price is lower or higher."""
    rows, swing = impact["sensitivity"][::-1], impact["sensitivity"][0]["swing"]
    positions, base = np.arange(len(rows)), summary["value"]
    # Two thin bars a price: both changes may move the saving to the same side.
    for key, word, colour, shift in (
        ("if_higher", "higher", BLUE, 0.18),
        ("if_lower", "lower", ORANGE, -0.18),
    ):
        widths = [row[key] - base for row in rows]
        text = f"price {swing:.0%} {word}"
        axes.barh(positions + shift, widths, 0.32, left=base, color=colour, label=text)
    axes.axvline(base, color="black", lw=1)
    axes.set_yticks(positions, [row["price"].replace("_", " ") for row in rows])
    axes.set_xlabel(f"saving per 1,000 reviews ({summary['currency']})")
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.xaxis.set_major_locator(MaxNLocator(5))
    moves = {rows[-1]["if_lower"], rows[-1]["if_higher"]} != {base}
    most = rows[-1]["price"].replace("_", " ").capitalize()
    axes.set_title(f"{most} matters most{note}" if moves else f"No price matters{note}")
    axes.legend()


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
