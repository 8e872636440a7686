"""The API: answers what the model says of an image, refuses what is none."""

import importlib.metadata
import json
import shutil
import subprocess
import sys
import tomllib
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import ROOT, SETTINGS, png
from fastapi.testclient import TestClient
from numpy.typing import NDArray
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from PIL import Image

from imaging.config import load_config
from imaging.data import read_processed
from imaging.images import to_png
from imaging.kit import ModelError
from imaging.kit.files import Paths
from imaging.predictor import Predictor

from api.main import create_app

Pixels = NDArray[np.uint8]


@pytest.fixture(scope="module")
def client(project: Path) -> TestClient:
    return TestClient(create_app(project / "models"), raise_server_exceptions=False)


@pytest.fixture(scope="module")
def predictor(project: Path) -> Predictor:
    return Predictor.load(project / "models")


@pytest.fixture(scope="module")
def images(project: Path) -> Pixels:
    """Some test images."""
    split, _ = read_processed(Paths(project))
    return split.test.images[:20]


def post(client: TestClient, *contents: bytes) -> Any:
    files = [("files", (f"{place}.png", content)) for place, content in enumerate(contents)]
    return client.post("/predict", files=files)


def predict(client: TestClient, *contents: bytes) -> list[dict[str, Any]]:
    answer = post(client, *contents)
    assert answer.status_code == 200, answer.text
    return answer.json()["predictions"]


