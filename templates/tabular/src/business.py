"""What acting on the predictions earns: arithmetic on outcomes, probabilities and prices.

A contacted customer costs the offer. One who was about to leave accepts it with a known chance
and then stays, which is worth the customer value. Doing nothing is worth zero.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .bootstrap import Array, Estimate, intervals
from .config import Prices

Outcomes = tuple[Array, Array]  # outcome (1 = left) and churn probability, both (rows,)

CONTACT_EVERYBODY = 0.0
CONTACT_NOBODY = 1.01  # no probability is at or above it
GRID = 200
PRICE_SWING = 0.3  # how far the sensitivity analysis moves each price, up and down


@dataclass(frozen=True)
class Policy:
    """Contact the customers whose churn probability is at or above ``threshold``."""

    threshold: float
    naive: str  # "contact nobody" or "contact everybody": the better of the two without a model


def gain(y: Array, contacted: Array | NDArray[np.bool_], prices: Prices) -> Array:
    """Money from each customer: (n,) from outcome (1 = leaves) and whether we contact them."""
    saved = y * prices.offer_acceptance * prices.customer_value
    return contacted * (saved - prices.offer_cost)


def expected_value(probability: Array, prices: Prices) -> Array:
    """Money expected from contacting each customer, before the outcome is known: (n,)."""
    return probability * prices.offer_acceptance * prices.customer_value - prices.offer_cost


def profit_curve(y: Array, probability: Array, prices: Prices) -> tuple[Array, Array]:
    """Thresholds, from everybody to nobody, and the mean gain per customer at each."""
    quantiles = np.quantile(probability, np.linspace(0, 1, GRID))
    thresholds = np.unique([CONTACT_EVERYBODY, *quantiles, CONTACT_NOBODY])
    gains = [gain(y, probability >= threshold, prices).mean() for threshold in thresholds]
    return thresholds, np.array(gains)


def choose_policy(y: Array, probability: Array, prices: Prices) -> Policy:
    """The threshold and the naive policy that earn most on validation customers."""
    thresholds, gains = profit_curve(y, probability, prices)
    best = float(thresholds[np.flatnonzero(gains == gains.max())[-1]])
    break_even = _break_even(prices)
    if best < CONTACT_NOBODY and break_even is not None:
        # Between two customers every threshold does the same: take what theory says, or near it.
        below = probability[probability < best].max(initial=0)
        best = float(np.clip(break_even, np.nextafter(below, 1), best))
    everybody = gain(y, np.ones(len(y)), prices).mean()
    return Policy(best, "contact everybody" if everybody > 0 else "contact nobody")


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


def sensitivity(validation: Outcomes, test: Outcomes, prices: Prices) -> list[dict[str, Any]]:
    """How the yearly saving moves when one price moves; the policy is chosen anew each time."""
    rows = []
    for name in ("customer_value", "offer_cost", "offer_acceptance"):
        low, high = (
            yearly_saving(validation, test, moved(prices, name, factor))
            for factor in (1 - PRICE_SWING, 1 + PRICE_SWING)
        )
        rows.append({"price": name, "swing": PRICE_SWING, "if_lower": low, "if_higher": high})
    return sorted(rows, key=lambda row: -abs(row["if_higher"] - row["if_lower"]))


def moved(prices: Prices, name: str, factor: float) -> Prices:
    """The same prices with one multiplied; an acceptance stays at most 1."""
    value = getattr(prices, name) * factor
    if name == "offer_acceptance":
        value = min(value, 1.0)
    return prices.model_copy(update={name: value})


def yearly_saving(validation: Outcomes, test: Outcomes, prices: Prices) -> float:
    """Saving per year against the better naive policy; chosen on validation, counted on test."""
    policy = choose_policy(*validation, prices)
    y, probability = test
    model = gain(y, probability >= policy.threshold, prices).mean()
    naive = gain(y, np.full(len(y), policy.naive == "contact everybody"), prices).mean()
    return float(model - naive) * prices.customers_per_year


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
        "break_even_probability": _break_even(prices),
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
    if _break_even(prices) is None:
        return "At these prices no offer pays for itself: the best policy is to contact nobody"
    if not chooses:
        return (
            "No choice of customers to contact earned more on validation customers than the rule "
            f"\u201c{policy.naive}\u201d, so the model decides nothing"
        )
    what = f"Contacting the {contacted:.0%} of customers most likely to leave"
    value, low, high = (saved[key] for key in ("value", "low", "high"))
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


def _break_even(prices: Prices) -> float | None:
    """The churn probability at which an offer pays for itself, if any does."""
    worth = prices.offer_acceptance * prices.customer_value
    return prices.offer_cost / worth if worth and prices.offer_cost <= worth else None
