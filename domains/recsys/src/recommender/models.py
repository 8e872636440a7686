"""The models, each a function from likes (users, items), the items' texts, settings and a seed to
something that scores: by what is popular, what is near, and what a few factors explain.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from implicit.bpr import BayesianPersonalizedRanking
from implicit.cpu.als import AlternatingLeastSquares
from scipy.linalg import inv
from scipy.sparse import csr_matrix, diags, vstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize
from sklearn.utils.extmath import randomized_svd
from threadpoolctl import threadpool_limits

from .linear import Array, Factors, ItemWeights

Settings = dict[str, Any]

# Too small to change an order that taste decides; it orders items for users without a history.
TINY = 1e-4
WORDS = 300  # the most frequent words, enough for genres and years
FEWER = 0.2  # the power of a user's number of likes by which each of them says less to EASE


@dataclass(frozen=True)
class UserNeighbours:
    """Scores by what the ``nearest`` of the users of ``likes`` (users, items) liked.

    They are not linear, as who is near depends on all likes; ``bias`` is that of ``Factors``.
    """

    bias: Array
    likes: csr_matrix
    nearest: int

    def score_all(self, histories: csr_matrix) -> Array:
        """(users, items) scores for users who liked what ``histories`` (users, items) says."""
        near = (normalize(histories) @ normalize(self.likes).T).toarray()
        nearest = min(self.nearest, near.shape[1])
        near[near < np.partition(near, -nearest, axis=1)[:, [-nearest]]] = 0
        return self.bias + (csr_matrix(near) @ self.likes).toarray()


def popularity(likes: csr_matrix, texts: list[str], settings: Settings, seed: int) -> Factors:
    """The baseline: everybody is recommended what most people liked."""
    nothing = np.zeros((likes.shape[1], 0), np.float32)
    return Factors(_popularity_bias(likes), nothing, nothing)


def fixed_list(likes: csr_matrix, items: list[int]) -> Factors:
    """The manager's rule: ``items`` to everybody, best first, then what most people liked."""
    model = popularity(likes, [], {}, 0)
    model.bias[items] += np.arange(len(items), 0, -1)
    return model


def content(likes: csr_matrix, texts: list[str], settings: Settings, seed: int) -> ItemWeights:
    """Items whose TF-IDF words are like those of liked items, famous ones a little sooner."""
    vectors = tfidf(texts, min_df=settings["min_df"])
    weights = (vectors @ vectors.T).toarray()
    np.fill_diagonal(weights, 0)
    weights *= (1 + _counts(likes)) ** settings["fame"]
    return ItemWeights(_popularity_bias(likes), weights.astype(np.float32))


def item_item(likes: csr_matrix, texts: list[str], settings: Settings, seed: int) -> ItemWeights:
    """Items liked by the same people: cosine, shrunk where few say so (Sarwar et al. 2001)."""
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
    return ItemWeights(_popularity_bias(likes), weights)


def user_user(likes: csr_matrix, texts: list[str], settings: Settings, seed: int) -> UserNeighbours:
    """What people with the most similar likes (cosine) liked, after Resnick et al. (1994)."""
    return UserNeighbours(_popularity_bias(likes), likes, settings["neighbours"])


def svd(likes: csr_matrix, texts: list[str], settings: Settings, seed: int) -> Factors:
    """Truncated SVD: the few directions of taste along which users differ most.

    PureSVD of Cremonesi et al. (2010); ``damping`` makes likes of famous items weigh less.
    """
    damp = np.maximum(_counts(likes).astype(float), 1) ** -settings["damping"]
    _, _, directions = randomized_svd(likes @ diags(damp), settings["factors"], random_state=seed)
    outputs = directions.T
    inputs = damp[:, np.newaxis] * outputs
    return Factors(_popularity_bias(likes), inputs.astype(np.float32), outputs.astype(np.float32))


def ease(likes: csr_matrix, texts: list[str], settings: Settings, seed: int) -> ItemWeights:
    """The item weights that best predict each like from the user's other likes.

    Ridge regression of every item on all others, in closed form (Steck 2019). Words count as
    further users who liked the items that have them (Jeunen et al. 2020). ``damping`` makes likes
    of famous items weigh less; those of users with many always do.
    """
    sizes = np.maximum(likes.sum(axis=1).A1, 1)
    damp = np.maximum(_counts(likes).astype(float), 1) ** -settings["damping"]
    rows = (diags((sizes / sizes.mean()) ** -FEWER) @ likes @ diags(damp)).tocsr()
    if settings["text_weight"] and any(texts):
        words = tfidf(texts, min_df=2, max_features=WORDS).T
        rows = vstack([rows, np.sqrt(settings["text_weight"]) * words], "csr")
    weights = _regression_weights(rows, settings["regularisation"])
    np.fill_diagonal(weights, 0)
    weights *= damp[:, np.newaxis].astype(np.float32)
    return ItemWeights(_popularity_bias(likes), weights)


