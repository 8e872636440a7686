"""The published file: a model, what its numbers stand for, and whose likes it knows.

It is a NumPy archive without pickle, so that reading it runs no code.
"""

import json
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .artifacts import MAX_BYTES
from .errors import ModelError
from .linear import IntArray, LinearRecommender, SparseRecommender, dense, keep_largest

Model = LinearRecommender | SparseRecommender

FACTORS = ("bias", "inputs", "outputs")
ROWS = ("bias", "starts", "columns", "values")
NAMES = ("items", "titles", "texts", "users")
LEAST_PER_ROW = 8  # with fewer weights per item, recommendations say more of the cut than of taste


@dataclass(frozen=True)
class Catalogue:
    """What the codes mean: place in ``items`` and ``users`` is the code.

    Attributes:
        texts: title and description of each item, to search in.
        starts: (users + 1,) where each user's history begins and ends in the two that follow.
        seen: the items that the user has met, each once.
        liked: whether the user liked them.
    """

    items: list[str]
    titles: list[str]
    texts: list[str]
    users: list[str]
    starts: IntArray
    seen: IntArray
    liked: NDArray[np.bool_]


def compact(
    model: LinearRecommender, catalogue: Catalogue, limit: int = MAX_BYTES
) -> tuple[Model, int | None]:
    """The model in the form that is published, and how many weights per item it keeps.

    The smallest weights go until the file fits; None where all stay.

    Raises:
        ModelError: it does not fit even so.
    """
    if model.weights is None:
        return model, None
    items = len(model.bias)
    # The digits of weights do not compress, so these alone tell how many can fit at most.
    fits = np.count_nonzero(model.weights) * model.weights.itemsize <= limit
    per_row = items if fits else min(items, limit // (items * model.weights.itemsize))
    while per_row >= min(items, LEAST_PER_ROW):
        smaller = keep_largest(model.weights, model.bias, per_row)
        if len(to_bytes(smaller, catalogue)) <= limit:
            return smaller, None if per_row == items else per_row
        per_row = per_row * 3 // 4
    raise ModelError(
        f"a model of {items:,} items and {len(catalogue.seen):,} interactions takes more than "
        f"{limit / 1e6:.0f} MB, even with {LEAST_PER_ROW} weights per item. Choose `models` with "
        "factors (svd, als, bpr), or a data set with fewer users or items."
    )


def uncompacted(model: Model) -> LinearRecommender:
    """The published model in the form in which many users are scored at once."""
    if isinstance(model, LinearRecommender):
        return model
    return LinearRecommender(model.bias, dense(model))


def to_bytes(model: Model, catalogue: Catalogue) -> bytes:
    """The archive; the same content gives the same bytes."""
    names = ROWS if isinstance(model, SparseRecommender) else FACTORS
    arrays = {name: getattr(model, name) for name in names}
    texts = {name: getattr(catalogue, name) for name in NAMES}
    history = {"history": catalogue.starts, "seen": catalogue.seen, "liked": catalogue.liked}
    file = BytesIO()
    np.savez_compressed(
        file,
        allow_pickle=False,
        **{name: value for name, value in arrays.items() if value is not None},
        **{name: _packed(values) for name, values in texts.items()},
        **history,
    )
    return file.getvalue()


def from_bytes(content: bytes) -> tuple[Model, Catalogue]:
    """Read what ``to_bytes`` wrote."""
    with np.load(BytesIO(content), allow_pickle=False) as archive:
        arrays: dict[str, Any] = dict(archive)
    items, titles, texts, users = (_unpacked(arrays[name]) for name in NAMES)
    history = (arrays[name] for name in ("history", "seen", "liked"))
    catalogue = Catalogue(items, titles, texts, users, *history)
    if "values" in arrays:
        return SparseRecommender(*(arrays[name] for name in ROWS)), catalogue
    factors = {name: arrays[name] for name in FACTORS if name in arrays}
    return LinearRecommender(**factors), catalogue


def _packed(texts: list[str]) -> NDArray[np.uint8]:
    return np.frombuffer(json.dumps(texts).encode(), np.uint8)


def _unpacked(content: NDArray[np.uint8]) -> list[str]:
    return list(json.loads(content.tobytes()))
