"""The generated blocks of README and model card: text made of numbers from ``reports/``."""

from pathlib import Path
from typing import Any

from .config import Config
from .figures import chosen, metric
from .kit.documents import amount, code, interval, pictures, span, table, update
from .kit.files import Paths, read_json
from .money import MODEL, RANDOM, RULE, SWING

Report = dict[str, Any]

TITLE_LENGTH = 50
MADE_UP = ", a **synthetic sample: people, items and clicks are made up**"
LIKELY = "clicks, and other users would very likely agree"
VERDICTS = {"more": f"more {LIKELY}", "fewer": f"fewer {LIKELY}", "chance": "what may be chance"}
CLICKS = """\
Clicks are simulated: users come for one of the items they liked in the test slice, click it if it \
is in the list and they look that far, and {seen} What they never met counts as a miss, which \
favours popular items: compare the lists, not their level."""
ASSUMPTIONS = {
    "prices": f"if visits times revenue per click is {SWING:.0%} lower or higher",
    "effect": "at the ends of its 95% interval over users",
    "attention": "if attention falls twice as fast down the list, or not at all",
}


def write_documents(config: Config, paths: Paths, check: bool) -> list[Path]:
    """Bring README and model card up to date with the reports; return what was rewritten.

    Raises:
        ProjectError: a report or a marker is missing, or, with ``check``, a block is stale.
    """
    metrics = read_json(paths.reports / "metrics.json", "evaluate")
    explanation = read_json(paths.reports / "explain.json", "explain")
    shown = pictures(read_json(paths.reports / "figures.json", "evaluate"))
    mark = " (Synthetic sample: made-up readers.)" if metrics["dataset"]["synthetic"] else ""
    readme = {
        "headline": f"**{metrics['business']['headline']}.**{mark}\n\n{shown['headline']}",
        "data": bullets(metrics),
        "results": f"{results(metrics)}\n\n{shown['result']}\n\n{new_users(metrics)}",
        "money": f"{worth(metrics)}\n\n{shown['money']}",
        "explanation": f"{reasons(explanation)}\n\n{shown['explanation']}",
        "live": f"Online: <{config.live_url}>" if config.live_url else "<!-- not online -->",
    }
    card = {"model": model(metrics, explanation), "results": performance(metrics)}
    return update({paths.root / "README.md": readme, paths.root / "MODEL_CARD.md": card}, check)


def bullets(metrics: Report) -> str:
    """Data, model and worth in a line each."""
    detail, primary = metrics["recsys"], metrics["primary_metric"]["name"]
    data, lists = detail["data"], detail["business"]["lists"]
    ours, rule = (100 * lists[name]["clicks"]["value"] for name in (MODEL, RULE))
    filled = data["rows"] / (data["users"] * data["items"])
    return (
        f"- **Data:** {code(data['name'])}{MADE_UP if data['synthetic'] else ''}. {data['rows']:,} "
        f"interactions of {data['users']:,} users with {data['items']:,} items ({filled:.1%} of "
        f"all pairs); {data['likes']:,} are likes.\n- **Model:** {chosen(metrics)['label']}, "
        f"chosen from {len(metrics['models'])}. {metric(metrics)} on the test slice is "
        f"{metrics['test'][primary]['value']:.3f}, of {data['rule']} "
        f"{detail['rule'][primary]['value']:.3f}.\n- **Worth:** of 100 simulated visits {ours:.1f} "
        f"end in a click, with {data['rule']} {rule:.1f}."
    )


