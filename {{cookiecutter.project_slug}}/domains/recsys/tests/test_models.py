"""Behaviour of the models: what they learn, what they must not do, and how they are judged."""

import shutil
import subprocess
import sys
from dataclasses import replace
from math import log2
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix

from recommender import data, models, neighbours, ranking, ratings, sample, wording
from recommender.config import Config, load_config
from recommender.data import DatasetInfo, Split
from recommender.errors import ConfigError, ModelError
from recommender.files import read_json
from recommender.linear import NO_ITEM, LinearRecommender, best
from recommender.models import Rung, ladder, recommend, score, too_large
from recommender.paths import Paths
from recommender.train import Slice, as_slice, item_texts, train, tune

from .conftest import SETTINGS

CONFIG = load_config(SETTINGS)
NAMES = ("popularity", *CONFIG.models)
LINEAR = [name for name in NAMES if name != "user_user"]

try:
    import torch  # noqa: F401

    WITH_NEURAL = CONFIG.model_copy(update={"models": (*CONFIG.models, "neural")})
except ModuleNotFoundError:
    WITH_NEURAL = None

needs_torch = pytest.mark.skipif(WITH_NEURAL is None, reason="torch, an extra, is not installed")
ALL = [*NAMES, pytest.param("neural", marks=needs_torch)]


@pytest.fixture(scope="module")
def readers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Split, DatasetInfo]:
    """The sample as the first stage leaves it."""
    paths = Paths(tmp_path_factory.mktemp("readers"))
    data.prepare(CONFIG, paths)
    return data.read_processed(paths)


@pytest.fixture(scope="module")
def task(readers: tuple[Split, DatasetInfo]) -> Slice:
    return as_slice(readers[0], readers[0].train, readers[0].validation)


def rung(name: str) -> Rung:
    config = WITH_NEURAL if name == "neural" else CONFIG
    return next(rung for rung in ladder(config) if rung.name == name)


def fit(name: str, likes: csr_matrix, texts: list[str], **changes: Any) -> models.Model:
    first = rung(name).settings(1, seed=0)[0]
    return rung(name).fit(likes, texts, first | changes, 0)


def ndcg(model: models.Model, task: Slice) -> float:
    lists = recommend(model, task.likes, task.seen, CONFIG.k)
    return float(ranking.accuracy(lists, task.relevant)["ndcg_at_10"][task.users].mean())


FITTED: dict[str, models.Model] = {}


@pytest.fixture
def fitted(request: pytest.FixtureRequest, readers: tuple[Split, DatasetInfo], task: Slice):
    """A model of the ladder, fitted once to the sample."""
    name = request.param
    if name not in FITTED:
        FITTED[name] = fit(name, task.likes, item_texts(readers[0]))
    return FITTED[name]


each_model = pytest.mark.parametrize("fitted", ALL, indirect=True)


def matrix(rows: list[list[int]]) -> csr_matrix:
    return csr_matrix(np.array(rows, np.float32))


# What they learn


@each_model
def test_no_model_is_worse_than_popularity(fitted: models.Model, task: Slice):
    assert ndcg(fitted, task) >= ndcg(neighbours.popularity(task.likes, [], {}, 0), task)


@pytest.mark.parametrize(
    "fitted", ["content", "user_user", "item_item", "svd", "ease", "als"], indirect=True
)
def test_models_of_taste_are_far_better(fitted: models.Model, task: Slice):
    assert ndcg(fitted, task) > 1.8 * ndcg(neighbours.popularity(task.likes, [], {}, 0), task)


@each_model
def test_models_never_learn_from_what_is_hidden(
    fitted: models.Model, readers: tuple[Split, DatasetInfo], task: Slice
):
    # On likes drawn anew for each user, from all by fame alone, there is no taste to learn.
    rng = np.random.default_rng(0)
    shuffled = readers[0].train.assign(item=rng.permutation(readers[0].train["item"]))
    noise = replace(task, likes=readers[0].matrix(shuffled.drop_duplicates(["user", "item"])))
    name = next(name for name, model in FITTED.items() if model is fitted)
    model = fit(name, noise.likes, [""] * len(readers[0].items))
    assert ndcg(model, noise) < 1.3 * ndcg(neighbours.popularity(task.likes, [], {}, 0), task)


