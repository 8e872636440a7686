"""Behaviour of the models: what they learn, what they must not learn, and what is shipped."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT, SETTINGS
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import Pipeline

from sentiment import aspects, data, evaluate, explain, models, sample, train
from sentiment.config import Config, load_config
from sentiment.data import POSITIVE, TEXT, Split
from sentiment.features import document, tokens
from sentiment.kit import ModelError
from sentiment.kit.files import Paths, read_json
from sentiment.predictor import Predictor, WordScorer
from sentiment.train import Tuned, Winner, climb, compare, fit_best

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
    return Predictor(models.to_onnx(pipeline), {"model": "svm"})


def ask(predictor: Predictor, *texts: str) -> np.ndarray:
    return predictor.predict_proba([{"text": text} for text in texts])


@pytest.fixture(scope="module")
def reviews() -> Split:
    """The sample as the first stage leaves it."""
    raw, roles, _ = data.load(CONFIG, Paths(ROOT))
    table, _ = data.check_reviews(raw, roles, "sample")
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
    report = read_json(project / "reports" / "metrics.json", "evaluate")
    scores = {model["name"]: model["metrics"]["roc_auc"] for model in report["models"]}
    dummy = scores.pop("dummy")
    assert list(scores) == list(SETTLED)
    assert [model["tried"] for model in report["models"]] == [1, 4, 6, 4]
    assert all(score["low"] > 0.75 > 0.55 > dummy["value"] for score in scores.values())
    chosen = [model["name"] for model in report["models"] if model["selected"]]
    assert chosen == [max(scores, key=lambda name: scores[name]["value"])]
    assert report["test"]["roc_auc"]["low"] > 0.85
    assert report["test"]["accuracy"]["low"] > 0.8


def test_models_are_compared_in_pairs():
    rng = np.random.default_rng(0)
    y = (rng.random(500) < 0.5).astype(float)
    good = np.clip(0.3 * y + 0.7 * rng.random(500), 0, 1)
    # Next to the same: worse on every tenth review only.
    close = np.where(np.arange(500) % 10 == 0, rng.random(500), good)
    found = compare({"good": good, "close": close}, y, "good", seed=0)
    (best, none), (next_best, difference) = found["good"], found["close"]
    assert next_best["roc_auc"].high > best["roc_auc"].low, "the intervals overlap"
    assert difference.high < 0, "and yet the difference is sure"
    assert difference.value == pytest.approx(next_best["roc_auc"].value - best["roc_auc"].value)
    assert (none.low, none.high) == (0, 0)


def test_explanation_finds_the_planted_words_and_not_the_filler(project: Path):
    parts, _ = data.read_processed(Paths(project))
    found = explain.mean_effects(parts.test[TEXT].tolist(), Predictor.load(project / "models"))
    value = {row["word"]: row["contribution"] for row in found}
    assert {*sample.POSITIVE_WORDS, *sample.NEGATIVE_WORDS, *sample.FILLER_WORDS} <= set(value)
    praise = [value[word] for word in sample.POSITIVE_WORDS]
    blame = [value[word] for word in sample.NEGATIVE_WORDS]
    filler = [abs(value[word]) for word in sample.FILLER_WORDS]
    assert min(praise) > max(filler)
    assert max(blame) < -max(filler)
    report = read_json(project / "reports" / "explain.json", "explain")
    listed = {row["feature"]: row["value"] for row in report["importance"]}
    assert {*sample.POSITIVE_WORDS, *sample.NEGATIVE_WORDS} <= set(listed)
    assert not set(sample.FILLER_WORDS) & set(listed), "noise is not listed"
    assert all(listed[word] > 0 for word in sample.POSITIVE_WORDS)


def test_words_by_chance_are_not_listed():
    rng = np.random.default_rng(0)
    words = [f"word{number}" for number in range(100)]
    texts = [" ".join(rng.choice(words, 10)) for _ in range(600)]
    table = pd.DataFrame({TEXT: texts, POSITIVE: rng.integers(0, 2, 600)})
    rows = [{"word": word, "contribution": 1.0} for word in words]
    assert len(explain.beyond_chance(rows, table)) <= 2
    assert explain.beyond_chance([], table) == []


def test_examples_are_the_surest_right_and_wrong_ones(project: Path):
    report = read_json(project / "reports" / "metrics.json", "evaluate")
    good, bad, *wrong = report["nlp"]["examples"]
    assert (good["positive"], bad["positive"]) == (1, 0)
    assert good["probability"] > 0.9 > 0.1 > bad["probability"]
    errors = [abs(one["positive"] - one["probability"]) for one in wrong]
    assert errors == sorted(errors, reverse=True)
    assert min(errors) > 0.8
    for one in (good, bad, *wrong):
        assert [word["word"].lower() for word in one["words"]] == tokens(one["text"])


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


# What they must not learn


def test_nothing_leaks_into_validation(reviews: Split):
    some = reviews.train.head(1_500)
    shuffled = some[POSITIVE].sample(frac=1, random_state=0).set_axis(some.index)
    tuned = climb(models.ladder(CONFIG), documents(some), shuffled, CONFIG)
    for name, one in tuned.items():
        score = roc_auc_score(shuffled, one.validation)
        assert score == pytest.approx(0.5, abs=0.07), name


def test_data_without_a_signal_is_refused(tmp_path: Path, settings: dict[str, Any]):
    rng = np.random.default_rng(4)
    words = rng.choice(["lamp", "desk", "chair", "sofa", "rug", "shelf"], (200, 8))
    table = pd.DataFrame({"review": [f"{n} {' '.join(row)}" for n, row in enumerate(words)]})
    table["opinion"] = np.resize(["good", "bad"], 200)
    table.to_csv(tmp_path / "mine.csv", index=False)
    config = Config(**settings | {"dataset": "mine", "models": ["naive_bayes"]})
    data.run(config, Paths(tmp_path))
    with pytest.raises(ModelError, match="better than chance"):
        train.run(config, Paths(tmp_path))


# What is shipped


def test_a_model_that_is_too_large_is_compared_and_the_next_best_published(reviews: Split):
    X, y = reviews.train[TEXT], reviews.train[POSITIVE]
    found = np.linspace(0.1, 0.9, len(y))

    def large() -> Winner:
        return Winner(bytes(2_000_000), lambda texts: found, found, {})

    def never() -> Winner:
        raise AssertionError("known to be too large before it is fitted")

    naive_bayes = Tuned(SETTLED["naive_bayes"], found)

    def best(model_mb: float, bert: Tuned) -> tuple[str, dict[str, Any] | None]:
        limits = CONFIG.limits.model_copy(update={"model_mb": model_mb})
        config = CONFIG.model_copy(update={"limits": limits})
        tuned = {"bert": bert, "naive_bayes": naive_bayes}
        name, _, too_large = fit_best(["bert", "naive_bayes", "dummy"], tuned, X, y, config)
        return name, too_large

    assert best(2, Tuned({}, found, fit=large)) == ("bert", None)
    told = {"label": "fine-tuned BERT", "limit": 1.9}
    assert best(1.9, Tuned({}, found, fit=large)) == ("naive_bayes", told | {"megabytes": 2.0})
    known = Tuned({}, found, megabytes=70.0, fit=never)
    assert best(1.9, known) == ("naive_bayes", told | {"megabytes": 70.0})
    with pytest.raises(ModelError, match=r"below the 0\.01 MB of `model_mb`"):
        best(0.01, known)


@pytest.mark.parametrize("calibration", ["none", "sigmoid"])
def test_export_predicts_as_the_pipeline_does(fitted: Pipeline, reviews: Split, calibration: str):
    pipeline = fitted
    if calibration == "sigmoid" and not hasattr(fitted["classifier"], "calibrated_classifiers_"):
        pipeline = models.with_sigmoid(fitted, models.folds(CONFIG))
        pipeline.fit(documents(reviews.train), reviews.train[POSITIVE])
    texts = [*train.ODD_TEXTS, *reviews.test[TEXT]]
    expected = pipeline.predict_proba([document(text) for text in texts])[:, 1]
    parity = pd.DataFrame({"text": texts, "probability": expected})
    predictor = predictor_of(pipeline)
    assert evaluate.check_parity(predictor, parity) < 1e-5
    assert models.to_onnx(pipeline) == models.to_onnx(pipeline), "the same every time"
    # One at a time as well: how long the others are must not matter.
    alone = np.concatenate([ask(predictor, text) for text in texts[:40]])
    np.testing.assert_allclose(alone, expected[:40], atol=1e-5)
    assert np.ptp(expected) > 0.5


def test_contributions_add_up_to_the_prediction(fitted: Pipeline, reviews: Split):
    predictor = predictor_of(fitted)
    scorer = predictor._scorer
    assert isinstance(scorer, WordScorer)
    for text in [*train.ODD_TEXTS, *reviews.test[TEXT].head(50)]:
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
    assert by_word["great"]["contribution"] == pytest.approx(expected, rel=1e-5)
    assert by_word["😍"]["contribution"] > 0
    assert predictor.explain([{"text": ""}]) == [[]]


def test_evaluation_publishes_nothing_that_differs(own_project: Path):
    paths = Paths(own_project)
    file = paths.candidate / "parity.parquet"
    table = pd.read_parquet(file)
    table.assign(probability=table["probability"] + 2e-5).to_parquet(file)
    before = (paths.models / "current.txt").read_bytes()
    with pytest.raises(ModelError, match="Nothing was published"):
        evaluate.run(load_config(own_project / "config.yaml"), paths)
    assert (paths.models / "current.txt").read_bytes() == before


def test_candidate_that_was_not_published_is_not_explained(own_project: Path, reviews: Split):
    paths = Paths(own_project)
    other = rung("logistic_regression").pipeline(C=0.123)
    other.fit(documents(reviews.train), reviews.train[POSITIVE])
    (paths.candidate / "model.onnx").write_bytes(models.to_onnx(other))
    with pytest.raises(ModelError, match="run the `evaluate` command"):
        explain.run(load_config(own_project / "config.yaml"), paths)


def test_calibration_with_the_lower_brier_score_is_chosen(reviews: Split):
    X, y = documents(reviews.train), reviews.train[POSITIVE]
    honest = rung("logistic_regression").pipeline(C=1.0)
    # Weighing both classes alike makes every review look worse than it is.
    distorted = rung("logistic_regression").pipeline(C=1.0)
    distorted.set_params(classifier__class_weight="balanced")
    for pipeline in (honest, distorted):
        raw = out_of_fold(pipeline, X, y)
        _, validation, report = models.calibrate(pipeline, X, y, raw, models.folds(CONFIG))
        brier = report["brier"]
        assert report["chosen"] == min(brier, key=brier.__getitem__)
        assert np.mean((validation - y) ** 2) == pytest.approx(min(brier.values()))
    assert report["chosen"] == "sigmoid"


def out_of_fold(pipeline: Pipeline, X: pd.Series, y: pd.Series) -> np.ndarray:
    found = np.empty(len(X))
    for seen, unseen in models.folds(CONFIG).split(X, y):
        pipeline.fit(X.iloc[seen], y.iloc[seen])
        found[unseen] = pipeline.predict_proba(X.iloc[unseen])[:, 1]
    return found


# Where they are right, and what is blamed


def test_slices_hold_the_reviews_that_they_name():
    texts = ["the battery is good"] * 12 + ["not a good price"] * 20 + ["long " * 26] * 11
    y = np.array([1.0] * 12 + [0, 1] * 10 + [0.0] * 11)
    probability = np.array([0.9] * 12 + [0.8] * 20 + [0.2] * 11)
    right = (probability > 0.5) == y
    rows = evaluate.slices(texts, right, CONFIG.aspects)
    found = {(row["kind"], row["name"]): (row["rows"], row["accuracy"]["value"]) for row in rows}
    assert found == {
        ("length", "0 to 10 words"): (32, pytest.approx(22 / 32)),
        ("length", "26 to 100 words"): (11, 1),
        ("negation", "with negation"): (20, 0.5),
        ("negation", "without negation"): (23, 1),
        ("aspect", "battery"): (12, 1),
        ("aspect", "price"): (20, 0.5),
        ("aspect", "no aspect"): (11, 1),
    }
    assert {row["name"] for row in rows if row["worse"]} == {"with negation", "price"}
    assert not evaluate.slices(texts[:9], right[:9], CONFIG.aspects)


def test_one_group_is_always_the_lowest_and_not_called_so():
    rng, words = np.random.default_rng(0), ["battery", "screen", "delivery", "price", "not"]
    texts = [" ".join(rng.choice(words, 2)) for _ in range(300)]
    found = [evaluate.slices(texts, rng.random(300) < 0.8, CONFIG.aspects) for _ in range(40)]
    assert sum(any(row["worse"] for row in rows) for rows in found) <= 4


def test_aspects_at_risk_are_those_of_the_truth(project: Path, predictor: Predictor):
    parts, _ = data.read_processed(Paths(project))
    truth = sample.make_reviews(CONFIG.seed).loc[parts.test.index]
    blamed = aspects.blame(parts.test[TEXT].tolist(), sample.ASPECTS, predictor)
    for aspect, found in blamed.items():
        mentioned = ~np.isnan(found)
        liked, disliked = (
            truth[column].map(lambda names, a=aspect: a in names).to_numpy()
            for column in ("liked", "disliked")
        )
        assert (mentioned == (liked | disliked)).mean() > 0.97
        assert (found[mentioned] == disliked[mentioned]).mean() > 0.8
