"""What better recommendations earn: clicks of the same users, times visits, times their price."""

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from .ab_test import Result
from .config import Prices
from .kit.documents import amount
from .kit.intervals import Array, intervals

Rates = dict[str, Array]  # a click's chance for each kind of list, by test user: (users,)
Interval = dict[str, float]  # value, low, high

SWING = 0.3  # how far the sensitivity analysis moves the prices, down and up
PRICES = f"visits times revenue per click is {SWING:.0%} lower or higher"
ATTENTION = "attention falls twice as fast down the list, or not at all"
RANDOM, RULE, MODEL = "random", "rule", "model"
VERDICTS = {
    "more": "more clicks",
    "fewer": "fewer clicks",
    "chance": "a difference that may be chance",
}


def revenue(clicks_per_visit: float, prices: Prices) -> float:
    """Money a month from so many clicks per visit."""
    return clicks_per_visit * prices.visits_per_month * prices.revenue_per_click


def compare(rates: Rates, prices: Prices, seed: int) -> dict[str, dict[str, Interval]]:
    """For each kind of list: clicks per visit, money a month, and how much more than the rule's,
    over the same resampled users, each drawn whole: the visits of one user hang together."""
    users = len(rates[RULE])
    every = rates | {f"{name} more": rate - rates[RULE] for name, rate in rates.items()}

    def figures(weights: Array) -> dict[str, Array]:
        return {name: weights @ rate / users for name, rate in every.items()}

    found = {name: asdict(each) for name, each in intervals(figures, users, seed).items()}
    money = {name: {k: revenue(v, prices) for k, v in each.items()} for name, each in found.items()}
    return {
        name: {"clicks": found[name], "revenue": money[name], "gain": money[f"{name} more"]}
        for name in rates
    }


def verdict(result: Result, gain: Interval) -> str:
    """``more``, ``fewer`` or ``chance``: the one answer that headline, table and figure give.

    The test judges visitors like those it drew from, the interval of the ``gain`` other users.
    """
    agree = result.difference.value * gain["value"] > 0
    sure = gain["low"] > 0 or gain["high"] < 0
    if not result.significant or not sure or not agree:
        return "chance"
    return "more" if gain["value"] > 0 else "fewer"


def sensitivity(visits: list[Rates], prices: Prices) -> list[dict[str, Any]]:
    """What the gain becomes if an assumption is another one; the widest range comes first.

    ``visits`` are as reported and as they are if ``ATTENTION``; prices enter as one product.
    """
    gains = (float((rates[MODEL] - rates[RULE]).mean()) for rates in visits)
    base, *others = (revenue(gain, prices) for gain in gains)
    ends = {PRICES: [base * (1 - SWING), base * (1 + SWING)], ATTENTION: others}
    ranked = sorted(ends.items(), key=lambda row: min(base, *row[1]) - max(base, *row[1]))
    return [{"if": name, "if_lower": low, "if_higher": high} for name, (low, high) in ranked]


def summarise(
    visits: list[Rates], result: Result, names: dict[str, str], prices: Prices, seed: int
) -> dict[str, Any]:
    """The ``summary`` that every project reports, this project's ``detail``, and the verdict.

    ``visits`` are those of ``sensitivity``; ``names`` say what each kind of list is called.
    """
    lists = compare(visits[0], prices, seed)
    gain = lists[MODEL]["gain"]
    found = verdict(result, gain)
    said = headline(found, gain, names, prices)
    summary: dict[str, Any] = {"headline": said, "assumption": assumption(prices), **gain}
    summary |= {"currency": prices.currency, "per": "month"}
    detail = {
        "lists": {name: {"name": names[name], **row} for name, row in lists.items()},
        "sensitivity": sensitivity(visits, prices),
        "prices": prices.model_dump(),
    }
    return {"summary": summary, "detail": detail, "verdict": found}


def assumption(prices: Prices) -> str:
    """What nobody has measured yet, and every figure of money rests on."""
    price = f"{in_full(prices.revenue_per_click)} {prices.currency}"
    return f"users click as simulated and a click is worth {price}"


def headline(found: str, gain: Interval, names: dict[str, str], prices: Prices) -> str:
    """The finding in one sentence that claims no more than the verdict."""
    start, lists = f"If {assumption(prices)}", f"lists by {names[MODEL]} earn"
    unit, width = f"{prices.currency} a month", gain["high"] - gain["low"]
    if found == "chance":
        low, high = amount(gain["low"], width), amount(gain["high"], width)
        whether = f"whether {lists} more than {names[RULE]} may be chance"
        return f"{start}, {whether} ({low} to {high} {unit})"
    low, value, high = (amount(end, width) for end in sorted(map(abs, gain.values())))
    word = "more" if found == "more" else "less"
    return f"{start}, {lists} about {value} {unit} {word} than {names[RULE]} ({low} to {high})"


def in_full(value: float, form: str = ".12g") -> str:
    """A number without an exponent, however small or large."""
    return f"{Decimal(format(value, form)):,f}"
