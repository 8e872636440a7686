"""Fit the first models on the same folds, compare them in pairs, keep the best of each task."""

from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from sklearn.model_selection import cross_val_predict

from .config import Config
from .data import folds_of, read_processed, unit_of
from .kit.files import Paths, replacing, write_json
from .kit.store import require_whole
from .models import inputs, label, ladder
from .roles import Info
from .scores import CHOSEN_BY, compared, scorer

MIN_ROWS = 50


def run(config: Config, paths: Paths) -> list[Path]:
    """Write the models of every task that applies to ``models/candidate``."""
    table, _, info = read_processed(paths)
    targets = {"regression": info.regression_target, "classification": info.classification_target}
    tasks, skipped, files = {}, [], []
    for task, target in targets.items():
        if reason := reason_to_skip(table, info, config, target):
            skipped.append(f"no {task}: {reason}")
        else:
            tasks[task], model = fit_task(table, info, config, task, str(target))
            with replacing(paths.candidate / f"{task}.joblib") as temporary:
                joblib.dump(model, temporary)
            files.append(paths.candidate / f"{task}.joblib")
    training = {"data": require_whole(paths.processed), "tasks": tasks, "skipped": skipped}
    return [*files, write_json(paths.candidate / "training.json", training)]


def reason_to_skip(table: pd.DataFrame, info: Info, config: Config, target: str | None) -> str:
    """Why a task does not apply to a data set, or nothing."""
    if target is None:
        return "no target is configured for it"
    known = table[target].dropna()
    if not info.features:
        return f"`{target}` has no other column to be predicted from"
    if len(known) < MIN_ROWS:
        return f"`{target}` is known in {len(known)} rows to learn from; needed are {MIN_ROWS}"
    if info.unit and table[info.unit][known.index].nunique() < config.split.folds:
        return f"there are fewer different `{info.unit}` than folds"
    fewest = known.value_counts().min()
    if target == info.classification_target and fewest <= config.split.folds:
        return f"the rarest class of `{target}` has {fewest} rows to learn from, too few for folds"
    return ""


def fit_task(
    table: pd.DataFrame, info: Info, config: Config, task: str, target: str
) -> tuple[dict[str, Any], Any]:
    """Predict every row by models that have not seen it; return the scores and the best, fitted."""
    known, classes = table[table[target].notna()], task == "classification"
    X, y, units = inputs(known, info.features), known[target], unit_of(known, info)
    folds = folds_of(config.split.folds, classes, units is not None, config.seed)
    parts = list(folds.split(X, y, units))
    method = "predict_proba" if classes else "predict"
    pipelines = ladder(config, X, classes)
    scorers = {
        name: scorer(
            y, np.asarray(cross_val_predict(pipeline, X, y, cv=parts, method=method)), task
        )
        for name, pipeline in pipelines.items()
    }
    metric = CHOSEN_BY[task]
    best, models = compared(scorers, metric, units, len(y), config.seed)
    listed = [
        {"name": name, "label": label(name, classes), "selected": name == best, **models[name]}
        for name in pipelines
    ]
    report = {"target": target, "rows": len(y), "metric": metric, "selected": best}
    return {**report, "models": listed}, pipelines[best].fit(X, y)
