"""Export the candidate, score and price it on test customers, used for no choice; publish it."""

import copy
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from onnxmltools.convert.xgboost.operator_converters.XGBoost import convert_xgboost
from scipy.stats import binomtest
from skl2onnx import convert_sklearn, update_registered_converter
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from skl2onnx.common.shape_calculator import calculate_linear_classifier_output_shapes
from sklearn.metrics import confusion_matrix
from sklearn.pipeline import Pipeline
from xgboost import XGBClassifier

from . import ablation, figures, money
from .config import Config
from .data import DatasetInfo, follows_rule, read_processed
from .kit import ModelError, decisions
from .kit.files import Paths, rounded, write_json, write_text
from .kit.intervals import Array, Estimate, intervals
from .kit.store import SCHEMA, about, publish, read_candidate, results
from .models import frequent_categories
from .predictor import Predictor

TOLERANCE = 1e-5  # largest difference in probability between the pipeline and its export
QUANTILES = np.linspace(0.05, 0.95, 11)  # the one in the middle is the median
PACKAGES = ["numpy", "onnxruntime", "pandas", "scikit-learn", "skl2onnx"]
CELLS = ("true_negative", "false_positive", "false_negative", "true_positive")
SKILLS = ["XGBoost", "SHAP", "ONNX", "FastAPI", "business ROI"]
Report = dict[str, Any]
Leads = dict[str, Estimate]

update_registered_converter(
    XGBClassifier,
    "XGBoostXGBClassifier",
    calculate_linear_classifier_output_shapes,
    convert_xgboost,
    options={"nocl": [True, False], "zipmap": [True, False, "columns"]},
)


def run(config: Config, paths: Paths) -> list[Path]:
    """Turn the candidate into the published model and ``reports/metrics.json``."""
    data, info = read_processed(paths)
    training = read_candidate(paths)
    pipeline = joblib.load(paths.candidate / "pipeline.joblib")
    validation = pd.read_parquet(paths.candidate / "validation.parquet")
    model, metadata = exported(config, paths)
    predictor = Predictor(model, metadata)
    parity = check_parity(pipeline, predictor, data.test[info.features])
    shown = rounded(predictor.predict_proba(data.test[info.features].to_dict("records")))
    tuned = data.train.loc[validation.index]
    train, test = (
        money.Customers(part[info.target].to_numpy(float), np.array(p), follows_rule(part, info))
        for part, p in ((tuned, validation.pop("probability")), (data.test, shown))
    )
    impact = money.summarise(train, test, config.prices, config.seed)
    tried = {str(name): validation[name].to_numpy() for name in validation.drop(columns="y")}
    variants = ablation.compare(train.y, tried, config.prices, config.seed)
    metrics = summarise(info, training, test, impact, config.seed)
    metrics |= {key: metadata[key] for key in ("project", "dataset")}
    metrics["tabular"] |= {"ablation": variants, "export_difference": parity}
    if len(tuned) < len(data.train):
        metrics["tabular"]["tuned_rows"] = len(tuned)
    drawn = figures.draw(paths.figures, metrics, test)
    return [
        publish(paths, model, metadata | results(metrics), PACKAGES),
        write_json(paths.reports / "metrics.json", metrics),
        _write_predictions(paths.reports / "predictions.csv", {"validation": train, "test": test}),
        write_json(paths.reports / "figures.json", drawn),
    ]


def exported(config: Config, paths: Paths) -> tuple[bytes, Report]:
    """The candidate as it would be published: model and metadata."""
    data, info = read_processed(paths)
    training = read_candidate(paths)
    said = {key: vars(info)[key] for key in ("name", "synthetic", "rows", "sha256", "licence")}
    metadata = about(config, paths, said) | {
        "file": "model.onnx",
        "data": training["data"],
        "model": next(model["label"] for model in training["models"] if model["selected"]),
        "signature": signature(data.train[info.features], info),
        "threshold": decisions.break_even(config.prices.stakes),
    }
    return to_onnx(joblib.load(paths.candidate / "pipeline.joblib"), info), metadata


def difference(first: Predictor, second: Predictor, config: Config, paths: Paths) -> Leads:
    """How much better ``second`` is than ``first`` on the same test customers, in pairs."""
    data, info = read_processed(paths)
    asked = {column["name"] for each in (first, second) for column in each.columns}
    if gone := sorted(asked - set(info.features)):
        raise ModelError(f"the data set has no feature {gone[0]!r} any more, which a version needs")
    y, rows = data.test[info.target].to_numpy(float), data.test[info.features].to_dict("records")
    one, other = (each.predict_proba(rows) for each in (first, second))
    return decisions.difference(y, one, other, config.prices.stakes, config.seed)


