"""The figures: each with a title that says what it shows, computed from the numbers."""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from .kit.charts import BLUE, GREEN, GREY, ORANGE, figure, ladder, plt, short
from .kit.decisions import NEVER
from .kit.documents import money as rounded
from .kit.files import Paths, read_json, write_json
from .money import EVERYTHING, MODEL, NOTHING, RULE

Report = dict[str, Any]
# Name of the file -> its role, and what draws it: returns its title and what it shows.
Drawings = dict[str, tuple[str, Callable[[Axes], tuple[str, str]]]]

WORDS = 9  # of each kind in the figure of telling words
# Letters of one width, so that lines can be counted; the second font has emoji.
FONT: dict[str, Any] = {"family": ["DejaVu Sans Mono", "DejaVu Sans"], "fontsize": 9}
PER_LINE, LINES = 90, 5  # letters in a line of a coloured review, and lines of one at most
SHADES = LinearSegmentedColormap.from_list("opinion", [ORANGE, "white", BLUE])


def draw_evaluation(paths: Paths, metrics: Report) -> list[Path]:
    """Draw the figures of ``reports/metrics.json`` and list them in ``reports/figures.json``."""
    detail, business = metrics["nlp"], metrics["business"]
    drawn: Drawings = {
        "reviews": ("headline", partial(coloured_reviews, examples=detail["examples"])),
        "ladder": ("result", partial(draw_ladder, models=metrics["models"])),
        "slices": ("result", partial(slices, found=detail["slices"])),
        "money": ("money", partial(money, detail=detail["business"], per=business["per"])),
        "aspects": ("money", partial(aspects, found=detail["aspects"], business=business)),
    }
    return _draw(paths, drawn, [], metrics["dataset"]["synthetic"])


def draw_explanation(paths: Paths, explanation: Report, synthetic: bool) -> list[Path]:
    """Draw the figure of ``reports/explain.json`` and add it to ``reports/figures.json``."""
    listed = read_json(paths.reports / "figures.json", "evaluate")
    kept = [entry for entry in listed if entry["role"] != "explanation"]
    drawn: Drawings = {"words": ("explanation", partial(telling_words, explanation=explanation))}
    return _draw(paths, drawn, kept, synthetic)


def _draw(paths: Paths, drawn: Drawings, kept: list[Report], synthetic: bool) -> list[Path]:
    files, entries = [], []
    for name, (role, draw) in drawn.items():
        file = paths.figures / f"{name}.png"
        with figure(file) as axes:
            title, shown = draw(axes)
            axes.set_title(title + ("\n(synthetic sample)" if synthetic else ""))
        place = file.relative_to(paths.root).as_posix()
        entries.append({"file": place, "title": title, "alt": f"{shown}: {title}", "role": role})
        files.append(file)
    return [*files, write_json(paths.reports / "figures.json", [*kept, *entries])]


def coloured_reviews(axes: Axes, examples: list[Report]) -> tuple[str, str]:
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
    title = "Blue words speak for a good review, orange ones against"
    return title, f"{len(shown)} test reviews with each word coloured by what it adds"


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


def draw_ladder(axes: Axes, models: list[Report]) -> tuple[str, str]:
    """Validation ROC-AUC of every model with its interval."""
    ladder(axes, models, "roc_auc")
    axes.set_xlabel("ROC-AUC on validation folds, 95% interval")
    chosen = next(model["label"] for model in models if model["selected"])
    return f"Published: {chosen}", "ROC-AUC of every model"


def slices(axes: Axes, found: list[Report]) -> tuple[str, str]:
    """Accuracy with its interval in each group of test reviews."""
    _dots(axes, [(f"{row['name']} ({row['rows']:,})", row["accuracy"]) for row in found])
    axes.set_xlabel("accuracy on test reviews, 95% interval (in brackets: how many)")
    axes.xaxis.set_major_formatter("{x:.0%}")
    worst = min(found, key=lambda row: row["accuracy"]["value"], default={"name": "none"})
    title = f"Least accurate on test reviews: {short(worst['name'])}"
    return title, "Accuracy by group of reviews"


def money(axes: Axes, detail: Report, per: str) -> tuple[str, str]:
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
    title = f"The model earns {rounded(ours['value'], ours['high'] - ours['low'])} {currency}"
    return f"{title} per {per}", "Gain on test reviews over all thresholds, beside three rules"


def aspects(axes: Axes, found: list[Report], business: Report) -> tuple[str, str]:
    """Revenue at risk by what unhappy customers complain of, with its interval."""
    _dots(axes, [(row["aspect"], row["revenue_at_risk"]) for row in found])
    axes.set_xlabel(f"revenue at risk per {business['per']} ({business['currency']}), 95% interval")
    axes.xaxis.set_major_formatter("{x:,.0f}")
    there = found and found[0]["blamed"]
    title = f"Blamed most in test reviews: {short(found[0]['aspect'])}" if there else "None blamed"
    return title, "Revenue at risk by aspect"


def telling_words(axes: Axes, explanation: Report) -> tuple[str, str]:
    """The words that speak most for and against, by what they add where they occur."""
    rows = explanation["negative_words"][:WORDS] + explanation["positive_words"][:WORDS][::-1]
    values = [row["contribution"] for row in rows]
    axes.barh(range(len(rows)), values, color=[BLUE if value > 0 else ORANGE for value in values])
    axes.set_yticks(range(len(rows)), [short(row["word"]) for row in rows])
    axes.set_xlabel("mean effect on the log-odds of a good review, where the word occurs")
    ends = [f"\u201c{short(row['word'])}\u201d" for row in (rows[-1:] + rows[:1])]
    if len(rows) < 2 or values[0] * values[-1] > 0:
        return "Words that tell more than chance", "Mean effect of words"
    return f"Strongest for: {ends[0]}, against: {ends[1]}", "Mean effect of words"


def _dots(axes: Axes, rows: list[tuple[str, Report]]) -> None:
    """A dot with its interval for each row, the first on top."""
    for place, (_, value) in enumerate(rows):
        axes.hlines(place, value["low"], value["high"], color=GREY, lw=4)
        axes.plot(value["value"], place, "o", color=BLUE)
    axes.set_yticks(range(len(rows)), [short(name) for name, _ in rows])
    axes.tick_params(axis="y", labelsize=9)
    axes.invert_yaxis()
