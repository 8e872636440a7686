"""Set the threshold on validation data, score the test set once, publish the model."""

from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from . import artifacts, business, figures
from .aspects import Lexicon, by_aspect, revenue_at_risk
from .bootstrap import Array, intervals
from .candidate import open_candidate
from .checks import POSITIVE, TEXT
from .config import Config
from .data import DatasetInfo, read_processed
from .export import check_parity
from .metrics import weighted_scores
from .outcomes import cells, read_validation, write_reports
from .paths import Paths, Project, read_project
from .policy import Outcomes
from .predictor import Predictor
from .reliability import calibration_curve, calibration_error
from .slices import slices

PACKAGES = ("numpy", "onnxruntime", "pandas", "scikit-learn", "skl2onnx")
CUT = 0.5  # a review is called positive from this probability on


@dataclass(frozen=True)
class Candidate:
    """What training left: the ONNX file, what the trained model says about some texts, its
    validation outcomes (1 for a good review, and its probability), and how it was chosen."""

    model: bytes
    parity: pd.DataFrame
    validation: Outcomes
    training: dict[str, Any]


def evaluate(config: Config, paths: Paths) -> list[Path]:
    """Turn the candidate into the published model and ``reports/metrics.json``."""
    data, info = read_processed(paths)
    project = read_project(paths)
    candidate = read_candidate(paths)
    policy = business.choose_policy(*unhappiness(candidate.validation), config.prices)
    metadata = {
        "project": project.name,
        "title": project.title,
        "file": "model.onnx",
        "dataset": info.summary,
        "model": candidate.training["selected"],
        "threshold": policy.threshold,
        "prices": config.prices.model_dump(),
        "limits": config.limits.model_dump(),
        "aspects": config.aspects,
    }
    predictor = Predictor(candidate.model, metadata)
    difference = check_parity(predictor, candidate.parity)
    rows = [{"text": text} for text in data.test[TEXT]]
    test = (data.test[POSITIVE].to_numpy(float), predictor.predict_proba(rows))
    metrics = summarise(config, project, info, candidate, policy, test)
    metrics["nlp"] |= by_group(config, data.test[TEXT].tolist(), predictor, test)
    metrics["nlp"]["export_difference"] = difference
    metadata["metrics"] = {name: score["value"] for name, score in metrics["test"].items()}
    folder = artifacts.publish(
        paths.models, candidate.model, metadata, PACKAGES, config.limits.model_mb * 1e6
    )
    drawn = figures.draw_evaluation(paths.figures, metrics, test)
    return [folder, *write_reports(paths.reports, metrics, candidate.validation, test), *drawn]


def read_candidate(paths: Paths) -> Candidate:
    """What the train stage left.

    Raises:
        ModelError: the train stage has not run, or not on the present data.
    """
    with open_candidate(paths) as training:
        model = (paths.candidate / "model.onnx").read_bytes()
        parity = pd.read_parquet(paths.candidate / "parity.parquet")
        validation = read_validation(paths.candidate)
    return Candidate(model, parity, validation, training)


def unhappiness(outcomes: Outcomes) -> Outcomes:
    """The other side of the coin: whether a customer is unhappy, and the risk of it."""
    y, probability = outcomes
    return 1 - y, 1 - probability


def summarise(
    config: Config,
    project: Project,
    info: DatasetInfo,
    candidate: Candidate,
    policy: business.Policy,
    test: Outcomes,
) -> dict[str, Any]:
    """The content of ``reports/metrics.json``; domain detail stands under its own key."""
    found = intervals(partial(weighted_scores, *test, CUT), len(test[0]), config.seed)
    scores = {name: asdict(value) for name, value in found.items()}
    sides = unhappiness(candidate.validation), unhappiness(test)
    impact = business.summarise(policy, *sides, config.prices, config.seed)
    mark = " (synthetic sample)" if info.synthetic else ""
    counted = intervals(partial(confusion, *test), len(test[0]), config.seed)
    return {
        "project": project.name,
        "domain": "nlp",
        "dataset": info.summary,
        "primary_metric": {"name": "roc_auc", "higher_is_better": True, **scores["roc_auc"]},
        "models": candidate.training["models"],
        "test": scores,
        "business": {**impact["summary"], "headline": impact["summary"]["headline"] + mark},
        "nlp": {
            "business": impact["detail"],
            "calibration": candidate.training["calibration"],
            "too_large": candidate.training["too_large"],
            "test_calibration_error": calibration_error(*test),
            "calibration_curve": calibration_curve(*test),
            "confusion": {name: asdict(value) for name, value in counted.items()},
            "rule": info.rule,
            "empty": info.empty,
            "duplicates": info.duplicates,
            "contradictory": info.contradictory,
            "positive_rate": float(test[0].mean()),
        },
    }


def confusion(y: Array, probability: Array, weights: Array) -> dict[str, Array]:
    """How many test reviews fall in each cell of the confusion matrix, under each weighting.

    Args:
        weights: (draws, rows), how often each row counts.
    """
    return {name: weights @ rows for name, rows in cells(y, probability, CUT).items()}


def by_group(
    config: Config, texts: list[str], predictor: Predictor, test: Outcomes
) -> dict[str, Any]:
    """Scores by slice, and aspects by the revenue at risk."""
    blamed = blame(texts, config.aspects, predictor)
    value = config.prices.customer_value
    return {
        "slices": slices(texts, *test, config.aspects, config.seed),
        "aspects": revenue_at_risk(1 - test[0], blamed, value, config.seed),
    }


def blame(texts: list[str], lexicon: Lexicon, predictor: Predictor) -> dict[str, Array]:
    """For each aspect (rows,): 1 where the clauses that mention it sound unhappy, 0 where they do
    not, NaN where nothing mentions it."""
    blamed = {aspect: np.full(len(texts), np.nan) for aspect in lexicon}
    found = [
        (row, aspect, clause)
        for row, text in enumerate(texts)
        for aspect, clause in by_aspect(text, lexicon).items()
    ]
    if found:
        probability = predictor.predict_proba([{"text": clause} for _, _, clause in found])
        for (row, aspect, _), p in zip(found, probability, strict=True):
            blamed[aspect][row] = p < CUT
    return blamed
