"""Behaviour of the models: what they learn, what they must not learn, and what is shipped."""

import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import Pipeline

from sentiment import (
    bert,
    data,
    evaluate,
    export,
    metrics,
    models,
    sample,
    slices,
)
from sentiment.bootstrap import intervals
from sentiment.calibration import choose_calibration, with_sigmoid
from sentiment.checks import POSITIVE, TEXT
from sentiment.config import Config, load_config
from sentiment.data import Split
from sentiment.errors import ModelError
from sentiment.explain import explain, telling_words
from sentiment.files import read_json
from sentiment.paths import Paths
from sentiment.predictor import Predictor, WordScorer
from sentiment.text import document, tokens
from sentiment.train import Tuned, Winner, climb, fit_best, train

from .conftest import ROOT, SETTINGS

CONFIG = load_config(SETTINGS)
SETTLED = {  # settings that do without a search
    "naive_bayes": {"alpha": 0.3},
    "logistic_regression": {"C": 10.0},
    "svm": {"estimator__C": 1.0},
}


def rung(name: str) -> models.Rung:
    return next(rung for rung in models.ladder(CONFIG) if rung.name == name)


def documents(table: pd.DataFrame) -> pd.Series:
    return table[TEXT].map(document)


def predictor_of(pipeline: Pipeline) -> Predictor:
    return Predictor(export.to_onnx(pipeline), {"model": "svm"})


def ask(predictor: Predictor, *texts: str) -> np.ndarray:
    return predictor.predict_proba([{"text": text} for text in texts])


@pytest.fixture(scope="module")
def reviews() -> Split:
    """The sample as the first stage leaves it."""
    raw, roles, checksum = data.load(CONFIG, Paths(ROOT))
    table, _ = data.validate(raw, roles, "sample", checksum)
    return data.split(table, CONFIG.split.test_size, CONFIG.seed)


@pytest.fixture(scope="module", params=SETTLED)
def fitted(request: pytest.FixtureRequest, reviews: Split) -> Pipeline:
    """Each model of the ladder, fitted to the sample's training reviews."""
    pipeline = rung(request.param).pipeline(**SETTLED[request.param])
    return pipeline.fit(documents(reviews.train), reviews.train[POSITIVE])


@pytest.fixture(scope="module")
def predictor(project: Path) -> Predictor:
    """The published model of the small project."""
    return Predictor.load(project / "models")


# What they learn


def test_every_model_beats_the_dummy_and_the_best_is_chosen(project: Path):
    report = read_json(project / "reports" / "metrics.json")
    scores = {model["name"]: model["metrics"]["roc_auc"] for model in report["models"]}
    dummy = scores.pop("dummy")
    assert list(scores) == list(SETTLED)
    assert all(score["low"] > 0.75 > 0.55 > dummy["value"] for score in scores.values())
    chosen = [model["name"] for model in report["models"] if model["selected"]]
    assert chosen == [max(scores, key=lambda name: scores[name]["value"])]
    assert report["test"]["roc_auc"]["low"] > 0.85
    assert report["test"]["accuracy"]["low"] > 0.8


def test_explanation_finds_the_planted_words_and_not_the_filler(project: Path):
    data_, _ = data.read_processed(Paths(project))
    found = telling_words(data_.test[TEXT].tolist(), Predictor.load(project / "models"))
    value = {row["word"]: row["contribution"] for row in found}
    assert {*sample.POSITIVE_WORDS, *sample.NEGATIVE_WORDS, *sample.FILLER_WORDS} <= set(value)
    praise = [value[word] for word in sample.POSITIVE_WORDS]
    blame = [value[word] for word in sample.NEGATIVE_WORDS]
    filler = [abs(value[word]) for word in sample.FILLER_WORDS]
    assert min(praise) > max(filler)
    assert max(blame) < -max(filler)
    report = read_json(project / "reports" / "explain.json")
    listed = {row["word"] for row in report["positive_words"]}
    assert len(listed & set(sample.POSITIVE_WORDS)) >= 5
    assert not listed & set(sample.NEGATIVE_WORDS)
    assert {row["word"] for row in report["negative_words"]} >= {"terrible", "awful", "useless"}


