"""Word vectors from the corpus itself: words with the same neighbours get similar vectors."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.utils.extmath import randomized_svd

from .bootstrap import Array
from .config import Config
from .models import folds
from .text import tokens

WINDOW = 4  # words to either side that count as neighbours
MIN_COUNT = 5


@dataclass(frozen=True)
class Vectors:
    """A vector of length 1 for each word: ``values`` is (words, size)."""

    words: list[str]
    values: Array

    def nearest(self, word: str, count: int = 5) -> pd.Series:
        """The words most similar to ``word``, by cosine."""
        similar = pd.Series(self.values @ self.values[self.words.index(word)], index=self.words)
        return similar.drop(word).nlargest(count)

    def of_texts(self, texts: pd.Series) -> Array:
        """The mean vector of each text's words, zero where it knows none: (texts, size)."""
        places = {word: place for place, word in enumerate(self.words)}
        known = [[places[token] for token in tokens(text) if token in places] for text in texts]
        zero = np.zeros(self.values.shape[1])
        return np.array([self.values[row].mean(axis=0) if row else zero for row in known])


def train_vectors(texts: pd.Series, size: int, seed: int) -> Vectors:
    """Factorise the matrix of positive pointwise mutual information of neighbouring words.

    word2vec's skip-gram with negative sampling does the same implicitly (Levy and Goldberg 2014);
    on a small corpus this is faster, and the same on every run.
    """
    split = texts.map(tokens)
    counts = split.explode().value_counts()
    words = sorted(counts[counts >= MIN_COUNT].index)
    places = {word: place for place, word in enumerate(words)}
    known = [[places[word] for word in line if word in places] for line in split]
    pairs = [
        (line[place], line[other])
        for line in known
        for place in range(len(line))
        for other in range(max(0, place - WINDOW), min(len(line), place + WINDOW + 1))
        if other != place
    ]
    if len(words) < 3 or not pairs:
        return Vectors([], np.zeros((0, size)))
    left, right = np.array(pairs).T
    table = coo_matrix((np.ones(len(left)), (left, right)), shape=(len(words), len(words))).tocsr()
    totals = np.asarray(table.sum(axis=0)).ravel()
    found = table.tocoo()
    ratio = found.data * totals.sum() / (totals[found.row] * totals[found.col])
    found.data = np.maximum(np.log(ratio), 0)
    size = min(size, len(words) - 1)
    u, s, _ = randomized_svd(found.tocsr(), size, random_state=seed)
    values = u * np.sqrt(s)
    norms = np.linalg.norm(values, axis=1, keepdims=True)
    return Vectors(words, values / np.maximum(norms, 1e-12))


def score(vectors: Vectors, texts: pd.Series, y: pd.Series, config: Config) -> float:
    """ROC-AUC of logistic regression on the mean vector of each review, out of fold."""
    model, values = LogisticRegression(C=10, max_iter=2_000), vectors.of_texts(texts)
    found = cross_val_predict(model, values, y, cv=folds(config), method="predict_proba")
    return float(roc_auc_score(y, found[:, 1]))


def read_vectors(file: Path, wanted: set[str]) -> Vectors:
    """Vectors of ``wanted`` words from a file as GloVe's: on each line a word and its numbers."""
    words, values = [], []
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            word, *numbers = line.rstrip().split(" ")
            if word in wanted:
                words.append(word)
                values.append(np.array(numbers, dtype=float))
    matrix = np.array(values).reshape(len(words), -1)
    return Vectors(words, matrix / np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), 1e-12))


def attention(values: Array, causal: bool = False) -> Array:
    """Scaled dot-product self-attention (Vaswani et al. 2017) of words with themselves.

    Args:
        values: (words, size) of length 1; taken at length √size, as a layer norm leaves them.
        causal: whether a word sees only itself and those before it, as in a decoder.

    Returns:
        (words, words) how much each word, a row, takes from each other one; rows add up to 1.
    """
    scores = values @ values.T * np.sqrt(values.shape[1])
    if causal:
        scores = np.where(np.tril(np.ones_like(scores)) == 1, scores, -np.inf)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))
