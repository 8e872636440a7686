"""The small residual network: what it is shown, what it is made of, and how it is trained."""

import math
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn, optim
from torch.nn import functional
from torch.optim.lr_scheduler import OneCycleLR
from torch.optim.swa_utils import AveragedModel
from tqdm import tqdm

from .config import Augmentation, Phase
from .data import Split
from .images import Images
from .kit import ModelError
from .kit.intervals import Array

MAX_START = 40  # larger images are halved by the stem until a side is at most this many pixels
PATIENCE = 0.3  # share of the most steps that may pass without a lower validation loss
STEPS, SMALLEST = 10, 8  # in an epoch, for which few images make smaller batches; the smallest
AT_ONCE = 256  # images scored at a time
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
UNTOUCHED = 0.3  # share of training images that are not varied


@dataclass(frozen=True)
class Task:
    """What every model learns from and is chosen by.

    Images are (n, height, width, channels), ``y`` is 1 or 0; ``mean`` and ``std`` by channel.
    """

    train: Images
    y: Array
    validation: Images
    validation_y: Array
    mean: list[float]
    std: list[float]

    def standardise(self, images: Tensor) -> Tensor:
        """Images (n, channels, height, width) of 0 to 1, by the scale of the training images."""
        mean, std = (torch.tensor(values).view(1, -1, 1, 1) for values in (self.mean, self.std))
        return (images - mean) / std


@dataclass(frozen=True)
class Fitted:
    """A trained model, its task (with the scale of pixels), its epochs, its checkpoint's sha256."""

    model: nn.Module
    task: Task
    curve: list[dict[str, float]] = field(default_factory=list)
    checkpoint: dict[str, str] = field(default_factory=dict)

    def log_odds(self, images: Images) -> Array:
        """Log-odds (n,) of images (n, height, width, channels), a few at a time."""
        self.model.eval()
        place, parts = next(self.model.parameters()).device, []
        with torch.no_grad():
            for start in range(0, len(images), AT_ONCE):
                some = self.task.standardise(to_tensor(images[start : start + AT_ONCE]))
                parts.append(self.model(some.to(place))[0].cpu())
        return torch.cat(parts).double().numpy()


def make_task(data: Split) -> Task:
    """Training and validation images, with mean and spread of the training images' pixels."""
    images = data.train.images
    # By moments of the bytes, which are exact: as numbers of 64 bits large images fill the memory.
    mean = images.mean(axis=(0, 1, 2))
    spread = np.sqrt(np.square(images, dtype=np.uint16).mean(axis=(0, 1, 2)) - mean**2)
    return Task(
        train=images,
        y=data.train.y,
        validation=data.validation.images,
        validation_y=data.validation.y,
        mean=(mean / 255).tolist(),
        # A channel that never changes has no spread to divide by.
        std=np.where(spread > 0, spread / 255, 1.0).tolist(),
    )


def to_tensor(images: Images) -> Tensor:
    """From (n, height, width, channels) of bytes to (n, channels, height, width) of 0 to 1."""
    return torch.from_numpy(images.transpose(0, 3, 1, 2).astype(np.float32) / 255)


def augment(images: Tensor, settings: Augmentation, generator: torch.Generator) -> Tensor:
    """Return images (n, channels, height, width), values 0 to 1, some of them changed at random.

    One resampling does rotation, shift, zoom and flip; places beyond the border repeat it. It also
    blurs, so a share of ``UNTOUCHED`` images stays as sharp as those that will be predicted.
    """
    n = len(images)

    def spread(extent: float) -> Tensor:
        return (2 * torch.rand(n, generator=generator) - 1) * extent

    angle, scale = spread(math.radians(settings.rotation)), 1 + spread(settings.zoom)
    side = torch.randint(2, (n,), generator=generator) * 2.0 - 1 if settings.flip else torch.ones(n)
    cos, sin = torch.cos(angle) * scale, torch.sin(angle) * scale
    # Places are measured from -1 to 1, so a shift by a share of the side is twice that share.
    across, down = spread(2 * settings.shift), spread(2 * settings.shift)
    rows = [torch.stack([side * cos, -sin, across], 1), torch.stack([side * sin, cos, down], 1)]
    places = functional.affine_grid(torch.stack(rows, 1), list(images.shape), align_corners=False)
    moved = functional.grid_sample(images, places, padding_mode="border", align_corners=False)
    gain, light = 1 + spread(settings.exposure), spread(settings.exposure / 2)
    changed = (moved * gain.view(n, 1, 1, 1) + light.view(n, 1, 1, 1)).clamp(0, 1)
    touched = torch.rand(n, generator=generator).view(n, 1, 1, 1) >= UNTOUCHED
    return torch.where(touched, changed, images)


