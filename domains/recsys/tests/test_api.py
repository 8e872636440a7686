"""The API: recommends what the model says, and refuses what the model does not know."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import SETTINGS
from fastapi.testclient import TestClient

from recommender.config import load_config
from recommender.data import read_processed
from recommender.kit import ModelError, store
from recommender.kit.files import Paths
from recommender.ladder import recommend
from recommender.linear import (
    Catalogue,
    Factors,
    ItemWeights,
    Published,
    Trained,
    compact,
    dense,
    from_bytes,
    to_bytes,
)
from recommender.predictor import Predictor

from api.main import create_app

JSON = {"Content-Type": "application/json"}

Instance = dict[str, Any]

# Five items; row by row, what liking an item adds to the scores of all. The last is most popular.
BIAS = [0.1, 0.2, 0.3, 0.4, 0.5]
WEIGHTS = [
    [0, 2, 0, 0, 0],
    [2, 0, 1, 0, 0],
    [0, 1, 0, 1, 0],
    [0, 0, 1, 0, -3],
    [0, 0, 0, -3, 0],
]
# reader liked a and d and has met c too, sated has met everything, critic met a without liking it.
CATALOGUE = Catalogue(
    items=["a", "b", "c", "d/1", "é"],
    titles=["Apple", "Bread", "Cheese", "Dates", "Éclair"],
    users=["reader", "sated", "critic"],
    first=np.array([0, 3, 8, 9]),
    seen=np.array([0, 3, 2, 0, 1, 2, 3, 4, 0]),
    liked=np.array([1, 1, 0, 1, 1, 1, 1, 1, 0], bool),
)


def linear() -> ItemWeights:
    return ItemWeights(np.array(BIAS, np.float32), np.array(WEIGHTS, np.float32))


def by_bias(bias: list[float]) -> Factors:
    nothing = np.zeros((len(bias), 0), np.float32)
    return Factors(np.array(bias, np.float32), nothing, nothing)


def without_users(codes: list[str]) -> Catalogue:
    nothing = np.array([], int)
    return Catalogue(codes, codes, [], np.zeros(1, int), nothing, nothing.astype(bool))


def publish(root: Path, model: Trained, catalogue: Catalogue = CATALOGUE) -> Path:
    """Publish ``model`` in the project's folder ``root``; return the folder of models."""
    metadata = {
        "title": "Food",
        "file": "model.npz",
        "signature": {"k": 3},
        "limits": load_config(SETTINGS).limits.model_dump(),
    }
    store.publish(Paths(root), to_bytes(published(model, catalogue), catalogue), metadata, [])
    return root / "models"


def published(model: Trained, catalogue: Catalogue = CATALOGUE) -> Published:
    found, per_row = compact(model, catalogue, megabytes=10)
    assert per_row is None
    return found


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(tmp_path_factory.mktemp("food"), linear())


@pytest.fixture(scope="module")
def client(models: Path) -> TestClient:
    return TestClient(create_app(models), raise_server_exceptions=False)


@pytest.fixture(scope="module")
def trained(project: Path) -> TestClient:
    """The API of the model that the pipeline published."""
    return TestClient(create_app(project / "models"), raise_server_exceptions=False)


def predict(client: TestClient, *instances: Instance) -> list[dict[str, Any]]:
    answer = client.post("/predict", json={"instances": instances})
    assert answer.status_code == 200, answer.text
    return answer.json()["predictions"]


def names(prediction: dict[str, Any]) -> list[str]:
    return [item["item"] for item in prediction["items"]]


# Right questions


def test_known_user_gets_what_the_likes_add_up_to(client: TestClient):
    (found,) = predict(client, {"user": "reader"})
    assert found["basis"] == "history"
    # a adds 2 to b; d adds 1 to c, which was met before, and takes 3 from the most popular.
    assert found["items"] == [
        {"item": "b", "title": "Bread", "score": 2.2},
        {"item": "é", "title": "Éclair", "score": -2.5},
    ]


