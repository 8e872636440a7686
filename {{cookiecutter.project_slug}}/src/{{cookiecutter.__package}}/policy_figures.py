"""Figures of the model's probabilities, and of the money that acting on them earns."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from sklearn.metrics import roc_curve

from .charts import BLUE, GREEN, GREY, ORANGE
from .policy import NEVER, Outcomes

Report = dict[str, Any]


def roc(
    axes: Axes, test: Outcomes, score: dict[str, float], note: str, rates: tuple[str, str]
) -> None:
    """True against false positive rate on the test set.

    Args:
        rates: what the false positive rate and the true one mean here.
    """
    false_positives, true_positives, _ = roc_curve(*test)
    axes.plot(false_positives, true_positives, color=BLUE, label="model")
    axes.plot([0, 1], [0, 1], "--", color=GREY, label="chance")
    axes.set_xlabel(f"false positive rate ({rates[0]})")
    axes.set_ylabel(f"true positive rate ({rates[1]})")
    axes.set_title(f"ROC curve: area {score['value']:.3f}{note}")
    axes.legend()


def calibration(
    axes: Axes, curve: list[dict[str, float]], note: str, compared: tuple[str, str, str]
) -> None:
    """Predicted probability against what was observed, in ten equally large groups.

    Args:
        compared: what is predicted, what is observed, and what both are about.
    """
    predicted, observed, subject = compared
    axes.plot([0, 1], [0, 1], "--", color=GREY, label="perfect")
    x = [point["predicted"] for point in curve]
    axes.plot(x, [point["observed"] for point in curve], "o-", color=BLUE, label="model")
    axes.set_xlabel(f"predicted {predicted} (mean of group)")
    axes.set_ylabel(f"observed {observed}")
    axes.set_title(f"Predicted and observed {subject}{note}")
    axes.legend()


def profit(
    axes: Axes, impact: Report, note: str, cases: str, policies: tuple[str, str, str], risk: str
) -> None:
    """Gain on the test set over all thresholds, with the one chosen on validation data.

    Args:
        cases: what money is counted for 1,000 of.
        policies: what acting from the threshold on, never and always are called.
        risk: what the threshold is set on.
    """
    unit, currency = f"per_1000_{cases}", impact["prices"]["currency"]
    points = [point for point in impact["profit_curve"] if point["threshold"] < NEVER]
    gains = [point[unit] for point in points]
    chosen, never, always = policies
    axes.plot([point["threshold"] for point in points], gains, color=BLUE, label=chosen)
    axes.axhline(0, color=GREY, label=never)
    axes.axhline(gains[0], color=ORANGE, ls=":", label=always)
    axes.axvline(min(impact["threshold"], 1), color=GREEN, ls="--", label="chosen on validation")
    axes.set_xlabel(f"threshold on {risk}")
    axes.set_ylabel(f"gain per 1,000 {cases} ({currency})")
    axes.yaxis.set_major_formatter("{x:,.0f}")
    earned = impact[unit][never]["value"]
    axes.set_title(f"Gain on test {cases}: {earned:,.0f} {currency} per 1,000{note}")
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
        label = f"price {swing:.0%} {word}"
        axes.barh(positions + shift, widths, 0.32, left=base, color=colour, label=label)
    axes.axvline(base, color="black", lw=1)
    names = [row["price"].replace("_", " ") for row in rows]
    axes.set_yticks(positions, names)
    axes.set_xlabel(f"saving per {summary['per']} ({summary['currency']})")
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.xaxis.set_major_locator(MaxNLocator(5))
    moves = {rows[-1]["if_lower"], rows[-1]["if_higher"]} != {base}
    title = f"{names[-1].capitalize()} matters most" if moves else "No price matters"
    axes.set_title(f"{title}{note}")
    axes.legend()
