"""What the API does in every project: says who it is, refuses what is wrong, needs little."""

import importlib.metadata
import json
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from recommender.config import load_config
from recommender.errors import ModelError
from recommender.predictor import Predictor

from . import call_api
from .conftest import ROOT, SETTINGS
from api.main import create_app

KIND = {"Content-Type": call_api.CONTENT_TYPE}
PATHS = ("/predict", "/explain")


@pytest.fixture(scope="module")
def client(project: Path) -> TestClient:
    return TestClient(create_app(project / "models"), raise_server_exceptions=False)


# Right questions


def test_health_and_model_name_the_published_version(client: TestClient, project: Path):
    predictor = Predictor.load(project / "models")
    assert client.get("/health").json() == {"status": "ok", "model_version": predictor.version}
    model = client.get("/model").json()
    assert model["version"] == predictor.version
    assert model["dataset"]["synthetic"] is True
    assert {"metrics", "prices", "sha256"} <= model.keys()


@pytest.fixture(scope="module")
def instance(client: TestClient) -> Any:
    """One instance, from the example in the API's own documentation."""
    return call_api.example(client.get("/openapi.json").json(), "/predict")["instances"][0]


@pytest.mark.parametrize("path", PATHS)
def test_example_in_the_documentation_is_a_valid_request(client: TestClient, path: str):
    body = call_api.example(client.get("/openapi.json").json(), path)
    answer = client.post(path, json=body)
    assert answer.status_code == 200
    assert answer.json()["model_version"] == client.get("/health").json()["model_version"]


def test_too_many_instances_are_refused(client: TestClient, instance: Any):
    limit = load_config(SETTINGS).limits.batch
    answer = client.post("/predict", json={"instances": [instance] * limit})
    assert len(answer.json()["predictions"]) == limit
    answer = client.post("/predict", json={"instances": [instance] * (limit + 1)})
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", "instances"]


BROKEN = (
    b"{",
    b"[]",
    b"null",
    b'{"instances": []}',
    b'{"instances": {}}',
    b'{"instances": [1]}',
    b'{"instances": [null]}',
    b'{"instances": [{}], "more": 1}',
    b"[" * 20_000,
)
# Wrong questions


@pytest.mark.parametrize("in_parts", [False, True])
def test_large_body_is_413(client: TestClient, in_parts: bool):
    megabytes = load_config(SETTINGS).limits.body_mb
    body = b" " * int(megabytes * 1_000_000 + 1)
    content = iter([body[:60_000], body[60_000:]]) if in_parts else body
    answer = client.post("/predict", content=content)
    assert answer.status_code == 413
    detail = f"the request is too large: expected at most {megabytes:g} MB"
    assert answer.json() == {"detail": detail}


@pytest.mark.parametrize("path", PATHS)
def test_broken_body_is_refused_without_a_traceback(client: TestClient, path: str):
    for body in (b"", b"\xff\xfe" * 100, *BROKEN):
        answer = client.post(path, content=body, headers=KIND)
        assert answer.status_code in (415, 422), body
        assert "detail" in answer.json()
        assert "Traceback" not in answer.text


@pytest.mark.parametrize("path", PATHS)
def test_body_of_another_kind_is_415(client: TestClient, path: str):
    kind = call_api.CONTENT_TYPE.split(";")[0]
    answer = client.post(path, content=b"a=1", headers={"content-type": "text/plain"})
    assert answer.status_code == 415
    assert answer.json() == {"detail": f"expected Content-Type {kind}, found text/plain"}


def test_what_does_not_exist_is_404(client: TestClient):
    assert client.get("/models").status_code == 404
    assert client.get("/predict").status_code == 405


# Models that cannot be served


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


# The server's environment


SERVE = """
import json, sys
from pathlib import Path

refused, models, instance = json.loads(sys.stdin.read())
sys.modules.update(dict.fromkeys(refused))  # importing one of these fails from here on

import recommender.cli
from recommender.predictor import Predictor
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


def test_server_needs_the_base_dependencies_alone(project: Path, instance: Any):
    base = base_distributions()
    refused = [
        module
        for module, distributions in importlib.metadata.packages_distributions().items()
        if not base & {canonicalize_name(name) for name in distributions}
    ]
    assert {"matplotlib", "pandas", "pyarrow", "sklearn", "streamlit"} <= set(refused)
    models = str(project / "models")
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