def test_somebody_new_gets_what_the_named_likes_add_up_to(client: TestClient):
    (found,) = predict(client, {"liked": ["b", "c"]})
    assert found["basis"] == "liked"
    assert names(found) == ["a", "d/1", "é"]
    assert [item["score"] for item in found["items"]] == [2.1, 1.4, 0.5]  # without dust


@pytest.mark.parametrize(
    ("instance", "basis", "items"),
    [
        ({"user": "stranger"}, "popular", ["é", "d/1", "c"]),
        ({"liked": []}, "popular", ["é", "d/1", "c"]),
        ({"user": "critic"}, "popular", ["é", "d/1", "c"]),
        ({"user": "critic", "k": 5}, "popular", ["é", "d/1", "c", "b"]),
        ({"user": "sated"}, "history", []),
        ({"liked": ["c", "c", "c"]}, "liked", ["d/1", "b", "é"]),
        ({"liked": ["c"], "k": 1}, "liked", ["d/1"]),
        ({"liked": ["c"], "k": 50}, "liked", ["d/1", "b", "é", "a"]),
        ({"liked": ["c"], "exclude": ["d/1", "é"]}, "liked", ["b", "a"]),
        ({"liked": ["c"], "exclude": ["not sold here"], "k": 1}, "liked", ["d/1"]),
        ({"liked": ["c"], "exclude": CATALOGUE.items}, "liked", []),
        ({"user": "reader", "exclude": ["b"]}, "history", ["é"]),
        ({"user": None, "liked": ["c"], "k": None}, "liked", ["d/1", "b", "é"]),
    ],
)
def test_every_odd_case_has_its_answer(
    client: TestClient, instance: Instance, basis: str, items: list[str]
):
    (found,) = predict(client, instance)
    assert (found["basis"], names(found)) == (basis, items)


def test_trained_model_never_recommends_what_was_seen(trained: TestClient, project: Path):
    catalogue = Predictor.load(project / "models").catalogue
    users = list(range(0, len(catalogue.users), 20))
    found = predict(trained, *({"user": catalogue.users[user], "k": 50} for user in users))
    for user, answer in zip(users, found, strict=True):
        row = slice(catalogue.first[user], catalogue.first[user + 1])
        seen = {catalogue.items[code] for code in catalogue.seen[row]}
        assert len(set(names(answer))) == 50
        assert not seen & set(names(answer))


def test_published_model_recommends_what_many_are_scored_with(project: Path):
    paths = Paths(project)
    data, _ = read_processed(paths)
    predictor = Predictor.load(paths.models)
    parts = data.train, data.validation, data.test
    seen = data.matrix(*parts, liked=False)
    task = replace(data.task("test"), likes=data.matrix(*parts), seen=seen)
    expected = recommend(dense(predictor.model), task, predictor.metadata["signature"]["k"])
    found = predictor.predict([{"user": user} for user in predictor.catalogue.users])
    lists = np.array([[predictor.items[name] for name in names(answer)] for answer in found])
    # Scores may differ in the last digit, which can swap two items.
    assert np.mean(lists == expected) > 0.99
    assert {answer["basis"] for answer in found} == {"history", "popular"}


def test_reasons_sum_to_the_score(trained: TestClient, project: Path):
    catalogue = Predictor.load(project / "models").catalogue
    instances = [
        *({"user": user} for user in catalogue.users[:30]),
        {"liked": catalogue.items[:2]},
        {"liked": []},
    ]
    answer = trained.post("/explain", json={"instances": instances}).json()
    for found, reasons in zip(predict(trained, *instances), answer["explanations"], strict=True):
        assert list(dict.fromkeys(reason["item"] for reason in reasons)) == names(found)
        for item in found["items"]:
            added = [r["contribution"] for r in reasons if r["item"] == item["item"]]
            assert sum(added) == pytest.approx(item["score"], rel=1e-4, abs=1e-5)


def test_reasons_are_the_likes_strongest_first(client: TestClient):
    answer = client.post("/explain", json={"instances": [{"user": "reader", "k": 1}]}).json()
    assert answer["explanations"] == [
        [
            {"item": "b", "feature": "Apple", "value": "a", "contribution": 2},
            {"item": "b", "feature": "Dates", "value": "d/1", "contribution": 0},
            {"item": "b", "feature": "popularity", "value": None, "contribution": 0.2},
        ]
    ]


