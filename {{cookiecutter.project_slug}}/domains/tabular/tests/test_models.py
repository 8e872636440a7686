"""Behaviour of the models: what they learn, what they must not learn, and what is shipped."""

from pathlib import Path
from typing import Any

import joblib
import numpy as np
import onnx
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from churn import data, export, models, sample
from churn.ablation import ablate
from churn.calibration import choose_calibration, with_sigmoid
from churn.config import Config, load_config
from churn.data import MISSING, DatasetInfo, Split
from churn.errors import ModelError
from churn.explain import explain, shap_values
from churn.files import read_json
from churn.paths import Paths
from churn.predictor import Predictor
from churn.train import out_of_fold, train

from .conftest import ROOT, SETTINGS

CONFIG = load_config(SETTINGS)
SETTLED = {  # hyper-parameters that do without a search
    "logistic_regression": {"C": 0.1},
    "random_forest": {"n_estimators": 50, "max_leaf_nodes": 100, "max_features": 0.3},
    "xgboost": {"n_estimators": 150, "max_depth": 3, "learning_rate": 0.05},
}

Sample = tuple[Split, DatasetInfo]


def rung(name: str) -> models.Rung:
    return next(rung for rung in models.ladder(CONFIG) if rung.name == name)


def unfitted(name: str, parts: Split, info: DatasetInfo) -> Pipeline:
    settings = {f"classifier__{key}": value for key, value in SETTLED[name].items()}
    return rung(name).pipeline(parts.train, info).set_params(**settings)


def risk(pipeline: Pipeline, table: pd.DataFrame) -> np.ndarray:
    return pipeline.predict_proba(table)[:, 1]


@pytest.fixture(scope="module")
def customers() -> Sample:
    """The sample as the first stage leaves it."""
    raw, roles, checksum = data.load(CONFIG, Paths(ROOT))
    table, info = data.validate(raw, roles, "sample", checksum)
    return data.split(table, info.target, CONFIG.split.test_size, CONFIG.seed), info


@pytest.fixture(scope="module", params=SETTLED)
def fitted(request: pytest.FixtureRequest, customers: Sample) -> Pipeline:
    """Each model of the ladder, fitted to the sample's training customers."""
    parts, info = customers
    pipeline = unfitted(request.param, parts, info)
    return pipeline.fit(parts.train[info.features], parts.train[info.target])


@pytest.fixture
def shuffled(customers: Sample) -> Sample:
    """The sample with outcomes that have nothing to do with the customers."""
    parts, info = customers
    outcomes = parts.train[info.target].sample(frac=1, random_state=0).to_numpy()
    return Split(parts.train.assign(**{info.target: outcomes}), parts.test), info


# What they learn


def test_every_model_beats_the_dummy_and_the_best_is_chosen(project: Path):
    report = read_json(project / "reports" / "metrics.json")
    scores = {model["name"]: model["metrics"]["roc_auc"] for model in report["models"]}
    dummy = scores.pop("dummy")
    assert list(scores) == list(SETTLED)
    assert all(score["low"] > 0.75 > 0.55 > dummy["value"] for score in scores.values())
    chosen = [model["name"] for model in report["models"] if model["selected"]]
    assert chosen == [max(scores, key=lambda name: scores[name]["value"])]
    assert report["test"]["roc_auc"]["low"] > 0.75


def test_explanation_finds_the_true_drivers(project: Path):
    importance = read_json(project / "reports" / "explain.json")["importance"]
    ranks = {row["feature"]: place for place, row in enumerate(importance)}
    last_driver = max(ranks[name] for name in sample.TRUE_DRIVERS)
    assert last_driver < min(ranks[name] for name in sample.NOISE_COLUMNS)


def test_reasons_of_the_api_agree_with_shap(project: Path):
    agreement = read_json(project / "reports" / "explain.json")["agreement"]
    assert agreement["rank_correlation"] > 0.8
    assert agreement["top_overlap"] > 0.8
    assert agreement["same_direction"] > 0.95


def test_candidate_that_was_not_published_is_not_explained(own_project: Path):
    paths = Paths(own_project)
    file = paths.candidate / "pipeline.joblib"
    parts, info = data.read_processed(paths)
    other = unfitted("logistic_regression", parts, info)
    joblib.dump(other.fit(parts.train[info.features], parts.train[info.target]), file)
    before = (paths.reports / "explain.json").read_bytes()
    with pytest.raises(ModelError, match="run the `evaluate` stage first"):
        explain(load_config(own_project / "config.yaml"), paths)
    assert (paths.reports / "explain.json").read_bytes() == before


def test_shap_values_add_up_to_the_prediction(fitted: Pipeline, customers: Sample):
    parts, info = customers
    some = parts.test[info.features].head(50)
    values = shap_values(fitted, parts.train[info.features], some, info, seed=0)
    total = values.base + values.values.sum(axis=1)
    predicted = total if values.unit == "probability" else 1 / (1 + np.exp(-total))
    np.testing.assert_allclose(predicted, risk(fitted, some), atol=1e-4)


@pytest.mark.parametrize(
    ("column", "safe", "risky"),
    [
        ("contract", "two years", "monthly"),
        ("support_calls", 0, 6),
        ("tenure_months", 60, 2),
    ],
)
def test_what_drives_churn_raises_the_risk(
    fitted: Pipeline, customers: Sample, column: str, safe: object, risky: object
):
    fiber = customers[0].test.query("internet == 'fiber'")
    change = risk(fitted, fiber.assign(**{column: risky})) - risk(
        fitted, fiber.assign(**{column: safe})
    )
    assert change.mean() > 0.05
    assert (change > 0).mean() > 0.95


