"""How good lists of recommendations are, user by user.

Lists are arrays (users, k) of item codes, best first, filled up with ``NO_ITEM``.
"""

from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.preprocessing import normalize

from .bootstrap import Array, Estimate, intervals
from .linear import NO_ITEM

Lists = NDArray[np.int64]

HEAD = 0.1  # share of items that counts as the most popular
BLOCK = 500  # items compared with all others at a time


def accuracy(lists: Lists, relevant: csr_matrix) -> dict[str, Array]:
    """How well each user's list meets what the user liked later; NaN for users who liked nothing.

    With binary relevance and n items liked: precision is hits / k, recall is hits / n, nDCG
    divides the sum of 1 / log2(rank + 1) over hits by that of a perfect list, of min(k, n) hits
    (Järvelin and Kekäläinen, 2002), and MAP is the mean of the precision at each hit, over
    min(k, n). All are 0 to 1.
    """
    k = lists.shape[1]
    hits = is_in(lists, relevant)
    liked = np.diff(relevant.indptr).astype(float)
    liked[liked == 0] = np.nan
    places = np.arange(1, k + 1)
    discount = 1 / np.log2(places + 1)
    possible = np.minimum(liked, k)
    ideal = np.append(np.nan, discount.cumsum())[np.nan_to_num(possible).astype(int)]
    precision_at_hits = hits * hits.cumsum(axis=1) / places
    return {
        f"ndcg_at_{k}": hits @ discount / ideal,
        f"recall_at_{k}": hits.sum(axis=1) / liked,
        f"precision_at_{k}": np.where(liked > 0, hits.mean(axis=1), np.nan),
        f"map_at_{k}": precision_at_hits.sum(axis=1) / possible,
    }


def is_in(lists: Lists, relevant: csr_matrix) -> Array:
    """(users, k) 1 where the item of the list is in the user's row of ``relevant``, else 0."""
    users = np.arange(len(lists))[:, np.newaxis]
    found = np.asarray(relevant[users, lists].todense()) > 0
    return (found & (lists != NO_ITEM)).astype(float)


def character(lists: Lists, likes: csr_matrix) -> dict[str, Array]:
    """What each user's list is like, whether or not it is right; ``likes`` are those trained on.

    novelty: mean surprise in bits, -log2 of the share of users who liked the item;
    diversity: 1 minus the mean cosine between the list's items, by who liked them;
    popularity_share: share of the list from the 10 % most liked items.
    """
    counts = np.bincount(likes.indices, minlength=likes.shape[1])
    # One more like for every item: an item that nobody liked is surprising, not infinitely so.
    surprise = -np.log2((counts + 1) / (likes.shape[0] + 1))
    head = np.zeros(likes.shape[1])
    head[np.argsort(-counts, kind="stable")[: max(1, round(HEAD * len(head)))]] = 1
    listed = lists != NO_ITEM
    sizes = np.maximum(listed.sum(axis=1), 1)
    return {
        "novelty": (surprise[lists] * listed).sum(axis=1) / sizes,
        "diversity": _diversity(lists, likes),
        "popularity_share": (head[lists] * listed).sum(axis=1) / sizes,
    }


def _diversity(lists: Lists, likes: csr_matrix) -> Array:
    vectors = normalize(likes.T.tocsr())
    listed = (lists != NO_ITEM).astype(float)
    alike = np.zeros(len(lists))
    for start in range(0, vectors.shape[0], BLOCK):
        cosine = (vectors[start : start + BLOCK] @ vectors.T).toarray()
        users, places = np.nonzero((lists >= start) & (lists < start + BLOCK))
        items = lists[users, places]
        others = cosine[(items - start)[:, np.newaxis], lists[users]] * listed[users]
        added = others.sum(axis=1) - cosine[items - start, items]
        alike += np.bincount(users, added, minlength=len(lists))
    sizes = listed.sum(axis=1)
    return 1 - alike / np.maximum(sizes * (sizes - 1), 1)


def coverage(lists: Lists, items: int) -> float:
    """The share of all items that is recommended to anybody."""
    return len(np.unique(lists[lists != NO_ITEM])) / items


def summarise(
    vectors: dict[str, Array], users: NDArray[np.bool_], seed: int
) -> dict[str, Estimate]:
    """The mean of each vector (users,) over ``users``, with its interval over users."""
    chosen = {name: vector[users] for name, vector in vectors.items()}
    return intervals(partial(_means, chosen), int(users.sum()), seed)


def _means(vectors: dict[str, Array], weights: Array) -> dict[str, Array]:
    total = weights.sum(axis=1)
    return {name: weights @ vector / total for name, vector in vectors.items()}
