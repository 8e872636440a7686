"""Facts of a project that says which customers are about to leave."""

from portfolio.contract import Project
from portfolio.facts.words import count, dig, figure, number, percent, say, score


def facts(project: Project) -> dict[str, str | None]:
    """What `tabular` of the results holds."""
    detail = project.results.detail
    return {
        "rate": percent(dig(detail, "churn_rate"), 1),
        "numbers": _size(dig(detail, "features.numeric")),
        "categories": _size(dig(detail, "features.categorical")),
        "break_even": _break_even(dig(detail, "business.prices")),
        "caught": _cells(
            detail,
            "{} of {} who left are contacted, and {} of {} who stayed",
            ("true_positive", "left", "false_positive", "stayed"),
        ),
        "missed": _cells(detail, "{} of {} who left are not contacted", ("false_negative", "left")),
        "balancing": _balancing(dig(detail, "ablation")),
        "calibration": dig(detail, "calibration.chosen"),
    }


def _size(names: object) -> str | None:
    return str(len(names)) if isinstance(names, list) else None


def _break_even(prices: object) -> str | None:
    keys = ("offer_cost", "customer_value", "offer_acceptance")
    cost, value, share = (number(dig(prices, key)) for key in keys)
    if None in (cost, value, share):
        return None
    if share * value <= 0 or cost / (share * value) >= 1:
        return "never, whatever the risk"
    return f"from a risk of {percent(cost / (share * value), 1)} on"


def _cells(detail: object, text: str, names: tuple[str, ...]) -> str | None:
    cells = {name: number(value) for name, value in (dig(detail, "confusion") or {}).items()}
    if None in cells.values() or len(cells) < 4:
        return None
    cells["left"] = cells["true_positive"] + cells["false_negative"]
    cells["stayed"] = cells["true_negative"] + cells["false_positive"]
    return say(text, *(count(cells[name]) for name in names))


def _balancing(rows: object) -> str | None:
    """The Brier score as the model is, and with each way of balancing."""
    found = []
    for row in rows if isinstance(rows, list) else []:
        brier = score(dig(row, "metrics.brier"))
        if brier and row.get("name") in ("as chosen", "class weights", "SMOTE"):
            found.append(f"{row['name']} {figure(brier.value)}")
    return ", ".join(found) if len(found) > 1 else None
