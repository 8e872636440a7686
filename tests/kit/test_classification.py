"""Scores of yes-or-no predictions."""

import numpy as np
import pytest
from kit.classification import require_better_than_chance, weighted_scores
from kit.decisions import NEVER
from kit.errors import ModelError
from kit.intervals import Estimate
from sklearn import metrics


@pytest.mark.parametrize("decimals", [1, 9])  # with one decimal most probabilities are tied
def test_scores_are_those_of_scikit_learn(decimals: int):
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 300).astype(float)
    probability = np.clip(0.3 * y + rng.uniform(0, 0.7, 300), 0, 1).round(decimals)
    weights = rng.multinomial(300, np.full(300, 1 / 300), size=5)
    found = weighted_scores(y, probability, 0.5, weights)
    act = probability >= 0.5
    for draw, weight in enumerate(weights):
        expected = {
            "roc_auc": metrics.roc_auc_score(y, probability, sample_weight=weight),
            "average_precision": metrics.average_precision_score(
                y, probability, sample_weight=weight
            ),
            "f1": metrics.f1_score(y, act, sample_weight=weight),
            "precision": metrics.precision_score(y, act, sample_weight=weight),
            "recall": metrics.recall_score(y, act, sample_weight=weight),
            "accuracy": metrics.accuracy_score(y, act, sample_weight=weight),
            "brier": metrics.brier_score_loss(y, probability, sample_weight=weight),
        }
        assert {name: values[draw] for name, values in found.items()} == pytest.approx(expected)


def test_precision_is_not_defined_where_nobody_acts():
    y, probability = np.array([1.0, 0.0]), np.array([0.9, 0.1])
    found = weighted_scores(y, probability, NEVER, np.ones((1, 2)))
    assert np.isnan(found["precision"][0])
    assert found["recall"][0] == found["f1"][0] == 0


def test_a_draw_without_a_positive_row_says_nothing_of_them():
    y, weights = np.array([1.0, 0.0]), np.array([[1.0, 1.0], [0.0, 2.0]])
    found = weighted_scores(y, np.array([0.9, 0.1]), 0.5, weights)
    for name in ("roc_auc", "average_precision", "recall"):
        assert found[name][0] == 1
        assert np.isnan(found[name][1])


@pytest.mark.parametrize("low", [0.4, 0.5])
def test_a_model_that_may_be_a_coin_is_refused(low: float):
    with pytest.raises(ModelError, match=r"ranks clouds better than chance .* Look up"):
        require_better_than_chance(Estimate(0.6, low, 0.7), "clouds", "Look up.")
    require_better_than_chance(Estimate(0.6, 0.501, 0.7), "clouds", "Look up.")
