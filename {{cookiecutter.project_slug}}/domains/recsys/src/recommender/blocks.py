"""The generated blocks of README and model card: text made of numbers from ``reports/``."""

from . import markdown, wording
from .markdown import amount, code, dataset_name, interval, origin, table
from .wording import CHARACTER, Report, accuracy_names, label, selected

DOCUMENTS = ("README.md", "MODEL_CARD.md")
REPORTS = ("metrics.json", "explain.json")
TITLE_LENGTH = 60


def headline(metrics: Report, explanation: Report) -> str:
    """The finding, a picture, and a badge where the data is synthetic."""
    picture = (
        "![Click-through rate of popular items and of the model in the simulated A/B test, with "
        "intervals](reports/figures/ab_test.png)"
    )
    return markdown.headline(metrics, metrics["business"]["headline"], picture)


def results(metrics: Report, explanation: Report) -> str:
    """The ladder on the validation slice, and the chosen model on the test slice."""
    k, chosen = metrics["recsys"]["k"], label(selected(metrics)["name"])
    names = accuracy_names(k)
    rows = [
        [_name(model), *[interval(model["metrics"][name]) for name in names]]
        for model in metrics["models"]
    ]
    tries = max(model["tried"] for model in metrics["models"])
    parts = [
        f"{origin(metrics)} Lists of at most {k}, never with an item that the user has met. Every "
        f"model could try up to {tries} settings on the same validation slice; brackets: 95% "
        "interval over users.",
        table(["Model", *[label(name) for name in names]], rows),
        f"![{label(names[0])} of each model on the validation slice](reports/figures/ladder.png)",
        wording.unpublished(metrics),
        wording.lead(metrics),
        f"The chosen model ({chosen}) saw the test slice once:",
        table(["On the test slice", chosen, "popularity"], wording.scores(metrics)),
        wording.cold_start(metrics),
    ]
    return "\n\n".join(part for part in parts if part)


def tried(metrics: Report, explanation: Report) -> str:
    """Beyond accuracy, the settings, what was left out, and errors of predicted ratings."""
    detail = metrics["recsys"]
    rows = [
        [
            _name(model),
            f"{model['coverage']:.1%}",
            *[f"{model['metrics'][name]['value']:.3f}" for name in CHARACTER],
            wording.settings(model),
        ]
        for model in metrics["models"]
    ]
    header = ["Model", "Coverage", *[label(name) for name in CHARACTER], "Best settings"]
    parts = [
        "A list can be right and still show everybody the same. Coverage is the share of items "
        "that anybody is shown, novelty how rare an item is among likes, diversity how little the "
        "items of a list have in common, by who liked them.",
        table(header, rows),
        "![Accuracy against coverage and novelty](reports/figures/tradeoff.png)",
        *[f"Not tried: {reason}" for reason in detail["left_out"].values()],
        wording.rating_errors(detail["ratings"]),
    ]
    return "\n\n".join(part for part in parts if part)


def experiment(metrics: Report, explanation: Report) -> str:
    """The simulated A/B test: plan, assumptions, outcome, and what peeking would do."""
    detail, found = metrics["recsys"]["business"], metrics["recsys"]["experiment"]
    plan, result = detail["plan"], detail["result"]
    groups = {"control": "popular items", "treatment": label(selected(metrics)["name"])}
    rows = [
        [f"{group}: {shows}", wording.percent(result[group]), f"{found['expected'][group]:.2%}"]
        for group, shows in groups.items()
    ]
    rows += [
        [words, wording.percent(result[name]), ""]
        for name, words in (("difference", "difference"), ("lift", "relative lift"))
    ]
    sure, small = 100 * (1 - plan["alpha"]), result["p_value"] < 0.0001
    p_value = "p < 0.0001" if small else f"p = {result['p_value']:.4f}"
    return "\n\n".join(
        [
            f"{origin(metrics)} The test is simulated: {wording.clicks(metrics)} The click-through "
            "rate (CTR) is the share of visits that end in a click. A visit is one user looking "
            "once at one list; users are assigned and counted, with one visit each, so that "
            "visits are independent.",
            f"Planned first: to find a relative lift of {plan['min_effect']:.1%} on a CTR of "
            f"{plan['baseline']:.2%} (that of the test users; a real plan takes it from past "
            f"visits) with a power of {plan['power']:.1%} at alpha = {plan['alpha']:g} takes "
            f"{plan['users_per_group']:,} users per group, here drawn with replacement from the "
            f"{found['visitors']:,} users of the test slice.",
            table(["Group", f"CTR [{sure:.4g}% interval]", "Clicks drawn with"], rows),
            f"The difference is {'' if result['significant'] else 'not '}significant ({p_value}), "
            f"among visitors like these {found['visitors']:,}: whether other users would differ "
            "too is what the interval under Business impact tells. "
            f"Of {found['simulations']:,} simulated tests without any difference "
            f"{found['false_alarms']:.1%} came out significant. Looking "
            f"{len(found['peeking'])} times and stopping at the first significant result makes "
            f"that {found['peeking'][-1]:.0%}:",
            "![False alarms by number of looks](reports/figures/peeking.png)",
        ]
    )