@each_model
def test_seen_items_are_never_recommended(fitted: models.Model, task: Slice):
    lists = recommend(fitted, task.likes, task.seen, 50)
    assert lists.shape == (sample.USERS, 50)
    assert ranking.is_in(lists, task.seen).sum() == 0
    assert all(len(set(row)) == 50 for row in lists)


def test_who_has_seen_all_but_two_gets_two():
    likes, seen = matrix([[1, 0, 0, 0], [0, 0, 0, 0]]), matrix([[1, 0, 1, 0], [1, 1, 1, 1]])
    lists = recommend(LinearRecommender(np.array([4, 1, 3, 2.0])), likes, seen, 3)
    assert lists.tolist() == [[3, 1, NO_ITEM], [NO_ITEM] * 3]


@each_model
def test_same_seed_gives_the_same_scores(
    fitted: models.Model, readers: tuple[Split, DatasetInfo], task: Slice
):
    name = next(name for name, model in FITTED.items() if model is fitted)
    again = fit(name, task.likes, item_texts(readers[0]))
    np.testing.assert_array_equal(score(again, task.likes), score(fitted, task.likes))


@each_model
def test_users_without_likes_get_what_is_popular(fitted: models.Model, task: Slice):
    nobody = csr_matrix((1, task.likes.shape[1]), dtype=np.float32)
    counts = task.likes.sum(axis=0).A1
    found = recommend(fitted, nobody, nobody, 10)[0]
    assert counts[found].min() >= np.sort(counts)[-60]  # among the most popular tenth


@pytest.mark.parametrize("fitted", [*LINEAR], indirect=True)
def test_published_shape_scores_as_the_model(fitted: LinearRecommender, task: Slice):
    scores = score(fitted, task.likes[:20])
    for user in range(20):
        liked = task.likes[user].indices
        alone = fitted.scores(liked)
        scale = float(np.abs(alone).max())
        np.testing.assert_allclose(alone, scores[user], atol=1e-5 * scale)
        shares = fitted.contributions(liked, 7)
        assert len(shares) == len(liked)
        assert fitted.bias[7] + shares.sum() == pytest.approx(alone[7], abs=1e-5 * scale)


@pytest.mark.parametrize("name", ["content", "item_item", "ease", "svd"])
def test_neighbours_share_a_taste(readers: tuple[Split, DatasetInfo], task: Slice, name: str):
    model = fit(name, task.likes, item_texts(readers[0]))
    weights = model.weights if model.weights is not None else model.inputs @ model.outputs.T
    np.fill_diagonal(weights := weights.copy(), -np.inf)
    main = sample.truth(CONFIG.seed).item_tastes.argmax(axis=1)
    known = np.flatnonzero(task.likes.sum(axis=0).A1 >= 10)
    nearest = weights[known].argmax(axis=1)
    by_chance = (main[:, np.newaxis] == main).mean()
    assert (main[known] == main[nearest]).mean() > 3 * by_chance


def test_content_finds_items_that_nobody_has_met():
    likes = matrix([[1, 1, 0, 0], [0, 0, 0, 1], [1, 0, 0, 0]])
    texts = ["space ship", "space ship", "space ship", "cake oven"]
    model = neighbours.content(likes, texts, {"min_df": 1, "fame": 0.5}, 0)
    assert recommend(model, likes[2:], likes[2:], 2)[0].tolist() == [1, 2]


# Closed forms, against what they claim to solve


