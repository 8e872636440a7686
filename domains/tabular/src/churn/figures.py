"""The pictures of the evaluation, each with a title that says what it shows."""

from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from sklearn.calibration import CalibrationDisplay

from .config import Prices
from .kit import charts
from .kit.charts import BLUE, GREEN, GREY, ORANGE, Picture
from .kit.decisions import profit_curve
from .money import Customers

Report = dict[str, Any]


def draw(folder: Path, metrics: Report, test: Customers) -> list[Report]:
    """Draw all figures into ``folder``; return their entries in ``reports/figures.json``."""
    earned = "Gain per 1,000 test customers at every threshold, beside the policies without one"
    climbed = "ROC-AUC of each model on validation folds, with its 95% interval"
    met = "Predicted churn probability against the share that left, in ten groups"
    moved = "Yearly saving when a price is 30% lower or higher"
    detail = metrics["tabular"]["business"]
    pictures: dict[str, Picture] = {
        "profit": ("headline", earned, lambda axes: profit(axes, detail, test)),
        "ladder": ("result", climbed, lambda axes: ladder(axes, metrics["models"])),
        "calibration": ("result", met, lambda axes: calibration(axes, test)),
        "sensitivity": ("money", moved, lambda axes: sensitivity(axes, metrics)),
    }
    return charts.draw(folder, pictures, metrics["dataset"]["synthetic"])


def profit(axes: Axes, business: Report, test: Customers) -> None:
    """Gain on test customers over all thresholds, beside the policies that need none."""
    prices, policies = Prices(**business["prices"]), business["policies"]
    thresholds, gains = profit_curve(test.y, test.probability, prices.stakes)
    axes.plot(thresholds[:-1], 1_000 * gains[:-1], color=BLUE, label="contacting from here on")
    for policy, colour in zip(policies[:-1], (GREY, ORANGE, GREEN), strict=False):
        label, earned = charts.short(policy["name"], 44), policy["per_1000_customers"]["value"]
        axes.axhline(earned, color=colour, ls="--", label=label)
    if business["threshold"] < 1:
        axes.axvline(business["threshold"], color="black", lw=1, label="above this an offer pays")
    gained = f"gain per 1,000 customers ({prices.currency})"
    axes.set(xlim=(0, 1), xlabel="threshold on the churn probability", ylabel=gained)
    axes.yaxis.set_major_formatter("{x:,.15g}")
    axes.set_title(business["finding"][0].upper() + business["finding"][1:])
    axes.legend(fontsize=8)


def ladder(axes: Axes, models: list[Report]) -> None:
    """Validation ROC-AUC of every model with its interval."""
    charts.ladder(axes, models, "roc_auc")
    axes.set_xlabel("ROC-AUC on validation folds (95% interval)")
    chosen = next(model["label"] for model in models if model["selected"])
    axes.set_title(f"Chosen: {chosen}")


def calibration(axes: Axes, test: Customers) -> None:
    """Predicted probability against what was observed, in ten equally large groups."""
    CalibrationDisplay.from_predictions(
        test.y, test.probability, n_bins=10, strategy="quantile", ax=axes, name="model"
    )
    axes.set(xlabel="predicted churn probability (mean of group)", ylabel="share that left")
    axes.set_title("Predicted and observed churn")


def sensitivity(axes: Axes, metrics: Report) -> None:
    """A tornado: the saving when each price is lower or higher."""
    business, detail = metrics["business"], metrics["tabular"]["business"]
    charts.tornado(axes, detail["sensitivity"], business["value"])
    axes.set_xlabel(f"saving per {business['per']} ({business['currency']})")
