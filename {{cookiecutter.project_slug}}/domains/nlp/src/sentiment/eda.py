"""What the first notebook shows: how long reviews are, which words they use, and what tells."""

from collections import Counter

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from .charts import BLUE, GREY, ORANGE, short
from .text import NEGATION, tokens

MIN_REVIEWS = 5  # of a word or pair, to be called telling
BARS = 30
STOP_WORDS = frozenset(word for word in ENGLISH_STOP_WORDS if not NEGATION.fullmatch(word))


def lengths(texts: pd.Series) -> pd.Series:
    """Words in each review."""
    return texts.map(lambda text: len(tokens(text))).rename("words")


def grams(text: str, size: int) -> list[str]:
    """Runs of ``size`` neighbouring words, in order."""
    found = tokens(text)
    return [" ".join(found[place : place + size]) for place in range(len(found) - size + 1)]


def frequent(texts: pd.Series, size: int, without: frozenset[str] = frozenset()) -> pd.Series:
    """The number of reviews with each run of ``size`` words, most first.

    Runs made of nothing but words in ``without`` are left out.
    """
    counted = Counter(gram for text in texts for gram in set(grams(text, size)))
    kept = {gram: n for gram, n in counted.items() if not set(gram.split()) <= without}
    return pd.Series(kept, dtype=float).sort_values(ascending=False, kind="stable")


def telling(texts: pd.Series, positive: pd.Series, size: int = 1) -> pd.Series:
    """How surely each run of words goes with good reviews (above 0) or bad ones, in standard
    deviations: log-odds ratio with an informative Dirichlet prior (Monroe et al. 2008).

    Returns:
        A value for each run of at least ``MIN_REVIEWS`` reviews, highest first.
    """
    good, bad = (
        Counter(gram for text in texts[positive == side] for gram in set(grams(text, size)))
        for side in (1, 0)
    )
    both = good + bad
    names = [name for name, count in sorted(both.items()) if count >= MIN_REVIEWS]
    prior = np.array([both[name] for name in names], dtype=float) / max(1, sum(both.values()))
    prior *= 100  # as many words as a hundred made-up reviews of the average would add
    scores, variance = np.zeros(len(names)), np.zeros(len(names))
    for counts, sign in ((good, 1), (bad, -1)):
        n, total = np.array([counts[name] for name in names]), sum(counts.values())
        scores += sign * np.log((n + prior) / (total + 100 - n - prior))
        variance += 1 / (n + prior)
    found = pd.Series(scores / np.sqrt(variance), index=names, dtype=float)
    return found.sort_values(ascending=False, kind="stable")


def draw_shares(axes: Axes, values: pd.Series, label: str, pattern: str = "{:,.0f}") -> None:
    """A bar for each value, the first on top, with its value written as ``pattern`` says."""
    colours = [BLUE if value >= 0 else ORANGE for value in values]
    bars = axes.barh([short(name) for name in values.index], values, color=colours)
    axes.bar_label(bars, [pattern.format(value) for value in values], padding=3)
    axes.invert_yaxis()
    axes.margins(x=0.15)
    axes.set_xlabel(label)


def draw_lengths(axes: Axes, counts: pd.Series, positive: pd.Series) -> None:
    """How long good reviews are, and bad ones; the last bar also holds what is longer."""
    values = counts.clip(upper=max(1.0, counts.quantile(0.99)))
    low, high = values.min(), values.max()
    step = max(1, round((high - low) / BARS))  # whole numbers: no bar may hold more than others
    edges = np.arange(low, high + step + 1, step) - 0.5
    for side, colour, name in ((1, BLUE, "positive"), (0, ORANGE, "negative")):
        part = values[positive == side]
        weights = np.full(len(part), 1 / max(len(part), 1))
        axes.hist(part, edges.tolist(), weights=weights, color=colour, alpha=0.5, label=name)
    axes.yaxis.set_major_formatter("{x:.0%}")
    axes.set_xlabel("words in a review")
    axes.set_ylabel("share of reviews")
    axes.legend()


def draw_rates(axes: Axes, rates: pd.DataFrame, overall: float) -> None:
    """A point with its interval for each group, and a line at the overall share."""
    places = np.arange(len(rates))
    reach = np.array([rates["rate"] - rates["low"], rates["high"] - rates["rate"]]).clip(min=0)
    axes.axvline(overall, color=GREY, ls="--")
    axes.errorbar(rates["rate"], places, xerr=reach, fmt="o", color=BLUE, capsize=3)
    axes.set_yticks(places, [short(name) for name in rates.index])
    axes.set_ylim(len(rates) - 0.5, -0.5)
    axes.xaxis.set_major_formatter("{x:.0%}")
    axes.set_xlabel("share of positive reviews, 95% interval")


def draw_months(axes: Axes, months: pd.DataFrame) -> None:
    """The share of positive reviews month by month, with its interval."""
    axes.fill_between(months.index, months["low"], months["high"], color=BLUE, alpha=0.2)
    axes.plot(months.index, months["rate"], "o-", color=BLUE)
    axes.yaxis.set_major_formatter("{x:.0%}")
    axes.set_ylabel("share of positive reviews")
    axes.tick_params(axis="x", rotation=30)
