"""What reading reviews earns: arithmetic on outcomes, risks and prices.

Reading a review costs money. The customer behind an unhappy one stays with a known chance if
somebody reads and answers it, which is worth the customer value. Reading nothing is worth zero.
The risk that a customer is unhappy is one less the probability of a good review.
"""

import math
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np

from . import policy as rules
from .bootstrap import Array, Estimate, intervals
from .config import Prices
from .policy import Outcomes, always_pays, best_threshold, break_even, gain, profit_curve

Report = dict[str, Any]

REVIEWS = 1_000  # what money is reported for
# The prices to move in the sensitivity analysis, and how large each can be.
MOST = {"customer_value": math.inf, "win_back": 1.0, "reading_cost": math.inf}


@dataclass(frozen=True)
class Policy:
    """Read the reviews whose risk is at or above ``threshold``."""

    threshold: float
    naive: str  # "read nothing" or "read everything": the better of the two without a model


def choose_policy(unhappy: Array, risk: Array, prices: Prices) -> Policy:
    """The threshold and the naive policy that earn most on validation reviews."""
    naive = "read everything" if always_pays(unhappy, prices) else "read nothing"
    return Policy(best_threshold(unhappy, risk, prices), naive)


def savings(
    unhappy: Array, risk: Array, policy: Policy, prices: Prices, seed: int
) -> dict[str, Estimate]:
    """Mean saving per review against each policy without a model, on reviews never used before.

    "Read at random" reads as many reviews as the model does, whichever they are.
    """
    read = risk >= policy.threshold
    model, everything = (gain(unhappy, which, prices) for which in (read, np.ones(len(read))))

    def means(weights: Array) -> dict[str, Array]:
        n = len(read)
        ours, theirs, share = (weights @ values / n for values in (model, everything, read))
        return {
            "read nothing": ours,
            "read everything": ours - theirs,
            "read at random": ours - share * theirs,
        }

    return intervals(means, len(read), seed)


def reached(unhappy: Array, risk: Array, policy: Policy, seed: int) -> dict[str, Estimate]:
    """The share of reviews read, and of unhappy customers whose review is among them."""
    read = risk >= policy.threshold

    def shares(weights: Array) -> dict[str, Array]:
        found, there = weights @ (unhappy * read), weights @ unhappy
        # A draw may hold no unhappy customer: it says nothing about them.
        share = np.divide(found, there, out=np.full_like(found, np.nan), where=there > 0)
        return {"read": weights @ read / len(read), "reached": share}

    return intervals(shares, len(read), seed)


def saving(validation: Outcomes, test: Outcomes, prices: Prices) -> float:
    """Saving per 1,000 reviews against the better of reading nothing and everything; chosen on
    validation, counted on test."""
    return rules.mean_saving(validation, test, prices, prices) * REVIEWS


def sensitivity(validation: Outcomes, test: Outcomes, prices: Prices) -> list[dict[str, Any]]:
    """How the saving moves when one price moves; the policy is chosen anew each time."""
    return rules.sensitivity(partial(saving, validation, test), prices, MOST)


def summarise(
    policy: Policy, validation: Outcomes, test: Outcomes, prices: Prices, seed: int
) -> dict[str, Any]:
    """The ``summary`` that every project reports, and this project's ``detail``."""
    shares = {name: asdict(value) for name, value in reached(*test, policy, seed).items()}
    money = {
        name: {key: value * REVIEWS for key, value in asdict(saved).items()}
        for name, saved in savings(*test, policy, prices, seed).items()
    }
    thresholds, gains = profit_curve(*test, prices)
    chooses = bool(0 < np.mean(validation[1] >= policy.threshold) < 1)
    summary = {
        "headline": _headline(policy, chooses, shares, money[policy.naive], prices),
        "currency": prices.currency,
        "per": "1,000 reviews",
        **money[policy.naive],
    }
    detail = {
        "threshold": policy.threshold,
        "break_even_risk": break_even(prices),
        "naive": policy.naive,
        "read": shares["read"]["value"],
        "reached": shares["reached"],
        "per_1000_reviews": money,
        "sensitivity": sensitivity(validation, test, prices),
        "profit_curve": [
            {"threshold": t, "per_1000_reviews": REVIEWS * g}
            for t, g in zip(thresholds.tolist(), gains.tolist(), strict=True)
        ],
        "prices": prices.model_dump(),
    }
    return {"summary": summary, "detail": detail}


def _headline(
    policy: Policy, chooses: bool, shares: Report, saved: dict[str, float], prices: Prices
) -> str:
    if break_even(prices) is None:
        return "At these prices no review is worth reading: the best policy is to read nothing"
    if not chooses:
        return (
            "No choice of reviews to read earned more on validation reviews than the rule "
            f"\u201c{policy.naive}\u201d, so the model decides nothing"
        )
    read, reached = shares["read"]["value"], shares["reached"]["value"]
    what = (
        f"Reading the {read:.0%} of reviews most likely to be unhappy reaches {reached:.0%} of "
        "unhappy customers"
    )
    value, low, high = (saved[key] for key in ("value", "low", "high"))
    if high < 0:  # said as what it costs
        low, high = -high, -low
    ends = f"95% interval {low:,.0f} to {high:,.0f} {prices.currency} per 1,000 reviews"
    if low <= 0 <= high:
        return (
            f"{what}; whether that brings more than the rule \u201c{policy.naive}\u201d may be "
            f"chance ({ends})"
        )
    return (
        f"{what} and brings {abs(value):,.0f} {prices.currency} {'more' if value > 0 else 'less'} "
        f"per 1,000 reviews than the rule \u201c{policy.naive}\u201d ({ends})"
    )
