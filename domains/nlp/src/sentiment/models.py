"""The ladder of models from a dummy upwards: what each may tune, its calibration, its export."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import Pipeline
from sklearn.svm import LinearSVC

from .config import Config
from .kit import ModelError
from .kit.intervals import Array

MIN_REVIEWS = 2  # a feature of a single review teaches nothing about others
MAX_FEATURES = 20_000  # limits the exported file; the most frequent ones are kept
OPSET, IR_VERSION = {"": 21, "ai.onnx.ml": 3}, 10  # that onnxruntime has long known
LABELS = {
    "dummy": "dummy",
    "naive_bayes": "naive Bayes",
    "logistic_regression": "logistic regression",
    "svm": "linear SVM",
    "embeddings": "sentence embeddings",
    "bert": "fine-tuned BERT",
}


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
        """Weights of features and classifier in one; takes documents (``features.document``)."""
        return Pipeline([("features", vectoriser()), ("classifier", self.model(**settings))])


@dataclass(frozen=True)
class Winner:
    """A rung to publish, fitted: its ONNX file, and the model itself as a function from texts to
    probabilities, to compare them. ``quantised``: what 8 bits save and cost, where they do."""

    model: bytes
    probability: Callable[[list[str]], Array]
    validation: Array
    calibration: dict[str, Any]
    quantised: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Tuned:
    """A rung's best settings, and the probability of each training review by a model that never
    saw that review: (rows,). ``tried`` counts the settings of which these are the best. A rung of
    its own kind says how many ``megabytes`` it will take, about, and how to ``fit`` it."""

    settings: dict[str, Any]
    validation: Array
    tried: int = 1
    megabytes: float = 0.0
    fit: Callable[[], Winner] | None = None


def vectoriser() -> TfidfVectorizer:
    """TF-IDF over the features of a document, each of which stands there once.

    A feature weighs its inverse document frequency (Sparck Jones 1972), so rare ones weigh more;
    each review's weights are scaled to length 1.
    """
    return TfidfVectorizer(
        # ``features`` has split the review already; the export must not do it another way.
        token_pattern=r"[^ ]+",
        lowercase=False,
        min_df=MIN_REVIEWS,
        max_features=MAX_FEATURES,
    )


def ladder(config: Config) -> list[Rung]:
    """The rungs that ``config.models`` names and scikit-learn has, after the dummy."""
    rungs = [naive_bayes(), logistic_regression(), svm()]
    dummy = Rung("dummy", DummyClassifier(strategy="prior"))
    return [dummy, *[rung for name in config.models for rung in rungs if rung.name == name]]


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


def svm() -> Rung:
    """The widest margin between good and bad reviews, made a probability by Platt's sigmoid."""
    # The dual problem is solved with random numbers that threads share: no two runs are the same.
    machine = CalibratedClassifierCV(LinearSVC(dual=False), method="sigmoid", cv=5, ensemble=False)
    return Rung("svm", machine, {"estimator__C": [0.1, 0.3, 1.0, 3.0]})


def folds(config: Config) -> StratifiedKFold:
    """The folds on which every model is tuned, scored and compared."""
    return StratifiedKFold(config.split.folds, shuffle=True, random_state=config.seed)


def with_sigmoid(pipeline: Pipeline, folds: StratifiedKFold) -> Pipeline:
    """Add Platt's sigmoid (Platt 1999), fitted on out-of-fold predictions."""
    classifier = CalibratedClassifierCV(
        clone(pipeline.named_steps["classifier"]), method="sigmoid", cv=folds, ensemble=False
    )
    return clone(pipeline).set_params(classifier=classifier)


