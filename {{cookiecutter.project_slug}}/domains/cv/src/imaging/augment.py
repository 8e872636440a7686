"""Changing images as chance changes them in practice: turned, moved, nearer, brighter."""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from .config import Augmentation

UNTOUCHED = 0.3


def augment(images: Tensor, settings: Augmentation, generator: torch.Generator) -> Tensor:
    """Return images (n, channels, height, width), values 0 to 1, some of them changed at random.

    One resampling does rotation, shift, zoom and flip; places beyond the border repeat it. It also
    blurs, so a share of ``UNTOUCHED`` images stays as sharp as those that will be predicted.
    """
    n = len(images)

    def spread(extent: float) -> Tensor:
        return (2 * torch.rand(n, generator=generator) - 1) * extent

    angle, scale = spread(math.radians(settings.rotation)), 1 + spread(settings.zoom)
    side = torch.ones(n)
    if settings.flip:
        side = torch.randint(2, (n,), generator=generator) * 2.0 - 1
    cos, sin = torch.cos(angle) * scale, torch.sin(angle) * scale
    # Places are measured from -1 to 1, so a shift by a share of the side is twice that share.
    across, down = spread(2 * settings.shift), spread(2 * settings.shift)
    rows = [torch.stack([side * cos, -sin, across], 1), torch.stack([side * sin, cos, down], 1)]
    places = functional.affine_grid(torch.stack(rows, 1), list(images.shape), align_corners=False)
    moved = functional.grid_sample(
        images, places.to(images.device), padding_mode="border", align_corners=False
    )
    shape = (n, 1, 1, 1)
    gain = (1 + spread(settings.exposure)).view(shape).to(images.device)
    light = spread(settings.exposure / 2).view(shape).to(images.device)
    changed = torch.rand(n, generator=generator).view(shape).to(images.device) >= UNTOUCHED
    return torch.where(changed, (moved * gain + light).clamp(0, 1), images)


def to_tensor(images: NDArray[np.uint8]) -> Tensor:
    """From (n, height, width, channels) of bytes to (n, channels, height, width) of 0 to 1."""
    return torch.from_numpy(images.transpose(0, 3, 1, 2).astype(np.float32) / 255)


def augmented(images: NDArray[np.uint8], settings: Augmentation, seed: int) -> NDArray[np.uint8]:
    """``images`` (n, height, width, channels), each as training might see it."""
    changed = augment(to_tensor(images), settings, torch.Generator().manual_seed(seed))
    return (changed.numpy().transpose(0, 2, 3, 1) * 255).round().astype(np.uint8)
