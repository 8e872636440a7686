"""The API: answers what the model says, refuses what it cannot take, needs little."""

import importlib.metadata
import json
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from fastapi.testclient import TestClient
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from sentiment import data
from sentiment.features import tokens
from sentiment.kit import ModelError
from sentiment.kit.files import Paths
from sentiment.predictor import Predictor
from sentiment.train import ODD_TEXTS

from api.main import create_app

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def client(project: Path) -> TestClient:
    return TestClient(create_app(project / "models"), raise_server_exceptions=False)


@pytest.fixture(scope="module")
def reviews(project: Path) -> list[dict[str, Any]]:
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


def test_health_and_model_name_the_published_version(client: TestClient, project: Path):
    version = (project / "models" / "current.txt").read_text(encoding="utf-8").strip()
    assert client.get("/health").json()["model_version"] == version
    model = client.get("/model").json()
    assert model["version"] == version
    assert model["dataset"]["synthetic"] is True
    assert {"metrics", "prices", "sha256"} <= model.keys()
    assert not {"signature", "limits"} & model.keys()


def test_predictions_are_those_of_the_model_in_the_order_sent(
    client: TestClient, reviews: list[dict[str, Any]], project: Path
):
    predictor = Predictor.load(project / "models")
    together = predict(client, reviews)
    assert together == predictor.predict(reviews)
    assert len({row["probability"] for row in together}) > 30
    assert {row["decision"] for row in together} == {"read", "skip"}
    alone = [predict(client, [review])[0] for review in reviews]
    for one, other in zip(together, alone, strict=True):
        assert one["probability"] == pytest.approx(other["probability"], abs=1e-6)
        assert one["label"] == ("positive" if one["probability"] >= 0.5 else "negative")


def test_every_word_has_its_part_strongest_first(client: TestClient):
    text = "The sound is great, really great, and the battery is terrible."
    [found] = explain(client, text)
    assert {row["feature"] for row in found} == set(tokens(text))
    effects = {row["feature"]: row["contribution"] for row in found}
    assert {row["feature"]: row["value"] for row in found}["great"] == 2
    assert effects["great"] > 0 > effects["terrible"]
    strengths = [abs(row["contribution"]) for row in found]
    assert strengths == sorted(strengths, reverse=True)


@pytest.mark.parametrize("text", [text for text in ODD_TEXTS if len(text) < 2_000])
def test_odd_texts_are_accepted(client: TestClient, text: str):
    [row] = predict(client, [{"text": text}])
    assert 0 < row["probability"] < 1
    [found] = explain(client, text)
    assert len(found) == len(set(tokens(text)))


# Wrong questions


@pytest.mark.parametrize(
    ("instances", "place"),
    [
        ([], ["instances"]),
        ([{"text": "good"}] * 101, ["instances"]),
        ([{}], ["instances", 0, "text"]),
        ([{"text": None}], ["instances", 0, "text"]),
        ([{"text": 5}], ["instances", 0, "text"]),
        ([{"text": "good", "stars": 5}], ["instances", 0, "stars"]),
        ([{"text": "good"}, {"text": "x" * 2_001}], ["instances", 1, "text"]),
    ],
)
def test_wrong_values_are_named_with_their_place(client: TestClient, instances: Any, place: Any):
    for path in ("/predict", "/explain"):
        answer = client.post(path, json={"instances": instances})
        assert answer.status_code == 422
        assert answer.json()["detail"][0]["loc"] == ["body", *place]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'{"instances": {}}', b"\xff\xfe" * 99, b"[" * 20_000]
)
def test_broken_bodies_are_refused_without_a_traceback(client: TestClient, body: bytes):
    answer = client.post("/predict", content=body, headers=JSON)
    assert answer.status_code == 422
    assert answer.json()["detail"]
    assert "Traceback" not in answer.text


def in_parts(body: bytes) -> Iterator[bytes]:
    yield body[:60_000]
    yield body[60_000:]


@pytest.mark.parametrize("send", [lambda body: body, in_parts])
def test_large_bodies_are_413(client: TestClient, send: Any):
    answer = client.post("/predict", content=send(b" " * 100_001), headers=JSON)
    assert answer.status_code == 413
    expected = "the request is too large: expected at most 0.1 MB"
    assert answer.json() == {"detail": expected}


def test_other_kinds_paths_and_methods_are_refused(client: TestClient):
    answer = client.post("/predict", content=b"a=1", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415
    assert answer.json() == {"detail": "expected Content-Type application/json, found text/plain"}
    assert client.get("/models").status_code == 404
    assert client.get("/predict").status_code == 405


# What it is served from


def test_missing_or_tampered_models_stop_the_start(own_project: Path):
    models = own_project / "models"
    [file] = [file for file in models.glob("*/model.onnx") if file.parent.name != "candidate"]
    file.write_bytes(file.read_bytes() + b" ")
    with pytest.raises(ModelError, match="not the one that was published"):
        create_app(models)
    shutil.rmtree(models)
    with pytest.raises(ModelError, match="no model in"):
        create_app(models)


SERVE = """
import json, sys
from pathlib import Path

refused, models, instance = json.loads(sys.stdin.read())
sys.modules.update(dict.fromkeys(refused))  # importing one of these fails from here on

import sentiment.cli
from sentiment.predictor import Predictor
from api.main import create_app

create_app(Path(models))
print(json.dumps(Predictor.load(Path(models)).predict([instance])))
"""


def base_distributions() -> set[str]:
    """What `pip install .` brings: the project, its dependencies, and what these need."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found, waiting = {canonicalize_name(project["name"])}, project["dependencies"]
    while waiting:
        requirement = Requirement(waiting.pop())
        name, marker = canonicalize_name(requirement.name), requirement.marker
        if name not in found and (marker is None or marker.evaluate({"extra": ""})):
            found.add(name)
            waiting += importlib.metadata.requires(name) or []
    return found


def test_the_server_needs_the_base_dependencies_alone(project: Path):
    base = base_distributions()
    refused = [
        module
        for module, distributions in importlib.metadata.packages_distributions().items()
        if not base & {canonicalize_name(name) for name in distributions}
    ]
    assert {"matplotlib", "pandas", "sklearn", "streamlit"} <= set(refused)
    instance, models = {"text": "The battery is great."}, project / "models"
    answer = subprocess.run(
        [sys.executable, "-c", SERVE],
        input=json.dumps([refused, str(models), instance]),
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout) == Predictor.load(models).predict([instance])