def calibrate(
    pipeline: Pipeline, X: pd.Series, y: pd.Series, raw: Array, folds: StratifiedKFold
) -> tuple[Pipeline, Array, dict[str, Any]]:
    """Fit ``pipeline`` with or without a sigmoid, whichever has the lower Brier score; return it
    with its out-of-fold probabilities and how it was chosen.

    "30 %" must mean three cases in ten, since money is counted with it. Both are judged on the
    same folds; ``raw`` holds the out-of-fold probabilities without. Isotonic regression is no
    candidate: its steps do not survive the export to float32, and a classifier that brings its
    own sigmoid needs no second one.

    A ModelError says that the sigmoid falls where it should rise.
    """
    own = isinstance(pipeline.named_steps["classifier"], CalibratedClassifierCV)
    candidates = {"its own sigmoid" if own else "none": (pipeline, raw)}
    if not own:
        sigmoid = with_sigmoid(pipeline, folds)
        both = cross_val_predict(sigmoid, X, y, cv=folds, method="predict_proba", n_jobs=-1)
        candidates["sigmoid"] = (sigmoid, both[:, 1])
    brier = {name: float(brier_score_loss(y, found)) for name, (_, found) in candidates.items()}
    chosen = min(brier, key=lambda name: brier[name])
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
    return fitted, validation, {"chosen": chosen, "brier": brier}


def linear(pipeline: Pipeline) -> tuple[Array, float]:
    """Coefficients (features,) and intercept of the log-odds in a fitted pipeline.

    Naive Bayes, logistic regression and SVM each put their features' weights into a weighted sum;
    Platt's sigmoid stretches and moves it.
    """
    classifier, slope, shift = pipeline.named_steps["classifier"], 1.0, 0.0
    if isinstance(classifier, CalibratedClassifierCV):
        calibrated = classifier.calibrated_classifiers_[0]
        # scikit-learn writes the sigmoid as 1 / (1 + exp(a x + b)).
        slope, shift = -calibrated.calibrators[0].a_, -calibrated.calibrators[0].b_
        classifier = calibrated.estimator
    if isinstance(classifier, MultinomialNB):
        coefficients = np.diff(classifier.feature_log_prob_, axis=0)[0]
        intercept = float(np.diff(classifier.class_log_prior_)[0])
    else:
        coefficients, intercept = classifier.coef_[0], float(classifier.intercept_[0])
    return slope * coefficients, slope * intercept + shift


def to_onnx(pipeline: Pipeline) -> bytes:
    """Return the ONNX file: ``names`` (n, any) in, ``probability`` and ``effects`` out.

    ``names`` are the features of each review (see ``features.names``), filled up with "";
    ``probability`` (n, 1) is that of a good review, ``effects`` (n, features) what each adds to
    the log-odds. ``vocabulary`` and ``intercept`` lie in the file's metadata, as JSON.
    """
    (coefficients, intercept), weights = linear(pipeline), pipeline.named_steps["features"]
    vocabulary = weights.get_feature_names_out().tolist()
    counted = {
        "mode": "TFIDF",
        "min_gram_length": 1,
        "max_gram_length": 1,
        "max_skip_count": 0,
        "ngram_counts": [0],
        "ngram_indexes": list(range(len(vocabulary))),
        "pool_strings": vocabulary,
        "weights": weights.idf_.tolist(),
    }
    nodes = [
        helper.make_node("TfIdfVectorizer", ["names"], ["weights"], **counted),
        helper.make_node("Normalizer", ["weights"], ["scaled"], domain="ai.onnx.ml", norm="L2"),
        helper.make_node("Mul", ["scaled", "coefficients"], ["effects"]),
        helper.make_node("ReduceSum", ["effects", "axis"], ["sum"]),
        helper.make_node("Add", ["sum", "intercept"], ["log_odds"]),
        helper.make_node("Sigmoid", ["log_odds"], ["probability"]),
    ]
    constants = {
        "coefficients": coefficients.astype(np.float32),
        "axis": np.array([1]),
        "intercept": np.array([intercept], np.float32),
    }
    graph = helper.make_graph(
        nodes,
        "sentiment",
        [helper.make_tensor_value_info("names", TensorProto.STRING, ["n", "any"])],
        [
            helper.make_tensor_value_info("probability", TensorProto.FLOAT, ["n", 1]),
            helper.make_tensor_value_info("effects", TensorProto.FLOAT, ["n", len(vocabulary)]),
        ],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    imports = [helper.make_opsetid(domain, version) for domain, version in OPSET.items()]
    model = helper.make_model(graph, opset_imports=imports, ir_version=IR_VERSION)
    kept = {"vocabulary": vocabulary, "intercept": intercept}
    texts = {key: json.dumps(value, ensure_ascii=False) for key, value in kept.items()}
    helper.set_model_props(model, texts)
    return bytes(model.SerializeToString())
