"""Training a network: augmented batches, a one-cycle learning rate, the best epoch kept."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm

from .augment import augment, to_tensor
from .bootstrap import Array
from .config import Augmentation, Phase
from .errors import ModelError
from .images import Images
from .network import Network

WARM_UP = 0.25  # share of the steps in which the learning rate rises
FIRST = 0.04  # of the largest learning rate, in the first step
AT_ONCE = 256  # images scored at a time


@dataclass(frozen=True)
class Task:
    """What every model learns from and is chosen by.

    Images are (n, height, width, channels), ``y`` is 1 or 0; models take images less ``mean``,
    over ``std``, both by channel.
    """

    train: Images
    y: Array
    validation: Images
    validation_y: Array
    mean: list[float]
    std: list[float]


@dataclass(frozen=True)
class Curve:
    """Losses and validation ROC-AUC after each epoch, and the epoch whose weights were kept."""

    epochs: list[dict[str, float]]
    kept: int


def fit(
    network: Network, task: Task, phase: Phase, augmentation: Augmentation, seed: int, name: str
) -> Curve:
    """Train what requires a gradient in ``network``, and leave it with its best weights.

    Weights are averaged over the last steps (Polyak and Juditsky 1992), which takes out the noise
    of single batches; the average with the lowest validation loss is kept.

    Raises:
        ModelError: the weights grew beyond all bounds.
    """
    generator = torch.Generator().manual_seed(seed)
    network.to(device()).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = AveragedModel(network, None, None, get_ema_multi_avg_fn(phase.average), True)
    steps = (len(task.y) + phase.batch - 2) // phase.batch  # a last batch of one is left out
    trained = [weight for weight in network.parameters() if weight.requires_grad]
    optimiser = torch.optim.AdamW(trained, phase.learning_rate, weight_decay=phase.decay)
    total = steps * phase.epochs
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: one_cycle(step / total))
    epochs: list[dict[str, float]] = []
    best: dict[str, Tensor] = {}
    with tqdm(total=total, desc=f"training {name}", delay=2, leave=False) as bar:
        for epoch in range(1, phase.epochs + 1):
            losses = []
            for batch, target in _batches(task, phase, augmentation, generator):
                losses.append(_step(network, batch, target, optimiser))
                schedule.step()
                average.update_parameters(network)
                bar.update()
            scores = _score(average.module, task, name)
            epochs.append({"epoch": epoch, "loss": float(np.mean(losses)), **scores})
            if scores["validation_loss"] <= min(row["validation_loss"] for row in epochs):
                best, kept = _copy(average.module), epoch
    network.load_state_dict(best)
    network.cpu()  # where it is scored as it will be served: graphics cards round more coarsely
    return Curve(epochs, kept)


def one_cycle(done: float) -> float:
    """The share of the largest learning rate after this share of all steps (Smith 2018).

    It rises in a line, then falls as a cosine does: large steps find the region, small ones settle.
    """
    if done < WARM_UP:
        return max(done / WARM_UP, FIRST)
    return (1 + math.cos(math.pi * (done - WARM_UP) / (1 - WARM_UP))) / 2


def device() -> torch.device:
    """A CUDA graphics card where there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def predict(network: nn.Module, images: Images, task: Task) -> Array:
    """Log-odds (n,) of images (n, height, width, channels), a few at a time."""
    network.eval()
    place = next(network.parameters()).device
    with torch.no_grad():
        parts = [
            network(_standardised(to_tensor(images[start : start + AT_ONCE]), task, place))[0].cpu()
            for start in range(0, len(images), AT_ONCE)
        ]
    return torch.cat(parts).double().numpy()


def _batches(
    task: Task, phase: Phase, augmentation: Augmentation, generator: torch.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    """All training images in a new order, each changed at random."""
    for rows in torch.randperm(len(task.y), generator=generator).split(phase.batch):
        if len(rows) > 1:  # a batch of one cannot be standardised
            images = augment(to_tensor(task.train[rows.numpy()]), augmentation, generator)
            target = torch.from_numpy(task.y[rows.numpy()]).float()
            yield _standardised(images, task, device()), target.to(device())


def _step(
    network: Network, images: Tensor, target: Tensor, optimiser: torch.optim.Optimizer
) -> float:
    network.train()
    if not any(weight.requires_grad for weight in network.features.parameters()):
        network.features.eval()  # frozen: its averages over batches stay too
    loss = functional.binary_cross_entropy_with_logits(network(images)[0], target)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.item()


def _standardised(images: Tensor, task: Task, place: torch.device) -> Tensor:
    mean, std = (torch.tensor(values).view(1, -1, 1, 1) for values in (task.mean, task.std))
    return ((images - mean) / std).to(place)


def _score(network: nn.Module, task: Task, name: str) -> dict[str, float]:
    found, target = predict(network, task.validation, task), task.validation_y
    if not np.isfinite(found).all():
        raise ModelError(
            f"training {name} diverged: its answers are no numbers any more. Lower its "
            "`learning_rate` or `decay` in config.yaml."
        )
    loss = functional.binary_cross_entropy_with_logits(
        torch.from_numpy(found), torch.from_numpy(target)
    )
    return {
        "validation_loss": float(loss),
        "validation_roc_auc": float(roc_auc_score(target, found)),
    }


def _copy(network: nn.Module) -> dict[str, Tensor]:
    return {name: weight.clone() for name, weight in network.state_dict().items()}
