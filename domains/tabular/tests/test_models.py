"""Behaviour of the models: what they learn, what they must not learn, and what is shipped."""

from pathlib import Path
from typing import Any

import joblib
import numpy as np
import onnx
import pandas as pd
import pytest
from conftest import ROOT, SETTINGS
from scipy.special import logit
from scipy.stats import spearmanr
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from churn import data, evaluate, explain, models, sample, train
from churn.ablation import try_variants
from churn.config import Config, Dataset, load_config
from churn.data import MISSING, DatasetInfo, Split
from churn.kit import ModelError
from churn.kit.files import Paths, read_json
from churn.predictor import Predictor

CONFIG = load_config(SETTINGS)
SETTLED = {  # hyper-parameters that do without a search
    "logistic_regression": {"C": 0.1},
    "random_forest": {"n_estimators": 50, "max_leaf_nodes": 100, "max_features": 0.3},
    "xgboost": {"n_estimators": 150, "max_depth": 3, "learning_rate": 0.05},
}

Sample = tuple[Split, DatasetInfo]


def rung(name: str) -> models.Rung:
    return next(rung for rung in models.ladder(CONFIG) if rung.name == name)


def unfitted(name: str, info: DatasetInfo) -> Pipeline:
    settings = {f"classifier__{key}": value for key, value in SETTLED[name].items()}
    return rung(name).pipeline(info).set_params(**settings)


def risk(pipeline: Pipeline, table: pd.DataFrame) -> np.ndarray:
    return pipeline.predict_proba(table)[:, 1]


@pytest.fixture(scope="module")
def customers() -> Sample:
    """The sample as the first stage leaves it."""
    raw, roles, checksum = data.load(CONFIG, Paths(ROOT))
    table, info = data.validate(raw, roles, "sample", checksum)
    return data.split(table, info, CONFIG.split.test_size, CONFIG.seed), info


@pytest.fixture(scope="module", params=SETTLED)
def fitted(request: pytest.FixtureRequest, customers: Sample) -> Pipeline:
    """Each model of the ladder, fitted to the sample's training customers."""
    parts, info = customers
    return unfitted(request.param, info).fit(parts.train[info.features], parts.train[info.target])


@pytest.fixture
def shuffled(customers: Sample) -> Sample:
    """The sample with outcomes that have nothing to do with the customers."""
    parts, info = customers
    outcomes = parts.train[info.target].sample(frac=1, random_state=0).to_numpy()
    return Split(parts.train.assign(**{info.target: outcomes}), parts.test), info


# What they learn


def test_every_model_beats_the_dummy_and_the_best_is_chosen(project: Path):
    report = read_json(project / "reports" / "metrics.json", "evaluate")
    found = {model["name"]: model for model in report["models"]}
    scores = {name: model["metrics"]["roc_auc"] for name, model in found.items()}
    dummy = scores.pop("dummy")
    assert list(scores) == list(SETTLED)
    assert all(score["low"] > 0.75 > 0.55 > dummy["value"] for score in scores.values())
    chosen = [model["name"] for model in report["models"] if model["selected"]]
    assert chosen == [max(scores, key=lambda name: scores[name]["value"])]
    assert report["test"]["roc_auc"]["low"] > 0.75
    for name, model in found.items():
        if name == chosen[0]:
            assert model["difference"] is None
        else:
            expected = scores.get(name, dummy)["value"] - scores[chosen[0]]["value"]
            assert model["difference"]["value"] == pytest.approx(expected, abs=1e-5)


def test_models_are_compared_in_pairs():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 400).astype(float)
    good = y + rng.normal(0, 1.2, 400)
    p = {"best": good, "nearly": good + rng.normal(0, 0.25, 400)}
    scaled = {name: (values - values.min()) / np.ptp(values) for name, values in p.items()}
    found = train.compare(y, scaled, "best", seed=0)
    widths = [found[f"{name} roc_auc"].high - found[f"{name} roc_auc"].low for name in scaled]
    difference = found["nearly difference"]
    assert found["nearly roc_auc"].high > found["best roc_auc"].low, "their intervals overlap"
    assert difference.high - difference.low < 0.5 * min(widths)
    assert found["best difference"].value == found["best difference"].low == 0


def test_explanation_finds_the_true_drivers_and_calls_noise_noise(project: Path):
    found = read_json(project / "reports" / "explain.json", "explain")
    drivers = {row["feature"] for row in found["importance"] if row["driver"]}
    assert drivers >= set(sample.TRUE_DRIVERS)
    assert drivers.isdisjoint(sample.NOISE_COLUMNS)
    values = [row["value"] for row in found["importance"]]
    assert values == sorted(values, reverse=True)


