"""What acting on the predictions earns: arithmetic on outcomes, probabilities and prices.

A contacted customer costs the offer. One who was about to leave accepts it with a known chance
and then stays, which is worth the customer value. Doing nothing is worth zero.
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

# The prices to move in the sensitivity analysis, and how large each can be.
MOST = {"customer_value": math.inf, "offer_cost": math.inf, "offer_acceptance": 1.0}


@dataclass(frozen=True)
class Policy:
    """Contact the customers whose churn probability is at or above ``threshold``."""

    threshold: float
    naive: str  # "contact nobody" or "contact everybody": the better of the two without a model


def choose_policy(y: Array, probability: Array, prices: Prices) -> Policy:
    """The threshold and the naive policy that earn most on validation customers."""
    naive = "contact everybody" if always_pays(y, prices) else "contact nobody"
    return Policy(best_threshold(y, probability, prices), naive)


def savings(
    y: Array, probability: Array, policy: Policy, prices: Prices, seed: int
) -> dict[str, Estimate]:
    """Mean saving per customer against each naive policy, on customers never used before."""
    model = gain(y, probability >= policy.threshold, prices)
    everybody = gain(y, np.ones(len(y)), prices)
    against = {"contact nobody": model, "contact everybody": model - everybody}

    def means(weights: Array) -> dict[str, Array]:
        return {name: weights @ saved / len(y) for name, saved in against.items()}

    return intervals(means, len(y), seed)


def yearly_saving(validation: Outcomes, test: Outcomes, prices: Prices) -> float:
    """Saving per year against the better naive policy; chosen on validation, counted on test."""
    return rules.mean_saving(validation, test, prices, prices) * prices.customers_per_year


def sensitivity(validation: Outcomes, test: Outcomes, prices: Prices) -> list[dict[str, Any]]:
    """How the yearly saving moves when one price moves; the policy is chosen anew each time."""
    return rules.sensitivity(partial(yearly_saving, validation, test), prices, MOST)


def summarise(
    policy: Policy, validation: Outcomes, test: Outcomes, prices: Prices, seed: int
) -> dict[str, Any]:
    """The ``summary`` that every project reports, and this project's ``detail``."""
    per_customer = savings(*test, policy, prices, seed)
    yearly = {
        name: {key: value * prices.customers_per_year for key, value in asdict(saving).items()}
        for name, saving in per_customer.items()
    }
    best = yearly[policy.naive]
    contacted = float(np.mean(test[1] >= policy.threshold))
    chooses = bool(0 < np.mean(validation[1] >= policy.threshold) < 1)
    headline = _headline(policy, chooses, contacted, best, prices)
    thresholds, gains = profit_curve(*test, prices)
    summary = {"headline": headline, "currency": prices.currency, "per": "year", **best}
    detail = {
        "threshold": policy.threshold,
        "break_even_probability": break_even(prices),
        "naive": policy.naive,
        "contacted": contacted,
        "per_1000_customers": {
            name: {key: 1_000 * value for key, value in asdict(saving).items()}
            for name, saving in per_customer.items()
        },
        "per_year": yearly,
        "sensitivity": sensitivity(validation, test, prices),
        "profit_curve": [
            {"threshold": t, "per_1000_customers": 1_000 * g}
            for t, g in zip(thresholds.tolist(), gains.tolist(), strict=True)
        ],
        "prices": prices.model_dump(),
    }
    return {"summary": summary, "detail": detail}


def _headline(
    policy: Policy, chooses: bool, contacted: float, saved: dict[str, float], prices: Prices
) -> str:
    if break_even(prices) is None:
        return "At these prices no offer pays for itself: the best policy is to contact nobody"
    if not chooses:
        return (
            "No choice of customers to contact earned more on validation customers than the rule "
            f"\u201c{policy.naive}\u201d, so the model decides nothing"
        )
    what = f"Contacting the {contacted:.0%} of customers most likely to leave"
    value, low, high = (saved[key] for key in ("value", "low", "high"))
    if high < 0:  # said as what it costs
        low, high = -high, -low
    ends = f"95% interval {low:,.0f} to {high:,.0f}"
    if low <= 0 <= high:
        return (
            f"{what} does about as well as the rule \u201c{policy.naive}\u201d: the difference may "
            f"be chance ({ends} {prices.currency} a year)"
        )
    return (
        f"{what} {'saves' if value > 0 else 'costs'} {abs(value):,.0f} {prices.currency} a year "
        f"against the rule \u201c{policy.naive}\u201d ({ends})"
    )
