"""The figures of the evaluation: each with a title, units and a point."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from sklearn.metrics import roc_curve

from .charts import BLUE, GREEN, GREY, ORANGE, draw_all, draw_ladder, short, source_note
from .policy import Outcomes
from .wording import PRICES, Report, label


def draw_evaluation(folder: Path, metrics: Report, test: Outcomes) -> list[Path]:
    """Draw all figures of the evaluation into ``folder`` and return their paths.

    Args:
        test: whether each test image is a positive case (1) or not (0), and its probability:
            (rows,).
    """
    detail, note = metrics["cv"], source_note(metrics)
    impact, summary = detail["business"], metrics["business"]
    return draw_all(
        folder,
        {
            "ladder": lambda page: ladder(page.subplots(), metrics["models"], note),
            "curves": lambda page: curves(page, metrics["models"], note),
            "roc": lambda page: roc(page.subplots(), test, metrics["test"], note),
            "calibration": lambda page: calibration(
                page.subplots(), detail["calibration_curve"], note
            ),
            "confusion": lambda page: confusion(page.subplots(), detail["confusion"], note),
            "slices": lambda page: slices(page.subplots(), detail["slices"], note),
            "tradeoff": lambda page: tradeoff(page.subplots(), impact, note),
            "cost": lambda page: cost(page.subplots(), impact, note),
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
    false_alarms, sensitivity, _ = roc_curve(*test)
    axes.plot(false_alarms, sensitivity, color=BLUE, label="model")
    axes.plot([0, 1], [0, 1], "--", color=GREY, label="chance")
    point = 1 - scores["specificity"]["value"], scores["sensitivity"]["value"]
    axes.plot(*point, "o", color=ORANGE, ms=9, label="operating point", clip_on=False)
    axes.set_xlabel("1 - specificity (share of negative cases referred)")
    axes.set_ylabel("sensitivity (share of positive cases referred)")
    axes.set_title(
        f"Area {scores['roc_auc']['value']:.3f}; at the operating point {point[1]:.0%} of positive"
        f"\ncases are referred, and {point[0]:.0%} of negative ones{note}"
    )
    axes.legend()


def calibration(axes: Axes, curve: list[dict[str, float]], note: str) -> None:
    """Predicted probability against what was observed, in ten equally large groups."""
    axes.plot([0, 1], [0, 1], "--", color=GREY, label="perfect")
    predicted = [point["predicted"] for point in curve]
    axes.plot(predicted, [point["observed"] for point in curve], "o-", color=BLUE, label="model")
    axes.set_xlabel("predicted probability of a positive case (mean of group)")
    axes.set_ylabel("observed share of positive cases")
    axes.set_title(f"Predicted and observed on test images{note}")
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


def cost(axes: Axes, impact: Report, note: str) -> None:
    """Gain against referring nobody over all thresholds, with the one chosen on validation."""
    currency = impact["prices"]["currency"]
    points = [point for point in impact["profit_curve"] if point["threshold"] <= 1]
    x = [point["threshold"] for point in points]
    y = [point["per_1000_cases"] for point in points]
    axes.plot(x, y, color=BLUE, label="refer from the threshold on")
    axes.axhline(0, color=GREY, label="refer nobody")
    axes.axhline(y[0], color=ORANGE, ls=":", label="refer everybody")
    axes.axvline(min(impact["threshold"], 1), color=GREEN, ls="--", label="chosen on validation")
    axes.set_xlabel("threshold on the probability of a positive case")
    axes.set_ylabel(f"gain per 1,000 cases ({currency})")
    axes.yaxis.set_major_formatter("{x:,.0f}")
    gained = impact["per_1000_cases"]["refer nobody"]["value"]
    axes.set_title(f"Gain on test images: {gained:,.0f} {currency} per 1,000 cases{note}")
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
        text = f"{swing:.0%} {word}"
        axes.barh(positions + shift, widths, 0.32, left=base, color=colour, label=text)
    axes.axvline(base, color="black", lw=1)
    axes.set_yticks(positions, [PRICES[row["price"]] for row in rows])
    axes.set_xlabel(f"saving per 1,000 cases ({summary['currency']})")
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.xaxis.set_major_locator(MaxNLocator(5))
    moves = abs(rows[-1]["if_higher"] - rows[-1]["if_lower"]) > 0
    heading = f"The {PRICES[rows[-1]['price']]} matters most" if moves else "No price matters"
    axes.set_title(f"{heading}{note}")
    axes.legend()
