"""Behaviour of the models: what they learn, what they must not do, and how they are judged."""

import shutil
import subprocess
import sys
import time
from dataclasses import replace
from io import BytesIO
from math import log2
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import SETTINGS
from scipy.sparse import csr_matrix

from recommender import data, models, ranking, sample, train
from recommender.config import Config, load_config
from recommender.data import DatasetInfo, Split, Task
from recommender.kit import ModelError
from recommender.kit.files import Paths, read_json
from recommender.kit.store import seal
from recommender.ladder import SPACES, Model, Rung, ladder, memory, recommend, unfit
from recommender.linear import NO_ITEM, Factors, ItemWeights, best, dense, keep_largest

CONFIG = load_config(SETTINGS)
NAMES = ("popularity", *CONFIG.models)
LINEAR = [name for name in NAMES if name != "user_user"]

try:
    import torch  # noqa: F401

    WITH_NEURAL: Config | None = CONFIG.model_copy(update={"models": (*CONFIG.models, "neural")})
except ModuleNotFoundError:
    WITH_NEURAL = None

needs_torch = pytest.mark.skipif(WITH_NEURAL is None, reason="torch, an extra, is not installed")
ALL = [*NAMES, pytest.param("neural", marks=needs_torch)]


@pytest.fixture(scope="module")
def readers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Split, DatasetInfo]:
    """The sample as the first stage leaves it."""
    paths = Paths(tmp_path_factory.mktemp("readers"))
    data.run(CONFIG, paths)
    return data.read_processed(paths)


@pytest.fixture(scope="module")
def task(readers: tuple[Split, DatasetInfo]) -> Task:
    return readers[0].task("validation")


def rung(name: str) -> Rung:
    config = WITH_NEURAL if name == "neural" else CONFIG
    return next(rung for rung in ladder(config) if rung.name == name)


def fit(name: str, likes: csr_matrix, texts: list[str], **changes: Any) -> Model:
    first = rung(name).draw(1, 0, rung(name).most(likes, texts))[0]
    return rung(name).fit(likes, texts, first | changes, 0)


def ndcg(model: Model, task: Task) -> float:
    lists = recommend(model, task, CONFIG.k)
    return float(ranking.accuracy(lists, task.relevant)["ndcg_at_10"][task.users].mean())


FITTED: dict[str, Model] = {}


@pytest.fixture
def fitted(request: pytest.FixtureRequest, readers: tuple[Split, DatasetInfo], task: Task):
    """A model of the ladder, fitted once to the sample."""
    name = request.param
    if name not in FITTED:
        FITTED[name] = fit(name, task.likes, readers[0].texts())
    return FITTED[name]


each_model = pytest.mark.parametrize("fitted", ALL, indirect=True)


def matrix(rows: list[list[int]]) -> csr_matrix:
    return csr_matrix(np.array(rows, np.float32))


def by_bias(bias: list[float]) -> Factors:
    """A model that scores items alike for everybody."""
    nothing = np.zeros((len(bias), 0), np.float32)
    return Factors(np.array(bias, np.float32), nothing, nothing)


def alone(task: Task, likes: csr_matrix) -> Task:
    """The task in which nothing is known but ``likes``."""
    return replace(task, likes=likes, seen=likes)


# What they learn


@each_model
def test_no_model_is_worse_than_popularity(fitted: Model, task: Task):
    assert ndcg(fitted, task) >= ndcg(models.popularity(task.likes, [], {}, 0), task)


@pytest.mark.parametrize(
    "fitted", ["content", "user_user", "item_item", "svd", "ease", "als", "bpr"], indirect=True
)
def test_models_of_taste_are_far_better(fitted: Model, task: Task):
    assert ndcg(fitted, task) > 1.8 * ndcg(models.popularity(task.likes, [], {}, 0), task)


@each_model
def test_models_never_learn_from_what_is_hidden(
    fitted: Model, readers: tuple[Split, DatasetInfo], task: Task
):
    # On likes drawn anew for each user, from all by fame alone, there is no taste to learn.
    rng = np.random.default_rng(0)
    shuffled = readers[0].train.assign(item=rng.permutation(readers[0].train["item"]))
    noise = replace(task, likes=readers[0].matrix(shuffled.drop_duplicates(["user", "item"])))
    name = next(name for name, model in FITTED.items() if model is fitted)
    model = fit(name, noise.likes, [""] * len(readers[0].items))
    assert ndcg(model, noise) < 1.3 * ndcg(models.popularity(task.likes, [], {}, 0), task)


