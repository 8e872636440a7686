"""The generated blocks of README and model card: text made of numbers from ``reports/``."""

from typing import Any

from . import markdown
from .markdown import code, dataset_name, interval, origin, table
from .wording import LADDER, METRICS, label, selected, threshold

DOCUMENTS = ("README.md", "MODEL_CARD.md")
REPORTS = ("metrics.json", "explain.json")
Report = dict[str, Any]


def headline(metrics: Report, explanation: Report) -> str:
    """The finding, a picture, and a badge where the data is synthetic."""
    picture = (
        "![Gain per 1,000 customers over all thresholds, with the chosen one marked]"
        "(reports/figures/profit.png)"
    )
    return markdown.headline(metrics, metrics["business"]["headline"], picture)


def results(metrics: Report, explanation: Report) -> str:
    """The ladder on validation folds, and the chosen model on the test set."""
    rows = [
        [_name(model), *[interval(model["metrics"][key]) for key in LADDER]]
        for model in metrics["models"]
    ]
    ladder = table(["Model", *[METRICS[key] for key in LADDER]], rows)
    test = table(
        ["Metric", "Value"], [[METRICS[key], interval(metrics["test"][key])] for key in METRICS]
    )
    detail = metrics["tabular"]
    cells = detail["confusion"]
    return "\n\n".join(
        [
            f"{origin(metrics)} Every model was tuned and scored on the same validation folds "
            "(F1 at a threshold of 0.5; brackets: 95% interval).",
            ladder,
            "![Validation ROC-AUC of each model with its interval](reports/figures/ladder.png)",
            f"The chosen model ({label(selected(metrics)['name'])}) saw the test set once, at its "
            f"operating point ({threshold(detail['business']['threshold']).lower()}):",
            test,
            f"Of {cells['true_positive'] + cells['false_negative']:,} customers who left it "
            f"contacts {cells['true_positive']:,}; of "
            f"{cells['true_negative'] + cells['false_positive']:,} who stayed it contacts "
            f"{cells['false_positive']:,}.",
            table(
                [
                    "![ROC curve on the test set](reports/figures/roc.png)",
                    "![Precision against recall, with the operating point]"
                    "(reports/figures/precision_recall.png)",
                ],
                [
                    [
                        "![Predicted against observed churn](reports/figures/calibration.png)",
                        "![Customers by decision and outcome](reports/figures/confusion.png)",
                    ]
                ],
            ),
        ]
    )


def tried(metrics: Report, explanation: Report) -> str:
    """The ablation, calibration and out-of-bag score."""
    detail = metrics["tabular"]
    rows = [
        [row["name"], *[interval(row["metrics"][key]) for key in LADDER]]
        for row in detail["ablation"]
    ]
    calibration = detail["calibration"]
    compared = "; ".join(
        f"{'no correction' if name == 'none' else name}: Brier {values['brier']:.4f}, "
        f"calibration error {values['expected_calibration_error']:.3f}"
        for name, values in calibration["candidates"].items()
    )
    lines = [
        f"Variants of the chosen model on the same folds. {_balancing(detail['ablation'])}",
        table(["Variant", *[METRICS[key] for key in LADDER]], rows),
        f"Calibration on validation folds: {compared}. Shipped: "
        f"{'no correction' if calibration['chosen'] == 'none' else calibration['chosen']}.",
    ]
    if detail["out_of_bag"]:
        lines.append(
            "Random forest, out of bag: "
            f"ROC-AUC {detail['out_of_bag']['roc_auc']:.3f}, "
            f"accuracy {detail['out_of_bag']['accuracy']:.3f}."
        )
    return "\n\n".join(lines)


def business(metrics: Report, explanation: Report) -> str:
    """Money: prices, the policy, what it saves, and what the answer depends on."""
    detail, currency = metrics["tabular"]["business"], metrics["business"]["currency"]
    prices = detail["prices"]
    rows = [
        [
            f"against \u201c{name}\u201d",
            _money(detail["per_1000_customers"][name], currency),
            _money(yearly, currency),
        ]
        for name, yearly in detail["per_year"].items()
    ]
    break_even = detail["break_even_probability"]
    price = f"{break_even:.3f}" if break_even is not None else "no probability"
    return "\n\n".join(
        [
            f"{metrics['business']['headline']}.",
            f"Prices (from `config.yaml`): a customer who stays is worth "
            f"{prices['customer_value']:,.0f} {currency}, an offer costs "
            f"{prices['offer_cost']:,.0f} {currency}, {prices['offer_acceptance']:.0%} of leavers "
            f"accept it, {prices['customers_per_year']:,} customers are scored a year. "
            f"{threshold(detail['threshold'])} earned most on validation customers (an offer pays "
            f"for itself from {price} on) and was applied once to test customers.",
            table(["Saving on test customers", "per 1,000 customers", "per year"], rows),
            "![Yearly saving when each price is lower or higher](reports/figures/sensitivity.png)",
        ]
    )