def test_weak_reasons_are_added_up(tmp_path: Path):
    items, rng = 9, np.random.default_rng(0)
    weights = rng.normal(size=(items, items)).astype(np.float32)
    codes = [f"i{code}" for code in range(items)]
    nobody = without_users(codes)
    model = ItemWeights(np.zeros(items, np.float32), weights)
    client = TestClient(create_app(publish(tmp_path, model, nobody)))
    instance = {"liked": codes[:8]}
    (reasons,) = client.post("/explain", json={"instances": [instance]}).json()["explanations"]
    assert [reason["value"] is None for reason in reasons] == [False] * 5 + [True] * 2
    strengths = [abs(reason["contribution"]) for reason in reasons[:5]]
    assert strengths == pytest.approx(sorted(np.abs(weights[:8, 8]), reverse=True)[:5], rel=1e-5)
    assert sum(r["contribution"] for r in reasons) == pytest.approx(weights[:8, 8].sum(), abs=1e-5)


def test_similar_items_are_those_a_like_speaks_for(client: TestClient, models: Path):
    answer = client.get("/items/b/similar", params={"k": 2}).json()
    assert answer["model_version"] == Predictor.load(models).version
    assert answer["item"] == "b"
    assert answer["similar"] == [
        {"item": "a", "title": "Apple", "score": 2},
        {"item": "c", "title": "Cheese", "score": 1},
    ]
    assert len(client.get("/items/b/similar").json()["similar"]) == 3
    assert client.get("/items/d%2F1/similar").json()["similar"][0]["item"] == "c"
    others = [row["item"] for row in client.get("/items/é/similar?k=50").json()["similar"]]
    assert others == ["a", "b", "c", "d/1"]


# Wrong questions


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({}, []),
        ({"user": "reader", "liked": ["a"]}, []),
        ({"user": None}, []),
        ({"user": 3}, ["user"]),
        ({"user": "x" * 1_001}, ["user"]),
        ({"user": "\ud800"}, ["user"]),
        ({"usr": "reader", "liked": []}, ["usr"]),
        ({"liked": "a"}, ["liked"]),
        ({"liked": [1]}, ["liked", 0]),
        ({"liked": ["a", None]}, ["liked", 1]),
        ({"liked": ["a", "z", "b"]}, ["liked", 1]),
        ({"liked": [], "exclude": "a"}, ["exclude"]),
        ({"liked": [], "exclude": [1]}, ["exclude", 0]),
        ({"liked": [], "k": 0}, ["k"]),
        ({"liked": [], "k": 51}, ["k"]),
        ({"liked": [], "k": 2.5}, ["k"]),
        ({"liked": [], "k": True}, ["k"]),
        ({"liked": [], "k": "3"}, ["k"]),
        ({"liked": [], "k": 10**400}, ["k"]),
    ],
)
def test_wrong_value_is_422_and_names_the_field(
    client: TestClient, wrong: Instance, place: list[str | int]
):
    body = json.dumps({"instances": [{"user": "reader"}, wrong]})
    for path in ("/predict", "/explain"):
        answer = client.post(path, content=body, headers=JSON)
        assert answer.status_code == 422
        assert [problem["loc"] for problem in answer.json()["detail"]] == [
            ["body", "instances", 1, *place]
        ]


def test_every_unknown_item_is_named(client: TestClient):
    body = {"instances": [{"liked": ["a", "z"]}, {"liked": ["y"]}]}
    answer = client.post("/predict", json=body)
    assert [problem["msg"] for problem in answer.json()["detail"]] == [
        "no item 'z' in the catalogue",
        "no item 'y' in the catalogue",
    ]


def test_similar_to_what_does_not_exist_is_404(client: TestClient):
    answer = client.get("/items/zzz/similar")
    assert answer.status_code == 404
    assert answer.json() == {"detail": "no item 'zzz': expected an id of the catalogue"}
    for k in ("0", "51", "x"):
        assert client.get("/items/a/similar", params={"k": k}).status_code == 422


