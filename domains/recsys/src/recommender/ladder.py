"""The ladder of models, from popularity upwards: what each may tune, and what memory it takes."""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.model_selection import ParameterGrid

from . import models
from .config import Config
from .data import DatasetInfo, Task
from .linear import NO_ITEM, IntArray, Trained, best
from .models import WORDS, Settings, UserNeighbours, tfidf

BLOCK = 500  # users scored at a time: scores of all users for all items may not fit in memory

Model = Trained | UserNeighbours


# Settings are drawn from these values, the safest first; beyond them each step doubles or halves.
SPACES: dict[str, dict[str, list[float]]] = {
    "content": {"fame": [0.5, 0.0, 0.25, 0.75, 1.0], "min_df": [2, 1, 5]},
    "item_item": {"neighbours": [100, 20, 50, 200, 1000], "shrink": [10, 0, 30, 100]},
    "user_user": {"neighbours": [100, 20, 50, 200, 400]},
    "svd": {"factors": [16, 8, 32, 64], "damping": [0.0, 0.25, 0.5]},
    "ease": {"regularisation": [200, 100, 400], "damping": [0.1, 0.0], "text_weight": [10, 0, 3]},
    "als": {"factors": [16, 8, 32, 64], "regularisation": [1.0, 0.1, 10.0], "alpha": [3, 1, 10]},
    "bpr": {
        "factors": [32, 16, 64],
        "regularisation": [0.01, 0.003],
        "learning_rate": [0.01, 0.003],
    },
    "neural": {"factors": [32, 16], "learning_rate": [0.01, 0.003], "decay": [0.01, 0.1]},
}


def memory(name: str, users: int, items: int) -> int:
    """Bytes of the largest arrays while a model trains, for so many users and items."""
    height = users + WORDS  # EASE inverts a table of items or of users, with words as further users
    wide = 28 * height * items + 8 * height**2 + 4 * items**2
    return {
        "content": 12 * items**2,
        "item_item": 12 * items**2,
        "user_user": 8 * min(users, BLOCK) * (users + items),
        "ease": wide if height < items else 24 * items**2,
        "neural": 4 * items * (6 * 128 + WORDS + 8 * 64),  # a batch in several copies
    }.get(name, 3 * 8 * 74 * (users + items))


@dataclass(frozen=True)
class Rung:
    """One model of the ladder; ``exportable`` if it is linear, which is what can be published."""

    name: str
    label: str
    fit: Callable[[csr_matrix, list[str], Settings, int], Model]
    exportable: bool = True

    def draw(self, draws: int, seed: int, most: Settings) -> list[Settings]:
        """At most ``draws`` settings, none twice: the first values, then random others."""
        space = SPACES.get(self.name, {})
        first = {name: values[0] for name, values in space.items()}
        others = [settings for settings in ParameterGrid(space) if settings != first]
        order = np.random.default_rng(seed).permutation(len(others))
        return within([first, *(others[place] for place in order)], most)[:draws]

    def outwards(self, best: Settings, most: Settings) -> list[Settings]:
        """``best`` with one value doubled or halved, for each at an end of what is drawn."""
        further = []
        for name, values in SPACES.get(self.name, {}).items():
            for end, factor in ((min, 0.5), (max, 2)):
                if (value := best[name]) == end(*values, value):
                    moved = ceil(factor * value) if isinstance(value, int) else factor * value
                    further.append(best | {name: moved})
        return within(further, most)

    def most(self, likes: csr_matrix, texts: list[str]) -> Settings:
        """The values above which settings change nothing more, or are not meant to go."""
        others = likes.shape[self.exportable]  # items near an item, or users near a user
        most = {"neighbours": others, "factors": min(likes.shape) - 1, "damping": 1.0, "fame": 2.0}
        return most if any(texts) else most | {"text_weight": 0}


def within(settings: list[Settings], most: Settings) -> list[Settings]:
    """``settings`` with no value above its ``most``, each once."""
    kept: list[Settings] = []
    for each in settings:
        lowered = {name: min(value, most.get(name, value)) for name, value in each.items()}
        kept += [lowered] if lowered not in kept else []
    return kept


RUNGS = (
    Rung("popularity", "popularity", models.popularity),
    Rung("content", "content (TF-IDF)", models.content),
    Rung("item_item", "item-item", models.item_item),
    Rung("user_user", "user-user", models.user_user, exportable=False),
    Rung("svd", "SVD", models.svd),
    Rung("ease", "EASE", models.ease),
    Rung("als", "ALS", models.als),
    Rung("bpr", "BPR", models.bpr),
)


def rung(name: str) -> Rung:
    """The rung of that name; a ProjectError if it is `neural` and torch is not installed."""
    if name == "neural":
        from . import neural  # the only one that needs torch

        return Rung("neural", "two-tower network", neural.two_tower)
    return next(rung for rung in RUNGS if rung.name == name)


def ladder(config: Config) -> list[Rung]:
    """Popularity, then the rungs that ``config.models`` names, in its order."""
    return [RUNGS[0], *map(rung, config.models)]


def unfit(rung: Rung, texts: list[str], info: DatasetInfo, config: Config) -> str | None:
    """Why ``rung`` is left out: without words, or if it would not fit in ``limits.memory_gb``."""
    if rung.name == "content" and not tfidf(texts).nnz:
        return "content is left out: items have no words, so it would be popularity again."
    needed, limit = memory(rung.name, info.users, info.items) / 1e9, config.limits.memory_gb
    size = f"with {info.users:,} users and {info.items:,} items it takes about {needed:.3g} GB"
    sentence = f"{rung.name} is left out: {size} to train, and `limits.memory_gb` is {limit:g}."
    return sentence if needed > limit else None


def recommend(model: Model, task: Task, k: int) -> IntArray:
    """(users, k) items to recommend, best first, none that the user has seen, then ``NO_ITEM``."""
    lists = np.full((task.likes.shape[0], k), NO_ITEM)
    for start in range(0, len(lists), BLOCK):
        users = slice(start, start + BLOCK)
        scores = model.score_all(task.likes[users])
        scores[task.seen[users].nonzero()] = -np.inf
        found = best(scores, k)
        lists[users, : found.shape[1]] = found
    return lists
