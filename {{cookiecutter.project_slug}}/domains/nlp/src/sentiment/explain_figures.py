"""The figures of the explanation: telling words, and a review with its words coloured."""

import unicodedata
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from .charts import BLUE, ORANGE, draw_all, short

Report = dict[str, Any]

WORDS = 12  # of each kind in the figure
LETTERS = 600  # of a review that are drawn
LINES = 8
# Letters of one width, so that lines can be counted; the second font has emoji.
FAMILY = ["DejaVu Sans Mono", "DejaVu Sans"]
FONT: dict[str, Any] = {"family": FAMILY, "fontsize": 9, "va": "center"}
PER_LINE = 91
SHADES = LinearSegmentedColormap.from_list("opinion", [ORANGE, "white", BLUE])


def draw_explanation(folder: Path, explanation: Report, note: str) -> list[Path]:
    """Draw the figures of ``reports/explain.json`` into ``folder`` and return their paths."""
    examples = explanation["examples"][:3]
    return draw_all(
        folder,
        {
            "words": lambda page: telling_words(page, explanation, note),
            "reviews": lambda page: coloured_reviews(page, examples, note),
        },
    )


def telling_words(page: Figure, explanation: Report, note: str) -> None:
    """The words that speak most for and against, by what they add where they occur."""
    kinds = (("negative_words", ORANGE), ("positive_words", BLUE))
    for axes, (kind, colour) in zip(page.subplots(1, 2), kinds, strict=True):
        rows = explanation[kind][:WORDS][::-1]
        strengths = [abs(row["contribution"]) for row in rows]
        axes.barh(range(len(rows)), strengths, color=colour)
        axes.set_yticks(range(len(rows)), [_name(row["word"]) for row in rows])
        axes.set_xlabel(f"mean effect ({explanation['unit']})")
        axes.set_title(kind.replace("_", " "))
    page.suptitle(f"The most telling words{note}", x=0.01, ha="left", weight="bold")


def coloured_reviews(page: Figure, examples: list[Report], note: str) -> None:
    """Reviews with each word on a ground coloured by what it adds to the log-odds."""
    for axes, example in zip(
        page.subplots(max(len(examples), 1), 1, squeeze=False)[:, 0], examples, strict=False
    ):
        draw_words(axes, example["text"][:LETTERS], example["words"])
        opinion = "positive" if example["positive"] else "negative"
        said = f"{example['probability']:.0%} positive"
        axes.set_title(f"{said}, and it is {opinion}", fontsize=9)
    title = f"Blue words speak for a good review, orange ones against{note}"
    page.suptitle(title, x=0.01, ha="left", weight="bold")


def draw_words(axes: Axes, text: str, words: list[Report]) -> None:
    """Write ``text`` in lines; ``words`` say where each word stands and what it contributes."""
    axes.axis("off")
    axes.set_xlim(0, PER_LINE)
    axes.set_ylim(LINES / 2, -0.5)
    strongest = max((abs(word["contribution"]) for word in words), default=0) or 1
    column, line = 0, 0
    ends = [*(word["start"] for word in words[1:]), len(text)]
    for word, end in zip(words, ends, strict=False):  # no word at all: one end too many
        written = short(text[word["start"] : word["end"]])
        after = text[word["end"] : end].strip()[:PER_LINE]
        if column and column + len(written + after) > PER_LINE:
            column, line = 0, line + 1
        if not written or line > LINES // 2:
            break
        shade = 0.5 + 0.3 * word["contribution"] / strongest
        ground = {"facecolor": SHADES(shade), "pad": 1.2, "edgecolor": "none"}
        axes.text(column, line, written, bbox=ground, **FONT)
        axes.text(column + len(written), line, after, **FONT)
        column += len(written + after) + 1


def _name(word: str) -> str:
    """A word to stand beside a bar; an emoji by its name, as fonts lack many of them."""
    is_sign = len(word) == 1 and unicodedata.category(word) == "So"
    return unicodedata.name(word, word).lower() if is_sign else short(word)
