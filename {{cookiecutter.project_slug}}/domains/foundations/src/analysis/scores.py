"""Metrics of numbers and of classes, with intervals over resampled rows."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from .bootstrap import Array, Estimate, intervals
from .metrics import weighted_scores


def regression_scores(y: Array, predicted: Array, seed: int) -> dict[str, Estimate]:
    """Mean squared error (lower is better), and the share of variance explained, R²."""
    centred, squares = y - y.mean(), (y - predicted) ** 2

    def figures(weights: Array) -> dict[str, Array]:
        rows = weights.sum(axis=1)
        mse = weights @ squares / rows
        variance = weights @ centred**2 / rows - (weights @ centred / rows) ** 2
        return {"mse": mse, "r2": 1 - mse / variance}

    return intervals(figures, len(y), seed)


def class_scores(
    y: pd.Series, probabilities: Array, classes: Sequence[str], rare: str, seed: int
) -> dict[str, Estimate]:
    """ROC-AUC, F1, precision, recall and accuracy of the most likely class.

    Of two classes, the rarer one is looked for; of more, each is in turn and the mean counts.
    """
    truth = (y.to_numpy()[:, None] == np.asarray(classes)).astype(float)
    chosen = np.eye(len(classes))[probabilities.argmax(axis=1)]
    right = (truth * chosen).sum(axis=1)
    sought = [at for at, name in enumerate(classes) if len(classes) > 2 or name == rare]

    def figures(weights: Array) -> dict[str, Array]:
        ranked = [weighted_scores(truth[:, k], probabilities[:, k], 0.5, weights) for k in sought]
        acted = [weighted_scores(truth[:, k], chosen[:, k], 0.5, weights) for k in sought]
        return {
            "roc_auc": np.mean([scores["roc_auc"] for scores in ranked], axis=0),
            "f1": np.mean([scores["f1"] for scores in acted], axis=0),
            # A class that is never said is a miss, so that the mean over classes stays defined.
            "precision": np.mean([np.nan_to_num(scores["precision"]) for scores in acted], axis=0),
            "recall": np.mean([scores["recall"] for scores in acted], axis=0),
            "accuracy": weights @ right / weights.sum(axis=1),
        }

    return intervals(figures, len(y), seed)