def test_examples_are_the_surest_right_and_wrong_ones(project: Path):
    examples = read_json(project / "reports" / "explain.json")["examples"]
    errors = [abs(one["positive"] - one["probability"]) for one in examples]
    assert max(errors[:3]) < 0.1
    assert min(errors[3:]) > 0.8
    for one in examples:
        assert "".join(word["word"] for word in one["words"]).lower() in "".join(
            tokens(one["text"])
        ).replace("\u2019", "'")


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ("The screen is great.", "The screen is terrible."),
        ("The screen is great.", "The screen is not great."),
        ("The screen is not terrible.", "The screen is terrible."),
        ("Poor case, but the sound is superb.", "Superb sound, but the case is poor."),
        ("The sound is fantastic.", "The sound is fantastic. 😡"),
        ("Wondreful service!", "Horirble service!"),
    ],
)
def test_better_reviews_are_likelier_good(fitted: Pipeline, better: str, worse: str):
    high, low = ask(predictor_of(fitted), better, worse)
    assert high > low


def test_filler_hardly_changes_the_mind(fitted: Pipeline):
    text, more = "The battery is reliable.", "The battery is reliable. It came on a Tuesday."
    first, second, third = ask(predictor_of(fitted), text, more, "The battery is awful.")
    assert abs(first - second) < 0.25 * abs(first - third)


# What they must not learn


def test_nothing_leaks_into_validation(reviews: Split):
    some = reviews.train.head(1_500)
    shuffled = some[POSITIVE].sample(frac=1, random_state=0).set_axis(some.index)
    tuned = climb(models.ladder(CONFIG), documents(some), shuffled, CONFIG)
    for name, one in tuned.items():
        score = roc_auc_score(shuffled, one.validation)
        assert score == pytest.approx(0.5, abs=0.07), name


def test_climbing_is_out_of_fold(reviews: Split):
    some = reviews.train.head(400)
    X, y = documents(some), some[POSITIVE]
    one = climb([rung("logistic_regression")], X, y, CONFIG)["logistic_regression"]
    expected = np.empty(len(X))
    for seen, unseen in models.folds(CONFIG).split(X, y):
        pipeline = rung("logistic_regression").pipeline(**one.settings)
        pipeline.fit(X.iloc[seen], y.iloc[seen])
        expected[unseen] = pipeline.predict_proba(X.iloc[unseen])[:, 1]
    np.testing.assert_allclose(one.validation, expected, atol=1e-9)


def test_data_without_a_signal_is_refused(tmp_path: Path, settings: dict[str, Any]):
    rng = np.random.default_rng(4)
    words = rng.choice(["lamp", "desk", "chair", "sofa", "rug", "shelf"], (200, 8))
    table = pd.DataFrame({"review": [f"{n} {' '.join(row)}" for n, row in enumerate(words)]})
    table["opinion"] = np.resize(["good", "bad"], 200)
    table.to_csv(tmp_path / "mine.csv", index=False)
    config = Config(**settings | {"dataset": "mine", "models": ["naive_bayes"]})
    data.prepare(config, Paths(tmp_path))
    with pytest.raises(ModelError, match="better than chance"):
        train(config, Paths(tmp_path))


# What is shipped


def test_a_transformer_that_is_too_large_is_compared_and_the_next_best_published(
    reviews: Split, monkeypatch: pytest.MonkeyPatch
):
    X, y = reviews.train[TEXT], reviews.train[POSITIVE]
    found = np.linspace(0.1, 0.9, len(y))
    fitted = SimpleNamespace(probability=None)
    monkeypatch.setattr(bert, "fit", lambda *rest: fitted)
    monkeypatch.setattr(bert, "to_onnx", lambda fitted: bytes(2_000_000))
    tuned = {"bert": Tuned({}, found), "naive_bayes": Tuned(SETTLED["naive_bayes"], found)}
    ranked, paths = ["bert", "naive_bayes"], Paths(ROOT)

    def best(model_mb: float, ranked: list[str] = ranked) -> Winner:
        limits = CONFIG.limits.model_copy(update={"model_mb": model_mb})
        return fit_best(ranked, tuned, X, y, CONFIG.model_copy(update={"limits": limits}), paths)

    assert (best(2).name, best(2).too_large) == ("bert", None)
    assert best(1.9).name == "naive_bayes"
    assert best(1.9).too_large == {"name": "bert", "megabytes": 2.0, "limit": 1.9}
    with pytest.raises(ModelError, match=r"takes 2 MB and `model_mb`.* allows 1\.9"):
        best(1.9, ["bert", "dummy"])


@pytest.mark.parametrize("calibration", ["none", "sigmoid"])
def test_export_predicts_as_the_pipeline_does(fitted: Pipeline, reviews: Split, calibration: str):
    pipeline = fitted
    if calibration == "sigmoid" and not hasattr(fitted["classifier"], "calibrated_classifiers_"):
        pipeline = with_sigmoid(fitted, models.folds(CONFIG))
        pipeline.fit(documents(reviews.train), reviews.train[POSITIVE])
    texts = [*export.ODD_TEXTS, *reviews.test[TEXT]]
    expected = pipeline.predict_proba([document(text) for text in texts])[:, 1]
    parity = pd.DataFrame({"text": texts, "probability": expected})
    predictor = predictor_of(pipeline)
    assert export.check_parity(predictor, parity) < 1e-5
    # One at a time as well: how long the others are must not matter.
    alone = np.concatenate([ask(predictor, text) for text in texts[:40]])
    np.testing.assert_allclose(alone, expected[:40], atol=1e-5)
    assert np.ptp(expected) > 0.5


