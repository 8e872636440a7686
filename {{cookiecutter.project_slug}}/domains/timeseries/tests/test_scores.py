"""Scores and intervals: worked out by hand, and kept as promised."""

import numpy as np
import pandas as pd
import pytest

from demand import backtest, conformal, scores
from demand.classes import classify

Array = np.ndarray


# Scores by hand


def test_naive_scales_worked_out_by_hand():
    table = pd.DataFrame({"unique_id": ["b"] * 4 + ["c"] * 3, "y": [1.0, 2, 4, 0, 5, 5, 5]})
    error, square = backtest.naive_scales(table, 2)
    assert error.tolist() == [(3 + 2) / 2, 0]
    assert square.tolist() == [(9 + 4) / 2, 0]


def test_accuracy_worked_out_by_hand():
    demand, found = np.array([[[4.0, 0], [2, 2]]]), np.array([[[2.0, 0], [2, 6]]])
    scale, square = np.array([[2.0, 0]]), np.array([[0.5, 0]])
    vectors = scores.accuracy(backtest.Actual(demand, scale, square), found)
    nan = float("nan")
    expected = {
        "mase": [1 / 2, nan],
        "rmsse": [np.sqrt(2 / 0.5), nan],
        "smape": [(2 * 2 / 6 + 0) / 2, (0 + 2 * 4 / 8) / 2],
        "absolute": [2, 4],
        "error": [-2, 4],
        "demand": [4, 4],
    }
    for name, values in expected.items():
        np.testing.assert_allclose(vectors[name], values, err_msg=name)
    total = scores.summarise(vectors, vectors, seed=0)
    assert total["wmape"]["value"] == pytest.approx(6 / 8)
    assert total["bias"]["value"] == pytest.approx(2 / 8)
    assert total["mase"]["value"] == pytest.approx(1 / 2)
    assert total["owa"]["value"] == pytest.approx(1)


def test_interval_scores_worked_out_by_hand():
    demand = np.array([[[5.0, 20.0]]])
    quantiles = np.tile(np.linspace(0, 10, len(conformal.LEVELS)), (1, 1, 2, 1))
    found = scores.interval_scores(demand, quantiles, np.array([[2.0]]))
    low, high = scores.ends(quantiles, 80)
    assert found["coverage_80"] == found["coverage_95"] == 1 / 2
    assert found["width_80"] == pytest.approx(((high - low) / 2).mean())
    losses = [
        (d - q) * level if d > q else (q - d) * (1 - level)
        for d in (5.0, 20.0)
        for q, level in zip(quantiles[0, 0, 0], conformal.LEVELS, strict=True)
    ]
    assert found["pinball"] == pytest.approx(np.mean(losses) / 2)


def test_steps_and_classes_worked_out_by_hand():
    demand = np.array([[[5.0, 20], [0, 8]]])  # one window, two series, two steps
    happened = backtest.Actual(demand, np.array([[2.0, 1]]), np.array([[1.0, 1]]))
    forecast = np.array([[[4.0, 24], [0, 6]]])
    quantiles = np.tile(np.linspace(0, 10, len(conformal.LEVELS)), (1, 2, 2, 1))
    found = scores.by_step(happened, forecast, quantiles)
    assert found == {"mase": [(1 / 2 + 0) / 2, (4 / 2 + 2 / 1) / 2], "coverage_95": [0.5, 0.5]}
    kinds = pd.Series(["lumpy", "smooth"])
    rows = scores.by_class(kinds, {"model": scores.score(happened, forecast, quantiles)})
    assert [row["class"] for row in rows] == ["smooth", "lumpy"]
    assert [row["series"] for row in rows] == [1, 1]
    assert [row["model_mase"] for row in rows] == [1, 1.25]
    assert [row["model_coverage_95"] for row in rows] == [0.5, 0.5]


def test_few_series_have_no_interval_and_nothing_sold_no_ratio():
    parts = ("mase", "rmsse", "smape", "absolute", "error", "demand")
    five = {name: np.arange(5.0) + 1 for name in parts}
    found = scores.summarise(five, five, seed=0)["mase"]
    assert found["low"] < found["value"] == 3 < found["high"]
    four = {name: values[:4] for name, values in five.items()}
    assert scores.summarise(four, four, seed=0)["mase"] == {"value": 2.5, "low": None, "high": None}
    still = five | {"mase": np.array([1.0, 2, 3, 4, np.nan])}
    assert scores.summarise(still, five, seed=0)["mase"]["low"] is None
    unsold = five | {"demand": np.zeros(5)}
    assert scores.summarise(unsold, five, seed=0)["bias"]["value"] is None


def test_classes_follow_interval_and_variation():
    rng = np.random.default_rng(0)
    sometimes = np.resize([1.0, 0, 0], 99)
    kinds = {
        "smooth": rng.uniform(90, 110, 99),
        "erratic": rng.lognormal(3, 1.2, 99),
        "intermittent": 5 * sometimes,
        "lumpy": sometimes * rng.lognormal(3, 1.2, 99),
        "none": np.zeros(99),
    }
    table = pd.concat(pd.DataFrame({"unique_id": name, "y": y}) for name, y in kinds.items())
    found = classify(table)
    assert found.drop("none").tolist() == found.drop("none").index.tolist()
    assert found["none"] == "intermittent"


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
        low, high = scores.ends(spread, 95)
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


def test_totals_are_sums_with_widths_of_their_own():
    offsets = np.arange(3.0)
    made = conformal.Calibration(np.array([2.0]), np.zeros((4, 3)), offsets - 1)
    found = made.totals(np.array([[1.0, 2, 3, 0]]), lead_time=1)
    assert found.tolist() == [[[1, 3, 5], [3, 5, 7], [1, 3, 5]]]
    low = made.totals(np.array([[0.0, 1, 3, 0]]), lead_time=1)
    assert low[0, 0].tolist() == [0, 1, 3]  # no less than nothing is sold


def test_quantiles_rise_and_stay_above_nothing_sold():
    errors, naive = draws(5, 3, 0)
    found = conformal.calibrate(errors, naive, 2).quantiles(np.ones((5, 14)))
    assert found.min() == 0
    assert (np.diff(found, axis=2) >= 0).all()


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
    found = scores.interval_scores(demand, np.ones((1, 2, 3, len(conformal.LEVELS))), naive)
    assert found["coverage_95"][0] == 1
    assert np.isnan(found["coverage_95"][1])
