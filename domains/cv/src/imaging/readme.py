"""The generated blocks of README and model card: sentences that follow from ``reports/``."""

from pathlib import Path
from typing import Any

from .config import Config
from .kit.documents import amount, code, interval, pictures, table, told, update
from .kit.files import Paths, read_json
from .money import CASES, MODEL, in_words

Report = dict[str, Any]

SCORES = {
    "roc_auc": "ROC-AUC",
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
    "accuracy": "Accuracy",
    "brier": "Brier score (lower is better)",
}


def write_documents(config: Config, paths: Paths, check: bool) -> list[Path]:
    """Bring README and model card up to date, or only ``check`` that they are; a ProjectError says
    that a stage has not run, or a document is not up to date."""
    metrics = read_json(paths.reports / "metrics.json", "evaluate")
    explanation = read_json(paths.reports / "explain.json", "explain")
    shown = pictures(read_json(paths.reports / "figures.json", "evaluate"))
    readme = {
        "headline": f"**{metrics['business']['headline']}{mark(metrics)}.**\n\n{shown['headline']}",
        "data": f"{bullets(metrics)}\n\n{told(read_json(paths.reports / 'data.json', 'data'))}",
        "results": results(metrics, shown),
        "money": money(metrics, shown),
        "explanation": explained(metrics, explanation),
        "live": f"Online: <{config.live_url}>" if config.live_url else "<!-- not online -->",
    }
    card = {"model": model(metrics, explanation), "results": performance(metrics)}
    return update({paths.root / "README.md": readme, paths.root / "MODEL_CARD.md": card}, check)


def bullets(metrics: Report) -> str:
    """Data, model and worth in a line each."""
    chosen, auc = selected(metrics), metrics["test"]["roc_auc"]
    reference = metrics["cv"]["business"]["reference"]
    return (
        f"- **Data:** {data(metrics)}\n"
        f"- **Model:** {chosen['label']}, {chosen['parameters']:,} parameters, ROC-AUC "
        f"{auc['value']:.3f} ({auc['low']:.3f} to {auc['high']:.3f}) on the test images; served "
        "with its map from one ONNX file.\n"
        f"- **Worth:** counted against {reference}, the cheapest without a model on validation "
        "images."
    )


def data(metrics: Report) -> str:
    """Where the images come from, how many there are and how they were divided."""
    info, images = metrics["cv"]["data"], metrics["cv"]["images"]
    origin = "made up by this project" if info["synthetic"] else f"data set {code(info['name'])}"
    licence = f" ({code(info['licence'])})" if info["licence"] else ""
    left_out = f"{info['left_out']:,} left out, see `reports/data.json`; " * (info["left_out"] > 0)
    patients = "which are of one patient is not known"
    if info["patients"] is not None:
        patients = f"each of {info['patients']:,} patients is on one side"
    return (
        f"{info['rows']:,} images of {info['size']} x {info['size']} pixels, {origin}{licence}, "
        f"{images['train']:,} to train, {images['validation']:,} to choose and "
        f"{images['test']:,} to test (split: {info['split']}); {left_out}{patients}. To be found: "
        f"{' or '.join(map(code, info['positive']))}."
    )


def results(metrics: Report, shown: dict[str, str]) -> str:
    """The ladder on the same validation images, and what the chosen model does on test images."""
    ranked = sorted(metrics["models"], key=lambda row: -row["metrics"]["roc_auc"]["value"])
    rows = [[row["label"], interval(row["metrics"]["roc_auc"]), behind(row)] for row in ranked]
    test = metrics["test"]
    better = " and ".join(row["label"] for row in ranked if row["still_improving"])
    return "\n\n".join(
        [
            table(["Model", "ROC-AUC, validation", "On the same images"], rows)
            + f"\n\nStill improving when its steps ended: {better}." * bool(better),
            "The same validation images chose the epoch or the penalty, the model and the "
            "calibration, so these figures tend to flatter. Of test images, used for no choice, "
            f"the model refers {percent(test['sensitivity'])} if positive (sensitivity), and it "
            f"leaves {percent(test['specificity'])} of the others alone (specificity).",
            shown["result"],
        ]
    )


def behind(row: Report) -> str:
    """Whether a model is behind the chosen one, or the difference may be chance."""
    if row["difference"] is None:
        return "**chosen**"
    if row["difference"]["high"] >= 0:
        return "may be as good"
    return f"behind by {-row['difference']['value']:.3g}"


