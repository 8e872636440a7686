"""Behaviour of the models: what they learn, what they must not learn, and what is shipped."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scipy.special import expit
from sklearn import metrics as sklearn_metrics

from imaging import (
    artifacts,
    augment,
    calibration,
    data,
    export,
    fit,
    models,
    network,
    sample,
)
from imaging import train as training
from imaging.bootstrap import Estimate
from imaging.calibration import Calibration, choose_calibration
from imaging.config import Augmentation, Config, Split, load_config
from imaging.errors import ModelError
from imaging.evaluate import evaluate
from imaging.explain import explain
from imaging.files import read_json
from imaging.paths import Paths
from imaging.predictor import Predictor
from imaging.scores import clinical_scores
from imaging.slices import slices
from imaging.train import Entry, choose, train

from .conftest import SETTINGS, tree

CONFIG = load_config(SETTINGS)
STILL = Augmentation(rotation=0, shift=0, zoom=0, exposure=0, flip=False)


def spots(count: int, size: int = 16, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Easy images (count, size, size, 1): every other one has a bright spot somewhere."""
    rng = np.random.default_rng(seed)
    images = rng.integers(60, 120, (count, size, size, 1), dtype=np.uint8)
    y = np.resize([1.0, 0.0], count)
    for place in np.flatnonzero(y):
        row, column = rng.integers(2, size - 5, 2)
        images[place, row : row + 4, column : column + 4] = 230
    return images, y


def spot_task(count: int = 160) -> fit.Task:
    (images, y), (others, their_y) = spots(count), spots(60, seed=1)
    return fit.Task(images, y, others, their_y, mean=[0.4], std=[0.15])


def tuned(**changes: Any) -> Config:
    phase = {"epochs": 4, "batch": 16, "learning_rate": 0.01, "average": 0.8} | changes
    return CONFIG.model_copy(
        update={"training": CONFIG.training.model_copy(update=phase), "augmentation": STILL}
    )


@pytest.fixture(scope="module")
def small() -> models.Fitted:
    """A network that has learned to find spots."""
    return models.small_resnet(spot_task(), tuned())


# What they learn


def test_every_model_beats_the_dummy_and_the_best_is_chosen(project: Path):
    report = read_json(project / "reports" / "metrics.json")
    scores = {model["name"]: model["metrics"]["roc_auc"] for model in report["models"]}
    dummy = scores.pop("dummy")
    assert list(scores) == ["logistic_regression", "resnet"]
    assert all(score["low"] > dummy["value"] == 0.5 for score in scores.values())
    chosen = [model["name"] for model in report["models"] if model["selected"]]
    assert chosen == [max(scores, key=lambda name: scores[name]["value"])]
    assert report["test"]["roc_auc"]["low"] > 0.6


def test_network_finds_what_is_there_wherever_it_is(small: models.Fitted):
    images, y = spots(100, seed=2)
    assert sklearn_metrics.roc_auc_score(y, small.predict(images)) > 0.95


def test_best_epoch_is_kept(small: models.Fitted):
    assert small.curve is not None
    best = min(small.curve.epochs, key=lambda row: row["validation_loss"])
    assert small.curve.kept == best["epoch"]
    found = small.predict(small.task.validation)
    y = small.task.validation_y
    assert sklearn_metrics.log_loss(y, expit(found)) == pytest.approx(best["validation_loss"])


def test_same_seed_trains_the_same_network():
    task, config = spot_task(40), tuned(epochs=1)
    first, again = (models.small_resnet(task, config).predict(task.validation) for _ in range(2))
    other = models.small_resnet(task, config.model_copy(update={"seed": 4}))
    assert (first == again).all()
    assert (first != other.predict(task.validation)).any()


@pytest.mark.parametrize(("shape", "parameters"), [(models.SMALL, 28_000), (models.LARGE, 695_000)])
def test_network_has_as_many_parameters_as_it_says(shape: dict[str, int], parameters: int):
    weights = network.resnet(1, 28, **shape).parameters()
    assert sum(weight.numel() for weight in weights) == pytest.approx(parameters, rel=0.05)


@pytest.mark.parametrize(("size", "side"), [(16, 4), (28, 7), (40, 10), (64, 8), (224, 7)])
@pytest.mark.parametrize("channels", [1, 3])
def test_maps_are_small_whatever_the_size(size: int, side: int, channels: int):
    with torch.no_grad():
        log_odds, maps = network.resnet(channels, size, 16, 1).eval()(
            torch.zeros(2, channels, size, size)
        )
    assert (log_odds.shape, maps.shape) == ((2,), (2, side, side))