def test_candidate_that_was_not_published_is_not_explained(own_project: Path):
    paths = Paths(own_project)
    parts, info = data.read_processed(paths)
    other = unfitted("logistic_regression", info)
    other.fit(parts.train[info.features], parts.train[info.target])
    joblib.dump(other, paths.candidate / "pipeline.joblib")
    before = (paths.reports / "explain.json").read_bytes()
    with pytest.raises(ModelError, match="run `evaluate` first"):
        explain.run(load_config(own_project / "config.yaml"), paths)
    assert (paths.reports / "explain.json").read_bytes() == before


def test_shap_values_add_up_to_the_prediction(fitted: Pipeline, customers: Sample):
    parts, info = customers
    some = Split(parts.train, parts.test.head(50))
    total = explain.shap_values(fitted, some, info.features, seed=0).sum(axis=1).to_numpy()
    predicted = risk(fitted, some.test[info.features])
    forest = isinstance(fitted["classifier"], RandomForestClassifier)
    base = (predicted if forest else logit(predicted)) - total
    np.testing.assert_allclose(base, base.mean(), atol=1e-4)


def test_reasons_of_the_api_agree_with_shap(fitted: Pipeline, customers: Sample):
    parts, info = customers
    some = Split(parts.train, parts.test.head(60))
    values = explain.shap_values(fitted, some, info.features, seed=0).to_numpy()
    predictor = exported(fitted, parts.train, info)
    rows = predictor.explain(some.test[info.features].to_dict("records"))
    reasons = [{r["feature"]: r["contribution"] for r in row} for row in rows]
    ours = np.array([[row[name] for name in info.features] for row in reasons])
    correlations = [spearmanr(a, b).statistic for a, b in zip(values, ours, strict=True)]
    strongest = np.abs(values).argmax(axis=1)
    at = np.arange(len(values)), strongest
    assert np.mean(correlations) > 0.8
    assert np.mean(np.sign(values[at]) == np.sign(ours[at])) > 0.95


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


# What they must not learn


def test_who_the_customer_is_does_not_matter(fitted: Pipeline, customers: Sample):
    parts, info = customers
    assert {info.id, info.target}.isdisjoint(info.features)
    swapped = parts.test.assign(**{info.id: parts.test[info.id].to_numpy()[::-1]})
    np.testing.assert_array_equal(risk(fitted, swapped), risk(fitted, parts.test))


@pytest.mark.parametrize("name", SETTLED)
def test_nothing_leaks_into_validation(shuffled: Sample, name: str):
    parts, info = shuffled
    X, y = parts.train[info.features], parts.train[info.target]
    (p,) = models.out_of_fold([unfitted(name, info)], X, y, CONFIG)
    assert roc_auc_score(y, p) == pytest.approx(0.5, abs=0.04)


def test_no_variant_leaks_into_validation(shuffled: Sample):
    # SMOTE outside the folds would copy customers from training into validation.
    parts, info = shuffled
    some = parts.train.head(1_500)
    X, y = some[info.features], some[info.target]
    pipeline = unfitted("random_forest", info)
    found = try_variants(rung("random_forest"), pipeline, X, y, info, CONFIG)
    assert {"outliers clipped", "class weights", "SMOTE"} < set(found)
    for p in found.values():
        assert roc_auc_score(y, p) == pytest.approx(0.5, abs=0.07)


def test_equal_rows_stay_together_where_no_id_tells_them_apart():
    once = sample.make_sample(1).head(400).drop(columns=sample.ID)
    raw = pd.concat([once] * 3, ignore_index=True)
    roles = Dataset(path="mine.csv", target=sample.TARGET, positive="yes")
    parts = data.split(*data.validate(raw, roles, "mine", "0" * 64), 0.2, seed=3)
    who, tested = (pd.util.hash_pandas_object(x, index=False) for x in (parts.train, parts.test))
    assert len(set(who) & set(tested)) <= 2, "at most one that fills up each class"
    for known, unseen in models.folds(CONFIG).split(parts.train, parts.train[sample.TARGET]):
        assert not set(who.iloc[known]) & set(who.iloc[unseen])


