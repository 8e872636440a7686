"""How all figures look, how they are saved, and those that several projects draw."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")  # figures go to files: no window system is needed

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from .files import replacing

BLUE, ORANGE, GREY, GREEN = "#2563eb", "#ea580c", "#9ca3af", "#16a34a"
STYLE = Path(__file__).with_name("house.mplstyle")


@contextmanager
def figure(path: Path) -> Iterator[Axes]:
    """Yield axes to draw on, and save them to ``path`` as a PNG that is the same on every run."""
    with plt.style.context(STYLE):
        axes = plt.figure().subplots()
        yield axes
        save(path)


def save(path: Path) -> None:
    """Save the current figure without the drawing program's name and version, and close it."""
    drawing = plt.gcf()
    try:
        with replacing(path) as temporary, warnings.catch_warnings():
            # Letters that the font lacks are drawn as boxes; one warning each would hide all else.
            warnings.filterwarnings("ignore", "Glyph|Matplotlib currently")
            drawing.savefig(temporary, dpi=110, format="png", metadata={"Software": None})
    finally:
        plt.close(drawing)


def ladder(axes: Axes, models: list[dict[str, Any]], metric: str) -> None:
    """``metric`` of every model with its interval, the first at the bottom; the chosen in blue."""
    for position, model in enumerate(models):
        score = model["metrics"][metric]
        colour = BLUE if model["selected"] else GREY
        axes.plot([score["low"], score["high"]], [position, position], color=colour, lw=4)
        axes.plot(score["value"], position, "o", color=colour, ms=9)
        above = (score["value"], position + 0.2)
        axes.annotate(f"{score['value']:.3f}", above, ha="center", color=colour)
    axes.set_yticks(range(len(models)), [short(model["label"]) for model in models])
    axes.set_ylim(-0.5, len(models) - 0.2)


def tornado(axes: Axes, rows: list[dict[str, Any]], base: float) -> None:
    """How far a result moves from ``base`` when one price is lower or higher.

    Args:
        rows: ``price swing if_lower if_higher``, what moves it most first.
    """
    # Two thin bars a price: both changes may move the result to the same side.
    for key, colour, shift in (("if_higher", BLUE, -0.18), ("if_lower", ORANGE, 0.18)):
        places = [place + shift for place in range(len(rows))]
        label = f"{rows[0]['swing']:.0%} {key.removeprefix('if_')}"
        widths = [row[key] - base for row in rows]
        axes.barh(places, widths, 0.32, left=base, color=colour, label=label)
    axes.axvline(base, color="black", lw=1)
    axes.set_yticks(range(len(rows)), [short(row["price"]) for row in rows])
    axes.invert_yaxis()
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.locator_params(axis="x", nbins=5)
    moved = rows[0]["if_higher"] != rows[0]["if_lower"]
    axes.set_title(f"What matters most: {rows[0]['price']}" if moved else "No price matters")
    axes.legend()


def short(name: object, length: int = 28) -> str:
    """A name that fits beside an axis."""
    text = " ".join(str(name).split())
    return text if len(text) <= length else text[: length - 1] + "\u2026"
