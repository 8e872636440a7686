"""Scores, intervals and the choice: worked out by hand, kept as promised, not taken for luck."""

import numpy as np
import pandas as pd
import pytest

from demand import backtest, conformal, train
from demand.backtest import Actual
from demand.models import AVERAGE, BASELINE, shares

Array = np.ndarray


# Scores by hand


def test_naive_error_worked_out_by_hand():
    table = pd.DataFrame({"unique_id": ["b"] * 4 + ["c"] * 3, "y": [1.0, 2, 4, 0, 5, 5, 5]})
    assert backtest.naive_error(table, {"b": [2], "c": [2]}).tolist() == [(3 + 2) / 2, 0]
    assert backtest.naive_error(table, {"b": [1, 2], "c": [2]}).tolist() == [(1 + 2 + 4) / 3, 0]


def test_errors_worked_out_by_hand():
    demand, found = np.array([[[4.0, 0], [2, 2]]]), np.array([[[2.0, 0], [2, 6]]])
    happened = Actual(demand, np.array([[2.0, 0]]))
    np.testing.assert_allclose(backtest.mase(happened, found), [[1 / 2, np.nan]])
    sums = {name: each.value for name, each in backtest.totals(happened, found).items()}
    assert sums == {"wmape": 6 / 8, "bias": 2 / 8}
    nothing = backtest.totals(Actual(0 * demand, np.ones((1, 2))), found)
    assert np.isnan(nothing["bias"].value)


def test_interval_scores_worked_out_by_hand():
    demand = np.array([[[5.0, 20.0]]])
    quantiles = np.tile(np.linspace(0, 10, len(conformal.LEVELS)), (1, 1, 2, 1))
    found = conformal.interval_scores(Actual(demand, np.array([[2.0]])), quantiles)
    assert found["coverage_80"] == found["coverage_95"] == 1 / 2


# What is independent


def test_interval_over_windows_worked_out_by_hand():
    values = np.array([1.0, 2, 3, 2]).reshape(4, 1)
    reach = 3.182 * np.sqrt(2 / 3) / 2  # t of three degrees of freedom, deviation, root of four
    found = backtest.mean(values, ["all"])
    assert found.value == 2
    assert (found.low, found.high) == pytest.approx((2 - reach, 2 + reach), abs=1e-3)
    alone = backtest.mean(values[:1], ["all"])
    assert alone.value == 1 and np.isnan(alone.low)
    # Three copies of a series are no more evidence than one.
    copies = backtest.mean(np.repeat(values, 3, axis=1), ["a", "b", "c"])
    assert (copies.low, copies.high) == pytest.approx((found.low, found.high))


def test_many_groups_count_as_cases_and_their_series_do_not():
    rng = np.random.default_rng(0)
    own = rng.normal(size=(1, 10))
    groups = [f"product {place}" for place in range(10)]
    one = backtest.mean(np.repeat(own, 3, axis=0), groups)
    shops = backtest.mean(np.tile(own, (3, 5)), groups * 5)
    assert (shops.low, shops.high) == pytest.approx((one.low, one.high))
    wrong = backtest.mean(np.tile(own, (3, 5)), [f"{g} {s}" for s in range(5) for g in groups])
    assert wrong.high - wrong.low < 0.6 * (one.high - one.low)


@pytest.mark.parametrize(("by_group", "by_window", "groups"), [(1, 0, 10), (0, 1, 1), (1, 1, 10)])
def test_intervals_hold_the_true_mean_as_often_as_they_say(
    by_group: int, by_window: int, groups: int
):
    """Over groups alone, the last ones, which share their windows' weather, held it in 85 %."""
    rng, held = np.random.default_rng(1), []
    names = [f"{place % groups}" for place in range(20)]
    for _ in range(400):
        values = by_group * rng.normal(size=(1, groups))[:, np.arange(20) % groups]
        values = values + by_window * rng.normal(size=(8, 1)) + rng.normal(size=(8, 20))
        found = backtest.mean(values, names)
        held.append(found.low < 0 < found.high)
    assert 0.915 < np.mean(held) < 0.98


