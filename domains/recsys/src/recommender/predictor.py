"""Recommending with the published model, on the server's dependencies alone."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from .kit import DataError
from .kit.files import rounded
from .kit.store import load_current
from .linear import NO_ITEM, Array, IntArray, best, from_bytes

Instance = dict[str, Any]  # user or liked; k and exclude where they are given
Item = dict[str, Any]  # item (its id), title, score
Names = Sequence[str]  # ids of items

STRONGEST = 5  # reasons named for each recommendation; the others are added up


class Predictor:
    """A published model with its metadata, its catalogue, and the likes of the users it knows."""

    def __init__(self, model: bytes, metadata: dict[str, Any]) -> None:
        self.metadata = metadata
        self.model, self.catalogue = from_bytes(model)
        self.items = {name: code for code, name in enumerate(self.catalogue.items)}
        self._users = {name: code for code, name in enumerate(self.catalogue.users)}

    @classmethod
    def load(cls, models: Path) -> Self:
        """Load the current version; a ModelError says that none is there as it was published."""
        return cls(*load_current(models))

    @property
    def version(self) -> str:
        return str(self.metadata["version"])

    def likes(self, user: str) -> IntArray:
        """The codes of the items that ``user`` is known to like; none for somebody unknown."""
        return self._known(user, None)[0]

    def predict(self, instances: list[Instance]) -> list[dict[str, Any]]:
        """Recommendations for each instance, in the order given; see ``recommend``."""
        return [self.recommend(**instance) for instance in instances]

    def recommend(
        self,
        user: str | None = None,
        liked: Names | None = None,
        k: int | None = None,
        exclude: Names = (),
    ) -> dict[str, Any]:
        """The ``k`` best items for a known ``user``, or for whoever ``liked`` these items.

        Items that the user has met, ``liked`` and ``exclude`` are left out: the list may be
        shorter than ``k``, or empty. ``basis`` says what it rests on: ``history``, ``liked``, or
        ``popular`` where no like is known.
        A DataError says that ``liked`` names an item that is not in the catalogue.
        """
        likes, seen, basis = self._known(user, liked)
        scores = self.model.scores(likes)
        scores[seen] = -np.inf
        scores[[self.items[item] for item in exclude if item in self.items]] = -np.inf
        return {"basis": basis, "items": self._best(scores, k)}

    def similar(self, item: str, k: int | None = None) -> list[Item]:
        """The ``k`` items to whose scores a like of ``item``, which must be known, adds most."""
        code = self._codes([item])
        added = self.model.scores(code) - self.model.bias
        added[code] = -np.inf
        return self._best(added, k)

    def explain(self, instances: list[Instance]) -> list[list[dict[str, Any]]]:
        """Why each instance gets its recommendations, item after item, strongest reason first.

        A reason is a liked item (its title as ``feature``, its id as ``value``) and what it adds
        to the score of the recommended ``item``. Contributions are exact: with the rest of the
        likes and what is popular anyway, they sum to the score, but for the last digit shown.
        """
        found = []
        for instance in instances:
            likes, _, _ = self._known(instance.get("user"), instance.get("liked"))
            items = self.recommend(**instance)["items"]
            found.append([each for row in items for each in self._because(row["item"], likes)])
        return found

    def _because(self, item: str, likes: IntArray) -> list[dict[str, Any]]:
        """The reasons for one item, given the codes of all liked items."""
        code = self.items[item]
        added = self.model.contributions(likes, code)
        order = np.argsort(-np.abs(added), kind="stable")
        titles, items = self.catalogue.titles, self.catalogue.items
        reasons: list[tuple[str, str | None, Any]] = [
            (titles[likes[place]], items[likes[place]], added[place]) for place in order[:STRONGEST]
        ]
        if len(likes) > STRONGEST:
            reasons.append(("all other likes", None, added[order[STRONGEST:]].sum()))
        reasons.append(("popularity", None, self.model.bias[code]))
        names = ("feature", "value", "contribution")
        return [{"item": item, **dict(zip(names, rounded(each), strict=True))} for each in reasons]

    def _known(self, user: str | None, liked: Names | None) -> tuple[IntArray, IntArray, str]:
        """The codes of items liked and of items met, and what recommendations rest on."""
        likes = seen = self._codes((liked or ()) if user is None else ())
        if user in self._users:
            code = self._users[user]
            row = slice(*self.catalogue.first[code : code + 2])
            seen = self.catalogue.seen[row]
            likes = seen[self.catalogue.liked[row]]
        basis = "liked" if user is None else "history"
        return likes, seen, basis if len(likes) else "popular"

    def _codes(self, items: Names) -> IntArray:
        """The code of each item, once however often it is named."""
        for item in items:
            if item not in self.items:
                raise DataError(f"no item {item!r} in the model's catalogue")
        return np.array([self.items[item] for item in dict.fromkeys(items)], dtype=np.int64)

    def _best(self, scores: Array, k: int | None) -> list[Item]:
        """The ``k`` items with the highest scores, without those that are minus infinity."""
        found = best(scores[np.newaxis], k or self.metadata["signature"]["k"])[0]
        titles, items = self.catalogue.titles, self.catalogue.items
        return [
            {"item": items[code], "title": titles[code], "score": rounded(scores[code])}
            for code in found[found != NO_ITEM]
        ]
