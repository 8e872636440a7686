"""Models that look at what is near: items by their words or readers, and users by their likes."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.linalg import lapack
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

from .linear import Array, LinearRecommender

Settings = dict[str, Any]

# Too small to change an order that taste decides; it orders items for users without a history.
TINY = 1e-4
WORDS = 300  # the most frequent words, enough for genres and years


def popularity_bias(likes: csr_matrix) -> Array:
    """(items,) the share of likes each item has of the most liked one's, times ``TINY``."""
    counts = _counts(likes)
    return (TINY * counts / max(counts.max(), 1)).astype(np.float32)


def popularity(
    likes: csr_matrix, texts: list[str], settings: Settings, seed: int
) -> LinearRecommender:
    """The baseline: everybody is recommended what most people liked."""
    return LinearRecommender(popularity_bias(likes))


def content(
    likes: csr_matrix, texts: list[str], settings: Settings, seed: int
) -> LinearRecommender:
    """Items whose TF-IDF words are like those of liked items, famous ones a little sooner."""
    vectors = tfidf(texts, min_df=settings["min_df"])
    weights = (vectors @ vectors.T).toarray()
    np.fill_diagonal(weights, 0)
    weights *= (1 + _counts(likes)) ** settings["fame"]
    return LinearRecommender(popularity_bias(likes), weights.astype(np.float32))


def item_item(
    likes: csr_matrix, texts: list[str], settings: Settings, seed: int
) -> LinearRecommender:
    """Items liked by the same people: cosine, shrunk where few people say so.

    Sarwar et al. (2001), "Item-based collaborative filtering recommendation algorithms".
    """
    root = np.sqrt(_counts(likes)).astype(np.float32)
    weights = (likes.T @ likes).toarray()
    for row, length in zip(weights, root, strict=True):  # row by row, to make no second table
        row /= np.maximum(length * root + np.float32(settings["shrink"]), 1)
    np.fill_diagonal(weights, 0)
    nearest = min(settings["neighbours"], len(weights))
    # For each item to score, only its nearest count: the rest is mostly noise. What is near is
    # near both ways, so that rows tell where to cut columns.
    least = np.partition(weights, -nearest, axis=1)[:, -nearest]
    weights[weights < least] = 0
    return LinearRecommender(popularity_bias(likes), weights)


def ease(likes: csr_matrix, texts: list[str], settings: Settings, seed: int) -> LinearRecommender:
    """The item weights that best predict each like from the user's other likes.

    Ridge regression of every item on all others, in closed form: Steck (2019), "Embarrassingly
    shallow autoencoders for sparse data". Words count as further users who liked the items that
    have them, as in Jeunen et al. (2020), "Closed-form models for collaborative filtering with
    side-information". ``damping`` makes likes of famous items weigh less, both as evidence and as
    what is predicted.
    """
    damp = np.maximum(_counts(likes), 1) ** -settings["damping"]
    rows = likes.toarray().astype(float) * damp
    if settings["text_weight"] and any(texts):
        words = tfidf(texts, min_df=2, max_features=WORDS).T.toarray()
        rows = np.vstack([rows, np.sqrt(settings["text_weight"]) * words])
    weights = _regression_weights(rows, settings["regularisation"])
    np.fill_diagonal(weights, 0)
    weights *= damp[:, np.newaxis].astype(np.float32)
    return LinearRecommender(popularity_bias(likes), weights)


def _regression_weights(rows: np.ndarray, strength: float) -> Array:
    """(items, items) in column j the weights that predict item j; the diagonal is without meaning.

    They are -P[i, j] / P[j, j] with P = inverse(rows.T @ rows + strength * identity).
    """
    if len(rows) >= rows.shape[1]:
        inverse = _inverse(rows.T @ rows, strength)
        inverse /= -np.diag(inverse).copy()
        return inverse.astype(np.float32)
    # With fewer rows than items, Woodbury's identity needs the inverse of the smaller
    # rows @ rows.T only: strength * P = identity - rows.T @ inverse(…) @ rows.
    solved = _inverse(rows @ rows.T, strength) @ rows
    solved /= 1 - (rows * solved).sum(axis=0)
    return rows.T.astype(np.float32) @ solved.astype(np.float32)


def _inverse(matrix: np.ndarray, strength: float) -> np.ndarray:
    """The inverse of a positive definite matrix plus strength * identity, in its own memory."""
    matrix[np.diag_indices_from(matrix)] += strength
    factor, _ = lapack.dpotrf(matrix.T, lower=True, overwrite_a=True)
    inverse, _ = lapack.dpotri(factor, lower=True, overwrite_c=True)
    for row in range(len(inverse)):  # LAPACK fills the lower half; the upper mirrors it
        inverse[row, row + 1 :] = inverse[row + 1 :, row]
    return inverse


@dataclass(frozen=True)
class UserNeighbours:
    """Scores by what the nearest users liked; not linear, as who is near depends on all likes.

    Attributes:
        bias: (items,) as in ``LinearRecommender``.
        likes: (users, items) of the users who are asked.
        nearest: how many of them count.
    """

    bias: Array
    likes: csr_matrix
    nearest: int

    def scores(self, histories: csr_matrix) -> Array:
        """(users, items) scores for users who liked what ``histories`` (users, items) says."""
        near = (normalize(histories) @ normalize(self.likes).T).toarray()
        nearest = min(self.nearest, near.shape[1])
        near[near < np.partition(near, -nearest, axis=1)[:, [-nearest]]] = 0
        return self.bias + (csr_matrix(near) @ self.likes).toarray()


def user_user(likes: csr_matrix, texts: list[str], settings: Settings, seed: int) -> UserNeighbours:
    """What people with the most similar likes (cosine) liked.

    After Resnick et al. (1994), "GroupLens: an open architecture for collaborative filtering".
    """
    return UserNeighbours(popularity_bias(likes), likes, settings["neighbours"])


def _counts(likes: csr_matrix) -> Array:
    """(items,) how many users liked each item."""
    return np.bincount(likes.indices, minlength=likes.shape[1]).astype(np.float32)


def tfidf(texts: list[str], **options: Any) -> csr_matrix:
    """(items, words) TF-IDF of length one; no words at all where no word is frequent enough."""
    vectoriser = TfidfVectorizer(sublinear_tf=True, dtype=np.float32, **options)
    try:
        return vectoriser.fit_transform(texts)
    except ValueError:  # raised for an empty vocabulary
        return csr_matrix((len(texts), 0), dtype=np.float32)
