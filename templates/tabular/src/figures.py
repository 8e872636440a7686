"""The figures of the evaluation: each with a title, units and a point."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from sklearn.metrics import precision_recall_curve, roc_curve

from .charts import BLUE, GREEN, GREY, ORANGE, draw_all, draw_ladder, source_note
from .policy import Outcomes


def draw_evaluation(folder: Path, metrics: dict[str, Any], test: Outcomes) -> list[Path]:
    """Draw all figures of the evaluation into ``folder`` and return their paths."""
    detail, scores, note = metrics["tabular"], metrics["test"], source_note(metrics)
    impact, summary = detail["business"], metrics["business"]
    return draw_all(
        folder,
        {
            "ladder": lambda page: ladder(page.subplots(), metrics["models"], note),
            "roc": lambda page: roc(page.subplots(), test, scores["roc_auc"], note),
            "precision_recall": lambda page: precision_recall(page.subplots(), test, scores, note),
            "calibration": lambda page: calibration(
                page.subplots(), detail["calibration_curve"], note
            ),
            "confusion": lambda page: confusion(page.subplots(), detail["confusion"], note),
            "profit": lambda page: profit(page.subplots(), impact, note),
            "sensitivity": lambda page: sensitivity(page.subplots(), impact, summary, note),
        },
    )


def ladder(axes: Axes, models: list[dict[str, Any]], note: str) -> None:
    """Validation ROC-AUC of every model with its interval."""
    names = [model["name"].replace("_", " ") for model in models]
    draw_ladder(axes, models, "roc_auc", names)
    axes.set_xlabel("ROC-AUC on validation folds (95% interval)")
    chosen = next(name for name, model in zip(names, models, strict=True) if model["selected"])
    axes.set_title(f"{chosen} ranks best{note}")


def roc(axes: Axes, test: Outcomes, score: dict[str, float], note: str) -> None:
    """True against false positive rate on the test set."""
    false_positives, true_positives, _ = roc_curve(*test)
    axes.plot(false_positives, true_positives, color=BLUE, label="model")
    axes.plot([0, 1], [0, 1], "--", color=GREY, label="chance")
    axes.set_xlabel("false positive rate (loyal customers contacted)")
    axes.set_ylabel("true positive rate (leavers contacted)")
    axes.set_title(f"ROC curve: area {score['value']:.3f}{note}")
    axes.legend()


def precision_recall(
    axes: Axes, test: Outcomes, scores: dict[str, dict[str, float]], note: str
) -> None:
    """Precision against recall on the test set, with the operating point."""
    precision, recall, _ = precision_recall_curve(*test)
    axes.plot(recall, precision, color=BLUE, label="model")
    axes.axhline(test[0].mean(), ls="--", color=GREY, label="contact at random")
    point = scores["recall"]["value"], scores["precision"]["value"]
    axes.plot(*point, "o", color=ORANGE, ms=9, label="operating point")
    axes.set_xlabel("recall (share of leavers contacted)")
    axes.set_ylabel("precision (share of contacted who leave)")
    axes.set_title(f"We reach {point[0]:.0%} of leavers; {point[1]:.0%} of contacts hit{note}")
    axes.legend()


def calibration(axes: Axes, curve: list[dict[str, float]], note: str) -> None:
    """Predicted probability against what happened, in ten equally large groups."""
    axes.plot([0, 1], [0, 1], "--", color=GREY, label="perfect")
    predicted = [point["predicted"] for point in curve]
    axes.plot(predicted, [point["observed"] for point in curve], "o-", color=BLUE, label="model")
    axes.set_xlabel("predicted churn probability (mean of group)")
    axes.set_ylabel("observed churn rate")
    axes.set_title(f"Predicted and observed churn{note}")
    axes.legend()


def confusion(axes: Axes, cells: dict[str, int], note: str) -> None:
    """Counts of test customers by outcome and decision at the operating threshold."""
    counts = np.array(
        [
            [cells["true_negative"], cells["false_positive"]],
            [cells["false_negative"], cells["true_positive"]],
        ]
    )
    axes.imshow(counts, cmap="Blues")
    for (row, column), count in np.ndenumerate(counts):
        colour = "white" if count > counts.max() / 2 else "black"
        axes.text(column, row, f"{count:,}", ha="center", va="center", color=colour, fontsize=16)
    axes.set_xticks([0, 1], ["left alone", "contacted"])
    axes.set_yticks([0, 1], ["stayed", "left"])
    axes.set_xlabel("decision")
    axes.set_ylabel("outcome")
    axes.grid(visible=False)
    axes.set_title(f"Customers by decision and outcome{note}")


def profit(axes: Axes, detail: dict[str, Any], note: str) -> None:
    """Profit on the test set over all thresholds, with the one chosen on validation data."""
    currency = detail["prices"]["currency"]
    points = [p for p in detail["profit_curve"] if p["threshold"] <= 1]
    x = [point["threshold"] for point in points]
    y = [point["per_1000_customers"] for point in points]
    axes.plot(x, y, color=BLUE, label="contact at or above the threshold")
    axes.axhline(0, color=GREY, label="contact nobody")
    axes.axhline(y[0], color=ORANGE, ls=":", label="contact everybody")
    chosen = detail["per_1000_customers"]["contact nobody"]["value"]
    axes.axvline(min(detail["threshold"], 1), color=GREEN, ls="--", label="chosen on validation")
    axes.set_xlabel("threshold on churn probability")
    axes.set_ylabel(f"gain per 1,000 customers ({currency})")
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.set_title(f"Gain on test customers: {chosen:,.0f} {currency} per 1,000{note}")
    axes.legend()


def sensitivity(axes: Axes, detail: dict[str, Any], summary: dict[str, Any], note: str) -> None:
    """A tornado: the yearly saving when each price is lower or higher."""
    rows, swing = detail["sensitivity"][::-1], detail["sensitivity"][0]["swing"]
    positions, base = np.arange(len(rows)), summary["value"]
    # Two thin bars a price: both changes may move the saving to the same side.
    for key, word, colour, shift in (
        ("if_higher", "higher", BLUE, 0.18),
        ("if_lower", "lower", ORANGE, -0.18),
    ):
        widths = [row[key] - base for row in rows]
        label = f"price {swing:.0%} {word}"
        axes.barh(positions + shift, widths, 0.32, left=base, color=colour, label=label)
    axes.axvline(base, color="black", lw=1)
    axes.set_yticks(positions, [row["price"].replace("_", " ") for row in rows])
    axes.set_xlabel(f"saving per year ({summary['currency']})")
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.xaxis.set_major_locator(MaxNLocator(5))
    moves = {rows[-1]["if_lower"], rows[-1]["if_higher"]} != {base}
    most = rows[-1]["price"].replace("_", " ").capitalize()
    axes.set_title(f"{most} matters most{note}" if moves else f"No price matters{note}")
    axes.legend()
