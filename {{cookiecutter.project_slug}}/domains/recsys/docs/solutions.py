"""Solutions of the three exercises in this folder, in plain Python."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence, Set


def ndcg(recommended: Sequence[int], liked: Set[int], k: int) -> float:
    """The discounted hits among the first ``k``, in units of a perfect list's.

    >>> round(ndcg([7, 3, 9], liked={3, 9, 5}, k=3), 3)
    0.531
    """
    gain = sum(
        1 / math.log2(place + 1)
        for place, item in enumerate(recommended[:k], start=1)
        if item in liked
    )
    ideal = sum(1 / math.log2(place + 1) for place in range(1, min(k, len(liked)) + 1))
    return gain / ideal


def cosine(one: Set[int], other: Set[int]) -> float:
    """How alike two items are, by the users who liked them.

    >>> cosine({1, 2, 3, 4}, {3, 4, 5, 6})
    0.5
    """
    if not one or not other:
        return 0.0
    return len(one & other) / math.sqrt(len(one) * len(other))


def also_liked(likes: Mapping[int, Set[int]], item: int, top: int) -> list[tuple[int, int]]:
    """The items that users who liked ``item`` liked most often as well, with how often.

    >>> also_liked({0: {1, 2}, 1: {1, 2, 3}, 2: {3}}, item=1, top=2)
    [(2, 2), (3, 1)]
    """
    counts: Counter[int] = Counter()
    for liked in likes.values():
        if item in liked:
            counts.update(liked - {item})
    return sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:top]