@each_model
def test_seen_items_are_never_recommended(fitted: Model, task: Task):
    lists = recommend(fitted, task, 50)
    assert lists.shape == (sample.USERS, 50)
    assert ranking.is_in(lists, task.seen).sum() == 0
    assert all(len(set(row)) == 50 for row in lists)


def test_who_has_seen_all_but_two_gets_two():
    likes, seen = matrix([[1, 0, 0, 0], [0, 0, 0, 0]]), matrix([[1, 0, 1, 0], [1, 1, 1, 1]])
    lists = recommend(by_bias([4, 1, 3, 2.0]), Task(likes, seen, likes), 3)
    assert lists.tolist() == [[3, 1, NO_ITEM], [NO_ITEM] * 3]


@each_model
def test_same_seed_gives_the_same_scores(
    fitted: Model, readers: tuple[Split, DatasetInfo], task: Task
):
    name = next(name for name, model in FITTED.items() if model is fitted)
    again = fit(name, task.likes, readers[0].texts())
    np.testing.assert_array_equal(again.score_all(task.likes), fitted.score_all(task.likes))


@each_model
def test_users_without_likes_get_what_is_popular(fitted: Model, task: Task):
    nobody = csr_matrix((1, task.likes.shape[1]), dtype=np.float32)
    counts = task.likes.sum(axis=0).A1
    found = recommend(fitted, alone(task, nobody), 10)[0]
    assert counts[found].min() >= np.sort(counts)[-60]  # among the most popular tenth


@pytest.mark.parametrize("fitted", [*LINEAR], indirect=True)
def test_published_shape_scores_as_the_model(fitted: Factors | ItemWeights, task: Task):
    scores = fitted.score_all(task.likes[:20])
    published = fitted if isinstance(fitted, Factors) else keep_largest(fitted, sample.ITEMS)
    for user in range(20):
        liked = task.likes[user].indices
        alone = published.scores(liked)
        scale = float(np.abs(alone).max())
        np.testing.assert_allclose(alone, scores[user], atol=1e-5 * scale)
        shares = published.contributions(liked, 7)
        assert len(shares) == len(liked)
        assert published.bias[7] + shares.sum() == pytest.approx(alone[7], abs=1e-5 * scale)
    again = dense(published).score_all(task.likes[:20])
    np.testing.assert_allclose(again, scores, atol=1e-5 * float(np.abs(scores).max()))


@pytest.mark.parametrize("name", ["content", "item_item", "ease", "svd"])
def test_neighbours_share_a_taste(readers: tuple[Split, DatasetInfo], task: Task, name: str):
    model = fit(name, task.likes, readers[0].texts())
    weights = model.weights if isinstance(model, ItemWeights) else model.inputs @ model.outputs.T
    np.fill_diagonal(weights := weights.copy(), -np.inf)
    main = sample.truth(CONFIG.seed).item_tastes.argmax(axis=1)
    known = np.flatnonzero(task.likes.sum(axis=0).A1 >= 10)
    nearest = weights[known].argmax(axis=1)
    by_chance = (main[:, np.newaxis] == main).mean()
    assert (main[known] == main[nearest]).mean() > 3 * by_chance


def test_content_finds_items_that_nobody_has_met():
    likes = matrix([[1, 1, 0, 0], [0, 0, 0, 1], [1, 0, 0, 0]])
    texts = ["space ship", "space ship", "space ship", "cake oven"]
    model = models.content(likes, texts, {"min_df": 1, "fame": 0.5}, 0)
    reader = Task(likes[2:], likes[2:], likes[2:])
    assert recommend(model, reader, 2)[0].tolist() == [1, 2]


