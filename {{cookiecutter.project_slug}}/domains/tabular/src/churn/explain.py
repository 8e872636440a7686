"""Why the model predicts what it predicts: SHAP, permutation importance, and the API's reasons."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shap
from scipy.stats import spearmanr
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from .bootstrap import Array
from .config import Config
from .data import DatasetInfo, read_processed
from .errors import ModelError
from .evaluate import read_candidate
from .explain_figures import as_explanation, draw_explanation
from .export import TOLERANCE, largest_difference
from .features import source_columns
from .files import write_json
from .paths import Paths
from .predictor import Predictor

ROWS = 500  # test customers explained: enough for a stable ranking
BACKGROUND_ROWS = 200
REPEATS = 5
TOP = 3  # of each customer's reasons, how many are compared between SHAP and the API


@dataclass(frozen=True)
class ShapValues:
    """SHAP values (rows, features) in ``unit``, with the data and the average prediction."""

    values: Array
    data: pd.DataFrame
    base: float
    unit: str


def explain(config: Config, paths: Paths) -> list[Path]:
    """Explain the published model on test customers: ``reports/explain.json`` and figures.

    Raises:
        ModelError: the model was trained again, but not evaluated since.
    """
    data, info = read_processed(paths)
    pipeline, _, _ = read_candidate(paths)
    predictor = Predictor.load(paths.models)
    test = data.test.sample(min(ROWS, len(data.test)), random_state=config.seed)
    X = test[info.features]
    if largest_difference(pipeline, predictor, X) > TOLERANCE:
        raise ModelError("the candidate is not the published model: run the `evaluate` stage first")
    values = shap_values(pipeline, data.train[info.features], X, info, config.seed)
    permutation = permutation_importance(
        pipeline,
        X,
        test[info.target],
        scoring="roc_auc",
        n_repeats=REPEATS,
        random_state=config.seed,
    )
    importance = importance_table(values, permutation, info)
    result = {
        "dataset": info.summary,
        "model_version": predictor.version,
        "rows": len(X),
        "importance": importance,
        "unit": values.unit,
        "agreement": agreement(values, predictor),
    }
    file = write_json(paths.reports / "explain.json", result)
    note = "\n(synthetic sample)" if info.synthetic else ""
    shown = as_explanation(values.values, X, values.base)
    drawn = draw_explanation(paths.figures, shown, importance, values.unit, note)
    return [file, *drawn]


def shap_values(
    pipeline: Pipeline, train: pd.DataFrame, X: pd.DataFrame, info: DatasetInfo, seed: int
) -> ShapValues:
    """SHAP values of the model before its calibration, which does not change any ranking.

    A forest averages probabilities, so its values are in probability; all others are in log-odds.

    The columns that one-hot encoding made from a category are added up again, which SHAP's
    additivity (Lundberg and Lee 2017) allows.
    """
    encoder, classifier = (pipeline.named_steps[step] for step in ("features", "classifier"))
    if isinstance(classifier, CalibratedClassifierCV):
        classifier = classifier.calibrated_classifiers_[0].estimator
    encoded = encoder.transform(X)
    if isinstance(classifier, LogisticRegression):
        background = train.sample(min(BACKGROUND_ROWS, len(train)), random_state=seed)
        explanation = shap.LinearExplainer(classifier, encoder.transform(background))(encoded)
    else:
        explanation = shap.TreeExplainer(classifier)(encoded)
    raw, base = explanation.values, np.atleast_1d(explanation.base_values.mean(axis=0))
    if raw.ndim == 3:  # a forest explains both classes; we want churn
        raw = raw[:, :, 1]
    sources = source_columns(encoder, info)
    summed = pd.DataFrame(raw, columns=sources).T.groupby(level=0).sum().T[info.features]
    unit = "probability" if isinstance(classifier, RandomForestClassifier) else "log-odds"
    return ShapValues(summed.to_numpy(), X, float(base[-1]), unit)


def importance_table(
    values: ShapValues, permutation: Any, info: DatasetInfo
) -> list[dict[str, Any]]:
    """Features by mean absolute SHAP value, with the ROC-AUC lost when a feature is shuffled."""
    strength = np.abs(values.values).mean(axis=0)
    rows = [
        {
            "feature": name,
            "mean_abs_shap": strength[position],
            "permutation": permutation.importances_mean[position],
            "permutation_std": permutation.importances_std[position],
        }
        for position, name in enumerate(info.features)
    ]
    return sorted(rows, key=lambda row: (-row["mean_abs_shap"], row["feature"]))


def agreement(values: ShapValues, predictor: Predictor) -> dict[str, float]:
    """How well the API's reasons, made without a training library, agree with SHAP's.

    Returns:
        ``rank_correlation``: mean Spearman correlation of a customer's contributions.
        ``top_overlap``: mean share of SHAP's ``TOP`` strongest features among the API's.
        ``same_direction``: share of SHAP's strongest features whose sign the API shares.
    """
    features = list(values.data.columns)
    correlations, overlaps, directions = [], [], []
    for row, own in zip(values.values, values.data.to_dict("records"), strict=True):
        reasons = {r["feature"]: r["contribution"] for r in predictor.explain([own])[0]}
        ours = np.array([reasons[name] for name in features])
        top = np.argsort(-np.abs(row))[:TOP]
        correlations.append(spearmanr(row, ours).statistic if len(features) > 1 else 1.0)
        overlaps.append(len(set(top) & set(np.argsort(-np.abs(ours))[:TOP])) / len(top))
        directions.append(np.sign(row[top[0]]) == np.sign(ours[top[0]]))
    return {
        "rank_correlation": float(np.nanmean(correlations)),
        "top_overlap": float(np.mean(overlaps)),
        "same_direction": float(np.mean(directions)),
    }
