"""Metrics of numbers and of classes: of every model and of its distance from the chosen one.

All are worked out on the same resampled rows, so that models are compared in pairs.
"""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from .kit.decisions import weighted_scores
from .kit.intervals import Array, Estimate, intervals
from .roles import rarer_class

NAMES = {
    "r2": "R²",
    "mse": "mean squared error",
    "roc_auc": "ROC-AUC",
    "f1": "F1",
    "precision": "precision",
    "recall": "recall",
    "accuracy": "accuracy",
}
CHOSEN_BY = {"regression": "r2", "classification": "roc_auc"}

# Takes weights (draws, rows), how often each row counts, and returns each metric, one a draw.
Scorer = Callable[[Array], dict[str, Array]]


def scorer(y: pd.Series, predicted: Array, task: str) -> Scorer:
    """The metrics of one model's predictions, for any weighting of the rows.

    Args:
        y: (rows,) what was true. predicted: (rows,) numbers, or (rows, classes) probabilities of
            the classes in alphabetical order.
    """
    if task == "regression":
        return _number_scores(y.to_numpy(float), predicted)
    return _class_scores(y.astype(str), predicted)


def _number_scores(y: Array, predicted: Array) -> Scorer:
    """R², the share of variance explained, and mean squared error (lower is better)."""
    centred, squares = y - y.mean(), (y - predicted) ** 2

    def figures(weights: Array) -> dict[str, Array]:
        rows = weights.sum(axis=1)
        mse = weights @ squares / rows
        variance = weights @ centred**2 / rows - (weights @ centred / rows) ** 2
        with np.errstate(divide="ignore", invalid="ignore"):  # a draw of one value has no R²
            return {"r2": 1 - mse / variance, "mse": mse}

    return figures


def _class_scores(y: pd.Series, probabilities: Array) -> Scorer:
    """ROC-AUC, F1, precision, recall and accuracy of the most likely class.

    Of two classes, the rarer one is looked for; of more, each is in turn and the mean counts.
    """
    classes = sorted(y.unique())
    truth = (y.to_numpy()[:, None] == np.asarray(classes)).astype(float)
    said = np.eye(len(classes))[probabilities.argmax(axis=1)]
    right, rare = (truth * said).sum(axis=1), classes.index(rarer_class(y))
    sought = [rare] if len(classes) == 2 else list(range(len(classes)))

    def figures(weights: Array) -> dict[str, Array]:
        ranked = [weighted_scores(truth[:, k], probabilities[:, k], 0.5, weights) for k in sought]
        acted = [weighted_scores(truth[:, k], said[:, k], 0.5, weights) for k in sought]
        return {
            "roc_auc": np.mean([scores["roc_auc"] for scores in ranked], axis=0),
            "f1": np.mean([scores["f1"] for scores in acted], axis=0),
            # A class that is never said is a miss, so that the mean over classes stays defined.
            "precision": np.mean([np.nan_to_num(scores["precision"]) for scores in acted], axis=0),
            "recall": np.mean([scores["recall"] for scores in acted], axis=0),
            "accuracy": weights @ right / weights.sum(axis=1),
        }

    return figures


def at_the_ends(
    found: dict[str, Estimate], y: Array, said: Array, sought: str, units: Array | None
) -> dict[str, Estimate]:
    """Wilson's (1927) interval for shares that are 0 or 1, which every draw finds alike.

    Args:
        y: (rows,) classes, two of them. said: (rows,) those that were predicted.
        units: (rows,) which rows belong together and count as one; None if each is alone.
    """
    cases = np.arange(len(y)) if units is None else units
    asked = {"precision": said == sought, "recall": y == sought, "accuracy": np.full(len(y), True)}
    ends = {}
    for name, rows in asked.items():
        share, n = found[name], len(np.unique(cases[rows]))
        if n and share.low == share.high:
            low, high = proportion_confint(share.value * n, n, method="wilson")
            ends[name] = Estimate(share.value, float(low), float(high))
    return found | ends


def compared(
    scorers: dict[str, Scorer], metric: str, units: Array | None, rows: int, seed: int
) -> tuple[str, dict[str, dict[str, Any]]]:
    """Choose the best model by ``metric``; return its name and, of each model, its ``metrics`` and
    the ``difference`` to the chosen one (None for itself), with intervals over the same draws.

    Args:
        units: (rows,) which rows belong together and are drawn together; None if each is alone.
    """
    ones = np.ones((1, rows))
    best = max(scorers, key=lambda name: scorers[name](ones)[metric][0])

    def figures(weights: Array) -> dict[str, Array]:
        found = {name: score(weights) for name, score in scorers.items()}
        flat = {f"{name} {key}": v for name, part in found.items() for key, v in part.items()}
        gaps = {f"{name} -": part[metric] - found[best][metric] for name, part in found.items()}
        return flat | gaps

    estimates = drawn(figures, units, rows, seed)
    keys = list(scorers[best](ones))
    models = {
        name: {
            "metrics": {key: asdict(estimates[f"{name} {key}"]) for key in keys},
            "difference": None if name == best else asdict(estimates[f"{name} -"]),
        }
        for name in scorers
    }
    return best, models


def drawn(figures: Scorer, units: Array | None, rows: int, seed: int) -> dict[str, Estimate]:
    """Figures with intervals over resampled rows, or over whole units of rows."""
    if units is None:
        return intervals(figures, rows, seed)
    _, of_row = np.unique(units, return_inverse=True)
    return intervals(lambda weights: figures(weights[:, of_row]), int(of_row.max()) + 1, seed)