def test_share_has_an_interval_that_stays_inside_even_where_nothing_varies():
    groups, beyond = ["all"], 2.571**2 / 60  # t of five degrees of freedom, sixty values
    found = backtest.share(np.ones((6, 1)), 10, groups)
    assert (found.value, found.low, found.high) == pytest.approx((1, 1 / (1 + beyond), 1), abs=1e-3)
    one_off = np.where(np.arange(6) == 2, 0.3, 1.0)[:, np.newaxis]
    plain, kept = backtest.mean(one_off, groups), backtest.share(one_off, 10, groups)
    assert plain.high > 1 > kept.high > kept.value > kept.low > 0
    assert kept.low < backtest.share(np.full((6, 1), 53 / 60), 10, groups).low, "they go together"


# The choice


def errors(windows: int = 6, **means: float) -> dict[str, Array]:
    """MASE of twelve series around ``means``, with the same luck for all models."""
    shape, noise = (windows, 12), np.random.default_rng(2)
    luck = np.random.default_rng(0).normal(0, 0.2, shape)
    return {name: mean + luck + noise.normal(0, 0.1, shape) for name, mean in means.items()}


ONE = [str(place) for place in range(12)]


def test_average_is_chosen_unless_another_is_clearly_better():
    close = errors(seasonal_naive=1.2, ets=0.9, lightgbm=0.895, average=0.9)
    assert train.choose(close, ONE) == AVERAGE
    clear = errors(seasonal_naive=1.2, ets=0.8, lightgbm=0.7, average=0.9)
    assert train.choose(clear, ONE) == "lightgbm"


@pytest.mark.parametrize(("mean", "expected"), [(0.5, BASELINE), (1.2, AVERAGE), (1.195, AVERAGE)])
def test_baseline_is_chosen_where_it_is_clearly_better(mean: float, expected: str):
    assert train.choose(errors(seasonal_naive=mean, ets=1.2, average=1.2), ONE) == expected


def test_weights_worked_out_by_hand():
    """Two models, two windows: errors of a series count twice, those of all series once."""
    mase = np.array([[[1.0, 2], [1, 2]], [[2, 2], [2, 4]]])
    usual, hard = np.array([1.5, 2.5]), np.array([1.5, 2.5]) / 2
    own = (2 * mase.mean(axis=1) + np.outer(usual, hard)) / 3
    np.testing.assert_allclose(shares(mase), own**-8.0 / (own**-8.0).sum(axis=0))
    seven = shares(np.array([np.ones((3, 1)), 7 * np.ones((3, 1))]))
    assert seven[1, 0] < 0.001, "what validation condemns is left out"
    flat = shares(np.array([[[1.0, np.nan]], [[2.0, np.nan]]]))
    assert flat[0].tolist() == pytest.approx([256 / 257, 256 / 257])


def test_no_window_scores_weights_that_it_chose():
    rng = np.random.default_rng(0)
    found = {name: rng.gamma(2, 5, (3, 4, 7)) for name in (BASELINE, "ets", "lightgbm")}
    scored = {name: rng.gamma(2, 1, (3, 4)) for name in found}
    other = {name: values.copy() for name, values in scored.items()}
    other["ets"][1] *= 50
    first, second = (train.averaged(found, errors) for errors in (scored, other))
    np.testing.assert_array_equal(first[1], second[1])
    assert not np.isclose(first[0], second[0]).any()


def test_luck_of_the_best_of_many_is_not_taken_for_skill(monkeypatch: pytest.MonkeyPatch):
    """Of eight equal models one is mostly ahead; after Holm it is chosen in at most 5 % of runs."""
    monkeypatch.setattr("gc.collect", lambda: 0)  # which multipletests does every time
    rng, chosen, uncorrected = np.random.default_rng(0), [], []
    for _ in range(100):
        found = {BASELINE: rng.normal(2, 1, (6, 1))}
        found |= {f"model {place}": rng.normal(1, 1, (6, 1)) for place in range(8)}
        found[AVERAGE] = np.full((6, 1), 1.0)
        chosen.append(train.choose(found, ["all"]) != AVERAGE)
        ahead = [1 - found[f"model {place}"] for place in range(8)]
        uncorrected.append(any(backtest.p_value(a, ["all"]) < 0.05 and a.mean() > 0 for a in ahead))
    assert np.mean(chosen) < 0.05 < 0.1 < np.mean(uncorrected)


