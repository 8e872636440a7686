"""Starting from a network trained on other images; needs transformers, the extra `transfer`."""

from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..config import Config
from ..kit import ProjectError
from ..network import Fitted, Network, Task, fit

# Mean and spread of the colours of ImageNet (Deng et al. 2009), which such networks expect.
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
PROBE = 64  # pixels a side of the image that shows what a checkpoint gives


@dataclass(frozen=True)
class Checkpoint:
    """A trained network that turns colour images into maps of ``width`` features."""

    name: str
    network: nn.Module
    width: int


class Pretrained(nn.Module):
    """Feature maps of a trained network for grey or colour images, enlarged to ``size``."""

    def __init__(self, network: nn.Module, size: int) -> None:
        super().__init__()
        self.network = network
        self.size = size

    def forward(self, images: Tensor) -> Tensor:
        colour = images.expand(-1, 3, -1, -1)  # grey: three times the same
        larger = functional.interpolate(
            colour, size=(self.size, self.size), mode="bilinear", align_corners=False
        )
        return self.network(larger).last_hidden_state


def load_checkpoint(name: str, root: Path) -> Checkpoint:
    """Load a folder, which may start at ``root``, or a model of the Hugging Face hub.

    A ProjectError says that the library or the checkpoint is missing, or the model has no feature
    maps.
    """
    try:
        from safetensors import SafetensorError
        from transformers import AutoModel
    except ModuleNotFoundError as error:
        raise ProjectError(
            f"`models` names transfer, which needs {error.name}: install it with "
            "`uv sync --extra transfer` (or pip install '.[transfer]'), or leave transfer out."
        ) from error
    folder = root / Path(name).expanduser()
    try:
        network = AutoModel.from_pretrained(folder if folder.is_dir() else name)
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        first = str(error).strip().split("\n")[0]
        raise ProjectError(
            f"transfer.checkpoint: {name!r} cannot be loaded: {first}. Connect to the internet "
            f"once, or fetch it elsewhere (`hf download {name} --local-dir checkpoint`) and set "
            "`checkpoint` to that folder; or leave transfer out of `models`."
        ) from error
    return Checkpoint(name, network.float(), _width(name, network))


def _width(name: str, network: nn.Module) -> int:
    """How many features the network gives at each place of its map."""
    try:
        with torch.no_grad():
            network.eval()
            found = network(torch.zeros(1, 3, PROBE, PROBE)).last_hidden_state
        if found.ndim != 4:
            raise ValueError(f"an output of {found.ndim} dimensions")
    except (AttributeError, RuntimeError, TypeError, ValueError) as error:
        raise ProjectError(
            f"transfer.checkpoint: {name!r} gives no map of features ({error}). Expected a "
            "convolutional image model, such as google/mobilenet_v2_1.0_224 or microsoft/resnet-18."
        ) from error
    return found.shape[1]


def transfer(checkpoint: Checkpoint, task: Task, config: Config) -> Fitted:
    """Train a new head on frozen features, then everything with the phase ``whole``."""
    torch.manual_seed(config.seed)
    settings, channels = config.transfer, task.train.shape[3]
    scale = (MEAN, STD) if channels == 3 else ([sum(MEAN) / 3], [sum(STD) / 3])
    task = replace(task, mean=scale[0], std=scale[1])
    network = Network(Pretrained(checkpoint.network, settings.size), checkpoint.width)
    network.features.requires_grad_(False)
    first = fit(network, task, settings.head, config.augmentation, config.seed, "transfer (head)")
    network.features.requires_grad_(True)
    then = fit(network, task, settings.whole, config.augmentation, config.seed, "transfer (whole)")
    later = [{**row, "epoch": row["epoch"] + len(first)} for row in then]
    return Fitted(network, task, [*first, *later])