def saved(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    content = BytesIO()
    image.save(content, kind, **options)
    return content.getvalue()


# Right questions


def test_health_model_and_documentation_say_what_it_is(client: TestClient, predictor: Predictor):
    assert client.get("/health").json()["model_version"] == predictor.version
    model = client.get("/model").json()
    assert model["version"] == predictor.version
    assert model["dataset"]["synthetic"] is True
    assert {"metrics", "prices", "sha256"} <= model.keys()
    document = client.get("/openapi.json").json()
    assert document["info"]["description"] == model["notice"]
    assert "Not a medical device" in model["notice"]


def test_predictions_are_those_of_the_model_in_the_order_sent(
    client: TestClient, images: Pixels, predictor: Predictor
):
    limit = load_config(SETTINGS).limits.batch
    contents = [to_png(image) for image in images[:limit]]
    together = predict(client, *contents)
    assert together == [one | {"warnings": []} for one in predictor.predict(images[:limit])]
    numbers = [row[key] for row in together for key in ("probability", "expected_value")]
    assert numbers == [float(f"{number:.6g}") for number in numbers]
    assert len({row["probability"] for row in together}) > 2
    for one, content in zip(together, contents, strict=True):
        (alone,) = predict(client, content)
        assert one["probability"] == pytest.approx(alone["probability"], abs=1e-6)


def test_explanation_is_the_image_under_its_map(
    client: TestClient, images: Pixels, predictor: Predictor
):
    content = to_png(images[predictor.predict_proba(images).argmax()])
    answers = [
        client.post("/explain", params={"opacity": opacity}, files={"file": content})
        for opacity in (0, 0.5, 1)
    ]
    plain, half, full = (np.asarray(Image.open(BytesIO(answer.content)), int) for answer in answers)
    assert plain.shape == half.shape == full.shape
    assert (plain == plain[:, :, :1]).all(), "without its map a grey image is grey"
    assert abs(full - plain).max() > 50
    assert abs(half - (plain + full) / 2).max() <= 2
    assert client.post("/explain", files={"file": content}).content == answers[1].content


def test_headers_of_an_explanation_hold_the_prediction(client: TestClient, images: Pixels):
    version = client.get("/health").json()["model_version"]
    decisions = set()
    for image in images:
        (expected,) = predict(client, to_png(image))
        answer = client.post("/explain", files={"file": to_png(image)})
        assert answer.headers["content-type"] == "image/png"
        assert answer.headers["model-version"] == version
        assert answer.headers["decision"] == expected["decision"]
        probability = float(answer.headers["probability"])
        assert probability == pytest.approx(expected["probability"], rel=1e-5)
        decisions.add(answer.headers["decision"])
    assert decisions == {"refer", "do not refer"}


# Wrong questions


LARGEST = load_config(SETTINGS).limits.pixels
WRONG = {
    "text": (b"probability,decision\n0.9,refer\n", 415),
    "GIF": (saved(Image.new("L", (32, 32)), "GIF"), 415),
    "empty": (b"", 422),
    "cut PNG": (png(64)[:60], 422),
    "tiny": (saved(Image.new("L", (2, 2))), 422),
    "more pixels than allowed": (saved(Image.new("1", (LARGEST // 100 + 1, 100))), 413),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_image_is_refused_and_named(client: TestClient, name: str):
    content, status = WRONG[name]
    answers = {
        "files": post(client, png(), content, png()),
        "file": client.post("/explain", files={"file": ("1.png", content)}),
    }
    for field, answer in answers.items():
        assert answer.status_code == status, answer.text
        detail = answer.json()["detail"]
        if status == 422:
            (problem,) = detail
            assert problem["loc"] == ["body", field, *([1] if field == "files" else [])]
            detail = problem["msg"]
        assert detail.startswith("'1.png': ")
        assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    ("path", "form", "place"),
    [
        ("/predict", {}, "files"),
        ("/predict", {"file": png()}, "files"),
        ("/explain", {}, "file"),
        ("/explain", {"files": png()}, "file"),
    ],
)
def test_missing_field_is_422_and_named(
    client: TestClient, path: str, form: dict[str, bytes], place: str
):
    answer = client.post(path, files=form or {"other": b"x"})
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", place]


@pytest.mark.parametrize(("path", "place"), [("/predict", "files"), ("/explain", "file")])
def test_text_in_place_of_a_file_is_422_and_says_so(client: TestClient, path: str, place: str):
    answer = client.post(path, data={place: "x.png"}, files={"other": b"x"})
    assert answer.status_code == 422
    (problem,) = answer.json()["detail"]
    assert problem["loc"] == ["body", place]
    assert problem["msg"].startswith("expected a file, found text")


def test_one_map_at_a_time(client: TestClient):
    answer = client.post("/explain", files=[("file", png()), ("file", png(64))])
    assert answer.status_code == 422
    (problem,) = answer.json()["detail"]
    assert problem["loc"] == ["body", "file"]
    assert problem["msg"] == "expected at most 1 file(s), found 2"


@pytest.mark.parametrize("opacity", ["-0.1", "1.1", "nan", "x", ""])
def test_opacity_is_a_share(client: TestClient, opacity: str):
    answer = client.post("/explain", params={"opacity": opacity}, files={"file": png()})
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["query", "opacity"]


def test_too_many_images_are_refused(client: TestClient):
    limit = load_config(SETTINGS).limits.batch
    assert post(client, *[png()] * limit).status_code == 200
    answer = post(client, *[png()] * (limit + 1))
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", "files"]


@pytest.mark.parametrize("in_parts", [False, True])
def test_large_body_is_413(client: TestClient, in_parts: bool):
    megabytes = load_config(SETTINGS).limits.body_mb
    body = b" " * int(megabytes * 1_000_000 + 1)
    content = iter([body[:60_000], body[60_000:]]) if in_parts else body
    kind = {"content-type": "multipart/form-data; boundary=x"}
    answer = client.post("/predict", content=content, headers=kind)
    assert answer.status_code == 413
    detail = f"the request is too large: expected at most {megabytes:g} MB"
    assert answer.json() == {"detail": detail}


@pytest.mark.parametrize("path", ["/predict", "/explain"])
def test_body_of_another_kind_is_415(client: TestClient, path: str):
    answer = client.post(path, content=b"a=1", headers={"content-type": "text/plain"})
    assert answer.status_code == 415
    assert answer.json() == {
        "detail": "expected Content-Type multipart/form-data, found text/plain"
    }


# The server


def test_missing_or_tampered_model_stops_the_start(own_project: Path):
    folder = own_project / "models"
    version = next(folder.glob("*/metadata.json")).parent
    metadata = json.loads((version / "metadata.json").read_text(encoding="utf-8"))
    for change in ({"prices": {}}, {"schema": -1}):
        changed = json.dumps(metadata | change)
        (version / "metadata.json").write_text(changed, encoding="utf-8")
        with pytest.raises(ModelError, match="publish"):
            create_app(folder)
    shutil.rmtree(folder)
    with pytest.raises(ModelError, match="no model in"):
        create_app(folder)


SERVE = """
import json, sys
from pathlib import Path

refused, models, image = json.loads(sys.stdin.read())
sys.modules.update(dict.fromkeys(refused))  # importing one of these fails from here on

import imaging.cli
from imaging.predictor import Predictor
from api.main import create_app

create_app(Path(models))
print(json.dumps(Predictor.load(Path(models)).predict([image])))
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


def test_server_needs_the_base_dependencies_alone(project: Path, images: Pixels):
    base = base_distributions()
    refused = [
        module
        for module, distributions in importlib.metadata.packages_distributions().items()
        if not base & {canonicalize_name(name) for name in distributions}
    ]
    assert {"matplotlib", "pandas", "pyarrow", "sklearn", "streamlit", "torch"} <= set(refused)
    models = str(project / "models")
    answer = subprocess.run(
        [sys.executable, "-c", SERVE],
        input=json.dumps([refused, models, images[0].tolist()]),
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
    )
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout) == Predictor.load(project / "models").predict(images[:1])
