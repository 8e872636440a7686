"""Stationarity and decomposition: series whose nature is known get the verdict they deserve."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from demand import explain, stationarity
from demand.config import load_config
from demand.data import Panel, read_processed
from demand.kit import ModelError
from demand.kit.files import Paths, read_json, write_json
from demand.sample import truth
from demand.stationarity import MEANING, PARTS, STATIONARY, TREND, UNIT_ROOT, UNTESTED, Verdict

Array = NDArray[np.float64]

DAYS = 600


def noise(seed: int = 0, days: int = DAYS) -> Array:
    return np.random.default_rng(seed).normal(size=days)


def verdict(values: Array) -> Verdict:
    """The verdict on a series with weeks."""
    return stationarity.judge(values, 7)


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


def test_straight_line_with_noise_is_stationary_around_it():
    assert verdict(0.05 * np.arange(DAYS) + noise()).verdict == TREND


def test_large_shift_of_the_level_looks_like_a_unit_root():
    assert verdict(noise() + 3.0 * (np.arange(DAYS) > 400)).verdict == UNIT_ROOT


@pytest.mark.parametrize("values", [np.full(100, 5.0), np.zeros(100), noise(days=19)])
def test_what_cannot_be_tested_is_not(values: Array):
    found = verdict(values)
    assert (found.verdict, found.adf_p, found.differences) == (UNTESTED, None, 0)


def test_strong_season_needs_a_seasonal_difference():
    week = np.tile([0, 1, 4, 9, 16, 9, 4], DAYS // 7 + 1)[:DAYS]
    found = verdict(week + noise())
    assert (found.seasonal_differences, found.differences) == (1, 0)
    assert verdict(0.01 * week + noise()).seasonal_differences == 0


def test_rejects_as_often_as_it_should():
    # 5 % of stationary series are called moving by KPSS, and 5 % of walks rootless by ADF.
    found = [noise(seed, 200) for seed in range(200)]
    steady = np.array([stationarity.p_values(values, "c") for values in found])
    walks = np.array([stationarity.p_values(np.cumsum(values), "c") for values in found])
    assert 0.01 <= np.mean(steady[:, 1] < 0.05) <= 0.1
    assert 0.01 <= np.mean(walks[:, 0] < 0.05) <= 0.1


# Decomposition


def test_parts_are_those_that_were_put_in():
    days = np.arange(7 * 60)
    trend, season = 0.1 * days, np.tile([0, 5, 10, 5, 0, -10, -10], 60)
    found = stationarity.decompose(trend + season + 0.1 * noise(days=len(days)), 7)
    assert found is not None
    inner = slice(14, -14)
    assert found.trend[inner] == pytest.approx(trend[inner], abs=0.5)
    assert found.season[inner] == pytest.approx(season[inner], abs=0.5)
    assert found.trend + found.season + found.rest == pytest.approx(
        trend + season + 0.1 * noise(days=len(days))
    )
    assert found.trend_strength > 0.99 and found.season_strength > 0.99


def test_too_short_a_series_is_not_taken_apart():
    # 33 months are 2.75 years: STL would call noise a season of strength 0.98.
    assert stationarity.decompose(noise(days=33), 12) is None
    assert stationarity.decompose(noise(days=34), 7) is None
    assert stationarity.decompose(noise(days=35), 7) is not None


# What a forecast is made of


def test_contributions_by_hand():
    # Two seasons of three: means 2 and 5; the places lie -1, 0 and 1 from them.
    history = np.array([[np.nan, 1, 2, 3, 4, 5, 6]])
    found = stationarity.contributions(history, np.array([[6.0, 5.0, 9.0, 4.0]]), 3)
    assert found.shape == (1, 4, len(PARTS))
    assert found[0, :, 0].tolist() == [5, 5, 5, 5]
    assert found[0, :, 1].tolist() == [-1, 0, 1, -1]
    assert found[0, :, 2].tolist() == [2, 0, 3, 0]


def test_contributions_sum_to_the_forecast():
    rng = np.random.default_rng(0)
    history, forecast = rng.poisson(9, (3, 40)).astype(float), rng.uniform(0, 20, (3, 10))
    history[1, :35] = np.nan  # a young series, with less than a season
    assert stationarity.contributions(history, forecast, 7).sum(axis=2) == pytest.approx(forecast)


# What the explain stage reports


def test_weekly_season_that_stl_finds_is_the_true_one(project: Path):
    panel, info = read_processed(Paths(project))
    world, found = truth(3), []
    for name, rows in list(panel.series.groupby("unique_id"))[::7]:
        parts = stationarity.decompose(rows["y"].to_numpy(), info.season_length)
        assert parts is not None
        weekday = rows["ds"].dt.weekday.to_numpy()
        means = [parts.season[weekday == day].mean() for day in range(7)]
        found.append(np.corrcoef(means, world.weekly[world.ids.index(str(name))])[0, 1])
    assert np.median(found) > 0.9


def test_drivers_are_the_causes_of_the_sample(project: Path):
    found = read_json(project / "reports" / "explain.json", "explain")
    drivers = [entry["feature"] for entry in found["importance"] if entry["driver"]]
    assert {"price", "promotion", "dayofweek"} <= set(drivers[:4])
    assert all(
        (entry["value"] > found["noise"]) == entry["driver"] for entry in found["importance"]
    )
    assert len(found["series"]) == 50


def test_a_column_of_noise_is_no_driver(project: Path):
    panel, info = read_processed(Paths(project))
    rng = np.random.default_rng(0)
    noisy = [t.assign(noise=rng.normal(size=len(t))) for t in (panel.series, panel.future)]
    known = replace(info, known=[*info.known, "noise"])
    rows, _ = explain.importance(Panel(*noisy), known, seed=1)
    driver = {row["feature"]: row["driver"] for row in rows}
    assert (driver["noise"], driver["promotion"]) == (False, True)


def test_candidate_that_is_not_published_is_refused(own_project: Path):
    file = own_project / "models" / "candidate" / "training.json"
    write_json(file, read_json(file, "train") | {"selected": "moving_average"})
    with pytest.raises(ModelError, match="run `evaluate` first"):
        explain.run(load_config(own_project / "config.yaml"), Paths(own_project))


@pytest.mark.parametrize("places", [(102, 115), (119,)])
def test_hardly_any_sales_have_a_verdict(places: tuple[int, ...]):
    values = np.zeros(120)
    values[list(places)] = 2
    found = verdict(values)
    assert found.verdict in MEANING
    assert found.adf_p is not None and found.kpss_p is not None
    assert np.isfinite([found.adf_p, found.kpss_p]).all()
