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
from recommender.linear import Catalogue, Factors, ItemWeights, Trained, compact, to_bytes
from recommender.predictor import Predictor

ITEMS, USERS = 10_000, 1_000
ROUNDS, CALLS = 20, 50
MEGABYTES = 10  # of a published file, at most
TARGET = 1.0  # milliseconds


def catalogue(likes: int, rng: np.random.Generator) -> Catalogue:
    """Users who liked so many items each."""
    seen = np.concatenate([rng.choice(ITEMS, likes, replace=False) for _ in range(USERS)])
    items, users = (
        [f"{kind}{place}" for place in range(n)] for kind, n in (("i", ITEMS), ("u", USERS))
    )
    starts = np.arange(USERS + 1) * likes
    liked = np.ones(len(seen), bool)
    return Catalogue(items, items, users, starts, seen.astype(np.uint16), liked)


def predictor(model: Trained, names: Catalogue) -> Predictor:
    """The model as the server loads it."""
    published, _ = compact(model, names, MEGABYTES)
    return Predictor(to_bytes(published, names), {"signature": {"k": 10}, "version": "none"})


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
        "factors": Factors(bias, factors[0], factors[1]),
        "item weights": ItemWeights(bias, weights),
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