def test_intervals_of_a_window_know_nothing_of_its_demand():
    rng = np.random.default_rng(0)
    demand, scale = rng.gamma(2, 5, (3, 4, 7)), np.ones((3, 4))
    other, flat = demand.copy(), np.full((3, 4, 7), 10.0)
    other[1] *= 50
    first, second = (
        [width.quantiles(flat[0]) for width in conformal.blind(Actual(each, scale), flat, 2)]
        for each in (demand, other)
    )
    np.testing.assert_array_equal(first[1], second[1])
    assert (second[0][..., -1] > first[0][..., -1]).all()


# Intervals


def draws(series: int, windows: int, seed: int) -> tuple[Array, Array]:
    """Errors of series with scales from 1 to 100, skewed, and their naive errors."""
    rng = np.random.default_rng(seed)
    size = np.geomspace(1, 100, series)
    errors = rng.gamma(2, 1, (windows, series, 14)) - 2
    return errors * size[:, np.newaxis], np.tile(size, (windows, 1))


def covered(series: int, seeds: int) -> tuple[float, float]:
    """Coverage of 95 % intervals and lead-time totals on errors that were not calibrated on."""
    inside, below = [], []
    for seed in range(seeds):
        errors, naive = draws(series, 4, seed)
        found = conformal.calibrate(errors[:3], naive[:3], lead_time=2)
        spread = found.scale[:, np.newaxis, np.newaxis] * found.offsets
        low, high = conformal.ends(spread, 95)
        inside.append(((low <= errors[3]) & (errors[3] <= high)).mean())
        totals = errors[3].reshape(series, 14)[:, :3].sum(axis=1)
        place = int(np.argmin(np.abs(conformal.LEVELS - 0.9)))
        below.append((totals <= found.scale * found.total_offsets[place]).mean())
    return float(np.mean(inside)), float(np.mean(below))


@pytest.mark.parametrize(("series", "seeds", "tolerance"), [(1, 400, 0.02), (40, 40, 0.005)])
def test_intervals_cover_what_they_promise(series: int, seeds: int, tolerance: float):
    inside, below = covered(series, seeds)
    assert inside == pytest.approx(0.95, abs=tolerance)
    assert below == pytest.approx(0.9, abs=0.02)


def test_steps_have_widths_of_their_own_where_errors_are_many():
    errors, naive = draws(60, 3, 0)
    growing = errors * np.linspace(1, 3, 14)
    many, few = (conformal.calibrate(growing[:, :n], naive[:, :n], 2).offsets for n in (60, 2))
    assert many[-1, -3] > 1.8 * many[0, -3]
    assert (few == few[0]).all()


@pytest.mark.parametrize("sold_before", [False, True])
def test_series_that_do_not_sell_say_nothing_of_the_others(sold_before: bool):
    """Neither those that never sold, nor those that no longer do."""
    errors, naive = draws(20, 3, 0)
    alone = conformal.calibrate(errors, naive, 2)
    dead = np.zeros((3, 40, 14))
    others = np.full((3, 40), 5.0 if sold_before else 0.0)
    both = [np.concatenate(parts, axis=1) for parts in ((errors, dead), (naive, others))]
    found = conformal.calibrate(*both, 2)
    ratio = (found.scale[:20, np.newaxis, np.newaxis] * found.offsets) / (
        alone.scale[:, np.newaxis, np.newaxis] * alone.offsets
    )
    assert 0.8 < np.median(ratio) < 1.25
    assert conformal.calibrate(dead, np.zeros((3, 40)), 2).offsets.tolist() == [[0] * 17] * 14


def test_series_that_never_changed_do_not_count_as_covered():
    demand, naive = np.ones((1, 2, 3)), np.array([[1.0, 0.0]])
    quantiles = np.ones((1, 2, 3, len(conformal.LEVELS)))
    found = conformal.interval_scores(Actual(demand, naive), quantiles)["coverage_95"]
    assert found[0, 0] == 1
    assert np.isnan(found[0, 1])
