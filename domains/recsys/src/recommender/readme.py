"""The generated blocks of README and model card: text made of numbers from ``reports/``."""

from pathlib import Path
from typing import Any

from .ab_test import in_words
from .config import Config
from .data import SLICES
from .figures import metric
from .kit.charts import short
from .kit.documents import amount, code, interval, pictures, span, table, told, update
from .kit.files import Paths, read_json
from .money import MODEL, RANDOM, RULE, VERDICTS, in_full

Report = dict[str, Any]

LETTERS = 50  # of a title: a whole one may be a sentence or two
MADE_UP = ", a **synthetic sample: people, items and clicks are made up**"
SEEN = "the lower an item stands, the fewer look at it (1 / log2(rank + 1))."
BY_TRUTH = f"Clicks are simulated: by the tastes with which the sample was made, and {SEEN}"
BY_LIKES = f"""\
Clicks are simulated: users come for one of the items they liked in the test slice, click it if it \
is in the list and they look that far, and {SEEN} What they never met counts as a miss, which \
favours popular items: compare the lists, not their level."""


def write_documents(config: Config, paths: Paths, check: bool) -> list[Path]:
    """Bring README and model card up to date with the reports; return what was rewritten.

    A ProjectError says that a report or marker is missing, or, with ``check``, a block is stale.
    """
    metrics = read_json(paths.reports / "metrics.json", "evaluate")
    explanation = read_json(paths.reports / "explain.json", "explain")
    shown = pictures(read_json(paths.reports / "figures.json", "evaluate"))
    mark = " (Synthetic sample: made-up readers.)" if metrics["dataset"]["synthetic"] else ""
    readme = {
        "headline": f"**{metrics['business']['headline']}.**{mark}\n\n{shown['headline']}",
        "data": f"{bullets(metrics)}\n\n{told(read_json(paths.reports / 'data.json', 'data'))}",
        "results": f"{results(metrics)}\n\n{shown['result']}\n\n{new_users(metrics)}",
        "money": f"{worth(metrics)}\n\n{shown['money']}",
        "explanation": f"{reasons(explanation)}\n\n{shown['explanation']}",
        "live": f"Online: <{config.live_url}>" if config.live_url else "<!-- not online -->",
    }
    card = {"model": model_details(metrics, explanation), "results": performance(metrics)}
    return update({paths.root / "README.md": readme, paths.root / "MODEL_CARD.md": card}, check)


def bullets(metrics: Report) -> str:
    """Data, model and worth in a line each."""
    detail, primary = metrics["recsys"], metrics["primary_metric"]["name"]
    rule, lists = detail["data"]["rule"], detail["business"]["lists"]
    clicks = {name: in_full(100 * row["clicks"]["value"], "#.3g") for name, row in lists.items()}
    return (
        f"- **Data:** {origin(metrics)}\n"
        f"- **Model:** {selected(metrics)['label']}, chosen of {len(metrics['models'])}. "
        f"{metric(primary)} on the test slice is {metrics['test'][primary]['value']:.3f}, "
        f"of {rule} {detail['rule'][primary]['value']:.3f}.\n"
        f"- **Worth:** of 100 simulated visits {clicks[MODEL]} end in a click, with {rule} "
        f"{clicks[RULE]}: {VERDICTS[detail['verdict']]}."
    )


def origin(metrics: Report) -> str:
    """How many interactions of whom with what, and where they come from."""
    data = metrics["recsys"]["data"]
    filled = in_full(100 * data["rows"] / (data["users"] * data["items"]), ".3g")
    return (
        f"{code(data['name'])}{MADE_UP if data['synthetic'] else ''}. {data['rows']:,} "
        f"interactions of {data['users']:,} users with {data['items']:,} items ({filled}% of all "
        f"pairs); {data['likes']:,} are likes."
    )


