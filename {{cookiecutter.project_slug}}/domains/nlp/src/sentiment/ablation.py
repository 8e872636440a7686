"""What each step of cleaning does to one and the same model, on the folds of the ladder."""

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import simplemma
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline

from .bootstrap import Array, intervals
from .config import Config
from .eda import STOP_WORDS
from .metrics import weighted_scores
from .models import folds
from .text import NEGATION, names, tokens

Analyser = Callable[[str], list[str]]


def lemmas(text: str) -> list[str]:
    """The words of a review in the form in which an English dictionary has them."""
    return [simplemma.lemmatize(token, lang="en") for token in tokens(text)]


def without_stop_words(text: str) -> list[str]:
    """The words of a review but those that any text is full of; negations stay."""
    return [token for token in tokens(text) if token not in STOP_WORDS]


def without_negations(text: str) -> list[str]:
    """The same as most lists of stop words would have it: negations go too."""
    return [token for token in without_stop_words(text) if not NEGATION.fullmatch(token)]


WEIGHTS = {"TF-IDF": TfidfVectorizer, "counts": CountVectorizer}


def with_pairs(text: str) -> list[str]:
    """Words and pairs of neighbours."""
    found = tokens(text)
    return found + [" ".join(pair) for pair in pairwise(found)]


STEPS: dict[str, tuple[Analyser, str]] = {
    "split at blanks": (str.split, "TF-IDF"),
    "words, lower case": (tokens, "TF-IDF"),
    "bag of words (counts)": (tokens, "counts"),
    "without stop words": (without_stop_words, "TF-IDF"),
    "without stop words and negations": (without_negations, "TF-IDF"),
    "lemmas": (lemmas, "TF-IDF"),
    "words and pairs": (with_pairs, "TF-IDF"),
    "words, pairs and parts of words": (names, "TF-IDF"),  # what is published
}


def ablation(texts: pd.Series, y: pd.Series, config: Config) -> list[dict[str, Any]]:
    """Each of ``STEPS`` that leaves words with its metrics, by out-of-fold logistic regression."""
    rows = []
    for name, (analyser, weights) in STEPS.items():
        try:
            probability = cross_validated(analyser, weights, texts, y, config)
        except ValueError:  # no two reviews have anything in common that this step leaves
            continue
        rows.append({"name": name, "metrics": scores(y, probability, config)})
    return rows


def cross_validated(
    analyser: Analyser, weights: str, texts: pd.Series, y: pd.Series, config: Config
) -> Array:
    """Out-of-fold probabilities of logistic regression on what ``analyser`` finds: (rows,)."""
    options = {"sublinear_tf": True} if weights == "TF-IDF" else {}
    counted = texts.map(analyser)  # once, not in every fold
    vectoriser = WEIGHTS[weights](analyzer=_as_it_is, min_df=2, **options)
    model = make_pipeline(vectoriser, LogisticRegression(C=3, max_iter=2_000))
    found = cross_val_predict(model, counted, y, cv=folds(config), method="predict_proba")
    return np.asarray(found[:, 1])


def scores(y: pd.Series, probability: Array, config: Config) -> dict[str, Any]:
    """Metrics at a probability of 0.5 with their intervals."""
    score = partial(weighted_scores, y.to_numpy(float), probability, 0.5)
    return {name: asdict(value) for name, value in intervals(score, len(y), config.seed).items()}


def _as_it_is(found: list[str]) -> list[str]:
    return found