@pytest.mark.parametrize("users", [6, 40])  # fewer than items, and more
def test_ease_solves_its_regressions(users: int):
    rng = np.random.default_rng(0)
    likes = csr_matrix((rng.random((users, 12)) < 0.4).astype(np.float32))
    chosen = {"regularisation": 3.0, "damping": 0.0, "text_weight": 0}
    weights = neighbours.ease(likes, [""] * 12, chosen, 0).weights
    X = likes.toarray().astype(float)
    for item in range(12):
        others = [other for other in range(12) if other != item]
        A = X[:, others]
        expected = np.linalg.solve(A.T @ A + 3.0 * np.eye(11), A.T @ X[:, item])
        np.testing.assert_allclose(weights[others, item], expected, atol=1e-5)
    assert (np.diag(weights) == 0).all()


def test_words_make_items_near_that_nobody_liked_together():
    likes = matrix([[1, 0, 0, 0]] * 5 + [[0, 1, 0, 0]] * 5 + [[0, 0, 1, 1]] * 5)
    texts = ["space ship", "space ship", "cake", "cake"]
    chosen = {"regularisation": 1.0, "damping": 0.0}
    with_words, without = (
        neighbours.ease(likes, texts, chosen | {"text_weight": weight}, 0).weights
        for weight in (3, 0)
    )
    assert with_words[0, 1] > 0.1 > abs(without[0, 1])


def test_item_item_is_the_shrunk_cosine():
    likes = matrix([[1, 1, 0], [1, 1, 0], [1, 0, 1], [0, 0, 1]])
    weights = neighbours.item_item(likes, [], {"shrink": 2, "neighbours": 3}, 0).weights
    assert weights[0, 1] == pytest.approx(2 / (np.sqrt(3 * 2) + 2))
    assert weights[0, 2] == pytest.approx(1 / (np.sqrt(3 * 2) + 2))
    assert weights[1, 2] == weights[0, 0] == 0
    nearest = neighbours.item_item(likes, [], {"shrink": 2, "neighbours": 1}, 0).weights
    assert (nearest > 0).sum(axis=0).tolist() == [1, 1, 1]


def test_user_user_asks_the_nearest():
    likes = matrix([[1, 1, 1, 0], [1, 1, 0, 1], [0, 0, 1, 0]])
    model = neighbours.user_user(likes, [], {"neighbours": 1}, 0)
    nearest = model.scores(matrix([[0, 1, 0, 1]]))[0]
    assert nearest[0] == pytest.approx(2 / np.sqrt(2 * 3), abs=1e-3)
    assert nearest[2] < 1e-3


# Metrics by hand


def test_accuracy_of_lists_worked_out_by_hand():
    lists = np.array([[3, 0, 1], [2, 1, 0], [0, 1, 2], [4, NO_ITEM, NO_ITEM]])
    relevant = matrix([[1, 0, 1, 0, 0], [1, 1, 1, 1, 0], [0] * 5, [0, 0, 0, 0, 1]])
    found = ranking.accuracy(lists, relevant)
    nan = float("nan")
    second = 1 / log2(3)  # the discount of the second place
    expected = {
        "ndcg_at_3": [second / (1 + second), 1, nan, 1],
        "recall_at_3": [1 / 2, 3 / 4, nan, 1],
        "precision_at_3": [1 / 3, 1, nan, 1 / 3],
        "map_at_3": [(1 / 2) / 2, 1, nan, 1],
    }
    assert list(found) == list(expected)
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, err_msg=name)


def test_character_of_lists_worked_out_by_hand():
    # Items 0 and 1 are liked by the same two users, item 2 by another, item 3 by nobody.
    likes = matrix([[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0]])
    lists = np.array([[0, 1], [0, 2], [3, NO_ITEM]])
    found = ranking.character(lists, likes)
    common, rare, new = -log2(3 / 4), -log2(2 / 4), -log2(1 / 4)
    np.testing.assert_allclose(found["novelty"], [common, (common + rare) / 2, new])
    np.testing.assert_allclose(found["diversity"], [0, 1, 1], atol=1e-6)
    np.testing.assert_allclose(found["popularity_share"], [1 / 2, 1 / 2, 0])
    assert ranking.coverage(lists, 5) == 4 / 5
    three = ranking.character(np.array([[0, 1, 2]] * 3), likes)
    np.testing.assert_allclose(three["diversity"], 1 - 1 / 3)  # one pair of three is alike


