"""Scores of predictions, and the threshold from which to act on them."""

from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from pydantic import BaseModel
from sklearn import metrics as sklearn_metrics

from {{ cookiecutter.__package }} import markdown, metrics, outcomes, policy, reliability
from {{ cookiecutter.__package }}.bootstrap import intervals
from {{ cookiecutter.__package }}.files import read_json, write_json


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


def test_every_case_is_in_its_cell_and_the_threshold_acts():
    y, probability = np.array([1.0, 0.0, 1.0, 0.0, 0.0]), np.array([0.5, 0.7, 0.4, 0.1, 0.2])
    found = outcomes.cells(y, probability, 0.5)
    assert {name: np.flatnonzero(rows).tolist() for name, rows in found.items()} == {
        "true_positive": [0],
        "false_positive": [1],
        "false_negative": [2],
        "true_negative": [3, 4],
    }


def test_calibration_error_is_the_gap_between_said_and_seen():
    y = np.resize([1.0, 0.0], 100)
    assert reliability.calibration_error(y, np.full(100, 0.5)) == pytest.approx(0)
    assert reliability.calibration_error(y, np.full(100, 0.8)) == pytest.approx(0.3)


def test_precision_is_not_defined_where_nobody_acts(tmp_path: Path):
    y, probability = np.array([1.0, 0.0]), np.array([0.9, 0.1])
    score = partial(metrics.weighted_scores, y, probability, policy.NEVER)
    found = {name: asdict(value) for name, value in intervals(score, 2, seed=0).items()}
    read = read_json(write_json(tmp_path / "metrics.json", found))
    assert read["precision"] == dict.fromkeys(("value", "low", "high"))
    assert read["recall"]["value"] == read["f1"]["value"] == 0
    assert markdown.interval(read["precision"]) == "not defined"


def test_a_draw_without_a_positive_row_says_nothing_of_them():
    y, weights = np.array([1.0, 0.0]), np.array([[1.0, 1.0], [0.0, 2.0]])
    found = metrics.weighted_scores(y, np.array([0.9, 0.1]), 0.5, weights)
    for name in ("roc_auc", "average_precision", "recall"):
        assert found[name][0] == 1 and np.isnan(found[name][1])


class Stakes(BaseModel):
    """Acting where it is due brings 50, and costs 20 wherever it is done."""

    worth: float = 50
    cost: float = 20


Y = np.array([1.0, 1.0, 0.0, 0.0, 0.0])
P = np.array([0.9, 0.5, 0.6, 0.2, 0.1])


def test_gain_by_outcome_and_action():
    y, acted = np.array([1.0, 1.0, 0.0, 0.0]), np.array([1.0, 0.0, 1.0, 0.0])
    assert policy.gain(y, acted, Stakes()).tolist() == [30, 0, -20, 0]


def test_expected_value_is_zero_at_break_even():
    assert policy.expected_value(np.array([0.0, 0.4, 1.0]), Stakes()).tolist() == [-20, 0, 30]
    assert policy.break_even(Stakes()) == 0.4
    assert policy.break_even(Stakes(cost=51)) is None
    assert policy.break_even(Stakes(worth=0, cost=0)) is None


def test_profit_curve_goes_from_always_to_never():
    thresholds, gains = policy.profit_curve(Y, P, Stakes())
    assert [thresholds[0], thresholds[-1]] == [policy.ALWAYS, policy.NEVER]
    assert gains[0] == pytest.approx((2 * 30 - 3 * 20) / 5)
    assert gains[-1] == 0
    by_hand = [(0.9, 30), (0.6, 30 - 20), (0.5, 2 * 30 - 20), (0.2, 2 * 30 - 2 * 20)]
    for threshold, total in by_hand:
        assert gains[thresholds <= threshold][-1] == pytest.approx(total / 5)


@pytest.mark.parametrize(
    ("cost", "threshold"),
    [(20, 0.4), (28, 0.5), (2, 0.2), (60, policy.NEVER)],  # break-even: 0.4, 0.56, 0.04, never
)
def test_threshold_is_near_break_even_where_all_do_the_same(cost: float, threshold: float):
    y, probability = np.array([1.0, 1.0, 0.0, 0.0]), np.array([0.9, 0.5, 0.2, 0.1])
    found = policy.best_threshold(y, probability, Stakes(cost=cost))
    # What the grid of thresholds holds below a case's own probability does as well as that.
    assert found == pytest.approx(threshold, abs=0.01)


def test_of_equal_thresholds_the_one_nearest_to_break_even_is_taken():
    free = Stakes(cost=0)  # acting on anybody costs nothing, so nobody is to be left out
    assert policy.best_threshold(np.array([1.0, 0.0]), np.array([0.9, 0.2]), free) == 0


def test_saving_is_chosen_on_validation_and_counted_on_test():
    def saving(test: np.ndarray, chosen: Stakes, counted: Stakes) -> float:
        return policy.mean_saving((Y, P), (test, P), chosen, counted)

    assert saving(Y, Stakes(), Stakes()) == pytest.approx(40 / 5)
    # Acts on three: the one that calls for it brings 30, the two others cost 20 each.
    assert saving(1 - Y, Stakes(), Stakes()) == pytest.approx(-10 / 5)
    # Where acting always pays on validation, the saving is against that.
    rich = Stakes(worth=100)
    assert policy.always_pays(Y, rich) and not policy.always_pays(Y, Stakes())
    assert saving(Y, rich, rich) == pytest.approx((140 - 100) / 5)
    # Chosen at the stakes of validation, the same three bring more at those of the test.
    assert saving(Y, Stakes(), rich) == pytest.approx(140 / 5)


@pytest.mark.parametrize(
    ("name", "factor", "most", "value"),
    [("worth", 0.7, np.inf, 35), ("cost", 1.3, np.inf, 26), ("cost", 3, 25, 25)],
)
def test_one_price_moves_at_a_time(name: str, factor: float, most: float, value: float):
    before, after = Stakes().model_dump(), policy.moved(Stakes(), name, factor, most).model_dump()
    assert after[name] == pytest.approx(value)
    assert {key for key in before if before[key] != after[key]} == {name}
