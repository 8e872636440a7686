"""Where the model looks: class-activation maps in colours over the image."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .bootstrap import Array
from .images import to_png

SIDE = 224  # pixels of an overlay, whatever the model's own size

# From weak to strong: yellow to red.
HEAT = np.array([[255, 255, 178], [254, 204, 92], [253, 141, 60], [240, 59, 32], [189, 0, 38]])


def enlarged(activation: Array, size: int) -> Array:
    """A map (h, w) at ``size`` x ``size`` pixels, smooth in between."""
    image = Image.fromarray(activation.astype(np.float32))
    return np.asarray(image.resize((size, size), Image.Resampling.BICUBIC), dtype=float)


def heat(activation: Array, strong: float, size: int) -> Array:
    """What speaks for the positive class, 0 to 1, at ``size`` x ``size`` pixels.

    1 is evidence of ``strong`` or more, so that the colours of two images compare. All 0 where no
    place speaks for it.
    """
    return np.clip(enlarged(activation, size) / strong, 0, 1)


def blend(
    image: NDArray[np.uint8],
    activation: Array,
    strong: float,
    opacity: float = 0.5,
    size: int = SIDE,
) -> NDArray[np.uint8]:
    """``image`` (height, width, channels) under its map in colours: (size, size, 3).

    ``opacity``, 0 to 1, is that of evidence of ``strong`` or more; weaker places show more of the
    image.
    """
    squeezed = image[:, :, 0] if image.shape[2] == 1 else image
    picture = (
        Image.fromarray(squeezed).convert("RGB").resize((size, size), Image.Resampling.BICUBIC)
    )
    strength = heat(activation, strong, size)[..., np.newaxis]
    steps = np.linspace(0, 1, len(HEAT))
    colours = np.stack([np.interp(strength[..., 0], steps, HEAT[:, c]) for c in range(3)], axis=2)
    cover = opacity * strength
    mixed = (1 - cover) * np.asarray(picture, dtype=float) + cover * colours
    return mixed.round().astype(np.uint8)


def overlay(
    image: NDArray[np.uint8],
    activation: Array,
    strong: float,
    opacity: float = 0.5,
    size: int = SIDE,
) -> bytes:
    """``blend`` as a PNG file."""
    return to_png(blend(image, activation, strong, opacity, size))


def peak(activation: Array, size: int) -> tuple[int, int]:
    """Row and column of the strongest pixel of a map on an image of ``size`` x ``size`` pixels."""
    row, column = np.unravel_index(np.argmax(enlarged(activation, size)), (size, size))
    return int(row), int(column)
