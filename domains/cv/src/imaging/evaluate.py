"""Refer where that pays, score the test set, publish the model.

The test set is used for no choice: model, calibration and rule are settled before.
"""

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import binomtest

from . import figures, money
from .config import Config
from .data import DatasetInfo, Part, Split, read_processed
from .kit import decisions
from .kit.decisions import weighted_scores
from .kit.files import Paths, replacing, write_json
from .kit.intervals import Array, Estimate, intervals
from .kit.store import SCHEMA, about, publish, read_candidate, results
from .money import Cases
from .predictor import Predictor

PACKAGES = ["numpy", "onnx", "onnxruntime", "onnxscript", "pillow", "scikit-learn", "torch"]
SKILLS = ["PyTorch", "CNN", "Grad-CAM", "ONNX", "API", "business ROI"]
Report = dict[str, Any]
Leads = dict[str, Estimate]

THIRDS = {"brightness": ("dark", "middle", "bright"), "diameter": ("small", "medium", "large")}


def run(config: Config, paths: Paths) -> list[Path]:
    """Turn the candidate into the published model and ``reports/metrics.json``."""
    data, info = read_processed(paths)
    training = read_candidate(paths)
    model, metadata = exported(config, paths)
    predictor, prices = Predictor(model, metadata), config.prices
    table = pd.read_parquet(paths.candidate / "validation.parquet")
    validation = priced(data.validation, info, table["probability"].to_numpy(float))
    test = priced(data.test, info, predictor.predict_proba(data.test.images))
    impact = money.summarise(validation, test, prices, config.seed)
    metrics = summarise(data, info, training, test, impact, config.seed)
    metrics["project"] = metadata["project"]
    drawn = figures.draw(paths.figures, metrics, test)
    return [
        publish(paths, model, metadata | results(metrics), PACKAGES),
        write_json(paths.reports / "metrics.json", metrics),
        _write_predictions(paths.reports / "predictions.csv", validation, test),
        write_json(paths.reports / "figures.json", drawn),
    ]


def exported(config: Config, paths: Paths) -> tuple[bytes, Report]:
    """The candidate as it would be published: model and metadata."""
    info, training = read_processed(paths)[1], read_candidate(paths)
    metadata = about(config, paths, info.summary) | {
        "file": "model.onnx",
        "data": training["data"],
        "model": training["selected"],
        "signature": training["signature"],
        "threshold": money.break_even(config.prices, training["signature"]["positive_share"]),
    }
    return (paths.candidate / "model.onnx").read_bytes(), metadata


def difference(first: Predictor, second: Predictor, config: Config, paths: Paths) -> Leads:
    """How much better ``second`` is than ``first`` on the same test images, in pairs.

    Money is that of a case in a practice with as many ill as among the test images.
    """
    test = read_processed(paths)[0].test
    one, other = (each.predict_proba(test.images) for each in (first, second))
    prices = config.prices.model_copy(update={"prevalence": None})
    stakes = money.stakes(prices, float(test.y.mean()))
    return decisions.difference(test.y, one, other, stakes, config.seed)


def priced(part: Part, info: DatasetInfo, probability: Array) -> Cases:
    """What money is counted with."""
    if info.rule is None:
        return Cases(part.y, probability, {})
    bright = part.cases["brightness"] >= info.rule["brighter_than"]
    return Cases(part.y, probability, {info.rule["name"]: bright.to_numpy(float)})


def summarise(
    data: Split, info: DatasetInfo, training: Report, test: Cases, impact: Report, seed: int
) -> Report:
    """The content of ``reports/metrics.json``; domain detail stands under its own key."""
    scores = score(test, impact["referred"], seed)
    return {
        **{"schema": SCHEMA, "domain": "cv", "package": __package__, "skills": SKILLS},
        "dataset": info.summary,
        "primary_metric": {"name": "roc_auc", "higher_is_better": True, **scores["roc_auc"]},
        "models": training["models"],
        "test": scores,
        "business": impact["summary"],
        "cv": {
            "business": impact["detail"],
            "data": asdict(info),
            "images": {name: len(part.y) for name, part in data._asdict().items()},
            "calibration": training["calibration"],
            "export_difference": training["export_difference"],
            "test_share": test.share,
            "test_predicted_share": float(test.probability.mean()),
            "slices": slices(data.test.cases, impact["referred"]),
        },
    }


def _write_predictions(file: Path, validation: Cases, test: Cases) -> Path:
    """Outcomes, probabilities and the rule alone, so that the dashboard can move prices."""
    table = pd.concat(
        pd.DataFrame({"part": part, "y": found.y, "probability": found.probability, **found.rules})
        for part, found in (("validation", validation), ("test", test))
    )
    with replacing(file) as temporary:
        table.to_csv(temporary, index=False, float_format="%.6g", lineterminator="\n")
    return file


def score(test: Cases, referred: NDArray[np.bool_], seed: int) -> Report:
    """How well cases are ranked, how true probabilities are, how often decisions are right.

    Sensitivity is the share of positive cases that are referred, specificity that of the others
    which are not (Yerushalmy 1947).
    """
    ranked = intervals(partial(weighted_scores, test.y, test.probability, 0.5), len(test.y), seed)
    ill = test.y == 1
    return {name: asdict(ranked[name]) for name in ("roc_auc", "average_precision", "brier")} | {
        "sensitivity": proportion(referred[ill]),
        "specificity": proportion(~referred[~ill]),
        "precision": proportion(ill[referred]),
        "accuracy": proportion(referred == ill),
    }


def proportion(right: NDArray[np.bool_]) -> dict[str, float]:
    """How often something is so, with Wilson's interval (1927): it has a width at 0 and 1, too."""
    if not len(right):
        return dict.fromkeys(("value", "low", "high"), float("nan"))
    found = binomtest(int(right.sum()), len(right)).proportion_ci(method="wilson")
    return {"value": float(right.mean()), "low": float(found.low), "high": float(found.high)}


def slices(cases: pd.DataFrame, referred: NDArray[np.bool_]) -> list[Report]:
    """Right decisions on test cases by class, brightness and, if known, size of the finding."""
    right = referred == (cases["y"] == 1).to_numpy()
    groups: list[tuple[str, pd.Series]] = [("class", cases["class"])]
    for kind, names in THIRDS.items():
        if kind in cases:  # a diameter of 0 is that of no finding: it is in no third
            values = cases[kind].where(cases[kind] > 0)
            thirds = pd.qcut(values, 3, labels=False, duplicates="drop")
            groups.append((kind, thirds.map(dict(enumerate(names)))))
    rows = []
    for kind, labels in groups:
        for name in THIRDS.get(kind) or sorted(set(labels)):
            inside = (labels == name).to_numpy(bool)
            if inside.any():
                row = {"kind": kind, "name": name, "rows": int(inside.sum())}
                rows.append({**row, "accuracy": proportion(right[inside])})
    return rows
