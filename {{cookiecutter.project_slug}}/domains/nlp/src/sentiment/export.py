"""From a fitted pipeline to one ONNX file that any server can run."""

import json
from dataclasses import dataclass

import numpy as np
import onnx
import pandas as pd
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import StringTensorType
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import Pipeline

from .bootstrap import Array
from .errors import ModelError
from .predictor import Predictor

OPSET = {"": 21, "ai.onnx.ml": 3}
TOLERANCE = 1e-5  # largest difference in probability between the model and its export
# What people also send; the export must take it as the trained model does.
ODD_TEXTS = (
    "",
    "   \n\t ",
    "?!",
    "L\u2019été, un café déjà vu: pas mal, cafe\u0301",
    "I don't, can\u2019t, won't, shouldn't've … rock 'n' roll isn't bad",
    "😀👍🏽 👩‍👩‍👧 :) great",
    "المنتج رائع والتوصيل سريع جدا",
    "这个产品非常好\uff0c我很喜欢",
    "# ## <a> _b_ great_value #gre",
    "great\u0000phone\u00a0bad\u2028end",
    "İSTANBUL STRASSE ß ﷺ",
    "x" * 100_000,
    "a great phone but not a good battery " * 2_700,
)


@dataclass(frozen=True)
class Linear:
    """A classifier in one line: log-odds = intercept + the sum of coefficients times weights."""

    coefficients: Array
    intercept: float


def linear(pipeline: Pipeline) -> Linear:
    """The sum that a fitted naive Bayes, logistic regression or SVM comes down to.

    Each puts its features' weights into a weighted sum; Platt's sigmoid stretches and moves it.
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
    return Linear(slope * coefficients, slope * intercept + shift)


def to_onnx(pipeline: Pipeline) -> bytes:
    """Return the ONNX file: ``names`` (n, any) in, ``probabilities`` (n, 2) and ``features`` out.

    ``names`` are the features of each review (see ``text.names``), filled up with "".
    ``features`` (n, features) are the weights before the sum. The file's metadata holds what
    explanations need besides: ``vocabulary``, ``coefficients`` and ``intercept``, as JSON.
    """
    found, features = linear(pipeline), pipeline.named_steps["features"]
    classifier = LogisticRegression()
    classifier.classes_ = np.array([0, 1])
    classifier.coef_ = found.coefficients[np.newaxis]
    classifier.intercept_ = np.array([found.intercept])
    plain = Pipeline([("features", features), ("classifier", classifier)])
    model = convert_sklearn(
        plain,
        name="pipeline",  # without a name it gets a random one, and every export would differ
        initial_types=[("documents", StringTensorType([None, 1]))],
        target_opset=OPSET,
        options={id(plain): {"zipmap": False}},
    )
    _take_names(model.graph)
    last = next(node for node in model.graph.node if node.op_type == "LinearClassifier")
    model.graph.node.append(onnx.helper.make_node("Identity", [last.input[0]], ["features"]))
    weights = onnx.helper.make_tensor_value_info("features", onnx.TensorProto.FLOAT, [None, None])
    model.graph.output.append(weights)
    used = {node.domain for node in model.graph.node}
    imports = [entry for entry in model.opset_import if entry.domain in used]
    del model.opset_import[:]  # the converter lists them in another order on every run
    model.opset_import.extend(sorted(imports, key=lambda entry: entry.domain))
    content = {
        "vocabulary": features.get_feature_names_out().tolist(),
        "coefficients": [float(f"{value:.9g}") for value in found.coefficients],
        "intercept": found.intercept,
    }
    texts = {key: json.dumps(value, ensure_ascii=False) for key, value in content.items()}
    onnx.helper.set_model_props(model, texts)
    return bytes(model.SerializeToString())


def _take_names(graph: onnx.GraphProto) -> None:
    """Leave out the converter's own splitting of documents: names are split already."""
    for node in [node for node in graph.node if node.op_type in {"Tokenizer", "Flatten"}]:
        graph.node.remove(node)
    counter = next(node for node in graph.node if node.op_type == "TfIdfVectorizer")
    counter.input[0] = "names"
    kind = onnx.TensorProto.STRING
    graph.input[0].CopyFrom(onnx.helper.make_tensor_value_info("names", kind, [None, None]))


def largest_difference(predictor: Predictor, parity: pd.DataFrame) -> float:
    """How far the exported probabilities are from the trained model's, at most.

    ``parity`` has each ``text`` with the trained model's ``probability``.
    """
    rows = [{"text": text} for text in parity["text"]]
    return float(np.abs(parity["probability"] - predictor.predict_proba(rows)).max())


def check_parity(predictor: Predictor, parity: pd.DataFrame) -> float:
    """Return the largest difference between trained model and export.

    Raises:
        ModelError: it is above ``TOLERANCE``.
    """
    difference = largest_difference(predictor, parity)
    if difference > TOLERANCE:
        raise ModelError(
            f"the exported model differs from the trained one by {difference:.2g} in probability; "
            f"expected at most {TOLERANCE}. Nothing was published: the previous model stays. "
            "Leave the model out of `models`, and please report it."
        )
    return difference