def test_contributions_add_up_to_the_prediction(fitted: Pipeline, reviews: Split):
    predictor = predictor_of(fitted)
    scorer = predictor._scorer
    assert isinstance(scorer, WordScorer)
    for text in [*export.ODD_TEXTS, *reviews.test[TEXT].head(50)]:
        _, added = scorer.contributions(text)
        total = scorer.intercept + added.sum()
        assert 1 / (1 + np.exp(-total)) == pytest.approx(ask(predictor, text)[0], abs=1e-5)


def test_reasons_are_the_coloured_words_summed(predictor: Predictor):
    text = "Great, GREAT screen: it\u2019s not terrible 😍"
    coloured = predictor.coloured(text)
    written = ["Great", "GREAT", "screen", "it\u2019s", "not", "terrible", "😍"]
    assert [word["word"] for word in coloured] == written
    assert all(text[word["start"] : word["end"]] == word["word"] for word in coloured)
    [reasons] = predictor.explain([{"text": text}])
    sizes = [abs(reason["contribution"]) for reason in reasons]
    assert sizes == sorted(sizes, reverse=True)
    by_word = {reason["feature"]: reason for reason in reasons}
    assert by_word["great"]["value"] == 2
    expected = coloured[0]["contribution"] + coloured[1]["contribution"]
    assert by_word["great"]["contribution"] == pytest.approx(expected)
    assert by_word["😍"]["contribution"] > 0
    assert predictor.explain([{"text": ""}]) == [[]]


def test_prediction_says_what_to_do(predictor: Predictor):
    happy, angry = predictor.predict(
        [{"text": "Perfect screen, superb sound! 😍"}, {"text": "Awful, useless battery 😡"}]
    )
    assert (happy["label"], happy["decision"]) == ("positive", "skip")
    assert (angry["label"], angry["decision"]) == ("negative", "read")
    assert angry["expected_value"] > 0 > happy["expected_value"]


def test_export_is_the_same_in_every_process(fitted: Pipeline, tmp_path: Path):
    joblib.dump(fitted, tmp_path / "fitted")
    code = (
        "import hashlib, joblib, sys; from sentiment.export import to_onnx;"
        "print(hashlib.sha256(to_onnx(joblib.load(sys.argv[1]))).hexdigest())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / "fitted")],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "5", "77")
    }
    assert len(found) == 1


def test_export_is_the_same_every_time(fitted: Pipeline):
    assert export.to_onnx(fitted) == export.to_onnx(fitted)


def test_export_that_differs_is_refused(fitted: Pipeline):
    texts = ["a great phone", "a poor phone"]
    predictor = predictor_of(fitted)
    parity = pd.DataFrame({"text": texts, "probability": ask(predictor, *texts)})
    assert export.check_parity(predictor, parity) == 0
    parity.loc[1, "probability"] += 2e-5
    with pytest.raises(ModelError, match="Nothing was published"):
        export.check_parity(predictor, parity)


def test_evaluation_publishes_nothing_that_differs(own_project: Path):
    paths = Paths(own_project)
    file = paths.candidate / "parity.parquet"
    pd.read_parquet(file).assign(probability=0.5).to_parquet(file)
    before = (paths.models / "current.txt").read_bytes()
    with pytest.raises(ModelError, match="Nothing was published"):
        evaluate.evaluate(load_config(own_project / "config.yaml"), paths)
    assert (paths.models / "current.txt").read_bytes() == before


def test_candidate_that_was_not_published_is_not_explained(own_project: Path, reviews: Split):
    paths = Paths(own_project)
    other = rung("logistic_regression").pipeline(C=0.123)
    other.fit(documents(reviews.train), reviews.train[POSITIVE])
    (paths.candidate / "model.onnx").write_bytes(export.to_onnx(other))
    before = (paths.reports / "explain.json").read_bytes()
    with pytest.raises(ModelError, match="run the `evaluate` stage first"):
        explain(load_config(own_project / "config.yaml"), paths)
    assert (paths.reports / "explain.json").read_bytes() == before


