"""Where a trained network comes from: a package, a folder, or the Hugging Face hub."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import torch
from torch import Tensor, nn

from ..kit import ProjectError
from . import lite0

PROBE = 64  # pixels a side of the image that shows what a checkpoint gives


@dataclass(frozen=True)
class Checkpoint:
    """A trained network that turns colour images into maps of features, and its origin."""

    name: str
    sha256: str
    network: nn.Module


class LastMap(nn.Module):
    """The last map of features (n, width, h, w) of a model of transformers."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, images: Tensor) -> Tensor:
        return self.model(images).last_hidden_state


def load_checkpoint(name: str, root: Path) -> Checkpoint:
    """Load EfficientNet-Lite0, a folder, which may start at ``root``, or a model of the hub.

    A ProjectError says that a package or the checkpoint is missing, or the model has no feature
    maps.
    """
    if name == lite0.NAME:
        return Checkpoint(name, lite0.SHA256, lite0.load())
    folder = root / Path(name).expanduser()
    network = from_transformers(name, folder)
    weights = b"".join(weight.numpy().tobytes() for weight in network.state_dict().values())
    # The name of a folder, never its path, which may tell whose machine it lies on.
    shown = folder.resolve().name if folder.is_dir() else name
    return Checkpoint(shown, sha256(weights).hexdigest(), network)


def from_transformers(name: str, folder: Path) -> nn.Module:
    """A model that transformers knows, from ``folder`` where it is there, else from the hub."""
    try:
        from safetensors import SafetensorError
        from transformers import AutoModel
    except ModuleNotFoundError as error:
        raise ProjectError(
            f"`transfer.checkpoint` {name!r} needs {error.name}: install it with "
            "`uv sync --extra transfer` (or pip install '.[transfer]'), set `checkpoint` to "
            f"{lite0.NAME}, or leave transfer out of `models`."
        ) from error
    try:
        model = AutoModel.from_pretrained(folder if folder.is_dir() else name)
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        first = str(error).strip().split("\n")[0]
        raise ProjectError(
            f"transfer.checkpoint: {name!r} cannot be loaded: {first}. Connect to the internet "
            f"once, or fetch it elsewhere (`hf download {name} --local-dir checkpoint`) and set "
            "`checkpoint` to that folder; or leave transfer out of `models`."
        ) from error
    network = LastMap(model.float())
    try:
        with torch.no_grad():
            found = network.eval()(torch.zeros(1, 3, PROBE, PROBE))
        if found.ndim != 4:
            raise ValueError(f"an output of {found.ndim} dimensions")
    except (AttributeError, RuntimeError, TypeError, ValueError) as error:
        raise ProjectError(
            f"transfer.checkpoint: {name!r} gives no map of features ({error}). Expected a "
            "convolutional image model, such as google/mobilenet_v2_1.0_224 or microsoft/resnet-18."
        ) from error
    return network
