"""The ladder of models, from a dummy upwards; each gives log-odds and a map of where they arise."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from torch import Tensor, nn
from torch.nn import functional

from .config import Config
from .kit.intervals import Array
from .network import Fitted, Task, fit, resnet, to_tensor

LABELS = {
    "dummy": "Dummy",
    "logistic_regression": "Logistic regression",
    "resnet": "ResNet from scratch",
    "transfer": "Transfer learning",
}
PENALTIES = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1)  # smaller is stronger
MANY_IMAGES = 3_000
LARGE = {"width": 32, "blocks": 2}  # 0.7 million parameters
# 0.03 million; from few images, a last stage of 3 x 3 learns to find an opacity beside itself.
SMALL = {"width": 16, "blocks": 1, "kernel": 1}
MAX_SIDE = 32  # larger images are averaged down for the pixel model

Rung = Callable[[Task, Config], Fitted]


def ladder(config: Config, root: Path) -> dict[str, Rung]:
    """The rungs that ``config.models`` names, after the dummy that any model must beat; or a
    ProjectError where a library is missing, or a checkpoint, whose path may start at ``root``."""
    rungs: dict[str, Rung] = {"logistic_regression": logistic_regression, "resnet": small_resnet}
    if "transfer" in config.models:
        from .transfer import prepare, transfer

        rungs["transfer"] = partial(transfer, prepare(config, root))
    return {"dummy": dummy, **{name: rungs[name] for name in config.models}}


class PixelModel(nn.Module):
    """A weight for each pixel: the map is how far each, above or below its mean, moves the sum."""

    def __init__(self, weight: Array, centre: Array, bias: float, shrink: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.from_numpy(weight).float())
        self.bias = nn.Parameter(torch.tensor([bias], dtype=torch.float32))
        self.centre = nn.Buffer(torch.from_numpy(centre).float())
        self.shrink = shrink

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return log-odds (n,) and map (n, h, w), whose mean they are but for a constant."""
        pixels = functional.avg_pool2d(images, self.shrink)
        places = pixels.shape[2] * pixels.shape[3]
        activation = ((pixels - self.centre) * self.weight).sum(dim=1) * places
        return activation.mean(dim=(1, 2)) + self.bias, activation


def dummy(task: Task, config: Config) -> Fitted:
    """The same probability for everybody: the share of positives among training cases."""
    share = task.y.mean()
    nothing = np.zeros((task.train.shape[3], 1, 1))
    return Fitted(PixelModel(nothing, nothing, float(np.log(share / (1 - share))), 1), task)


def logistic_regression(task: Task, config: Config) -> Fitted:
    """Linear in the standardised pixels; the strength of its penalty is tuned on validation."""
    shrink = -(-task.train.shape[1] // MAX_SIDE)
    stacks = [task.standardise(to_tensor(images)) for images in (task.train, task.validation)]
    train, validation = (functional.avg_pool2d(x, shrink).double().numpy() for x in stacks)
    shape = train.shape[1:]
    train, validation = train.reshape(len(train), -1), validation.reshape(len(validation), -1)
    centre, spread = train.mean(axis=0), np.maximum(train.std(axis=0), 0.01)
    train, validation = (train - centre) / spread, (validation - centre) / spread
    tried = [LogisticRegression(C=c, max_iter=2_000).fit(train, task.y) for c in PENALTIES]
    model = min(tried, key=lambda m: log_loss(task.validation_y, m.predict_proba(validation)))
    weight = (model.coef_[0] / spread).reshape(shape)
    pixels = PixelModel(weight, centre.reshape(shape), float(model.intercept_[0]), shrink)
    return Fitted(pixels, task)


def small_resnet(task: Task, config: Config) -> Fitted:
    """A residual network that starts from random weights: as large as the images can teach."""
    torch.manual_seed(config.seed)
    shape = LARGE if len(task.train) >= MANY_IMAGES else SMALL
    network = resnet(task.train.shape[3], task.train.shape[1], **shape)
    curve = fit(network, task, config.training, config.augmentation, config.seed, "resnet")
    return Fitted(network, task, curve)
