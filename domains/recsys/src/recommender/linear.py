"""What is published: likes go in, scores come out by addition, so each like's share is exact.

The file is a NumPy archive without pickle: reading it runs no code, and needs NumPy alone.
"""

import json
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .kit import ModelError

Array = NDArray[np.float32]
IntArray = NDArray[np.integer]

NO_ITEM = -1  # fills up lists of items that are too short
LEAST_PER_ROW = 8  # with fewer weights per item, recommendations say more of the cut than of taste
NAMES, HISTORY = ("items", "titles", "users"), ("first", "seen", "liked")


@dataclass(frozen=True)
class Factors:
    """Scores as a short vector of the user times one of the item; of length 0, just the bias.

    ``bias`` (items,) is each item's score before anything is known of the user, ``inputs``
    (items, d) what liking an item adds to the user's vector; an item's row of ``outputs``
    (items, d) times that vector is the rest of its score.
    """

    bias: Array
    inputs: Array
    outputs: Array

    def scores(self, liked: IntArray) -> Array:
        """The score of every item, (items,), for a user who liked the items ``liked``."""
        # Not `@`: its threads wait for each other where a server is busy, 50 times as long.
        return self.bias + np.einsum("id,d->i", self.outputs, self.inputs[liked].sum(axis=0))

    def contributions(self, liked: IntArray, item: int) -> Array:
        """What each liked item adds to the score of ``item``; with its bias, all of the score."""
        return self.inputs[liked] @ self.outputs[item]

    def score_all(self, histories: Any) -> Array:
        """(users, items) scores for users who liked what ``histories`` (users, items) says."""
        return self.bias + (histories @ self.inputs) @ self.outputs.T


@dataclass(frozen=True)
class ItemWeights:
    """Scores as sums of ``weights`` (items, items), as they are trained.

    Row i holds what liking item i adds to each item's score; ``bias`` is that of ``Factors``.
    """

    bias: Array
    weights: Array

    def score_all(self, histories: Any) -> Array:
        """(users, items) scores for users who liked what ``histories`` (users, items) says."""
        return self.bias + histories @ self.weights


@dataclass(frozen=True)
class SparseWeights:
    """The same as it is published: by row, without the weights that are zero.

    ``starts`` (items + 1,) says where each item's row begins and ends in ``columns``, the item
    that a weight is for, and ``values``, the weights.
    """

    bias: Array
    starts: IntArray
    columns: IntArray
    values: Array

    def scores(self, liked: IntArray) -> Array:
        """The score of every item, (items,), for a user who liked the items ``liked``."""
        last = self.starts[1:][liked]
        sizes = last - self.starts[liked]
        # Where all their weights are, at once: a slice of each row takes three times as long.
        places = np.arange(sizes.sum()) + np.repeat(last - sizes.cumsum(), sizes)
        columns, values = self.columns[places], self.values[places]
        added = np.bincount(columns, weights=values, minlength=len(self.bias))
        return self.bias + added.astype(np.float32)

    def contributions(self, liked: IntArray, item: int) -> Array:
        """What each liked item adds to the score of ``item``; with its bias, all of the score."""
        rows = [slice(self.starts[like], self.starts[like + 1]) for like in liked]
        added = [self.values[row][self.columns[row] == item].sum() for row in rows]
        return np.array(added, np.float32)


Trained = Factors | ItemWeights
Published = Factors | SparseWeights


@dataclass(frozen=True)
class Catalogue:
    """What the codes mean: place in ``items`` and ``users`` is the code.

    ``first`` (users + 1,) says where each user's history begins and ends in ``seen``, the items
    that the user has met, each once, and ``liked``, whether the user liked them.
    """

    items: list[str]
    titles: list[str]
    users: list[str]
    first: IntArray
    seen: IntArray
    liked: NDArray[np.bool_]


def keep_largest(model: ItemWeights, per_row: int) -> SparseWeights:
    """Keep the ``per_row`` weights of largest absolute value in each row, and their equals."""
    items, size = len(model.bias), np.abs(model.weights)
    place = max(0, items - per_row)
    least = np.partition(size, place, axis=1)[:, [place]]
    kept = (size >= least) & (size > 0)
    return SparseWeights(
        model.bias.astype(np.float32),
        np.concatenate([[0], kept.sum(axis=1).cumsum()]).astype(np.int64),
        np.nonzero(kept)[1].astype(np.uint16 if items <= 2**16 else np.uint32),
        model.weights[kept].astype(np.float32),
    )


def dense(model: Published) -> Trained:
    """The published model in the form in which many users are scored at once."""
    if isinstance(model, Factors):
        return model
    items = len(model.bias)
    weights = np.zeros((items, items), np.float32)
    weights[np.repeat(np.arange(items), np.diff(model.starts)), model.columns] = model.values
    return ItemWeights(model.bias, weights)


def compact(model: Trained, catalogue: Catalogue, megabytes: float) -> tuple[Published, int | None]:
    """The model as it is published, and how many weights per item it keeps (None: all).

    The smallest go until the file fits; a ModelError says that it does not even so.
    """
    if isinstance(model, Factors):
        return model, None
    limit, items = int(megabytes * 1e6), len(model.bias)
    # The digits of weights do not compress: they alone tell how many can fit at most.
    fits = 4 * np.count_nonzero(model.weights) <= limit
    per_row = items if fits else min(items, limit // (4 * items))
    while per_row >= min(items, LEAST_PER_ROW):
        smaller = keep_largest(model, per_row)
        if len(to_bytes(smaller, catalogue)) <= limit:
            return smaller, None if per_row == items else per_row
        per_row = per_row * 3 // 4
    raise ModelError(
        f"a model of {items:,} items takes more than the {megabytes:g} MB of `limits.model_mb`, "
        f"even with {LEAST_PER_ROW} weights per item: choose svd, als or bpr, or raise the limit"
    )


def to_bytes(model: Published, catalogue: Catalogue) -> bytes:
    """The archive; the same content gives the same bytes."""
    file, known = BytesIO(), vars(catalogue)
    texts = {name: np.frombuffer(json.dumps(known[name]).encode(), np.uint8) for name in NAMES}
    np.savez_compressed(file, allow_pickle=False, **vars(model), **known | texts)
    return file.getvalue()


def from_bytes(content: bytes) -> tuple[Published, Catalogue]:
    """Read what ``to_bytes`` wrote."""
    with np.load(BytesIO(content), allow_pickle=False) as archive:
        arrays: dict[str, Any] = dict(archive)
    texts = {name: json.loads(arrays.pop(name).tobytes()) for name in NAMES}
    catalogue = Catalogue(**texts, **{name: arrays.pop(name) for name in HISTORY})
    return SparseWeights(**arrays) if "values" in arrays else Factors(**arrays), catalogue


def best(scores: NDArray[np.floating], k: int) -> NDArray[np.int64]:
    """(users, at most k) the items of highest finite score, of equals the first, then NO_ITEM."""
    k = min(k, scores.shape[1])
    # Partly sorting first is many times faster than sorting all scores.
    least = np.partition(scores, -k, axis=1)[:, -k]
    lists = np.full((len(scores), k), NO_ITEM)
    for user, (row, bound) in enumerate(zip(scores, least, strict=True)):
        candidates = np.flatnonzero((row >= bound) & (row > -np.inf))
        chosen = candidates[np.argsort(-row[candidates], kind="stable")][:k]
        lists[user, : len(chosen)] = chosen
    return lists
