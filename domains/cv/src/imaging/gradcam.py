"""Where the model looks: class-activation maps in colours over the image."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .kit.intervals import Array

SIDE = 224  # pixels of a picture, whatever the model's own size
SMOOTH = Image.Resampling.BICUBIC

# From weak to strong: yellow to red.
HEAT = np.array([[255, 255, 178], [254, 204, 92], [253, 141, 60], [240, 59, 32], [189, 0, 38]])


def enlarged(activation: Array, size: int) -> Array:
    """A map (h, w) at ``size`` x ``size`` pixels, smooth in between."""
    image = Image.fromarray(activation.astype(np.float32))
    return np.asarray(image.resize((size, size), SMOOTH), dtype=float)


def overlay(
    image: NDArray[np.uint8], activation: Array, strong: float, opacity: float = 0.5
) -> NDArray[np.uint8]:
    """``image`` (height, width, channels) under its map (h, w) in colours: (SIDE, SIDE, 3).

    Evidence of ``strong`` or more is covered with ``opacity``, 0 to 1, so that two images compare.
    """
    pixels = image[:, :, 0] if image.shape[2] == 1 else image
    picture = np.asarray(Image.fromarray(pixels).convert("RGB").resize((SIDE, SIDE), SMOOTH), float)
    strength = np.clip(enlarged(activation, SIDE) / strong, 0, 1)
    steps = np.linspace(0, 1, len(HEAT))
    colours = np.stack([np.interp(strength, steps, HEAT[:, c]) for c in range(3)], axis=2)
    cover = opacity * strength[..., np.newaxis]
    return ((1 - cover) * picture + cover * colours).round().astype(np.uint8)


def peak(activation: Array, size: int) -> tuple[int, int]:
    """Row and column of the strongest pixel of a map on an image of ``size`` x ``size`` pixels."""
    row, column = np.unravel_index(np.argmax(enlarged(activation, size)), (size, size))
    return int(row), int(column)
