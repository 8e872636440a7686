"""How all figures look, and how they are saved."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")  # figures go to files: no window system is needed

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .files import replacing

BLUE, ORANGE, GREY, GREEN = "#2563eb", "#ea580c", "#9ca3af", "#16a34a"
NAME_LENGTH = 24
STYLE: dict[Any, Any] = {
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "figure.figsize": (7, 4.2),
    "font.size": 10,
    "grid.alpha": 0.3,
    "text.parse_math": False,  # a "$" in a column's name is a dollar
}


@contextmanager
def figure(path: Path) -> Iterator[Figure]:
    """Yield a figure and save it to ``path`` as a PNG that is the same on every run."""
    with plt.rc_context(STYLE):
        drawing = plt.figure(layout="constrained")
        try:
            yield drawing
            save(drawing, path)
        finally:
            plt.close(drawing)


def draw_all(folder: Path, plots: dict[str, Callable[[Figure], None]]) -> list[Path]:
    """Draw each plot into ``folder``, under its name, and return the paths."""
    paths = [folder / f"{name}.png" for name in plots]
    for path, plot in zip(paths, plots.values(), strict=True):
        with figure(path) as page:
            plot(page)
    return paths


def draw_ladder(axes: Axes, models: list[dict[str, Any]], metric: str, names: list[str]) -> None:
    """``metric`` of every model with its interval, the first at the bottom; the chosen in blue."""
    for position, model in enumerate(models):
        score = model["metrics"][metric]
        colour = BLUE if model["selected"] else GREY
        axes.plot([score["low"], score["high"]], [position, position], color=colour, lw=4)
        axes.plot(score["value"], position, "o", color=colour, ms=9)
        axes.annotate(
            f"{score['value']:.3f}", (score["value"], position + 0.2), ha="center", color=colour
        )
    axes.set_yticks(range(len(models)), names)
    axes.set_ylim(-0.5, len(models) - 0.2)


def source_note(metrics: dict[str, Any]) -> str:
    """What the title of every figure from the sample ends with."""
    return "\n(synthetic sample)" if metrics["dataset"]["synthetic"] else ""


def short(name: object) -> str:
    """A name that fits beside an axis."""
    text = " ".join(str(name).split())
    return text if len(text) <= NAME_LENGTH else text[: NAME_LENGTH - 1] + "\u2026"


def outside_fences(column: pd.Series) -> pd.Series:
    """Which values lie beyond Tukey's fences; none where the middle half is a single value."""
    low, high = column.quantile(0.25), column.quantile(0.75)
    reach = 1.5 * (high - low)
    return ((column < low - reach) | (column > high + reach)) & (reach > 0)


def save(drawing: Figure, path: Path) -> Path:
    """Write a PNG without the drawing program's name and version."""
    with replacing(path) as temporary, warnings.catch_warnings():
        # Letters that the font lacks are drawn as boxes; one warning each would hide all else.
        warnings.filterwarnings("ignore", "Glyph|Matplotlib currently")
        drawing.savefig(temporary, dpi=110, format="png", metadata={"Software": None})
    return path
