"""When to act: amounts counted by hand."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit import ModelError
from kit.decisions import (
    NEVER,
    break_even,
    difference,
    expected_value,
    gain,
    profit_curve,
    require_better_than_chance,
    weighted_scores,
)
from kit.intervals import Estimate
from sklearn import metrics


@dataclass
class Stakes:
    """Acting where it is due brings 50, and costs 20 wherever it is done."""

    worth: float = 50
    cost: float = 20


Y = np.array([1.0, 1.0, 0.0, 0.0, 0.0])
P = np.array([0.9, 0.5, 0.6, 0.2, 0.1])


def test_gain_by_outcome_and_action():
    y, acted = np.array([1.0, 1.0, 0.0, 0.0]), np.array([1.0, 0.0, 1.0, 0.0])
    assert gain(y, acted, Stakes()).tolist() == [30, 0, -20, 0]


def test_expected_value_is_zero_at_break_even():
    assert expected_value(np.array([0.0, 0.4, 1.0]), Stakes()).tolist() == [-20, 0, 30]
    assert break_even(Stakes()) == 0.4
    assert break_even(Stakes(cost=51)) == NEVER
    assert break_even(Stakes(worth=0, cost=0)) == NEVER


@given(
    worth=st.floats(0, 1e6),
    cost=st.floats(0, 1e6),
    probability=st.floats(0, 1),
)
def test_no_action_where_a_loss_is_expected(worth: float, cost: float, probability: float):
    stakes = Stakes(worth, cost)
    if probability >= break_even(stakes):
        # Rounding of the quotient may cost a part in 10^15 of the price.
        assert expected_value(np.array([probability]), stakes)[0] >= -1e-9 * max(cost, 1)


def test_profit_curve_goes_from_everybody_to_nobody():
    thresholds, gains = profit_curve(Y, P, Stakes())
    by_hand = {
        0.1: 2 * 30 - 3 * 20,
        0.2: 2 * 30 - 2 * 20,
        0.5: 2 * 30 - 20,
        0.6: 30 - 20,
        0.9: 30,
        NEVER: 0,
    }
    assert thresholds.tolist() == list(by_hand)
    assert gains * 5 == pytest.approx(list(by_hand.values()))


def test_tied_probabilities_are_one_threshold():
    thresholds, gains = profit_curve(Y, np.full(5, 0.3), Stakes())
    assert thresholds.tolist() == [0.3, NEVER]
    assert gains.tolist() == [0, 0]


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


def test_difference_of_two_models_is_that_of_their_scores():
    rng = np.random.default_rng(0)
    y = (rng.random(400) < 0.3).astype(float)
    worse, better = rng.random(400), np.clip(0.5 * y + 0.5 * rng.random(400), 0, 1)
    found = difference(y, worse, better, Stakes(), seed=0)
    rose = metrics.roc_auc_score(y, better) - metrics.roc_auc_score(y, worse)
    assert found["ROC-AUC"].value == pytest.approx(rose)
    assert 0 < found["ROC-AUC"].low < rose < found["ROC-AUC"].high
    earned = [np.where(50 * p > 20, 50 * y - 20, 0).mean() for p in (worse, better)]
    assert found["money a case"].value == pytest.approx(earned[1] - earned[0])
    same = difference(y, better, better, Stakes(), seed=0)
    assert {(each.value, each.low, each.high) for each in same.values()} == {(0, 0, 0)}
    back = difference(y, better, worse, Stakes(), seed=0)["ROC-AUC"]
    assert (back.low, back.high) == pytest.approx((-found["ROC-AUC"].high, -found["ROC-AUC"].low))
