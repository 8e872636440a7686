"""The API: answers what the model says, refuses what it does not know, needs little."""

import importlib.metadata
import json
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT, SETTINGS
from fastapi.testclient import TestClient
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from churn import data, evaluate, models
from churn.config import Dataset, load_config
from churn.kit import ModelError
from churn.kit.files import Paths
from churn.kit.store import publish
from churn.predictor import Predictor

from api.main import create_app

JSON = {"Content-Type": "application/json"}
ROUTES = ("/predict", "/explain")

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


def example(client: TestClient) -> Customer:
    """The customer in the API's own documentation."""
    return client.get("/openapi.json").json()["components"]["schemas"]["Customer"]["example"]


# Right questions


def test_health_and_model_name_the_published_version(client: TestClient, project: Path):
    predictor = Predictor.load(project / "models")
    assert client.get("/health").json()["model_version"] == predictor.version
    model = client.get("/model").json()
    assert model["version"] == predictor.version
    assert model["dataset"]["synthetic"] is True
    assert {"metrics", "prices", "sha256", "threshold", "title"} <= model.keys()


def test_predictions_are_those_of_the_model_in_the_order_sent(
    client: TestClient, customers: list[Customer], project: Path
):
    predictor = Predictor.load(project / "models")
    together = predict(client, customers)
    assert [row.pop("warnings") for row in together] == predictor.warnings(customers)
    assert together == predictor.predict(customers)
    assert len({row["probability"] for row in together}) > 15
    alone = [predict(client, [customer])[0] for customer in customers]
    for one, other in zip(together, alone, strict=True):
        assert one["probability"] == pytest.approx(other["probability"], abs=1e-6)


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


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("contract", "Monthly", "monthly"),
        ("tenure_months", -500.0, "0 to 72"),
        ("tenure_months", 73, "0 to 72"),
    ],
)
def test_value_that_the_model_does_not_know_is_named_or_refused(
    client: TestClient, column: str, value: object, expected: str
):
    typical, route = example(client), "/predict?strict=true"
    body = {"instances": [typical | {"region": None}, typical | {column: value}]}
    found = [row["warnings"] for row in predict(client, body["instances"])]
    assert found == [[], [{"column": column, "value": value, "expected": expected}]]
    refused, place = client.post(route, json=body), ["body", "instances", 1, column]
    problem = {"type": "unknown", "loc": place, "msg": f"expected {expected}"}
    assert (refused.status_code, refused.json()) == (422, {"detail": [problem]})
    assert client.post(route, json={"instances": [typical]}).status_code == 200


@pytest.mark.parametrize("route", ROUTES)
def test_example_in_the_documentation_is_a_valid_request(client: TestClient, route: str):
    answer = client.post(route, json={"instances": [example(client)]})
    assert answer.status_code == 200


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
    for route in ROUTES:
        answer = client.post(route, content=body, headers=JSON)
        assert answer.status_code == 422
        assert [problem["loc"] for problem in answer.json()["detail"]] == [
            ["body", "instances", 1, place]
        ]


def test_too_many_customers_are_refused(client: TestClient, customers: list[Customer]):
    limit = load_config(SETTINGS).limits.batch
    assert len(predict(client, customers[:1] * limit)) == limit
    answer = client.post("/predict", json={"instances": customers[:1] * (limit + 1)})
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", "instances"]


@pytest.mark.parametrize("in_parts", [False, True])
@pytest.mark.parametrize("headers", [{}, JSON])
def test_large_body_is_413(client: TestClient, in_parts: bool, headers: dict[str, str]):
    megabytes = load_config(SETTINGS).limits.body_mb
    body = b" " * int(megabytes * 1_000_000 + 1)
    content = iter([body[:60_000], body[60_000:]]) if in_parts else body
    answer = client.post("/predict", content=content, headers=headers)
    assert answer.status_code == 413
    detail = f"the request is too large: expected at most {megabytes:g} MB"
    assert answer.json() == {"detail": detail}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe" * 99,
        b"{",
        b"null",
        b'{"instances": []}',
        b'{"instances": [1]}',
        b"[" * 9_999,
    ],
)
def test_broken_body_is_422_without_a_traceback(client: TestClient, body: bytes):
    for route in ROUTES:
        answer = client.post(route, content=body, headers=JSON)
        assert answer.status_code == 422
        assert {"type", "loc", "msg"} == set(answer.json()["detail"][0])
        assert "Traceback" not in answer.text


