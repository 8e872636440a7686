"""The generated blocks of README and model card: words made from the numbers in ``reports/``."""

from pathlib import Path
from typing import Any

from .config import Config
from .kit.documents import amount, code, interval, pictures, span, table, told, update
from .kit.files import Paths, read_json
from .money import MODEL, share
from .transfer import RUNGS, saved

Report = dict[str, Any]
METRICS = {
    "roc_auc": "ROC-AUC",
    "accuracy": "Accuracy",
    "f1": "F1",
    "precision": "Precision",
    "recall": "Recall",
    "brier": "Brier score (lower is better)",
}


def write_documents(config: Config, paths: Paths, check: bool) -> list[Path]:
    """Bring README and model card up to date; with ``check`` only say whether they are.

    A ProjectError says that a stage has not run, or a document is not up to date.
    """
    metrics = read_json(paths.reports / "metrics.json", "evaluate")
    receipt = read_json(paths.reports / "data.json", "data")
    explanation = read_json(paths.reports / "explain.json", "explain")
    shown = pictures(read_json(paths.reports / "figures.json", "evaluate"))
    readme = {
        "headline": f"{headline(metrics)}\n\n{shown['headline']}",
        "data": f"{bullets(metrics)}\n\n{told(receipt)}",
        "results": f"{results(metrics)}\n\n{shown['result']}",
        "money": f"{worth(metrics)}\n\n{shown['money']}",
        "explanation": f"{words(metrics, explanation)}\n\n{shown['explanation']}",
        "live": f"Online: <{config.live_url}>" if config.live_url else "<!-- not online -->",
    }
    card = {
        "model": model_details(metrics, explanation),
        "data": data_details(metrics, receipt),
        "results": performance(metrics),
    }
    documents = {paths.root / "README.md": readme, paths.root / "MODEL_CARD.md": card}
    return update(documents, check)


def headline(metrics: Report) -> str:
    """The finding, with a mark where the data is made up."""
    mark = " (Synthetic sample: a made-up shop.)" if metrics["dataset"]["synthetic"] else ""
    return f"**{metrics['business']['headline']}.**{mark}"


def bullets(metrics: Report) -> str:
    """Data, model and worth in a line each."""
    detail, accuracy, business = metrics["nlp"], metrics["test"]["accuracy"], metrics["business"]
    return (
        f"- **Data:** {origin(metrics['dataset'])}; of the {detail['test_rows']:,} kept for the "
        f"test {share(detail['positive_rate'])} are good.\n"
        f"- **Model:** {selected(metrics)['label']}, right on {accuracy['value']:.1%} "
        f"({accuracy['low']:.1%} to {accuracy['high']:.1%}) of test reviews, which were used for "
        "no choice; served from one ONNX file.\n"
        f"- **Worth:** beyond {detail['business']['reference']}, {span(business)} "
        f"{business['currency']} per {business['per']}, {business['assumption']}."
    )


def results(metrics: Report) -> str:
    """The ladder on validation folds, and how far the test set bears it out."""
    rows = [
        [
            f"**{model['label']}**" if model["selected"] else model["label"],
            f"{model['tried']}",
            f"{model['metrics']['roc_auc']['value']:.3f}",
            f"{model['metrics']['accuracy']['value']:.1%}",
            behind(model["difference"]) if model["difference"] else "chosen",
        ]
        for model in metrics["models"]
    ]
    test, before = metrics["test"]["roc_auc"], selected(metrics)["metrics"]["roc_auc"]["value"]
    low, high, there = (round(x, 3) for x in (test["low"], test["high"], before))  # as is shown
    holds = "holds" if low <= there <= high else "does not hold"
    passed_over = ""
    if large := metrics["nlp"]["too_large"]:
        passed_over = (
            f"{large['label']} has the highest ROC-AUC, but takes {large['megabytes']:.0f} MB, and "
            f"`limits.model_mb`, which may be raised, is {large['limit']:g}: published is the best "
            "of the others.\n\n"
        )
    header = ["Model", "Settings tried", "ROC-AUC", "Accuracy", "ROC-AUC behind the chosen one"]
    return (
        f"{table(header, rows)}\n\n{passed_over}"
        "All on the same validation folds, each review scored by a model that never saw it; "
        "differences are paired, in brackets their 95% intervals. Settings, calibration and model "
        "were chosen on these folds, which can flatter them. On the test set the "
        f"chosen model's ROC-AUC is {interval(test)}, which {holds} the {before:.3f} of validation."
    )


def behind(difference: Report) -> str:
    """How far a model is behind the chosen one, and whether that may be chance."""
    value, low, high = (f"{0 - round(difference[key], 3):.3f}" for key in ("value", "high", "low"))
    chance = difference["low"] <= 0 <= difference["high"]
    return f"{value}, may be chance" if chance else f"{value} ({low} to {high})"


def worth(metrics: Report) -> str:
    """Money: prices, policies, what the answer depends on, and what customers blame."""
    detail, currency = metrics["nlp"]["business"], metrics["business"]["currency"]
    prices, best, pays = detail["prices"], detail["best_threshold"], detail["threshold"]
    value, low, high = (f"{min(best[key], 1):.1%}" for key in ("value", "low", "high"))
    rows = [
        [
            f"**{row['name']}**" if row["name"] == MODEL else row["name"],
            share(row["read"]),
            share(row["reached"]),
            span(row["per_1000_reviews"]),
            "" if row["name"] == MODEL else span(row["saved"]),
        ]
        for row in detail["policies"]
    ]
    unit = f"{currency} per 1,000 reviews"
    header = ["Policy", "Reads", "Reaches of the unhappy", f"Earns, {unit}", "The model earns more"]
    rule = f"reading pays above a risk of {pays:.1%}, and there the model reads"
    return (
        f"Assumed: an unhappy customer who stays is worth {prices['customer_value']:,.12g} "
        f"{currency}, {100 * prices['win_back']:.3g}% stay if answered, reading a review costs "
        f"{prices['reading_cost']:,.12g} (`config.yaml`). So "
        f"{rule if pays < 1 else 'no review is worth reading'}. As a check, the threshold that "
        f"earned most on training reviews is {value} ({low} to {high}).\n\n"
        f"{table(header, rows)}\n\n"
        "On test reviews, in brackets 95% intervals; that of what the model earns more is of the "
        f"paired difference. {moved(metrics)}\n\n"
        f"{blamed(metrics['nlp'], currency)}"
    )


