"""The generated blocks of README and model card: text made of numbers from ``reports/``."""

from . import markdown, wording
from .markdown import amount, dataset_name, origin, table
from .wording import Report, label, selected

DOCUMENTS = ("README.md", "MODEL_CARD.md")
REPORTS = ("metrics.json", "explain.json")


def headline(metrics: Report, explanation: Report) -> str:
    """The finding, a picture, and a badge where the data is synthetic."""
    picture = (
        "![Reviews with each word coloured by what it says about the sentiment]"
        "(reports/figures/reviews.png)"
    )
    return markdown.headline(metrics, metrics["business"]["headline"], picture)


def results(metrics: Report, explanation: Report) -> str:
    """The ladder on validation folds, and the chosen model on the test set."""
    pictures = table(
        [
            "![ROC curve on the test set](reports/figures/roc.png)",
            "![Bad reviews found against reviews read](reports/figures/reach.png)",
        ],
        [
            [
                "![Predicted against observed sentiment](reports/figures/calibration.png)",
                "![Reviews by label and prediction](reports/figures/confusion.png)",
            ]
        ],
    )
    return "\n\n".join(
        [
            f"{origin(metrics)} Every model was tuned and scored on the same validation folds "
            "(accuracy and F1 at a probability of 0.5; brackets: 95% interval).",
            wording.ladder(metrics),
            "![Validation ROC-AUC of each model with its interval](reports/figures/ladder.png)",
            f"{wording.lead(metrics)} {wording.too_large(metrics['nlp']['too_large'])}".rstrip(),
            f"The chosen model ({label(selected(metrics)['name'])}) saw the test set once:",
            wording.scores(metrics),
            wording.confusion(metrics["nlp"]["confusion"]),
            pictures,
        ]
    )


def slices(metrics: Report, explanation: Report) -> str:
    """Accuracy by length, negation and aspect, and the worst mistakes."""
    wrong = [
        wording.example(row)
        for row in explanation["examples"]
        if (row["probability"] >= 0.5) != bool(row["positive"])
    ]
    parts = [
        "Test reviews by how long they are, whether a word turns others round, and what they "
        "speak of:",
        wording.slices(metrics["nlp"]["slices"]),
        "![Accuracy of each slice with its interval](reports/figures/slices.png)",
    ]
    if wrong:
        header = ["Review", "Label", "Probability of positive", "Strongest words (log-odds)"]
        parts += [
            "Of the reviews that are short enough to show, the mistakes of which the model was "
            "most certain. A label can be wrong too:",
            table(header, wrong),
        ]
    return "\n\n".join(parts)


def tried(metrics: Report, explanation: Report) -> str:
    """Calibration, and where to find what else was tried."""
    return "\n\n".join(
        [
            wording.calibration(metrics["nlp"]["calibration"]),
            "What each step of cleaning does to the scores (stop words, lemmas, pairs of words, "
            "parts of words) stands in [`02_modelling`](notebooks/02_modelling.ipynb).",
        ]
    )


def business(metrics: Report, explanation: Report) -> str:
    """Money: prices, the policy, what it saves, and what the answer depends on."""
    detail, currency = metrics["nlp"]["business"], metrics["business"]["currency"]
    prices, reached = detail["prices"], detail["reached"]
    rows = [
        [f"against \u201c{name}\u201d", wording.money(saving, currency)]
        for name, saving in sorted(detail["per_1000_reviews"].items(), reverse=True)
    ]
    break_even = detail["break_even_risk"]
    pays = f"from a risk of {break_even:.3f} on" if break_even is not None else "never"
    return "\n\n".join(
        [
            f"{metrics['business']['headline']}.",
            f"Prices (from `config.yaml`): an unhappy customer who stays is worth "
            f"{amount(prices['customer_value'])} {currency}, {prices['win_back']:.0%} of them stay "
            f"if their review is read and answered in time, and reading one review costs "
            f"{amount(prices['reading_cost'])} {currency}. Reading pays for itself {pays}. "
            f"{wording.threshold(detail['threshold'])} earned most on validation reviews and was "
            f"applied once to test reviews: {detail['read']:.0%} of them are read, among which are "
            f"{reached['value']:.0%} [{reached['low']:.0%}, {reached['high']:.0%}] of all negative "
            "ones.",
            table(["Saving on test reviews", "per 1,000 reviews"], rows),
            "![Gain over all thresholds, with the chosen one marked](reports/figures/profit.png)",
            "![Saving when each price is lower or higher](reports/figures/sensitivity.png)",
        ]
    )


def aspects(metrics: Report, explanation: Report) -> str:
    """What unhappy customers complain of, ranked by revenue at risk."""
    found, currency = metrics["nlp"]["aspects"], metrics["business"]["currency"]
    if not found:
        return "No test review mentions an aspect that `config.yaml` names."
    return "\n\n".join(
        [
            f"{origin(metrics)} An aspect is known by the words that `config.yaml` lists for it. A "
            "negative review puts at risk what a customer is worth. It blames an aspect if its "
            "clauses on that aspect, taken alone, sound negative to the model, and may blame "
            "several.",
            wording.aspects(found, currency),
            "![Revenue at risk by aspect, with intervals](reports/figures/aspects.png)",
        ]
    )


def words(metrics: Report, explanation: Report) -> str:
    """The most telling words, and what the API's contributions are."""
    exact = (
        "The contribution of a word is what the log-odds lose without it."
        if selected(metrics)["name"] == "bert"
        else "The model is linear, so a word's contribution is exact: what it, its pairs and its "
        "parts add to the log-odds."
    )
    return "\n\n".join(
        [
            f"{origin(metrics)} {exact} Mean over the {explanation['rows']:,} test reviews "
            "explained, where the word occurs:",
            f"- For a good review: {wording.words(explanation['positive_words']) or 'none'}",
            f"- For a bad one: {wording.words(explanation['negative_words']) or 'none'}",
            "![The most telling words](reports/figures/words.png)",
        ]
    )


def provenance(metrics: Report, explanation: Report) -> str:
    """Which data all numbers on the page come from."""
    dataset, detail = metrics["dataset"], metrics["nlp"]
    lines = [
        f"- Data set: {dataset_name(metrics)}",
        f"- Reviews: {dataset['rows']:,}; {detail['positive_rate']:.1%} of test reviews are "
        "positive",
        f"- Positive where {detail['rule']}",
        f"- Left out: {wording.left_out(detail)}",
        f"- Source sha256: `{dataset['sha256']}`",
    ]
    return "\n".join(lines)


def model_details(metrics: Report, explanation: Report) -> str:
    """For the model card: what the model is."""
    model, detail = selected(metrics), metrics["nlp"]
    lines = [
        f"- Model: {label(model['name'])} ({wording.settings(model)})",
        f"- Version: `{explanation['model_version']}`",
        f"- Decision: {wording.threshold(detail['business']['threshold'])}",
        f"- Export: ONNX, at most {detail['export_difference']:.1g} away in probability from the "
        "trained model on training reviews and on texts made to be odd",
    ]
    return "\n".join(lines)


def model_performance(metrics: Report, explanation: Report) -> str:
    """For the model card: test metrics in tables."""
    detail = metrics["nlp"]
    return "\n\n".join(
        [
            origin(metrics),
            wording.scores(metrics),
            f"Expected calibration error: {detail['test_calibration_error']:.3f}.",
            wording.confusion(detail["confusion"]),
            wording.slices(detail["slices"]),
        ]
    )
