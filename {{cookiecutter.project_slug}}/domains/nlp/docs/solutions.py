"""Solutions of the three exercises in this folder, in plain Python."""

import math
from collections import Counter
from collections.abc import Sequence


def tf_idf(documents: Sequence[Sequence[str]]) -> list[dict[str, float]]:
    """Each document's words with their weights, scaled to a vector of length one.

    The weight of a word is how often it occurs, times ln((1 + n) / (1 + documents with it)) + 1.

    >>> rows = tf_idf([["good", "good", "phone"], ["bad", "phone"]])
    >>> {word: round(weight, 3) for word, weight in rows[0].items()}
    {'good': 0.942, 'phone': 0.335}
    """
    n = len(documents)
    seen = Counter(word for document in documents for word in set(document))
    rows = []
    for document in documents:
        counts = Counter(document)
        weights = {
            word: count * (math.log((1 + n) / (1 + seen[word])) + 1)
            for word, count in counts.items()
        }
        size = math.sqrt(sum(weight**2 for weight in weights.values()))
        rows.append({word: weight / size for word, weight in weights.items()})
    return rows


def log_odds(good: Sequence[Sequence[str]], bad: Sequence[Sequence[str]]) -> dict[str, float]:
    """How much each word speaks for a good review: naive Bayes, with one added to each count.

    >>> found = log_odds([["good", "phone"]], [["bad", "phone"]])
    >>> {word: round(value, 3) for word, value in sorted(found.items())}
    {'bad': -0.693, 'good': 0.693, 'phone': 0.0}
    """
    counts = [Counter(word for text in texts for word in text) for texts in (good, bad)]
    words = set(counts[0]) | set(counts[1])
    totals = [sum(count.values()) + len(words) for count in counts]
    return {
        word: math.log((counts[0][word] + 1) / totals[0] * totals[1] / (counts[1][word] + 1))
        for word in words
    }


def mark_negation(words: Sequence[str]) -> list[str]:
    """The words, with ``not_`` before each one between a negation and the next stop.

    >>> mark_negation(["not", "a", "good", "phone", ".", "I", "like", "it"])
    ['not', 'not_a', 'not_good', 'not_phone', '.', 'I', 'like', 'it']
    """
    marked, negated = [], False
    for word in words:
        if word in (".", ",", "!", "?", ";", "but"):
            negated = False
        marked.append(f"not_{word}" if negated else word)
        if word.lower() in ("not", "no", "never") or word.lower().endswith("n't"):
            negated = True
    return marked
