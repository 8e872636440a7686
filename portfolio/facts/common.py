"""Facts that every project has: data, ladder, worth, explanation, model."""

from portfolio.contract import Model, Project, Results, Score
from portfolio.facts.words import (
    amount,
    count,
    dig,
    figure,
    interval,
    label,
    listed,
    money,
    named,
    number,
    per,
    percent,
    plural,
    say,
    score,
)
from portfolio.proofs import live

Found = dict[str, str | None]


def common(project: Project) -> Found:
    """All of them."""
    results = project.results
    return {
        "title": project.title,
        "package": project.package,
        "live": project.config.live_url if live(project) else None,
        "version": project.version,
        **_data(project),
        **_ladder(results),
        **{f"test_{name}": interval(value) for name, value in results.test.items()},
        **_worth(results),
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
        "licence": None if dataset.licence is None else named(dataset.licence),
    }
    if receipt:
        found["rows_read"] = f"{receipt.rows_read:,}"
        found["dropped"] = "none"
        if receipt.dropped:
            most = max(receipt.dropped, key=lambda one: one.rows)
            gone = plural(sum(one.rows for one in receipt.dropped), "row", "rows")
            found["dropped"] = f"{gone}, most of them because: {most.reason}"
    return found


def _ladder(results: Results) -> Found:
    metric, chosen = results.primary_metric, results.selected
    if not metric:
        return {}
    found = {
        "metric": label(metric.name),
        "better": "higher is better" if metric.higher_is_better else "lower is better",
        "score": interval(results.test.get(metric.name)),
        "model_count": str(len(results.models)) if len(results.models) > 1 else None,
    }
    steps = [(one.label, interval_of(one, metric.name)) for one in results.models]
    if len(steps) > 1 and all(value for _, value in steps):
        found["ladder"] = ", ".join(f"{name} {value}" for name, value in steps)
    if chosen:
        found["model"] = named(chosen.label)
        inside = chosen.metrics.get(metric.name)
        found["validation"] = inside and interval(inside)
        found["first"] = named(results.models[0].label)
        found["lead"] = _lead(results, chosen)
    return found


def interval_of(model: Model, metric: str) -> str | None:
    """A model's score, without its interval: a row of them is long enough."""
    return figure(score(model.metrics.get(metric)) and model.metrics[metric].value)


def _lead(results: Results, chosen: Model) -> str | None:
    """The chosen model against the best of the others, on the same rows."""
    sign = -1 if results.primary_metric.higher_is_better else 1
    others = [(one, score(one.difference)) for one in results.models if one is not chosen]
    others = [(one, gap) for one, gap in others if gap]
    if not others:
        return None
    after, gap = min(others, key=lambda pair: sign * pair[1].value)
    ahead = sign * gap.value
    place = "ahead of the next" if ahead >= 0 else "behind the best of the others"
    name = named(chosen.label)
    text = f"{name[0].upper()}{name[1:]} is {figure(abs(ahead))} {place}, {named(after.label)}"
    if gap.low is None or gap.high is None:
        return text
    low, high = sorted((sign * gap.low, sign * gap.high))
    ends = f"95 % interval of the difference {low:+.3f} to {high:+.3f}"
    return f"{text} ({ends}{', so it may be chance' if low <= 0 <= high else ''})"


def _worth(results: Results) -> Found:
    business = results.business
    detail = dig(results.detail, "business")
    found = {
        "reference": dig(detail, "reference") and named(dig(detail, "reference")),
        "threshold": figure(dig(detail, "threshold")),
    }
    if not business:
        return found
    estimate = Score(business.value, business.low, business.high)
    value = f"{money(estimate, business.currency)} {per(business.per)}"
    unsure = None not in (business.low, business.high) and business.low <= 0 <= business.high
    return found | {
        "headline": _plain(business.headline),
        "assumption": business.assumption,
        "worth": f"{value}, which may be chance" if unsure else value,
        "moved": moved(dig(detail, "sensitivity"), business.currency),
    }


def _plain(headline: str) -> str:
    """The headline without marks of Markdown, mark of the sample and full stop."""
    return headline.replace("`", "").removesuffix(" (synthetic sample)").rstrip(".")


def moved(rows: object, currency: str) -> str | None:
    """What the worth is when the price that matters most is lower or higher."""
    if not isinstance(rows, list) or not rows or not isinstance(rows[0], dict):
        return None
    row = rows[0]
    ends = [money(row.get(key), currency) for key in ("if_lower", "if_higher")]
    return say(
        "with the {} {} lower or higher it is {} or {}",
        row.get("price") and str(row["price"]).replace("_", " "),
        percent(row.get("swing")),
        *ends,
    )


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
    explanation = project.explanation
    features = [one.feature for one in explanation.importance] if explanation else []
    return {
        "drivers": listed(features[:3]),
        "driver": named(features[0]) if features else None,
        "least": named(features[-1]) if len(features) > 3 else None,
        "columns": count(len(features)) if features else None,
    }


def _tiny(value: object) -> str | None:
    found = number(value)
    return None if found is None else f"{found:.1g}"
