"""Stationarity and decomposition: series whose nature is known get the verdict they deserve."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from demand.config import load_config
from demand.decompose import PARTS, contributions, decompose
from demand.errors import ModelError
from demand.explain import explain
from demand.files import read_json, write_json
from demand.paths import Paths
from demand.stationarity import (
    MOVING,
    STATIONARY,
    TREND,
    UNCLEAR,
    UNIT_ROOT,
    UNTESTED,
    Verdict,
    differences,
    judge,
    p_values,
)
from demand.wording import MEANING

Array = NDArray[np.float64]

DAYS = 600


def noise(seed: int = 0, days: int = DAYS) -> Array:
    return np.random.default_rng(seed).normal(size=days)


def verdict(values: Array) -> Verdict:
    """The verdict on a series with weeks."""
    return judge(values, 7, decompose(values, 7))


def walk(seed: int) -> Array:
    return np.cumsum(noise(seed))


# Verdicts


def test_noise_is_stationary():
    found = verdict(100 + noise())
    assert (found.verdict, found.differences, found.seasonal_differences) == (STATIONARY, 0, 0)
    assert found.adf_p < 0.05 <= found.kpss_p


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_random_walk_has_a_unit_root(seed: int):
    found = verdict(walk(seed))
    assert (found.verdict, found.differences) == (UNIT_ROOT, 1)


def test_sum_of_a_random_walk_needs_two_differences():
    assert differences(np.cumsum(walk(1))) == 2


def test_straight_line_with_noise_is_stationary_around_it():
    assert verdict(0.05 * np.arange(DAYS) + noise()).verdict == TREND


def test_small_shift_of_the_level_is_no_unit_root_but_noticed():
    assert verdict(noise() + 0.7 * (np.arange(DAYS) > 400)).verdict == MOVING


def test_large_shift_of_the_level_looks_like_a_unit_root():
    assert verdict(noise() + 3.0 * (np.arange(DAYS) > 400)).verdict == UNIT_ROOT


def test_little_evidence_is_called_unclear():
    values = np.random.default_rng(26).normal(size=24).cumsum()
    found = verdict(values)
    assert min(found.adf_p, found.kpss_p) >= 0.05
    assert found.verdict == UNCLEAR


@pytest.mark.parametrize("values", [np.full(100, 5.0), np.zeros(100), noise(days=19)])
def test_what_cannot_be_tested_is_not(values: Array):
    found = verdict(values)
    assert (found.verdict, found.adf_p, found.kpss_p, found.differences) == (
        UNTESTED,
        None,
        None,
        0,
    )


def test_strong_season_needs_a_seasonal_difference():
    week = np.tile([0, 1, 4, 9, 16, 9, 4], DAYS // 7 + 1)[:DAYS]
    found = verdict(week + noise())
    assert (found.seasonal_differences, found.differences) == (1, 0)
    assert verdict(0.01 * week + noise()).seasonal_differences == 0


def test_seasonal_difference_comes_first():
    # A difference over a week takes the straight line away too.
    week = np.tile([0, 1, 4, 9, 16, 9, 4], DAYS // 7 + 1)[:DAYS]
    values = week + 0.05 * np.arange(DAYS) + noise()
    found = verdict(values)
    assert (found.seasonal_differences, found.differences) == (1, 0)
    assert differences(values) == 1


def test_scale_changes_no_verdict():
    for values in (noise(), walk(1)):
        assert verdict(1e6 * values).verdict == verdict(values).verdict


def test_rejects_as_often_as_it_should():
    # 5 % of stationary series are called moving by KPSS, and 5 % of walks rootless by ADF.
    steady = np.array([p_values(noise(seed, 200), "c") for seed in range(200)])
    walks = np.array([p_values(np.cumsum(noise(seed, 200)), "c") for seed in range(200)])
    assert 0.01 <= np.mean(steady[:, 1] < 0.05) <= 0.1
    assert 0.01 <= np.mean(walks[:, 0] < 0.05) <= 0.1


def test_every_verdict_is_put_into_words():
    assert set(MEANING) == {STATIONARY, TREND, UNIT_ROOT, MOVING, UNCLEAR, UNTESTED}


# Decomposition


def test_parts_are_those_that_were_put_in():
    days = np.arange(7 * 60)
    trend, season = 0.1 * days, np.tile([0, 5, 10, 5, 0, -10, -10], 60)
    found = decompose(trend + season + 0.1 * noise(days=len(days)), 7)
    assert found is not None
    inner = slice(14, -14)
    assert found.trend[inner] == pytest.approx(trend[inner], abs=0.5)
    assert found.season[inner] == pytest.approx(season[inner], abs=0.5)
    assert found.trend + found.season + found.rest == pytest.approx(
        trend + season + 0.1 * noise(days=len(days))
    )
    assert found.trend_strength > 0.99 and found.season_strength > 0.99


def test_noise_has_neither_trend_nor_season():
    found = decompose(noise(), 7)
    assert found is not None
    assert max(found.trend_strength, found.season_strength) < 0.3


def test_strength_is_the_share_of_variance_by_hand():
    found = decompose(np.tile([0.0, 1, 4, 9, 16, 9, 4], 40) + noise(days=280), 7)
    assert found is not None
    rest, whole = np.var(found.rest), np.var(found.season + found.rest)
    assert found.season_strength == pytest.approx(1 - rest / whole)


def test_too_short_a_series_is_not_taken_apart():
    assert decompose(noise(days=13), 7) is None
    assert decompose(noise(days=14), 7) is not None


def test_constant_series_has_no_strength():
    found = decompose(np.full(100, 3.0), 7)
    assert found is not None
    assert (found.trend_strength, found.season_strength) == (0, 0)


# What a forecast is made of


def test_contributions_by_hand():
    # Two seasons of three: means 2 and 5; the places lie -1, 0 and 1 from them.
    history = np.array([[np.nan, 1, 2, 3, 4, 5, 6]])
    found = contributions(history, np.array([[6.0, 5.0, 9.0, 4.0]]), 3)
    assert found.shape == (1, 4, len(PARTS))
    assert found[0, :, 0].tolist() == [5, 5, 5, 5]
    assert found[0, :, 1].tolist() == [-1, 0, 1, -1]
    assert found[0, :, 2].tolist() == [2, 0, 3, 0]


def test_season_moves_no_level_where_the_history_begins_late():
    history = np.array([[np.nan, np.nan, 9.0, 1, 2, 6, 2, 3, 7]])
    season = contributions(history, np.zeros((1, 3)), 3)[0, :, 1]
    assert season.sum() == pytest.approx(0)
    assert season.argmax() == 2


def test_contributions_sum_to_the_forecast():
    rng = np.random.default_rng(0)
    history, forecast = rng.poisson(9, (3, 40)).astype(float), rng.uniform(0, 20, (3, 10))
    history[1, :35] = np.nan  # a young series, with less than a season
    assert contributions(history, forecast, 7).sum(axis=2) == pytest.approx(forecast)


# What the explain stage reports


def test_explanation_finds_what_is_in_the_sample(project: Path):
    found = read_json(project / "reports" / "explain.json")
    assert found["weekly_truth"]["median"] > 0.9
    strongest = [entry["feature"] for entry in found["importance"][:4]]
    assert {"price", "promotion", "dayofweek"} <= set(strongest)


def test_explanation_agrees_with_its_own_parts(project: Path):
    found = read_json(project / "reports" / "explain.json")
    assert found["tested"] == len(found["series"]) == 50
    assert found["verdicts"] == Counter(entry["verdict"] for entry in found["series"])
    added = [reason["contribution"] for reason in found["example"]["reasons"]]
    assert sum(added) == pytest.approx(found["example"]["yhat"], rel=1e-3)


def test_other_data_than_those_of_the_forecasts_are_refused(own_project: Path):
    file = own_project / "data" / "processed" / "dataset.json"
    write_json(file, read_json(file) | {"sha256": "0" * 64})
    with pytest.raises(ModelError, match="run the `train` stage again"):
        explain(load_config(own_project / "config.yaml"), Paths(own_project))


def test_candidate_that_is_not_published_is_refused(own_project: Path):
    file = own_project / "models" / "candidate" / "training.json"
    write_json(file, read_json(file) | {"series_models": ["moving_average"] * 50})
    with pytest.raises(ModelError, match="run the `evaluate` stage first"):
        explain(load_config(own_project / "config.yaml"), Paths(own_project))


@pytest.mark.parametrize("places", [(102, 115), (119,)])
def test_hardly_any_sales_have_a_verdict(places: tuple[int, ...]):
    values = np.zeros(120)
    values[list(places)] = 2
    found = verdict(values)
    assert found.verdict in MEANING
    assert found.adf_p is not None and found.kpss_p is not None
    assert np.isfinite([found.adf_p, found.kpss_p]).all()


def test_without_a_season_there_is_none():
    found = decompose(100 + noise(), 1)
    assert found is not None
    assert not found.season.any()
    assert found.season_strength == 0
