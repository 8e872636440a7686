"""A made-up library of books whose readers have tastes that we know.

The truth is written down here, so that tests can check what models and explanations find, and
the A/B test can let readers click as they really would.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]
IntArray = NDArray[np.integer]

USERS, ITEMS = 1_200, 600
COLD_USERS = 100  # readers of one to three books
NEW_ITEMS = 60  # books that come out during the year
YEAR = 365 * 86_400
START = 1_704_067_200  # 1 January 2024, in seconds since 1970
POSITIVE_RATING = 4.0
RATING_RANGE = (1.0, 5.0)

TASTES = {
    "crime": "detective murder clue alibi suspect inspector poison verdict",
    "romance": "heart wedding letter kiss promise summer longing ballroom",
    "space": "orbit starship comet colony robot galaxy signal airlock",
    "history": "empire crown siege archive treaty legion dynasty ruin",
    "cooking": "kitchen saffron bakery harvest recipe feast orchard spice",
    "travel": "harbour caravan island border compass monsoon railway summit",
    "nature": "forest river falcon meadow glacier tide wolf moss",
    "music": "violin rhythm chorus opera melody jazz drummer encore",
}
ADJECTIVES = "silent golden last hidden broken distant little burning secret winter"
PLAIN = "story book year people day world life place time name"


@dataclass(frozen=True)
class Truth:
    """What really drives this world; the position of a user or an item is its code.

    Tastes are shares that sum to one; ``fame`` is how much more often a book is come across, as a
    logarithm. All have a row for each user or item.
    """

    user_tastes: Array
    item_tastes: Array
    fame: Array

    def click_probability(self, users: IntArray, items: IntArray) -> Array:
        """The chance that each of ``users`` clicks the one of ``items`` at the same position."""
        match = _match(self.user_tastes[users], self.item_tastes[items])
        return 1 / (1 + np.exp(6.5 - 3.5 * match - 0.3 * self.fame[items]))


def truth(seed: int) -> Truth:
    """The truth behind ``make_sample(seed)``."""
    rng = np.random.default_rng(seed)
    return Truth(
        user_tastes=rng.dirichlet(np.full(len(TASTES), 0.25), USERS),
        item_tastes=rng.dirichlet(np.full(len(TASTES), 0.12), ITEMS),
        fame=rng.normal(0, 1.1, ITEMS),
    )


def make_sample(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return about 40,000 interactions and 600 items; same seed, same tables.

    The first has ``user``, ``item``, ``rating`` (1 to 5) and ``timestamp`` (seconds since 1970),
    the second ``item``, ``title`` and ``text``. Ids sort in the order of the truth's codes.
    """
    world, rng = truth(seed), np.random.default_rng([seed, 1])
    users, items = _readings(rng, world)
    match = _match(world.user_tastes[users], world.item_tastes[items])
    generosity = rng.normal(0, 0.4, USERS)  # some give a star more to every book
    opinion = 2.5 + 2.2 * match + generosity[users] + 0.15 * world.fame[items]
    stars = np.clip(np.rint(opinion + rng.normal(0, 0.7, len(users))), 1, 5)
    names = [f"u{code:04d}" for code in users], [f"b{code:03d}" for code in items]
    columns = dict(zip(("user", "item"), names, strict=True))
    table = pd.DataFrame({**columns, "rating": stars, "timestamp": _times(rng, users, items)})
    return table.sort_values(["timestamp", "user", "item"], ignore_index=True), _books(rng, world)


def _match(user_tastes: Array, item_tastes: Array) -> Array:
    """How well books fit readers: the cosine of their tastes along the last axis, 0 to 1."""
    lengths = np.linalg.norm(user_tastes, axis=-1) * np.linalg.norm(item_tastes, axis=-1)
    return (user_tastes * item_tastes).sum(axis=-1) / lengths


def _readings(rng: np.random.Generator, world: Truth) -> tuple[IntArray, IntArray]:
    """Who read what: famous books more often, fitting ones more often still, none twice."""
    counts = np.clip(rng.lognormal(3.35, 0.75, USERS), 5, ITEMS / 3).astype(int)
    counts[rng.permutation(USERS)[:COLD_USERS]] = rng.integers(1, 4, COLD_USERS)
    match = _match(world.user_tastes[:, np.newaxis], world.item_tastes)
    # The largest of scores plus Gumbel noise are a draw without replacement.
    appeal = world.fame + 3.0 * match + rng.gumbel(size=match.shape)
    order = np.argsort(-appeal, axis=1)
    users = np.repeat(np.arange(USERS), counts)
    return users, np.concatenate([row[:count] for row, count in zip(order, counts, strict=True)])


def _times(rng: np.random.Generator, users: IntArray, items: IntArray) -> IntArray:
    """When each reading was: after the reader joined, and after the book came out."""
    joined = np.where(rng.random(USERS) < 0.75, 0.0, rng.uniform(0, 0.95, USERS))
    first = np.maximum(joined[users], _released(rng)[items])
    return START + (rng.uniform(first, 1.0) * YEAR).astype(np.int64)


def _released(rng: np.random.Generator) -> Array:
    """When in the year each book came out: most before it began."""
    released = np.zeros(ITEMS)
    released[rng.permutation(ITEMS)[:NEW_ITEMS]] = rng.uniform(0.1, 0.9, NEW_ITEMS)
    return released


def _books(rng: np.random.Generator, world: Truth) -> pd.DataFrame:
    """Titles and texts whose words come from the book's tastes, mixed with plain words."""
    words = np.array([taste.split() for taste in TASTES.values()])
    names = ["The " + adjective + " {}" for adjective in ADJECTIVES.split()]
    rows = []
    for code, tastes in enumerate(world.item_tastes):
        drawn = words[rng.choice(len(words), 14, p=tastes), rng.integers(words.shape[1], size=14)]
        title = names[code % len(names)].format(drawn[0]).title()
        genres = "|".join(name for name, share in zip(TASTES, tastes, strict=True) if share > 0.25)
        text = " ".join([*drawn, *rng.choice(PLAIN.split(), 8)])
        rows.append((f"b{code:03d}", f"{title} ({code + 1})", genres, text))
    return pd.DataFrame(rows, columns=["item", "title", "genres", "text"])
