"""Facts of a project that says what to show to whom."""

from portfolio.contract import Project
from portfolio.facts.words import count, dig, figure, interval, named, number, percent, say, shares


def facts(project: Project) -> dict[str, str | None]:
    """What `recsys` of the results holds."""
    detail, metric = project.results.detail, project.results.primary_metric
    experiment, rule = dig(detail, "experiment"), dig(detail, "data.rule")
    peeking = dig(experiment, "peeking")
    looks = peeking if isinstance(peeking, list) and peeking else None
    return {
        "users": count(dig(detail, "data.users")),
        "items": count(dig(detail, "data.items")),
        "filled": _filled(detail),
        "like": say("a rating of {} or more", _rating(dig(detail, "data.positive_rating"))),
        "split": dig(detail, "data.split"),
        "k": count(dig(detail, "k")),
        "rule": named(rule) if rule else None,
        "rule_score": interval(dig(detail, f"rule.{metric.name}")) if metric else None,
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
    }


def shares_fine(value: object) -> str | None:
    """A click rate with its interval, to a tenth of a percent."""
    parts = [percent(dig(value, key), 1) for key in ("value", "low", "high")]
    return say("{} ({} to {})", *parts)


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
