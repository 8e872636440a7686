"""What reading reviews earns: arithmetic on outcomes, risks and prices.

Reading a review costs money. The customer behind an unhappy one stays with a known chance if
somebody reads and answers it, which is worth the customer value. Reading nothing is worth zero.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .bootstrap import Array, Estimate, intervals
from .config import Prices

# Whether a customer is unhappy (1 or 0), and the risk of it (1 less the probability of a good
# review); both (rows,).
Outcomes = tuple[Array, Array]

Report = dict[str, Any]

READ_EVERYTHING = 0.0
READ_NOTHING = 1.01  # no risk is at or above it
GRID = 200
PRICE_SWING = 0.3  # how far the sensitivity analysis moves each price, up and down
REVIEWS = 1_000  # what money is reported for


@dataclass(frozen=True)
class Policy:
    """Read the reviews whose risk is at or above ``threshold``."""

    threshold: float
    naive: str  # "read nothing" or "read everything": the better of the two without a model


def gain(unhappy: Array, read: Array | NDArray[np.bool_], prices: Prices) -> Array:
    """Money from each review: (n,) from whether its author is unhappy and whether we read it."""
    return read * (unhappy * prices.win_back * prices.customer_value - prices.reading_cost)


def expected_value(risk: Array, prices: Prices) -> Array:
    """Money expected from reading each review, before anybody knows what it says: (n,)."""
    return risk * prices.win_back * prices.customer_value - prices.reading_cost


def profit_curve(unhappy: Array, risk: Array, prices: Prices) -> tuple[Array, Array]:
    """Thresholds, from everything to nothing, and the mean gain per review at each."""
    quantiles = np.quantile(risk, np.linspace(0, 1, GRID))
    thresholds = np.unique([READ_EVERYTHING, *quantiles, READ_NOTHING])
    gains = [gain(unhappy, risk >= threshold, prices).mean() for threshold in thresholds]
    return thresholds, np.array(gains)


def choose_policy(unhappy: Array, risk: Array, prices: Prices) -> Policy:
    """The threshold and the naive policy that earn most on validation reviews."""
    thresholds, gains = profit_curve(unhappy, risk, prices)
    best = float(thresholds[np.flatnonzero(gains == gains.max())[-1]])
    break_even = _break_even(prices)
    if best < READ_NOTHING and break_even is not None:
        # Between two reviews every threshold does the same: take what theory says, or near it.
        below = risk[risk < best].max(initial=0)
        best = float(np.clip(break_even, np.nextafter(below, 1), best))
    everything = gain(unhappy, np.ones(len(unhappy)), prices).mean()
    return Policy(best, "read everything" if everything > 0 else "read nothing")


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


def sensitivity(validation: Outcomes, test: Outcomes, prices: Prices) -> list[dict[str, Any]]:
    """How the saving moves when one price moves; the policy is chosen anew each time."""
    rows = []
    for name in ("customer_value", "win_back", "reading_cost"):
        low, high = (
            saving(validation, test, moved(prices, name, factor))
            for factor in (1 - PRICE_SWING, 1 + PRICE_SWING)
        )
        rows.append({"price": name, "swing": PRICE_SWING, "if_lower": low, "if_higher": high})
    return sorted(rows, key=lambda row: -abs(row["if_higher"] - row["if_lower"]))


def moved(prices: Prices, name: str, factor: float) -> Prices:
    """The same prices with one multiplied; a share stays at most 1."""
    value = getattr(prices, name) * factor
    if name == "win_back":
        value = min(value, 1.0)
    return prices.model_copy(update={name: value})


def saving(validation: Outcomes, test: Outcomes, prices: Prices) -> float:
    """Saving per 1,000 reviews against the better of reading nothing and everything; chosen on
    validation, counted on test."""
    policy = choose_policy(*validation, prices)
    unhappy, risk = test
    model = gain(unhappy, risk >= policy.threshold, prices).mean()
    naive = gain(unhappy, np.full(len(risk), policy.naive == "read everything"), prices).mean()
    return float(model - naive) * REVIEWS


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
        "break_even_risk": _break_even(prices),
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
    if _break_even(prices) is None:
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


def _break_even(prices: Prices) -> float | None:
    """The risk at which reading pays for itself, if any does."""
    worth = prices.win_back * prices.customer_value
    return prices.reading_cost / worth if worth and prices.reading_cost <= worth else None
