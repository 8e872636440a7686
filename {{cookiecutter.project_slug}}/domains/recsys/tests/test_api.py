"""The API: recommends what the model says, and refuses what the model does not know."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from fastapi.testclient import TestClient

from recommender import artifacts, evaluate, export
from recommender.config import load_config
from recommender.data import read_processed
from recommender.errors import DataError, ModelError
from recommender.explain import typical_users
from recommender.export import Catalogue
from recommender.linear import LinearRecommender, dense, keep_largest
from recommender.models import recommend
from recommender.paths import Paths
from recommender.predictor import Predictor

from .conftest import SETTINGS
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
    texts=["Apple", "Bread, baked", "Cheese", "Dates", "Éclair, baked"],
    users=["reader", "sated", "critic"],
    starts=np.array([0, 3, 8, 9]),
    seen=np.array([0, 3, 2, 0, 1, 2, 3, 4, 0]),
    liked=np.array([1, 1, 0, 1, 1, 1, 1, 1, 0], bool),
)


def linear() -> LinearRecommender:
    return LinearRecommender(np.array(BIAS, np.float32), np.array(WEIGHTS, np.float32))


def without_users(codes: list[str]) -> Catalogue:
    nothing = np.array([], int)
    return Catalogue(codes, codes, codes, [], np.zeros(1, int), nothing, nothing.astype(bool))


def publish(folder: Path, model: export.Model, catalogue: Catalogue = CATALOGUE) -> Path:
    limits = load_config(SETTINGS).limits.model_dump()
    metadata = {"title": "Food", "file": "model.npz", "k": 3, "limits": limits, "dataset": {}}
    artifacts.publish(folder, export.to_bytes(model, catalogue), metadata, packages=())
    return folder


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    model, per_row = export.compact(linear(), CATALOGUE)
    assert per_row is None
    return publish(tmp_path_factory.mktemp("models"), model)


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
        {"item": "b", "title": "Bread", "score": pytest.approx(2.2)},
        {"item": "é", "title": "Éclair", "score": pytest.approx(-2.5)},
    ]


def test_somebody_new_gets_what_the_named_likes_add_up_to(client: TestClient):
    (found,) = predict(client, {"liked": ["b", "c"]})
    assert found["basis"] == "liked"
    assert names(found) == ["a", "d/1", "é"]
    scores = [item["score"] for item in found["items"]]
    assert scores == pytest.approx([2.1, 1.4, 0.5])


def test_answers_come_in_the_order_sent(client: TestClient):
    instances = [{"liked": [item]} for item in CATALOGUE.items] * 3
    alone = [predict(client, instance)[0] for instance in instances]
    assert predict(client, *instances) == alone
    assert len({str(answer) for answer in alone}) == 5


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
        ({"liked": ["c"], "contains": "Baked"}, "liked", ["b", "é"]),
        ({"liked": ["c"], "contains": "ÉCLAIR"}, "liked", ["é"]),
        ({"user": "reader", "contains": "baked", "exclude": ["b"]}, "history", ["é"]),
        ({"liked": ["c"], "contains": "no such food"}, "liked", []),
        ({"liked": ["c"], "contains": "", "k": 1}, "liked", ["d/1"]),
        ({"user": None, "liked": ["c"], "k": None}, "liked", ["d/1", "b", "é"]),
    ],
)
def test_every_odd_case_has_its_answer(
    client: TestClient, instance: Instance, basis: str, items: list[str]
):
    (found,) = predict(client, instance)
    assert (found["basis"], names(found)) == (basis, items)


def test_naming_a_like_twice_changes_no_score(client: TestClient):
    once, twice = predict(client, {"liked": ["c", "b"]}, {"liked": ["c", "b", "c"]})
    assert once == twice


def test_equal_scores_come_in_the_catalogues_order(tmp_path: Path):
    client = TestClient(create_app(publish(tmp_path, LinearRecommender(np.zeros(5, np.float32)))))
    assert names(predict(client, {"liked": []})[0]) == ["a", "b", "c"]


def test_trained_model_never_recommends_what_was_seen(trained: TestClient, project: Path):
    catalogue = Predictor.load(project / "models").catalogue
    users = list(range(0, len(catalogue.users), 20))
    found = predict(trained, *({"user": catalogue.users[user], "k": 50} for user in users))
    for user, answer in zip(users, found, strict=True):
        row = slice(catalogue.starts[user], catalogue.starts[user + 1])
        seen = {catalogue.items[code] for code in catalogue.seen[row]}
        assert len(set(names(answer))) == 50
        assert not seen & set(names(answer))


def test_published_model_recommends_what_the_trained_one_does(project: Path):
    paths = Paths(project)
    data, _ = read_processed(paths)
    candidate, training = evaluate.read_candidate(paths)
    known = pd.concat([data.train, data.validation, data.test])
    likes, seen = data.matrix(known), data.matrix(known, liked=False)
    expected = recommend(candidate, likes, seen, training["k"])
    predictor = Predictor.load(paths.models)
    users = predictor.catalogue.users
    found = predictor.predict([{"user": user} for user in users])
    codes = {item: code for code, item in enumerate(predictor.catalogue.items)}
    lists = np.array([[codes[name] for name in names(answer)] for answer in found])
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
            {
                "item": "b",
                "feature": "popularity",
                "value": None,
                "contribution": pytest.approx(0.2),
            },
        ]
    ]


def test_examples_are_of_people_with_likes_and_something_left_to_meet(models: Path, tmp_path: Path):
    assert set(typical_users(Predictor.load(models))) == {"reader"}
    nobody = publish(tmp_path, linear(), without_users(CATALOGUE.items))
    with pytest.raises(ModelError, match="there is nothing to explain"):
        typical_users(Predictor.load(nobody))


def test_weak_reasons_are_added_up(tmp_path: Path):
    items, rng = 9, np.random.default_rng(0)
    weights = rng.normal(size=(items, items)).astype(np.float32)
    codes = [f"i{code}" for code in range(items)]
    nobody = without_users(codes)
    model = LinearRecommender(np.zeros(items, np.float32), weights)
    client = TestClient(create_app(publish(tmp_path, model_of(model, nobody), nobody)))
    instance = {"liked": codes[:8]}
    (reasons,) = client.post("/explain", json={"instances": [instance]}).json()["explanations"]
    assert [reason["value"] is None for reason in reasons] == [False] * 5 + [True] * 2
    strengths = [abs(reason["contribution"]) for reason in reasons[:5]]
    assert strengths == sorted(np.abs(weights[:8, 8]), reverse=True)[:5]
    assert sum(r["contribution"] for r in reasons) == pytest.approx(weights[:8, 8].sum(), abs=1e-5)


def model_of(model: LinearRecommender, catalogue: Catalogue) -> export.Model:
    return export.compact(model, catalogue)[0]


def test_similar_items_are_those_a_like_speaks_for(client: TestClient, models: Path):
    answer = client.get("/items/b/similar", params={"k": 2}).json()
    assert answer["model_version"] == Predictor.load(models).version
    assert answer["item"] == "b"
    assert answer["similar"] == [
        {"item": "a", "title": "Apple", "score": pytest.approx(2)},
        {"item": "c", "title": "Cheese", "score": pytest.approx(1)},
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
        ({"liked": [], "contains": 1}, ["contains"]),
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
    instances = [{"liked": ["a", "z"]}, {"liked": ["y"]}]
    answer = client.post("/predict", json={"instances": instances})
    assert [problem["msg"] for problem in answer.json()["detail"]] == [
        "no item 'z' in the catalogue",
        "no item 'y' in the catalogue",
    ]


def test_similar_to_what_does_not_exist_is_404(client: TestClient):
    answer = client.get("/items/zzz/similar")
    assert answer.status_code == 404
    assert answer.json() == {"detail": "no item 'zzz'"}
    for k in ("0", "51", "x"):
        assert client.get("/items/a/similar", params={"k": k}).status_code == 422


def test_code_that_asks_for_an_unknown_item_is_told(models: Path):
    predictor = Predictor.load(models)
    with pytest.raises(DataError, match="no item 'z'"):
        predictor.recommend(liked=["a", "z"])
    with pytest.raises(DataError, match="no item 'z'"):
        predictor.similar("z")


# The published file


def test_all_kinds_of_models_are_published_and_read_back(tmp_path: Path):
    rng = np.random.default_rng(0)
    inputs, outputs = rng.normal(size=(2, 5, 2)).astype(np.float32)
    bias = np.array(BIAS, np.float32)
    likes = np.array([0, 3])
    for model in (
        linear(),
        LinearRecommender(bias, inputs=inputs, outputs=outputs),
        LinearRecommender(bias),
    ):
        found, catalogue = export.from_bytes(export.to_bytes(model_of(model, CATALOGUE), CATALOGUE))
        assert found.scores(likes) == pytest.approx(model.scores(likes), abs=1e-6)
        assert found.scores(likes[:0]) == pytest.approx(bias)
        for item in range(5):
            added = found.contributions(likes, item)
            assert added == pytest.approx(model.contributions(likes, item), abs=1e-6)
        assert catalogue.titles == CATALOGUE.titles
        assert catalogue.seen.tolist() == CATALOGUE.seen.tolist()
        again = export.uncompacted(found)
        assert again.scores(likes) == pytest.approx(model.scores(likes), abs=1e-6)


def test_same_model_gives_the_same_bytes():
    assert export.to_bytes(linear(), CATALOGUE) == export.to_bytes(linear(), CATALOGUE)


def test_largest_weights_stay():
    weights = np.array([[0, 1, -5], [0.1, 0, 0.2], [0, 0, 0]], np.float32)
    kept = dense(keep_largest(weights, np.zeros(3, np.float32), 1))
    assert kept == pytest.approx(np.array([[0, 0, -5], [0, 0, 0.2], [0, 0, 0]]))
    assert dense(keep_largest(weights, np.zeros(3, np.float32), 3)) == pytest.approx(weights)


def test_large_model_loses_its_smallest_weights_until_it_fits():
    weights = np.random.default_rng(0).normal(size=(200, 200)).astype(np.float32)
    codes = [str(code) for code in range(200)]
    nobody = without_users(codes)
    model = LinearRecommender(np.zeros(200, np.float32), weights)
    found, per_row = export.compact(model, nobody, limit=60_000)
    size = len(export.to_bytes(found, nobody))
    assert per_row is not None
    assert 30_000 < size <= 60_000
    kept = dense(found)
    assert (kept != 0).sum(axis=1).tolist() == [per_row] * 200
    assert (kept[kept != 0] == weights[kept != 0]).all()
    assert np.abs(kept[0][kept[0] != 0]).min() > np.abs(weights[0][kept[0] == 0]).max()
    with pytest.raises(ModelError, match="more than 0 MB, even with 8 weights per item"):
        export.compact(model, nobody, limit=6_000)


def test_published_file_holds_no_pickle(models: Path):
    version = (models / "current.txt").read_text(encoding="utf-8").strip()
    with np.load(models / version / "model.npz", allow_pickle=False) as archive:
        assert {archive[name].dtype.kind for name in archive} <= set("biuf")
