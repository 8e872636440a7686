"""What the reports of this project say, by name: for posts and for the sheet of questions."""

from .. import wording
from ..markdown import amount, interval
from ..wording import label
from .words import Report, common, ladder, listed, money, moved, named

SHIPPED = ("movielens",)  # data sets that every such project has


def facts(metrics: Report, explanation: Report) -> dict[str, str]:
    """Facts as Markdown; each is true whatever the data and the settings are."""
    detail, models = metrics["recsys"], metrics["models"]
    data, chosen = detail["data"], wording.selected(metrics)
    primary = metrics["primary_metric"]["name"]
    return {
        **common(metrics),
        **_data(data),
        **_experiment(detail),
        **_business(detail["business"], metrics["business"]),
        "k": str(detail["k"]),
        "metric": label(primary),
        "model": label(chosen["name"]),
        "model_count": str(len(models)),
        "settings": wording.settings(chosen),
        "ladder": ladder(models, primary, [label(model["name"]) for model in models]),
        "lead": _lead(detail["lead"], label(chosen["name"]), label(primary)),
        "passed_over": wording.unpublished(metrics) or "What scored best is what is published.",
        "score": interval(metrics["test"][primary]),
        "popular_score": interval(detail["popularity"][primary]),
        "recall": interval(metrics["test"][f"recall_at_{detail['k']}"]),
        "precision": interval(metrics["test"][f"precision_at_{detail['k']}"]),
        "coverage": f"{detail['coverage']['treatment']:.1%}",
        "popular_coverage": f"{detail['coverage']['control']:.1%}",
        "novelty": interval(metrics["test"]["novelty"]),
        "popular_novelty": interval(detail["popularity"]["novelty"]),
        "cold": _cold(detail["cold_users"], label(primary)),
        "stars": wording.rating_errors(detail["ratings"]) or "There are no ratings to predict.",
        "because": _because(explanation["examples"]),
        "assumptions": wording.clicks(metrics).removesuffix("."),
    }


def _lead(found: Report, model: str, metric: str) -> str:
    sure = "it made the choice, which flatters a little" if found["low"] > 0 else "it may be chance"
    return (
        f"The lead of {model} over popularity on the validation slice is {interval(found)} in "
        f"{metric}; {sure}"
    )


def _data(data: Report) -> dict[str, str]:
    least = data["positive_rating"]
    return {
        "users": f"{data['users']:,}",
        "items": f"{data['items']:,}",
        "filled": f"{data['rows'] / (data['users'] * data['items']):.2%}",
        "like": "every interaction" if least is None else f"a rating of {least:g} or more",
        "split": wording.split(data),
    }


def _experiment(detail: Report) -> dict[str, str]:
    plan, result = detail["business"]["plan"], detail["business"]["result"]
    found = detail["experiment"]
    return {
        "group": f"{plan['users_per_group']:,}",
        "effect": f"{plan['min_effect']:.1%}",
        "power": f"{plan['power']:.1%}",
        "alpha": f"{plan['alpha']:g}",
        "control": wording.percent(result["control"]),
        "treatment": wording.percent(result["treatment"]),
        "significance": "significant" if result["significant"] else "not significant",
        "false_alarms": f"{found['false_alarms']:.1%}",
        "looks": str(len(found["peeking"])),
        "peeking": f"{found['peeking'][-1]:.0%}",
    }


def _business(detail: Report, business: Report) -> dict[str, str]:
    prices, currency = detail["prices"], detail["prices"]["currency"]
    return {
        "visits": f"{prices['visits_per_month']:,}",
        "click": f"{prices['revenue_per_click']:g} {currency}",
        "gain": money(business, currency) + " a month",
        "earned": f"{amount(detail['revenue_per_month']['treatment'])} {currency} a month",
        "popular_earned": f"{amount(detail['revenue_per_month']['control'])} {currency} a month",
        "moved": moved(detail["sensitivity"], currency),
    }


def _cold(rows: list[Report], metric: str) -> str:
    """The group of users of whom least is known."""
    if not rows:
        return "no user of the test slice is new"
    first = rows[0]
    return (
        f"{metric} {first['treatment']:.3f} for the {first['users']:,} test users with "
        f"{first['likes']} known likes, {first['control']:.3f} by popularity"
    )


def _because(examples: list[Report]) -> str:
    found = next((row for row in examples if row["because"]), None)
    if found is None:
        return "no example has a reason"
    return f"{named(found['title'])} because of {listed([named(t) for t in found['because'][:2]])}"
