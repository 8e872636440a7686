"""The first models, for numbers and for classes, each with its preparation inside."""

import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from .config import Config

NEIGHBOURS = 15
LEAF_ROWS = 20  # a leaf of the tree holds at least so many, or it learns rows by heart
MISSING = "(missing)"  # a missing category is a category: the model may learn from it


def ladder(config: Config, X: pd.DataFrame, classes: bool) -> dict[str, Pipeline]:
    """The models that ``config.models`` names, after the dummy that any model must beat."""
    leaves = {"min_samples_leaf": LEAF_ROWS, "random_state": config.seed}
    models: dict[str, BaseEstimator] = {
        "dummy": DummyRegressor(),
        "linear": LinearRegression(),
        "nearest_neighbours": KNeighborsRegressor(NEIGHBOURS),
        "decision_tree": DecisionTreeRegressor(**leaves),
    }
    if classes:
        models = {
            "dummy": DummyClassifier(strategy="prior"),
            "linear": LogisticRegression(max_iter=2_000),
            "nearest_neighbours": KNeighborsClassifier(NEIGHBOURS),
            "decision_tree": DecisionTreeClassifier(**leaves),
        }
    return {name: make_pipeline(preparation(X), models[name]) for name in ("dummy", *config.models)}


def label(name: str, classes: bool) -> str:
    """What a model is called in a text."""
    if name == "linear":
        return "logistic regression" if classes else "linear regression"
    return "dummy: always the same" if name == "dummy" else name.replace("_", " ")


def preparation(X: pd.DataFrame) -> ColumnTransformer:
    """Fill in and scale numbers, and turn categories into columns of 0 and 1."""
    numeric = list(X.select_dtypes("number"))
    numbers = make_pipeline(
        SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler()
    )
    categories = OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=20)
    others = [name for name in X if name not in numeric]
    return ColumnTransformer([("numbers", numbers, numeric), ("categories", categories, others)])


def inputs(table: pd.DataFrame, features: list[str]) -> pd.DataFrame:
    """The features as models take them."""
    categories = table[features].select_dtypes(exclude="number").columns
    return table[features].fillna(dict.fromkeys(categories, MISSING))
