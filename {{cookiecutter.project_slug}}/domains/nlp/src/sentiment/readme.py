"""The generated blocks of README and model card: words made from the numbers in ``reports/``."""

from pathlib import Path
from typing import Any

from .config import Config
from .kit.documents import amount, code, interval, pictures, span, table, update
from .kit.files import Paths, read_json
from .money import MODEL

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

    Raises:
        ProjectError: a stage has not run, or a document is not up to date.
    """
    metrics = read_json(paths.reports / "metrics.json", "evaluate")
    receipt = read_json(paths.reports / "data.json", "data")
    explanation = read_json(paths.reports / "explain.json", "explain")
    shown = pictures(read_json(paths.reports / "figures.json", "evaluate"))
    readme = {
        "headline": f"{headline(metrics)}\n\n{shown['headline']}",
        "data": bullets(metrics),
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
    detail, accuracy = metrics["nlp"], metrics["test"]["accuracy"]
    earned = span(detail["business"]["policies"][-1]["per_1000_reviews"])
    return "\n".join(
        [
            f"- **Data:** {origin(metrics['dataset'])}; of the {detail['test_rows']:,} kept for "
            f"the test {detail['positive_rate']:.0%} are good.",
            f"- **Model:** {selected(metrics)['label']}, right on {accuracy['value']:.0%} "
            f"({accuracy['low']:.0%} to {accuracy['high']:.0%}) of test reviews, which were used "
            "for no choice; served from one ONNX file.",
            f"- **Worth:** {earned} {metrics['business']['currency']} per "
            f"{metrics['business']['per']}, {metrics['business']['assumption']}.",
        ]
    )


def results(metrics: Report) -> str:
    """The ladder on validation folds, the cleaning steps, and where the model is wrong."""
    rows = [
        [
            f"**{model['label']}**" if model["selected"] else model["label"],
            f"{model['metrics']['roc_auc']['value']:.3f}",
            f"{model['metrics']['accuracy']['value']:.1%}",
            behind(model["difference"]) if model["difference"] else "chosen",
        ]
        for model in metrics["models"]
    ]
    test, large = metrics["test"], metrics["nlp"]["too_large"]
    passed_over = (
        f"{large['label']} scores best, but its {large['megabytes']:.0f} MB are more than "
        f"`limits.model_mb`: published is the best of the others. "
        if large
        else ""
    )
    header = ["Model", "ROC-AUC", "Accuracy", "ROC-AUC behind the chosen one"]
    return "\n\n".join(
        [
            table(header, rows),
            "All on the same validation folds, each review scored by a model that never saw it; "
            f"differences are paired. {passed_over}On the test set the chosen "
            f"model's ROC-AUC is {test['roc_auc']['value']:.3f}.",
        ]
    )


def behind(difference: Report) -> str:
    """How far a model is behind the chosen one, and whether that may be chance."""
    low, high = (f"{-difference[key]:.3f}" for key in ("high", "low"))
    if difference["low"] <= 0 <= difference["high"]:
        return f"{-difference['value']:.3f}, may be chance"
    return f"{-difference['value']:.3f} ({low} to {high})"


def worth(metrics: Report) -> str:
    """Money: prices, policies, what the answer depends on, and what customers blame."""
    detail, currency = metrics["nlp"]["business"], metrics["business"]["currency"]
    prices, best = detail["prices"], detail["best_threshold"]
    rows = [
        [
            f"**{row['name']}**" if row["name"] == MODEL else row["name"],
            f"{row['read']:.0%}",
            f"{row['reached']:.0%}",
            alone(row["per_1000_reviews"]),
            "" if row["name"] == MODEL else span(row["saved"]),
        ]
        for row in detail["policies"]
    ]
    unit = f"{currency} per 1,000 reviews"
    header = ["Policy", "Reads", "Reaches of the unhappy", f"Earns, {unit}", "The model earns more"]
    pays = (
        "no review is worth reading"
        if detail["threshold"] > 1
        else f"reading pays from a risk of {detail['threshold']:.2f} on, and from there the model "
        "reads"
    )
    swing = detail["sensitivity"][0]
    low, high = (amount(swing[key], 1_000) for key in ("if_lower", "if_higher"))
    return "\n\n".join(
        [
            f"Assumed: an unhappy customer who stays is worth {prices['customer_value']:,g} "
            f"{currency}, {100 * prices['win_back']:.3g}% stay if answered, reading a review costs "
            f"{prices['reading_cost']:,g} (`config.yaml`). So {pays}. Check: the threshold that "
            f"earned most on training reviews was {min(best['value'], 1):.2f} (other reviews would "
            f"move it between {best['low']:.2f} and {min(best['high'], 1):.2f}).",
            table(header, rows),
            "Brackets hold 95% intervals of the paired difference on test reviews. With the "
            f"{swing['price']} {swing['swing']:.0%} lower or higher, the model would earn "
            f"{low} or {high} more than {detail['reference']}.",
            blamed(metrics["nlp"]["aspects"], currency),
        ]
    )


def blamed(found: list[Report], currency: str) -> str:
    """What unhappy customers complain of, ranked by revenue at risk."""
    there = [row for row in found if row["blamed"]]
    if not there:
        return "No unhappy test customer blames an aspect that `config.yaml` names."
    rows = [
        [
            code(row["aspect"]),
            f"{row['blamed']:,} of {row['unhappy']:,}",
            span(row["revenue_at_risk"]),
        ]
        for row in there[:4]
    ]
    header = ["Aspect", "Unhappy customers who blame it", f"At risk, {currency} per 1,000 reviews"]
    note = "Blamed: its clauses sound unhappy to the model. Each puts a customer's value at risk."
    return f"{table(header, rows)}\n\n{note}"


def words(metrics: Report, explanation: Report) -> str:
    """The telling words, and what the API's contributions are."""
    exact = (
        "The API says what the log-odds lose without each word."
        if selected(metrics)["name"] == "bert"
        else "The model is linear, so the API's part of each word is exact: what it, its pairs and "
        "its pieces add to the log-odds."
    )
    lines = [
        f"- {kind}: {', '.join(code(row['word']) for row in explanation[key][:10]) or 'none'}"
        for kind, key in (("For", "positive_words"), ("Against", "negative_words"))
    ]
    return "\n\n".join(
        [
            "Words that go with good or bad reviews more than chance explains, strongest first:",
            "\n".join(lines),
            f"{exact} These are associations, not causes.",
        ]
    )


