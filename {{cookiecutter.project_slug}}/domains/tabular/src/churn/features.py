"""From columns to the numbers that a model takes."""

from typing import Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from .data import DatasetInfo

MIN_CATEGORY_ROWS = 20
MAX_CATEGORIES = 50


def preprocessor(
    table: pd.DataFrame, info: DatasetInfo, *, scale: bool, clip: bool = False
) -> ColumnTransformer:
    """Impute numbers and one-hot encode the frequent categories of ``table``.

    Linear models need ``scale``. Trees do not, and must not have it: rounding a scaled number to
    float32 can move it over a split of the exported model.
    """
    steps = [SimpleImputer(strategy="median", keep_empty_features=True)]
    if clip:
        steps.append(QuantileClipper())
    if scale:
        steps.append(StandardScaler())
    encoder = OneHotEncoder(
        categories=[frequent_categories(table[column]) for column in info.categorical],
        handle_unknown="ignore",  # rare and unseen categories become a row of zeros
        sparse_output=False,
    )
    parts = [("numeric", make_pipeline(*steps), info.numeric)]
    if info.categorical:
        parts.append(("categorical", encoder, info.categorical))
    return ColumnTransformer([part for part in parts if part[2]])


def frequent_categories(column: pd.Series) -> list[str]:
    """The most frequent values, in alphabetical order; always at least one."""
    counts = column.value_counts().head(MAX_CATEGORIES)
    frequent = counts[counts >= MIN_CATEGORY_ROWS].index
    return sorted(frequent if len(frequent) else counts.index[:1])


def source_columns(encoder: ColumnTransformer, info: DatasetInfo) -> list[str]:
    """For each column that ``encoder`` puts out, the feature it was made from."""
    sources = list(info.numeric)
    if info.categorical:
        categories = encoder.named_transformers_["categorical"].categories_
        for name, values in zip(info.categorical, categories, strict=True):
            sources += [name] * len(values)
    return sources


def add_ratios(table: pd.DataFrame, ratios: dict[str, tuple[str, str]]) -> pd.DataFrame:
    """Add each ratio as a column; where the denominator is zero the ratio is missing."""
    new = {
        name: (table[top] / table[bottom].where(table[bottom] != 0)).astype(np.float32)
        for name, (top, bottom) in ratios.items()
    }
    return table.assign(**new)


class QuantileClipper(TransformerMixin, BaseEstimator):
    """Pull values beyond the 1st and 99th percentile of the training data back to them."""

    def fit(self, X: np.ndarray, y: np.ndarray | None = None) -> Self:
        self.low_, self.high_ = np.nanpercentile(X, [1, 99], axis=0)
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        return np.clip(X, self.low_, self.high_)
