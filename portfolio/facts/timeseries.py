"""Facts of a project that says how much to order."""

from collections import Counter

from portfolio.contract import Project
from portfolio.facts.words import (
    RULE,
    amount,
    count,
    dig,
    interval,
    listed,
    money,
    named,
    number,
    percent,
    plural,
    rows,
    shares,
)
from portfolio.facts.worth import against

STEPS = {"D": "day", "W": "week", "M": "month", "MS": "month", "ME": "month", "h": "hour"}


def facts(project: Project) -> dict[str, str | None]:
    """What `timeseries` of the results and the explanation hold."""
    detail, test = project.results.detail, project.results.test
    chosen = project.results.selected
    series = number(dig(detail, "data.series"))
    rule = dig(detail, "data.rule.name")
    return {
        "series": None if series is None else plural(int(series), "series", "series"),
        "start": dig(detail, "data.start"),
        "end": dig(detail, "data.end"),
        "step": STEPS.get(str(dig(detail, "data.freq")).split("-")[0]),
        "season": count(dig(detail, "data.season_length")),
        "horizon": count(dig(detail, "data.horizon")),
        "windows": count(dig(detail, "data.windows")),
        "rule": named(rule, RULE) if rule else None,
        "naive": interval(dig(detail, "baseline.mase")),
        "held_95": shares(test.get("coverage_95")),
        "held_80": shares(test.get("coverage_80")),
        "service_level": percent(dig(detail, "business.service_level")),
        "theory_level": percent(dig(detail, "business.level_in_theory"), 1),
        "policies": _policies(dig(detail, "business")),
        "against": against(
            dig(detail, "business.policies"),
            "saved",
            dig(detail, "business.prices.currency"),
            skip=("model", "perfect_foresight"),
        ),
        "verdicts": _verdicts(project),
        "cases": dig(detail, "cases"),
        "known": listed(rows(dig(detail, "data.known"))),
        "saved_in_test": money(
            dig(detail, "business.saved_in_test"), dig(detail, "business.prices.currency")
        ),
        "validated_95": shares(chosen.metrics.get("coverage_95")) if chosen else None,
    }


def _policies(business: object) -> str | None:
    """What ordering by the forecast costs and serves, and by the seasonal naive one."""
    rows = {row.get("key"): row for row in dig(business, "policies") or []}
    currency, parts = dig(business, "prices.currency"), []
    for key, text in (("model", "by forecast"), ("seasonal_naive", "by seasonal naive")):
        cost = amount(dig(rows.get(key), "cost"))
        served = percent(dig(rows.get(key), "fill_rate"), 1)
        if None in (cost, served, currency):
            return None
        parts.append(f"{text} {cost} {currency}, {served} of demand served")
    return "; ".join(parts)


def _verdicts(project: Project) -> str | None:
    """What ADF and KPSS say together, with the number of series."""
    rows = project.explanation.content.get("series") if project.explanation else None
    found = Counter(str(row["verdict"]) for row in rows or [] if dig(row, "verdict"))
    return ", ".join(f"{name}: {times}" for name, times in found.most_common()) or None