def test_best_are_sorted_and_of_equals_the_first():
    scores = np.array([[1, 5, 3, 5, -np.inf], [-np.inf] * 5, [2, 2, 2, 2, 2]])
    expected = [[1, 3, 2], [NO_ITEM] * 3, [0, 1, 2]]
    assert best(scores, 3).tolist() == expected
    assert best(scores, 9).shape == (3, 5)


def test_best_agrees_with_sorting_everything():
    scores = np.random.default_rng(0).integers(0, 40, (50, 200)).astype(float)
    slow = np.argsort(-scores, axis=1, kind="stable")[:, :10]
    np.testing.assert_array_equal(best(scores, 10), slow)


def test_intervals_are_over_the_users_who_count():
    vector = np.concatenate([np.resize([0.0, 1.0], 200), np.full(50, np.nan)])
    found = ranking.summarise({"hits": vector}, ~np.isnan(vector), seed=0)["hits"]
    assert found.value == 0.5
    assert found.high - found.low == pytest.approx(2 * 1.96 * 0.5 / np.sqrt(200), rel=0.15)


def test_rating_errors_worked_out_by_hand():
    train = pd.DataFrame({"user": [0, 0, 1], "item": [0, 1, 0], "rating": [5.0, 1.0, 3.0]})
    test = pd.DataFrame({"user": [1, 2], "item": [1, 2], "rating": [1.0, 4.0]})
    found = ratings.rating_errors(train, test, 3, 3, seed=0)
    assert found["mean"] == {"rmse": pytest.approx(np.sqrt((4 + 1) / 2)), "mae": 1.5}
    assert ratings.rating_errors(train.drop(columns="rating"), test, 3, 3, seed=0) is None


def test_rating_models_find_what_was_put_in():
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"user": rng.integers(0, 80, 4000), "item": rng.integers(0, 60, 4000)})
    of_user, of_item = rng.normal(0, 0.5, 80), rng.normal(0, 0.5, 60)
    tastes = rng.normal(0, 0.8, (80, 1)) * rng.normal(0, 0.8, (60, 1)).T
    pair = table["user"].to_numpy(), table["item"].to_numpy()
    table["rating"] = 3 + of_user[pair[0]] + of_item[pair[1]] + tastes[pair]
    found = ratings.rating_errors(table[:3000], table[3000:], 80, 60, seed=0)
    rmse = {name: errors["rmse"] for name, errors in found.items()}
    assert rmse["matrix_factorisation"] < 0.6 * rmse["bias"] < 0.6 * 0.9 * rmse["mean"]


# The ladder


def test_first_settings_are_always_tried_and_none_twice():
    for entry in ladder(CONFIG):
        tried = entry.settings(6, seed=1)
        assert tried[0] == {name: values[0] for name, values in entry.space.items()}
        assert len({tuple(settings.items()) for settings in tried}) == len(tried)
        assert entry.settings(1, seed=1) == tried[:1]
        assert len(tried) == 6 or not entry.space or entry.name == "user_user"


def test_best_settings_of_validation_win(readers: tuple[Split, DatasetInfo], task: Slice):
    entry = replace(rung("item_item"), space={"neighbours": [1, 100], "shrink": [0]})
    config = CONFIG.model_copy(update={"search": CONFIG.search.model_copy(update={"draws": 2})})
    tuned = tune(entry, item_texts(readers[0]), task, config)
    assert tuned.settings == {"neighbours": 100, "shrink": 0}
    assert tuned.tried == 2
    best = fit("item_item", task.likes, [], neighbours=100, shrink=0)
    assert tuned.metrics["ndcg_at_10"].value == pytest.approx(ndcg(best, task))


def with_memory(gigabytes: float) -> Config:
    limits = CONFIG.limits.model_copy(update={"memory_gb": gigabytes})
    return CONFIG.model_copy(update={"limits": limits})


