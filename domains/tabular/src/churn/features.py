"""From columns to the numbers that a model takes."""

from typing import Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

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


def add_ratios(table: pd.DataFrame, ratios: dict[str, tuple[str, str]]) -> pd.DataFrame:
    """Add each ratio as a column; where the denominator is zero the ratio is missing."""
    added = {name: table[a] / table[b].replace(0, np.nan) for name, (a, b) in ratios.items()}
    return table.assign(**added)


class QuantileClipper(TransformerMixin, BaseEstimator):
    """Pull values beyond the 1st and 99th percentile of the training data back to them."""

    def fit(self, X: np.ndarray, y: np.ndarray | None = None) -> Self:
        self.low_, self.high_ = np.nanpercentile(X, [1, 99], axis=0)
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        return np.clip(X, self.low_, self.high_)