@pytest.mark.parametrize("route", ROUTES)
def test_body_of_another_kind_is_415(client: TestClient, route: str):
    answer = client.post(route, content=b"a=1", headers={"content-type": "text/plain"})
    assert answer.status_code == 415
    assert answer.json() == {"detail": "expected Content-Type application/json, found text/plain"}


def test_what_does_not_exist_is_404(client: TestClient):
    assert client.get("/models").status_code == 404
    assert client.get("/predict").status_code == 405


def test_missing_tampered_or_outdated_model_stops_the_start(own_project: Path):
    folder = own_project / "models"
    version = next(folder.glob("*/metadata.json")).parent
    metadata = json.loads((version / "metadata.json").read_text(encoding="utf-8"))
    for key, value in (("prices", {}), ("schema", -1)):
        changed = json.dumps(metadata | {key: value})
        (version / "metadata.json").write_text(changed, encoding="utf-8")
        with pytest.raises(ModelError, match=r"publish|Publish"):
            create_app(folder)
    shutil.rmtree(folder)
    with pytest.raises(ModelError, match="no model in"):
        create_app(folder)


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
    checked, info = data.validate(table, Dataset(path="mine.csv", target="left"), "mine", "0" * 64)
    assert info.features == numbers + categories
    pipeline = models.logistic_regression().pipeline(info)
    pipeline.fit(checked[info.features], checked["left"])
    config = load_config(SETTINGS)
    metadata = {
        "title": "Mine",
        "file": "model.onnx",
        "signature": evaluate.signature(checked, info),
        "threshold": 0.5,
        "prices": config.prices.model_dump(),
        "limits": config.limits.model_dump(),
    }
    publish(Paths(tmp_path), evaluate.to_onnx(pipeline, info), metadata, packages=[])
    client = TestClient(create_app(tmp_path / "models"), raise_server_exceptions=False)
    rows = json.loads(checked[info.features].head(20).to_json(orient="records"))
    found = [row["probability"] for row in predict(client, rows)]
    expected = pipeline.predict_proba(checked[info.features].head(20))[:, 1]
    assert found == pytest.approx(expected, abs=1e-5)
    assert client.post("/explain", json={"instances": [example(client)]}).status_code == 200
    wrong = client.post("/predict", json={"instances": [rows[0] | {"x0": "text"}]})
    assert wrong.json()["detail"][0]["loc"] == ["body", "instances", 0, "x0"]


# The server's environment


SERVE = """
import json, sys
from pathlib import Path

refused, models, instance = json.loads(sys.stdin.read())
sys.modules.update(dict.fromkeys(refused))  # importing one of these fails from here on

import churn.cli
from churn.predictor import Predictor
from api.main import create_app

create_app(Path(models))
print(json.dumps(Predictor.load(Path(models)).predict([instance])))
"""


def base_distributions() -> set[str]:
    """What `pip install .` brings: the project, its dependencies, and what these need."""
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(pyproject)["project"]
    found, waiting = {canonicalize_name(project["name"])}, project["dependencies"]
    while waiting:
        requirement = Requirement(waiting.pop())
        name, marker = canonicalize_name(requirement.name), requirement.marker
        if name not in found and (marker is None or marker.evaluate({"extra": ""})):
            found.add(name)
            waiting += importlib.metadata.requires(name) or []
    return found


def test_server_needs_the_base_dependencies_alone(project: Path, client: TestClient):
    base = base_distributions()
    refused = [
        module
        for module, distributions in importlib.metadata.packages_distributions().items()
        if not base & {canonicalize_name(name) for name in distributions}
    ]
    assert {"matplotlib", "pandas", "pyarrow", "sklearn", "streamlit"} <= set(refused)
    models, instance = str(project / "models"), example(client)
    answer = subprocess.run(
        [sys.executable, "-c", SERVE],
        input=json.dumps([refused, models, instance]),
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout) == Predictor.load(project / "models").predict([instance])