def test_model_that_does_not_fit_in_memory_is_left_out_with_its_size(
    readers: tuple[Split, DatasetInfo],
):
    info = replace(readers[1], users=50_000, items=20_000)
    sentence = too_large(rung("item_item"), info, CONFIG)
    assert sentence == (
        "item_item is left out: with 50,000 users and 20,000 items it takes about 4.8 GB to "
        "train, and `limits.memory_gb` is 4."
    )
    assert too_large(rung("als"), info, CONFIG) is None
    assert too_large(rung("item_item"), info, with_memory(5)) is None


def test_ladder_goes_on_without_what_does_not_fit(project: Path, tmp_path: Path):
    shutil.copytree(project / "data", tmp_path / "data")
    needed = rung("ease").memory(sample.USERS, sample.ITEMS) / 1e9
    train(with_memory(needed * 0.99), Paths(tmp_path))
    found = read_json(tmp_path / "models" / "candidate" / "training.json")
    names = [entry["name"] for entry in found["models"]]
    assert "ease" not in names
    assert {"popularity", "als", "bpr"} <= set(names)
    assert "ease" in found["left_out"]
    assert found["selected"] in names


def test_popularity_is_never_left_out(project: Path, tmp_path: Path):
    shutil.copytree(project / "data", tmp_path / "data")
    with pytest.raises(ModelError, match=r"raise `limits.memory_gb`: content is left out"):
        train(with_memory(1e-9), Paths(tmp_path))


def test_best_that_can_be_published_is_chosen(project: Path):
    found = read_json(project / "models" / "candidate" / "training.json")
    assert [entry["name"] for entry in found["models"]] == list(NAMES)
    scores = {e["name"]: e["metrics"]["ndcg_at_10"] for e in found["models"] if e["exportable"]}
    assert "user_user" not in scores
    assert found["selected"] == max(scores, key=lambda name: scores[name]["value"])
    assert scores[found["selected"]]["low"] > scores["popularity"]["high"]


def test_lead_is_measured_over_the_same_users(project: Path):
    found = read_json(project / "models" / "candidate" / "training.json")
    scores = {entry["name"]: entry["metrics"]["ndcg_at_10"] for entry in found["models"]}
    chosen, baseline, lead = scores[found["selected"]], scores["popularity"], found["lead"]
    assert lead["value"] == pytest.approx(chosen["value"] - baseline["value"], abs=1e-5)
    assert 0 < lead["low"] < lead["value"] < lead["high"]
    # What users have in common cancels out.
    assert lead["high"] - lead["low"] < chosen["high"] - chosen["low"] + (
        baseline["high"] - baseline["low"]
    )


@pytest.mark.parametrize(("low", "words"), [(0.01, "flatters a little"), (-0.01, "may be chance")])
def test_lead_that_may_be_chance_is_called_so(project: Path, low: float, words: str):
    metrics = read_json(project / "reports" / "metrics.json")
    metrics["recsys"]["lead"]["low"] = low
    assert words in wording.lead(metrics)


def test_titles_that_are_ids_are_no_text(readers: tuple[Split, DatasetInfo]):
    items = readers[0].items.assign(title=readers[0].items["id"], text="")
    assert set(item_texts(replace(readers[0], items=items))) == {""}


def test_nothing_is_published_that_is_no_better_than_popularity(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    shutil.copytree(project / "data", tmp_path / "data")
    unable = replace(rung("content"), fit=neighbours.popularity)
    rungs = [rung("popularity"), unable]
    monkeypatch.setattr(f"{train.__module__}.ladder", lambda config: rungs)
    with pytest.raises(ModelError, match="no model that can be published recommends better"):
        train(CONFIG, Paths(tmp_path))
    assert not (tmp_path / "models").exists()


# The extra


def test_neural_without_torch_is_refused_with_the_remedy(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(models, "find_spec", lambda name: None)
    config = CONFIG.model_copy(update={"models": ("svd", "neural")})
    with pytest.raises(ConfigError, match="uv sync --extra neural"):
        ladder(config)
    assert len(ladder(CONFIG)) == len(NAMES)


def test_models_without_the_extra_do_not_import_torch():
    code = "import sys, recommender.train; print('torch' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "False"
