"""What better recommendations earn: clicks of the same users, times visits, times their price."""

from dataclasses import asdict
from typing import Any

import numpy as np

from .ab_test import Result
from .config import Prices
from .kit.documents import amount
from .kit.intervals import Array, Estimate, intervals

SWING = 0.3  # how far the sensitivity analysis moves the prices, down and up
RANDOM, RULE, MODEL = "random", "rule", "model"


def revenue(clicks_per_visit: float, prices: Prices) -> float:
    """Money a month from so many clicks per visit."""
    return clicks_per_visit * prices.visits_per_month * prices.revenue_per_click


def in_money(clicks: Estimate, prices: Prices) -> Estimate:
    """The same figure with its interval, in money a month."""
    return Estimate(*(revenue(end, prices) for end in (clicks.value, clicks.low, clicks.high)))


def compare_lists(rates: dict[str, Array], seed: int) -> dict[str, tuple[Estimate, Estimate]]:
    """Clicks per visit of each kind of list, and how many more than the rule's, with intervals.

    Both are over the same resampled users, so that what users have in common cancels out.

    Args:
        rates: for each kind, the chance that a visit of each user ends in a click: (users,).
    """
    names, values = list(rates), np.array(list(rates.values())).T

    def figures(weights: Array) -> dict[str, Array]:
        means = weights @ values / weights.sum(axis=1, keepdims=True)
        more = means - means[:, [names.index(RULE)]]
        extra = {f"{name} more": each for name, each in zip(names, more.T, strict=True)}
        return dict(zip(names, means.T, strict=True)) | extra

    found = intervals(figures, len(values), seed)
    return {name: (found[name], found[f"{name} more"]) for name in names}


def verdict(result: Result, extra: Estimate) -> str:
    """``more``, ``fewer`` or ``chance``: the one answer that headline, table and figure give.

    The test judges visitors like those it drew from; whether other users would agree is what the
    interval of ``extra`` clicks per visit, over users, says. Where either leaves it open, it is.
    """
    agree = result.difference.value * extra.value > 0
    sure = extra.low > 0 or extra.high < 0
    if not result.significant or not sure or not agree:
        return "chance"
    return "more" if extra.value > 0 else "fewer"


def sensitivity(
    extra: Estimate, by_attention: list[float], prices: Prices
) -> dict[str, tuple[float, float]]:
    """Where the gain moves when one assumption is lower or higher, from the same reported gain.

    Visits and revenue per click enter as a product, so they are one assumption. ``by_attention``
    is ``extra`` if attention falls twice as fast down the list, and if it does not fall.
    """
    gain, (steep, flat) = in_money(extra, prices), (revenue(each, prices) for each in by_attention)
    return {
        "prices": (gain.value * (1 - SWING), gain.value * (1 + SWING)),
        "effect": (gain.low, gain.high),
        "attention": (steep, flat),
    }


def summarise(found: str, extra: Estimate, model: str, rule: str, prices: Prices) -> dict[str, Any]:
    """The part ``business`` of the metrics; ``found`` is the verdict."""
    gain = in_money(extra, prices)
    return {
        "headline": headline(found, gain, model, rule, prices),
        "assumption": assumption(prices),
        "currency": prices.currency,
        "per": "month",
        **asdict(gain),
    }


def assumption(prices: Prices) -> str:
    """What nobody has measured yet, and every figure of money rests on."""
    price = f"{prices.revenue_per_click:,.10g} {prices.currency}"
    return f"users click as simulated and a click is worth {price}"


def headline(found: str, gain: Estimate, model: str, rule: str, prices: Prices) -> str:
    """The finding in one sentence that claims no more than the verdict."""
    start = f"If {assumption(prices)}, lists by {model} earn"
    value, *ends = (
        amount(each if found == "chance" else abs(each), gain.high - gain.low)
        for each in (gain.value, gain.low, gain.high)
    )
    low, high = reversed(ends) if found == "fewer" else ends
    if found == "chance":
        chance = f"the difference may be chance ({low} to {high} {prices.currency} a month)"
        return f"{start} about what {rule} earn: {chance}"
    word = "more" if found == "more" else "less"
    return f"{start} about {value} {prices.currency} a month {word} than {rule} ({low} to {high})"
