"""Maps: the same as captum's, drawn where they belong, and right on what was planted."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from captum.attr import LayerGradCam

from imaging import gradcam, models, network, sample
from imaging.data import Part, read_processed
from imaging.explain import pointing_game
from imaging.images import normalise
from imaging.kit.files import Paths, read_json
from imaging.network import Task
from imaging.predictor import Predictor
from imaging.train import Calibration, strong_evidence, to_onnx

SIZE = 32


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return sample.make_sample(0)[0][:20]


def shipped(model: torch.nn.Module, images: np.ndarray, scale: float = 1.0) -> Predictor:
    """A predictor around the export of ``model``, as if calibrated by ``scale``."""
    y = np.resize([1.0, 0.0], len(images))
    task = Task(images, y, images, y, mean=[0.5], std=[0.25])
    calibration = Calibration(scale, 0.3, y, {})
    signature = {"size": SIZE, "channels": 1, "mean": task.mean, "std": task.std}
    content = to_onnx(network.Fitted(model, task), calibration)
    return Predictor(content, {"signature": signature})


def random_resnet() -> network.Network:
    """A network whose running averages have seen something, so that its maps differ."""
    torch.manual_seed(0)
    model = network.resnet(1, SIZE, 16, 2)
    model.train()
    model(torch.randn(64, 1, SIZE, SIZE))
    return model.eval()


def test_exported_maps_are_those_of_captum(images: np.ndarray):
    model = random_resnet()
    inputs = torch.from_numpy(normalise(images, [0.5], [0.25]))

    def log_odds(batch: torch.Tensor) -> torch.Tensor:
        return model(batch)[0]

    theirs = LayerGradCam(log_odds, model.features).attribute(inputs)[:, 0].detach().numpy()
    ours = shipped(model, images).maps(images)[1]
    # Grad-CAM averages gradients over places: ours is theirs times the number of places.
    np.testing.assert_allclose(ours, theirs * ours[0].size, rtol=1e-3, atol=1e-3)
    assert np.ptp(ours) > 0.1


@pytest.mark.parametrize("scale", [1.0, 0.5])
@pytest.mark.parametrize("kind", ["resnet", "pixels"])
def test_map_is_what_the_log_odds_are_made_of(kind: str, scale: float, images: np.ndarray):
    rng = np.random.default_rng(0)
    pixels = models.PixelModel(rng.normal(size=(1, 32, 32)) / 32, np.zeros((1, 32, 32)), 0.7, 1)
    probability, maps = shipped(
        pixels if kind == "pixels" else random_resnet(), images, scale
    ).maps(images)
    log_odds = np.log(probability / (1 - probability))
    constant = log_odds - maps.mean(axis=(1, 2))
    assert np.ptp(log_odds) > 0.003
    assert constant == pytest.approx(np.full(len(images), constant[0]), abs=1e-5)


@pytest.mark.parametrize("channels", [1, 3])
def test_overlay_shows_heat_as_strongly_as_asked(channels: int):
    image = np.full((SIZE, SIZE, channels), 90, dtype=np.uint8)
    activation = np.zeros((8, 8))
    activation[2, 5] = 3.0
    spot = tuple(np.array(gradcam.peak(activation, gradcam.SIDE)))
    for opacity, expected in ((0, [90, 90, 90]), (1, gradcam.HEAT[-1])):
        picture = gradcam.overlay(image, activation, 1.0, opacity)
        assert picture.shape == (gradcam.SIDE, gradcam.SIDE, 3)
        assert picture[spot] == pytest.approx(expected, abs=2)
        assert picture[-1, 0] == pytest.approx([90, 90, 90], abs=2)
    # Half as much evidence as gets the full colour covers half as much of the image.
    half = gradcam.overlay(image, activation / 2, gradcam.enlarged(activation, SIZE).max(), 1)
    assert abs(half[spot].astype(float) - 90).max() < abs(gradcam.HEAT[-1] - 90.0).max()


def test_pointing_game_counts_by_hand():
    maps = np.zeros((4, 8, 8))
    maps[:, 2, 5] = 1.0  # the peak is near row 9.5, column 21.5
    nothing = np.nan
    cases = pd.DataFrame(
        [
            (6.0, 10.0, 22.0, 28.0, 28.0),  # on the finding
            (6.0, 10.0, 26.0, 10.0, 22.0),  # beside the finding, on the marker
            (6.0, 14.0, 22.0, nothing, nothing),  # on neither
            (0.0, nothing, nothing, 10.0, 22.0),  # without a finding: does not count
        ],
        columns=["diameter", "row", "column", "marker_row", "marker_column"],
    )
    found = pointing_game(maps, cases)
    assert (found["cases"], found["marked"]) == (3, 2)
    assert found["on_finding"]["value"] == pytest.approx(1 / 3)
    assert found["on_marker"]["value"] == pytest.approx(1 / 2)
    assert found["by_chance"] == pytest.approx(np.pi * 9 / 32**2)
    none = pointing_game(maps[2:3], cases[2:3])
    assert none["on_marker"] is None


def test_published_model_looks_at_the_opacity(project: Path):
    split, _ = read_processed(Paths(project))
    predictor = Predictor.load(Paths(project).models)
    _, maps = predictor.maps(split.test.images)
    found = pointing_game(maps, split.test.cases)
    assert found["on_finding"]["value"] > 4 * found["by_chance"]
    assert found["on_marker"]["value"] < 0.1
    assert read_json(project / "reports" / "explain.json", "explain")["pointing_game"]["cases"] > 50


@pytest.mark.parametrize(("peaks", "expected"), [([3.0, 9.0, 5.0], 5.0), ([-2.0, -1.0, 0.2], 1.0)])
def test_full_colour_is_the_peak_of_a_typical_positive_case(peaks: list[float], expected: float):
    maps = np.full((5, 4, 4), 99.0)
    maps[1:4] = -3.0
    maps[1:4, 2, 1] = peaks
    cases = pd.DataFrame({"y": [0, 1, 1, 1, 0]})
    places = np.arange(5, dtype=np.uint8)[:, None, None, None]
    predictor = SimpleNamespace(maps=lambda images: (images, maps[images.ravel()]))
    assert strong_evidence(predictor, Part(places, cases)) == expected  # type: ignore[arg-type]
