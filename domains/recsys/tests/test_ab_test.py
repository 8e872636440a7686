"""The A/B test: against published values, and against what many simulated tests do."""

from math import log2, sqrt
from typing import Any

import numpy as np
import pytest
from conftest import ROOT

from recommender import ab_test
from recommender.kit import DataError, ProjectError

SEED = 1
RUNS = ab_test.SIMULATIONS


def clicks(*rates: float, users: int, runs: int = RUNS) -> tuple[np.ndarray, ...]:
    """Clicks of each group in each of ``runs`` tests."""
    rng = np.random.default_rng(SEED)
    return tuple(rng.binomial(users, rate, runs) for rate in rates)


def close_to(share: float, runs: int = RUNS) -> Any:
    """Within four standard errors of a share among ``runs`` independent simulations."""
    return pytest.approx(share, abs=4 * sqrt(share * (1 - share) / runs))


# Who clicks


def test_attention_falls_as_in_ndcg_and_may_fall_otherwise():
    assert ab_test.position_bias(3) == pytest.approx([1, 1 / log2(3), 0.5])
    assert ab_test.position_bias(3, 0).tolist() == [1, 1, 1]
    assert ab_test.position_bias(3, 2) == pytest.approx([1, 1 / log2(3) ** 2, 0.25])


def test_visit_ends_in_a_click_unless_every_item_is_missed():
    probability = np.array([[0.5, 0.5], [1.0, 0.3], [0.0, 0.0], [0.0, 1.0]])
    second = 1 / log2(3)
    expected = [1 - 0.5 * (1 - 0.5 * second), 1, 0, second]
    assert ab_test.visit_rate(probability, ab_test.position_bias(2)) == pytest.approx(expected)


def test_click_model_counts_held_out_likes_by_rank():
    hits = np.array([[1.0, 0, 1], [0, 0, 0], [1, 1, 1]])
    found = ab_test.click_model(hits, np.array([2, 5, 3]), ab_test.position_bias(3))
    # Ranks 1 to 3 are seen with chance 1, 1 / log2(3) and 1 / 2.
    assert found == pytest.approx([(1 + 0.5) / 2, 0, (1 + 1 / log2(3) + 0.5) / 3])


# How many users


@pytest.mark.parametrize(
    ("control", "treatment", "alpha", "power", "users"),
    [
        (0.5, 0.75, 0.05, 0.9, 77),  # the example of R's power.prop.test: n = 76.65
        (0.6, 0.7, 0.05, 0.8, 356),
        # By hand: (2.5758 * sqrt(2 * 0.15 * 0.85) + 1.2816 * sqrt(0.25)) ** 2 / 0.01 = 376.94
        (0.1, 0.2, 0.01, 0.9, 377),
    ],
)
def test_sample_size_agrees_with_published_values(
    control: float, treatment: float, alpha: float, power: float, users: int
):
    assert ab_test.sample_size(control, treatment, alpha, power) == users
    assert ab_test.sample_size(treatment, control, alpha, power) == users


def test_planned_test_finds_the_effect_as_often_as_planned():
    plan = ab_test.plan(baseline=0.2, min_effect=0.1, alpha=0.05, power=0.8)
    control, treatment = clicks(0.2, 0.22, users=plan.users_per_group)
    found = ab_test.p_values(control, treatment, plan.users_per_group) < plan.alpha
    assert found.mean() == close_to(plan.power)


def test_plan_that_cannot_be_is_refused():
    with pytest.raises(DataError, match="no held-out user clicks"):
        ab_test.plan(0, 0.05, 0.05, 0.8)
    with pytest.raises(DataError, match="every held-out user clicks"):
        ab_test.plan(1, 0.05, 0.05, 0.8)
    with pytest.raises(ProjectError, match=r"a lift of 30.0% on a CTR of 80.0%"):
        ab_test.plan(0.8, 0.3, 0.05, 0.8)
    with pytest.raises(ProjectError, match=r"ab_test.min_effect: .* expected at least 10"):
        ab_test.plan(0.01, 10, 0.05, 0.8)


