"""What was tried on top of the chosen model, on the same folds, and what it earns."""

from dataclasses import asdict
from typing import Any, Self

import numpy as np
import pandas as pd
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import make_pipeline
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.metrics import brier_score_loss, roc_auc_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from tqdm import tqdm

from .config import Config, Prices
from .data import DatasetInfo
from .kit.decisions import gain, profit_curve
from .kit.intervals import Array, intervals
from .models import Rung, out_of_fold, preprocessor

CHOSEN = "as chosen"


def try_variants(
    rung: Rung, pipeline: Pipeline, X: pd.DataFrame, y: pd.Series, info: DatasetInfo, config: Config
) -> dict[str, Array]:
    """Out-of-fold probabilities of each variant of the chosen ``pipeline``: name -> (n,)."""
    classifier = pipeline.named_steps["classifier"]
    columns = (info.numeric, info.categorical)
    clipped = preprocessor(*columns, (QuantileClipper(), *rung.steps))
    # Both classes weigh the same: the setting's name differs by library.
    weights: dict[str, Any] = {"class_weight": "balanced"}
    if "scale_pos_weight" in classifier.get_params():
        weights = {"scale_pos_weight": float(np.mean(y == 0) / np.mean(y == 1))}
    weighted = clone(classifier).set_params(**weights)
    # SMOTE makes leavers up between neighbours: unscaled, the largest column alone would decide
    # who is near whom.
    scaled, smote = preprocessor(*columns, (StandardScaler(),)), SMOTE(random_state=config.seed)
    variants = {
        "outliers clipped": (clone(pipeline).set_params(features=clipped), X),
        "class weights": (clone(pipeline).set_params(classifier=weighted), X),
        "SMOTE": (make_pipeline(scaled, smote, clone(classifier)), X),
    }
    if info.ratios:
        wider = preprocessor([*info.numeric, *info.ratios], info.categorical, rung.steps)
        # Where the denominator is zero the ratio is missing.
        added = {name: X[a] / X[b].replace(0, np.nan) for name, (a, b) in info.ratios.items()}
        label = "ratios added: " + ", ".join(info.ratios)
        variants[label] = (clone(pipeline).set_params(features=wider), X.assign(**added))
    shown = tqdm(variants.items(), desc="variants", delay=2, leave=False)
    return {name: out_of_fold([model], table, y, config)[0] for name, (model, table) in shown}


class QuantileClipper(TransformerMixin, BaseEstimator):
    """Pull values beyond the 1st and 99th percentile of the training data back to them."""

    def fit(self, X: np.ndarray, y: np.ndarray | None = None) -> Self:
        self.low_, self.high_ = np.nanpercentile(X, [1, 99], axis=0)
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        return np.clip(X, self.low_, self.high_)


def compare(
    y: Array, probabilities: dict[str, Array], prices: Prices, seed: int
) -> list[dict[str, Any]]:
    """Each variant beside the chosen model, in money: both at their own best threshold.

    At one threshold for all, a variant that only moves probabilities would look like a gain or a
    loss. ``difference`` is in money per customer, in pairs: variant less chosen model.
    """
    earned = {}
    for name, p in probabilities.items():
        thresholds, gains = profit_curve(y, p, prices.stakes)
        earned[name] = gain(y, p >= thresholds[gains.argmax()], prices.stakes)

    def differences(weights: Array) -> dict[str, Array]:
        return {name: weights @ (own - earned[CHOSEN]) / len(y) for name, own in earned.items()}

    found = intervals(differences, len(y), seed)
    return [
        {
            "name": name,
            "roc_auc": roc_auc_score(y, p),
            "brier": brier_score_loss(y, p),
            "difference": None if name == CHOSEN else asdict(found[name]),
        }
        for name, p in probabilities.items()
    ]
