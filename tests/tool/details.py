"""A domain's own part of the results, made up, in the shape that a run leaves."""

import json
from pathlib import Path


def _interval(value: float) -> dict[str, float]:
    return {"value": value, "low": value * 0.9, "high": value * 1.1}


SENSITIVITY = [{"price": "offer_cost", "swing": 0.3, "if_lower": 190000.0, "if_higher": 110000.0}]
DETAILS = {
    "foundations": {
        "tasks": {
            "regression": {"metric": "r2", "target": "amount", "test": {"r2": _interval(0.8)}},
        }
    },
    "tabular": {
        "churn_rate": 0.265,
        "features": {"numeric": ["tenure", "charges"], "categorical": ["contract"]},
        "confusion": {
            "true_positive": 242,
            "false_negative": 112,
            "false_positive": 216,
            "true_negative": 830,
        },
        "ablation": [
            {"name": "as chosen", "metrics": {"brier": _interval(0.137)}},
            {"name": "SMOTE", "metrics": {"brier": _interval(0.151)}},
        ],
        "calibration": {"chosen": "sigmoid"},
        "export_difference": 3.1e-07,
        "business": {
            "threshold": 0.3,
            "reference": "monthly contract",
            "prices": {
                "currency": "EUR",
                "offer_cost": 60.0,
                "customer_value": 500.0,
                "offer_acceptance": 0.4,
            },
            "sensitivity": SENSITIVITY,
        },
    },
    "nlp": {
        "positive_rate": 0.497,
        "positive_where": "stars is 4 or 5",
        "slices": [{"name": "11 to 25 words", "rows": 92, "accuracy": _interval(0.73)}],
        "aspects": [{"aspect": "battery", "reviews": 40, "revenue_at_risk": _interval(5482.0)}],
        "business": {
            "threshold": 0.333,
            "reference": "reading everything",
            "prices": {
                "currency": "EUR",
                "reading_cost": 6.0,
                "customer_value": 120.0,
                "win_back": 0.15,
            },
        },
    },
    "cv": {
        "data": {"size": 32, "classes": ["clear", "opacity"], "positive": ["opacity"]},
        "test_share": 0.385,
        "slices": [{"name": "bright", "rows": 100, "accuracy": _interval(0.84)}],
        "business": {
            "threshold": 0.074,
            "prevalence": 0.385,
            "reference": "referring everybody",
            "prices": {"currency": "EUR", "missed_case": 5000.0, "false_alarm": 400.0},
        },
    },
    "timeseries": {
        "data": {
            "series": 1,
            "start": "2011-01-01",
            "end": "2012-12-31",
            "freq": "D",
            "windows": 12,
        },
        "baseline": {"mase": _interval(1.1)},
        "business": {
            "service_level": 0.9,
            "level_in_theory": 0.952,
            "prices": {"currency": "EUR", "holding_cost": 0.1, "stockout_cost": 2.0},
        },
    },
    "recsys": {
        "k": 10,
        "data": {"users": 1200, "items": 600, "rows": 40645, "rule": "bestsellers"},
        "coverage": {"model": 0.41, "rule": 0.06},
        "users": [{"likes": "0", "users": 44, "model": 0.2, "rule": 0.2}],
        "experiment": {
            "false_alarms": 0.049,
            "peeking": [0.05, 0.24],
            "plan": {"alpha": 0.05, "power": 0.8, "min_effect": 0.05, "users_per_group": 120185},
            "result": {"control": _interval(0.05), "treatment": _interval(0.15)},
        },
    },
}


def enrich(root: Path, domain: str) -> Path:
    """Put a domain's own figures into the results of a built project."""
    file = root / "reports" / "metrics.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    content[domain] = DETAILS[domain]
    file.write_text(json.dumps(content), encoding="utf-8")
    return root


def strip(root: Path) -> Path:
    """Leave of a built project's results only what the contract asks for."""
    file = root / "reports" / "metrics.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    kept = ("schema", "project", "domain", "package", "dataset")
    file.write_text(json.dumps({key: content[key] for key in kept}), encoding="utf-8")
    for name in ("data", "explain", "figures"):
        (root / "reports" / f"{name}.json").unlink()
    (root / "config.yaml").unlink()
    return root
