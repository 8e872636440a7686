"""One recommendation from a published model of 10,000 items: milliseconds, and against sorting.

Absolute times depend on the machine; sorting 10,000 numbers, in turn with it, is the yardstick.
Each kind of model is packed as the project publishes it (at most 10 MB). Runs in a generated
project's environment:

    uv run --project PROJECT python benchmarks/recommend.py
"""

import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle
from statistics import median

import numpy as np
from measure import in_turn, report
from recommender.export import Catalogue, compact, to_bytes
from recommender.linear import LinearRecommender
from recommender.predictor import Predictor

ITEMS, USERS = 10_000, 1_000
ROUNDS, CALLS = 20, 50
TARGET = 1.0  # milliseconds


def catalogue(likes: int, rng: np.random.Generator) -> Catalogue:
    """Users who liked so many items each."""
    seen = np.concatenate([rng.choice(ITEMS, likes, replace=False) for _ in range(USERS)])
    items, users = (
        [f"{kind}{place}" for place in range(n)] for kind, n in (("i", ITEMS), ("u", USERS))
    )
    starts = np.arange(USERS + 1) * likes
    return Catalogue(
        items, items, items, users, starts, seen.astype(np.uint16), np.ones(len(seen), bool)
    )


def predictor(model: LinearRecommender, names: Catalogue) -> Predictor:
    """The model as the server loads it."""
    published, _ = compact(model, names)
    return Predictor(to_bytes(published, names), {"k": 10, "version": "none"})


def milliseconds(act: Callable[[str], object], users: Iterator[str]) -> float:
    """The median time of some calls."""
    times = []
    for _ in range(CALLS):
        user = next(users)
        start = time.perf_counter()
        act(user)
        times.append(time.perf_counter() - start)
    return 1_000 * median(times)


def main() -> None:
    """Measure both kinds of models, for users with few and with many likes."""
    rng = np.random.default_rng(0)
    bias = np.zeros(ITEMS, np.float32)
    factors = rng.normal(size=(2, ITEMS, 128)).astype(np.float32)
    weights = rng.normal(size=(ITEMS, ITEMS)).astype(np.float32)
    numbers = rng.normal(size=ITEMS)
    kinds = {
        "factors": LinearRecommender(bias, inputs=factors[0], outputs=factors[1]),
        "item weights": LinearRecommender(bias, weights),
    }
    for kind, model in kinds.items():
        for likes in (50, 300):
            names = catalogue(likes, rng)
            known = predictor(model, names)
            ask = partial(milliseconds, partial(known.recommend, k=10), cycle(names.users))
            sort = partial(milliseconds, lambda user: np.sort(numbers), cycle(names.users))
            took, yardstick = in_turn(ask, sort, ROUNDS)
            text = f"{took:.2f} ms, {took / yardstick:.1f}x sorting {ITEMS:,} numbers"
            report(f"recommend ({kind}, {likes} likes)", text, took < TARGET, f"< {TARGET:g} ms")


if __name__ == "__main__":
    main()
