"""When to act: amounts counted by hand."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.decisions import NEVER, break_even, expected_value, gain, profit_curve


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