def test_calibration_with_the_lower_brier_score_is_chosen(reviews: Split):
    X, y = documents(reviews.train), reviews.train[POSITIVE]
    honest = rung("logistic_regression").pipeline(C=1.0)
    # Weighing both classes alike makes every review look worse than it is.
    distorted = rung("logistic_regression").pipeline(C=1.0)
    distorted.set_params(classifier__class_weight="balanced")
    for pipeline in (honest, distorted):
        raw = sklearn_probabilities(pipeline, X, y)
        result = choose_calibration(pipeline, X, y, raw, models.folds(CONFIG))
        brier = {name: row["brier"] for name, row in result.report["candidates"].items()}
        assert result.report["chosen"] == min(brier, key=brier.__getitem__)
        assert np.mean((result.validation - y) ** 2) == pytest.approx(min(brier.values()))
    assert result.report["chosen"] == "sigmoid"


def sklearn_probabilities(pipeline: Pipeline, X: pd.Series, y: pd.Series) -> np.ndarray:
    found = np.empty(len(X))
    for seen, unseen in models.folds(CONFIG).split(X, y):
        pipeline.fit(X.iloc[seen], y.iloc[seen])
        found[unseen] = pipeline.predict_proba(X.iloc[unseen])[:, 1]
    return found


def test_a_sigmoid_that_turns_the_model_round_is_refused():
    # Each word's reviews are half good, half bad: scores of unseen ones run against the truth.
    X = pd.Series([f"word{row // 2}" for row in range(40)])
    y = pd.Series(np.resize([0, 1], 40))
    pipeline, raw = rung("svm").pipeline(estimator__C=1.0), np.full(40, 0.5)
    with pytest.raises(ModelError, match="run against the truth"):
        choose_calibration(pipeline, X, y, raw, models.folds(CONFIG))


def test_svm_is_not_calibrated_twice(reviews: Split):
    some = reviews.train.head(400)
    X, y = documents(some), some[POSITIVE]
    pipeline = rung("svm").pipeline(estimator__C=1.0)
    raw = sklearn_probabilities(pipeline, X, y)
    result = choose_calibration(pipeline, X, y, raw, models.folds(CONFIG))
    assert list(result.report["candidates"]) == ["none"]
    assert (result.validation == raw).all()


# How they are measured


def test_slices_of_ten_reviews_count_and_have_their_own_interval():
    y, probability = np.array([1.0] * 6 + [0.0] * 4), np.array([0.9] * 4 + [0.2] * 6)
    found = slices.slices(["not good"] * 10, y, probability, {}, seed=0)
    [row] = found["negation"]
    known = intervals(partial(metrics.weighted_scores, y, probability, 0.5), 10, 0)["accuracy"]
    assert (row["rows"], row["accuracy"]) == (10, 0.8)
    assert (row["low"], row["high"]) == (known.low, known.high)
    assert slices.slices(["not good"] * 9, y[:9], probability[:9], {}, seed=0)["negation"] == []


def test_slices_hold_the_reviews_that_they_name():
    texts = ["the battery is good"] * 12 + ["not a good price"] * 20 + ["long " * 26] * 11
    y = np.array([1.0] * 12 + [0, 1] * 10 + [0.0] * 11)
    probability = np.array([0.9] * 12 + [0.8] * 20 + [0.2] * 11)
    found = slices.slices(texts, y, probability, CONFIG.aspects, seed=0)
    rows = {kind: {row["name"]: row for row in group} for kind, group in found.items()}
    assert {name: row["rows"] for name, row in rows["length"].items()} == {
        "0 to 10 words": 32,
        "26 to 100 words": 11,
    }
    assert rows["negation"]["with negation"]["rows"] == 20
    assert rows["negation"]["with negation"]["accuracy"] == 0.5
    assert rows["negation"]["without negation"]["accuracy"] == 1
    assert {name: row["rows"] for name, row in rows["aspect"].items()} == {
        "battery": 12,
        "price": 20,
        "no aspect": 11,
    }
    assert rows["aspect"]["battery"]["roc_auc"] is None
    assert rows["aspect"]["price"]["roc_auc"] == 0.5


def test_aspects_at_risk_are_those_of_the_truth(project: Path):
    paths = Paths(project)
    data_, _ = data.read_processed(paths)
    truth = sample.make_reviews(CONFIG.seed).loc[data_.test.index]
    blamed = evaluate.blame(data_.test[TEXT].tolist(), sample.ASPECTS, Predictor.load(paths.models))
    for aspect, found in blamed.items():
        mentioned = ~np.isnan(found)
        liked, disliked = (
            truth[column].map(lambda names, a=aspect: a in names).to_numpy()
            for column in ("liked", "disliked")
        )
        assert (mentioned == (liked | disliked)).mean() > 0.97
        assert (found[mentioned] == disliked[mentioned]).mean() > 0.8
