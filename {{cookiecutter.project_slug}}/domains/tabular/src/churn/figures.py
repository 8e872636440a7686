"""The figures of the evaluation: each with a title, units and a point."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from sklearn.metrics import precision_recall_curve

from . import policy_figures
from .charts import BLUE, GREY, ORANGE, draw_all, draw_ladder, source_note
from .policy import Outcomes
from .policy_figures import sensitivity
from .wording import label

# Figures of the policy, in the words of this project.
roc = partial(policy_figures.roc, rates=("loyal customers contacted", "leavers contacted"))
calibration = partial(
    policy_figures.calibration, compared=("churn probability", "churn rate", "churn")
)
profit = partial(
    policy_figures.profit,
    cases="customers",
    policies=("contact at or above the threshold", "contact nobody", "contact everybody"),
    risk="churn probability",
)


def draw_evaluation(folder: Path, metrics: dict[str, Any], test: Outcomes) -> list[Path]:
    """Draw all figures of the evaluation into ``folder`` and return their paths."""
    detail, scores, note = metrics["tabular"], metrics["test"], source_note(metrics)
    impact, summary = detail["business"], metrics["business"]
    curve = detail["calibration_curve"]
    return draw_all(
        folder,
        {
            "ladder": lambda page: ladder(page.subplots(), metrics["models"], note),
            "roc": lambda page: roc(page.subplots(), test, scores["roc_auc"], note),
            "precision_recall": lambda page: precision_recall(page.subplots(), test, scores, note),
            "calibration": lambda page: calibration(page.subplots(), curve, note),
            "confusion": lambda page: confusion(page.subplots(), detail["confusion"], note),
            "profit": lambda page: profit(page.subplots(), impact, note),
            "sensitivity": lambda page: sensitivity(page.subplots(), impact, summary, note),
        },
    )


def ladder(axes: Axes, models: list[dict[str, Any]], note: str) -> None:
    """Validation ROC-AUC of every model with its interval."""
    names = [label(model["name"]) for model in models]
    draw_ladder(axes, models, "roc_auc", names)
    axes.set_xlabel("ROC-AUC on validation folds (95% interval)")
    chosen = next(name for name, model in zip(names, models, strict=True) if model["selected"])
    axes.set_title(f"{chosen} ranks best{note}")


def precision_recall(
    axes: Axes, test: Outcomes, scores: dict[str, dict[str, float]], note: str
) -> None:
    """Precision against recall on the test set, with the operating point."""
    precision, recall, _ = precision_recall_curve(*test)
    axes.plot(recall, precision, color=BLUE, label="model")
    axes.axhline(test[0].mean(), ls="--", color=GREY, label="contact at random")
    reached, hits = scores["recall"]["value"], scores["precision"]["value"]
    title = "We contact nobody"
    if reached or hits == 0:  # otherwise precision is not defined
        axes.plot(reached, hits, "o", color=ORANGE, ms=9, label="operating point")
        title = f"We reach {reached:.0%} of leavers; {hits:.0%} of contacts hit"
    axes.set_xlabel("recall (share of leavers contacted)")
    axes.set_ylabel("precision (share of contacted who leave)")
    axes.set_title(f"{title}{note}")
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
