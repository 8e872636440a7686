"""The ladder of models, from columns to probabilities: what each may tune, how it is calibrated."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from scipy.stats import loguniform, randint, uniform
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import ParameterSampler, StratifiedKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from xgboost import XGBClassifier

from .config import Config
from .data import DatasetInfo
from .kit.intervals import Array

MIN_CATEGORY_ROWS = 20
MAX_CATEGORIES = 50


def preprocessor(
    numeric: list[str], categorical: list[str], steps: tuple[TransformerMixin, ...] = ()
) -> ColumnTransformer:
    """Impute numbers, then take ``steps`` with them; one-hot encode frequent categories."""
    imputer = SimpleImputer(strategy="median", keep_empty_features=True)
    parts = [
        ("numeric", make_pipeline(imputer, *steps), numeric),
        ("categorical", FrequentCategories(), categorical),
    ]
    return ColumnTransformer([part for part in parts if part[2]])


class FrequentCategories(TransformerMixin, BaseEstimator):
    """One-hot encode the categories that are frequent in the rows it is fitted on.

    ``OneHotEncoder(min_frequency=…)`` would do, but skl2onnx 1.20 refuses to convert it. This one
    keeps a plain encoder, ``encoder_``, which takes its place in the export.
    """

    def fit(self, X: pd.DataFrame, y: pd.Series | None = None) -> Self:
        self.encoder_ = OneHotEncoder(
            categories=[frequent_categories(X[column]) for column in X],
            handle_unknown="ignore",  # rare and unseen categories become a row of zeros
            sparse_output=False,
        ).fit(X)
        return self

    def transform(self, X: pd.DataFrame) -> np.ndarray:
        return self.encoder_.transform(X)


def frequent_categories(column: pd.Series) -> list[str]:
    """The most frequent values, in alphabetical order; always at least one."""
    counts = column.value_counts().head(MAX_CATEGORIES)
    frequent = counts[counts >= MIN_CATEGORY_ROWS].index
    return sorted(frequent if len(frequent) else counts.index[:1])


def source_columns(encoder: ColumnTransformer) -> list[str]:
    """For each column that a fitted ``encoder`` puts out, the feature it was made from."""
    sources: list[str] = []
    for name, step, columns in encoder.transformers_:
        sizes = [len(v) for v in step.encoder_.categories_] if name == "categorical" else 1
        sources += np.repeat(columns, sizes).tolist()
    return sources


@dataclass(frozen=True)
class Rung:
    """One model of the ladder; settings are drawn at random from ``space``."""

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
    rungs = logistic_regression(), random_forest(config.seed), xgboost(config.seed)
    known = {rung.name: rung for rung in rungs}
    dummy = Rung("dummy", "dummy", DummyClassifier(strategy="prior"))
    return [dummy, *[known[name] for name in config.models]]


def logistic_regression() -> Rung:
    """Linear in the log-odds; the strength of its penalty is tuned."""
    # Trees need no scaling, and must not have it: rounding a scaled number to float32 can move it
    # over a split of the exported model.
    steps, space = (StandardScaler(),), {"classifier__C": loguniform(0.003, 10)}
    model = LogisticRegression(max_iter=2_000)
    return Rung("logistic_regression", "logistic regression", model, steps, space)


def random_forest(seed: int) -> Rung:
    """Many deep trees on bootstrap samples, averaged."""
    # Samples of a third of the customers make trees more different, and faster to grow.
    model = RandomForestClassifier(n_estimators=100, max_samples=0.3, random_state=seed)
    space = {
        # Limits the exported file as well: at most 100 trees of 500 leaves.
        "classifier__max_leaf_nodes": randint(30, 500),
        "classifier__min_samples_leaf": randint(2, 20),
        "classifier__max_features": uniform(0.1, 0.4),
    }
    return Rung("random_forest", "random forest", model, space=space)


def xgboost(seed: int) -> Rung:
    """Shallow trees, each correcting those before it."""
    space = {
        "classifier__max_depth": randint(2, 5),
        "classifier__learning_rate": loguniform(0.02, 0.12),
        "classifier__min_child_weight": loguniform(1, 20),
        "classifier__subsample": uniform(0.5, 0.4),
        "classifier__colsample_bytree": uniform(0.3, 0.5),
        "classifier__reg_lambda": loguniform(0.5, 10),
    }
    model = XGBClassifier(n_estimators=300, random_state=seed, n_jobs=1)
    return Rung("xgboost", "XGBoost", model, space=space)


class CustomerFolds(StratifiedKFold):
    """Stratified folds, each customer in one alone, whose number the index begins with."""

    def split(self, X: Any, y: pd.Series, groups: None = None) -> Iterator[tuple[Any, Any]]:
        customers = pd.factorize(y.index.get_level_values(0))[0]  # (n,)
        first = np.unique(customers, return_index=True)[1]
        for _, test in super().split(first, y.iloc[first]):
            unseen = np.isin(customers, test)
            yield np.flatnonzero(~unseen), np.flatnonzero(unseen)


def folds(config: Config) -> CustomerFolds:
    """The folds on which every model is tuned, scored and compared."""
    return CustomerFolds(config.split.folds, shuffle=True, random_state=config.seed)


def tune(
    rung: Rung, X: pd.DataFrame, y: pd.Series, info: DatasetInfo, config: Config
) -> tuple[Pipeline, Array]:
    """The unfitted pipeline of the best settings drawn, and its out-of-fold probabilities (n,)."""
    draws = config.search.draws if rung.space else 1
    drawn = ParameterSampler(rung.space, draws, random_state=config.seed)
    models = [rung.pipeline(info).set_params(**settings) for settings in drawn]
    probability = out_of_fold(models, X, y, config)
    best = int(np.argmax([roc_auc_score(y, p) for p in probability]))
    return models[best], probability[best]


def out_of_fold(models: list[Pipeline], X: pd.DataFrame, y: pd.Series, config: Config) -> Array:
    """Churn probabilities (models, n) of training customers, by models that never saw them.

    All models start with the same step, so each fold fits it and encodes only once.
    """
    parts = list(folds(config).split(X, y))
    with Parallel(n_jobs=-1) as workers:
        encoded = workers(delayed(_encode)(models[0][0], X, y, *part) for part in parts)
        found = workers(delayed(_predict)(model[1:], *part) for model in models for part in encoded)
    as_in_table = np.argsort(np.concatenate([unseen for _, unseen in parts]))
    return np.concatenate(found).reshape(len(models), -1)[:, as_in_table]


def _encode(
    encoder: BaseEstimator, X: pd.DataFrame, y: pd.Series, train: Array, test: Array
) -> tuple[Array, pd.Series, Array]:
    fitted = clone(encoder).fit(X.iloc[train], y.iloc[train])
    return fitted.transform(X.iloc[train]), y.iloc[train], fitted.transform(X.iloc[test])


def _predict(model: Pipeline, X: Array, y: pd.Series, unseen: Array) -> Array:
    return np.asarray(clone(model).fit(X, y).predict_proba(unseen)[:, 1])


def with_sigmoid(pipeline: Pipeline, config: Config) -> Pipeline:
    """Add Platt's sigmoid (Platt 1999), fitted on out-of-fold predictions.

    Isotonic regression is no candidate: its steps do not survive the export to float32.
    """
    plain = clone(pipeline.named_steps["classifier"])
    both = CalibratedClassifierCV(plain, method="sigmoid", cv=folds(config), ensemble=False)
    return clone(pipeline).set_params(classifier=both)
