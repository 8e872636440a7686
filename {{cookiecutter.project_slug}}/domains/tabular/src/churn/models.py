"""The ladder of models, from a dummy upwards: what each may tune, and how it is calibrated."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import loguniform, randint, uniform
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    RandomizedSearchCV,
    StratifiedKFold,
    cross_val_predict,
)
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from xgboost import XGBClassifier

from .config import Config
from .data import DatasetInfo
from .features import preprocessor


@dataclass(frozen=True)
class Rung:
    """One model of the ladder; ``space`` holds lists for a grid, distributions for draws."""

    name: str
    label: str  # its name as people write it
    classifier: BaseEstimator
    steps: tuple[TransformerMixin, ...] = ()  # for numbers, before they reach the classifier
    space: dict[str, Any] = field(default_factory=dict)

    def pipeline(self, info: DatasetInfo) -> Pipeline:
        """Preprocessing and classifier in one, so that nothing is fitted outside a fold."""
        encoder = preprocessor(info.numeric, info.categorical, self.steps)
        return Pipeline([("features", encoder), ("classifier", clone(self.classifier))])


def ladder(config: Config) -> list[Rung]:
    """The rungs that ``config.models`` names, after the dummy that any model must beat."""
    rungs = {
        "logistic_regression": logistic_regression(),
        "random_forest": random_forest(config.seed),
        "xgboost": xgboost(config.seed),
    }
    dummy = Rung("dummy", "dummy", DummyClassifier(strategy="prior"))
    return [dummy, *[rungs[name] for name in config.models]]


def logistic_regression() -> Rung:
    """Linear in the log-odds; the strength of its penalty is tuned on a grid."""
    return Rung(
        "logistic_regression",
        "logistic regression",
        LogisticRegression(max_iter=2_000),
        # Trees need no scaling, and must not have it: rounding a scaled number to float32 can move
        # it over a split of the exported model.
        steps=(StandardScaler(),),
        space={"classifier__C": [0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 10.0]},
    )


def random_forest(seed: int) -> Rung:
    """Many deep trees on bootstrap samples, averaged."""
    return Rung(
        "random_forest",
        "random forest",
        # Samples of a third of the customers make trees more different, and faster to grow.
        RandomForestClassifier(n_estimators=100, max_samples=0.3, random_state=seed),
        space={
            # Limits the exported file as well: at most 100 trees of 500 leaves.
            "classifier__max_leaf_nodes": randint(30, 500),
            "classifier__min_samples_leaf": randint(2, 20),
            "classifier__max_features": uniform(0.1, 0.4),
        },
    )


def xgboost(seed: int) -> Rung:
    """Shallow trees, each correcting those before it."""
    return Rung(
        "xgboost",
        "XGBoost",
        XGBClassifier(n_estimators=300, random_state=seed, n_jobs=1),
        space={
            "classifier__max_depth": randint(2, 5),
            "classifier__learning_rate": loguniform(0.02, 0.12),
            "classifier__min_child_weight": loguniform(1, 20),
            "classifier__subsample": uniform(0.5, 0.4),
            "classifier__colsample_bytree": uniform(0.3, 0.5),
            "classifier__reg_lambda": loguniform(0.5, 10),
        },
    )


def folds(config: Config) -> StratifiedKFold:
    """The folds on which every model is tuned, scored and compared."""
    return StratifiedKFold(config.split.folds, shuffle=True, random_state=config.seed)


def tune(
    rung: Rung, pipeline: Pipeline, X: pd.DataFrame, y: pd.Series, config: Config
) -> tuple[Pipeline, int]:
    """``pipeline``, unfitted, with the best settings by ROC-AUC on the folds; how many it tried."""
    if not rung.space:
        return pipeline, 1
    options = {"scoring": "roc_auc", "cv": folds(config), "n_jobs": -1, "refit": False}
    if all(isinstance(values, list) for values in rung.space.values()):
        search = GridSearchCV(pipeline, rung.space, **options)
    else:
        search = RandomizedSearchCV(
            pipeline, rung.space, n_iter=config.search.draws, random_state=config.seed, **options
        )
    best = search.fit(X, y).best_params_
    return pipeline.set_params(**best), len(search.cv_results_["params"])


def out_of_fold(model: Pipeline, X: pd.DataFrame, y: pd.Series, config: Config) -> np.ndarray:
    """Each training customer's churn probability, by a model that never saw that customer."""
    p = cross_val_predict(model, X, y, cv=folds(config), method="predict_proba", n_jobs=-1)
    return p[:, 1]


def with_sigmoid(pipeline: Pipeline, config: Config) -> Pipeline:
    """Add Platt's sigmoid (Platt 1999), fitted on out-of-fold predictions.

    Isotonic regression is no candidate: its steps do not survive the export to float32.
    """
    plain = clone(pipeline.named_steps["classifier"])
    both = CalibratedClassifierCV(plain, method="sigmoid", cv=folds(config), ensemble=False)
    return clone(pipeline).set_params(classifier=both)
