"""Facts of a project that says which reviews somebody should read first."""

from portfolio.contract import Project
from portfolio.facts.words import (
    dig,
    interval,
    listed,
    money,
    named,
    number,
    percent,
    plural,
    score,
)
from portfolio.facts.worth import against

FEWEST = 20  # rows of a slice that is worth a sentence
MODEL = "the model"


def facts(project: Project) -> dict[str, str | None]:
    """What `nlp` of the results and the explanation hold."""
    detail = project.results.detail
    business = dig(detail, "business")
    currency = dig(business, "prices.currency")
    ours = _ours(dig(business, "policies"))
    content = project.explanation.content if project.explanation else {}
    return {
        "rate": percent(dig(detail, "positive_rate"), 1),
        "positive_where": dig(detail, "positive_where"),
        "break_even": _break_even(dig(business, "prices")),
        "best_threshold": interval(dig(business, "best_threshold")),
        "against": against(dig(business, "policies"), "saved", currency, skip=(MODEL,)),
        "read": percent(dig(ours, "read")),
        "reached": percent(dig(ours, "reached")),
        "good_words": _words(content.get("positive_words")),
        "bad_words": _words(content.get("negative_words")),
        "worst": _worst(dig(detail, "slices")),
        "aspect": _aspect(dig(detail, "aspects"), currency),
        "calibration": dig(detail, "calibration.chosen"),
    }


def _ours(policies: object) -> object:
    """The row of the model among the policies."""
    rows = policies if isinstance(policies, list) else []
    return next((row for row in rows if dig(row, "name") == MODEL), None)


def _break_even(prices: object) -> str | None:
    keys = ("reading_cost", "customer_value", "win_back")
    cost, value, share = (number(dig(prices, key)) for key in keys)
    if None in (cost, value, share):
        return None
    if share * value <= 0 or cost / (share * value) >= 1:
        return "never, whatever the risk"
    return f"from a risk of {percent(cost / (share * value))} on"


def _words(rows: object) -> str | None:
    found = [row["word"] for row in rows or [] if isinstance(row, dict) and "word" in row]
    return listed(found[:5])


def _worst(slices: object) -> str | None:
    found = [
        (score(row.get("accuracy")), row)
        for row in slices or []
        if (number(row.get("rows")) or 0) >= FEWEST and score(row.get("accuracy"))
    ]
    if not found:
        return None
    accuracy, row = min(found, key=lambda pair: pair[0].value)
    return f"{named(row.get('name'))}, accuracy {interval(accuracy)} on {row['rows']:,} reviews"


def _aspect(rows: object, currency: object) -> str | None:
    """The aspect with the most revenue at risk, of those that enough reviews blame."""
    found = [
        (score(row.get("revenue_at_risk")), row)
        for row in rows or []
        if (number(row.get("reviews")) or 0) >= FEWEST and score(row.get("revenue_at_risk"))
    ]
    if not found:
        return None
    risk, row = max(found, key=lambda pair: pair[0].value)
    reviews = plural(row["reviews"], "review names it", "reviews name it")
    return f"{named(row.get('aspect'))}, {money(risk, currency)}; {reviews}" if currency else None