def test_nothing_is_fitted_before_the_folds(customers: Sample):
    parts, info = customers
    X, y = parts.train[info.features], parts.train[info.target]
    tuned, probability = models.tune(rung("logistic_regression"), X, y, info, CONFIG)
    for step in tuned.named_steps.values():
        with pytest.raises(NotFittedError):
            check_is_fitted(step)
    expected = cross_val_predict(tuned, X, y, cv=models.folds(CONFIG), method="predict_proba")
    np.testing.assert_allclose(probability, expected[:, 1])


def test_frequent_categories_are_found_within_a_fold():
    fold = pd.DataFrame({"city": ["rome"] * 30 + ["oslo"] * 25 + ["bern"] * 19})
    encoder = models.FrequentCategories().fit(fold)
    assert [list(found) for found in encoder.encoder_.categories_] == [["oslo", "rome"]]
    other = pd.DataFrame({"city": ["bern", "lima", "oslo"]})
    assert encoder.transform(other).tolist() == [[0, 0], [0, 0], [1, 0]]


def test_data_without_a_signal_is_refused(tmp_path: Path, settings: dict[str, Any]):
    rng = np.random.default_rng(3)
    noise = {"a": rng.normal(size=200), "b": rng.normal(size=200)}
    table = pd.DataFrame(noise | {"left": np.resize(["yes", "no"], 200)})
    table.to_csv(tmp_path / "mine.csv", index=False)
    config = Config(**settings | {"dataset": "mine", "models": ["logistic_regression"]})
    data.run(config, Paths(tmp_path))
    with pytest.raises(ModelError, match="better than chance"):
        train.run(config, Paths(tmp_path))


# What is shipped


def exported(pipeline: Pipeline, table: pd.DataFrame, info: DatasetInfo) -> Predictor:
    signature = evaluate.signature(table[info.features], info)
    return Predictor(evaluate.to_onnx(pipeline, info), {"signature": signature})


@pytest.mark.parametrize("calibration", ["none", "sigmoid"])
def test_export_predicts_as_the_pipeline_does(
    fitted: Pipeline, customers: Sample, calibration: str
):
    parts, info = customers
    X = parts.train[info.features]
    pipeline = fitted
    if calibration == "sigmoid":
        pipeline = models.with_sigmoid(fitted, CONFIG).fit(X, parts.train[info.target])
    test = parts.test[info.features]
    nothing_known = test.head(20).assign(**dict.fromkeys(info.numeric, np.nan))
    unseen = test.head(20).assign(**dict.fromkeys(info.categorical, "never seen"))
    missing = unseen.assign(**dict.fromkeys(info.categorical, MISSING))
    predictor = exported(pipeline, X, info)
    for table in (test, nothing_known, unseen, missing):
        assert evaluate.check_parity(pipeline, predictor, table) < 1e-5
    assert np.ptp(predictor.predict_proba(test.to_dict("records"))) > 0.5


def test_export_is_the_same_every_time(fitted: Pipeline, customers: Sample):
    content = evaluate.to_onnx(fitted, customers[1])
    assert content == evaluate.to_onnx(fitted, customers[1])
    domains = [entry.domain for entry in onnx.load_from_string(content).opset_import]
    assert domains == sorted(domains), "their order hangs on Python's seed for hashes"


def test_export_that_differs_is_refused(
    fitted: Pipeline, customers: Sample, monkeypatch: pytest.MonkeyPatch
):
    parts, info = customers
    test = parts.test[info.features]
    predictor = exported(fitted, test, info)
    monkeypatch.setattr(predictor, "predict_proba", lambda rows: risk(fitted, test) + 2e-5)
    with pytest.raises(ModelError, match="Nothing was published"):
        evaluate.check_parity(fitted, predictor, test)


def test_calibration_with_the_lower_brier_score_is_chosen(customers: Sample):
    parts, info = customers
    X, y = parts.train[info.features], parts.train[info.target]
    honest = unfitted("logistic_regression", info)
    # Weighing both classes alike makes everybody look likelier to leave.
    distorted = unfitted("logistic_regression", info)
    distorted.set_params(classifier__class_weight="balanced")
    for pipeline in (honest, distorted):
        (raw,) = models.out_of_fold([pipeline], X, y, CONFIG)
        calibrated, validation, report = train.calibrate(pipeline, X, y, raw, CONFIG)
        assert report["chosen"] == min(report["brier"], key=report["brier"].__getitem__)
        best = min(report["brier"].values())
        assert np.mean((validation - y) ** 2) == pytest.approx(best)
        assert risk(calibrated.fit(X, y), X).mean() == pytest.approx(y.mean(), abs=0.01)
    assert report["chosen"] == "sigmoid"
