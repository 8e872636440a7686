"""The API: answers what the model says of an image, refuses what is none."""

import struct
import zlib
from copy import copy
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from numpy.typing import NDArray
from PIL import Image

from imaging.config import load_config
from imaging.data import read_processed
from imaging.images import to_png
from imaging.paths import Paths
from imaging.predictor import Predictor

from .conftest import SETTINGS, png
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


def test_predictions_are_those_of_the_model_in_the_order_sent(
    client: TestClient, images: Pixels, predictor: Predictor
):
    limit = load_config(SETTINGS).limits.batch
    contents = [to_png(image) for image in images[:limit]]
    together = predict(client, *contents)
    assert together == predictor.predict(images[:limit])
    assert len({row["probability"] for row in together}) > 2
    for one, content in zip(together, contents, strict=True):
        (alone,) = predict(client, content)
        assert one["probability"] == pytest.approx(alone["probability"], abs=1e-6)


def test_decision_and_value_follow_from_probability_and_prices(client: TestClient, images: Pixels):
    model = client.get("/model").json()
    assert model["positive"] == ["opacity"]
    prices = model["prices"]
    assert prices["prevalence"] is None
    decisions = set()
    for image in images:
        (row,) = predict(client, to_png(image))
        p = row["probability"]
        assert (row["decision"] == "refer") == (p >= model["threshold"])
        expected = p * prices["missed_case"] - (1 - p) * prices["false_alarm"]
        assert row["expected_value"] == pytest.approx(expected, abs=1e-6 * prices["missed_case"])
        decisions.add(row["decision"])
    assert decisions == {"refer", "do not refer"}


def test_a_case_at_the_threshold_is_referred_and_priced_for_practice(predictor: Predictor):
    other, known = copy(predictor), predictor.metadata
    other.metadata = known | {
        "threshold": 0.5,
        "prices": known["prices"] | {"prevalence": 0.01},
        "prevalence": {"data": 0.5, "practice": 0.01},
    }
    (row,) = other.decide(np.array([0.5]))
    assert row["decision"] == "refer"
    # A model that knows nothing more than the share of ill cases: 0.5 there is 0.01 here.
    expected = 0.01 * known["prices"]["missed_case"] - 0.99 * known["prices"]["false_alarm"]
    assert row["expected_value"] == pytest.approx(expected)


def test_a_colour_model_gets_colours(predictor: Predictor):
    other, size = copy(predictor), predictor.signature["size"]
    other.signature = predictor.signature | {"channels": 3}
    assert other.read(png()).shape == (size, size, 3)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "P", "1", "I;16"])
def test_every_kind_of_png_is_read(client: TestClient, mode: str):
    grey = Image.open(BytesIO(png(64)))
    image = (
        Image.fromarray(np.asarray(grey, np.uint16) * 257) if mode == "I;16" else grey.convert(mode)
    )
    (found,) = predict(client, saved(image))
    if mode != "1":  # black and white only: something else than the grey image
        (expected,) = predict(client, png(64))
        assert found["probability"] == pytest.approx(expected["probability"], abs=0.02)


def test_jpegs_are_turned_as_the_camera_says(client: TestClient):
    image = Image.open(BytesIO(png(64)))
    turned = image.transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown a quarter turn clockwise
    upright, marked = predict(
        client, saved(image, "JPEG", quality=95), saved(turned, "JPEG", quality=95, exif=exif)
    )
    assert marked["probability"] == pytest.approx(upright["probability"], abs=0.01)


def test_name_and_declared_type_of_a_file_do_not_matter(client: TestClient):
    (expected,) = predict(client, png())
    for name, kind in (("x.txt", "text/plain"), ("é |[[[.exe", "application/octet-stream")):
        answer = client.post("/predict", files=[("files", (name, png(), kind))])
        assert answer.json()["predictions"] == [expected]


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


def animated(kind: str) -> bytes:
    frames = [Image.new("L", (32, 32), level) for level in (0, 128, 255)]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:])


def bomb(side: int) -> bytes:
    """A few bytes that say that they are an image of ``side`` x ``side`` pixels."""
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    chunks = (b"IHDR", head), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")
    parts = [
        struct.pack(">I", len(content))
        + name
        + content
        + struct.pack(">I", zlib.crc32(name + content))
        for name, content in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


LARGEST = load_config(SETTINGS).limits.pixels
WRONG = {
    "text": (b"probability,decision\n0.9,refer\n", 415),
    "GIF": (saved(Image.new("L", (32, 32)), "GIF"), 415),
    "animated GIF": (animated("GIF"), 415),
    "BMP": (saved(Image.new("L", (32, 32)), "BMP"), 415),
    "empty": (b"", 422),
    "cut PNG": (png(64)[:60], 422),
    "cut JPEG": (saved(Image.open(BytesIO(png(64))), "JPEG")[:300], 422),
    "first bytes only": (png(64)[:20], 422),
    "no pixels": (bomb(64), 422),
    "animated PNG": (animated("PNG"), 422),
    "tiny": (saved(Image.new("L", (2, 2))), 422),
    "more pixels than allowed": (saved(Image.new("1", (LARGEST // 100 + 1, 100))), 413),
    "bomb": (bomb(20_000), 413),
    "larger bomb": (bomb(2**31 - 1), 413),
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
