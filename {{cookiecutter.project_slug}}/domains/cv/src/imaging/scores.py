"""Metrics of a yes-or-no test in the words of medicine."""

import numpy as np

from .bootstrap import Array
from .metrics import weighted_scores


def clinical_scores(
    y: Array, probability: Array, threshold: float, weights: Array
) -> dict[str, Array]:
    """``weighted_scores``, with recall called sensitivity, and specificity beside it.

    Sensitivity is the share of positive cases that are referred, specificity the share of other
    cases that are not (Yerushalmy 1947), NaN in a draw without any. Arguments and result as in
    ``metrics``.
    """
    found = weighted_scores(y, probability, threshold, weights)
    healthy = weights @ (1 - y)
    spared = weights @ ((1 - y) * (probability < threshold))
    specificity = np.divide(spared, healthy, out=np.full_like(spared, np.nan), where=healthy > 0)
    sensitivity = found.pop("recall")
    return {**found, "sensitivity": sensitivity, "specificity": specificity}