class Network(nn.Module):
    """Log-odds of the positive class, and the class-activation map they are the mean of.

    With global average pooling and a linear head, the log-odds are the mean over all places of
    ``weights . features`` plus a constant: that product is the map (Zhou et al. 2016), and
    Grad-CAM (Selvaraju et al. 2017) gives the same up to a factor. ``features`` maps images
    (n, channels, height, width) to (n, ``width``, h, w).
    """

    def __init__(self, features: nn.Module, width: int) -> None:
        super().__init__()
        self.features = features
        self.head = nn.Linear(width, 1)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return log-odds (n,) and map (n, h, w) in log-odds, its constant left out."""
        features = self.features(images)
        activation = functional.conv2d(features, self.head.weight[:, :, None, None]).squeeze(1)
        return activation.mean(dim=(1, 2)) + self.head.bias, activation


class Block(nn.Module):
    """Two convolutions beside a shortcut (He et al. 2016)."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 3) -> None:
        super().__init__()
        self.body = nn.Sequential(
            convolution(inputs, outputs, kernel), nn.ReLU(), convolution(outputs, outputs, kernel)
        )
        self.shortcut = nn.Identity() if inputs == outputs else convolution(inputs, outputs, 1)

    def forward(self, features: Tensor) -> Tensor:
        return torch.relu(self.body(features) + self.shortcut(features))


def convolution(inputs: int, outputs: int, kernel: int = 3) -> nn.Sequential:
    """A convolution whose outputs are standardised over the batch (Ioffe and Szegedy 2015)."""
    layer = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False)
    return nn.Sequential(layer, nn.BatchNorm2d(outputs))


def resnet(channels: int, size: int, width: int, blocks: int, kernel: int = 3) -> Network:
    """A small residual network for images of ``size`` pixels; ``blocks`` in each of three stages.

    Maps are halved by averaging twice, which leaves 4 to 10 places a side; unlike a stride, it
    keeps each place of the map over the middle of what it saw. ``kernel`` is that of the last
    stage: with 1 it looks at each place by itself, so that evidence stays where it was seen.
    """
    layers: list[nn.Module] = [convolution(channels, width), nn.ReLU()]
    while size > MAX_START:
        layers += [nn.AvgPool2d(2), convolution(width, width), nn.ReLU()]
        size //= 2
    layers += [Block(width, width) for _ in range(blocks)]
    for inputs, last in ((width, 3), (2 * width, kernel)):
        widths = [inputs, *[2 * inputs] * blocks]
        layers += [nn.AvgPool2d(2), *(Block(*pair, last) for pair in pairwise(widths))]
    return Network(nn.Sequential(*layers), 4 * width)


def fit(
    network: Network, task: Task, phase: Phase, augmentation: Augmentation, seed: int, name: str
) -> list[dict[str, float]]:
    """Train ``network`` while that helps; return losses and ROC-AUC by epoch, 0 before the first.

    Weights are averaged over about the last tenth of the steps so far, however many (Shamir and
    Zhang 2013). The average with the lowest validation loss is kept; training ends after
    ``PATIENCE`` of the most steps without a lower one.

    A ModelError says that the weights grew beyond all bounds.
    """
    generator = torch.Generator().manual_seed(seed)
    network.to(DEVICE).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = AveragedModel(network, None, lambda a, b, n: a + (b - a) * 10 / (n + 10), None, True)
    size = min(phase.batch, max(len(task.y) // STEPS, SMALLEST))
    each = (len(task.y) + size - 2) // size  # steps in an epoch: a last batch of one is left out
    last = -(-phase.steps // each)
    optimiser = optim.AdamW(network.parameters(), weight_decay=phase.decay)
    schedule = OneCycleLR(optimiser, phase.learning_rate, last * each, cycle_momentum=False)
    epochs: list[dict[str, float]] = [{"epoch": 0, **_score(network, task, name)}]
    best, kept = deepcopy(network.state_dict()), 0
    with tqdm(total=last * each, desc=f"training {name}", delay=2, leave=False) as bar:
        for epoch in range(1, last + 1):
            losses = []
            network.train()
            for images, target in _batches(task, size, augmentation, generator):
                loss = functional.binary_cross_entropy_with_logits(network(images)[0], target)
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                schedule.step()
                average.update_parameters(network)
                losses.append(loss.item())
                bar.update()
            scores = _score(average.module, task, name)
            epochs.append({"epoch": epoch, "loss": float(np.mean(losses)), **scores})
            if scores["validation_loss"] <= min(row["validation_loss"] for row in epochs):
                best, kept = deepcopy(average.module.state_dict()), epoch
            elif epoch - kept >= PATIENCE * last:
                break
    network.load_state_dict(best)
    network.cpu()  # where it is scored as it will be served: graphics cards round more coarsely
    return epochs


def _batches(
    task: Task, size: int, augmentation: Augmentation, generator: torch.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    """All training images in a new order, each changed at random."""
    for rows in torch.randperm(len(task.y), generator=generator).split(size):
        if len(rows) > 1:  # a batch of one cannot be standardised
            images = augment(to_tensor(task.train[rows.numpy()]), augmentation, generator)
            target = torch.from_numpy(task.y[rows.numpy()]).float()
            yield task.standardise(images).to(DEVICE), target.to(DEVICE)


def _score(network: nn.Module, task: Task, name: str) -> dict[str, float]:
    found, target = Fitted(network, task).log_odds(task.validation), task.validation_y
    if not np.isfinite(found).all():
        raise ModelError(
            f"training {name} diverged: its answers are no numbers any more. Lower its "
            "`learning_rate` or `decay` in config.yaml."
        )
    loss = float(np.logaddexp(0, np.where(target == 1, -found, found)).mean())
    return {"validation_loss": loss, "validation_roc_auc": float(roc_auc_score(target, found))}
