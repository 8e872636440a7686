"""Solutions of the three exercises in this folder, in plain Python."""

import math
from collections import Counter
from collections.abc import Sequence


def one_spelling(values: Sequence[str]) -> list[str]:
    """The values, each in the most frequent spelling of those that differ in case or blanks.

    >>> one_spelling(["Web", "web ", "Web", "app", " APP"])
    ['Web', 'Web', 'Web', 'app', 'app']
    """
    written: dict[str, Counter[str]] = {}
    for value in values:
        key = " ".join(value.split()).lower()
        written.setdefault(key, Counter())[" ".join(value.split())] += 1
    best = {key: counts.most_common(1)[0][0] for key, counts in written.items()}
    return [best[" ".join(value.split()).lower()] for value in values]


def welch_t(one: Sequence[float], other: Sequence[float]) -> float:
    """The difference of two means in standard errors, without assuming equal spreads.

    >>> welch_t([1, 2, 3], [2, 4, 6])
    -1.5491933384829668
    """
    means, errors = [], []
    for values in (one, other):
        mean = sum(values) / len(values)
        variance = sum((value - mean) ** 2 for value in values) / (len(values) - 1)
        means.append(mean)
        errors.append(variance / len(values))
    return (means[0] - means[1]) / math.sqrt(sum(errors))


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values, corrected for how many there are (Holm): never lower than a smaller one's.

    >>> holm([0.04, 0.01, 0.03])
    [0.06, 0.03, 0.06]
    """
    corrected, highest = [0.0] * len(p_values), 0.0
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[place]))
        corrected[place] = highest
    return corrected
