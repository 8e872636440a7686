"""Behaviour of the models: what they learn, what they must not learn, and what is shipped."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from conftest import SETTINGS, tree
from scipy.special import expit
from sklearn import metrics as sklearn_metrics

from imaging import data, evaluate, explain, models, network, readme, sample, train
from imaging.config import Augmentation, Config, Split, load_config
from imaging.kit import ModelError
from imaging.kit.files import Paths, read_json
from imaging.kit.store import seal
from imaging.money import Cases
from imaging.predictor import Predictor
from imaging.train import Calibration, calibrate, compare

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


def spot_task(count: int = 160) -> network.Task:
    (images, y), (others, their_y) = spots(count), spots(60, seed=1)
    return network.Task(images, y, others, their_y, mean=[0.4], std=[0.15])


def varied(images: np.ndarray, settings: Augmentation, seed: int) -> np.ndarray:
    """The images, each as training might see it."""
    generator = torch.Generator().manual_seed(seed)
    changed = network.augment(network.to_tensor(images), settings, generator).numpy()
    return (changed.transpose(0, 2, 3, 1) * 255).round().astype(np.uint8)


def tuned(**changes: Any) -> Config:
    phase = {"steps": 80, "batch": 16, "learning_rate": 0.01} | changes
    return CONFIG.model_copy(
        update={"training": CONFIG.training.model_copy(update=phase), "augmentation": STILL}
    )


@pytest.fixture(scope="module")
def small() -> network.Fitted:
    """A network that has learned to find spots."""
    return models.small_resnet(spot_task(), tuned())


# What they learn


def test_every_model_beats_the_dummy_and_the_best_is_chosen(project: Path):
    report = read_json(project / "reports" / "metrics.json", "evaluate")
    scores = {model["name"]: model["metrics"]["roc_auc"] for model in report["models"]}
    dummy = scores.pop("dummy")
    assert list(scores) == ["logistic_regression", "resnet"]
    assert all(score["low"] > dummy["value"] == 0.5 for score in scores.values())
    chosen = [model["name"] for model in report["models"] if model["selected"]]
    assert chosen == [max(scores, key=lambda name: scores[name]["value"])]
    assert report["test"]["roc_auc"]["low"] > 0.6


def test_network_finds_what_is_there_wherever_it_is(small: network.Fitted):
    images, y = spots(100, seed=2)
    assert sklearn_metrics.roc_auc_score(y, small.log_odds(images)) > 0.95


def test_best_epoch_is_kept(small: network.Fitted):
    best = min(small.curve, key=lambda row: row["validation_loss"])
    found = small.log_odds(small.task.validation)
    y = small.task.validation_y
    assert sklearn_metrics.log_loss(y, expit(found)) == pytest.approx(best["validation_loss"])


def test_same_seed_trains_the_same_network():
    task, config = spot_task(40), tuned(steps=1)
    first, again = (models.small_resnet(task, config).log_odds(task.validation) for _ in range(2))
    other = models.small_resnet(task, config.model_copy(update={"seed": 4}))
    assert (first == again).all()
    assert (first != other.log_odds(task.validation)).any()


def test_few_images_get_smaller_batches_and_as_many_steps(monkeypatch: pytest.MonkeyPatch):
    seen: list[int] = []
    augment = network.augment
    monkeypatch.setattr(network, "PATIENCE", 2)
    monkeypatch.setattr(network, "augment", lambda x, *a: seen.append(len(x)) or augment(x, *a))
    for count, size in ((40, 8), (120, 12), (320, 16)):
        seen.clear()
        curve = models.small_resnet(spot_task(count), tuned(steps=20)).curve
        assert (set(seen), len(seen)) == ({size}, 20)
        assert curve[-1]["epoch"] == 20 * size / count


def test_weights_are_averaged_over_the_last_tenth_of_steps(monkeypatch: pytest.MonkeyPatch):
    model, seen = network.resnet(1, 16, 16, 1), []

    class Spy(network.OneCycleLR):
        def step(self) -> None:
            seen.append(model.head.weight.detach().clone())
            super().step()

    monkeypatch.setattr(network, "OneCycleLR", Spy)
    curve = network.fit(model, spot_task(), tuned(steps=20).training, STILL, 0, "it")
    assert min(curve, key=lambda row: row["validation_loss"]) == curve[-1]
    shares = np.eye(20)[0]  # of the weights after each step: at first the first has all
    for step in range(1, 20):
        shares += (np.eye(20)[step] - shares) * 10 / (step + 10)
    expected = sum(share * weight for share, weight in zip(shares, seen[1:], strict=True))
    assert torch.allclose(model.head.weight, expected, atol=1e-6)


def test_training_ends_where_it_only_hurts_and_keeps_the_start():
    task, config = spot_task(), tuned(steps=200)
    wrong = dataclasses.replace(task, validation_y=1 - task.validation_y)
    found = models.small_resnet(wrong, config)
    assert found.curve[-1]["epoch"] == network.PATIENCE * 20
    torch.manual_seed(config.seed)
    start = network.Fitted(network.resnet(1, 16, **models.SMALL), task)
    expected = start.log_odds(task.validation)
    assert found.log_odds(task.validation) == pytest.approx(expected, abs=1e-5)


def test_training_that_was_still_improving_says_so(own_project: Path, capsys: Any):
    paths, config = Paths(own_project), load_config(own_project / "config.yaml")
    training = config.training.model_copy(update={"steps": 1})
    train.run(config.model_copy(update={"training": training}), paths)
    assert "ResNet from scratch was still improving: more `steps`" in capsys.readouterr().out
    evaluate.run(config, paths)
    metrics = read_json(paths.reports / "metrics.json", "evaluate")
    assert "steps ended: ResNet from scratch." in readme.results(metrics, {"result": ""})
    metrics["models"][-1]["still_improving"] = False
    assert "till improving" not in readme.results(metrics, {"result": ""})


def test_training_that_diverges_says_so():
    with pytest.raises(ModelError, match="training resnet diverged"):
        models.small_resnet(spot_task(), tuned(learning_rate=1e9))


# Augmentation


def test_augmentation_changes_some_images_and_no_label_of_place():
    images = np.zeros((200, 16, 16, 1), dtype=np.uint8)
    images[:, 6:10, 6:10] = 200
    settings = STILL.model_copy(update={"shift": 0.2})
    found = varied(images, settings, seed=0)
    same = (found == images).all(axis=(1, 2, 3))
    assert same.mean() == pytest.approx(network.UNTOUCHED, abs=0.1)
    assert found.dtype == np.uint8
    centres = [np.argwhere(image[..., 0] > 100).mean(axis=0) for image in found]
    assert np.ptp(centres, axis=0) == pytest.approx([2 * 0.2 * 16] * 2, abs=1.5)


def test_flip_happens_only_where_anatomy_allows():
    images = np.zeros((100, 16, 16, 1), dtype=np.uint8)
    images[:, :, :4] = 200  # something on the left
    assert (varied(images, STILL, seed=0)[:, 8, 15] == 0).all()
    flipped = varied(images, STILL.model_copy(update={"flip": True}), seed=0)
    share = (flipped[:, 8, 15, 0] == 200).mean()
    assert share == pytest.approx((1 - network.UNTOUCHED) / 2, abs=0.12)


# What they must not learn


@pytest.mark.parametrize("name", ["logistic_regression", "resnet"])
def test_nothing_leaks_into_validation(name: str):
    rng = np.random.default_rng(0)
    task = spot_task(200)
    images = rng.integers(0, 256, (400, 16, 16, 1), dtype=np.uint8)
    noise = dataclasses.replace(task, validation=images, validation_y=np.resize([1.0, 0.0], 400))
    found = models.ladder(tuned(), Path())[name](noise, tuned(steps=1)).log_odds(images)
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


def test_data_without_a_signal_is_refused(own_project: Path):
    paths, config = Paths(own_project), load_config(own_project / "config.yaml")
    config = config.model_copy(update={"models": ("logistic_regression",)})
    cases = pd.read_parquet(paths.processed / "cases.parquet")
    shuffled = np.random.default_rng(0).permutation(cases["y"])
    cases.assign(y=shuffled).to_parquet(paths.processed / "cases.parquet")
    seal(paths.processed)
    before = tree(paths.models)
    with pytest.raises(ModelError, match="better than chance"):
        train.run(config, paths)
    assert tree(paths.models) == before


def test_models_are_compared_case_by_case():
    rng = np.random.default_rng(0)
    y = np.resize([1.0, 0.0], 400)
    good = 2 * y + rng.normal(0, 1.5, 400)
    odds = {"good": good, "nearly": good - 0.3 * y, "blind": np.zeros(400)}
    found = compare(y, odds, "good", seed=0)
    assert found["good difference"].value == found["good difference"].high == 0
    # Their own intervals overlap widely; on the same cases one is surely ahead.
    assert found["nearly roc_auc"].high > found["good roc_auc"].low
    assert found["nearly difference"].high < 0
    assert found["blind roc_auc"].value == 0.5


# What is shipped


@pytest.mark.parametrize("corrected", [(1.0, 0.0), (0.7, -0.4)])
def test_export_predicts_as_the_network_does(small: network.Fitted, corrected: tuple[float, float]):
    images, y = spots(100, seed=3)
    task = small.task
    signature = {"size": 16, "channels": 1, "mean": task.mean, "std": task.std}
    content = train.to_onnx(small, Calibration(*corrected, y, {}))
    predictor = Predictor(content, {"signature": signature})
    expected = expit(corrected[0] * small.log_odds(images) + corrected[1])
    for batch in (1, 2, 7, 100):
        assert predictor.predict_proba(images[:batch]) == pytest.approx(expected[:batch], abs=1e-4)
    assert train.check_parity(expected, predictor, images) < 1e-4
    assert np.ptp(expected) > 0.5
    with pytest.raises(ModelError, match="Nothing was kept"):
        train.check_parity(expected + 2e-4, predictor, images)


def test_export_is_the_same_every_time_and_names_no_folder(small: network.Fitted):
    nothing = Calibration(1.0, 0.0, small.task.validation_y, {})
    first, again = (train.to_onnx(small, nothing) for _ in range(2))
    assert first == again
    assert b".py" not in first
    assert str(Path(models.__file__).parents[2]).encode() not in first


def test_training_again_publishes_the_same(own_project: Path):
    paths, config = Paths(own_project), load_config(own_project / "config.yaml")
    config = config.model_copy(update={"models": ("logistic_regression",)})
    found = []
    for _ in range(2):
        train.run(config, paths)
        evaluate.run(config, paths)
        found.append(tree(paths.models) | tree(paths.reports))
    assert found[0] == found[1]


@pytest.mark.parametrize(
    "change", [{"seed": 9}, {"split": Split(test_size=0.2, validation_size=0.1)}]
)
def test_model_of_other_data_or_another_split_is_not_tested(
    own_project: Path, change: dict[str, Any]
):
    paths, config = Paths(own_project), load_config(own_project / "config.yaml")
    before = tree(paths.models)
    data.run(config.model_copy(update=change), paths)
    for stage in (evaluate, explain):
        with pytest.raises(ModelError, match="other data"):
            stage.run(config, paths)
    assert tree(paths.models) == before


# Calibration


def test_calibration_with_the_lower_loss_is_chosen():
    rng = np.random.default_rng(0)
    honest = rng.normal(0, 2, 2_000)
    y = (rng.uniform(size=2_000) < expit(honest)).astype(float)
    assert calibrate(y, honest, seed=0).scale == pytest.approx(1, abs=0.15)
    found = calibrate(y, 3 * honest + 2, seed=0)  # far too sure, and gloomy
    assert found.report["chosen"] == "sigmoid"
    assert (found.scale, found.offset) == pytest.approx((1 / 3, -2 / 3), abs=0.1)
    assert np.mean(found.validation) == pytest.approx(y.mean(), abs=0.01)
    losses = found.report["log_loss"]
    assert sklearn_metrics.log_loss(y, found.validation) == pytest.approx(losses["sigmoid"])
    assert losses["sigmoid"] < losses["none"]


def test_correction_is_judged_on_other_cases():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 60).astype(float)
    found = calibrate(y, 0.3 * y + rng.normal(0, 3, 60), seed=0)
    assert found.report["log_loss"]["sigmoid"] > 0.68  # noise is not corrected away


def test_sigmoid_that_falls_is_no_candidate():
    y = np.resize([1.0, 0.0], 40)
    found = calibrate(y, 0.2 - y, seed=0)
    assert (found.scale, found.offset) == (1.0, 0.0)
    assert set(found.report["log_loss"]) == {"none"}


def test_perfect_separation_does_not_run_away():
    y = np.resize([1.0, 0.0], 40)
    scale, offset = train.sigmoid(y, 20 * y - 10)
    assert 0.9 < expit(10 * scale + offset) < 1


# How they are measured


def test_scores_have_the_names_of_medicine_and_intervals_at_the_edge():
    rng = np.random.default_rng(0)
    y, p = rng.integers(0, 2, 300).astype(float), rng.uniform(size=300)
    found = evaluate.score(Cases(y, p, {}), p > 0.5, seed=0)
    for name, label in (("sensitivity", 1), ("specificity", 0)):
        expected = sklearn_metrics.recall_score(y, p > 0.5, pos_label=label)
        assert found[name]["value"] == pytest.approx(expected)
    assert found["precision"]["value"] == sklearn_metrics.precision_score(y, p > 0.5)
    sure = evaluate.score(Cases(y, y, {}), y == 1, seed=0)["sensitivity"]
    # Wilson: where none of n is missed, it starts at n / (n + z squared).
    assert [sure["low"], sure["high"]] == pytest.approx(
        [y.sum() / (y.sum() + 1.96**2), 1], abs=1e-5
    )
    assert np.isnan(evaluate.proportion(np.array([], bool))["value"])


def test_slices_cover_every_case_once(project: Path):
    split, _ = data.read_processed(Paths(project))
    p = Predictor.load(Paths(project).models).predict_proba(split.test.images)
    found = pd.DataFrame(evaluate.slices(split.test.cases, p >= 0.5))
    ill, right = split.test.y == 1, (p >= 0.5) == split.test.y
    rows = found.groupby("kind")["rows"].sum()
    assert rows.to_dict() == {"class": len(p), "brightness": len(p), "diameter": ill.sum()}
    opacity = found[found["name"] == "opacity"].iloc[0]
    assert opacity["accuracy"]["value"] == pytest.approx(right[ill].mean())
    assert opacity["rows"] == ill.sum()
    dark = np.argsort(split.test.cases["brightness"])[
        : found[found["name"] == "dark"].iloc[0]["rows"]
    ]
    expected = right[dark].mean()
    assert found[found["name"] == "dark"].iloc[0]["accuracy"]["value"] == pytest.approx(expected)


def test_images_of_one_shade_are_in_no_third():
    cases = pd.DataFrame({"class": "a", "brightness": 0.5, "y": np.resize([1.0, 0.0], 20)})
    found = evaluate.slices(cases, np.resize([True, False], 20))
    assert [row["kind"] for row in found] == ["class"]
