"""Intervals: they hold the truth as often as they say, also of differences."""

from functools import partial

import numpy as np
import pytest
from kit.decisions import weighted_scores
from kit.intervals import DRAWS, estimate, intervals


def test_intervals_cover_the_truth_as_often_as_they_say():
    # Probabilities are uniform and honest, so the true scores can be integrated by hand.
    truth = {"accuracy": 3 / 4, "brier": 1 / 6, "roc_auc": 5 / 6}
    covered = dict.fromkeys(truth, 0)
    for seed in range(100):
        rng = np.random.default_rng(seed)
        probability = rng.uniform(size=200)
        y = (rng.uniform(size=200) < probability).astype(float)
        found = intervals(partial(weighted_scores, y, probability, 0.5), 200, seed)
        for name, value in truth.items():
            covered[name] += found[name].low <= value <= found[name].high
    for count in covered.values():
        assert count / 100 == pytest.approx(0.95, abs=0.045)


def test_a_difference_in_pairs_is_narrower_than_its_parts():
    rng = np.random.default_rng(0)
    first = rng.normal(size=500)
    second = first + 0.1 + rng.normal(scale=0.1, size=500)

    def means(weights: np.ndarray) -> dict[str, np.ndarray]:
        one, two = weights @ first / 500, weights @ second / 500
        return {"first": one, "second": two, "difference": two - one}

    found = intervals(means, 500, seed=1)
    assert found["first"].high > found["second"].low  # their intervals overlap
    assert found["difference"].low > 0  # and yet they differ


def test_every_draw_counts_as_many_rows_as_there_are():
    seen = []

    def spread(weights: np.ndarray) -> dict[str, np.ndarray]:
        seen.append(weights)
        return {"spread": weights.std(axis=1)}

    intervals(spread, 70, seed=0)
    draws = np.concatenate(seen[1:])  # the first counts each row once
    assert (seen[0] == 1).all()
    assert draws.shape == (DRAWS, 70)
    assert (draws.sum(axis=1) == 70).all()
    assert draws.std() > 0.9


def test_draws_that_say_nothing_are_left_out():
    found = estimate(1.0, np.array([np.nan, 1.0, 1.0, 1.0]))
    assert (found.low, found.high) == (1, 1)
    assert np.isnan(estimate(1.0, np.array([np.nan])).low)
