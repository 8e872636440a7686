"""What the reports of this project say, by name: for posts and for the sheet of questions."""

from ..markdown import amount, interval
from ..wording import label, selected
from .words import Report, common, ladder, lead, listed, money, moved, named

SHIPPED = ("telco",)  # data sets that every such project has


def facts(metrics: Report, explanation: Report) -> dict[str, str]:
    """Facts as Markdown; each is true whatever the data and the settings are."""
    detail, models, chosen = metrics["tabular"], metrics["models"], selected(metrics)
    labels = [label(model["name"]) for model in models]
    aucs = [model["metrics"]["roc_auc"]["value"] for model in models[1:]]
    features = [named(row["feature"]) for row in explanation["importance"]]
    agreement = explanation["agreement"]
    return {
        **common(metrics),
        **_money(detail["business"], metrics["business"]),
        "rate": f"{detail['churn_rate']:.1%}",
        "columns": str(len(features)),
        "numbers": str(len(detail["features"]["numeric"])),
        "categories": str(len(detail["features"]["categorical"])),
        "model": label(chosen["name"]),
        "model_count": str(len(models)),
        "dummy_accuracy": f"{models[0]['metrics']['accuracy']['value']:.3f}",
        "auc": interval(metrics["test"]["roc_auc"]),
        "validation_auc": f"{chosen['metrics']['roc_auc']['value']:.3f}",
        "precision": interval(metrics["test"]["precision"]),
        "recall": interval(metrics["test"]["recall"]),
        "brier": interval(metrics["test"]["brier"]),
        "ladder": ladder(models, "roc_auc", labels),
        "lead": lead(models, "roc_auc", labels),
        "spread": f"{max(aucs) - min(aucs):.3f}",
        "settings": _settings(chosen),
        "drivers": listed(features[:3]),
        "driver": features[0],
        "least": features[-1],
        "top_overlap": f"{agreement['top_overlap']:.0%}",
        "caught": _caught(detail["confusion"]),
        "missed": _missed(detail["confusion"]),
        "calibration": _calibration(detail["calibration"]),
        "calibration_error": f"{detail['test_calibration_error']:.3f}",
        "balancing": _balancing(detail["ablation"]),
        "export": f"{detail['export_difference']:.1g}",
    }


def _money(detail: Report, business: Report) -> dict[str, str]:
    prices, currency = detail["prices"], detail["prices"]["currency"]
    threshold = detail["threshold"]
    return {
        "offer_cost": f"{amount(prices['offer_cost'])} {currency}",
        "customer_value": f"{amount(prices['customer_value'])} {currency}",
        "acceptance": f"{prices['offer_acceptance']:.0%}",
        "break_even": _pays(detail["break_even_probability"]),
        "rule": "contact nobody" if threshold > 1 else f"contact from {threshold:.3f} on",
        "naive": f"\u201c{detail['naive']}\u201d",
        "saving": money(business, currency) + " a year",
        "moved": moved(detail["sensitivity"], currency),
    }


def _pays(probability: float | None) -> str:
    if probability is None:
        return "never, whatever the churn probability"
    return f"from a churn probability of {probability:.3f} on"


def _caught(cells: Report) -> str:
    left = cells["true_positive"] + cells["false_negative"]
    stayed = cells["true_negative"] + cells["false_positive"]
    return (
        f"{cells['true_positive']:,} of {left:,} who left are contacted, and "
        f"{cells['false_positive']:,} of {stayed:,} who stayed"
    )


def _missed(cells: Report) -> str:
    left = cells["true_positive"] + cells["false_negative"]
    return f"{cells['false_negative']:,} of {left:,} who left are not contacted"


def _calibration(found: Report) -> str:
    briers = [f"{_shown(name)} {row['brier']:.4f}" for name, row in found["candidates"].items()]
    return f"Brier score {', '.join(briers)}; shipped: {_shown(found['chosen'])}"


def _balancing(rows: list[Report]) -> str:
    briers = {row["name"]: row["metrics"]["brier"]["value"] for row in rows}
    names = ("as chosen", "class weights", "SMOTE")
    return ", ".join(f"{name} {briers[name]:.3f}" for name in names if name in briers)


def _settings(model: Report) -> str:
    named = [f"{name} = {value:.3g}" for name, value in model["settings"].items()]
    return ", ".join(named) or "none"


def _shown(name: str) -> str:
    return "no correction" if name == "none" else name
