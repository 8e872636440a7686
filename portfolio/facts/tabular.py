"""Facts of a project that says which customers are about to leave."""

from portfolio.contract import Project
from portfolio.facts.words import (
    count,
    dig,
    figure,
    interval,
    listed,
    number,
    percent,
    rows,
    say,
    score,
    sign,
)
from portfolio.facts.worth import against, pays_from

CHOSEN = "as chosen"


def facts(project: Project) -> dict[str, str | None]:
    """What `tabular` of the results holds."""
    detail = project.results.detail
    business = dig(detail, "business")
    currency = dig(business, "prices.currency")
    return {
        "rate": percent(dig(detail, "churn_rate"), 1),
        "numbers": _size(dig(detail, "features.numeric")),
        "categories": _size(dig(detail, "features.categorical")),
        "break_even": pays_from(
            dig(business, "prices"), "offer_cost", ("customer_value", "offer_acceptance"), digits=1
        ),
        "best_threshold": interval(dig(business, "best_threshold")),
        "against": against(
            dig(business, "policies"), "saved_per_year", currency, skip=("the model",)
        ),
        "caught": _cells(
            detail,
            "{} of {} who left are contacted, and {} of {} who stayed",
            ("true_positive", "left", "false_positive", "stayed"),
        ),
        "missed": _cells(detail, "{} of {} who left are not contacted", ("false_negative", "left")),
        "balancing": _balancing(dig(detail, "ablation")),
        "tried": _tried(dig(detail, "ablation")),
        "calibration": dig(detail, "calibration.chosen"),
    }


def _size(names: object) -> str | None:
    return str(len(names)) if isinstance(names, list) else None


def _cells(detail: object, text: str, names: tuple[str, ...]) -> str | None:
    cells = {name: number(value) for name, value in (dig(detail, "confusion") or {}).items()}
    if None in cells.values() or len(cells) < 4:
        return None
    cells["left"] = cells["true_positive"] + cells["false_negative"]
    cells["stayed"] = cells["true_negative"] + cells["false_positive"]
    return say(text, *(count(cells[name]) for name in names))


def _balancing(tried: object) -> str | None:
    """The Brier score as the model is, and with each way of balancing."""
    found = []
    for row in rows(tried):
        brier = figure(dig(row, "brier"))
        if brier and row.get("name") in (CHOSEN, "class weights", "SMOTE"):
            found.append(f"{row['name']} {brier}")
    return ", ".join(found) if len(found) > 1 else None


def _tried(tried: object) -> str | None:
    """What was tried on top of the chosen model, by whether it earns more than that."""
    sides: dict[int, list[str]] = {}
    for row in rows(tried):
        gap = score(dig(row, "difference"))
        side = gap and sign(gap)
        if side is not None and dig(row, "name") != CHOSEN:
            sides.setdefault(side, []).append(str(dig(row, "name")))
    said = {1: "more", -1: "less", 0: "a difference that may be chance"}
    parts = [f"{said[side]} from {listed(sides[side])}" for side in said if side in sides]
    return "; ".join(parts) or None
