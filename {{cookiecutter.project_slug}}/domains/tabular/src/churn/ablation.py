"""What was tried on top of the chosen model, on the same folds, and what it did."""

from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import make_pipeline
from sklearn.base import BaseEstimator, clone
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import Pipeline
from tqdm import tqdm

from .bootstrap import intervals
from .config import Config
from .data import DatasetInfo
from .features import add_ratios, preprocessor
from .metrics import weighted_scores
from .models import Rung, folds


def ablate(
    rung: Rung,
    pipeline: Pipeline,
    X: pd.DataFrame,
    y: pd.Series,
    info: DatasetInfo,
    config: Config,
) -> list[dict[str, Any]]:
    """Score each variant of ``pipeline`` by out-of-fold predictions; one row per variant."""
    rows = []
    variants = _variants(rung, pipeline, X, y, info, config.seed)
    for name, (variant, features) in tqdm(variants.items(), desc="ablation", delay=2, leave=False):
        p = cross_val_predict(
            variant, features, y, cv=folds(config), method="predict_proba", n_jobs=-1
        )
        score = partial(weighted_scores, y.to_numpy(float), p[:, 1], 0.5)
        scores = intervals(score, len(y), config.seed)
        metrics = {key: asdict(scores[key]) for key in ("roc_auc", "average_precision", "brier")}
        rows.append({"name": name, "metrics": metrics | {"f1": asdict(scores["f1"])}})
    return rows


def _variants(
    rung: Rung, pipeline: Pipeline, X: pd.DataFrame, y: pd.Series, info: DatasetInfo, seed: int
) -> dict[str, tuple[BaseEstimator, pd.DataFrame]]:
    classifier = pipeline.named_steps["classifier"]
    encoder = pipeline.named_steps["features"]
    clipped = preprocessor(X, info, scale=rung.scale, clip=True)
    variants = {
        "as chosen": (pipeline, X),
        "outliers clipped": (clone(pipeline).set_params(features=clipped), X),
    }
    if info.ratios:
        wider = add_ratios(X, info.ratios)
        ratio_encoder = clone(encoder)
        numeric = [*info.numeric, *info.ratios]
        ratio_encoder.transformers[0] = ("numeric", encoder.transformers[0][1], numeric)
        label = "ratios added: " + ", ".join(info.ratios)
        variants[label] = (clone(pipeline).set_params(features=ratio_encoder), wider)
    if not isinstance(classifier, DummyClassifier):
        weighted = clone(classifier).set_params(**_balanced(classifier, y))
        variants["class weights"] = (clone(pipeline).set_params(classifier=weighted), X)
        smote = make_pipeline(clone(encoder), SMOTE(random_state=seed), clone(classifier))
        variants["SMOTE"] = (smote, X)
    return variants


def _balanced(classifier: BaseEstimator, y: pd.Series) -> dict[str, Any]:
    """The setting that makes both classes weigh the same; its name differs by library."""
    if "scale_pos_weight" in classifier.get_params():
        return {"scale_pos_weight": float(np.mean(y == 0) / np.mean(y == 1))}
    return {"class_weight": "balanced"}