def test_fixed_list_comes_in_its_order_and_then_what_is_liked_most():
    likes = matrix([[1, 1, 0, 0], [0, 1, 0, 1], [0, 1, 0, 1]])
    nobody = matrix([[0, 0, 0, 0], [0, 0, 1, 0]])
    lists = recommend(models.fixed_list(likes, [2, 0]), Task(nobody, nobody, nobody), 4)
    assert lists.tolist() == [[2, 0, 1, 3], [0, 1, 3, NO_ITEM]]


# Closed forms, against what they claim to solve


@pytest.mark.parametrize("users", [6, 40])  # fewer than items, and more
def test_ease_solves_its_regressions(users: int):
    rng = np.random.default_rng(0)
    likes = csr_matrix((rng.random((users, 12)) < 0.4).astype(np.float32))
    chosen = {"regularisation": 3.0, "damping": 0.0, "text_weight": 0}
    weights = models.ease(likes, [""] * 12, chosen, 0).weights
    sizes = np.maximum(likes.toarray().sum(axis=1, keepdims=True), 1)
    X = likes.toarray() * (sizes / sizes.mean()) ** -models.FEWER
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
        models.ease(likes, texts, chosen | {"text_weight": weight}, 0).weights for weight in (3, 0)
    )
    assert with_words[0, 1] > 0.1 > abs(without[0, 1])


def test_item_item_is_the_shrunk_cosine():
    likes = matrix([[1, 1, 0], [1, 1, 0], [1, 0, 1], [0, 0, 1]])
    weights = models.item_item(likes, [], {"shrink": 2, "neighbours": 3}, 0).weights
    assert weights[0, 1] == pytest.approx(2 / (np.sqrt(3 * 2) + 2))
    assert weights[0, 2] == pytest.approx(1 / (np.sqrt(3 * 2) + 2))
    assert weights[1, 2] == weights[0, 0] == 0
    nearest = models.item_item(likes, [], {"shrink": 2, "neighbours": 1}, 0).weights
    assert (nearest > 0).sum(axis=0).tolist() == [1, 1, 1]


def test_user_user_asks_the_nearest():
    likes = matrix([[1, 1, 1, 0], [1, 1, 0, 1], [0, 0, 1, 0]])
    model = models.user_user(likes, [], {"neighbours": 1}, 0)
    nearest = model.score_all(matrix([[0, 1, 0, 1]]))[0]
    assert nearest[0] == pytest.approx(2 / np.sqrt(2 * 3), abs=1e-3)
    assert nearest[2] < 1e-3


# Metrics by hand


