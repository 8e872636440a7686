"""How good lists of recommendations are, user by user, and whom and what they serve.

Lists are arrays (users, k) of item codes, best first, filled up with ``NO_ITEM``.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.preprocessing import normalize

from .data import Task
from .kit.intervals import Array, Estimate, intervals
from .linear import NO_ITEM, IntArray

HEAD = 0.1  # share of items that counts as the most popular
BLOCK = 500  # items compared with all others at a time
FEW_LIKES = (1, 6, 21)  # where the groups of users begin, after those without any like
RARE_LIKES = (1, 10, 50)  # the same for items


def accuracy(lists: IntArray, relevant: csr_matrix) -> dict[str, Array]:
    """How well each user's list meets the n items liked later: (users,), 0 to 1, NaN without any.

    Precision is hits / k, recall is hits / n, nDCG divides the sum of 1 / log2(rank + 1) over hits
    by that of a perfect list, of min(k, n) hits (Järvelin and Kekäläinen 2002), and MAP is the mean
    of the precision at each hit, over min(k, n).
    """
    hits, k = is_in(lists, relevant), lists.shape[1]
    liked = np.diff(relevant.indptr).astype(float)
    liked[liked == 0] = np.nan
    places, possible = np.arange(1, k + 1), np.minimum(liked, k)
    discount = 1 / np.log2(places + 1)
    ideal = np.append(np.nan, discount.cumsum())[np.nan_to_num(possible).astype(int)]
    precision_at_hits = hits * hits.cumsum(axis=1) / places
    return {
        f"ndcg_at_{k}": hits @ discount / ideal,
        f"recall_at_{k}": hits.sum(axis=1) / liked,
        f"precision_at_{k}": np.where(liked > 0, hits.mean(axis=1), np.nan),
        f"map_at_{k}": precision_at_hits.sum(axis=1) / possible,
    }


def is_in(lists: IntArray, relevant: csr_matrix) -> Array:
    """(users, k) 1 where the item of the list is in the user's row of ``relevant``, else 0."""
    users = np.arange(len(lists))[:, np.newaxis]
    found = np.asarray(relevant[users, lists].todense()) > 0
    return (found & (lists != NO_ITEM)).astype(float)


def character(lists: IntArray, likes: csr_matrix) -> dict[str, Array]:
    """What each user's list is like, right or not, by the ``likes`` trained on.

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


def _diversity(lists: IntArray, likes: csr_matrix) -> Array:
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


def coverage(lists: IntArray, items: int) -> float:
    """The share of all items that is recommended to anybody."""
    return len(np.unique(lists[lists != NO_ITEM])) / items


def means(vectors: dict[str, Array], seed: int) -> dict[str, Estimate]:
    """The mean of each vector (users,), with its interval over the same resampled users."""
    names, values = list(vectors), np.array(list(vectors.values())).T

    def figures(weights: Array) -> dict[str, Array]:
        found = weights @ values / weights.sum(axis=1, keepdims=True)
        return dict(zip(names, found.T, strict=True))

    return intervals(figures, len(values), seed)


def user_slices(task: Task, scores: dict[str, Array]) -> list[dict[str, Any]]:
    """The mean of each of ``scores`` (users,) by how many likes of a user are known."""
    rows: list[dict[str, Any]] = []
    for label, inside in _groups(np.diff(task.likes.indptr), FEW_LIKES):
        if (users := inside & task.users).any():
            mean = {name: float(values[users].mean()) for name, values in scores.items()}
            rows.append({"likes": label, "users": int(users.sum()), **mean})
    return rows


def item_slices(task: Task, lists: dict[str, IntArray]) -> list[dict[str, Any]]:
    """The share of held-out likes that lists find, by how many likes the item has so far."""
    known = np.bincount(task.likes.indices, minlength=task.likes.shape[1])
    wanted = np.bincount(task.relevant.indices, minlength=len(known))
    found = {
        name: np.bincount(shown[is_in(shown, task.relevant) > 0], minlength=len(known))
        for name, shown in lists.items()
    }
    rows: list[dict[str, Any]] = []
    for label, inside in _groups(known, RARE_LIKES):
        if held_out := int(wanted[inside].sum()):
            shares = {name: float(hits[inside].sum() / held_out) for name, hits in found.items()}
            rows.append({"likes": label, "held_out": held_out, **shares})
    return rows


def _groups(counts: IntArray, starts: tuple[int, ...]) -> Iterator[tuple[str, np.ndarray]]:
    """Which counts are 0, and which from each start to the next."""
    yield "0", counts == 0
    for start, end in pairwise(starts):
        yield f"{start} to {end - 1}", (counts >= start) & (counts < end)
    yield f"{starts[-1]} or more", counts >= starts[-1]
