"""Making sure that "30 %" means three cases in ten, since money is counted with it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import Pipeline

from .errors import ModelError
from .reliability import quality


@dataclass(frozen=True)
class Calibrated:
    """A fitted pipeline, its out-of-fold probabilities, and how it was chosen."""

    pipeline: Pipeline
    validation: np.ndarray
    report: dict[str, Any]


def with_sigmoid(pipeline: Pipeline, folds: StratifiedKFold) -> Pipeline:
    """Add Platt's sigmoid (Platt 1999), fitted on out-of-fold predictions."""
    classifier = CalibratedClassifierCV(
        clone(pipeline.named_steps["classifier"]), method="sigmoid", cv=folds, ensemble=False
    )
    return clone(pipeline).set_params(classifier=classifier)


def choose_calibration(
    pipeline: Pipeline,
    X: pd.DataFrame | pd.Series,
    y: pd.Series,
    raw: np.ndarray,
    folds: StratifiedKFold,
) -> Calibrated:
    """Fit ``pipeline`` with or without a sigmoid, whichever has the lower Brier score.

    Both are judged on the same folds; ``raw`` holds the out-of-fold probabilities without.
    Isotonic regression is no candidate: its steps do not survive the export to float32, and a
    classifier that brings its own sigmoid needs no second one.

    Raises:
        ModelError: the sigmoid falls where it should rise.
    """
    candidates = {"none": (pipeline, raw)}
    if not isinstance(pipeline.named_steps["classifier"], CalibratedClassifierCV):
        sigmoid = with_sigmoid(pipeline, folds)
        both = cross_val_predict(sigmoid, X, y, cv=folds, method="predict_proba", n_jobs=-1)
        candidates["sigmoid"] = (sigmoid, both[:, 1])
    report = {name: quality(y.to_numpy(float), found) for name, (_, found) in candidates.items()}
    chosen = min(report, key=lambda name: report[name]["brier"])
    winner, validation = candidates[chosen]
    fitted = clone(winner).fit(X, y)
    classifier = fitted.named_steps["classifier"]
    # scikit-learn writes the sigmoid as 1 / (1 + exp(a x + b)).
    if isinstance(classifier, CalibratedClassifierCV) and (
        classifier.calibrated_classifiers_[0].calibrators[0].a_ >= 0
    ):
        raise ModelError(
            "the best model's scores run against the truth in rows that it has not seen, so its "
            "sigmoid would turn them round: there is too little to learn from. Add rows."
        )
    return Calibrated(fitted, validation, {"chosen": chosen, "candidates": report})
