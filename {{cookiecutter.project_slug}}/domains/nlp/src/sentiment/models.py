"""The ladder of models, from a dummy upwards, and what each may tune."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import Pipeline
from sklearn.svm import LinearSVC

from .config import Config

MIN_REVIEWS = 2  # a feature of a single review teaches nothing about others
MAX_FEATURES = 20_000  # limits the exported file; the most frequent ones are kept


@dataclass(frozen=True)
class Rung:
    """One model of the ladder; ``space`` holds the values to try for each setting."""

    name: str
    classifier: BaseEstimator
    space: dict[str, list[float]] = field(default_factory=dict)

    def model(self, **settings: float) -> BaseEstimator:
        """The unfitted classifier with ``settings``."""
        return clone(self.classifier).set_params(**settings)

    def pipeline(self, **settings: float) -> Pipeline:
        """Weights of features and classifier in one; takes documents (see ``text.document``)."""
        return Pipeline([("features", vectoriser()), ("classifier", self.model(**settings))])


def vectoriser() -> TfidfVectorizer:
    """TF-IDF over the features of a document, each of which stands there once.

    A feature weighs its inverse document frequency (Sparck Jones 1972), so rare ones weigh more;
    each review's weights are scaled to length 1.
    """
    return TfidfVectorizer(
        # ``text`` has split the review already; the export must not do it another way.
        token_pattern=r"[^ ]+",
        lowercase=False,
        min_df=MIN_REVIEWS,
        max_features=MAX_FEATURES,
    )


def ladder(config: Config) -> list[Rung]:
    """The rungs that ``config.models`` names and scikit-learn has, after the dummy."""
    rungs = {
        "naive_bayes": naive_bayes(),
        "logistic_regression": logistic_regression(),
        "svm": svm(config.seed),
    }
    dummy = Rung("dummy", DummyClassifier(strategy="prior"))
    return [dummy, *[rungs[name] for name in config.models if name in rungs]]


class NaiveBayes(MultinomialNB):
    """Shows its log-odds, so that a calibration works on them and not on probabilities."""

    def decision_function(self, X: csr_matrix) -> NDArray[np.float64]:
        return np.diff(self.predict_joint_log_proba(X), axis=1)[:, 0]


def naive_bayes() -> Rung:
    """Counts how often each feature occurs in good and in bad reviews, as if independent."""
    return Rung("naive_bayes", NaiveBayes(), {"alpha": [0.03, 0.1, 0.3, 1.0]})


def logistic_regression() -> Rung:
    """Linear in the log-odds; the strength of its penalty is tuned."""
    return Rung(
        "logistic_regression",
        LogisticRegression(max_iter=2_000),
        {"C": [0.3, 1.0, 3.0, 10.0, 30.0, 100.0]},
    )


def svm(seed: int) -> Rung:
    """The widest margin between good and bad reviews, made a probability by Platt's sigmoid."""
    machine = CalibratedClassifierCV(
        LinearSVC(random_state=seed), method="sigmoid", cv=5, ensemble=False
    )
    return Rung("svm", machine, {"estimator__C": [0.1, 0.3, 1.0, 3.0]})


def folds(config: Config) -> StratifiedKFold:
    """The folds on which every model is tuned, scored and compared."""
    return StratifiedKFold(config.split.folds, shuffle=True, random_state=config.seed)