def summarise(
    info: DatasetInfo, training: Report, test: money.Customers, impact: Report, seed: int
) -> Report:
    """The content of ``reports/metrics.json``; domain detail stands under its own key."""
    y, p, contacted = test.y, test.probability, impact["contacted"]
    least = p[contacted == 1].min(initial=decisions.NEVER)  # who is contacted has at least this
    scores = intervals(partial(decisions.weighted_scores, y, p, least), len(y), seed)
    # The bootstrap of a share has no width where all are hits, Wilson's interval (1927) has.
    hits = {"precision": y[contacted == 1], "recall": contacted[y == 1], "accuracy": contacted == y}
    scores |= {name: wilson(share) for name, share in hits.items() if len(share)}
    tested = {name: asdict(score) for name, score in scores.items()}
    cells = confusion_matrix(y, contacted, labels=[0, 1]).ravel()
    return {
        **{"schema": SCHEMA, "domain": "tabular", "package": __package__, "skills": SKILLS},
        "primary_metric": {"name": "roc_auc", "higher_is_better": True, **tested["roc_auc"]},
        "models": training["models"],
        "test": tested,
        "business": impact["summary"],
        "tabular": {
            "business": impact["detail"],
            "calibration": training["calibration"],
            "draws": training["draws"],
            "confusion": dict(zip(CELLS, cells.tolist(), strict=True)),
            "features": {"numeric": info.numeric, "categorical": info.categorical},
            "left_out": info.left_out,
            "target": info.target,
            "train_rows": info.rows - len(y),
            "test_rows": len(y),
            "churn_rate": float(y.mean()),
        },
    }


def wilson(hits: Array | NDArray[np.bool_]) -> Estimate:
    """A share with its 95 % interval by Wilson."""
    ends = binomtest(int(hits.sum()), len(hits)).proportion_ci(method="wilson")
    return Estimate(float(hits.mean()), float(ends.low), float(ends.high))


def to_onnx(pipeline: Pipeline, info: DatasetInfo) -> bytes:
    """Return the ONNX file: an (n, 1) input for each feature, in order, ``probabilities`` out.

    Inputs must be matched by position: the converter replaces letters it does not like in names.
    """
    types = [FloatTensorType([None, 1])] * len(info.numeric)
    types += [StringTensorType([None, 1])] * len(info.categorical)
    plain = copy.deepcopy(pipeline)
    features = plain.named_steps["features"]
    features.transformers_ = [  # scikit-learn's own encoder is one that the converter knows
        (name, step.encoder_ if name == "categorical" else step, columns)
        for name, step, columns in features.transformers_
    ]
    model = convert_sklearn(
        plain,
        name="pipeline",  # without a name it gets a random one, and every export would differ
        initial_types=list(zip(info.features, types, strict=True)),
        target_opset={"": 21, "ai.onnx.ml": 3},
        options={id(plain): {"zipmap": False}},
    )
    # The converter lists them in an order that changes from run to run.
    model.opset_import.sort(key=lambda entry: entry.domain)
    return bytes(model.SerializeToString())


def check_parity(pipeline: Pipeline, predictor: Predictor, table: pd.DataFrame) -> float:
    """The largest difference in probability over ``table``; a ModelError above ``TOLERANCE``."""
    expected = pipeline.predict_proba(table)[:, 1]
    exported = predictor.predict_proba(table.to_dict("records"))
    difference = float(np.abs(expected - exported).max())
    if difference > TOLERANCE:
        raise ModelError(
            f"the exported model differs from the trained one by {difference:.2g} in probability; "
            f"expected at most {TOLERANCE}. Nothing was published: the previous model stays. "
            "Run `train` and `evaluate` again, or leave out a model with `models`."
        )
    return difference


def signature(table: pd.DataFrame, info: DatasetInfo) -> list[Report]:
    """What the model expects of each column, with typical values of training customers.

    ``typical`` describes a column on its own (quantiles, or the shares of frequent categories),
    never a whole customer, so it can be published with the model; so does a number's ``range``.
    """
    columns: list[Report] = []
    for name in info.numeric:
        quantiles = table[name].quantile(QUANTILES).tolist()
        ends = [table[name].min(), table[name].max()]
        columns.append({"name": name, "type": "number", "typical": quantiles, "range": ends})
    for name in info.categorical:
        shares = table[name].value_counts(normalize=True)
        frequent = shares[frequent_categories(table[name])].sort_values(ascending=False)
        columns.append({"name": name, "type": "category", "typical": frequent.to_dict()})
    return columns


def _write_predictions(file: Path, parts: dict[str, money.Customers]) -> Path:
    """Outcomes, probabilities and the rule alone, so that the dashboard can move prices."""
    table = pd.concat(
        pd.DataFrame({"part": part, "y": found.y, "probability": found.probability, **found.rules})
        for part, found in parts.items()
    )
    return write_text(file, table.to_csv(index=False, float_format="%.6g", lineterminator="\n"))