def test_bodies_that_are_none_are_refused(client: TestClient):
    for content in (b"", b"{", b"[]", b'{"instances": []}', b'{"instances": [NaN]}', b"\xff"):
        answer = client.post("/predict", content=content, headers=JSON)
        assert answer.status_code == 422, content
        assert answer.json()["detail"][0]["loc"][0] == "body"


def test_other_kinds_and_sizes_are_refused_with_what_was_expected(client: TestClient):
    answer = client.post("/predict", content="user=reader", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415
    assert answer.json()["detail"] == "expected Content-Type application/json, found text/plain"
    large = json.dumps({"instances": [{"liked": ["c"] * 9_000}] * 5})
    answer = client.post("/predict", content=large, headers=JSON)
    assert answer.status_code == 413
    assert answer.json()["detail"] == "the request is too large: expected at most 0.1 MB"
    many = {"instances": [{"liked": []}] * 101}
    assert client.post("/explain", json=many).status_code == 422


def test_health_and_model_say_what_is_served(trained: TestClient, project: Path):
    version = (project / "models" / "current.txt").read_text(encoding="utf-8").strip()
    assert trained.get("/health").json()["model_version"] == version
    answer = trained.get("/model").json()
    assert answer["dataset"]["synthetic"] and answer["prices"]["currency"] == "USD"
    assert not {"signature", "limits"} & set(answer)


def test_serving_needs_no_training_library(project: Path):
    """Only what `dependencies` of pyproject.toml names, and what these bring."""
    code = (
        "import sys, pathlib\n"
        "for name in ('pandas', 'scipy', 'sklearn', 'implicit', 'matplotlib', 'torch'):\n"
        "    sys.modules[name] = None\n"
        "from api.main import create_app\n"
        "print(create_app(pathlib.Path('models')).title)"
    )
    command = [sys.executable, "-c", code]
    shown = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "Recommender"


# The published file


def test_all_kinds_of_models_are_published_and_read_back():
    rng = np.random.default_rng(0)
    inputs, outputs = rng.normal(size=(2, 5, 2)).astype(np.float32)
    likes = np.array([0, 3])
    for model in (linear(), Factors(np.array(BIAS, np.float32), inputs, outputs), by_bias(BIAS)):
        found, catalogue = from_bytes(to_bytes(published(model), CATALOGUE))
        row = np.isin(np.arange(5), likes)[np.newaxis].astype(np.float32)
        assert found.scores(likes) == pytest.approx(model.score_all(row)[0], abs=1e-6)
        assert found.scores(likes[:0]) == pytest.approx(BIAS)
        shares = [found.contributions(likes, item).sum() for item in range(5)]
        assert found.bias + shares == pytest.approx(found.scores(likes), abs=1e-6)
        assert catalogue.titles == CATALOGUE.titles
        assert catalogue.seen.tolist() == CATALOGUE.seen.tolist()


def test_large_model_loses_its_smallest_weights_until_it_fits():
    weights = np.random.default_rng(0).normal(size=(200, 200)).astype(np.float32)
    nobody = without_users([str(code) for code in range(200)])
    model = ItemWeights(np.zeros(200, np.float32), weights)
    found, per_row = compact(model, nobody, megabytes=0.06)
    size = len(to_bytes(found, nobody))
    assert per_row is not None
    assert 30_000 < size <= 60_000
    kept = dense(found).weights
    assert (kept != 0).sum(axis=1).tolist() == [per_row] * 200
    assert (kept[kept != 0] == weights[kept != 0]).all()
    assert np.abs(kept[0][kept[0] != 0]).min() > np.abs(weights[0][kept[0] == 0]).max()
    with pytest.raises(ModelError, match="even with 8 weights per item"):
        compact(model, nobody, megabytes=0.006)


def test_published_file_holds_no_pickle(models: Path):
    file = next(models.glob("*/model.npz"))
    with np.load(file, allow_pickle=False) as archive:
        assert {archive[name].dtype.kind for name in archive} <= set("biuf")
