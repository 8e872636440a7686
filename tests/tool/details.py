"""A domain's own part of the results, made up, in the shape that a run leaves."""

import json
from collections.abc import Callable
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
            {"name": "as chosen", "brier": 0.137, "difference": None},
            {
                "name": "SMOTE",
                "brier": 0.151,
                "difference": {"value": -0.2, "low": -0.7, "high": 0.3},
            },
        ],
        "calibration": {"chosen": "sigmoid"},
        "export_difference": 3.1e-07,
        "business": {
            "threshold": 0.3,
            "best_threshold": {"value": 0.28, "low": 0.24, "high": 0.37},
            "reference": "monthly contract",
            "policies": [
                {"name": "contacting nobody", "saved_per_year": _interval(170000.0)},
                {"name": "monthly contract", "saved_per_year": _interval(150000.0)},
                {"name": "the model", "saved_per_year": {"value": 0.0, "low": 0.0, "high": 0.0}},
            ],
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
        "slices": [
            {"name": "11 to 25 words", "rows": 92, "accuracy": _interval(0.73), "worse": False}
        ],
        "aspects": [
            {
                "aspect": "battery",
                "reviews": 40,
                "revenue_at_risk": _interval(5482.0),
                "leads": False,
            }
        ],
        "business": {
            "threshold": 0.333,
            "best_threshold": {"value": 0.28, "low": 0.18, "high": 0.48},
            "reference": "reading everything",
            "policies": [
                {"name": "reading nothing", "saved": _interval(4500.0), "read": 0.0},
                {"name": "the model", "saved": None, "read": 0.58, "reached": 0.89},
            ],
            "prices": {
                "currency": "EUR",
                "reading_cost": 6.0,
                "customer_value": 120.0,
                "win_back": 0.15,
            },
        },
    },
    "cv": {
        "data": {
            "size": 32,
            "classes": ["clear", "opacity"],
            "positive": ["opacity"],
            "split": "official",
            "patients": None,
            "duplicates": 29,
        },
        "images": {"train": 4698, "validation": 524, "test": 624},
        "test_share": 0.385,
        "slices": [{"name": "bright", "rows": 100, "accuracy": _interval(0.84)}],
        "business": {
            "threshold": 0.074,
            "best_threshold": {"value": 0.04, "low": 0.03, "high": 0.25},
            "prevalence": 0.385,
            "reference": "referring everybody",
            "policies": [
                {"name": "referring everybody", "saved": _interval(84000.0)},
                {"name": "the model", "missed": _interval(3.0), "alarms": _interval(165.0)},
            ],
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
            "horizon": 14,
            "season_length": 7,
            "known": ["holiday"],
            "rule": {"name": "last week again", "extra": 0.2},
        },
        "cases": "12 windows",
        "baseline": {"mase": _interval(1.1)},
        "business": {
            "service_level": 0.9,
            "level_in_theory": 0.952,
            "saved_in_test": 6214.07,
            "policies": [
                {"key": "model", "name": "forecast", "cost": 10829.6, "fill_rate": 0.994},
                {
                    "key": "seasonal_naive",
                    "name": "seasonal naive",
                    "cost": 17902.7,
                    "fill_rate": 0.987,
                    "saved": _interval(7073.1),
                },
            ],
            "prices": {"currency": "EUR", "holding_cost": 0.1, "stockout_cost": 2.0},
        },
    },
    "recsys": {
        "k": 10,
        "data": {"users": 1200, "items": 600, "rows": 40645, "rule": "bestsellers"},
        "coverage": {"model": 0.41, "rule": 0.06},
        "rule": {"ndcg": _interval(0.1)},
        "lead": _interval(0.15),
        "gap": {"validation": 0.2, "hidden_left_out": 0.22, "same_model": 0.23},
        "verdict": "more",
        "business": {
            "sensitivity": [
                {"if": "attention falls or not", "if_lower": 1319.85, "if_higher": 3844.38}
            ]
        },
        "users": [{"likes": "0", "users": 44, "model": 0.2, "rule": 0.2}],
        "experiment": {
            "false_alarms": 0.049,
            "peeking": [0.05, 0.24],
            "plan": {"alpha": 0.05, "power": 0.8, "min_effect": 0.05, "users_per_group": 120185},
            "result": {
                "control": _interval(0.05),
                "treatment": _interval(0.15),
                "significant": True,
            },
        },
    },
}


FINDING = {
    "outcome": "amount",
    "group": "customer_type",
    "kind": "number",
    "difference": {"most": "returning", "least": "new", "value": 129.0, "low": 97.3, "high": 160.8},
    "holds": True,
    "test": "Welch's t-test",
    "why": "spreads of `amount` differ",
}
NOTHING = {"outcome": "returned", "group": "wrapping", "holds": False}
# What a domain's explanation holds besides.
EXPLAINED = {
    "foundations": {"alpha": 0.05, "finding": FINDING, "tests": [FINDING, NOTHING]},
    "nlp": {
        "positive_words": [{"word": "great"}, {"word": "love"}],
        "negative_words": [{"word": "poor"}, {"word": "broken"}],
    },
    "cv": {"pointing_game": {"on_finding": _interval(0.8), "by_chance": 0.03, "cases": 120}},
    "timeseries": {"series": [{"verdict": "unit root"}, {"verdict": "stationary"}]},
    "recsys": {"examples": [{"title": "The Winter", "because": ["The Forest", "The Lake"]}]},
}
# Measures of the test data besides the one that models are compared by.
TESTED = {
    "tabular": {"precision": 0.53, "recall": 0.76, "brier": 0.134},
    "nlp": {"accuracy": 0.8, "brier": 0.133},
    "cv": {"sensitivity": 0.99, "specificity": 0.56, "precision": 0.79, "brier": 0.062},
    "timeseries": {"coverage_95": 0.786, "coverage_80": 0.357},
    "recsys": {"popularity_share": 0.63},
}
FINDINGS = [{"kind": "spelling", "action": "unified", "count": 90, "column": "channel"}]


def enrich(root: Path, domain: str) -> Path:
    """Put a domain's own figures into the reports of a built project."""

    def results(content: dict) -> None:
        content[domain] = DETAILS[domain]
        for model in content["models"]:
            model |= {"settings": {"C": 10.0, "depth": 2}, "parameters": 694881}
        for name, value in TESTED.get(domain, {}).items():
            content["test"][name] = _interval(value)

    change(root, results)
    change(root, lambda content: content.update(EXPLAINED.get(domain, {})), "explain")
    if domain == "foundations":
        change(root, lambda content: content.update(findings=FINDINGS), "data")
    return root


def change(root: Path, edit: Callable[[dict], object], report: str = "metrics") -> Path:
    """Change a report of a built project."""
    file = root / "reports" / f"{report}.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    edit(content)
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
