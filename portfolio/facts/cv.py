"""Facts of a project that says which images a doctor should see."""

from portfolio.contract import Project
from portfolio.facts.words import (
    count,
    dig,
    interval,
    listed,
    named,
    number,
    percent,
    score,
    shares,
)


def facts(project: Project) -> dict[str, str | None]:
    """What `cv` of the results and the explanation hold."""
    detail, chosen = project.results.detail, project.results.selected
    prices = dig(detail, "business.prices")
    return {
        "size": count(dig(detail, "data.size")),
        "classes": _names(dig(detail, "data.classes")),
        "positive": _names(dig(detail, "data.positive")),
        "patients": count(dig(detail, "data.patients")),
        "duplicates": count(dig(detail, "data.duplicates")),
        "rate": percent(dig(detail, "test_share"), 1),
        "prevalence": percent(dig(detail, "business.prevalence"), 1),
        "break_even": _break_even(prices),
        "worst": _worst(dig(detail, "slices")),
        "pointing": _pointing(project),
        "parameters": count(chosen.parameters) if chosen else None,
        "calibration": dig(detail, "calibration.chosen"),
    }


def _names(names: object) -> str | None:
    return listed(names) if isinstance(names, list) else None


def _break_even(prices: object) -> str | None:
    missed, alarm = (number(dig(prices, key)) for key in ("missed_case", "false_alarm"))
    if None in (missed, alarm) or missed + alarm <= 0:
        return None
    return f"from a probability of {percent(alarm / (missed + alarm), 1)} on"


def _worst(slices: object) -> str | None:
    found = [
        (score(row.get("accuracy")), row)
        for row in slices or []
        if (number(row.get("rows")) or 0) >= 20 and score(row.get("accuracy"))
    ]
    if not found:
        return None
    accuracy, row = min(found, key=lambda pair: pair[0].value)
    return f"{named(row.get('name'))}, accuracy {interval(accuracy)} on {row['rows']:,} images"


def _pointing(project: Project) -> str | None:
    """How often the brightest place of the map lies on the marked finding."""
    game = project.explanation.content.get("pointing_game") if project.explanation else None
    hit, chance = shares(dig(game, "on_finding")), percent(dig(game, "by_chance"))
    cases = count(dig(game, "cases"))
    if None in (hit, chance, cases):
        return None
    return f"In {hit} of {cases} cases the map points at the finding, by chance in {chance}"
