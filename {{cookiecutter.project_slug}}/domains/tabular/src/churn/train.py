"""Climb the ladder on the same folds, choose by validation, fit the winner."""

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import Pipeline
from tqdm import tqdm

from .ablation import ablate
from .bootstrap import intervals
from .calibration import Calibrated, choose_calibration
from .candidate import fingerprint
from .config import Config
from .data import read_processed
from .files import replacing, write_json
from .metrics import weighted_scores
from .models import Rung, folds, ladder, tune
from .outcomes import VALIDATION, write_validation
from .paths import Paths
from .policy import require_better_than_chance

REMEDY = "Check `target` and `positive`, or add columns or rows."


def train(config: Config, paths: Paths) -> list[Path]:
    """Tune and compare all models, then leave the best one in ``models/candidate``."""
    data, info = read_processed(paths)
    trained_on = fingerprint(paths.processed)
    X, y = data.train[info.features], data.train[info.target]
    rungs = ladder(config)
    pipelines: dict[str, Pipeline] = {}
    validation: dict[str, np.ndarray] = {}
    # The bar shows after two seconds only: on little data it would be noise.
    for rung in tqdm(rungs, desc="tuning models", delay=2, leave=False):
        pipelines[rung.name] = tune(rung, rung.pipeline(X, info), X, y, config)
        validation[rung.name] = out_of_fold(pipelines[rung.name], X, y, config)
    scores = {
        name: intervals(partial(weighted_scores, y.to_numpy(float), p, 0.5), len(y), config.seed)
        for name, p in validation.items()
    }
    best = max(scores, key=lambda name: scores[name]["roc_auc"].value)
    require_better_than_chance(scores[best]["roc_auc"], "customers", REMEDY)
    chosen = next(rung for rung in rungs if rung.name == best)
    winner = choose_calibration(pipelines[best], X, y, validation[best], folds(config))
    summary = {
        "data": trained_on,
        "selected": best,
        "models": [
            {
                "name": rung.name,
                "selected": rung is chosen,
                "metrics": {key: asdict(value) for key, value in scores[rung.name].items()},
                "settings": _settings(rung, pipelines[rung.name]),
            }
            for rung in rungs
        ],
        "calibration": winner.report,
        "out_of_bag": _out_of_bag(pipelines.get("random_forest"), X, y),
        "ablation": ablate(chosen, pipelines[best], X, y, info, config),
    }
    return _write_candidate(paths, winner, y, summary)


def out_of_fold(pipeline: Pipeline, X: pd.DataFrame, y: pd.Series, config: Config) -> np.ndarray:
    """Each training customer's churn probability, by a model that never saw that customer."""
    p = cross_val_predict(pipeline, X, y, cv=folds(config), method="predict_proba", n_jobs=-1)
    return p[:, 1]


def _settings(rung: Rung, pipeline: Pipeline) -> dict[str, Any]:
    """The tuned hyper-parameters, by their own names."""
    values = pipeline.get_params()
    return {name.removeprefix("classifier__"): values[name] for name in rung.space}


def _out_of_bag(forest: Pipeline | None, X: pd.DataFrame, y: pd.Series) -> dict[str, float] | None:
    """A forest's score on the rows that each of its trees did not draw, if there is a forest."""
    if forest is None:
        return None
    fitted = clone(forest).set_params(classifier__oob_score=True, classifier__n_jobs=-1).fit(X, y)
    classifier = fitted.named_steps["classifier"]
    roc_auc = roc_auc_score(y, classifier.oob_decision_function_[:, 1])
    return {"accuracy": classifier.oob_score_, "roc_auc": roc_auc}


def _write_candidate(
    paths: Paths, winner: Calibrated, y: pd.Series, summary: dict[str, Any]
) -> list[Path]:
    with replacing(paths.candidate) as folder:
        folder.mkdir()
        joblib.dump(winner.pipeline, folder / "pipeline.joblib")
        write_validation(folder, y, winner.validation)
        write_json(folder / "training.json", summary)
    names = ("pipeline.joblib", VALIDATION, "training.json")
    return [paths.candidate / name for name in names]