def test_frozen_features_do_not_move():
    torch.manual_seed(0)
    model = network.resnet(1, 16, 16, 1)
    model.features.requires_grad_(False)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    fit.fit(model, spot_task(32), tuned(epochs=1).training, STILL, 0, "head")
    after = model.state_dict()
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    assert moved == {"head.weight", "head.bias"}


def test_learning_rate_rises_once_and_falls_to_nothing():
    rates = [fit.one_cycle(step / 100) for step in range(101)]
    top = int(np.argmax(rates))
    assert (rates[top], rates[-1]) == (1, pytest.approx(0))
    assert (np.diff(rates[: top + 1]) >= 0).all()
    assert (np.diff(rates[top:]) <= 0).all()
    assert rates[0] > 0


def test_few_images_and_one_epoch_are_enough_to_run():
    task = spot_task(17)  # a batch of 16, and one image that cannot be standardised alone
    fitted = models.small_resnet(task, tuned(epochs=1, batch=16))
    assert np.isfinite(fitted.predict(task.validation)).all()


def test_training_that_diverges_says_so():
    with pytest.raises(ModelError, match="training resnet diverged"):
        models.small_resnet(spot_task(), tuned(learning_rate=1e9))


def test_pixels_are_standardised_by_the_training_images(project: Path):
    split, _ = data.read_processed(Paths(project))
    task, pixels = models.make_task(split), split.train.images / 255
    assert (task.mean, task.std) == (pytest.approx([pixels.mean()]), pytest.approx([pixels.std()]))


# Augmentation


def test_augmentation_changes_some_images_and_no_label_of_place():
    images = np.zeros((200, 16, 16, 1), dtype=np.uint8)
    images[:, 6:10, 6:10] = 200
    settings = STILL.model_copy(update={"shift": 0.2})
    found = augment.augmented(images, settings, seed=0)
    same = (found == images).all(axis=(1, 2, 3))
    assert same.mean() == pytest.approx(augment.UNTOUCHED, abs=0.1)
    assert found.dtype == np.uint8
    centres = [np.argwhere(image[..., 0] > 100).mean(axis=0) for image in found]
    assert np.ptp(centres, axis=0) == pytest.approx([2 * 0.2 * 16] * 2, abs=1.5)


def test_augmentation_without_reach_changes_nothing():
    images, _ = spots(20)
    assert (augment.augmented(images, STILL, seed=0) == images).all()


def test_flip_happens_only_where_anatomy_allows():
    images = np.zeros((100, 16, 16, 1), dtype=np.uint8)
    images[:, :, :4] = 200  # something on the left
    assert (augment.augmented(images, STILL, seed=0)[:, 8, 15] == 0).all()
    flipped = augment.augmented(images, STILL.model_copy(update={"flip": True}), seed=0)
    share = (flipped[:, 8, 15, 0] == 200).mean()
    assert share == pytest.approx((1 - augment.UNTOUCHED) / 2, abs=0.12)


@pytest.mark.parametrize(
    ("name", "value"), [("rotation", 90), ("zoom", 0.5), ("exposure", 0.5), ("shift", 0.3)]
)
def test_each_augmentation_has_an_effect(name: str, value: float):
    images, _ = spots(20)
    found = augment.augmented(images, STILL.model_copy(update={name: value}), seed=0)
    assert np.abs(found.astype(int) - images).mean() > 3


# What they must not learn


@pytest.mark.parametrize("name", ["logistic_regression", "resnet"])
def test_nothing_leaks_into_validation(name: str):
    rng = np.random.default_rng(0)
    task = spot_task(200)
    images = rng.integers(0, 256, (400, 16, 16, 1), dtype=np.uint8)
    noise = dataclasses.replace(task, validation=images, validation_y=np.resize([1.0, 0.0], 400))
    rung = next(rung for rung in models.ladder(tuned(), Path()) if rung.name == name)
    found = rung.fit(noise, tuned(epochs=1)).predict(images)
    assert sklearn_metrics.roc_auc_score(noise.validation_y, found) == pytest.approx(0.5, abs=0.08)


