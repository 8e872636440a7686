"""What better recommendations earn: arithmetic on the clicks of two groups of users, and prices.

The control group sees what is popular, the treatment group what the model recommends. Every
further click is worth the revenue per click; a month has a fixed number of visits.
"""

from dataclasses import asdict
from typing import Any

from .ab_test import Plan, Result
from .bootstrap import Array, Estimate, intervals
from .config import Prices
from .markdown import amount

PRICE_SWING = 0.3  # how far the sensitivity analysis moves each price, up and down


def revenue(clicks_per_visit: float, prices: Prices) -> float:
    """Money a month from so many clicks per visit."""
    return clicks_per_visit * prices.visits_per_month * prices.revenue_per_click


def extra_clicks(control: Array, treatment: Array, seed: int) -> Estimate:
    """Clicks per visit that the model adds, with its interval over users.

    Args:
        control, treatment: (users,), the chance that a visit of each user ends in a click.
    """
    more = treatment - control

    def figures(weights: Array) -> dict[str, Array]:
        return {"clicks": weights @ more / weights.sum(axis=1)}

    return intervals(figures, len(more), seed)["clicks"]


def gain(difference: Estimate, prices: Prices) -> Estimate:
    """Money a month from so many extra clicks per visit, with the same interval."""
    ends = (difference.value, difference.low, difference.high)
    return Estimate(*(revenue(clicks, prices) for clicks in ends))


def moved(prices: Prices, name: str, factor: float) -> Prices:
    """The same prices with one multiplied; visits stay whole."""
    value = getattr(prices, name) * factor
    if name == "visits_per_month":
        value = round(value)
    return prices.model_copy(update={name: value})


def sensitivity(difference: Estimate, prices: Prices) -> list[dict[str, Any]]:
    """How the gain moves when one price moves, and when the true effect is at an interval end.

    Both prices multiply the gain, so they move it alike; what they are compared with is how much
    the users of the test leave open. That row has no swing.
    """
    rows: list[dict[str, Any]] = []
    for name in ("visits_per_month", "revenue_per_click"):
        low, high = (
            gain(difference, moved(prices, name, factor)).value
            for factor in (1 - PRICE_SWING, 1 + PRICE_SWING)
        )
        rows.append({"price": name, "swing": PRICE_SWING, "if_lower": low, "if_higher": high})
    whole = gain(difference, prices)
    effect = {"price": "effect", "swing": None, "if_lower": whole.low, "if_higher": whole.high}
    return sorted([*rows, effect], key=lambda row: -abs(row["if_higher"] - row["if_lower"]))


def summarise(
    plan: Plan, result: Result, rates: dict[str, Array], model: str, prices: Prices, seed: int
) -> dict[str, Any]:
    """The ``summary`` that every project reports, and this project's ``detail``.

    ``rates`` holds, for ``control`` and ``treatment``, what ``extra_clicks`` takes.
    """
    difference = extra_clicks(rates["control"], rates["treatment"], seed)
    monthly = gain(difference, prices)
    return {
        "summary": {
            "headline": _headline(monthly, model, prices.currency),
            "currency": prices.currency,
            "per": "month",
            **asdict(monthly),
        },
        "detail": {
            "plan": asdict(plan),
            "result": asdict(result),
            "revenue_per_month": {
                group: revenue(float(rate.mean()), prices) for group, rate in rates.items()
            },
            "sensitivity": sensitivity(difference, prices),
            "prices": prices.model_dump(),
        },
    }


def _headline(monthly: Estimate, model: str, currency: str) -> str:
    if monthly.low <= 0 <= monthly.high:
        return (
            f"With simulated clicks, recommendations by {model} earn about what popular items do: "
            "the difference may be chance"
        )
    word = "more" if monthly.value > 0 else "less"
    value, *ends = (abs(part) for part in (monthly.value, monthly.low, monthly.high))
    return (
        f"With simulated clicks, recommendations by {model} earn {amount(value)} {currency} a "
        f"month {word} than popular items do (95% interval {amount(min(ends))} to "
        f"{amount(max(ends))})"
    )
