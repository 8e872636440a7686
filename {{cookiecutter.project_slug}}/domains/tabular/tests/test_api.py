"""The API: answers what the model says, refuses what the model does not know."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from fastapi.testclient import TestClient

from churn import artifacts, data, export, models
from churn.config import Dataset, load_config
from churn.paths import Paths
from churn.predictor import Predictor

from . import call_api
from .conftest import SETTINGS
from api.main import create_app

JSON = {"Content-Type": "application/json"}

Customer = dict[str, Any]


@pytest.fixture(scope="module")
def client(project: Path) -> TestClient:
    return TestClient(create_app(project / "models"), raise_server_exceptions=False)


@pytest.fixture(scope="module")
def customers(project: Path) -> list[Customer]:
    """Test customers as JSON would hold them, one of them with values that are not known."""
    parts, info = data.read_processed(Paths(project))
    rows = json.loads(parts.test[info.features].head(20).to_json(orient="records"))
    rows[0] |= {"support_calls": None, "payment": None}
    return rows


def predict(client: TestClient, instances: list[Any]) -> list[dict[str, Any]]:
    answer = client.post("/predict", json={"instances": instances})
    assert answer.status_code == 200, answer.text
    return answer.json()["predictions"]


# Right questions


def test_predictions_are_those_of_the_model_in_the_order_sent(
    client: TestClient, customers: list[Customer], project: Path
):
    predictor = Predictor.load(project / "models")
    together = predict(client, customers)
    assert together == predictor.predict(customers)
    assert len({row["probability"] for row in together}) > 15
    alone = [predict(client, [customer])[0] for customer in customers]
    for one, other in zip(together, alone, strict=True):
        assert one["probability"] == pytest.approx(other["probability"], abs=1e-6)


def test_decision_and_value_follow_from_probability_and_prices(
    client: TestClient, customers: list[Customer]
):
    model = client.get("/model").json()
    found = predict(client, customers)
    assert {row["decision"] for row in found} == {"contact", "leave alone"}
    for row in found:
        assert (row["decision"] == "contact") == (row["probability"] >= model["threshold"])
        assert row["expected_value"] == pytest.approx(row["probability"] * 0.4 * 500 - 40)


def test_reasons_name_every_feature_strongest_first(client: TestClient, customers: list[Customer]):
    answer = client.post("/explain", json={"instances": customers[:3]}).json()
    assert answer["model_version"] == client.get("/health").json()["model_version"]
    for customer, reasons in zip(customers[:3], answer["explanations"], strict=True):
        assert {reason["feature"]: reason["value"] for reason in reasons} == customer
        strengths = [abs(reason["contribution"]) for reason in reasons]
        assert strengths == sorted(strengths, reverse=True)
        assert strengths[0] > 0.1


def test_reasons_point_where_the_customer_stands(client: TestClient, customers: list[Customer]):
    risky = customers[1] | {"contract": "monthly", "tenure_months": 1}
    safe = customers[1] | {"contract": "two years", "tenure_months": 70}
    answer = client.post("/explain", json={"instances": [risky, safe]}).json()
    effects = [
        {reason["feature"]: reason["contribution"] for reason in reasons}
        for reasons in answer["explanations"]
    ]
    for feature in ("contract", "tenure_months"):
        assert effects[0][feature] > 0 > effects[1][feature]


@pytest.mark.parametrize("change", [{"contract": "never seen"}, {"contract": None}, {"region": ""}])
def test_unknown_values_are_accepted(
    client: TestClient, customers: list[Customer], change: Customer
):
    assert 0 <= predict(client, [customers[0] | change])[0]["probability"] <= 1


def test_customer_of_whom_nothing_is_known_is_accepted(
    client: TestClient, customers: list[Customer]
):
    unknown = dict.fromkeys(customers[0])
    assert 0 < predict(client, [unknown])[0]["probability"] < 1
    assert client.post("/explain", json={"instances": [unknown]}).status_code == 200


# Wrong questions


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"region": ...}, "region"),
        ({"shoe_size": 43}, "shoe_size"),
        ({"tenure_months": "12"}, "tenure_months"),
        ({"tenure_months": True}, "tenure_months"),
        ({"tenure_months": [1]}, "tenure_months"),
        ({"tenure_months": 1e16}, "tenure_months"),
        ({"tenure_months": 10**400}, "tenure_months"),
        ({"tenure_months": float("nan")}, "tenure_months"),
        ({"tenure_months": float("inf")}, "tenure_months"),
        ({"contract": 3}, "contract"),
        ({"contract": "x" * 1_001}, "contract"),
        ({"contract": "\ud800"}, "contract"),
    ],
)
def test_wrong_value_is_422_and_names_the_field(
    client: TestClient, customers: list[Customer], change: Customer, place: str
):
    wrong = {k: v for k, v in (customers[1] | change).items() if v is not ...}
    body = json.dumps({"instances": [customers[0], wrong]})
    for path in ("/predict", "/explain"):
        answer = client.post(path, content=body, headers=JSON)
        assert answer.status_code == 422
        assert [problem["loc"] for problem in answer.json()["detail"]] == [
            ["body", "instances", 1, place]
        ]


# Any data set


def test_columns_may_be_called_anything(tmp_path: Path):
    rng = np.random.default_rng(0)
    numbers = ["a b", "a_b", "model_config", "x0", "x1", "instances", "probabilities"]
    categories = ["class", "é", "a.b", "example", "self"]
    table = pd.DataFrame(
        {name: rng.normal(size=300) for name in numbers}
        | {name: rng.choice(["u", "v"], 300) for name in categories}
    )
    table["left"] = (table["a b"] + rng.normal(size=300) > 0).astype(int)
    roles = Dataset(path="mine.csv", target="left")
    checked, info = data.validate(table, roles, "mine", "0" * 64)
    assert info.features == numbers + categories
    pipeline = models.logistic_regression().pipeline(checked, info)
    pipeline.fit(checked[info.features], checked["left"])
    config = load_config(SETTINGS)
    metadata = {
        "title": "Mine",
        "file": "model.onnx",
        "signature": export.signature(checked, info),
        "threshold": 0.5,
        "prices": config.prices.model_dump(),
        "limits": config.limits.model_dump(),
    }
    artifacts.publish(tmp_path, export.to_onnx(pipeline, info), metadata, packages=())
    client = TestClient(create_app(tmp_path), raise_server_exceptions=False)
    rows = json.loads(checked[info.features].head(20).to_json(orient="records"))
    found = [row["probability"] for row in predict(client, rows)]
    expected = pipeline.predict_proba(checked[info.features].head(20))[:, 1]
    assert found == pytest.approx(expected, abs=1e-5)
    body = call_api.example(client.get("/openapi.json").json(), "/predict")
    assert client.post("/explain", json=body).status_code == 200
    wrong = client.post("/predict", json={"instances": [rows[0] | {"x0": "text"}]})
    assert wrong.json()["detail"][0]["loc"] == ["body", "instances", 0, "x0"]