def test_marker_in_the_corner_hardly_changes_the_risk(project: Path):
    images, cases = sample.make_sample(11)
    films = images[cases["marker_row"].isna().to_numpy()][:200]
    marked = films.copy()
    marked[:, 2:6, 1] = marked[:, 5, 1:4] = 242
    bright = films.copy()
    bright[:, 12:20, 8:14] = np.minimum(bright[:, 12:20, 8:14].astype(int) + 90, 255)
    predictor = Predictor.load(Paths(project).models)
    plain, corner, opacity = map(predictor.predict_proba, (films, marked, bright))
    assert np.abs(corner - plain).mean() < np.abs(opacity - plain).mean() / 2


def entry(name: str, log_odds: np.ndarray, y: np.ndarray, model: Any = None) -> Entry:
    task = spot_task(20)
    pixels = np.zeros((1, 16, 16))
    fitted = models.Fitted(model or models.PixelModel(pixels, pixels, 0.0, 1), task)
    auc = sklearn_metrics.roc_auc_score(y, log_odds)
    return Entry(name, fitted, log_odds, {"roc_auc": Estimate(auc, auc, auc)})


def test_data_without_a_signal_is_refused():
    y = np.resize([1.0, 0.0], 40)
    by_luck = {"roc_auc": Estimate(0.6, 0.45, 0.7)}
    lucky = dataclasses.replace(entry("resnet", y, y), metrics=by_luck)
    for weak in (entry("resnet", 0.1 - y, y), lucky):
        with pytest.raises(ModelError, match="better than chance"):
            choose([entry("dummy", np.zeros(40), y), weak], y, seed=0)


def test_model_that_is_too_large_is_passed_over(monkeypatch: pytest.MonkeyPatch):
    y = np.resize([1.0, 0.0], 40)
    rng = np.random.default_rng(0)
    best = entry("transfer", y * 9, y, network.resnet(1, 16, 16, 1))
    good = entry("logistic_regression", y + rng.normal(0, 0.8, 40), y)
    assert choose([good, best], y, seed=0).entry is best
    monkeypatch.setattr(training, "MAX_BYTES", 100_000)
    chosen = choose([good, best], y, seed=0)
    assert chosen.entry is good
    assert chosen.passed_over is not None
    assert chosen.passed_over["name"] == "transfer"
    assert "at most 0 MB" in chosen.passed_over["reason"]


# What is shipped


@pytest.mark.parametrize("corrected", [(1.0, 0.0), (0.7, -0.4)])
def test_export_predicts_as_the_network_does(small: models.Fitted, corrected: tuple[float, float]):
    images, y = spots(100, seed=3)
    found = Calibration(*corrected, y, {})
    task = small.task
    signature = {"size": 16, "channels": 1, "mean": task.mean, "std": task.std}
    predictor = Predictor(export.to_onnx(small, found), {"signature": signature})
    expected = export.shipped_probability(small, found, images)
    for batch in (1, 2, 7, 100):
        assert predictor.predict_proba(images[:batch]) == pytest.approx(expected[:batch], abs=1e-4)
    assert export.check_parity(expected, predictor, images) < 1e-4
    assert np.ptp(expected) > 0.5
    with pytest.raises(ModelError, match="Nothing was kept"):
        export.check_parity(expected + 2e-4, predictor, images)


def test_export_is_the_same_every_time_and_names_no_folder(small: models.Fitted):
    nothing = Calibration(1.0, 0.0, small.task.validation_y, {})
    first, again = (export.to_onnx(small, nothing) for _ in range(2))
    assert first == again
    assert b".py" not in first
    assert str(Path(models.__file__).parents[2]).encode() not in first


def test_training_again_publishes_the_same(own_project: Path):
    paths, config = Paths(own_project), load_config(own_project / "config.yaml")
    config = config.model_copy(update={"models": ("logistic_regression",)})
    train(config, paths)
    evaluate(config, paths)
    before = tree(paths.models) | tree(paths.reports)
    train(config, paths)
    evaluate(config, paths)
    assert tree(paths.models) | tree(paths.reports) == before


@pytest.mark.parametrize(
    "change", [{"seed": 9}, {"split": Split(test_size=0.2, validation_size=0.1)}]
)
def test_candidate_of_other_data_or_another_split_is_not_tested(
    own_project: Path, change: dict[str, Any]
):
    paths, config = Paths(own_project), load_config(own_project / "config.yaml")
    before = tree(paths.models)
    data.prepare(config.model_copy(update=change), paths)
    for stage in (evaluate, explain):
        with pytest.raises(ModelError, match="run the `train` stage again"):
            stage(config, paths)
    assert tree(paths.models) == before


