"""What the strongest difference is worth, or the plain statement that nothing holds up."""

from math import floor, log10
from typing import Any

from .config import Prices
from .kit.documents import amount, code
from .roles import Info

PER = 100  # rows

Result = dict[str, Any]


def summarise(results: list[Result], prices: Prices | None, info: Info) -> Result:
    """The ``finding`` (None if nothing holds), its ``headline``, and as money its ``business``."""
    found = strongest(results, prices)
    price = price_of(found, prices) if found else None
    worth = business(found, price, prices.currency, info) if found and price and prices else None
    headline = worth["headline"] if worth else plain_headline(found, len(results))
    return {"finding": found, "headline": headline, "business": worth}


def price_of(result: Result, prices: Prices | None) -> float | None:
    """Profit on one more unit of the outcome, or one more row of the class; None if unknown."""
    if prices is None:
        return None
    return prices.per_unit if result["kind"] == "number" else prices.per_case


def strongest(results: list[Result], prices: Prices | None) -> Result | None:
    """The largest effect that holds, of those that have a price if any has; None if none holds."""
    held = [result for result in results if result["holds"]]
    priced = [result for result in held if price_of(result, prices)]
    return max(priced or held, key=lambda result: result["strength"], default=None)


def business(result: Result, price: float, currency: str, info: Info) -> Result:
    """What ``PER`` rows of the better group bring more than as many of the other.

    ``one`` is the same for a single row: the most to spend on turning one into the other.
    """
    gap = result["difference"]
    better, worse = (gap["most"], gap["least"]) if price > 0 else (gap["least"], gap["most"])
    amounts = {key: gap[key] * abs(price) * PER for key in ("value", "low", "high")}
    width = amounts["high"] - amounts["low"]
    value, low, high = (amount(each, width) for each in amounts.values())
    what = f"unit of {code(result['outcome'])}"
    if result["kind"] == "class":
        what = f"of the {info.rows_are} with {code(result['outcome'])} {code(gap['of'])}"
    assumption = f"each {what} {'earns' if price > 0 else 'costs'} {abs(price):,.15g} {currency}"
    rows = f"{PER} {info.rows_are} with {code(result['group'])}"
    return {
        "headline": (
            f"If {assumption}, {rows} {code(better)} are worth about {value} {currency} more than "
            f"{PER} with {code(worse)} ({low} to {high})"
        ),
        "assumption": assumption,
        **amounts,
        "currency": currency,
        "per": f"{PER} {info.rows_are}",
        "better": better,
        "worse": worse,
        "one": amounts["value"] / PER,
    }


def plain_headline(result: Result | None, tested: int) -> str:
    """The finding in its own unit, where no price is known; or that there is none."""
    if result is None and tested:
        return f"No difference between groups can be told from chance ({tested} tested)"
    if result is None:
        return "Nothing was tested yet: name a `group` and an outcome"
    return difference(result)


def difference(result: Result) -> str:
    """Between which two groups an outcome differs, and by how much."""
    gap, outcome, group = result["difference"], code(result["outcome"]), code(result["group"])
    most, least = code(gap["most"]), code(gap["least"])
    value, low, high = in_unit(result)
    if result["kind"] == "class":
        return (
            f"By {group}, {outcome} is {code(gap['of'])} more often for {most} than for {least}, "
            f"by {value} percentage points ({low} to {high})"
        )
    return (
        f"By {group}, {outcome} is higher for {most} than for {least}, by {value} on average "
        f"({low} to {high})"
    )


def in_unit(result: Result) -> tuple[str, str, str]:
    """A difference and the ends of its interval, of a class in percentage points."""
    scale = 100 if result["kind"] == "class" else 1
    ends = [scale * result["difference"][key] for key in ("value", "low", "high")]
    width = ends[2] - ends[1]
    digits = -floor(log10(width / 50)) if width > 0 else 0
    value, low, high = (f"{round(end, digits) + 0.0:,.{max(digits, 0)}f}" for end in ends)
    return value, low, high