def _regression_weights(rows: csr_matrix, strength: float) -> Array:
    """(items, items) in column j the weights that predict item j; the diagonal is without meaning.

    They are -P[i, j] / P[j, j] with P = inverse(rows.T @ rows + strength * identity).
    """
    wide = rows.shape[0] < rows.shape[1]
    products = (rows @ rows.T if wide else rows.T @ rows).toarray()
    products[np.diag_indices_from(products)] += strength
    inverse = inv(products, assume_a="pos", overwrite_a=True)
    if not wide:
        inverse /= -np.diag(inverse).copy()
        return inverse.astype(np.float32)
    # Woodbury's identity: strength * P = identity - rows.T @ inverse(rows @ rows.T …) @ rows.
    solved = (rows.T @ inverse).T
    solved /= 1 - rows.multiply(solved).sum(axis=0).A1
    return (rows.T @ solved).astype(np.float32)


def als(likes: csr_matrix, texts: list[str], settings: Settings, seed: int) -> Factors:
    """Alternating least squares: likes count more than their absence (Hu et al. 2008)."""
    size, strength, alpha = map(settings.get, ("factors", "regularisation", "alpha"))
    with threadpool_limits(1, "blas"):  # implicit is slow where BLAS has threads of its own
        # With more threads, the result would depend on their timing.
        model = AlternatingLeastSquares(size, strength, alpha, num_threads=1, random_state=seed)
        model.fit(likes, show_progress=False)
    return _folded_in(likes, model.user_factors, model.item_factors)


def bpr(likes: csr_matrix, texts: list[str], settings: Settings, seed: int) -> Factors:
    """Bayesian personalised ranking: likes score above other items (Rendle et al. 2009)."""
    size, rate, strength = map(settings.get, ("factors", "learning_rate", "regularisation"))
    model = BayesianPersonalizedRanking(size, rate, strength, num_threads=1, random_state=seed)
    model.fit(likes, show_progress=False)
    # The last factor is the item's bias, and 1 for every user: folded in like the others. As
    # implicit draws what a user did not like by how famous it is, fame has no part in it yet.
    model.item_factors[:, -1] += np.log(np.maximum(_counts(likes), 0.5))
    return _folded_in(likes, model.user_factors, model.item_factors)


def _folded_in(likes: csr_matrix, users: Array, items: Array) -> Factors:
    """The linear map from likes to the vectors ``users`` (users, d) that fits them best.

    A user's vector is the sum of the liked ``items`` (items, d) times a (d, d) matrix: so a new
    user needs no training. Where it is found, by least squares, sums are over the root of the
    number of likes (as in SVD++, Koren 2008), lest users of many decide alone.
    """
    sums = (likes @ items) / np.sqrt(np.maximum(likes.sum(axis=1).A1, 1))[:, np.newaxis]
    change, *_ = np.linalg.lstsq(sums.astype(float), users.astype(float), rcond=None)
    return Factors(_popularity_bias(likes), (items @ change).astype(np.float32), items)


def tfidf(texts: list[str], **options: Any) -> csr_matrix:
    """(items, words) TF-IDF of length one; no words at all where no word is frequent enough."""
    vectoriser = TfidfVectorizer(sublinear_tf=True, dtype=np.float32, **options)
    try:
        return vectoriser.fit_transform(texts)
    except ValueError:  # raised for an empty vocabulary
        return csr_matrix((len(texts), 0), dtype=np.float32)


def _counts(likes: csr_matrix) -> Array:
    """(items,) how many users liked each item."""
    return np.bincount(likes.indices, minlength=likes.shape[1]).astype(np.float32)


def _popularity_bias(likes: csr_matrix) -> Array:
    """(items,) the share of likes each item has of the most liked one's, times ``TINY``."""
    counts = _counts(likes)
    return (TINY * counts / max(counts.max(), 1)).astype(np.float32)
