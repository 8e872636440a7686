"""The figures: each with a title that says what it shows, computed from the numbers."""

import re
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from .kit import charts
from .kit.charts import BLUE, GREEN, GREY, ORANGE, Picture, plt, short
from .kit.decisions import NEVER
from .money import EVERYTHING, MODEL, NOTHING, RULE, share

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
        said = f"the model: {share(example['probability'])} positive; the customer: {opinion}"
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
    _dots(axes, [(f"{short(row['name'], 19)} ({row['rows']:,})", row["accuracy"]) for row in found])
    axes.set_xlabel("accuracy on test reviews, 95% interval (in brackets: how many)")
    axes.xaxis.set_major_formatter("{x:.0%}")
    worse = ", ".join(short(row["name"]) for row in found if row["worse"])
    chance = "Whether a group is less accurate than the rest may be chance"
    axes.set_title(f"Less accurate than the rest: {worse}" if worse else chance)


def money(axes: Axes, detail: Report, per: str) -> None:
    """Gain on test reviews over all thresholds, beside what one can do without a model."""
    curve, currency = detail["profit_curve"], detail["prices"]["currency"]
    earned = {row["name"]: row["per_1000_reviews"]["value"] for row in detail["policies"]}
    axes.plot([min(t, 1) for t in curve["threshold"]], curve["gain"], color=BLUE, label=MODEL)
    lines = ((EVERYTHING, ORANGE, ":"), (RULE, GREEN, "-."), (NOTHING, GREY, "-"))
    for name, colour, style in lines:
        axes.axhline(earned[name], color=colour, ls=style, label=name)
    if (pays := detail["threshold"]) < NEVER:
        axes.axvline(pays, color="black", lw=1, ls="--", label="pays above this risk")
    axes.set_xlabel("read from this risk of an unhappy customer on")
    axes.xaxis.set_major_formatter("{x:.0%}")
    axes.yaxis.set_major_formatter("{x:,.15g}")
    axes.set_ylabel(f"gain per {per} ({currency})")
    axes.legend(fontsize=8)
    axes.set_title(detail["finding"][0].upper() + detail["finding"][1:])


def aspects(axes: Axes, found: list[Report], business: Report) -> None:
    """Revenue at risk by what unhappy customers complain of, with its interval."""
    _dots(axes, [(row["aspect"], row["revenue_at_risk"]) for row in found])
    axes.set_xlabel(f"revenue at risk per {business['per']} ({business['currency']}), 95% interval")
    axes.xaxis.set_major_formatter("{x:,.15g}")
    longest = len(f"{max((row['revenue_at_risk']['high'] for row in found), default=0):,.0f}")
    axes.tick_params(axis="x", rotation=20 * (longest > 9))  # long ones would overlap
    title = "Which aspect is blamed most may be chance"
    if not found or not found[0]["blamed"]:
        title = "No aspect is blamed in the test reviews"
    elif found[0]["leads"]:
        title = f"Blamed{' most' * (len(found) > 1)}: {short(found[0]['aspect'])}"
    axes.set_title(title)


def telling_words(axes: Axes, explanation: Report) -> None:
    """The words that speak most for and against, by what they add where they occur."""
    rows = explanation["negative_words"][:WORDS] + explanation["positive_words"][:WORDS][::-1]
    values = [row["contribution"] for row in rows]
    axes.barh(range(len(rows)), values, color=[BLUE if value > 0 else ORANGE for value in values])
    axes.set_yticks(range(len(rows)), [short(row["word"]) for row in rows])
    axes.set_xlabel("mean effect on the log-odds of a good review, where the word occurs")
    most = [
        f"{kind}: \u201c{short(row['word'])}\u201d"
        for kind, key in (("for", "positive_words"), ("against", "negative_words"))
        for row in explanation[key][:1]
    ]
    title = f"Strongest in the model {', '.join(most)}"
    axes.set_title(title if most else "No word tells more than chance")


def _dots(axes: Axes, rows: list[tuple[str, Report]]) -> None:
    """A dot with its interval for each row, the first on top."""
    for place, (_, value) in enumerate(rows):
        axes.hlines(place, value["low"], value["high"], color=GREY, lw=4)
        axes.plot(value["value"], place, "o", color=BLUE)
    axes.set_yticks(range(len(rows)), [short(name) for name, _ in rows])
    axes.tick_params(axis="y", labelsize=9)
    axes.invert_yaxis()
