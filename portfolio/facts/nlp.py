"""Facts of a project that says which reviews somebody should read first."""

from portfolio.contract import Project
from portfolio.facts.ladder import FEWEST, worst_slice
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
from portfolio.facts.worth import against, pays_from, policy

MODEL = "the model"


def facts(project: Project) -> dict[str, str | None]:
    """What `nlp` of the results and the explanation hold."""
    detail = project.results.detail
    business = dig(detail, "business")
    currency = dig(business, "prices.currency")
    ours = policy(dig(business, "policies"), MODEL)
    content = project.explanation.content if project.explanation else {}
    return {
        "rate": percent(dig(detail, "positive_rate"), 1),
        "positive_where": dig(detail, "positive_where"),
        "break_even": pays_from(
            dig(business, "prices"), "reading_cost", ("customer_value", "win_back"), digits=0
        ),
        "best_threshold": interval(dig(business, "best_threshold")),
        "against": against(dig(business, "policies"), "saved", currency, skip=(MODEL,)),
        "read": percent(dig(ours, "read")),
        "reached": percent(dig(ours, "reached")),
        "good_words": _words(content.get("positive_words")),
        "bad_words": _words(content.get("negative_words")),
        "worst": worst_slice(dig(detail, "slices"), "reviews"),
        "aspect": _aspect(dig(detail, "aspects"), currency),
        "calibration": dig(detail, "calibration.chosen"),
    }


def _words(rows: object) -> str | None:
    found = [row["word"] for row in rows or [] if isinstance(row, dict) and "word" in row]
    return listed(found[:5])


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
    reviews += "; that it leads may be chance" if row.get("leads") is False else ""
    return f"{named(row.get('aspect'))}, {money(risk, currency)}; {reviews}" if currency else None
