"""Compare the first models on the same folds, test the best one once, write the metrics."""

import warnings
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import cross_val_predict, learning_curve, train_test_split
from sklearn.pipeline import Pipeline
from tqdm import tqdm

from .bootstrap import Estimate
from .charts import BLUE, ORANGE, figure
from .config import Config
from .data import read_processed, read_report
from .files import write_json
from .markdown import code
from .models import folds, inputs, ladder
from .paths import Paths, read_project
from .roles import DatasetInfo
from .scores import class_scores, regression_scores
from .summaries import display_name, rarer_class

MIN_ROWS = 50
Report = dict[str, Any]


def train(config: Config, paths: Paths) -> list[Path]:
    """Fit the models of both tasks and write ``reports/metrics.json``."""
    table, info = read_processed(paths)
    parts = {stage: read_report(paths, stage, info) for stage in ("data", "explore", "statistics")}
    tasks, skipped, files = {}, [], []
    targets = {"regression": info.regression_target, "classification": info.classification_target}
    # The bar shows after two seconds only: on little data it would be noise.
    for task, target in tqdm(targets.items(), desc="fitting models", delay=2, leave=False):
        file = paths.figures / f"learning_{task}.png"
        if reason := reason_to_skip(table, info, config, target):
            skipped.append(f"No {task}: {reason}.")
            file.unlink(missing_ok=True)
        else:
            tasks[task] = run_task(table, info, config, str(target), task == "classification")
            draw_learning(file, task, tasks[task], info)
            files.append(file)
    metrics = {
        "project": read_project(paths).name,
        "domain": "foundations",
        "dataset": info.summary,
        "primary_metric": None,
        "test": None,
        "business": business(parts["statistics"]["so_what"]),
        "models": [
            {"task": task, **model} for task in tasks for model in tasks[task].pop("models")
        ],
        "foundations": {
            "quality": parts["data"],
            "plots": parts["explore"],
            "statistics": parts["statistics"],
            "tasks": tasks,
            "skipped": [*parts["explore"]["skipped"], *parts["statistics"]["skipped"], *skipped],
            "left_out": info.left_out,
        },
    }
    return [write_json(paths.reports / "metrics.json", metrics), *files]


def business(so_what: Report) -> Report | None:
    """The finding in the shape that all projects share, or nothing where nothing held up."""
    keys = ("headline", "value", "low", "high", "currency", "per")
    return None if so_what["value"] is None else {key: so_what[key] for key in keys}


def reason_to_skip(
    table: pd.DataFrame, info: DatasetInfo, config: Config, target: str | None
) -> str:
    """Why a task does not apply to a data set, or nothing."""
    if target is None:
        return "no target is configured for it"
    known = table[target].dropna()
    if not info.features:
        return "no column is left to predict from"
    if len(known) < MIN_ROWS:
        return f"only {len(known)} rows have {code(target)}, at least {MIN_ROWS} are needed"
    fewest = known.value_counts().min()
    if target == info.classification_target and fewest * (1 - config.split.test_size) < (
        config.split.folds + 1
    ):
        return f"the rarest class of {code(target)} has {fewest} rows, too few for the folds"
    return ""


def run_task(
    table: pd.DataFrame, info: DatasetInfo, config: Config, target: str, classes: bool
) -> Report:
    """Score every model on the same folds, choose, and score the best once on unseen rows."""
    X_train, X_test, y_train, y_test = split(table, info, config, target, classes)
    known = table[target].dropna()
    pipelines, method = ladder(config, X_train, classes), "predict_proba" if classes else "predict"
    cv, scored = folds(config, classes), {}
    for name, pipeline in pipelines.items():
        predicted = cross_val_predict(pipeline, X_train, y_train, cv=cv, method=method)
        scored[name] = score(y_train, predicted, classes, config.seed)
    by = "roc_auc" if classes else "r2"
    best = max(scored, key=lambda name: scored[name][by].value)
    fitted = pipelines[best].fit(X_train, y_train)
    tested = score(y_test, getattr(fitted, method)(X_test), classes, config.seed)
    return {
        "target": target,
        "rare": rarer_class(known) if classes else None,
        "classes": known.nunique() if classes else None,
        "rows": {"train": len(X_train), "test": len(X_test)},
        "selected": best,
        "test": {name: asdict(value) for name, value in tested.items()},
        "learning": learning(pipelines[best], X_train, y_train, config, classes),
        "models": [
            {
                "name": name,
                "selected": name == best,
                "metrics": {key: asdict(value) for key, value in values.items()},
            }
            for name, values in scored.items()
        ],
    }


