"""The figures: each with a title that says what it shows, computed from the numbers."""

import re
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from .kit import charts
from .kit.charts import BLUE, GREEN, GREY, ORANGE, Picture, plt, short
from .kit.decisions import NEVER
from .kit.documents import amount
from .money import EVERYTHING, MODEL, NOTHING, RULE

Report = dict[str, Any]

WORDS = 9  # of each kind in the figure of telling words
# Letters of one width, so that lines can be counted; the second font has emoji.
FONT: dict[str, Any] = {"family": ["DejaVu Sans Mono", "DejaVu Sans"], "fontsize": 9}
PER_LINE, LINES = 90, 5  # letters in a line of a coloured review, and lines of one at most
SHADES = LinearSegmentedColormap.from_list("opinion", [ORANGE, "white", BLUE])


def draw(folder: Path, metrics: Report) -> list[Report]:
    """Draw the figures of the evaluation; return their entries in ``reports/figures.json``."""
    detail, business = metrics["nlp"], metrics["business"]
    read = "Test reviews with each word coloured by what it adds"
    climbed = "ROC-AUC of each model on validation folds, with its 95% interval"
    right = "Accuracy in each group of test reviews, with its 95% interval"
    earned = "Gain on test reviews over all thresholds, beside the policies without one"
    blamed = "Revenue at risk by what unhappy customers complain of, with its 95% interval"
    pictures: dict[str, Picture] = {
        "reviews": ("headline", read, lambda axes: coloured_reviews(axes, detail["examples"])),
        "ladder": ("result", climbed, lambda axes: ladder(axes, metrics["models"])),
        "slices": ("result", right, lambda axes: slices(axes, detail["slices"])),
        "money": ("money", earned, lambda axes: money(axes, detail["business"], business["per"])),
        "aspects": ("money", blamed, lambda axes: aspects(axes, detail["aspects"], business)),
    }
    return charts.draw(folder, pictures, metrics["dataset"]["synthetic"])


def draw_words(folder: Path, explanation: Report, synthetic: bool) -> list[Report]:
    """Draw the telling words; return their entry in ``reports/figures.json``."""
    alt = "Mean effect of the words that speak most for and against a good review"
    pictures: dict[str, Picture] = {
        "words": ("explanation", alt, lambda axes: telling_words(axes, explanation))
    }
    return charts.draw(folder, pictures, synthetic)


def coloured_reviews(axes: Axes, examples: list[Report]) -> None:
    """The surest that are right and the worst mistake, word by word."""
    axes.axis("off")
    axes.set_xlim(0, PER_LINE)
    shown, line = examples[:3], 0.0
    for example in shown:
        opinion = "positive" if example["positive"] else "negative"
        said = f"the model: {example['probability']:.0%} positive; the customer: {opinion}"
        axes.text(0, line, said, fontsize=9, weight="bold", va="center")
        line = _write_words(axes, example["text"], example["words"], line + 1) + 1.8
    axes.set_ylim(line, -1)
    plt.gcf().set_figheight(0.6 + 0.27 * line)
    axes.set_title("Blue words speak for a good review, orange ones against")


def _write_words(axes: Axes, text: str, words: list[Report], line: float) -> float:
    """Write ``text`` from ``line`` on, each word on a ground by what it adds; the last line used.

    ``words`` say where each word stands and what it contributes; what is too long is cut off.
    """
    strongest = max((abs(word["contribution"]) for word in words), default=0) or 1
    column, last = 0, line + LINES - 1
    ends = [word["start"] for word in words[1:]] + [len(text)]
    for word, end in zip(words, ends, strict=False):
        written = short(text[word["start"] : word["end"]])
        after = re.sub(r"\s+", " ", text[word["end"] : end])[:PER_LINE]
        if column and column + len(written + after.rstrip()) > PER_LINE:
            column, line = 0, line + 1
        if line > last:
            axes.text(PER_LINE, last, "…", va="center", **FONT)
            return last
        colour = SHADES(0.5 + 0.3 * word["contribution"] / strongest)
        ground = {"facecolor": colour, "pad": 1.2, "edgecolor": "none"}
        axes.text(column, line, written, bbox=ground, va="center", **FONT)
        axes.text(column + len(written), line, after, va="center", **FONT)
        column += len(written + after)
    return line


