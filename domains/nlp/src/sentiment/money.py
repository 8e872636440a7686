"""What reading reviews earns: arithmetic on outcomes, risks and prices.

Reading a review costs money. The customer behind an unhappy one stays with an assumed chance if
somebody reads and answers it, which is worth the customer value. Reading nothing is worth zero.
The risk that a customer is unhappy is one less the probability of a good review.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from .config import Prices
from .kit.decisions import best_threshold, break_even, expected_value, gain, profit_curve
from .kit.documents import amount
from .kit.intervals import Array, intervals

Report = dict[str, Any]

REVIEWS = 1_000  # what money is counted for
MODEL, NOTHING, EVERYTHING = "the model", "reading nothing", "reading everything"
RULE = "reading those with a complaint word"
SWING = 0.3  # how far the sensitivity analysis moves a price, up and down
POINTS = 200  # of the profit curve, at most

# Value and share enter as a product: moving either moves the saving by the same amount.
MOVED = {
    "customer value \u00d7 share who stay": "customer_value",
    "cost of reading": "reading_cost",
}


@dataclass(frozen=True)
class Reviews:
    """Whether a customer is unhappy (1 or 0), how likely that was to the model, and whether the
    review holds a complaint word (1 or 0): (n,) each."""

    unhappy: Array
    risk: Array
    rule: Array

    def read(self, prices: Prices) -> dict[str, Array]:
        """What each policy reads, 1 or 0: (n,). The model's reads where it is expected to pay."""
        nothing = np.zeros(len(self.unhappy))
        chosen = (expected_value(self.risk, prices.stakes) > 0).astype(float)
        return {NOTHING: nothing, EVERYTHING: nothing + 1, RULE: self.rule, MODEL: chosen}

    def earned(self, prices: Prices) -> dict[str, Array]:
        """Money that each policy earns with each review: (n,)."""
        read = self.read(prices)
        return {name: gain(self.unhappy, acted, prices.stakes) for name, acted in read.items()}


def best_without_model(training: Reviews, prices: Prices) -> str:
    """The policy that needs no model and earned most on training reviews: the reference."""
    earned = training.earned(prices)
    return max((name for name in earned if name != MODEL), key=lambda name: earned[name].sum())


def compare(test: Reviews, prices: Prices, seed: int) -> list[Report]:
    """What each policy earns per 1,000 reviews, how many of the unhappy it reaches, and what the
    model brings more: a difference in pairs, on the same resampled reviews."""
    earned, read = test.earned(prices), test.read(prices)

    def figures(weights: Array) -> dict[str, Array]:
        means = {name: REVIEWS * weights @ m / len(test.risk) for name, m in earned.items()}
        return means | {f"{name} saved": means[MODEL] - mean for name, mean in means.items()}

    found = intervals(figures, len(test.risk), seed)
    return [
        {
            "name": name,
            "read": float(read[name].mean()),
            "reached": float(read[name][test.unhappy == 1].mean()),
            "per_1000_reviews": asdict(found[name]),
            "saved": None if name == MODEL else asdict(found[f"{name} saved"]),
        }
        for name in earned
    ]


def sensitivity(test: Reviews, reference: str, prices: Prices) -> list[Report]:
    """What the model brings more than ``reference`` when one price is lower or higher; what moves
    it furthest comes first. What the model reads follows the price, the reference stays."""

    def saving(price: str, factor: float) -> float:
        moved = prices.model_copy(update={price: factor * getattr(prices, price)})
        earned = test.earned(moved)
        return float(REVIEWS * (earned[MODEL] - earned[reference]).mean())

    rows = []
    for name, price in MOVED.items():
        low, base, high = (saving(price, factor) for factor in (1 - SWING, 1, 1 + SWING))
        ends = {"if_lower": low, "if_higher": high}
        furthest = float(np.ptp([low, base, high]))  # both changes may move it the same way
        rows.append({"price": name, "swing": SWING, **ends, "range": furthest})
    return sorted(rows, key=lambda row: -row["range"])


def summarise(validation: Reviews, test: Reviews, prices: Prices, seed: int) -> dict[str, Report]:
    """The ``summary`` that every project reports, and this project's ``detail``."""
    reference = best_without_model(validation, prices)
    policies = compare(test, prices, seed)
    saved = next(row for row in policies if row["name"] == reference)["saved"]
    thresholds, gains = profit_curve(test.unhappy, test.risk, prices.stakes)
    points = np.unique(np.linspace(0, len(gains) - 1, POINTS).astype(int))
    found = finding(policies[-1]["read"], saved, reference, prices)
    summary = {
        "headline": headline(policies[-1], found, prices),
        "assumption": assumption(prices),
        "currency": prices.currency,
        "per": f"{REVIEWS:,} reviews",
        **saved,
    }
    best = best_threshold(validation.unhappy, validation.risk, prices.stakes, seed)
    detail = {
        "threshold": break_even(prices.stakes),
        "best_threshold": asdict(best),
        "reference": reference,
        "finding": found,
        "policies": policies,
        "sensitivity": sensitivity(test, reference, prices),
        "profit_curve": {"threshold": thresholds[points], "gain": REVIEWS * gains[points]},
        "prices": prices.model_dump(),
    }
    return {"summary": summary, "detail": detail}


def assumption(prices: Prices) -> str:
    """What nobody has measured yet, and every figure of money rests on."""
    return f"if {100 * prices.win_back:.3g}% of unhappy customers stay once somebody answers them"


def finding(read: float, saved: dict[str, float], reference: str, prices: Prices) -> str:
    """What picking the share ``read`` brings more than ``reference``, in words that claim no more
    than the interval of ``saved`` (``value low high``) holds."""
    if break_even(prices.stakes) >= 1:
        return "no review is worth reading at these prices"
    if read in (0, 1):
        return f"the model comes down to {EVERYTHING if read else NOTHING}: it makes no choice"
    what, unit = "reading what the model picks", f"{prices.currency} per {REVIEWS:,} reviews"
    width = saved["high"] - saved["low"]
    value, low, high = (amount(saved[key], width) for key in ("value", "low", "high"))
    if saved["low"] <= 0 <= saved["high"]:
        return f"whether {what} earns more than {reference} may be chance ({low} to {high} {unit})"
    if saved["value"] < 0:
        value, low, high = (amount(-saved[key], width) for key in ("value", "high", "low"))
    word = "more" if saved["value"] > 0 else "less"
    return f"{what} earns about {value} {unit} ({low} to {high}) {word} than {reference}"


def headline(ours: Report, found: str, prices: Prices) -> str:
    """The finding in one sentence with what it rests on; ``ours`` is the model's policy."""
    start = f"{assumption(prices).capitalize()}, {found}"
    if ours["read"] in (0, 1):
        return start
    read, hit = share(ours["read"]), share(ours["reached"])
    return f"{start}; it picks {read} of the test reviews, and {hit} of those by unhappy customers"


def share(part: float) -> str:
    """A share in whole percent; what is nearly all or nothing is not called 100% or 0%."""
    return f"{min(max(part, 0.01), 0.99) if 0 < part < 1 else part:.0%}"