def results(metrics: Report) -> str:
    """The ladder on the validation slice, and the chosen model on the test slice."""
    detail, primary, ours = metrics["recsys"], metrics["primary_metric"]["name"], selected(metrics)
    rows = [
        [
            f"**{each['label']}**" if each["selected"] else each["label"],
            f"{each['metrics'][primary]['value']:.3f}",
            "chosen" if each["selected"] else behind(each["difference"]),
        ]
        for each in metrics["models"]
    ]
    best = max(metrics["models"], key=lambda each: each["metrics"][primary]["value"])
    passed_over = (
        f"{best['label']} scores best, but needs all histories and gives no exact reasons. "
    )
    lead, test, gap = detail["lead"], metrics["test"][primary], detail["gap"]
    kept = detail["export"]["weights_per_item"]
    cut = f" and keeps only the {kept} largest weights of each item" if kept else ""
    parts = [
        table(["Model", f"{metric(primary)}, validation", "Behind the chosen one"], rows),
        f"Lists are at most {detail['k']} long, without what users have met. Settings of a model "
        f"(up to {max(each['tried'] for each in metrics['models'])}) were tried on this slice, so "
        f"may flatter. {'' if best['exportable'] else passed_over}Differences are paired "
        "over users, with 95% intervals.",
        f"On the test slice, used for no choice, {ours['label']} reaches {test['value']:.3f} "
        f"({test['low']:.3f} to {test['high']:.3f}), {lead['value']:+.3f} against "
        f"{detail['data']['rule']} ({lead['low']:+.3f} to {lead['high']:+.3f}). The way from "
        f"validation to that: {gap['validation']:.3f} as chosen; {gap['hidden_left_out']:.3f} "
        "without items met only in the test slice, which count as misses; "
        f"{gap['same_model']:.3f} with test likes to guess instead; {test['value']:.3f} once the "
        f"model knows the validation likes{cut}.",
        *[f"Not tried: {reason}" for reason in detail["left_out"].values()],
    ]
    return "\n\n".join(parts)


def behind(difference: Report) -> str:
    """How far a model is behind the chosen one, and whether that may be chance."""
    value, low, high = (f"{-difference[key]:.3f}" for key in ("value", "high", "low"))
    chance = difference["low"] <= 0 <= difference["high"]
    return f"{value}, may be chance" if chance else f"{value} ({low} to {high})"


def new_users(metrics: Report) -> str:
    """Whom the lists serve, and what they show."""
    detail, name = metrics["recsys"], selected(metrics)["label"]
    rows = [
        [row["likes"], f"{row['users']:,}", f"{row[MODEL]:.3f}", f"{row[RULE]:.3f}"]
        for row in detail["users"]
    ]
    shown = {each: in_full(100 * share, ".2g") for each, share in detail["coverage"].items()}
    shares = [found["popularity_share"]["value"] for found in (metrics["test"], detail["rule"])]
    famous = [in_full(min(100 * p, 99.9) if p < 1 else 100, ".3g") for p in shares]
    return (
        table(["Known likes of a user", "Users", f"nDCG@{detail['k']}, {name}", "rule"], rows)
        + f"\n\n{name} shows {shown[MODEL]}% of the items to at least one test user, "
        f"{detail['data']['rule']} {shown[RULE]}%; {famous[0]}% "
        f"and {famous[1]}% of what they show come from the most liked tenth."
    )


def worth(metrics: Report) -> str:
    """Clicks and money of three lists, the A/B test, and what the gain depends on."""
    detail, rule = metrics["recsys"]["business"], metrics["recsys"]["data"]["rule"]
    prices, currency = detail["prices"], metrics["business"]["currency"]
    rows = [
        [
            f"**{row['name']}**" if row is detail["lists"][MODEL] else row["name"],
            in_full(100 * row["clicks"]["value"], "#.3g"),
            span(row["revenue"]).split(" (")[0],
            "" if row is detail["lists"][RULE] else span(row["gain"]),
        ]
        for row in (detail["lists"][name] for name in (RANDOM, RULE, MODEL))
    ]
    header = ["Shown", "Clicks per 100 visits", f"{currency} a month", f"Against {rule}"]
    clicks = BY_TRUTH if metrics["dataset"]["synthetic"] else BY_LIKES
    width = metrics["business"]["high"] - metrics["business"]["low"]
    moved = "; ".join(
        f"{amount(row['if_lower'], width)} or {amount(row['if_higher'], width)} if {row['if']}"
        for row in detail["sensitivity"]
    )
    return (
        f"{prices['visits_per_month']:,} visits a month, {in_full(prices['revenue_per_click'])} "
        f"{currency} a click (`config.yaml`). {clicks}\n\n{table(header, rows)}\n\n"
        "Brackets: 95% intervals over test users, taken to visit equally often. The difference "
        f"of {span(metrics['business'])} {currency} becomes {moved}.\n\n{experiment(metrics)}"
    )


