"""Set the threshold on validation data, score the test set once, publish the model."""

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import joblib
from sklearn.pipeline import Pipeline

from . import artifacts, business, figures
from .bootstrap import intervals
from .candidate import open_candidate
from .config import Config
from .data import DatasetInfo, read_processed
from .export import check_parity, signature, to_onnx
from .metrics import weighted_scores
from .outcomes import cells, read_validation, write_reports
from .paths import Paths, Project, read_project
from .policy import Outcomes
from .predictor import Predictor
from .reliability import calibration_curve, calibration_error

PACKAGES = ("numpy", "onnxruntime", "pandas", "scikit-learn", "skl2onnx")


def evaluate(config: Config, paths: Paths) -> list[Path]:
    """Turn the candidate into the published model and ``reports/metrics.json``."""
    data, info = read_processed(paths)
    project = read_project(paths)
    pipeline, validation, training = read_candidate(paths)
    policy = business.choose_policy(*validation, config.prices)
    model = to_onnx(pipeline, info)
    metadata = {
        "project": project.name,
        "title": project.title,
        "file": "model.onnx",
        "dataset": info.summary,
        "data": training["data"],
        "model": training["selected"],
        "signature": signature(data.train[info.features], info),
        "threshold": policy.threshold,
        "prices": config.prices.model_dump(),
        "limits": config.limits.model_dump(),
    }
    predictor = Predictor(model, metadata)
    difference = check_parity(pipeline, predictor, data.test[info.features])
    rows = data.test[info.features].to_dict("records")
    test = (data.test[info.target].to_numpy(float), predictor.predict_proba(rows))
    metrics = summarise(config, project, info, training, policy, validation, test)
    metrics["tabular"]["export_difference"] = difference
    metadata["metrics"] = {name: score["value"] for name, score in metrics["test"].items()}
    folder = artifacts.publish(paths.models, model, metadata, PACKAGES)
    drawn = figures.draw_evaluation(paths.figures, metrics, test)
    return [folder, *write_reports(paths.reports, metrics, validation, test), *drawn]


def read_candidate(paths: Paths) -> tuple[Pipeline, Outcomes, dict[str, Any]]:
    """The trained pipeline, its validation outcomes, and how it was chosen.

    Raises:
        ModelError: the train stage has not run, or not on the present data.
    """
    with open_candidate(paths) as training:
        pipeline = joblib.load(paths.candidate / "pipeline.joblib")
        validation = read_validation(paths.candidate)
    return pipeline, validation, training


def summarise(
    config: Config,
    project: Project,
    info: DatasetInfo,
    training: dict[str, Any],
    policy: business.Policy,
    validation: Outcomes,
    test: Outcomes,
) -> dict[str, Any]:
    """The content of ``reports/metrics.json``; domain detail stands under its own key."""
    score = partial(weighted_scores, *test, policy.threshold)
    found = intervals(score, len(test[0]), config.seed)
    scores = {name: asdict(value) for name, value in found.items()}
    impact = business.summarise(policy, validation, test, config.prices, config.seed)
    mark = " (synthetic sample)" if info.synthetic else ""
    confusion = cells(*test, policy.threshold)
    return {
        "project": project.name,
        "domain": "tabular",
        "dataset": info.summary,
        "primary_metric": {"name": "roc_auc", "higher_is_better": True, **scores["roc_auc"]},
        "models": training["models"],
        "test": scores,
        "business": {**impact["summary"], "headline": impact["summary"]["headline"] + mark},
        "tabular": {
            "business": impact["detail"],
            "calibration": training["calibration"],
            "test_calibration_error": calibration_error(*test),
            "calibration_curve": calibration_curve(*test),
            "confusion": {name: int(rows.sum()) for name, rows in confusion.items()},
            "out_of_bag": training["out_of_bag"],
            "ablation": training["ablation"],
            "features": {"numeric": info.numeric, "categorical": info.categorical},
            "left_out": info.left_out,
            "target": info.target,
            "churn_rate": float(test[0].mean()),
        },
    }
