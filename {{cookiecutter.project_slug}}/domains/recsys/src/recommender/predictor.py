"""Recommending with the published model, on the server's dependencies alone."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from . import artifacts
from .errors import DataError
from .export import from_bytes
from .linear import NO_ITEM, Array, IntArray, best

Instance = dict[str, Any]  # user or liked; k, exclude and contains where they are given
Item = dict[str, Any]  # item (its id), title, score

STRONGEST = 5  # reasons named for each recommendation; the others are added up
NOTHING = np.array([], dtype=np.int64)


class Predictor:
    """A published model with its metadata, its catalogue, and the likes of the users it knows."""

    def __init__(self, model: bytes, metadata: dict[str, Any]) -> None:
        self.metadata = metadata
        self.model, self.catalogue = from_bytes(model)
        self._items = {name: code for code, name in enumerate(self.catalogue.items)}
        self._texts = [text.lower() for text in self.catalogue.texts]
        self._users = {name: code for code, name in enumerate(self.catalogue.users)}

    @classmethod
    def load(cls, models: Path) -> Self:
        """Load the current version from the ``models`` folder.

        Raises:
            ModelError: there is none, or its bytes are not those that were published.
        """
        version = artifacts.load_current(models)
        return cls(version.model, version.metadata)

    @property
    def version(self) -> str:
        return str(self.metadata["version"])

    def knows(self, item: str) -> bool:
        """Whether the catalogue has an item with this id."""
        return item in self._items

    def likes(self, user: str) -> IntArray:
        """The codes of the items that ``user`` is known to like; none for somebody unknown."""
        return self._known(user, None)[0]

    def predict(self, instances: list[Instance]) -> list[dict[str, Any]]:
        """Recommendations for each instance, in the order given; see ``recommend``."""
        return [self.recommend(**instance) for instance in instances]

    def recommend(
        self,
        user: str | None = None,
        liked: Sequence[str] | None = None,
        k: int | None = None,
        exclude: Sequence[str] = (),
        contains: str | None = None,
    ) -> dict[str, Any]:
        """The ``k`` best items for a known user, or for whoever liked the items ``liked``.

        Items that the user has met, ``liked`` and ``exclude`` are left out, and so are those
        without ``contains`` in title or description, in whatever case: the list may be shorter
        than ``k``, or empty. ``basis`` says what it rests on: ``history``, ``liked``, or
        ``popular`` for somebody of whom no like is known.

        Raises:
            DataError: ``liked`` names an item that is not in the catalogue.
        """
        likes, seen, basis = self._known(user, liked)
        scores = self.model.scores(likes)
        left_out = [self._items[item] for item in exclude if item in self._items]
        scores[seen] = -np.inf
        scores[left_out] = -np.inf
        if contains:
            scores[[contains.lower() not in text for text in self._texts]] = -np.inf
        return {"basis": basis, "items": self._best(scores, k)}

    def similar(self, item: str, k: int | None = None) -> list[Item]:
        """The ``k`` items to whose scores a like of ``item`` adds most.

        Raises:
            DataError: the item is not in the catalogue.
        """
        code = self._codes([item])
        added = self.model.scores(code) - self.model.bias
        added[code] = -np.inf
        return self._best(added, k)

    def explain(self, instances: list[Instance]) -> list[list[dict[str, Any]]]:
        """Why each instance gets its recommendations, item after item, strongest reason first.

        A reason is a liked item (its title as ``feature``, its id as ``value``) and what it adds
        to the score of the recommended ``item``. Contributions are exact: with the rest of the
        likes and what is popular anyway, they sum to the score.
        """
        return [self._reasons(instance) for instance in instances]

    def because(self, item: str, likes: IntArray) -> list[dict[str, Any]]:
        """The reasons for one item, given the codes of all liked items."""
        code = self._items[item]
        added = self.model.contributions(likes, code)
        order = np.argsort(-np.abs(added), kind="stable")
        titles, items = self.catalogue.titles, self.catalogue.items
        reasons: list[tuple[str, str | None, Any]] = [
            (titles[likes[place]], items[likes[place]], added[place]) for place in order[:STRONGEST]
        ]
        if len(likes) > STRONGEST:
            reasons.append(("all other likes", None, added[order[STRONGEST:]].sum()))
        reasons.append(("popularity", None, self.model.bias[code]))
        return [
            {"item": item, "feature": feature, "value": value, "contribution": float(amount)}
            for feature, value, amount in reasons
        ]

    def _reasons(self, instance: Instance) -> list[dict[str, Any]]:
        likes, _, _ = self._known(instance.get("user"), instance.get("liked"))
        items = self.recommend(**instance)["items"]
        return [reason for row in items for reason in self.because(row["item"], likes)]

    def _known(
        self, user: str | None, liked: Sequence[str] | None
    ) -> tuple[IntArray, IntArray, str]:
        """The codes of items liked and of items met, and what recommendations rest on."""
        if user is None:
            likes = seen = self._codes(liked or ())
        elif user in self._users:
            code = self._users[user]
            row = slice(self.catalogue.starts[code], self.catalogue.starts[code + 1])
            seen = self.catalogue.seen[row]
            likes = seen[self.catalogue.liked[row]]
        else:
            likes = seen = NOTHING
        if not len(likes):
            return likes, seen, "popular"
        return likes, seen, "liked" if user is None else "history"

    def _codes(self, items: Sequence[str]) -> IntArray:
        """The code of each item, once however often it is named."""
        for item in items:
            if item not in self._items:
                raise DataError(f"no item {item!r} in the model's catalogue")
        return np.array([self._items[item] for item in dict.fromkeys(items)], dtype=np.int64)

    def _best(self, scores: Array, k: int | None) -> list[Item]:
        """The ``k`` items with the highest scores, without those that are minus infinity."""
        found = best(scores[np.newaxis], int(self.metadata["k"]) if k is None else k)[0]
        titles, items = self.catalogue.titles, self.catalogue.items
        return [
            {"item": items[code], "title": titles[code], "score": float(scores[code])}
            for code in found[found != NO_ITEM]
        ]
