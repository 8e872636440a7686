"""Transfer learning on checkpoints that are made here: random weights, the real path."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scipy.special import expit

from imaging import data, models, network, train
from imaging.cli import main
from imaging.config import Config
from imaging.kit import ProjectError
from imaging.kit.files import Paths, read_json
from imaging.network import Task
from imaging.predictor import Predictor
from imaging.train import Calibration


@pytest.fixture(autouse=True)
def needs_transformers() -> None:
    """Skip each test, not the file: what pytest never lists cannot count as passed."""
    pytest.importorskip("transformers", reason="needs the extra `transfer`")


def checkpoint(folder: Path, kind: str) -> Path:
    """A tiny model with random weights, in the format of real ones."""
    import transformers

    torch.manual_seed(0)
    if kind == "resnet":
        settings = transformers.ResNetConfig(
            embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1], layer_type="basic"
        )
        model = transformers.ResNetModel(settings)
    elif kind == "mobilenet":
        settings = transformers.MobileNetV2Config(depth_multiplier=0.25, finegrained_output=False)
        model = transformers.MobileNetV2Model(settings)
    elif kind == "efficientnet":
        settings = transformers.EfficientNetConfig(
            width_coefficient=0.25, depth_coefficient=0.25, hidden_dim=320, image_size=64
        )
        model = transformers.EfficientNetModel(settings)
    else:
        settings = transformers.ViTConfig(
            hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16
        )
        model = transformers.ViTModel(settings)
    model.save_pretrained(folder)
    return folder


def configured(settings: dict[str, Any], **changes: Any) -> Config:
    settings["transfer"] |= {"checkpoint": "checkpoint"} | changes
    return Config(**settings | {"models": ["logistic_regression", "transfer"]})


def task(channels: int) -> Task:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (40, 16, 16, channels), dtype=np.uint8)
    y = np.resize([1.0, 0.0], 40)
    return Task(images, y, images[:20], y[:20], mean=[0.0] * channels, std=[1.0] * channels)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("kind", ["resnet", "mobilenet", "efficientnet"])
def test_checkpoint_is_trained_and_exported(
    tmp_path: Path, settings: dict[str, Any], kind: str, channels: int
):
    checkpoint(tmp_path / "checkpoint", kind)
    config = configured(settings, size=64)
    fitted = models.ladder(config, tmp_path)["transfer"](task(channels), config)
    assert [row["epoch"] for row in fitted.curve] == [1, 2]
    nothing = Calibration(1.0, 0.0, fitted.task.validation_y, {})
    signature = {"mean": fitted.task.mean, "std": fitted.task.std}
    predictor = Predictor(train.to_onnx(fitted, nothing), {"signature": signature})
    expected = expit(fitted.log_odds(fitted.task.train))
    assert train.check_parity(expected, predictor, fitted.task.train) < 1e-4
    probability, maps = predictor.maps(fitted.task.train)
    log_odds = np.log(probability / (1 - probability))
    constant = log_odds - maps.mean(axis=(1, 2))
    assert constant == pytest.approx(np.full(40, constant[0]), abs=1e-3)


def test_first_the_head_alone_then_everything(
    tmp_path: Path, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    from imaging import transfer

    checkpoint(tmp_path / "checkpoint", "resnet")
    config = configured(settings)
    seen = []
    real = transfer.fit

    def spy(model: network.Network, *arguments: Any) -> Any:
        frozen = not any(weight.requires_grad for weight in model.features.parameters())
        seen.append((frozen, arguments[1].learning_rate))
        return real(model, *arguments)

    monkeypatch.setattr(transfer, "fit", spy)
    models.ladder(config, tmp_path)["transfer"](task(1), config)
    assert seen == [(True, 0.005), (False, 0.001)]


def test_ladder_with_transfer_runs_to_a_candidate(tmp_path: Path, settings: dict[str, Any]):
    checkpoint(tmp_path / "checkpoint", "resnet")
    config, paths = configured(settings), Paths(tmp_path)
    data.run(config, paths)
    train.run(config, paths)
    rows = read_json(paths.candidate / "training.json", "train")["models"]
    assert [row["name"] for row in rows] == ["dummy", "logistic_regression", "transfer"]
    assert len(rows[-1]["curve"]) == 2


def test_missing_checkpoint_says_how_to_get_one(
    tmp_path: Path, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ProjectError, match="hf download nobody/nothing") as error:
        models.ladder(configured(settings, checkpoint="nobody/nothing"), tmp_path)
    assert "leave transfer out of `models`" in str(error.value)


def test_model_without_maps_is_refused(tmp_path: Path, settings: dict[str, Any]):
    checkpoint(tmp_path / "checkpoint", "vit")
    with pytest.raises(ProjectError, match="gives no map of features"):
        models.ladder(configured(settings), tmp_path)


def test_missing_library_is_exit_2_with_the_remedy(
    fresh_project: Path, monkeypatch: pytest.MonkeyPatch
):
    from click.testing import CliRunner

    file = fresh_project / "config.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("resnet]", "resnet, transfer]"), encoding="utf-8")
    assert CliRunner().invoke(main, ["--config", str(file), "data"]).exit_code == 0
    monkeypatch.setitem(sys.modules, "transformers", None)
    result = CliRunner().invoke(main, ["--config", str(file), "train"])
    assert result.exit_code == 2
    assert "uv sync --extra transfer" in result.output
