"""From a fitted pipeline to one ONNX file that any server can run."""

from typing import Any

import numpy as np
import pandas as pd
from onnxmltools.convert.xgboost.operator_converters.XGBoost import convert_xgboost
from skl2onnx import convert_sklearn, update_registered_converter
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from skl2onnx.common.shape_calculator import calculate_linear_classifier_output_shapes
from sklearn.pipeline import Pipeline
from xgboost import XGBClassifier

from .data import DatasetInfo
from .errors import ModelError
from .features import frequent_categories
from .predictor import Predictor

OPSET = {"": 21, "ai.onnx.ml": 3}
TOLERANCE = 1e-5  # largest difference in probability between the pipeline and its export
QUANTILES = np.linspace(0.05, 0.95, 10)

update_registered_converter(
    XGBClassifier,
    "XGBoostXGBClassifier",
    calculate_linear_classifier_output_shapes,
    convert_xgboost,
    options={"nocl": [True, False], "zipmap": [True, False, "columns"]},
)


def to_onnx(pipeline: Pipeline, info: DatasetInfo) -> bytes:
    """Return the ONNX file: an (n, 1) input for each feature, in order, ``probabilities`` out.

    Inputs must be matched by position: the converter replaces letters it does not like in names.
    """
    types = [FloatTensorType([None, 1])] * len(info.numeric)
    types += [StringTensorType([None, 1])] * len(info.categorical)
    model = convert_sklearn(
        pipeline,
        name="pipeline",  # without a name it gets a random one, and every export would differ
        initial_types=list(zip(info.features, types, strict=True)),
        target_opset=OPSET,
        options={id(pipeline): {"zipmap": False}},
    )
    # The converter lists them in an order that changes from run to run.
    model.opset_import.sort(key=lambda entry: entry.domain)
    return bytes(model.SerializeToString())


def largest_difference(pipeline: Pipeline, predictor: Predictor, table: pd.DataFrame) -> float:
    """How far the exported probabilities are from the pipeline's, at most, over ``table``."""
    expected = pipeline.predict_proba(table)[:, 1]
    return float(np.abs(expected - predictor.predict_proba(table.to_dict("records"))).max())


def check_parity(pipeline: Pipeline, predictor: Predictor, table: pd.DataFrame) -> float:
    """Return the largest difference between pipeline and export.

    Raises:
        ModelError: it is above ``TOLERANCE``.
    """
    difference = largest_difference(pipeline, predictor, table)
    if difference > TOLERANCE:
        raise ModelError(
            f"the exported model differs from the trained one by {difference:.2g} in probability; "
            f"expected at most {TOLERANCE}. Nothing was published: the previous model stays. "
            "Look for columns of very large numbers, or leave out a model with `models`."
        )
    return difference


def signature(table: pd.DataFrame, info: DatasetInfo) -> list[dict[str, Any]]:
    """What the model expects of each column, with typical values of training customers.

    ``typical`` describes a column on its own (quantiles, or the shares of frequent categories),
    never a whole customer, so it can be published with the model.
    """
    columns: list[dict[str, Any]] = []
    for name in info.numeric:
        quantiles = table[name].dropna().quantile(QUANTILES).tolist()
        columns.append({"name": name, "type": "number", "typical": quantiles})
    for name in info.categorical:
        shares = table[name].value_counts(normalize=True)
        frequent = shares[frequent_categories(table[name])].sort_values(ascending=False)
        columns.append({"name": name, "type": "category", "typical": frequent.to_dict()})
    return columns
