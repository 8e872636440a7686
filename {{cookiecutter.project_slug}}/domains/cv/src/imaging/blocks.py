"""The generated blocks of README and model card: text made of numbers from ``reports/``."""

from . import markdown, wording
from .markdown import amount, code, dataset_name, origin, table
from .wording import PARTS, Report, label, selected

DOCUMENTS = ("README.md", "MODEL_CARD.md")
REPORTS = ("metrics.json", "explain.json")


def headline(metrics: Report, explanation: Report) -> str:
    """The finding, a picture, and a badge where the data is synthetic."""
    picture = (
        "![Test images under the maps of what spoke for a positive case]"
        "(reports/figures/gallery.png)"
        if metrics["cv"]["share_images"]
        else "![Missed cases against false alarms at every threshold](reports/figures/tradeoff.png)"
    )
    return markdown.headline(metrics, metrics["business"]["headline"], picture)


def results(metrics: Report, explanation: Report) -> str:
    """The ladder on validation images, and the chosen model on the test set."""
    referred = wording.threshold(metrics["cv"]["business"]["threshold"])
    pictures = table(
        [
            "![ROC curve on the test set, with the operating point](reports/figures/roc.png)",
            "![Test cases by decision and label](reports/figures/confusion.png)",
        ],
        [
            [
                "![Predicted probability against observed share](reports/figures/calibration.png)",
                "![Loss and validation ROC-AUC by epoch](reports/figures/curves.png)",
            ]
        ],
    )
    parts = [
        f"{origin(metrics)} Positive cases are those labelled {wording.positive(metrics)}. Every "
        "model was scored on the same validation images (all but ROC-AUC and Brier score at a "
        "probability of 0.5; brackets: 95% interval). When to stop, how strongly to penalise, and "
        "which model to take were decided by them too, so they flatter: the test images count.",
        wording.ladder(metrics),
        "![Validation ROC-AUC of each model with its interval](reports/figures/ladder.png)",
        wording.lead(metrics),
        wording.passed_over(metrics),
        f"The chosen model ({label(selected(metrics)['name'])}) saw the test set once, at an "
        f"operating threshold chosen on validation images. It refers {referred}.",
        wording.scores(metrics),
        wording.confusion(metrics),
        pictures,
    ]
    return "\n\n".join(part for part in parts if part)


def slices(metrics: Report, explanation: Report) -> str:
    """Sensitivity and specificity by kind of image."""
    return "\n\n".join(
        [
            f"{origin(metrics)} Test images at the operating threshold, by what is known of them. "
            "A cell is empty where there is nothing to count; brackets: 95% interval.",
            wording.slices(metrics["cv"]["slices"]),
            "![Accuracy of each slice with its interval](reports/figures/slices.png)",
        ]
    )


def tried(metrics: Report, explanation: Report) -> str:
    """Settings, augmentation and calibration."""
    rows = [[label(model["name"]), wording.settings(model)] for model in metrics["models"]]
    parts = [
        table(["Model", "Settings"], rows),
        wording.augmentation(metrics),
        wording.calibration(metrics["cv"]["calibration"]),
    ]
    return "\n\n".join(part for part in parts if part)


def business(metrics: Report, explanation: Report) -> str:
    """Money: prices, the policy, what it saves, and what the answer depends on."""
    detail, currency = metrics["cv"]["business"], metrics["business"]["currency"]
    prices = detail["prices"]
    saved = [
        [f"against \u201c{name}\u201d", f"{wording.money(saving)} {currency}"]
        for name, saving in detail["per_1000_cases"].items()
    ]
    return "\n\n".join(
        [
            f"{metrics['business']['headline']}.",
            f"Prices (from `config.yaml`): a missed case costs {amount(prices['missed_case'])} "
            f"{currency}, a false alarm {amount(prices['false_alarm'])} {currency}. "
            f"{wording.prevalence(detail['prevalence'])} {wording.break_even(detail)} The "
            "threshold that cost least on validation images was applied once to test images; it "
            f"refers {wording.threshold(detail['threshold'])}.",
            wording.cases(detail),
            table(["Saving on test images", "per 1,000 cases"], saved),
            table(
                [
                    "![Missed cases against false alarms](reports/figures/tradeoff.png)",
                    "![Gain at every threshold](reports/figures/profit.png)",
                ],
                [],
            ),
            "![Saving when a price is lower or higher](reports/figures/sensitivity.png)",
        ]
    )