def model_details(metrics: Report, explanation: Report) -> str:
    """For the model card: what the model is."""
    chosen, detail = selected(metrics), metrics["nlp"]
    settings = ", ".join(f"{name} = {value}" for name, value in chosen["settings"].items())
    calibration = detail["calibration"]["chosen"].replace("none", "not needed")
    return "\n".join(
        [
            f"- Model: {chosen['label']} ({settings})",
            f"- Version: `{explanation['model_version']}`",
            f"- Calibration: {calibration} (by the Brier score on validation folds)",
            "- Decision: read where that is expected to earn more than it costs, from a risk of "
            f"{min(detail['business']['threshold'], 1):.3f} on",
            f"- Export: ONNX, at most {detail['export_difference']:.1g} away in probability from "
            "the trained model on training reviews and on texts made to be odd",
        ]
    )


def data_details(metrics: Report, receipt: Report) -> str:
    """For the model card: which data all numbers come from, and what was left out."""
    detail = metrics["nlp"]
    left_out = "; ".join(f"{row['rows']:,} ({row['reason']})" for row in receipt["dropped"])
    return "\n".join(
        [
            f"- Data set: {origin(metrics['dataset'])}; {detail['test_rows']:,} of them to test",
            f"- A good review: {code(detail['positive_where'])}",
            f"- Left out: {left_out or 'nothing'}",
        ]
    )


def performance(metrics: Report) -> str:
    """For the model card: test metrics, and accuracy by group, in tables."""
    rows = [[label, interval(metrics["test"][key])] for key, label in METRICS.items()]
    groups = [
        [
            f"{row['kind']}: {code(row['name'])}",
            f"{row['rows']:,}",
            interval(row["accuracy"], ".0%"),
        ]
        for row in metrics["nlp"]["slices"]
    ]
    mark = " (synthetic sample)" if metrics["dataset"]["synthetic"] else ""
    scores = table([f"Metric on the test set{mark}", "Value [95% interval]"], rows)
    return f"{scores}\n\n{table(['Group', 'Test reviews', 'Accuracy [95% interval]'], groups)}"


def origin(dataset: Report) -> str:
    """How many reviews, and where they come from."""
    name = "made up by this project" if dataset["synthetic"] else code(dataset["name"])
    licence = f", {dataset['licence']}" if dataset["licence"] else ""
    return f"{dataset['rows']:,} reviews ({name}{licence})"


def selected(metrics: Report) -> Report:
    """The chosen model's entry of the ladder."""
    return next(model for model in metrics["models"] if model["selected"])


def alone(estimate: Report) -> str:
    """Money at the precision that its interval deserves."""
    return amount(estimate["value"], estimate["high"] - estimate["low"])
