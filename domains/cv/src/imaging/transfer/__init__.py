"""Starting from a network trained on other images: a new head first, then everything."""

from dataclasses import replace
from pathlib import Path
from typing import Self

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from torch import Tensor, nn
from torch.nn import functional

from ..config import Config
from ..images import Images
from ..kit import ProjectError
from ..kit.intervals import Array
from ..network import AT_ONCE, DEVICE, Fitted, Network, Task, fit, to_tensor
from .checkpoint import Checkpoint, load_checkpoint

# Mean and spread of the colours of ImageNet (Deng et al. 2009), which such networks expect.
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
PENALTIES = (0.0001, 0.001, 0.01, 0.1)  # smaller is stronger
BYTES = 4  # of a weight


class Enlarged(nn.Module):
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
        return self.network(larger)

    def train(self, mode: bool = True) -> Self:
        """Keep what batch normalisation learned from a million images: a few would be noise."""
        super().train(mode)
        for layer in self.modules():
            if isinstance(layer, nn.BatchNorm2d):
                layer.eval()
        return self


def prepare(config: Config, root: Path) -> Checkpoint:
    """The checkpoint that ``config.transfer`` names, once it is known that it can be published.

    A ProjectError says that it is missing, or larger than ``limits.model_mb``.
    """
    checkpoint, most = load_checkpoint(config.transfer.checkpoint, root), config.limits.model_mb
    size = sum(weight.numel() for weight in checkpoint.network.parameters()) * BYTES / 1e6
    if size > most:
        raise ProjectError(
            f"transfer from {checkpoint.name} could not be published: it takes {size:.1f} MB, "
            f"`limits.model_mb` allows {most:g}. Raise that, name a smaller "
            "`transfer.checkpoint`, or leave transfer out of `models`."
        )
    return checkpoint


def transfer(checkpoint: Checkpoint, task: Task, config: Config) -> Fitted:
    """Train a head on frozen features, then everything from there (Kumar et al. 2022).

    A head that starts at random would pull features apart that took a million images to learn.
    """
    torch.manual_seed(config.seed)
    settings, channels = config.transfer, task.train.shape[3]
    scale = (MEAN, STD) if channels == 3 else ([sum(MEAN) / 3], [sum(STD) / 3])
    task = replace(task, mean=scale[0], std=scale[1])
    network = with_head(Enlarged(checkpoint.network, settings.size), task)
    curve = fit(network, task, settings, config.augmentation, config.seed, "transfer")
    return Fitted(network, task, curve, {checkpoint.name: checkpoint.sha256})


def with_head(features: nn.Module, task: Task) -> Network:
    """Logistic regression on frozen features; validation chooses the strength of its penalty."""
    train, validation = (pooled(features, task, x) for x in (task.train, task.validation))
    centre, spread = train.mean(axis=0), np.maximum(train.std(axis=0), 0.01)
    train, validation = (train - centre) / spread, (validation - centre) / spread
    tried = [LogisticRegression(C=c, max_iter=2_000).fit(train, task.y) for c in PENALTIES]
    head = min(tried, key=lambda m: log_loss(task.validation_y, m.predict_proba(validation)))
    network = Network(features, len(centre))
    weight = head.coef_[0] / spread
    with torch.no_grad():
        network.head.weight.copy_(torch.from_numpy(weight))
        network.head.bias.fill_(float(head.intercept_[0] - weight @ centre))
    return network


def pooled(features: nn.Module, task: Task, images: Images) -> Array:
    """Mean over all places of each feature (n, width) of images (n, height, width, channels)."""
    features.to(DEVICE).eval()
    parts = []
    with torch.no_grad():
        for start in range(0, len(images), AT_ONCE):
            some = task.standardise(to_tensor(images[start : start + AT_ONCE]))
            parts.append(features(some.to(DEVICE)).mean(dim=(2, 3)).cpu())
    return torch.cat(parts).double().numpy()