def money(metrics: Report, shown: dict[str, str]) -> str:
    """Prices, rule and policies; how sure the threshold is; what the answer depends on."""
    detail, assumed = metrics["cv"]["business"], metrics["business"]["assumption"]
    prices = detail["prices"]
    best = {key: min(value, 1) for key, value in detail["best_threshold"].items()}
    where = "among the test images" if prices["prevalence"] is None else "in practice"
    other = (f"{min(o['threshold'], 1):.1%} if {o['share']:.0%} are" for o in detail["elsewhere"])
    rows = [
        [
            f"**{row['name']}**" if row["name"] == MODEL else row["name"],
            *(in_words(row[key]["value"]) for key in ("missed", "alarms")),
            amount(row["cost"]["value"], row["cost"]["high"] - row["cost"]["low"]),
        ]
        for row in detail["policies"]
    ]
    return "\n\n".join(
        [
            f"{assumed[0].upper()}{assumed[1:]} (assumed in `config.yaml`), "
            f"{rule(detail['threshold'])}. Counted with the share of positive cases {where}, "
            f"{detail['prevalence']:.1%}:",
            table(
                [f"Per {CASES:,} test cases", "Missed", "False alarms", prices["currency"]], rows
            ),
            f"How many are positive in practice decides (`prevalence`): a referral pays above "
            f"{', '.join(other)}. As a check: on validation images the cheapest threshold was "
            f"{percent(best)}.",
            shown["money"],
        ]
    )


def rule(threshold: float) -> str:
    """Which cases are referred."""
    if threshold >= 1:
        return "no referral pays for itself"
    return f"a referral pays for itself above a probability of {threshold:.2%}"


def explained(metrics: Report, explanation: Report) -> str:
    """What the maps show, and how often they point at what is known to be there."""
    game = explanation["pointing_game"]
    text = "What covering its strongest place does stands in the second [notebook](notebooks)."
    if game:
        text = (
            f"In the sample it is known what is there: of {game['cases']:,} test images with an "
            f"opacity the strongest place lies on it in {percent(game['on_finding'])}, where a "
            f"place drawn at random would in {game['by_chance']:.0%}."
        )
    shared = metrics["cv"]["data"]["share_images"]
    hidden = "" if shared else " Images are not shown: `share_images` is not set."
    return (
        "The map says what each place adds to the log-odds of a positive case; it comes out of the "
        f"exported model with the probability. What speaks against is not drawn. {text}{hidden}"
    )


def model(metrics: Report, explanation: Report) -> str:
    """For the model card: what it is, what it takes, what it was trained on."""
    chosen, detail = selected(metrics), metrics["cv"]
    losses = detail["calibration"]["log_loss"].items()
    compared = ", ".join(f"{name} {value:.4f}" for name, value in losses)
    start = "".join(f", from {code(n)} (sha256 {code(s)})" for n, s in chosen["checkpoint"].items())
    return "\n".join(
        [
            f"- Version {code(explanation['model_version'])}: {chosen['label']}{start}, one ONNX "
            f"file, at most {detail['export_difference']:.1g} away in probability from its network",
            f"- Data: {data(metrics)}",
            f"- Calibration: {detail['calibration']['chosen']}, of the lower log loss on "
            f"validation images ({compared})",
            f"- Decision: {rule(detail['business']['threshold'])}",
        ]
    )


def performance(metrics: Report) -> str:
    """For the model card: the scores on test images, and the accuracy of each slice."""
    scores = [[label, interval(metrics["test"][key])] for key, label in SCORES.items()]
    rows = [
        [f"{row['kind']} {code(row['name'])} ({row['rows']:,})", interval(row["accuracy"])]
        for row in metrics["cv"]["slices"]
    ]
    header = [f"On test images{mark(metrics)}", "Value [95% interval]"]
    return table(header, [*scores, *[[f"Decided rightly: {name}", v] for name, v in rows]])


def selected(metrics: Report) -> Report:
    """The chosen model."""
    return next(row for row in metrics["models"] if row["selected"])


def percent(score: Report) -> str:
    """A share with its interval."""
    return f"{score['value']:.1%} ({score['low']:.1%} to {score['high']:.1%})"


def mark(metrics: Report) -> str:
    """What follows every figure of the sample."""
    return " (synthetic sample)" if metrics["dataset"]["synthetic"] else ""
