"""The choice of a model: luck is not taken for skill."""

import numpy as np
import pytest

from demand import backtest, choice, scores
from demand.choice import PER_SERIES, choose
from demand.models import AVERAGE, BASELINE

Array = np.ndarray


def scored(series: int = 20, windows: int = 3, **means: float) -> dict[str, Array]:
    """Scores of two blocks a window around ``means``, with the same luck for all models."""
    shape = (windows, series, 2)
    luck = np.random.default_rng(0).normal(0, 0.2, shape)
    noise = np.random.default_rng(2)
    return {name: mean + luck + noise.normal(0, 0.1, shape) for name, mean in means.items()}


def test_average_is_chosen_unless_another_is_clearly_better():
    close = scored(seasonal_naive=1.2, ets=0.9, lightgbm=0.895, average=0.9)
    assert choose(close, "overall").name == AVERAGE
    clear = scored(seasonal_naive=1.2, ets=0.8, lightgbm=0.7, average=0.9)
    found = choose(clear, "overall")
    assert found.name == "lightgbm"
    assert found.lead["low"] > 0.4
    assert found.models == ["lightgbm"] * 20
    assert found.versus_average["lightgbm"]["low"] > 0 > found.versus_average[BASELINE]["high"]
    assert found.versus_baseline["lightgbm"]["value"] == pytest.approx(0.5, abs=0.05)
    assert set(found.versus_baseline) == {"ets", "lightgbm", AVERAGE}
    assert set(found.versus_average) == {BASELINE, "ets", "lightgbm"}
    assert choose(scored(seasonal_naive=1.2, ets=0.9), "overall").versus_average == {}


def test_best_of_each_series_is_chosen_if_asked_for():
    found = scored(seasonal_naive=1.2, ets=0.8, lightgbm=0.8, average=0.9)
    found["ets"][:, :5] -= 1
    found["lightgbm"][:, 5:] -= 1
    for values in found.values():
        values[:, 19] = np.nan  # a series that never changed: any will do
    made = choose(found, PER_SERIES)
    assert made.name == PER_SERIES
    assert made.models[:19] == ["ets"] * 5 + ["lightgbm"] * 14


@pytest.mark.parametrize(("mean", "expected"), [(0.5, BASELINE), (1.2, AVERAGE), (1.195, AVERAGE)])
def test_baseline_is_chosen_where_it_is_clearly_better(mean: float, expected: str):
    found = choose(scored(seasonal_naive=mean, ets=1.2, average=1.2), "overall")
    assert found.name == expected
    assert set(found.models) == {expected}
    assert found.lead["low"] <= 0


def test_luck_of_the_best_of_many_is_not_taken_for_skill():
    # All models are equally good, so whatever looks best in these windows is so by chance.
    lucky = {f"model {place}": 1.0 for place in range(8)}
    found = scored(windows=2, seasonal_naive=1.0, **lucky, average=1.0)
    by_series = np.stack([values.mean(axis=(0, 2)) for values in found.values()])
    assert by_series.min(axis=0).mean() < by_series[0].mean() - 0.05
    assert choose(found, PER_SERIES).lead["low"] < 0


def test_few_series_are_compared_over_blocks_of_time():
    values = np.arange(2 * 3 * 2, dtype=float).reshape(2, 3, 2)
    values[:, 1] = np.nan
    assert choice.units(values).tolist() == [2, 3, 8, 9]
    many = np.arange(40.0).reshape(2, 10, 2)
    assert choice.units(many).tolist() == [many[:, place].mean() for place in range(10)]


def test_interval_of_a_difference_worked_out_by_hand():
    first, second = np.zeros((4, 1, 1)), np.array([-1.0, -2, -3, -2]).reshape(4, 1, 1)
    found = choice.difference(first, second)
    reach = 3.182 * np.sqrt(2 / 3) / 2  # t of three degrees of freedom, deviation, root of four
    assert found["value"] == 2
    assert found["low"] == pytest.approx(2 - reach, abs=1e-3)
    assert found["high"] == pytest.approx(2 + reach, abs=1e-3)
    alone = choice.difference(first[:1], second[:1])
    assert alone == {"value": 1, "low": None, "high": None}
    assert not choice.is_clear(alone)


@pytest.mark.parametrize(("season", "blocks"), [(7, 2), (14, 1), (5, 1), (52, 1), (1, 1)])
def test_blocks_are_seasons_where_the_horizon_holds_whole_ones(season: int, blocks: int):
    demand = np.random.default_rng(0).gamma(2, 1, (3, 2, 14))
    scale = np.full((3, 2), 2.0)
    scale[:, 1] = 0
    happened = backtest.Actual(demand, scale, scale)
    found = choice.block_errors(happened, np.ones_like(demand), season)
    assert found.shape == (3, 2, blocks)
    mase = scores.accuracy(happened, np.ones_like(demand))["mase"]
    np.testing.assert_allclose(found.mean(axis=(0, 2)), mase)