def results(metrics: Report) -> str:
    """The ladder on the validation slice, and the chosen model on the test slice."""
    detail, primary, ours = metrics["recsys"], metrics["primary_metric"]["name"], chosen(metrics)
    rows = [
        [each["label"], f"{each['metrics'][primary]['value']:.3f}", difference(each)]
        for each in metrics["models"]
    ]
    best = max(metrics["models"], key=lambda each: each["metrics"][primary]["value"])
    passed_over = (
        f"{best['label']} needs all histories at hand to answer and gives no exact reasons, so "
        f"{ours['label']} is the best that can be published. "
    )
    lead, test, gap = detail["lead"], metrics["test"][primary], detail["gap"]
    parts = [
        table(["Model", f"{metric(metrics)}, validation", f"Against {ours['label']}"], rows),
        f"Lists hold {detail['k']} items, none that the user has met; each model tried up to "
        f"{max(each['tried'] for each in metrics['models'])} settings. "
        f"{'' if best['exportable'] else passed_over}Differences are over the same users; one "
        "whose 95% interval holds 0 may be chance.",
        f"On the test slice, used for no choice, {ours['label']} reaches {test['value']:.3f} "
        f"({test['low']:.3f} to {test['high']:.3f}), {lead['value']:+.3f} against "
        f"{detail['data']['rule']} ({lead['low']:+.3f} to {lead['high']:+.3f}). On the validation "
        f"slice it was {gap['validation']:.3f}: items that the same users meet in the test slice "
        f"take places there and count as misses. Without them it is {gap['hidden_left_out']:.3f}; "
        f"the same model has {gap['same_model']:.3f} on the test slice, and {test['value']:.3f} "
        "once it knows the validation likes too.",
        *[f"Not tried: {reason}" for reason in detail["left_out"].values()],
    ]
    return "\n\n".join(parts)


def difference(row: Report) -> str:
    """A model's difference to the chosen one in words, by its paired interval."""
    found = row["difference"]
    if found is None:
        return "**chosen**"
    chance = "" if found["low"] > 0 or found["high"] < 0 else ", may be chance"
    return f"{found['value']:+.3f}{chance}"


def new_users(metrics: Report) -> str:
    """Whom the lists serve, and what they show."""
    detail, name = metrics["recsys"], chosen(metrics)["label"]
    rows = [
        [row["likes"], f"{row['users']:,}", f"{row[MODEL]:.3f}", f"{row[RULE]:.3f}"]
        for row in detail["users"]
    ]
    famous = [found["popularity_share"]["value"] for found in (metrics["test"], detail["rule"])]
    return (
        table(["Known likes of a user", "Users", f"{metric(metrics)}, {name}", "rule"], rows)
        + f"\n\n{name} shows {detail['coverage'][MODEL]:.0%} of the items to anybody, "
        f"{detail['data']['rule']} {detail['coverage'][RULE]:.0%}; {famous[0]:.0%} "
        f"and {famous[1]:.0%} of what they show come from the most liked tenth."
    )


def worth(metrics: Report) -> str:
    """Clicks and money of three lists, the A/B test, and what the gain depends on."""
    detail, rule = metrics["recsys"]["business"], metrics["recsys"]["data"]["rule"]
    names = {RANDOM: "items by lot", RULE: rule, MODEL: chosen(metrics)["label"]}
    prices, rows = detail["prices"], []
    for name, shown in names.items():
        row = detail["lists"][name]
        against = "" if name == RULE else span(row["gain"])
        rows.append([shown, f"{100 * row['clicks']['value']:.1f}", alone(row["revenue"]), against])
    header = ["Shown", "Clicks per 100 visits", f"{prices['currency']} a month", f"Against {rule}"]
    seen = "the lower an item stands, the fewer look at it (1 / log2(rank + 1))."
    made_up = f"Clicks are simulated: by the tastes with which the sample was made, and {seen}"
    clicks = made_up if metrics["dataset"]["synthetic"] else CLICKS.format(seen=seen)
    moved = detail["sensitivity"]
    width = metrics["business"]["high"] - metrics["business"]["low"]
    listed = "; ".join(
        f"{amount(moved[name][0], width)} to {amount(moved[name][1], width)} {ASSUMPTIONS[name]}"
        for name in sorted(moved, key=lambda name: -abs(moved[name][1] - moved[name][0]))
    )
    return (
        f"{prices['visits_per_month']:,} visits a month, {prices['revenue_per_click']:,.10g} "
        f"{prices['currency']} a click (`config.yaml`). {clicks}\n\n{table(header, rows)}\n\n"
        f"{experiment(metrics)}\n\nThe gain of {alone(metrics['business'])} "
        f"{prices['currency']} a month becomes {listed}."
    )


