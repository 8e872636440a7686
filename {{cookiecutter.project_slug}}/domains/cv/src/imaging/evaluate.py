"""Set the threshold on validation data, score the test set once, publish the model."""

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from . import artifacts, business, figures
from .bootstrap import intervals
from .candidate import open_candidate
from .config import Config
from .data import DatasetInfo, Split, read_processed
from .outcomes import cells, read_validation, write_reports
from .paths import Paths, Project, read_project
from .policy import Outcomes
from .predictor import Predictor
from .reliability import calibration_curve, calibration_error
from .scores import clinical_scores
from .slices import slices
from .sources import PARTS

PACKAGES = ("numpy", "onnx", "onnxruntime", "onnxscript", "pillow", "scikit-learn", "torch")


def evaluate(config: Config, paths: Paths) -> list[Path]:
    """Turn the candidate into the published model and ``reports/metrics.json``."""
    data, info = read_processed(paths)
    project = read_project(paths)
    model, validation, training = read_candidate(paths)
    policy = business.choose_policy(*validation, config.prices)
    share = float(validation[0].mean())
    metadata = {
        "project": project.name,
        "title": project.title,
        "file": "model.onnx",
        "dataset": info.summary,
        "model": training["selected"],
        "positive": info.positive,
        "signature": training["signature"],
        "threshold": policy.threshold,
        "prices": config.prices.model_dump(),
        "prevalence": {"data": share, "practice": config.prices.prevalence or share},
        "limits": config.limits.model_dump(),
    }
    test = (data.test.y, Predictor(model, metadata).predict_proba(data.test.images))
    metrics = summarise(config, project, info, training, policy, validation, test)
    metrics["cv"] |= {
        "slices": slices(data.test.cases, test[1], policy.threshold, config.seed),
        "counts": counts(data, info),
        "model_bytes": len(model),
    }
    metadata["metrics"] = {name: score["value"] for name, score in metrics["test"].items()}
    folder = artifacts.publish(paths.models, model, metadata, PACKAGES)
    drawn = figures.draw_evaluation(paths.figures, metrics, test)
    return [folder, *write_reports(paths.reports, metrics, validation, test), *drawn]


def read_candidate(paths: Paths) -> tuple[bytes, Outcomes, dict[str, Any]]:
    """The exported model, its validation outcomes, and how it was chosen.

    Raises:
        ModelError: the train stage has not run, or not on the present data.
    """
    with open_candidate(paths) as training:
        model = (paths.candidate / "model.onnx").read_bytes()
        validation = read_validation(paths.candidate)
    return model, validation, training


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
    score = partial(clinical_scores, *test, policy.threshold)
    found = intervals(score, len(test[0]), config.seed)
    scores = {name: asdict(value) for name, value in found.items()}
    money = business.summarise(policy, validation, test, config.prices, config.seed)
    mark = " (synthetic sample)" if info.synthetic else ""
    confusion = cells(*test, policy.threshold)
    return {
        "project": project.name,
        "domain": "cv",
        "dataset": info.summary,
        "primary_metric": {"name": "roc_auc", "higher_is_better": True, **scores["roc_auc"]},
        "models": training["models"],
        "test": scores,
        "business": {**money["summary"], "headline": money["summary"]["headline"] + mark},
        "cv": {
            **{key: value for key, value in asdict(info).items() if key not in info.summary},
            "business": money["detail"],
            "calibration": training["calibration"],
            "test_calibration_error": calibration_error(*test),
            "calibration_curve": calibration_curve(*test),
            "confusion": {name: int(rows.sum()) for name, rows in confusion.items()},
            "passed_over": training["passed_over"],
            "augmentation": training["augmentation"],
            "export_difference": training["export_difference"],
            "positive_rate": float(test[0].mean()),
        },
    }


def counts(data: Split, info: DatasetInfo) -> dict[str, dict[str, int]]:
    """How many images of each class are in each part."""
    tables = zip(PARTS, (data.train, data.validation, data.test), strict=True)
    found = {part: table.cases["class"].value_counts() for part, table in tables}
    return {
        name: {part: int(number.get(name, 0)) for part, number in found.items()}
        for name in info.classes
    }