# What it proves


@pytest.mark.parametrize(("rate", "alpha"), [(0.1, 0.05), (0.5, 0.05), (0.3, 0.01), (0.03, 0.1)])
def test_without_a_difference_the_test_is_significant_at_the_rate_alpha(rate: float, alpha: float):
    assert ab_test.false_alarms(rate, 20_000, alpha, SEED)[0] == close_to(alpha)


def test_peeking_inflates_the_rate_as_published():
    found = ab_test.false_alarms(0.3, 50_000, 0.05, SEED)[1]
    # Armitage, McPherson and Rowe (1969), table 2: 1, 2, 3, 4, 5, 10 and 20 looks at 5 %.
    published = {1: 0.05, 2: 0.083, 3: 0.107, 4: 0.126, 5: 0.142, 10: 0.193, 20: 0.248}
    assert len(found) == ab_test.LOOKS == 20
    for looks, share in published.items():
        assert found[looks - 1] == close_to(share)


def test_power_is_the_share_of_tests_that_find_the_effect(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(ROOT / "dashboard")
    from experiment import achieved_power

    size = ab_test.sample_size(0.2, 0.23, 0.05, 0.8)
    power = achieved_power(0.2, 0.23, np.array([size, size / 4]), 0.05)
    assert power[0] == pytest.approx(0.8, abs=1e-3)
    found = ab_test.p_values(*clicks(0.2, 0.23, users=size // 4), size // 4) < 0.05
    assert power[1] == close_to(found.mean())


def test_p_value_and_intervals_agree_with_arithmetic():
    result = ab_test.compare(control=200, treatment=260, users=1_000, alpha=0.05)
    assert result.difference.value == pytest.approx(0.06)
    # z = 0.06 / sqrt(2 * 0.23 * 0.77 / 1000) = 3.188
    assert result.p_value == pytest.approx(0.001432, abs=2e-6)
    spread = 1.959964 * sqrt((0.2 * 0.8 + 0.26 * 0.74) / 1_000)
    assert result.difference.low == pytest.approx(0.06 - spread)
    assert result.difference.high == pytest.approx(0.06 + spread)
    assert result.lift.value == pytest.approx(0.3)
    width = 1.959964 * sqrt(0.8 / 200 + 0.74 / 260)
    assert result.lift.high / result.lift.low == pytest.approx(
        (1.3 * np.exp(width) - 1) / (1.3 * np.exp(-width) - 1)
    )
    assert (result.control.low, result.control.high) == pytest.approx((0.17638, 0.22592), abs=1e-5)
    assert result.significant


def test_share_of_all_lies_in_its_own_interval():
    found = [ab_test.compare(users, users, users, 0.05).control for users in range(10, 2_000)]
    assert all(share.low < share.value <= share.high < 1 + 1e-9 for share in found)


def test_p_value_is_one_where_nothing_differs():
    clicks = np.array([0, 7, 50])
    assert ab_test.p_values(clicks, clicks, 50).tolist() == [1, 1, 1]


@pytest.mark.parametrize("alpha", [0.05, 0.2])
def test_intervals_hold_the_truth_as_often_as_they_say(alpha: float):
    users, runs = 3_000, 2_000
    control, treatment = clicks(0.2, 0.25, users=users, runs=runs)
    found = [
        ab_test.compare(a, b, users, alpha)
        for a, b in zip(control.tolist(), treatment.tolist(), strict=True)
    ]
    truths = {"control": 0.2, "treatment": 0.25, "difference": 0.05, "lift": 0.25}
    for name, truth in truths.items():
        estimates = [getattr(result, name) for result in found]
        held = np.mean([one.low <= truth <= one.high for one in estimates])
        assert held == close_to(1 - alpha, runs)


@pytest.mark.parametrize(("control", "treatment"), [(0, 5), (5, 0), (0, 0)])
def test_group_without_clicks_is_refused(control: int, treatment: int):
    with pytest.raises(DataError, match="has no click"):
        ab_test.compare(control, treatment, 100, 0.05)
