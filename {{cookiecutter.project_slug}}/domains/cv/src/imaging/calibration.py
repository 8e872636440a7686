"""Making sure that "30 %" means three cases in ten, since money is counted with it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from .bootstrap import Array
from .reliability import quality

FOLDS = 5


@dataclass(frozen=True)
class Calibration:
    """``scale`` and ``offset`` make shipped log-odds of the model's; how they were chosen.

    ``validation`` holds probabilities (n,) of validation cases, each corrected, if at all, by
    what other cases taught.
    """

    scale: float
    offset: float
    validation: Array
    report: dict[str, Any]


def choose_calibration(y: Array, log_odds: Array, seed: int) -> Calibration:
    """Correct log-odds (n,) by a sigmoid or not, whichever has the lower Brier score.

    The weights never learned from these cases, but the epoch to stop at was chosen on them; the
    sigmoid is fitted and judged on different folds of them.
    """
    corrected = np.empty(len(y))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    for fitted, judged in folds.split(log_odds, y):
        slope, start = sigmoid(y[fitted], log_odds[fitted])
        corrected[judged] = expit(slope * log_odds[judged] + start)
    scale, offset = sigmoid(y, log_odds)
    candidates = {"none": expit(log_odds)}
    if scale > 0:  # on few cases a sigmoid can fall where it should rise
        candidates["sigmoid"] = corrected
    report = {name: quality(y, probability) for name, probability in candidates.items()}
    chosen = min(report, key=lambda name: report[name]["brier"])
    if chosen == "none":
        scale, offset = 1.0, 0.0
    found = {"chosen": chosen, "candidates": report}
    return Calibration(scale, offset, candidates[chosen], found)


def sigmoid(y: Array, log_odds: Array) -> tuple[float, float]:
    """Scale and offset of Platt's sigmoid (Platt 1999), with his softened targets.

    The targets keep the scale finite where the model separates these cases without a mistake.
    """
    positives, negatives = y.sum(), len(y) - y.sum()
    target = np.where(y == 1, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    twice = np.concatenate([log_odds, log_odds])[:, np.newaxis]
    model = LogisticRegression(C=1e6)  # as good as no penalty
    model.fit(twice, np.repeat([1, 0], len(y)), sample_weight=np.concatenate([target, 1 - target]))
    return float(model.coef_[0, 0]), float(model.intercept_[0])
