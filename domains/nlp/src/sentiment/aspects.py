"""What reviews speak of: battery, delivery, price, or whatever ``config.yaml`` lists."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np

from .config import CUT
from .features import tokens
from .kit.intervals import Array
from .predictor import Predictor

Lexicon = Mapping[str, Sequence[str]]  # aspect -> the words by which to know it

# Where a thought ends: a mark, or a word that turns it round or adds another.
CLAUSE_END = re.compile(
    "[.!?;,\n\u3002\uff0c\uff01\uff1f\uff1b\u060c\u061b\u061f\u0964]+|"
    r"\b(?:but|however|although|though|and|yet)\b",
    re.IGNORECASE,
)


def by_aspect(text: str, lexicon: Lexicon) -> dict[str, str]:
    """For each aspect that ``text`` mentions, the clauses that mention it."""
    found: dict[str, list[str]] = {}
    for clause in CLAUSE_END.split(text):
        said = _spoken(clause)
        for aspect, names in lexicon.items():
            if any(_spoken(name) in said for name in names):
                found.setdefault(aspect, []).append(clause.strip())
    return {aspect: ". ".join(parts) for aspect, parts in found.items()}


@lru_cache(maxsize=4096)  # the same names and clauses come again and again
def _spoken(text: str) -> str:
    """The words of ``text``, each between blanks, so that only whole ones are found in it."""
    return f" {' '.join(tokens(text))} "


def mentions(text: str, lexicon: Lexicon) -> list[str]:
    """The aspects that ``text`` mentions."""
    return list(by_aspect(text, lexicon))


def blame(texts: list[str], lexicon: Lexicon, predictor: Predictor) -> dict[str, Array]:
    """For each aspect (rows,): 1 where the clauses that mention it sound unhappy, 0 where they do
    not, NaN where nothing mentions it."""
    blamed = {aspect: np.full(len(texts), np.nan) for aspect in lexicon}
    found = [
        (row, aspect, clause)
        for row, text in enumerate(texts)
        for aspect, clause in by_aspect(text, lexicon).items()
    ]
    if found:
        probability = predictor.predict_proba([{"text": clause} for _, _, clause in found])
        for (row, aspect, _), p in zip(found, probability, strict=True):
            blamed[aspect][row] = p < CUT
    return blamed