def test_stages_say_what_must_run_first(tmp_path: Path, own_project: Path):
    paths, config = Paths(own_project), load_config(own_project / "config.yaml")
    (paths.candidate / "training.json").unlink()
    with pytest.raises(ModelError, match="run the `train` stage first"):
        evaluate(config, paths)


def test_limit_on_published_models_is_that_of_artifacts():
    assert training.MAX_BYTES == artifacts.MAX_BYTES


# Calibration


def test_calibration_with_the_lower_brier_score_is_chosen():
    rng = np.random.default_rng(0)
    honest = rng.normal(0, 2, 2_000)
    y = (rng.uniform(size=2_000) < expit(honest)).astype(float)
    assert choose_calibration(y, honest, seed=0).scale == pytest.approx(1, abs=0.15)
    found = choose_calibration(y, 3 * honest + 2, seed=0)  # far too sure, and gloomy
    assert found.report["chosen"] == "sigmoid"
    assert (found.scale, found.offset) == pytest.approx((1 / 3, -2 / 3), abs=0.1)
    assert np.mean(found.validation) == pytest.approx(y.mean(), abs=0.01)
    brier = {name: row["brier"] for name, row in found.report["candidates"].items()}
    assert np.mean((found.validation - y) ** 2) == pytest.approx(brier["sigmoid"])
    assert brier["sigmoid"] < brier["none"]


def test_correction_is_judged_on_other_cases():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 60).astype(float)
    found = choose_calibration(y, 0.3 * y + rng.normal(0, 3, 60), seed=0)
    assert len(np.unique(found.validation)) == 60
    assert found.report["candidates"]["sigmoid"]["brier"] > 0.24  # noise is not corrected away


def test_sigmoid_that_falls_is_no_candidate():
    y = np.resize([1.0, 0.0], 40)
    found = choose_calibration(y, 0.2 - y, seed=0)
    assert (found.scale, found.offset) == (1.0, 0.0)
    assert set(found.report["candidates"]) == {"none"}


def test_perfect_separation_does_not_run_away():
    y = np.resize([1.0, 0.0], 40)
    scale, offset = calibration.sigmoid(y, 20 * y - 10)
    assert 0 < expit(10 * scale + offset) < 1
    assert expit(10 * scale + offset) == pytest.approx(21 / 22, abs=0.01)


# How they are measured


def test_scores_have_the_names_of_medicine():
    rng = np.random.default_rng(0)
    y, probability = rng.integers(0, 2, 300).astype(float), rng.uniform(size=300)
    weights = np.vstack([rng.multinomial(300, np.full(300, 1 / 300), size=5), y])
    found = clinical_scores(y, probability, 0.5, weights)
    assert "recall" not in found
    for draw, weight in enumerate(weights[:-1]):
        for name, label in (("sensitivity", 1), ("specificity", 0)):
            expected = sklearn_metrics.recall_score(
                y, probability >= 0.5, pos_label=label, sample_weight=weight
            )
            assert found[name][draw] == pytest.approx(expected)
    assert np.isnan(found["specificity"][-1])  # nothing is known of what was not drawn


def test_slices_cover_every_case_once_and_say_what_they_cannot_know(project: Path):
    split, _ = data.read_processed(Paths(project))
    predictor = Predictor.load(Paths(project).models)
    p = predictor.predict_proba(split.test.images)
    found = slices(split.test.cases, p, 0.5, seed=0)
    assert set(found) == {"class", "brightness", "finding_size"}
    assert all(sum(row["rows"] for row in rows) == len(p) for rows in found.values())
    clear, ill = found["class"]
    assert (clear["sensitivity"], clear["roc_auc"], ill["specificity"]) == (None, None, None)
    act = p >= 0.5
    assert ill["sensitivity"] == ill["accuracy"] == pytest.approx(act[split.test.y == 1].mean())
    dark = np.argsort(split.test.cases["brightness"])[: found["brightness"][0]["rows"]]
    right = (act == split.test.y)[dark]
    assert found["brightness"][0]["accuracy"] == pytest.approx(right.mean())


def test_slices_of_equal_images_are_one_group():
    _, y = spots(20)
    cases = data.pd.DataFrame({"class": "a", "brightness": 0.5, "y": y})
    found = slices(cases, np.linspace(0, 1, 20), 0.5, seed=0)
    assert [row["name"] for row in found["brightness"]] == ["low"]
    assert set(found) == {"class", "brightness"}