def experiment(metrics: Report) -> str:
    """The simulated A/B test: plan, outcome, and what peeking would do."""
    found = metrics["recsys"]["experiment"]
    plan, result, lift = found["plan"], found["result"], found["result"]["lift"]
    effect, power, sure = plan["min_effect"], plan["power"], 1 - plan["alpha"]
    once, peeking = found["false_alarms"], found["peeking"]
    return (
        f"**A/B test**, simulated: to find {in_full(100 * effect, '.3g')}% more clicks with a "
        f"power of {in_full(100 * power, '.3g')}% at alpha = {plan['alpha']:g} takes "
        f"{plan['users_per_group']:,} users a group, one visit each: those of a user hang "
        f"together. It finds {VERDICTS[metrics['recsys']['verdict']]}: {lift['value']:+.1%} "
        f"({in_full(100 * sure, '.4g')}% interval {lift['low']:+.1%} to {lift['high']:+.1%}, "
        f"{in_words(result['p_value'])}); more or fewer is said only where the interval over users "
        f"agrees. Of {found['simulations']:,} tests of two equal lists "
        f"{in_full(100 * once, '.2g')}% were significant; stopping at the first significant of "
        f"{len(peeking)} looks makes that {in_full(100 * peeking[-1], '.2g')}% (both ± 1 point)."
    )


def reasons(explanation: Report) -> str:
    """Examples of "because you liked", and how true they are."""
    rows = []
    for row in explanation["examples"]:
        title, *because = (code(short(name, LETTERS)) for name in (row["title"], *row["because"]))
        added, score = (in_full(row[key], "#.3g") for key in ("added", "score"))
        rows.append([title, ", ".join(because) or "what is popular", f"{added} of {score}"])
    tastes = explanation["tastes"]
    check = tastes and (
        f" In the sample it is known what an item is about: of the {tastes['k']} items that a like "
        f"speaks for most, {tastes['neighbours']:.0%} share its main taste, of all "
        f"{tastes['chance']:.0%}."
    )
    exact = "A score is the sum of what each like and popularity add, so each part is exact."
    shown = table(["Recommended", "Because they liked", "These add to the score"], rows)
    return f"{exact}{check or ''}\n\n{shown}"


def model_details(metrics: Report, explanation: Report) -> str:
    """For the model card: what the model is, and which data all numbers come from."""
    row, detail = selected(metrics), metrics["recsys"]
    data, export = detail["data"], detail["export"]
    named = [f"{name.replace('_', ' ')} {value:g}" for name, value in row["settings"].items()]
    least, sizes = data["positive_rating"], [f"{data['slices'][name]:,}" for name in SLICES]
    split = "by time" if data["split"] == "time" else "at random within each user"
    lines = [
        f"- Model: {row['label']} ({', '.join(named)}), version `{explanation['model_version']}`",
        f"- Export: NumPy arrays without pickle, {export['bytes'] / 1e6:.1f} MB",
        f"- Data: {origin(metrics)}",
        f"- A like is {'any interaction' if least is None else f'a rating of {least:g} or more'}",
        f"- Split {split}: {' / '.join(sizes)} to train, validate, test",
        f"- Licence: {data['licence'] or 'none is named'}; source sha256 `{data['sha256']}`",
    ]
    if export["weights_per_item"]:
        lines[1] += f", with the {export['weights_per_item']} largest weights of each item"
    return "\n".join(lines)


def performance(metrics: Report) -> str:
    """For the model card: test metrics beside the rule's, new users, and the long tail."""
    detail, name = metrics["recsys"], selected(metrics)["label"]
    rows = [
        [metric(key), interval(found), interval(detail["rule"][key])]
        for key, found in metrics["test"].items()
    ]
    items = [
        [row["likes"], f"{row['held_out']:,}"]
        + [f"{in_full(100 * row[name], '.2g')}%" for name in (MODEL, RULE)]
        for row in detail["items"]
    ]
    tail = ["Known likes of an item", "Test likes", f"Found by {name}", "rule"]
    tested = table(["On the test slice (95% intervals)", name, detail["data"]["rule"]], rows)
    return f"{tested}\n\n{table(tail, items)}\n\n{new_users(metrics)}"


def selected(metrics: Report) -> Report:
    """The chosen model's entry of the ladder."""
    return next(model for model in metrics["models"] if model["selected"])