def business(metrics: Report, explanation: Report) -> str:
    """Money: prices, what the extra clicks earn, and what the answer depends on."""
    detail, currency = metrics["recsys"]["business"], metrics["business"]["currency"]
    prices, monthly = detail["prices"], detail["revenue_per_month"]
    users = metrics["recsys"]["experiment"]["visitors"]
    rows = [
        ["popular items", f"{amount(monthly['control'])} {currency}"],
        [label(selected(metrics)["name"]), f"{amount(monthly['treatment'])} {currency}"],
        ["difference", wording.money(metrics["business"], currency)],
    ]
    moved = wording.sensitivity(detail, currency)
    return "\n\n".join(
        [
            f"{metrics['business']['headline']}.",
            f"Prices (from `config.yaml`): {prices['visits_per_month']:,} visits a month, "
            f"{prices['revenue_per_click']:g} {currency} from a click. The clicks per visit are "
            f"those with which the A/B test draws. The interval is over the {users:,} users of the "
            "test slice; that of the A/B test is another one, which takes each visitor as somebody "
            "new.",
            table(["Revenue per month", "Value"], rows),
            table(["Gain per month with", "lower", "higher"], moved),
        ]
    )


def reasons(metrics: Report, explanation: Report) -> str:
    """Examples of "because you liked", of similar items, and how true they are."""
    examples = [
        [
            str(row["likes"]),
            _title(row["title"]),
            _titles(row["because"]),
            f"{row['added']:.3g} of {row['score']:.3g}",
        ]
        for row in explanation["examples"]
    ]
    similar = [[_title(row["title"]), _titles(row["similar"])] for row in explanation["neighbours"]]
    tastes = explanation["tastes"]
    check = tastes and (
        f"In the sample it is known what each item is about: {tastes['neighbours']:.0%} of the "
        f"{tastes['k']} most similar items share an item's main taste, against "
        f"{tastes['chance']:.0%} of all items."
    )
    parts = [
        f"{origin(metrics)} A score is a sum over liked items, so a reason is exact: it is what "
        "that like adds to the score. The first recommendation to some users:",
        table(["Likes", "Recommended", "Because of", "These add"], examples),
        "![What each like adds to the score of one recommendation](reports/figures/because.png)",
        "The items to whose scores a like adds most:",
        table(["Item", "Most similar"], similar),
        check,
    ]
    return "\n\n".join(part for part in parts if part)


def provenance(metrics: Report, explanation: Report) -> str:
    """Which data all numbers on the page come from."""
    dataset, data = metrics["dataset"], metrics["recsys"]["data"]
    filled = data["rows"] / (data["users"] * data["items"])
    least = data["positive_rating"]
    like = "every interaction" if least is None else f"a rating of {least:g} or more"
    parts = {"train": "to train", "validation": "to validate", "test": "to test"}
    slices = ", ".join(f"{data['slices'][part]:,} {what}" for part, what in parts.items())
    lines = [
        f"- Data set: {dataset_name(metrics)}",
        f"- Interactions: {dataset['rows']:,} of {data['users']:,} users with {data['items']:,} "
        f"items ({filled:.2%} of all pairs); {data['duplicates']:,} repeated ones left out",
        f"- Likes: {data['likes']:,} ({like})",
        f"- Split {wording.split(data)}: {slices}",
        f"- Source sha256: `{dataset['sha256']}`",
    ]
    if data["unknown_items"]:
        lines.insert(2, f"- {data['unknown_items']:,} items are not described, and go by their id")
    return "\n".join(lines)


def model_details(metrics: Report, explanation: Report) -> str:
    """For the model card: what the model is."""
    model, export = selected(metrics), metrics["recsys"]["export"]
    lines = [
        f"- Model: {label(model['name'])} ({wording.settings(model)})",
        f"- Version: `{explanation['model_version']}`",
        f"- Recommends {metrics['recsys']['k']} items unless asked for another number",
        f"- Export: NumPy arrays without pickle, {export['bytes'] / 1e6:.1f} MB",
    ]
    if export["weights_per_item"]:
        primary = metrics["primary_metric"]
        lines.append(
            f"- To fit, only the {export['weights_per_item']:,} largest weights of each item are "
            f"kept: {label(primary['name'])} is {primary['value']:.4f} instead of "
            f"{export['ndcg_of_all_weights']:.4f} on the test slice"
        )
    return "\n".join(lines)


def model_performance(metrics: Report, explanation: Report) -> str:
    """For the model card: test metrics in a table, and the cold start."""
    header = ["On the test slice", label(selected(metrics)["name"]), "popularity"]
    scores = table(header, wording.scores(metrics))
    return f"{origin(metrics)}\n\n{scores}\n\n{wording.cold_start(metrics)}"


def _name(model: Report) -> str:
    name = label(model["name"])
    return f"**{name}** (chosen)" if model["selected"] else name


def _titles(titles: list[str]) -> str:
    return ", ".join(_title(title) for title in titles)


def _title(title: str) -> str:
    """The start of a title: a whole one may be a sentence or two."""
    return code(title if len(title) <= TITLE_LENGTH else title[: TITLE_LENGTH - 1] + "\u2026")
