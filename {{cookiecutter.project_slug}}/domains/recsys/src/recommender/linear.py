"""The shapes that a published model has: likes go in, scores come out, by addition."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
IntArray = NDArray[np.integer]

NO_ITEM = -1  # fills up lists of items that are too short


@dataclass(frozen=True)
class LinearRecommender:
    """Scores as a sum over liked items, so that each like's share of a score is exact.

    Either ``weights``, or ``inputs`` and ``outputs`` (their product, never made), or none of
    them: then every user gets the same scores.

    Attributes:
        bias: (items,) the score of each item before anything is known of the user.
        weights: (items, items) row i holds what liking item i adds to each item's score.
        inputs: (items, d) what liking an item adds to the user's vector.
        outputs: (items, d) an item's score is its row times the user's vector.
    """

    bias: Array
    weights: Array | None = None
    inputs: Array | None = None
    outputs: Array | None = None

    def scores(self, liked: IntArray) -> Array:
        """The score of every item, (items,), for a user who liked the items ``liked``."""
        if self.weights is not None:
            return self.bias + self.weights[liked].sum(axis=0)
        if self.inputs is not None and self.outputs is not None:
            # Not `@`: its threads wait for each other where a server is busy, 50 times as long.
            vector = self.inputs[liked].sum(axis=0)
            return self.bias + np.einsum("id,d->i", self.outputs, vector)
        return self.bias.copy()

    def contributions(self, liked: IntArray, item: int) -> Array:
        """What each liked item adds to the score of ``item``; with its bias, all of the score."""
        if self.weights is not None:
            return self.weights[liked, item]
        if self.inputs is not None and self.outputs is not None:
            return self.inputs[liked] @ self.outputs[item]
        return np.zeros(len(liked), np.float32)


@dataclass(frozen=True)
class SparseRecommender:
    """A ``LinearRecommender`` whose weights are stored by row, without those that are zero.

    Attributes:
        bias: (items,) the score of each item before anything is known of the user.
        starts: (items + 1,) where each item's row begins and ends in the two that follow.
        columns: the item that each weight is for; no item twice in a row.
        values: the weights.
    """

    bias: Array
    starts: IntArray
    columns: IntArray
    values: Array

    def scores(self, liked: IntArray) -> Array:
        """The score of every item, (items,), for a user who liked the items ``liked``."""
        if not len(liked):
            return self.bias.copy()
        rows = [slice(*self.starts[item : item + 2]) for item in liked.tolist()]
        columns = np.concatenate([self.columns[row] for row in rows])
        values = np.concatenate([self.values[row] for row in rows])
        added = np.bincount(columns, weights=values, minlength=len(self.bias))
        return self.bias + added.astype(np.float32)

    def contributions(self, liked: IntArray, item: int) -> Array:
        """What each liked item adds to the score of ``item``; with its bias, all of the score."""
        added = np.zeros(len(liked), np.float32)
        for place, like in enumerate(liked):
            row = slice(self.starts[like], self.starts[like + 1])
            added[place] = self.values[row][self.columns[row] == item].sum()
        return added


def keep_largest(weights: Array, bias: Array, per_row: int) -> SparseRecommender:
    """Keep the ``per_row`` weights of largest absolute value in each row of (items, items).

    Equal ones stay together, so that a row may keep a few more.
    """
    items, size = weights.shape[1], np.abs(weights)
    place = max(0, items - per_row)
    least = np.partition(size, place, axis=1)[:, [place]]
    kept = (size >= least) & (size > 0)
    return SparseRecommender(
        bias.astype(np.float32),
        np.concatenate([[0], kept.sum(axis=1).cumsum()]).astype(np.int64),
        np.nonzero(kept)[1].astype(np.uint16 if items <= 2**16 else np.uint32),
        weights[kept].astype(np.float32),
    )


def dense(model: SparseRecommender) -> Array:
    """The weights as (items, items), with zeros where none were kept."""
    items = len(model.bias)
    weights = np.zeros((items, items), np.float32)
    weights[np.repeat(np.arange(items), np.diff(model.starts)), model.columns] = model.values
    return weights


def best(scores: NDArray[np.floating], k: int) -> NDArray[np.int64]:
    """(users, at most k) the items with the highest finite scores, of equal ones the first.

    Where there are fewer, ``NO_ITEM`` fills the rest.
    """
    k = min(k, scores.shape[1])
    # Partly sorting first is many times faster than sorting all scores.
    least = np.partition(scores, -k, axis=1)[:, -k]
    lists = np.full((len(scores), k), NO_ITEM)
    for user, (row, bound) in enumerate(zip(scores, least, strict=True)):
        candidates = np.flatnonzero((row >= bound) & (row > -np.inf))
        chosen = candidates[np.argsort(-row[candidates], kind="stable")][:k]
        lists[user, : len(chosen)] = chosen
    return lists
