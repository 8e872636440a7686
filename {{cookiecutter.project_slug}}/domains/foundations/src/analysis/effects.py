"""Effect sizes: how large a difference is, not only whether it is.

Each effect takes weights (draws, rows), how often each row counts, and returns one value per
draw: a bootstrap draw is such a weighting, and weights of 1 give the effect in the table.
"""

import numpy as np
import pandas as pd

from .bootstrap import Array
from .metrics import weighted_scores


def cohens_d(weights: Array, values: Array, member: Array) -> Array:
    """Second mean less first, in pooled standard deviations (Cohen 1988).

    Args:
        values: (rows,) numbers. member: (rows, 2), which of two groups each row is in, if any.
    """
    n, mean, variance = moments(weights, values, member)
    pooled = ((n - 1) * variance).sum(axis=1) / (n.sum(axis=1) - 2)
    return divide(mean[:, 1] - mean[:, 0], np.sqrt(pooled))


def mean_difference(weights: Array, values: Array, member: Array) -> Array:
    """Mean of the second group less mean of the first."""
    _, mean, _ = moments(weights, values, member)
    return mean[:, 1] - mean[:, 0]


def cliffs_delta(weights: Array, values: Array, member: Array) -> Array:
    """How much more often a value of the second group is the larger one (Cliff 1993), -1 to 1.

    The area under the ROC curve counts the same pairs, from 0 to 1.
    """
    rows = member.any(axis=1)
    return (
        2 * weighted_scores(member[rows, 1], values[rows], np.inf, weights[:, rows])["roc_auc"] - 1
    )


def eta_squared(weights: Array, values: Array, member: Array) -> Array:
    """Share of a number's variance that lies between groups; ``member`` is (rows, groups)."""
    n, mean, variance = moments(weights, values, member)
    middle = (n * mean).sum(axis=1, keepdims=True) / n.sum(axis=1, keepdims=True)
    between = (n * (mean - middle) ** 2).sum(axis=1)
    return divide(between, between + ((n - 1) * variance).sum(axis=1))


def cramers_v(weights: Array, first: Array, second: Array) -> Array:
    """Association of two categories, from 0 (none) to 1; both (rows, categories) of 0 and 1."""
    cells = (first[:, :, None] * second[:, None, :]).reshape(len(first), -1)
    return v_of_counts((weights @ cells).reshape(-1, first.shape[1], second.shape[1]))


def v_of_counts(counts: Array) -> Array:
    """Cramér's V, free of bias (Bergsma 2013), of each table of counts (draws, rows, columns)."""
    n = counts.sum(axis=(1, 2))
    expected = counts.sum(axis=2)[:, :, None] * counts.sum(axis=1)[:, None, :] / n[:, None, None]
    phi2 = divide((counts - expected) ** 2, expected).sum(axis=(1, 2)) / n
    r, c = counts.shape[1:]
    phi2 = np.maximum(0, phi2 - (r - 1) * (c - 1) / (n - 1))
    smaller = np.minimum(r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)) - 1
    return np.sqrt(np.minimum(1, divide(phi2, smaller)))


def indicators(column: pd.Series) -> Array:
    """One column of 0 and 1 for each category, in alphabetical order."""
    return pd.get_dummies(column, dtype=float).to_numpy()


def moments(weights: Array, values: Array, member: Array) -> tuple[Array, Array, Array]:
    """Rows, mean and variance of each group under each weighting: three (draws, groups)."""
    centred = values - values.mean()  # squares of large numbers would lose digits
    n = weights @ member
    mean = divide(weights @ (member * centred[:, None]), n, np.nan)
    square = divide(weights @ (member * centred[:, None] ** 2), n, np.nan)
    variance = divide(n * (square - mean**2), n - 1, np.nan)
    return n, mean + values.mean(), np.maximum(variance, 0)


def divide(top: Array, bottom: Array, otherwise: float = 0.0) -> Array:
    """Divide; ``otherwise`` where nothing was there to divide by."""
    shape = np.broadcast_shapes(top.shape, bottom.shape)
    return np.divide(top, bottom, out=np.full(shape, otherwise), where=bottom > 0)
