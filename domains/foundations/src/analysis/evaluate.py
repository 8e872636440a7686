"""Score the chosen models on rows kept aside, used for no choice; write down all results."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd

from .config import Config
from .data import read_processed, unit_of
from .figures import ladders
from .kit import ProjectError
from .kit.files import Paths, read_json, write_json
from .kit.store import SCHEMA, read_candidate
from .models import inputs
from .roles import Info, rarer_class
from .scores import NAMES, at_the_ends, drawn, scorer

SKILLS = ["pandas", "data cleaning", "statistics", "scikit-learn", "visualisation"]
Report = dict[str, Any]


def run(config: Config, paths: Paths) -> list[Path]:
    """Write ``reports/metrics.json`` and ``reports/figures.json``."""
    _, test, info = read_processed(paths)
    training, explained = read_candidate(paths), read_explained(paths, info)
    tasks = {
        name: task | tested(test, info, config, paths, name, task["target"])
        for name, task in sorted(training["tasks"].items(), reverse=True)  # numbers first
    }
    first = next(iter(tasks.values()), None)
    metrics = {
        "schema": SCHEMA,
        "project": paths.project()["name"],
        "domain": "foundations",
        "package": __package__,
        "dataset": info.summary,
        "primary_metric": first and primary_metric(first),
        "models": first["models"] if first else [],
        "test": first["test"] if first else {},
        "business": explained["business"],
        "skills": SKILLS,
        "foundations": {"tasks": tasks, "skipped": training["skipped"], "date": info.date},
    }
    drawn_before, files = explained["figures"], []
    if tasks:
        figure = ladders(paths, tasks, NAMES, info)
        drawn_before, files = [*drawn_before, figure], [paths.root / figure["file"]]
    files.append(write_json(paths.reports / "figures.json", drawn_before))
    listed = {paths.root / one["file"] for one in drawn_before}
    for old in set(paths.figures.glob("*.png")) - listed:  # one of another data set would mislead
        old.unlink()
    return [write_json(paths.reports / "metrics.json", metrics), *files]


def read_explained(paths: Paths, info: Info) -> Report:
    """What the explain stage wrote of the same data.

    A ProjectError says that it has not run since the data changed.
    """
    file = paths.reports / "explain.json"
    explained = dict(read_json(file, "explain"))
    if explained.get("dataset") != info.summary:
        raise ProjectError(f"{file} is not about the processed data: run the `explain` stage first")
    return explained


def tested(
    test: pd.DataFrame, info: Info, config: Config, paths: Paths, task: str, target: str
) -> Report:
    """The chosen model's scores on rows that no model has seen, where their answer is known."""
    known, classes = test[test[target].notna()], task == "classification"
    if len(known) < 2 or known[target].nunique() < 2:
        return {"test": {}, "test_rows": len(known), "sought": None}
    model = joblib.load(paths.candidate / f"{task}.joblib")
    X, y = inputs(known, info.features), known[target]
    predicted = model.predict_proba(X) if classes else model.predict(X)
    if classes:  # a class that the test rows lack has no score
        there = np.isin(model.classes_, y.unique())
        predicted = predicted[:, there]
    figures, units, sought = scorer(y, predicted, task), unit_of(known, info), None
    estimates = drawn(figures, units, len(y), config.seed)
    if classes and y.nunique() == 2:
        sought, said = rarer_class(y), model.classes_[there][predicted.argmax(axis=1)]
        estimates = at_the_ends(estimates, y.to_numpy(), said, sought, units)
    scores = {name: asdict(value) for name, value in estimates.items()}
    return {"test": scores, "test_rows": len(y), "sought": sought}


def primary_metric(task: Report) -> Report:
    """The metric that chose the model of the first task, on the folds."""
    chosen = next(model for model in task["models"] if model["selected"])
    return {"name": task["metric"], **chosen["metrics"][task["metric"]], "higher_is_better": True}
