"""Who and what the model serves well: users with few likes, and items with few."""

from typing import Any

import numpy as np

from .bootstrap import Array
from .ranking import Lists, is_in
from .train import Slice

FEW_LIKES = (1, 6, 21)  # where the groups of users begin, after those without any like
RARE_LIKES = (1, 10, 50)  # the same for items


def user_slices(task: Slice, vectors: dict[str, dict[str, Array]], primary: str) -> list[Any]:
    """The primary metric of test users by how many likes of theirs are known."""
    known = np.diff(task.likes.indptr)
    rows = []
    for label, inside in _groups(known, FEW_LIKES):
        users = inside & task.users
        if users.any():
            values = {name: float(found[primary][users].mean()) for name, found in vectors.items()}
            rows.append({"likes": label, "users": int(users.sum()), **values})
    return rows


def item_slices(task: Slice, lists: dict[str, Lists]) -> list[Any]:
    """The share of held-out likes that lists find, by how many likes the item has so far."""
    known = np.bincount(task.likes.indices, minlength=task.likes.shape[1])
    wanted = np.bincount(task.relevant.indices, minlength=len(known))
    found = {}
    for name, shown in lists.items():
        hits = shown[is_in(shown, task.relevant) > 0]
        found[name] = np.bincount(hits, minlength=len(known))
    return [
        {
            "likes": label,
            "items": int(inside.sum()),
            "held_out": int(wanted[inside].sum()),
            **{name: float(h[inside].sum() / wanted[inside].sum()) for name, h in found.items()},
        }
        for label, inside in _groups(known, RARE_LIKES)
        if wanted[inside].sum()
    ]


def _groups(counts: np.ndarray, starts: tuple[int, ...]) -> list[tuple[str, np.ndarray]]:
    """Which counts are 0, and which from each start to the next."""
    ends = [*starts[1:], None]
    groups = [("0", counts == 0)]
    for start, end in zip(starts, ends, strict=True):
        label = f"{start} or more" if end is None else f"{start} to {end - 1}"
        groups.append((label, (counts >= start) & (counts < (end or np.inf))))
    return groups