def test_accuracy_of_lists_worked_out_by_hand():
    lists = np.array([[3, 0, 1], [2, 1, 0], [0, 1, 2], [4, NO_ITEM, NO_ITEM]])
    relevant = matrix([[1, 0, 1, 0, 0], [1, 1, 1, 1, 0], [0] * 5, [0, 0, 0, 0, 1]])
    found = ranking.accuracy(lists, relevant)
    second = 1 / log2(3)  # the discount of the second place
    expected = {
        "ndcg_at_3": [second / (1 + second), 1, np.nan, 1],
        "recall_at_3": [1 / 2, 3 / 4, np.nan, 1],
        "precision_at_3": [1 / 3, 1, np.nan, 1 / 3],
        "map_at_3": [(1 / 2) / 2, 1, np.nan, 1],
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
    assert best(scores, 3).tolist() == [[1, 3, 2], [NO_ITEM] * 3, [0, 1, 2]]
    assert best(scores, 9).shape == (3, 5)


# Whom and what lists serve, by hand: item 0 has 10 known likes, item 1 one, item 2 none.


@pytest.fixture
def few() -> Task:
    likes = np.zeros((12, 3))
    likes[:10, 0], likes[0, 1] = 1, 1
    relevant = np.zeros((12, 3))
    relevant[[0, 1, 10, 11], [2, 1, 0, 0]] = 1
    return Task(csr_matrix(likes), csr_matrix(likes), csr_matrix(relevant))


def test_users_are_told_apart_by_their_known_likes(few: Task):
    scores = np.arange(12, dtype=float)
    assert ranking.user_slices(few, {"model": scores, "rule": -scores}) == [
        {"likes": "0", "users": 2, "model": 10.5, "rule": -10.5},
        {"likes": "1 to 5", "users": 2, "model": 0.5, "rule": -0.5},
    ]


def test_items_are_told_apart_by_their_known_likes(few: Task):
    lists = np.full((12, 2), NO_ITEM)
    lists[0], lists[10], lists[11] = [2, 1], [1, 0], [1, NO_ITEM]
    assert ranking.item_slices(few, {"model": lists}) == [
        {"likes": "0", "held_out": 1, "model": 1.0},
        {"likes": "1 to 9", "held_out": 1, "model": 0.0},
        {"likes": "10 to 49", "held_out": 2, "model": 0.5},
    ]


# The ladder


def test_first_settings_are_always_tried_and_none_twice():
    for entry in ladder(CONFIG):
        tried = entry.draw(6, 1, {})
        space = SPACES.get(entry.name, {})
        assert tried[0] == {name: values[0] for name, values in space.items()}
        assert len({tuple(settings.items()) for settings in tried}) == len(tried)
        assert entry.draw(1, 1, {}) == tried[:1]
        assert len(tried) == 6 or not space or entry.name == "user_user"


def test_values_that_change_nothing_are_not_tried_twice():
    likes, texts = csr_matrix((30, 60), dtype=np.float32), [""] * 60
    for name, count in (("ease", 6), ("item_item", 12), ("user_user", 2), ("svd", 9)):
        entry = rung(name)
        tried = entry.draw(100, 1, entry.most(likes, texts))
        assert len({tuple(settings.items()) for settings in tried}) == len(tried) == count, name
    assert {settings["text_weight"] for settings in rung("ease").draw(99, 1, {})} == {0, 3, 10}


def test_search_goes_on_outwards_from_the_end_where_the_best_lies(
    readers: tuple[Split, DatasetInfo], task: Task, monkeypatch: pytest.MonkeyPatch
):
    texts = readers[0].texts()
    for grid in ([1, 2], [64, 32]):  # the best, 8, lies outside
        monkeypatch.setitem(SPACES, "svd", {"factors": grid, "damping": [0.25, 0.0, 0.5]})
        assert train.tune(rung("svd"), texts, task, drawn(6)).settings["factors"] == 8
    best = {"factors": 8, "damping": 0.8}
    assert rung("svd").outwards(best, {"damping": 1.0, "factors": 5}) == [
        {"factors": 4, "damping": 0.8},
        {"factors": 5, "damping": 1.0},
    ]


def drawn(draws: int) -> Config:
    return CONFIG.model_copy(update={"search": CONFIG.search.model_copy(update={"draws": draws})})


def test_best_settings_of_validation_win(
    readers: tuple[Split, DatasetInfo], task: Task, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(SPACES, "item_item", {"neighbours": [1, 600], "shrink": [0]})
    tuned = train.tune(rung("item_item"), readers[0].texts(), task, drawn(2))
    assert tuned.settings == {"neighbours": 600, "shrink": 0}
    assert tuned.tried == 2  # there are 600 items: 1,200 neighbours would be the same
    best = fit("item_item", task.likes, [], neighbours=600, shrink=0)
    assert tuned.ndcg.mean() == pytest.approx(ndcg(best, task))


def limited(**limits: float) -> Config:
    return CONFIG.model_copy(update={"limits": CONFIG.limits.model_copy(update=limits)})


def test_model_that_does_not_fit_in_memory_is_left_out_with_its_size(
    readers: tuple[Split, DatasetInfo],
):
    info = replace(readers[1], users=50_000, items=20_000)
    assert unfit(rung("item_item"), [], info, CONFIG) == (
        "item_item is left out: with 50,000 users and 20,000 items it takes about 4.8 GB to "
        "train, and `limits.memory_gb` is 4."
    )
    assert unfit(rung("als"), [], info, CONFIG) is None
    assert unfit(rung("item_item"), [], info, limited(memory_gb=5)) is None


def test_what_takes_too_long_is_left_out_by_measure(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
):
    def slow(likes: csr_matrix, *rest: Any) -> Model:
        time.sleep(likes.nnz / 1_000)
        return models.als(likes, *rest)

    shutil.copytree(project / "data", tmp_path / "data")
    rungs = [rung("popularity"), rung("svd"), replace(rung("als"), fit=slow)]
    monkeypatch.setattr(train, "ladder", lambda config: rungs)
    monkeypatch.setattr(train, "MANY", 0)
    train.run(limited(minutes=0.1), Paths(tmp_path))
    found = read_json(tmp_path / "models" / "candidate" / "training.json", "train")
    assert [entry["name"] for entry in found["models"]] == ["popularity", "svd"]
    assert list(found["left_out"]) == ["als"]
    assert "takes longer than `limits.minutes`" in found["left_out"]["als"]
    assert "expected minutes of training: svd 0.0" in capsys.readouterr().out


def test_ladder_goes_on_without_what_does_not_fit(project: Path, tmp_path: Path):
    shutil.copytree(project / "data", tmp_path / "data")
    needed = memory("ease", sample.USERS, sample.ITEMS) / 1e9
    train.run(limited(memory_gb=needed * 0.99), Paths(tmp_path))
    found = read_json(tmp_path / "models" / "candidate" / "training.json", "train")
    names = [entry["name"] for entry in found["models"]]
    assert "ease" not in names
    assert {"popularity", "als", "bpr"} <= set(names)
    assert "ease" in found["left_out"]
    assert found["selected"] in names


def test_best_that_can_be_published_is_chosen(project: Path):
    found = read_json(project / "models" / "candidate" / "training.json", "train")
    assert [entry["name"] for entry in found["models"]] == list(NAMES)
    scores = {e["name"]: e["metrics"]["ndcg_at_10"] for e in found["models"] if e["exportable"]}
    assert "user_user" not in scores
    assert found["selected"] == max(scores, key=lambda name: scores[name]["value"])


def test_models_are_compared_in_pairs_over_the_same_users(project: Path):
    found = read_json(project / "models" / "candidate" / "training.json", "train")["models"]
    scores = {entry["name"]: entry["metrics"]["ndcg_at_10"] for entry in found}
    ours = next(entry for entry in found if entry["selected"])
    assert ours["difference"] is None
    for entry in found:
        if entry is ours:
            continue
        difference, score = entry["difference"], scores[entry["name"]]
        gap = score["value"] - scores[ours["name"]]["value"]
        assert difference["value"] == pytest.approx(gap, abs=1e-5)
        assert difference["low"] <= difference["value"] <= difference["high"]
        # What users have in common cancels out.
        apart = score["high"] - score["low"] + scores[ours["name"]]["high"]
        apart -= scores[ours["name"]]["low"]
        assert difference["high"] - difference["low"] < apart
    assert found[0]["name"] == "popularity" and found[0]["difference"]["high"] < 0


def test_test_likes_do_not_change_the_model(project: Path, tmp_path: Path):
    """Neither which model is chosen nor its weights: the test slice plays no part in either."""
    shutil.copytree(project / "data", tmp_path / "data")
    paths = Paths(tmp_path)
    test = pd.read_parquet(paths.processed / "test.parquet")
    test.assign(like=1 - test["like"]).to_parquet(paths.processed / "test.parquet")
    seal(paths.processed)
    train.run(CONFIG, paths)
    before, after = (
        np.load(BytesIO((root / "models" / "candidate" / "model.npz").read_bytes()))
        for root in (project, tmp_path)
    )
    assert set(before) == set(after)
    for name in set(before) - {"liked"}:  # whose likes the published file knows
        np.testing.assert_array_equal(before[name], after[name], err_msg=name)
    assert (before["liked"] != after["liked"]).any()


def test_nothing_is_published_that_is_no_better_than_popularity(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    shutil.copytree(project / "data", tmp_path / "data")
    unable = replace(rung("content"), fit=models.popularity)
    rungs = [rung("popularity"), unable]
    monkeypatch.setattr(train, "ladder", lambda config: rungs)
    with pytest.raises(ModelError, match="no model that can be published recommends better"):
        train.run(CONFIG, Paths(tmp_path))
    assert not (tmp_path / "models").exists()


# The extra


def test_neural_without_torch_is_refused_with_the_remedy():
    code = (
        "import sys\n"
        "from recommender.kit import ProjectError\n"
        "from recommender.ladder import rung\n"
        "sys.modules['torch'] = None\n"
        "try: rung('neural')\n"
        "except ProjectError as error: print(error)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "uv sync --extra neural" in shown.stdout
