"""The generated blocks of README and model card: words made from the numbers in ``reports/``."""

from math import ceil
from pathlib import Path
from typing import Any

from .config import Config
from .kit.documents import code, interval, pictures, span, table, told, update
from .kit.files import Paths, read_json
from .money import MODEL, in_words, share

Report = dict[str, Any]


def write_documents(config: Config, paths: Paths, check: bool) -> list[Path]:
    """Bring README and model card up to date; with ``check`` a ProjectError where they are not."""
    metrics = read_json(paths.reports / "metrics.json", "evaluate")
    explanation = read_json(paths.reports / "explain.json", "explain")
    shown = pictures(read_json(paths.reports / "figures.json", "evaluate"))
    mark = " (Synthetic sample: a made-up company.)" if metrics["dataset"]["synthetic"] else ""
    readme = {
        "headline": f"**{metrics['business']['headline']}.**{mark}\n\n{shown['headline']}",
        "data": f"{bullets(metrics)}\n\n{told(read_json(paths.reports / 'data.json', 'data'))}",
        "results": f"{results(metrics)}\n\n{shown['result']}",
        "money": f"{worth(metrics)}\n\n{shown['money']}",
        "explanation": f"{drivers(explanation)}\n\n{shown['explanation']}",
        "live": f"Online: <{config.live_url}>" if config.live_url else "<!-- not online -->",
    }
    scores = [[code(name), interval(score)] for name, score in metrics["test"].items()]
    performance = table(["Metric on the test set", "Value [95% interval]"], scores)
    card = {"model": model_details(metrics, explanation), "results": performance}
    return update({paths.root / "README.md": readme, paths.root / "MODEL_CARD.md": card}, check)


def bullets(metrics: Report) -> str:
    """Data, model and worth in a line each."""
    detail, dataset, score = metrics["tabular"], metrics["dataset"], metrics["test"]["roc_auc"]
    features = sum(len(names) for names in detail["features"].values())
    earned = span(detail["business"]["policies"][-1]["per_1000_customers"])
    return (
        f"- **Data:** {origin(dataset)}, {features} features; {share(detail['churn_rate'])} left.\n"
        f"- **Model:** {selected(metrics)['label']}, ROC-AUC {score['value']:.2f} "
        f"({score['low']:.2f} to {score['high']:.2f}) on {detail['test_rows']:,} customers that "
        "were used for no choice; served from one ONNX file.\n"
        f"- **Worth:** {earned} {metrics['business']['currency']} per 1,000 customers against "
        f"contacting nobody, {metrics['business']['assumption']}."
    )


def results(metrics: Report) -> str:
    """The ladder on validation folds, and the chosen model on the test set."""
    detail, cells = metrics["tabular"], metrics["tabular"]["confusion"]
    rows = [
        [
            f"**{model['label']}**" if model["selected"] else model["label"],
            f"{model['metrics']['roc_auc']['value']:.3f}",
            "chosen" if model["selected"] else behind(model["difference"]),
        ]
        for model in metrics["models"]
    ]
    compared = detail.get("tuned_rows", detail["train_rows"])
    left = cells["true_positive"] + cells["false_negative"]
    stayed = cells["true_negative"] + cells["false_positive"]
    return (
        f"{table(['Model', 'ROC-AUC, validation', 'Behind the chosen one'], rows)}\n\n"
        f"Differences are taken in pairs on the same {compared:,} customers, each "
        f"scored by a model that never saw them. The same folds chose each model's settings, the "
        f"best of {detail['draws']} drawn at random, so these scores may flatter. On the test set, "
        "used for no choice, the chosen model's ROC-AUC is "
        f"{metrics['test']['roc_auc']['value']:.3f}. Of {left:,} customers there who left it "
        f"contacts {cells['true_positive']:,}, of {stayed:,} who stayed "
        f"{cells['false_positive']:,}.\n\n"
        f"{tried(detail['ablation'], metrics['business']['currency'])}"
    )


def behind(difference: Report) -> str:
    """How far a model is behind the chosen one, and whether that may be chance."""
    value, low, high = (f"{-difference[key]:.4f}" for key in ("value", "high", "low"))
    chance = difference["low"] <= 0 <= difference["high"]
    return f"{value}, may be chance" if chance else f"{value} ({low} to {high})"


