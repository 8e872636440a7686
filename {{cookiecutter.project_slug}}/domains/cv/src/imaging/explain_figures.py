"""The figure of the explanation."""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from numpy.typing import NDArray

from .bootstrap import Array
from .charts import ORANGE, figure, short
from .gradcam import blend
from .wording import MISSED

PIXELS = 224  # of an image with its map
OPACITY = 0.5
SHOWN = 2  # images of each outcome
KINDS = 2  # outcomes in a line
IN_A_ROW = 6  # images of one outcome


def draw_explanation(
    path: Path,
    shown: pd.DataFrame,
    images: NDArray[np.uint8],
    maps: Array,
    strong: float,
    note: str,
) -> Path:
    """Draw images beside their maps, a row for each outcome; return ``path``.

    Args:
        shown: one row for each image: outcome, class, probability and, on the sample, where the
            planted opacity is.
        images: (n, height, width, channels). maps: (n, cells, cells).
        strong: the evidence that gets the full colour.
    """
    kinds = list(dict.fromkeys(shown["outcome"]))
    lines = -(-len(kinds) // KINDS)
    with figure(path) as page:
        page.set_size_inches(11, 1.75 * lines + 0.7)
        grid = page.subplots(lines, KINDS * 2 * SHOWN, squeeze=False)
        for axes in grid.flat:
            axes.set_axis_off()
        blocks = grid.reshape(lines * KINDS, 2 * SHOWN)
        free = {kind: iter(row) for kind, row in zip(kinds, blocks, strict=False)}
        for (_, case), image, evidence in zip(shown.iterrows(), images, maps, strict=True):
            left, right = next(free[case["outcome"]]), next(free[case["outcome"]])
            draw_image(left, image, f"{short(case['class'])}:\n{case['outcome']}")
            mark_finding(left, case)
            under = blend(image, evidence, strong, OPACITY, PIXELS)
            draw_image(right, under, f"{case['probability']:.1%}")
        none = "" if MISSED in kinds else "; no case was missed"
        title = (
            f"Test images beside their maps: the surest and the middle one of each outcome{none}"
        )
        page.suptitle(f"{title}{note}", x=0.02, ha="left", weight="bold", size=11)
    return path


def draw_outcome(
    page: Figure, shown: pd.DataFrame, images: NDArray[np.uint8], maps: Array, strong: float
) -> None:
    """Draw the first six images above their maps; arguments as of ``draw_explanation``."""
    grid = page.subplots(2, IN_A_ROW, squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    for (above, below), (_, case), image, evidence in zip(
        grid.T, shown.iterrows(), images, maps, strict=False
    ):
        draw_image(above, image, f"{case['probability']:.1%}")
        mark_finding(above, case)
        draw_image(below, blend(image, evidence, strong, OPACITY, PIXELS))


def draw_image(axes: Axes, image: NDArray[np.uint8], title: str = "") -> None:
    """One image, grey or in colour, without axes."""
    pixels = image[:, :, 0] if image.shape[2] == 1 else image
    axes.imshow(pixels, cmap="gray", vmin=0, vmax=255)
    axes.set_title(title, fontsize=8, fontweight="normal")
    axes.set_axis_off()


def mark_finding(axes: Axes, case: pd.Series) -> None:
    """A ring around the planted opacity, where one is known."""
    if case.get("diameter", 0) > 0:
        ring = Circle((case["column"], case["row"]), case["diameter"] / 2 + 1.5)
        ring.set(fill=False, edgecolor=ORANGE, linewidth=1.2)
        axes.add_patch(ring)
