"""How names and numbers of the reports are put into words, in documents and figures."""

from typing import Any

from .markdown import amount, interval, table

Report = dict[str, Any]

ACCURACY = ("ndcg", "recall", "precision", "map")
CHARACTER = ("novelty", "diversity", "popularity_share")
LABELS = {
    "ndcg": "nDCG",
    "recall": "Recall",
    "precision": "Precision",
    "map": "MAP",
    "novelty": "Novelty (bits)",
    "diversity": "Diversity",
    "popularity_share": "From the top 10%",
    "user_user": "user-user",
    "item_item": "item-item",
    "svd": "SVD",
    "ease": "EASE",
    "als": "ALS",
    "bpr": "BPR",
}


def label(name: str) -> str:
    """A model or metric as people write it: ``ndcg_at_10`` is nDCG@10."""
    start, at, k = name.partition("_at_")
    return LABELS.get(start, start.replace("_", " ")) + (f"@{k}" if at else "")


def accuracy_names(k: int) -> list[str]:
    """The accuracy metrics as reports call them."""
    return [f"{name}_at_{k}" for name in ACCURACY]


def selected(metrics: Report) -> Report:
    """The chosen model's entry of the ladder."""
    return next(model for model in metrics["models"] if model["selected"])


def settings(model: Report) -> str:
    """A model's best settings in one line."""
    named = [f"{name.replace('_', ' ')} {value:g}" for name, value in model["settings"].items()]
    return ", ".join(named) or "none"


def split(data: Report) -> str:
    """How the interactions were divided."""
    return "by time" if data["split"] == "time" else "at random within each user"


def clicks(metrics: Report) -> str:
    """Where the clicks of the A/B test come from, with all that is assumed."""
    seen = "the lower an item stands, the fewer look at it: 1 / log2(rank + 1), as in nDCG."
    if metrics["dataset"]["synthetic"]:
        return f"users click by the tastes with which the sample was made, and {seen}"
    return (
        "a user comes for one of the items that they liked in the test slice, each equally "
        "likely, and clicks it if it is in the list and they look that far; "
        f"{seen} These are assumptions. Items that a user would have liked but never met count "
        "as misses, which favours popular items, and the level of the CTR means little: compare "
        "the groups."
    )


def unpublished(metrics: Report) -> str:
    """Which better model was passed over because it cannot be published, if any was."""
    name, chosen = metrics["primary_metric"]["name"], selected(metrics)
    best = max(metrics["models"], key=lambda model: model["metrics"][name]["value"])
    if best["metrics"][name]["value"] == chosen["metrics"][name]["value"]:
        return ""
    return (
        f"The best score is that of {label(best['name'])}, which needs all users' histories at "
        f"hand to answer and gives no exact reasons; {label(chosen['name'])} is the best that can "
        "be published."
    )


def lead(metrics: Report) -> str:
    """Whether the chosen model's lead over popularity may be chance."""
    found = metrics["recsys"]["lead"]
    metric = label(metrics["primary_metric"]["name"])
    sure = "It was chosen by this lead, which flatters a little; the test slice below does not."
    return (
        f"The lead of {label(selected(metrics)['name'])} over popularity on the validation slice "
        f"is {interval(found)} in {metric}. {sure if found['low'] > 0 else 'It may be chance.'}"
    )


def cold_start(metrics: Report) -> str:
    """Two tables: users of whom little is known, and items that few have liked."""
    detail, name = metrics["recsys"], label(selected(metrics)["name"])
    users = [
        [row["likes"], f"{row['users']:,}", f"{row['treatment']:.3f}", f"{row['control']:.3f}"]
        for row in detail["cold_users"]
    ]
    items = [
        [
            row["likes"],
            f"{row['items']:,}",
            f"{row['held_out']:,}",
            f"{row['treatment']:.1%}",
            f"{row['control']:.1%}",
        ]
        for row in detail["cold_items"]
    ]
    metric = label(metrics["primary_metric"]["name"])
    return "\n\n".join(
        [
            "Cold start: users by how many likes of theirs were known, and items by how many "
            "likes they had.",
            table(["Known likes of the user", "Users", f"{metric}, {name}", "popularity"], users),
            table(
                [
                    "Known likes of the item",
                    "Items",
                    "Held-out likes",
                    f"Found by {name}",
                    "popularity",
                ],
                items,
            ),
        ]
    )


def rating_errors(ratings: Report | None) -> str:
    """RMSE and MAE where there are ratings."""
    if ratings is None:
        return ""
    named = "; ".join(
        f"{label(name)} {errors['rmse']:.3f} and {errors['mae']:.3f}"
        for name, errors in sorted(ratings.items(), key=lambda entry: -entry[1]["rmse"])
    )
    return (
        "Predicting the stars themselves is another task, on which nothing here rests. RMSE and "
        f"MAE on the validation slice: {named}."
    )


def scores(metrics: Report) -> list[list[str]]:
    """Rows of a table: metric, the chosen model on the test slice, popularity on it."""
    detail = metrics["recsys"]
    rows = [
        [label(name), interval(metrics["test"][name]), interval(detail["popularity"][name])]
        for name in (*accuracy_names(detail["k"]), *CHARACTER)
    ]
    shares = [f"{detail['coverage'][group]:.1%}" for group in ("treatment", "control")]
    return [*rows, ["Coverage", *shares]]


def percent(estimate: dict[str, float]) -> str:
    """A rate with its interval."""
    return f"{estimate['value']:.2%} [{estimate['low']:.2%}, {estimate['high']:.2%}]"


def sensitivity(detail: Report, currency: str) -> list[list[str]]:
    """Rows of a table: the gain when a price, or the true effect, is lower or higher."""
    return [
        [_moved(row), *(f"{amount(row[end])} {currency}" for end in ("if_lower", "if_higher"))]
        for row in detail["sensitivity"]
    ]


def _moved(row: Report) -> str:
    if row["swing"] is None:
        return "the effect at this end of its interval"
    return f"{row['price'].replace('_', ' ')} by {row['swing']:.0%}"


def money(estimate: Report, currency: str) -> str:
    """An amount with its interval."""
    value, low, high = (amount(estimate[end]) for end in ("value", "low", "high"))
    return f"{value} {currency} [{low}, {high}]"
