"""Scores of predictions: those of the field, with intervals that hold what they promise."""

from functools import partial

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from {{ cookiecutter.package_name }} import calibration, metrics
from {{ cookiecutter.package_name }}.bootstrap import intervals


@pytest.mark.parametrize("decimals", [1, 9])  # with one decimal most probabilities are tied
def test_scores_are_those_of_scikit_learn(decimals: int):
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 300).astype(float)
    probability = np.clip(0.3 * y + rng.uniform(0, 0.7, 300), 0, 1).round(decimals)
    weights = rng.multinomial(300, np.full(300, 1 / 300), size=5)
    found = metrics.weighted_scores(y, probability, 0.5, weights)
    act = probability >= 0.5
    for draw, weight in enumerate(weights):
        expected = {
            "roc_auc": sklearn_metrics.roc_auc_score(y, probability, sample_weight=weight),
            "average_precision": sklearn_metrics.average_precision_score(
                y, probability, sample_weight=weight
            ),
            "f1": sklearn_metrics.f1_score(y, act, sample_weight=weight),
            "precision": sklearn_metrics.precision_score(y, act, sample_weight=weight),
            "recall": sklearn_metrics.recall_score(y, act, sample_weight=weight),
            "accuracy": sklearn_metrics.accuracy_score(y, act, sample_weight=weight),
            "brier": sklearn_metrics.brier_score_loss(y, probability, sample_weight=weight),
        }
        assert {name: values[draw] for name, values in found.items()} == pytest.approx(expected)


def test_intervals_cover_the_truth_as_often_as_they_say():
    # Probabilities are uniform and honest, so the true scores can be integrated by hand.
    truth = {"accuracy": 3 / 4, "brier": 1 / 6, "roc_auc": 5 / 6}
    covered = dict.fromkeys(truth, 0)
    for seed in range(100):
        rng = np.random.default_rng(seed)
        probability = rng.uniform(size=200)
        y = (rng.uniform(size=200) < probability).astype(float)
        found = intervals(partial(metrics.weighted_scores, y, probability, 0.5), 200, seed)
        for name, value in truth.items():
            covered[name] += found[name].low <= value <= found[name].high
    for count in covered.values():
        assert count / 100 == pytest.approx(0.95, abs=0.045)


def test_calibration_error_is_the_gap_between_said_and_seen():
    y = np.resize([1.0, 0.0], 100)
    assert calibration.calibration_error(y, np.full(100, 0.5)) == pytest.approx(0)
    assert calibration.calibration_error(y, np.full(100, 0.8)) == pytest.approx(0.3)


def test_a_draw_without_a_positive_row_says_nothing_of_them():
    y, weights = np.array([1.0, 0.0]), np.array([[1.0, 1.0], [0.0, 2.0]])
    found = metrics.weighted_scores(y, np.array([0.9, 0.1]), 0.5, weights)
    for name in ("roc_auc", "average_precision", "recall"):
        assert found[name][0] == 1 and np.isnan(found[name][1])