def tried(ablation: list[Report], currency: str) -> str:
    """What the variants of the chosen model earn, each at its own best threshold."""
    variants = {row["name"]: row["difference"] for row in ablation if row["difference"]}
    sure = [
        f"{name} {span(found)} {currency} per customer"
        for name, found in variants.items()
        if found["low"] > 0 or found["high"] < 0
    ]
    said = f"More than chance: {'; '.join(sure)}" if sure else "Each difference may be chance"
    how = "Also tried on these folds, in money, each at its own best threshold"
    return f"{how}: {', '.join(variants)}. {said}."


def worth(metrics: Report) -> str:
    """Money: prices, policies, and what the answer depends on."""
    detail, currency = metrics["tabular"]["business"], metrics["business"]["currency"]
    prices, best, threshold = detail["prices"], detail["best_threshold"], detail["threshold"]
    value, low, high = (f"{min(best[key], 1):.3f}" for key in ("value", "low", "high"))
    rows = [
        [
            f"**{row['name']}**" if row["name"] == MODEL else in_words(row["name"]),
            share(row["contacted"]),
            span(row["per_1000_customers"]).split(" (")[0],
            "" if row["name"] == MODEL else span(row["saved_per_year"]),
        ]
        for row in detail["policies"]
    ]
    header = ["Policy", "Contacts", f"{currency} per 1,000 customers", "The model: more a year"]
    pays = f"an offer pays above a churn probability of {threshold:.3f}"
    return (
        f"Assumed: a customer who stays is worth {prices['customer_value']:,.15g} {currency}, an "
        f"offer costs {prices['offer_cost']:,.15g}, {100 * prices['offer_acceptance']:.6g}% of "
        f"leavers accept it, {prices['customers_per_year']:,} customers are scored a year "
        f"(`config.yaml`). So {pays if threshold < 1 else 'no offer pays'}; that is the model's "
        "rule. As a check, the threshold that earned most on training customers is "
        f"{value} ({low} to {high}).\n\n{table(header, rows)}\n\n"
        "On test customers; in brackets the 95% interval of the paired difference."
    )


def drivers(explanation: Report) -> str:
    """What drives churn, and what may be noise."""
    rows = explanation["importance"]
    found = ", ".join(code(row["feature"]) for row in rows if row["driver"])
    noise = ", ".join(code(row["feature"]) for row in rows if not row["driver"])
    return (
        f"Strongest first by mean SHAP value, where neighbours may swap: {found or 'none'}. "
        f"Replaced by a shuffled copy, these may do as well: {noise or 'none'}. Associations, not "
        "causes. The API gives each customer's own reasons, without a training library."
    )


def model_details(metrics: Report, explanation: Report) -> str:
    """For the model card: what the model is, and what it learned from."""
    chosen, detail = selected(metrics), metrics["tabular"]
    settings = ", ".join(f"{key} = {value:.4g}" for key, value in chosen["settings"].items())
    left_out = "; ".join(f"{code(name)} {why}" for name, why in detail["left_out"].items())
    tuned = f" ({settings}: the best of {detail['draws']} drawn at random, by ROC-AUC on the folds)"
    few = f" ({n:,} of them to tune and compare)" if (n := detail.get("tuned_rows")) else ""
    away = ceil(1e6 * detail["export_difference"]) / 1e6
    return (
        f"- Model: {chosen['label']}{tuned if settings else ''}\n"
        f"- Version: `{explanation['model_version']}`, as ONNX; at most {away:.6f} away in "
        "probability from the trained pipeline\n"
        f"- Calibration: {detail['calibration']['chosen']}, by the Brier score on the same folds\n"
        "- Decision: contact where the expected value of an offer is positive\n"
        f"- Data: {origin(metrics['dataset'])}; {detail['train_rows']:,} to train{few}, "
        f"{detail['test_rows']:,} to test\n"
        f"- Columns left out: {left_out or 'none'}"
    )


def origin(dataset: Report) -> str:
    """How many customers, and where they come from."""
    licence = f", {dataset['licence']}" if dataset["licence"] else ""
    name = "a synthetic sample" if dataset["synthetic"] else code(dataset["name"])
    return f"{dataset['rows']:,} customers ({name}{licence})"


def selected(metrics: Report) -> Report:
    """The chosen model's entry of the ladder."""
    return next(model for model in metrics["models"] if model["selected"])