def moved(metrics: Report) -> str:
    """Which price moves the lead over the reference furthest, of those that were moved."""
    business, detail = metrics["business"], metrics["nlp"]["business"]
    row, width = detail["sensitivity"][0], business["high"] - business["low"]
    low, high = (amount(row[key], width) for key in ("if_lower", "if_higher"))
    return (
        f"Of the prices, {row['price']} moves it furthest: {row['swing']:.0%} lower or higher, "
        f"what the model earns more than {detail['reference']} is {low} or {high}."
        if row["range"]
        else f"A price that is {row['swing']:.0%} lower or higher does not move it."
    )


def blamed(detail: Report, currency: str) -> str:
    """What unhappy customers complain of, ranked by revenue at risk."""
    there = [row for row in detail["aspects"] if row["blamed"]]
    if not there:
        return "No unhappy test customer blames an aspect that `config.yaml` names."
    rows = [
        [code(r["aspect"]), f"{r['blamed']:,} of {r['unhappy']:,}", span(r["revenue_at_risk"])]
        for r in there[:4]
    ]
    header = ["Aspect", "Blamed, by the unhappy who name it", f"{currency} at risk"]
    chance = "" if there[0]["leads"] else " Which aspect is blamed most may be chance."
    return (
        f"{table(header, rows)}\n\n"
        f"Of {detail['test_rows']:,} test reviews {detail['naming']:,} name an aspect. Blamed: its "
        "clauses sound unhappy to the model. Each puts a customer's value at risk, "
        f"here per 1,000 reviews.{chance}"
    )


def words(metrics: Report, explanation: Report) -> str:
    """The telling words, and what the API's contributions are."""
    parts = (
        "The API says what the log-odds lose without each word."
        if selected(metrics)["name"] in RUNGS
        else "The model is linear: but for a constant, the API's parts of the words add up to the "
        "log-odds. What pairs and pieces of words add is shared by their words."
    )
    good, bad = (
        ", ".join(code(row["word"]) for row in explanation[key][:10]) or "none"
        for key in ("positive_words", "negative_words")
    )
    return (
        "Words that go with good or bad training reviews more than chance explains (Fisher's exact "
        "test, false discovery rate 5%), by what they add in the model, strongest first:\n\n"
        f"- For: {good}\n- Against: {bad}\n\n{parts} These are associations, not causes."
    )


def model_details(metrics: Report, explanation: Report) -> str:
    """For the model card: what the model is."""
    chosen, detail = selected(metrics), metrics["nlp"]
    settings = ", ".join(f"{name} = {value}" for name, value in chosen["settings"].items())
    brier = ", ".join(f"{key} {value:.4f}" for key, value in detail["calibration"]["brier"].items())
    return (
        f"- Model: {chosen['label']} ({settings})\n"
        f"- Version: `{explanation['model_version']}`\n"
        f"- Calibration: {detail['calibration']['chosen']} (Brier score in validation: {brier})\n"
        "- Decision: read where that is expected to earn more than it costs, above a risk of "
        f"{min(detail['business']['threshold'], 1):.1%}\n"
        f"- Export: ONNX, {detail['export_difference']:.7f} away in probability from the trained "
        f"model at most, on training reviews and on texts made to be odd{saved(detail)}"
    )


def data_details(metrics: Report, receipt: Report) -> str:
    """For the model card: which data all numbers come from, and what was left out."""
    detail = metrics["nlp"]
    return (
        f"- Data set: {origin(metrics['dataset'])}; {detail['test_rows']:,} of them to test\n"
        f"- A good review: {code(detail['positive_where'])}\n"
        f"- {told(receipt)}"
    )


def performance(metrics: Report) -> str:
    """For the model card: test metrics, and accuracy by group, in tables."""
    rows = [[label, interval(metrics["test"][key])] for key, label in METRICS.items()]
    groups = [
        [
            f"{row['kind']}: {code(row['name'])}{', less than the rest' * row['worse']}",
            f"{row['rows']:,}",
            interval(row["accuracy"], ".0%"),
        ]
        for row in metrics["nlp"]["slices"]
    ]
    mark = " (synthetic sample)" if metrics["dataset"]["synthetic"] else ""
    scores = table([f"Metric on the test set{mark}", "Value [95% interval]"], rows)
    note = "Intervals of shares are Wilson's; a bootstrap's have no width where all is right."
    header = ["Group", "Test reviews", "Accuracy [95% interval]"]
    return f"{scores}\n\n{table(header, groups)}\n\n{note}"


def origin(dataset: Report) -> str:
    """How many reviews, and where they come from."""
    name = "made up by this project" if dataset["synthetic"] else code(dataset["name"])
    licence = f", {dataset['licence']}" if dataset["licence"] else ""
    return f"{dataset['rows']:,} reviews ({name}{licence})"


def selected(metrics: Report) -> Report:
    """The chosen model's entry of the ladder."""
    return next(model for model in metrics["models"] if model["selected"])
