"""The ladder of models, from popularity upwards: what each may tune, and what memory it takes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.model_selection import ParameterGrid

from .config import Config
from .data import DatasetInfo
from .errors import ConfigError
from .factors import als, bpr, svd
from .linear import NO_ITEM, Array, LinearRecommender, best
from .neighbours import (
    WORDS,
    Settings,
    UserNeighbours,
    content,
    ease,
    item_item,
    popularity,
    user_user,
)

Model = LinearRecommender | UserNeighbours

BLOCK = 500  # users scored at a time


@dataclass(frozen=True)
class Rung:
    """One model of the ladder.

    Attributes:
        fit: takes likes (users, items), the items' texts, settings and a seed.
        memory: bytes of the largest arrays while it trains, for so many users and items.
        space: the values each setting may have, the safest first.
        exportable: whether it is linear, which is what can be published.
    """

    name: str
    fit: Callable[[csr_matrix, list[str], Settings, int], Model]
    memory: Callable[[int, int], int]
    space: dict[str, list[float]] = field(default_factory=dict)
    exportable: bool = True

    def settings(self, draws: int, seed: int) -> list[Settings]:
        """At most ``draws`` settings to try: the first values, then random others."""
        grid = list(ParameterGrid(self.space))
        first = {name: values[0] for name, values in self.space.items()}
        others = [settings for settings in grid if settings != first]
        order = np.random.default_rng(seed).permutation(len(others))
        return [first, *(others[place] for place in order[: draws - 1])]


def ease_memory(users: int, items: int) -> int:
    """Likes and words as a table, and what ``neighbours._regression_weights`` makes of it."""
    height = users + WORDS
    if height >= items:
        return 8 * height * items + 12 * items**2
    return 28 * height * items + 8 * height**2 + 4 * items**2


def neural() -> Rung:
    """The two-tower network.

    Raises:
        ConfigError: torch is not installed.
    """
    if find_spec("torch") is None:
        raise ConfigError(
            "`models` in config.yaml lists neural, which needs torch, and torch is not installed. "
            "Run `uv sync --extra neural` (or `pip install torch`), or take neural off the list."
        )
    from .neural import BATCH, two_tower

    return Rung(
        "neural",
        two_tower,
        lambda users, items: 4 * items * (6 * BATCH + WORDS + 8 * 64),
        {"factors": [32, 16, 64], "learning_rate": [0.01, 0.003, 0.03], "decay": [0.01, 0.1, 1.0]},
    )


RUNGS = (
    Rung("popularity", popularity, lambda users, items: 8 * items),
    Rung(
        "content",
        content,
        lambda users, items: 12 * items**2,
        {"fame": [0.5, 0.0, 0.25, 0.75, 1.0], "min_df": [2, 1, 5]},
    ),
    Rung(
        "user_user",
        user_user,
        lambda users, items: 8 * min(users, BLOCK) * (users + items),
        {"neighbours": [100, 20, 50, 200, 400]},
        exportable=False,
    ),
    Rung(
        "item_item",
        item_item,
        lambda users, items: 12 * items**2,
        {"neighbours": [100, 20, 50, 200, 1000], "shrink": [10, 0, 30, 100]},
    ),
    Rung(
        "svd",
        svd,
        lambda users, items: 3 * 8 * (64 + 10) * (users + items),
        {"factors": [16, 8, 32, 64], "damping": [0.0, 0.25, 0.5]},
    ),
    Rung(
        "ease",
        ease,
        ease_memory,
        {
            "regularisation": [400, 100, 200, 800],
            "damping": [0.1, 0.0],
            "text_weight": [10, 0, 3, 30],
        },
    ),
    Rung(
        "als",
        als,
        lambda users, items: 3 * 4 * 64 * (users + items),
        {"factors": [16, 8, 32, 64], "regularisation": [1, 0.1, 10], "alpha": [3, 1, 10]},
    ),
    Rung(
        "bpr",
        bpr,
        lambda users, items: 3 * 4 * 65 * (users + items),
        {
            "factors": [32, 8, 16, 64],
            "regularisation": [0.01, 0.003, 0.1],
            "learning_rate": [0.003, 0.001, 0.01],
        },
    ),
)


def ladder(config: Config) -> list[Rung]:
    """Popularity, then the rungs that ``config.models`` names, in its order.

    Raises:
        ConfigError: `neural` is among them and torch is not installed.
    """
    rungs = {rung.name: rung for rung in RUNGS}
    chosen = [neural() if name == "neural" else rungs[name] for name in config.models]
    return [RUNGS[0], *chosen]


def too_large(rung: Rung, info: DatasetInfo, config: Config) -> str | None:
    """Why ``rung`` is left out, if its arrays would not fit in ``limits.memory_gb``."""
    needed, limit = rung.memory(info.users, info.items) / 1e9, config.limits.memory_gb
    if needed <= limit:
        return None
    return (
        f"{rung.name} is left out: with {info.users:,} users and {info.items:,} items it takes "
        f"about {needed:.3g} GB to train, and `limits.memory_gb` is {limit:g}."
    )


def score_blocks(model: Model, histories: csr_matrix) -> Iterator[tuple[slice, Array]]:
    """Yield (which users, their scores (some users, items)) for what ``histories`` says they like.

    In blocks, because scores of all users for all items may not fit in memory.
    """
    for start in range(0, histories.shape[0], BLOCK):
        users = slice(start, start + BLOCK)
        yield users, score(model, histories[users])


def score(model: Model, histories: csr_matrix) -> Array:
    """(users, items) scores of ``model`` for users who liked what ``histories`` says."""
    if isinstance(model, UserNeighbours):
        return model.scores(histories)
    if model.weights is not None:
        return model.bias + histories @ model.weights
    if model.inputs is not None and model.outputs is not None:
        return model.bias + (histories @ model.inputs) @ model.outputs.T
    return np.tile(model.bias, (histories.shape[0], 1))


def recommend(model: Model, likes: csr_matrix, seen: csr_matrix, k: int) -> NDArray[np.int64]:
    """(users, k) the items to recommend, best first, none that is in the user's row of ``seen``.

    Where fewer than ``k`` are left, ``linear.NO_ITEM`` fills the rest.
    """
    lists = np.full((likes.shape[0], k), NO_ITEM)
    for users, scores in score_blocks(model, likes):
        scores[seen[users].nonzero()] = -np.inf
        found = best(scores, k)
        lists[users, : found.shape[1]] = found
    return lists
