"""Facts that every project has: data, ladder, worth, explanation, model."""

from portfolio.contract import Project
from portfolio.facts.ladder import ladder
from portfolio.facts.words import (
    amount,
    count,
    dig,
    interval,
    listed,
    named,
    number,
    percent,
    plural,
    say,
)
from portfolio.facts.worth import worth
from portfolio.proofs import live

Found = dict[str, str | None]
SAMPLE_ONLY = "It can show that the method finds what was put in; of the world it shows nothing."
HIDDEN = ("identifier", "left out", "ignored")  # kinds of columns that no model sees


def common(project: Project) -> Found:
    """All of them."""
    results = project.results
    return {
        "title": project.title,
        "package": project.package,
        "live": project.config.live_url if live(project) else None,
        "version": project.version,
        **_data(project),
        **ladder(results),
        **{f"test_{name}": interval(value) for name, value in results.test.items()},
        **worth(results),
        **_prices(project),
        **_explanation(project),
        "export": say("{}", _tiny(dig(results.detail, "export_difference"))),
        "skills": listed(results.skills),
    }


def _data(project: Project) -> Found:
    dataset, receipt = project.results.dataset, project.receipt
    if dataset.synthetic:
        origin = "The data is synthetic, made by the project itself, so that the truth is known."
    else:
        origin = f"The data is real: {named(dataset.name)}, {dataset.rows:,} rows."
    found = {
        "dataset": named(dataset.name),
        "rows": f"{dataset.rows:,}",
        "synthetic": "yes" if dataset.synthetic else None,
        "origin": origin,
        "sample_only": SAMPLE_ONLY if dataset.synthetic else None,
        "licence": None if dataset.licence is None else named(dataset.licence),
    }
    if receipt:
        hidden = [one.name for one in receipt.columns if one.kind in HIDDEN]
        found["hidden"] = listed(hidden[:5]) if len(hidden) <= 5 else f"{len(hidden)} columns"
        found["rows_read"] = f"{receipt.rows_read:,}"
        found["dropped"] = "none"
        if receipt.dropped:
            most = max(receipt.dropped, key=lambda one: one.rows)
            gone = plural(sum(one.rows for one in receipt.dropped), "row", "rows")
            others = ", most of them" if len(receipt.dropped) > 1 else ""
            found["dropped"] = f"{gone}{others}: {most.reason}"
    return found


def _prices(project: Project) -> Found:
    """Each price under its name: shares in percent, amounts with the currency."""
    prices = dig(project.results.detail, "business.prices") or project.config.prices
    currency, found = prices.get("currency"), {}
    for name, value in prices.items():
        known = number(value)
        if known is None or name == "currency":
            continue
        is_share = name in ("offer_acceptance", "win_back", "prevalence")
        counts = name.endswith(("_per_year", "_per_month"))
        shown = amount(value) if counts else say("{} {}", amount(value), currency)
        found[f"price_{name}"] = percent(value) if is_share else shown
    return found


def _explanation(project: Project) -> Found:
    """Drivers: the strongest features, without those that a shuffled copy could replace."""
    listed_ones = project.explanation.importance if project.explanation else ()
    strong = [one.feature for one in listed_ones if one.driver is not False]
    tested = [one.feature for one in listed_ones if one.driver]
    return {
        "drivers": listed(strong[:3]),
        "tested_drivers": listed(tested[:3]),
        "driver": named(strong[0]) if strong else None,
        "least": named(listed_ones[-1].feature) if len(listed_ones) > 3 else None,
        "columns": count(len(listed_ones)) if listed_ones else None,
    }


def _tiny(value: object) -> str | None:
    found = number(value)
    return None if found is None else f"{found:.1g}"
