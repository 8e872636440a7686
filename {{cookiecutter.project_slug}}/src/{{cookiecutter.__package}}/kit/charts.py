"""How all figures look, in files and in notebooks, and those that several projects draw."""

import warnings
from collections.abc import Callable
from pathlib import Path
from textwrap import fill
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes

from .files import Paths, replacing

Picture = tuple[str, str, Callable[[Axes], None]]  # its role, what it shows, what draws it
BLUE, ORANGE, GREY, GREEN = "#2563eb", "#ea580c", "#9ca3af", "#16a34a"
STYLE = Path(__file__).with_name("house.mplstyle")
plt.switch_backend("Agg")  # figures go to files: no window system is needed
UNDRAWN = "Glyph|Matplotlib currently"  # one warning for each letter that the font lacks


def draw(folder: Path, pictures: dict[str, Picture], synthetic: bool) -> list[dict[str, str]]:
    """Draw each picture into ``folder``; return their entries in ``reports/figures.json``."""
    entries = []
    for name, (role, alt, picture) in pictures.items():
        with plt.style.context(STYLE):
            picture(plt.figure().subplots())
            title = plt.gcf().axes[0].get_title(loc="left")
            plt.gcf().axes[0].set_title("")  # it starts where the figure does, beside no label
            plt.suptitle(fill(title, 70) + "\n(synthetic sample)" * synthetic, x=0.01, ha="left")
            save(folder / f"{name}.png")
        file = f"reports/figures/{name}.png"
        alt = alt.replace("[", "(").replace("]", ")")  # brackets would end it in Markdown
        entries.append({"file": file, "title": title, "alt": alt, "role": role})
    return entries


def start() -> Paths:
    """Make a notebook's figures look so too, and return the folders of its project."""
    warnings.filterwarnings("ignore", "IProgress|" + UNDRAWN)
    plt.style.use(STYLE)
    pd.options.display.html.use_mathjax = False  # a "$" in a table is a dollar
    folders = Path("here").absolute().parents
    return Paths(next(folder for folder in folders if (folder / "config.yaml").is_file()))


def save(path: Path) -> None:
    """Save the current figure without the drawing program's name and version, and close it."""
    with replacing(path) as temporary, warnings.catch_warnings():
        warnings.filterwarnings("ignore", UNDRAWN)
        plt.gcf().savefig(temporary, dpi=110, format="png", metadata={"Software": None})
    plt.close()


def ladder(axes: Axes, models: list[dict[str, Any]], metric: str) -> None:
    """``metric`` of every model with its interval, the first at the bottom; the chosen in blue."""
    for position, model in enumerate(models):
        value, low, high = (model["metrics"][metric][key] for key in ("value", "low", "high"))
        colour = BLUE if model["selected"] else GREY
        axes.plot([low, value, high], [position] * 3, "o-", c=colour, lw=4, ms=9, markevery=[1])
        axes.text(value, position + 0.2, f"{round(value, 3) + 0.0:.3f}", ha="center", color=colour)
    axes.set_yticks(range(len(models)), [short(model["label"]) for model in models])
    axes.set_ylim(-0.5, len(models) - 0.2)


def tornado(axes: Axes, rows: list[dict[str, Any]], base: float) -> None:
    """How far a result moves from ``base`` when a price is lower or higher, the largest first."""
    ends = {f"if_{end}": f"{rows[0]['swing']:.0%} {end}" for end in ("higher", "lower")}
    table = pd.DataFrame(rows, [short(row["price"]) for row in rows])[[*ends]] - base
    table.rename(columns=ends).plot.barh(ax=axes, left=base, width=0.64, color=[BLUE, ORANGE])
    axes.axvline(base, color="black", lw=1)
    axes.invert_yaxis()
    axes.xaxis.set_major_formatter("{x:,.15g}")
    axes.locator_params(axis="x", nbins=3)
    moved = table.any(axis=None)
    axes.set_title(f"Moves it most: {rows[0]['price']}" if moved else "No price moves it")


def short(name: object, length: int = 28) -> str:
    """A name that fits beside an axis."""
    text = " ".join(str(name).split())
    return text if len(text) <= length else text[: length - 1] + "\u2026"
