"""Facts about what a project is worth, and how far that may be believed."""

from portfolio.contract import Business, Results, Score
from portfolio.facts.words import (
    RULE,
    dig,
    ends,
    figure,
    money,
    named,
    number,
    per,
    percent,
    rows,
    say,
    score,
    sign,
)

Found = dict[str, str | None]
CHANCE = ", which may be chance"
VERDICTS = {
    1: "lies above zero: more than chance among these rows explains",
    -1: "lies below zero, by more than chance among these rows explains",
    0: "holds zero: it may be chance, so nothing is claimed",
}
UNFOUND = "is on one side of zero, but the test does not find the difference: it may be chance"


def worth(results: Results) -> Found:
    """Headline, value and condition; what the value moves to; what its interval says."""
    business, detail = results.business, dig(results.detail, "business")
    found = {
        "reference": dig(detail, "reference") and named(dig(detail, "reference"), RULE),
        "threshold": figure(dig(detail, "threshold")),
    }
    if not business:
        return found
    estimate = score(Score(business.value, business.low, business.high))
    side = estimate and sign(estimate)
    chance = side == 0 or _unfound(results)
    value = say("{} {}", money(estimate, business.currency), per(business.per))
    return found | {
        "headline": plain(business.headline),
        "assumption": business.assumption,
        "condition": _condition(business.assumption),
        "per": per(business.per),
        "worth": f"{value}{CHANCE}" if value and chance else value,
        "worth_verdict": None if side is None else _verdict(results, estimate, side),
        "gain": _gain(estimate, business) if side == 1 and not chance else None,
        "moved": moved(dig(detail, "sensitivity"), business.currency),
    }


def _unfound(results: Results) -> bool:
    """Whether a project that tests its difference besides (recsys) has not found it."""
    return dig(results.detail, "verdict") == "chance"


def _verdict(results: Results, estimate: Score, side: int) -> str:
    """What the interval of the worth says, and no more."""
    _, low, high = ends(estimate, parts=5, places=2)
    business = results.business
    said = UNFOUND if side and _unfound(results) else VERDICTS[side]
    return f"{low} to {high} {business.currency} {per(business.per)}, {said}"


def _gain(estimate: Score, business: Business) -> str:
    """What is above zero by more than chance explains, as precise as its interval."""
    value, low, high = ends(estimate, parts=5, places=2)
    return f"about {value} {business.currency} {per(business.per)} ({low} to {high})"


def against(policies: object, key: str, currency: object, skip: tuple[str, ...]) -> str | None:
    """What the choice earns more than each other policy, by the policy's name."""
    parts, notes = [], set()
    for row in rows(policies):
        shown, gap = money(dig(row, key), currency), score(dig(row, key))
        if shown and not {dig(row, "name"), dig(row, "key")} & set(skip):
            parts.append(f"“{named(dig(row, 'name'), RULE)}” {shown}")
            notes |= {"in brackets 95 % intervals"} if gap.low is not None else set()
            notes |= {"below zero it is less"} if min(gap.value, gap.low or 0) < 0 else set()
    return "; ".join((*parts, *sorted(notes, reverse=True))) or None


def plain(headline: str) -> str:
    """The headline without marks of Markdown, mark of the sample and full stop."""
    return headline.replace("`", "").removesuffix(" (synthetic sample)").rstrip(".")


def pays_from(prices: object, cost: str, brings: tuple[str, str], digits: int) -> str | None:
    """The risk from which acting pays, by the names of its prices.

    Acting costs `cost`, and brings the product of the other two where it was due.
    """
    price, value, share = (number(dig(prices, key)) for key in (cost, *brings))
    if None in (price, value, share):
        return None
    if share * value <= 0 or price / (share * value) >= 1:
        return "never, whatever the risk"
    return f"from a risk of {percent(price / (share * value), digits)} on"


def policy(policies: object, name: str) -> object:
    """The row of a policy; None where there is none of that name."""
    return next((row for row in rows(policies) if dig(row, "name") == name), None)


def moved(listed: object, currency: str) -> str | None:
    """What the worth is when the price that matters most is lower or higher."""
    row = next(iter(rows(listed)), None)
    if not isinstance(row, dict):
        return None
    shown = [money(row.get(key), currency) for key in ("if_lower", "if_higher")]
    return say(
        "with the {} {} lower or higher it is {} or {}",
        row.get("price") and str(row["price"]).replace("_", " "),
        percent(row.get("swing")),
        *shown,
    )


def _condition(assumption: str | None) -> str | None:
    """The assumption as half a sentence that begins with "if"."""
    text = plain(assumption or "").strip()
    bare = text[3:] if text.lower().startswith("if ") else text
    return f"if {bare}" if bare else None