def split(
    table: pd.DataFrame, info: DatasetInfo, config: Config, target: str, classes: bool
) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series, pd.Series]:
    """Features to train and test with, then the same of the target, where it is known."""
    known = table[table[target].notna()]
    X_train, X_test, y_train, y_test = train_test_split(
        inputs(known, info.features),
        known[target],
        test_size=config.split.test_size,
        stratify=known[target] if classes else None,
        random_state=config.seed,
    )
    return X_train, X_test, y_train, y_test


def scoring(y: pd.Series, classes: bool) -> str:
    """The name that scikit-learn has for the score that models are compared by."""
    if not classes:
        return "r2"
    return "roc_auc_ovr" if y.nunique() > 2 else "roc_auc"


def score(y: pd.Series, predicted: np.ndarray, classes: bool, seed: int) -> dict[str, Estimate]:
    """Every metric of a task, with its interval."""
    if not classes:
        return regression_scores(y.to_numpy(float), predicted, seed)
    return class_scores(y, predicted, sorted(y.unique()), rarer_class(y), seed)


def learning(
    pipeline: Pipeline, X: pd.DataFrame, y: pd.Series, config: Config, classes: bool
) -> Report:
    """Scores on rows that were learnt and on rows that were not, with more and more rows."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what too few rows have no score for is left out below
        sizes, learnt, unseen = learning_curve(
            pipeline,
            X,
            y,
            cv=folds(config, classes),
            scoring=scoring(y, classes),
            train_sizes=np.linspace(0.2, 1, 5),
            shuffle=True,
            random_state=config.seed,
        )
    curve = {"rows": sizes, "learnt": learnt.mean(axis=1), "unseen": unseen.mean(axis=1)}
    points = pd.DataFrame(curve).dropna().to_dict("list")
    return {"metric": "ROC-AUC" if classes else "R²", **points, "sentence": _learning_words(points)}


def _learning_words(curve: dict[Any, list[float]]) -> str:
    if len(curve["rows"]) < 2:
        return "There are too few rows for a learning curve."
    gap, gain = curve["learnt"][-1] - curve["unseen"][-1], curve["unseen"][-1] - curve["unseen"][-2]
    variance = (
        f"scores {gap:.3f} better on rows it has learnt: it varies with the rows it gets (variance)"
        if gap > 0.05
        else "scores about the same on rows it has learnt: what it misses is beyond it (bias)"
    )
    more = "more rows would still help" if gain > 0.01 else "more rows would hardly help"
    return f"The chosen model {variance}; {more}."


def draw_learning(file: Path, name: str, task: Report, info: DatasetInfo) -> None:
    """Both curves of the chosen model, over the rows it learnt from."""
    curve = task["learning"]
    with figure(file) as drawing:
        axes = drawing.subplots()
        axes.plot(curve["rows"], curve["learnt"], "o-", color=ORANGE, label="rows it has learnt")
        axes.plot(curve["rows"], curve["unseen"], "o-", color=BLUE, label="rows it has not seen")
        axes.set_xlabel("rows to learn from")
        axes.set_ylabel(curve["metric"])
        note = " (synthetic sample)" if info.synthetic else ""
        model = display_name(task["selected"], name)
        axes.set_title(f"What more rows would bring the {model}{note}")
        axes.legend()
