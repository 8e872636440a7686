"""What the first notebook shows: classes, brightness, and what a network does to an image."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from .bootstrap import Array
from .charts import BLUE, ORANGE, short
from .data import Part, Split
from .explain_figures import draw_image

Pixels = NDArray[np.uint8]

KERNELS = {
    "average": np.full((3, 3), 1 / 9),
    "vertical edges": np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]),
    "horizontal edges": np.array([[-1.0, -2, -1], [0, 0, 0], [1, 2, 1]]),
    "spots": np.array([[-1.0, -1, -1], [-1, 8, -1], [-1, -1, -1]]) / 8,
}
PARTS = ("train", "validation", "test")


def overview(split: Split) -> pd.DataFrame:
    """Images of each class in each part, and the share of positive cases."""
    counts = {}
    for part in PARTS:
        cases = getattr(split, part).cases
        counts[part] = cases["class"].value_counts().sort_index()
    table = pd.DataFrame(counts).fillna(0).astype(int)
    rates = {part: f"{getattr(split, part).y.mean():.1%}" for part in PARTS}
    return pd.concat([table.astype(object), pd.DataFrame(rates, index=["positive cases"])])


def picked(part: Part, each: int, seed: int) -> dict[str, NDArray[np.int_]]:
    """Places of ``each`` images of every class, drawn at random; fewer where there are not more."""
    rng = np.random.default_rng(seed)
    names = part.cases["class"].to_numpy()
    found = {}
    for name in sorted(set(names)):
        places = np.flatnonzero(names == name)
        found[name] = rng.choice(places, min(each, len(places)), replace=False)
    return found


def grey(images: Pixels) -> Array:
    """Brightness of each pixel from 0 to 1: (n, height, width)."""
    return np.asarray(images.mean(axis=3) / 255)


def separation(values: Array, y: Array) -> float:
    """The ROC-AUC of one number alone; 0.5 means that it says nothing of the label."""
    order = pd.Series(values).rank().to_numpy()
    ill = y == 1
    pairs = ill.sum() * (~ill).sum()
    return float((order[ill].sum() - ill.sum() * (ill.sum() + 1) / 2) / pairs)


def shrunk(image: Pixels, size: int) -> Pixels:
    """The image at ``size`` pixels, brought back to where it was: what is gone is lost."""
    pixels = image[:, :, 0] if image.shape[2] == 1 else image
    small = Image.fromarray(pixels).resize((size, size), Image.Resampling.BOX)
    large = np.asarray(small.resize(pixels.shape[1::-1], Image.Resampling.NEAREST))
    return large.reshape(image.shape)


def convolved(image: Array, kernel: Array, padding: int = 0) -> Array:
    """Slide ``kernel`` over a grey image and sum the products, as a convolutional layer does.

    Deep learning calls this a convolution, although it does not flip the kernel. Around the image
    stand ``padding`` lines of zeros; without, the result is smaller than the image.

    Args:
        image: (height, width). kernel: (k, k).

    Returns:
        (height + 2 padding - k + 1, width + 2 padding - k + 1).
    """
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(image, padding), kernel.shape)
    return np.asarray(np.einsum("abij,ij->ab", windows, kernel))


def pooled(image: Array, size: int = 2, how: str = "max") -> Array:
    """The largest, or mean, value of each block of ``size`` x ``size``; a rest is left out."""
    height, width = (side // size for side in image.shape)
    blocks = image[: height * size, : width * size].reshape(height, size, width, size)
    return np.asarray(blocks.max(axis=(1, 3)) if how == "max" else blocks.mean(axis=(1, 3)))


def draw_counts(axes: Axes, cases: pd.DataFrame) -> None:
    """A bar for each class, with its number of images."""
    counts = cases["class"].value_counts()
    ill = cases.groupby("class")["y"].first()
    colours = [ORANGE if ill[name] else BLUE for name in counts.index]
    bars = axes.barh([short(name) for name in counts.index], counts, color=colours)
    axes.bar_label(bars, [f"{count:,}" for count in counts], padding=3)
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.set_xlabel("training images (orange: positive cases)")


def draw_grid(page: Figure, rows: dict[str, Pixels]) -> None:
    """A line of images, (n, height, width, channels), for each name."""
    columns = max(len(images) for images in rows.values())
    grid = page.subplots(len(rows), columns, squeeze=False)
    for line, (name, images) in zip(grid, rows.items(), strict=True):
        for axes in line:
            axes.set_axis_off()
        for axes, image in zip(line, images, strict=False):
            draw_image(axes, image)
        line[0].set_title(short(name), loc="left", fontsize=9)


def draw_brightness(axes: Axes, part: Part) -> None:
    """How bright the images of positive and of negative cases are."""
    values, edges = part.cases["brightness"], np.linspace(0, 1, 41)
    for outcome, colour, name in ((0, BLUE, "negative"), (1, ORANGE, "positive")):
        group = values[part.cases["y"] == outcome]
        weights = np.full(len(group), 1 / max(len(group), 1))
        axes.hist(group, edges.tolist(), weights=weights, color=colour, alpha=0.5, label=name)
    axes.set_xlim(values.min() - 0.02, values.max() + 0.02)
    axes.yaxis.set_major_formatter("{x:.0%}")
    axes.set_xlabel("mean brightness of an image (0: black, 1: white)")
    axes.set_ylabel("share of images")
    axes.legend()


def draw_histogram(axes: Axes, values: Array, label: str) -> None:
    """How often each value occurs among the pixels."""
    axes.hist(values.ravel(), 60, density=True, color=BLUE)
    axes.axvline(values.mean(), color=ORANGE)
    axes.set_yticks([])
    axes.set_xlabel(label)


def draw_values(axes: Axes, values: Array, title: str, centred: bool = False) -> None:
    """A picture of numbers: grey, or blue to red around zero."""
    reach = float(np.abs(values).max()) or 1.0
    limits = {"cmap": "coolwarm", "vmin": -reach, "vmax": reach} if centred else {"cmap": "gray"}
    axes.imshow(values, **limits)
    axes.set_title(title, fontsize=9, fontweight="normal")
    axes.set_axis_off()
