"""The figures of the evaluation: each with a title, units and a point."""

from functools import partial
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from . import policy_figures
from .charts import BLUE, GREEN, GREY, ORANGE, draw_all, draw_ladder, short, source_note
from .policy import Outcomes
from .policy_figures import sensitivity
from .wording import Report, label

# Figures of the policy, in the words of this project.
calibration = partial(
    policy_figures.calibration,
    compared=("probability of a positive case", "share of positive cases", "on test images"),
)
profit = partial(
    policy_figures.profit,
    cases="cases",
    policies=("refer from the threshold on", "refer nobody", "refer everybody"),
    risk="the probability of a positive case",
)


def draw_evaluation(folder: Path, metrics: Report, test: Outcomes) -> list[Path]:
    """Draw all figures of the evaluation into ``folder`` and return their paths.

    Args:
        test: whether each test image is a positive case (1) or not (0), and its probability:
            (rows,).
    """
    detail, note = metrics["cv"], source_note(metrics)
    impact, summary = detail["business"], metrics["business"]
    curve = detail["calibration_curve"]
    return draw_all(
        folder,
        {
            "ladder": lambda page: ladder(page.subplots(), metrics["models"], note),
            "curves": lambda page: curves(page, metrics["models"], note),
            "roc": lambda page: roc(page.subplots(), test, metrics["test"], note),
            "calibration": lambda page: calibration(page.subplots(), curve, note),
            "confusion": lambda page: confusion(page.subplots(), detail["confusion"], note),
            "slices": lambda page: slices(page.subplots(), detail["slices"], note),
            "tradeoff": lambda page: tradeoff(page.subplots(), impact, note),
            "profit": lambda page: profit(page.subplots(), impact, note),
            "sensitivity": lambda page: sensitivity(page.subplots(), impact, summary, note),
        },
    )


def ladder(axes: Axes, models: list[Report], note: str) -> None:
    """Validation ROC-AUC of every model with its interval."""
    draw_ladder(axes, models, "roc_auc", [label(model["name"]) for model in models])
    axes.set_xlabel("ROC-AUC on validation images (95% interval)")
    chosen = next(label(model["name"]) for model in models if model["selected"])
    axes.set_title(f"Chosen: {chosen}{note}")


def curves(page: Figure, models: list[Report], note: str) -> None:
    """Loss and validation ROC-AUC of each network by epoch, with the epoch that was kept."""
    networks = [model for model in models if model["curve"]]
    left, right = page.subplots(1, 2)
    for model, colour in zip(networks, (BLUE, ORANGE), strict=False):
        epochs = [point["epoch"] for point in model["curve"]]
        for key, style in (("loss", "--"), ("validation_loss", "-")):
            left.plot(epochs, [point[key] for point in model["curve"]], style, color=colour)
        scores = [point["validation_roc_auc"] for point in model["curve"]]
        right.plot(epochs, scores, color=colour, label=label(model["name"]))
        for axes in (left, right):
            axes.axvline(model["kept_epoch"], color=colour, ls=":", lw=1)
    left.set_ylabel("loss (dashed: training, solid: validation)")
    right.set_ylabel("ROC-AUC on validation images")
    for axes in (left, right):
        axes.set_xlabel("epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    title = "Dotted: the epoch that was kept" if networks else "No network was trained"
    page.suptitle(f"{title}{note}", x=0.02, ha="left", weight="bold", size=11)
    if len(networks) > 1:
        right.legend()


def roc(axes: Axes, test: Outcomes, scores: dict[str, dict[str, float]], note: str) -> None:
    """Sensitivity against false alarms on the test set, with the operating point."""
    rates = ("1 - specificity: negative cases referred", "sensitivity: positive cases referred")
    policy_figures.roc(axes, test, scores["roc_auc"], note, rates)
    point = 1 - scores["specificity"]["value"], scores["sensitivity"]["value"]
    axes.plot(*point, "o", color=ORANGE, ms=9, label="operating point", clip_on=False)
    axes.set_title(
        f"Area {scores['roc_auc']['value']:.3f}; at the operating point {point[1]:.0%} of positive"
        f"\ncases are referred, and {point[0]:.0%} of negative ones{note}"
    )
    axes.legend()


def confusion(axes: Axes, cells: dict[str, int], note: str) -> None:
    """Test cases by label and decision at the operating threshold."""
    names = [["true_negative", "false_positive"], ["false_negative", "true_positive"]]
    counts = np.array([[cells[name] for name in row] for row in names])
    axes.imshow(counts, cmap="Blues")
    for (row, column), count in np.ndenumerate(counts):
        colour = "white" if count > counts.max() / 2 else "black"
        axes.text(column, row, f"{count:,}", ha="center", va="center", color=colour, fontsize=16)
    axes.set_xticks([0, 1], ["not referred", "referred"])
    axes.set_yticks([0, 1], ["negative", "positive"])
    axes.set_xlabel("decision")
    axes.set_ylabel("label")
    axes.grid(visible=False)
    axes.set_title(f"{cells['false_negative']:,} missed, {cells['false_positive']:,} alarms{note}")


def slices(axes: Axes, found: dict[str, list[Report]], note: str) -> None:
    """Accuracy with its interval in each slice of the test images."""
    rows = [
        (f"{kind.replace('_', ' ')}: {short(row['name'])}", row)
        for kind, group in found.items()
        for row in group
    ]
    worst = min(rows, key=lambda row: row[1]["accuracy"])  # the first of several
    rows.reverse()
    for place, (_, row) in enumerate(rows):
        axes.plot([row["low"], row["high"]], [place, place], color=GREY, lw=4)
        axes.plot(row["accuracy"], place, "o", color=BLUE)
    axes.set_yticks(range(len(rows)), [f"{name} ({row['rows']:,})" for name, row in rows])
    axes.set_xlabel("accuracy (95% interval); in brackets: test images")
    axes.xaxis.set_major_formatter("{x:.0%}")
    alike = len({row["accuracy"] for _, row in rows}) == 1
    title = "No slice is less accurate than another" if alike else f"Least accurate: {worst[0]}"
    axes.set_title(f"{title}{note}")


def tradeoff(axes: Axes, impact: Report, note: str) -> None:
    """Missed cases against false alarms over all thresholds, with the policies compared."""
    points = impact["profit_curve"]
    alarms = [point["alarms"] for point in points]
    axes.plot(alarms, [point["missed"] for point in points], color=BLUE)
    # Where two are the same, the larger mark shows around the smaller one.
    marks = {"chosen threshold": (GREEN, "o", 13), "threshold 0.5": (ORANGE, "s", 7)}
    marks |= {"refer everybody": (GREY, "^", 9), "refer nobody": (GREY, "v", 9)}
    for name, (colour, shape, size) in marks.items():
        row = impact["policies"][name]
        place = row["alarms"]["value"], row["missed"]["value"]
        axes.plot(*place, shape, color=colour, ms=size, label=name, clip_on=False, ls="none")
    chosen = impact["policies"]["chosen threshold"]
    axes.set_xlabel("false alarms per 1,000 cases")
    axes.set_ylabel("missed cases per 1,000 cases")
    axes.set_title(
        f"{chosen['missed']['value']:,.1f} missed, {chosen['alarms']['value']:,.1f} false alarms "
        f"per 1,000 cases{note}"
    )
    axes.legend()