def ladder(axes: Axes, models: list[Report]) -> None:
    """Validation ROC-AUC of every model with its interval."""
    charts.ladder(axes, models, "roc_auc")
    axes.set_xlabel("ROC-AUC on validation folds, 95% interval")
    chosen = next(model["label"] for model in models if model["selected"])
    axes.set_title(f"Chosen: {chosen}")


def slices(axes: Axes, found: list[Report]) -> None:
    """Accuracy with its interval in each group of test reviews."""
    _dots(axes, [(f"{row['name']} ({row['rows']:,})", row["accuracy"]) for row in found])
    axes.set_xlabel("accuracy on test reviews, 95% interval (in brackets: how many)")
    axes.xaxis.set_major_formatter("{x:.0%}")
    worst = min(found, key=lambda row: row["accuracy"]["value"], default={"name": "none"})
    axes.set_title(f"Least accurate on test reviews: {short(worst['name'])}")


def money(axes: Axes, detail: Report, per: str) -> None:
    """Gain on test reviews over all thresholds, beside what one can do without a model."""
    curve, currency = detail["profit_curve"], detail["prices"]["currency"]
    earned = {row["name"]: row["per_1000_reviews"]["value"] for row in detail["policies"]}
    axes.plot([min(t, 1) for t in curve["threshold"]], curve["gain"], color=BLUE, label=MODEL)
    for name, colour, style in (
        (EVERYTHING, ORANGE, ":"),
        (RULE, GREEN, "-."),
        (NOTHING, GREY, "-"),
    ):
        axes.axhline(earned[name], color=colour, ls=style, label=name)
    if detail["threshold"] < NEVER:
        axes.axvline(detail["threshold"], color="black", lw=1, ls="--", label="pays from here on")
    axes.set_xlabel("read from this risk of an unhappy customer on")
    axes.xaxis.set_major_formatter("{x:.0%}")
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.set_ylabel(f"gain per {per} ({currency})")
    axes.legend(fontsize=8)
    ours = detail["policies"][-1]["per_1000_reviews"]
    title = f"The model earns {amount(ours['value'], ours['high'] - ours['low'])} {currency}"
    axes.set_title(f"{title} per {per}")


def aspects(axes: Axes, found: list[Report], business: Report) -> None:
    """Revenue at risk by what unhappy customers complain of, with its interval."""
    _dots(axes, [(row["aspect"], row["revenue_at_risk"]) for row in found])
    axes.set_xlabel(f"revenue at risk per {business['per']} ({business['currency']}), 95% interval")
    axes.xaxis.set_major_formatter("{x:,.0f}")
    there = found and found[0]["blamed"]
    most = short(found[0]["aspect"]) if there else ""
    axes.set_title(f"Blamed most in test reviews: {most}" if there else "None blamed")


def telling_words(axes: Axes, explanation: Report) -> None:
    """The words that speak most for and against, by what they add where they occur."""
    rows = explanation["negative_words"][:WORDS] + explanation["positive_words"][:WORDS][::-1]
    values = [row["contribution"] for row in rows]
    axes.barh(range(len(rows)), values, color=[BLUE if value > 0 else ORANGE for value in values])
    axes.set_yticks(range(len(rows)), [short(row["word"]) for row in rows])
    axes.set_xlabel("mean effect on the log-odds of a good review, where the word occurs")
    both = len(rows) > 1 and values[0] * values[-1] < 0
    most, least = (short(row["word"]) for row in (rows[-1], rows[0])) if both else ("", "")
    title = f"Strongest for: \u201c{most}\u201d, against: \u201c{least}\u201d"
    axes.set_title(title if both else "Words that tell more than chance")


def _dots(axes: Axes, rows: list[tuple[str, Report]]) -> None:
    """A dot with its interval for each row, the first on top."""
    for place, (_, value) in enumerate(rows):
        axes.hlines(place, value["low"], value["high"], color=GREY, lw=4)
        axes.plot(value["value"], place, "o", color=BLUE)
    axes.set_yticks(range(len(rows)), [short(name) for name, _ in rows])
    axes.tick_params(axis="y", labelsize=9)
    axes.invert_yaxis()