def maps(metrics: Report, explanation: Report) -> str:
    """Where the evidence was: the pointing game, and examples."""
    parts = [
        f"{origin(metrics)} The map shows what each place adds to the log-odds of a positive case; "
        "it comes out of the exported model together with the probability. Full red is what the "
        "strongest place of a typical positive case has; what speaks against is not drawn.",
        wording.pointing(explanation["pointing_game"]),
    ]
    if metrics["cv"]["share_images"]:
        parts.append(
            "![Referred, missed and cleared test images under their maps]"
            "(reports/figures/gallery.png)"
        )
        if metrics["dataset"]["synthetic"]:
            parts.append("Rings mark the planted opacities.")
        if metrics["cv"]["licence"]:
            parts.append(f"Images: {code(metrics['cv']['licence'])}.")
        header = ["Outcome", "Image", "Class", "Probability"]
        parts.append(table(header, [_example(row) for row in explanation["examples"]]))
    else:
        parts.append(
            "Images are not shown: `config.yaml` does not say `share_images: true` for this data "
            "set."
        )
    return "\n\n".join(part for part in parts if part)


def provenance(metrics: Report, explanation: Report) -> str:
    """Which data all numbers on the page come from."""
    dataset, detail = metrics["dataset"], metrics["cv"]
    left_out = "; ".join(f"{count:,} ({reason})" for reason, count in detail["left_out"].items())
    lines = [
        f"- Data set: {dataset_name(metrics)}",
        f"- Images: {dataset['rows']:,}, {_shape(detail)}; positive: "
        f"{wording.positive(metrics)}, {detail['positive_rate']:.1%} of the test images",
        f"- Classes: {_counts(detail['counts'])}",
        f"- Split: {_split(detail)}",
        f"- Left out: {left_out or 'none'}",
        f"- Source sha256: `{dataset['sha256']}`",
    ]
    if detail["licence"]:
        lines.append(f"- Source and licence: {code(detail['licence'])}")
    return "\n".join(lines)


def model_details(metrics: Report, explanation: Report) -> str:
    """For the model card: what the model is."""
    model, detail = selected(metrics), metrics["cv"]
    return "\n".join(
        [
            f"- Model: {label(model['name'])}, {model['parameters']:,} parameters "
            f"({wording.settings(model)})",
            f"- Version: `{explanation['model_version']}`",
            f"- Takes images of {_shape(detail)}; others are brought to that form",
            f"- Refers {wording.threshold(detail['business']['threshold'])}",
            f"- Export: ONNX, {detail['model_bytes'] / 1e6:.2g} MB, at most "
            f"{detail['export_difference']:.1g} away in probability from the trained model on "
            "validation images",
        ]
    )


def model_performance(metrics: Report, explanation: Report) -> str:
    """For the model card: test metrics in tables."""
    detail = metrics["cv"]
    referred = wording.threshold(detail["business"]["threshold"])
    return "\n\n".join(
        [
            f"{origin(metrics)} The model refers {referred}.",
            wording.scores(metrics),
            f"Expected calibration error: {detail['test_calibration_error']:.3f}.",
            wording.confusion(metrics),
            wording.slices(detail["slices"]),
        ]
    )


def _example(row: Report) -> list[str]:
    """A test image as a row of a table."""
    return [row["outcome"], code(row["id"]), code(row["class"]), f"{row['probability']:.1%}"]


def _shape(detail: Report) -> str:
    """How large images are, and whether they are grey."""
    colour = "grey" if detail["channels"] == 1 else "colour"
    return f"{detail['size']} x {detail['size']} pixels, {colour}"


def _counts(found: Report) -> str:
    """How many images of each class there are in each part."""
    lines = []
    for name, parts in found.items():
        amounts = ", ".join(f"{parts[part]:,} {word}" for part, word in PARTS.items())
        lines.append(f"{code(name)} ({amounts})")
    return "; ".join(lines)


def _split(detail: Report) -> str:
    """Where training, validation and test images come from, and what stays together."""
    text = {
        "official": "as the source divides them",
        "official test": "test images as the source divides them, validation images drawn",
        "drawn": "drawn at random, with about the same share of positive cases",
    }[detail["split"]]
    if detail["patients"] is None:
        return f"{text}; patients are not known, so one may be on both sides"
    return f"{text}; all images of each of {detail['patients']:,} patients stay on one side"
