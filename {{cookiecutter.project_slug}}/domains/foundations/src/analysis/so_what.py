"""What the strongest finding is worth in money, or the plain statement that nothing held up."""

from typing import Any

from .config import Prices
from .markdown import code

PER = 1_000  # rows

NOTHING = (
    "Nothing held up: no difference between groups survives the correction for many tests with an "
    "interval that is clear of zero"
)
NOT_TESTED = "Nothing was tested, so there is nothing to price: configure a `group` and an outcome"


def so_what(
    results: list[dict[str, Any]], prices: Prices, rows_are: str, synthetic: bool
) -> dict[str, Any]:
    """Price the strongest difference that holds, per ``PER`` rows.

    Returns:
        ``headline``, ``caution``, and ``value``, ``low``, ``high``, which are missing (None) where
        nothing held up.
    """
    mark = " (synthetic sample)" if synthetic else ""
    answer: dict[str, Any] = {
        "value": None,
        "low": None,
        "high": None,
        "currency": prices.currency,
        "per": f"{PER:,} {rows_are}",
        "caution": "",
    }
    held = [r for r in results if r["significant"] and r["difference"]["from"] > 0]
    if not held:
        return answer | {"headline": (NOTHING if results else NOT_TESTED) + mark}
    strongest = max(held, key=lambda result: result["strength"])
    return answer | _priced(strongest, prices, rows_are, mark)


def _priced(strongest: dict[str, Any], prices: Prices, rows_are: str, mark: str) -> dict[str, Any]:
    gap = strongest["difference"]
    price = prices.per_unit if strongest["kind"] == "number" else prices.per_case
    better, worse = (gap["high"], gap["low"]) if price >= 0 else (gap["low"], gap["high"])
    ends = sorted([gap["from"] * abs(price) * PER, gap["to"] * abs(price) * PER])
    value = gap["value"] * abs(price) * PER
    headline = (
        f"{PER:,} {rows_are} with {code(strongest['group'])} {code(better)} are worth {value:,.0f} "
        f"{prices.currency} more than {PER:,} with {code(worse)} (95% interval {ends[0]:,.0f} to "
        f"{ends[1]:,.0f}), by the difference in {code(strongest['outcome'])}{mark}"
    )
    return {
        "headline": headline,
        "value": value,
        "low": ends[0],
        "high": ends[1],
        "caution": _caution(strongest),
        "group": strongest["group"],
        "outcome": strongest["outcome"],
        "price": price,
        "price_of": "unit" if strongest["kind"] == "number" else "row",
    }


def _caution(result: dict[str, Any]) -> str:
    text = (
        "A comparison shows a difference, not its cause: moving rows from one group to the other "
        "earns this only if the group itself makes the difference."
    )
    if len(result["groups"]) > 2:
        text += (
            " The two groups were picked because they differ most of all, so expect somewhat less "
            "next time."
        )
    return text
