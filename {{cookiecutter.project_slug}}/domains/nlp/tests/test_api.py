"""The API: answers what the model says, refuses what it cannot take."""

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from sentiment import data
from sentiment.paths import Paths
from sentiment.predictor import Predictor
from sentiment.text import tokens

from api.main import create_app

JSON = {"Content-Type": "application/json"}
ODD = [
    "",
    " \n\t",
    "Très déçu, c'est l'horreur",
    "don't won\u2019t",
    "👍🏽 😡 :-)",
    "\u0645\u0645\u062a\u0627\u0632 \u062c\u062f\u0627",
    "\u5f88\u597d\u7528",
    "a\x00b",
    "[MASK] <b>bold</b> ## _ \\ $x$",
    "x" * 1_900,
]

Review = dict[str, Any]


@pytest.fixture(scope="module")
def client(project: Path) -> TestClient:
    return TestClient(create_app(project / "models"), raise_server_exceptions=False)


@pytest.fixture(scope="module")
def reviews(project: Path) -> list[Review]:
    """Some reviews of the test set."""
    parts, _ = data.read_processed(Paths(project))
    return [{"text": text} for text in parts.test["text"].head(40)]


def predict(client: TestClient, instances: list[Any]) -> list[dict[str, Any]]:
    answer = client.post("/predict", json={"instances": instances})
    assert answer.status_code == 200, answer.text
    return answer.json()["predictions"]


def explain(client: TestClient, *texts: str) -> list[list[dict[str, Any]]]:
    body = {"instances": [{"text": text} for text in texts]}
    answer = client.post("/explain", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()["explanations"]


# Right questions


def test_predictions_are_those_of_the_model_in_the_order_sent(
    client: TestClient, reviews: list[Review], project: Path
):
    predictor = Predictor.load(project / "models")
    together = predict(client, reviews)
    assert together == predictor.predict(reviews)
    assert len({row["probability"] for row in together}) > 30
    alone = [predict(client, [review])[0] for review in reviews]
    for one, other in zip(together, alone, strict=True):
        assert one["probability"] == pytest.approx(other["probability"], abs=1e-6)


def test_label_decision_and_value_follow_from_probability_and_prices(
    client: TestClient, reviews: list[Review]
):
    model = client.get("/model").json()
    prices = model["prices"]
    found = predict(client, reviews)
    assert {row["decision"] for row in found} == {"read", "skip"}
    for row in found:
        risk = 1 - row["probability"]
        assert row["label"] == ("positive" if row["probability"] >= 0.5 else "negative")
        assert (row["decision"] == "read") == (risk >= model["threshold"])
        worth = risk * prices["win_back"] * prices["customer_value"] - prices["reading_cost"]
        assert row["expected_value"] == pytest.approx(worth)


def test_every_word_has_its_part_strongest_first(client: TestClient):
    text = "The sound is great, really great, and the battery is terrible."
    [found] = explain(client, text)
    assert {row["feature"] for row in found} == set(tokens(text))
    assert {row["feature"]: row["value"] for row in found}["great"] == 2
    strengths = [abs(row["contribution"]) for row in found]
    assert strengths == sorted(strengths, reverse=True)
    assert strengths[0] > 0.1


def test_words_point_where_they_should(client: TestClient):
    found = explain(client, "The sound is great.", "The sound is terrible.")
    effects = [{row["feature"]: row["contribution"] for row in rows} for rows in found]
    assert effects[0]["great"] > 0 > effects[1]["terrible"]


@pytest.mark.parametrize("text", ODD)
def test_odd_texts_are_accepted(client: TestClient, text: str):
    [row] = predict(client, [{"text": text}])
    assert 0 < row["probability"] < 1
    [found] = explain(client, text)
    assert len(found) == len(set(tokens(text)))


# Wrong questions


@pytest.mark.parametrize(
    ("review", "place"),
    [
        ({}, ["text"]),
        ({"text": None}, ["text"]),
        ({"text": 3}, ["text"]),
        ({"text": ["great"]}, ["text"]),
        ({"text": "\ud800"}, ["text"]),
        ({"text": "x" * 2_001}, ["text"]),
        ({"text": "great", "stars": 5}, ["stars"]),
        ("great", []),
    ],
)
def test_wrong_value_is_422_and_names_the_field(
    client: TestClient, reviews: list[Review], review: Any, place: list[str]
):
    body = json.dumps({"instances": [reviews[0], review]})
    for path in ("/predict", "/explain"):
        answer = client.post(path, content=body, headers=JSON)
        assert answer.status_code == 422
        assert [problem["loc"] for problem in answer.json()["detail"]] == [
            ["body", "instances", 1, *place]
        ]


def test_the_limit_of_a_review_is_named(client: TestClient):
    answer = client.post("/predict", json={"instances": [{"text": "x" * 2_001}]})
    assert "2000" in answer.json()["detail"][0]["msg"].replace(",", "")


@pytest.mark.parametrize("count", [0, 101])
def test_no_review_and_too_many_are_refused(client: TestClient, count: int):
    answer = client.post("/predict", json={"instances": [{"text": "great"}] * count})
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", "instances"]