def drivers(metrics: Report, explanation: Report) -> str:
    """What drives churn, and how far the API's reasons can be trusted."""
    rows = [
        [code(row["feature"]), f"{row['mean_abs_shap']:.3f}", f"{row['permutation']:.4f}"]
        for row in explanation["importance"][:8]
    ]
    agreement = explanation["agreement"]
    return "\n\n".join(
        [
            f"{origin(metrics)} Strongest first, on {explanation['rows']:,} test customers:",
            table(
                [
                    "Feature",
                    f"Mean absolute SHAP ({explanation['unit']})",
                    "ROC-AUC lost if shuffled",
                ],
                rows,
            ),
            "![SHAP value of each feature for each customer](reports/figures/shap_beeswarm.png)",
            "![How one customer's features add up](reports/figures/shap_waterfall.png)",
            "The API gives each customer's reasons without a training library. Against SHAP: rank "
            f"correlation {agreement['rank_correlation']:.2f}, "
            f"{agreement['top_overlap']:.0%} of SHAP's top three are in its own top three, and "
            f"{agreement['same_direction']:.0%} of the strongest reasons point the same way.",
        ]
    )


def provenance(metrics: Report, explanation: Report) -> str:
    """Which data all numbers on the page come from."""
    dataset, detail = metrics["dataset"], metrics["tabular"]
    left_out = "; ".join(f"{code(name)} {why}" for name, why in detail["left_out"].items())
    features = detail["features"]
    lines = [
        f"- Data set: {dataset_name(metrics)}",
        f"- Customers: {dataset['rows']:,}; {detail['churn_rate']:.1%} of test customers left",
        f"- Features: {len(features['numeric'])} numbers, "
        f"{len(features['categorical'])} categories",
        f"- Left out: {left_out or 'none'}",
        f"- Source sha256: `{dataset['sha256']}`",
    ]
    return "\n".join(lines)


def model_details(metrics: Report, explanation: Report) -> str:
    """For the model card: what the model is."""
    chosen = selected(metrics)
    settings = ", ".join(f"{key} = {value:.4g}" for key, value in chosen["settings"].items())
    return "\n".join(
        [
            f"- Model: {label(chosen['name'])}" + (f" ({settings})" if settings else ""),
            f"- Version: `{explanation['model_version']}`",
            f"- Decision: {threshold(metrics['tabular']['business']['threshold'])}",
            f"- Export: ONNX, at most {metrics['tabular']['export_difference']:.1g} away in "
            "probability from the trained pipeline on the test set",
        ]
    )


def model_performance(metrics: Report, explanation: Report) -> str:
    """For the model card: test metrics in a table."""
    rows = [[METRICS[key], interval(metrics["test"][key])] for key in METRICS]
    error = metrics["tabular"]["test_calibration_error"]
    scores = table(["Metric on the test set", "Value"], rows)
    return f"{origin(metrics)}\n\n{scores}\n\nExpected calibration error: {error:.3f}."


def _balancing(ablation: list[Report]) -> str:
    """What re-weighting or oversampling does to probabilities, in words made from the numbers."""
    brier = {row["name"]: row["metrics"]["brier"]["value"] for row in ablation}
    worse = [name for name in ("class weights", "SMOTE") if brier.get(name, 0) > brier["as chosen"]]
    if not worse:
        return ""
    return (
        f"Balancing the classes by {' or '.join(worse)} costs calibration (a higher Brier score), "
        "and money is counted with probabilities: compared, not shipped."
    )


def _name(model: Report) -> str:
    name = label(model["name"])
    return f"**{name}** (chosen)" if model["selected"] else name


def _money(amount: Report, currency: str) -> str:
    return f"{amount['value']:,.0f} {currency} [{amount['low']:,.0f}, {amount['high']:,.0f}]"
