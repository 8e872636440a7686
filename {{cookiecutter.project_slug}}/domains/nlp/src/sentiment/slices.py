"""For which reviews the model does well: by length, by negation, and by what they speak of."""

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .aspects import Lexicon, mentions
from .bootstrap import Array, intervals
from .metrics import weighted_scores
from .text import is_negated, tokens

LENGTHS = (0, 11, 26, 101)  # words: where each group begins
MIN_ROWS = 10  # fewer reviews than this say nothing about a group
Groups = dict[str, NDArray[np.bool_]]


def slices(
    texts: list[str], y: Array, probability: Array, lexicon: Lexicon, seed: int
) -> dict[str, list[dict[str, Any]]]:
    """Accuracy with its interval, F1 and ROC-AUC in each group of reviews.

    Groups of fewer than ``MIN_ROWS`` reviews are left out; ROC-AUC is None where all reviews of a
    group are of one kind.
    """
    kinds = {
        "length": by_length(texts),
        "negation": by_negation(texts),
        "aspect": by_mention(texts, lexicon),
    }
    return {
        kind: [
            _row(name, y[inside], probability[inside], seed)
            for name, inside in groups.items()
            if inside.sum() >= MIN_ROWS
        ]
        for kind, groups in kinds.items()
    }


def by_length(texts: list[str]) -> Groups:
    """Groups by number of words."""
    count = np.array([len(tokens(text)) for text in texts])
    groups = {}
    for start, end in zip(LENGTHS, [*LENGTHS[1:], None], strict=True):
        name = f"{start} words or more" if end is None else f"{start} to {end - 1} words"
        groups[name] = (count >= start) & (count < (end or np.inf))
    return groups


def by_negation(texts: list[str]) -> Groups:
    """Reviews with a word such as "not", and those without."""
    negated = np.array([is_negated(text) for text in texts])
    return {"with negation": negated, "without negation": ~negated}


def by_mention(texts: list[str], lexicon: Lexicon) -> Groups:
    """Reviews that mention each aspect, and those that mention none."""
    found = [set(mentions(text, lexicon)) for text in texts]
    groups = {aspect: np.array([aspect in one for one in found]) for aspect in lexicon}
    return groups | {"no aspect": np.array([not one for one in found])}


def _row(name: str, y: Array, probability: Array, seed: int) -> dict[str, Any]:
    scores = intervals(partial(weighted_scores, y, probability, 0.5), len(y), seed)
    return {
        "name": name,
        "rows": len(y),
        "positive_rate": float(y.mean()),
        "accuracy": scores["accuracy"].value,
        "low": scores["accuracy"].low,
        "high": scores["accuracy"].high,
        "f1": scores["f1"].value,
        "roc_auc": scores["roc_auc"].value if 0 < y.mean() < 1 else None,
    }