def alone(estimate: Report) -> str:
    """Money at the precision that its interval deserves."""
    return amount(estimate["value"], estimate["high"] - estimate["low"])


def experiment(metrics: Report) -> str:
    """The simulated A/B test: plan, outcome, and what peeking would do."""
    found = metrics["recsys"]["experiment"]
    plan, result, lift = found["plan"], found["result"], found["result"]["lift"]
    small = "p < 0.0001" if result["p_value"] < 0.0001 else f"p = {result['p_value']:.4f}"
    return (
        f"**A/B test**, simulated: to find {plan['min_effect']:.1%} more clicks with a power of "
        f"{plan['power']:.0%} at alpha = {plan['alpha']:g} takes {plan['users_per_group']:,} users "
        f"a group, one visit each. It finds {VERDICTS[metrics['recsys']['verdict']]}: "
        f"{lift['value']:+.1%} ({lift['low']:+.1%} to {lift['high']:+.1%}, {small}). Of "
        f"{found['simulations']:,} tests of two equal lists {found['false_alarms']:.1%} were "
        f"significant; stopping at the first significant of {len(found['peeking'])} looks makes "
        f"that {found['peeking'][-1]:.0%}."
    )


def reasons(explanation: Report) -> str:
    """Examples of "because you liked", and how true they are."""
    rows = []
    for row in explanation["examples"]:
        because = ", ".join(map(_title, row["because"]))
        rows.append([_title(row["title"]), because, f"{row['added']:.3g} of {row['score']:.3g}"])
    tastes = explanation["tastes"]
    check = tastes and (
        f" In the sample it is known what an item is about: {tastes['neighbours']:.0%} of the "
        f"{tastes['k']} nearest items share an item's main taste, of all {tastes['chance']:.0%}."
    )
    exact = "A score is a sum over liked items, so each like's part of it is exact."
    shown = table(["Recommended", "Because they liked", "These add to the score"], rows)
    return f"{exact}{check or ''}\n\n{shown}"


def _title(title: str) -> str:
    """The start of a title: a whole one may be a sentence or two."""
    return code(title if len(title) <= TITLE_LENGTH else title[: TITLE_LENGTH - 1] + "\u2026")


def model(metrics: Report, explanation: Report) -> str:
    """For the model card: what the model is, and which data all numbers come from."""
    row, detail = chosen(metrics), metrics["recsys"]
    data, export = detail["data"], detail["export"]
    named = [f"{name.replace('_', ' ')} {value:g}" for name, value in row["settings"].items()]
    least, sizes = data["positive_rating"], [f"{size:,}" for size in data["slices"].values()]
    split = "by time" if data["split"] == "time" else "at random within each user"
    lines = [
        f"- Model: {row['label']} ({', '.join(named)}), version `{explanation['model_version']}`",
        f"- Export: NumPy arrays without pickle, {export['bytes'] / 1e6:.1f} MB",
        bullets(metrics).split("\n")[0],
        f"- A like is {'any interaction' if least is None else f'a rating of {least:g} or more'}",
        f"- Split {split}: {' / '.join(sizes)} to train, validate, test",
        f"- Licence: {data['licence'] or 'none is named'}; source sha256 `{data['sha256']}`",
    ]
    if export["weights_per_item"]:
        lines[1] += f", with the {export['weights_per_item']} largest weights of each item"
    return "\n".join(lines)


def performance(metrics: Report) -> str:
    """For the model card: test metrics beside the rule's, new users, and the long tail."""
    detail, name = metrics["recsys"], chosen(metrics)["label"]
    rows = [
        [key.replace("_", " "), interval(found), interval(detail["rule"][key])]
        for key, found in metrics["test"].items()
    ]
    items = [
        [row["likes"], f"{row['held_out']:,}", f"{row[MODEL]:.0%}", f"{row[RULE]:.0%}"]
        for row in detail["items"]
    ]
    tail = ["Known likes of an item", "Test likes", f"Found by {name}", "rule"]
    tested = table(["On the test slice", name, detail["data"]["rule"]], rows)
    return f"{tested}\n\n{table(tail, items)}\n\n{new_users(metrics)}"