def test_what_is_chance_hardly_changes_the_risk(fitted: Pipeline, customers: Sample):
    test = customers[0].test
    change = {
        name: np.abs(
            risk(fitted, test.assign(**{name: test[name].sample(frac=1, random_state=0).array}))
            - risk(fitted, test)
        ).mean()
        for name in (*sample.NOISE_COLUMNS, "contract")
    }
    assert all(change[name] < 0.02 for name in sample.NOISE_COLUMNS)
    assert change["contract"] > 0.1


def test_who_the_customer_is_does_not_matter(fitted: Pipeline, customers: Sample):
    parts, info = customers
    assert {info.id, info.target}.isdisjoint(info.features)
    renamed = parts.test.assign(**{info.id: "someone", info.target: 1})
    assert (risk(fitted, renamed) == risk(fitted, parts.test)).all()


# What they must not learn


@pytest.mark.parametrize("name", SETTLED)
def test_nothing_leaks_into_validation(shuffled: Sample, name: str):
    parts, info = shuffled
    X, y = parts.train[info.features], parts.train[info.target]
    probability = out_of_fold(unfitted(name, parts, info), X, y, CONFIG)
    assert roc_auc_score(y, probability) == pytest.approx(0.5, abs=0.04)


def test_no_variant_leaks_into_validation(shuffled: Sample):
    # SMOTE outside the folds would copy customers from training into validation.
    parts, info = shuffled
    some = parts.train.head(1_500)
    X, y = some[info.features], some[info.target]
    pipeline = unfitted("random_forest", parts, info)
    rows = ablate(rung("random_forest"), pipeline, X, y, info, CONFIG)
    assert {"as chosen", "outliers clipped", "class weights", "SMOTE"} <= {r["name"] for r in rows}
    for row in rows:
        assert row["metrics"]["roc_auc"]["value"] == pytest.approx(0.5, abs=0.07)


def test_nothing_is_fitted_before_the_folds(customers: Sample):
    parts, info = customers
    X, y = parts.train[info.features], parts.train[info.target]
    logistic = rung("logistic_regression")
    tuned = models.tune(logistic, logistic.pipeline(X, info), X, y, CONFIG)
    for step in tuned.named_steps.values():
        with pytest.raises(NotFittedError):
            check_is_fitted(step)


def test_data_without_a_signal_is_refused(tmp_path: Path, settings: dict[str, Any]):
    rng = np.random.default_rng(3)
    noise = {"a": rng.normal(size=200), "b": rng.normal(size=200)}
    table = pd.DataFrame(noise | {"left": np.resize(["yes", "no"], 200)})
    table.to_csv(tmp_path / "mine.csv", index=False)
    config = Config(**settings | {"dataset": "mine", "models": ["logistic_regression"]})
    data.prepare(config, Paths(tmp_path))
    with pytest.raises(ModelError, match="better than chance"):
        train(config, Paths(tmp_path))


# What is shipped


@pytest.mark.parametrize("calibration", ["none", "sigmoid"])
def test_export_predicts_as_the_pipeline_does(
    fitted: Pipeline, customers: Sample, calibration: str
):
    parts, info = customers
    X = parts.train[info.features]
    pipeline = fitted
    if calibration == "sigmoid":
        pipeline = with_sigmoid(fitted, models.folds(CONFIG)).fit(X, parts.train[info.target])
    test = parts.test[info.features]
    nothing_known = test.head(20).assign(**dict.fromkeys(info.numeric, np.nan))
    unseen = test.head(20).assign(**dict.fromkeys(info.categorical, "never seen"))
    missing = unseen.assign(**dict.fromkeys(info.categorical, MISSING))
    predictor = Predictor(export.to_onnx(pipeline, info), {"signature": export.signature(X, info)})
    for table in (test, nothing_known, unseen, missing):
        assert export.largest_difference(pipeline, predictor, table) < 1e-5
    assert np.ptp(predictor.predict_proba(test.to_dict("records"))) > 0.5


def test_export_is_the_same_every_time(fitted: Pipeline, customers: Sample):
    content = export.to_onnx(fitted, customers[1])
    assert content == export.to_onnx(fitted, customers[1])
    domains = [entry.domain for entry in onnx.load_from_string(content).opset_import]
    assert domains == sorted(domains), "their order hangs on Python's seed for hashes"


def test_export_that_differs_is_refused(
    fitted: Pipeline, customers: Sample, monkeypatch: pytest.MonkeyPatch
):
    parts, info = customers
    test = parts.test[info.features]
    predictor = Predictor(export.to_onnx(fitted, info), {"signature": export.signature(test, info)})
    assert export.check_parity(fitted, predictor, test) < 1e-5
    monkeypatch.setattr(predictor, "predict_proba", lambda rows: risk(fitted, test) + 2e-5)
    with pytest.raises(ModelError, match="Nothing was published"):
        export.check_parity(fitted, predictor, test)


def test_calibration_with_the_lower_brier_score_is_chosen(customers: Sample):
    parts, info = customers
    X, y = parts.train[info.features], parts.train[info.target]
    honest = unfitted("logistic_regression", parts, info)
    # Weighing both classes alike makes everybody look likelier to leave.
    distorted = unfitted("logistic_regression", parts, info)
    distorted.set_params(classifier__class_weight="balanced")
    for pipeline in (honest, distorted):
        raw = out_of_fold(pipeline, X, y, CONFIG)
        result = choose_calibration(pipeline, X, y, raw, models.folds(CONFIG))
        brier = {name: row["brier"] for name, row in result.report["candidates"].items()}
        assert result.report["chosen"] == min(brier, key=brier.__getitem__)
        assert np.mean((result.validation - y) ** 2) == pytest.approx(min(brier.values()))
        assert risk(result.pipeline, X).mean() == pytest.approx(y.mean(), abs=0.01)
    assert result.report["chosen"] == "sigmoid"
