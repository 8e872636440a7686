"""Facts of a project that says what to show to whom."""

from portfolio.contract import Business, Project
from portfolio.facts.words import (
    RULE,
    count,
    dig,
    figure,
    interval,
    listed,
    money,
    named,
    number,
    percent,
    rows,
    say,
    shares,
    spread,
)

# The project's one verdict on its simulated test, as half a sentence.
FOUND = {
    "more": "finds more clicks",
    "fewer": "finds fewer clicks",
    "chance": "finds a difference that may be chance",
}


def facts(project: Project) -> dict[str, str | None]:
    """What `recsys` of the results holds."""
    detail, metric = project.results.detail, project.results.primary_metric
    experiment, rule = dig(detail, "experiment"), dig(detail, "data.rule")
    looks = rows(dig(experiment, "peeking"))
    return {
        "users": count(dig(detail, "data.users")),
        "items": count(dig(detail, "data.items")),
        "filled": _filled(detail),
        "like": say("a rating of {} or more", _rating(dig(detail, "data.positive_rating"))),
        "split": dig(detail, "data.split"),
        "k": count(dig(detail, "k")),
        "rule": named(rule, RULE) if rule else None,
        "rule_score": interval(dig(detail, f"rule.{metric.name}")) if metric else None,
        "gap": say(
            "On the validation slice, items that users meet only in the test slice count as "
            "misses; without them it is {}, and the same model has {} with the test slice's likes "
            "to guess",
            figure(dig(detail, "gap.hidden_left_out")),
            figure(dig(detail, "gap.same_model")),
        ),
        "rule_lead": spread(dig(detail, "lead")),
        "popular_share": shares(project.results.test.get("popularity_share")),
        "coverage": percent(dig(detail, "coverage.model")),
        "rule_coverage": percent(dig(detail, "coverage.rule")),
        "control": shares_fine(dig(experiment, "result.control")),
        "treatment": shares_fine(dig(experiment, "result.treatment")),
        "group_size": count(dig(experiment, "plan.users_per_group")),
        "effect": percent(dig(experiment, "plan.min_effect")),
        "power": percent(dig(experiment, "plan.power")),
        "alpha": percent(dig(experiment, "plan.alpha")),
        "looks": str(len(looks)) if looks else None,
        "peeking": percent(looks[-1]) if looks else None,
        "one_look": percent(dig(experiment, "false_alarms")),
        "cold": _cold(dig(detail, "users")),
        "clicks": shares(dig(experiment, "result.lift")),
        "found": FOUND.get(dig(detail, "verdict")),
        "because": _because(project),
        "moved": _moved(dig(detail, "business.sensitivity"), project.results.business),
    }


def shares_fine(value: object) -> str | None:
    """A click rate with its interval, to a tenth of a percent."""
    parts = [percent(dig(value, key), 1) for key in ("value", "low", "high")]
    return say("{} ({} to {})", *parts)


def _because(project: Project) -> str | None:
    """An example of a recommendation with the likes that add most to its score."""
    examples = project.explanation.content.get("examples") if project.explanation else None
    first = next(iter(rows(examples)), None)
    title, reasons = dig(first, "title"), dig(first, "because")
    likes = listed(rows(reasons)[:3])
    return f"{named(title)}, because of {likes}" if title and likes else None


def _moved(sensitivity: object, business: Business | None) -> str | None:
    """What the gain becomes under the other assumption that moves it most."""
    row, currency = next(iter(rows(sensitivity)), None), business and business.currency
    ends = (money(dig(row, key), currency) for key in ("if_lower", "if_higher"))
    return say("if {} it is {} or {}", dig(row, "if"), *ends)


def _filled(detail: object) -> str | None:
    parts = [number(dig(detail, f"data.{key}")) for key in ("rows", "users", "items")]
    if None in parts or not parts[1] * parts[2]:
        return None
    return percent(parts[0] / (parts[1] * parts[2]), 1)


def _rating(value: object) -> str | None:
    return None if number(value) is None else f"{value:g}"


def _cold(rows: object) -> str | None:
    """How lists do for those of whom nothing is known, if there are such users."""
    row = next((one for one in rows or [] if str(one.get("likes")) == "0"), None)
    model, rule = figure(dig(row, "model")), figure(dig(row, "rule"))
    users = count(dig(row, "users"))
    if None in (model, rule, users):
        return None
    return f"for {users} users without a like the model's lists score {model}, the rule's {rule}"
