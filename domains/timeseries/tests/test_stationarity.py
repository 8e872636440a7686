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
from demand.stationarity import MEANING, STATIONARY, TREND, UNIT_ROOT, UNTESTED, judge, repeating

Array = NDArray[np.float64]

DAYS = 600


def noise(seed: int = 0, days: int = DAYS) -> Array:
    return np.random.default_rng(seed).normal(size=days)


def walk(seed: int) -> Array:
    return np.cumsum(noise(seed))


# Verdicts


def test_noise_is_stationary():
    found = judge(100 + noise())
    assert found.verdict == STATIONARY
    assert found.adf_p < 0.05 <= found.kpss_p


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_random_walk_has_a_unit_root(seed: int):
    assert judge(walk(seed)).verdict == UNIT_ROOT


def test_straight_line_with_noise_is_stationary_around_it():
    assert judge(0.05 * np.arange(DAYS) + noise()).verdict == TREND


def test_large_shift_of_the_level_looks_like_a_unit_root():
    assert judge(noise() + 3.0 * (np.arange(DAYS) > 400)).verdict == UNIT_ROOT


@pytest.mark.parametrize("values", [np.full(100, 5.0), np.zeros(100), noise(days=19)])
def test_what_cannot_be_tested_is_not(values: Array):
    found = judge(values)
    assert (found.verdict, found.adf_p, found.kpss_p) == (UNTESTED, None, None)


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


# Seasons


def test_seasons_that_are_there_are_found():
    hour, week = np.arange(460), np.arange(110)
    day = 5 * np.cos(2 * np.pi * hour / 24) + noise(days=460) / 2
    assert repeating(day, [24, 168]) == [24]
    assert repeating(day * (1 + (hour // 24 % 7 < 5)), [24, 168]) == [24, 168]
    assert repeating(3.0 * (week % 52 == 50) + noise(days=110) / 9, [52]) == [52], "sharp"
    year = 5 * np.cos(2 * np.pi * np.arange(400) / 52)
    assert repeating(year + np.cumsum(noise(days=400)) / 2, [52]) == [52], "smooth"
    assert repeating(np.ones(400), [52]) == []


def test_a_level_that_wanders_is_no_season():
    walks = [np.cumsum(noise(seed, days)) for seed in range(50) for days in (104, 200, 400)]
    assert np.mean([bool(repeating(values, [52])) for values in walks]) < 0.05


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
    assert {"price", "promotion"} <= set(drivers[:4]), "weekdays are in usual demand"
    assert all(
        (entry["value"] > found["noise"]) == entry["driver"] for entry in found["importance"]
    )
    assert len(found["series"]) == 50


def test_a_column_of_noise_is_about_as_strong_as_shuffled_copies(project: Path):
    panel, info = read_processed(Paths(project))
    rng = np.random.default_rng(0)
    noisy = [t.assign(noise=rng.normal(size=len(t))) for t in (panel.series, panel.future)]
    known = replace(info, known=[*info.known, "noise"])
    rows, copy = explain.importance(Panel(*noisy), known, seed=1)
    size = {row["feature"]: row["value"] for row in rows}
    assert size["noise"] < 2 * copy < size["promotion"]


def test_candidate_that_is_not_published_is_refused(own_project: Path):
    file = own_project / "models" / "candidate" / "training.json"
    write_json(file, read_json(file, "train") | {"selected": "moving_average"})
    with pytest.raises(ModelError, match="run `evaluate` first"):
        explain.run(load_config(own_project / "config.yaml"), Paths(own_project))


@pytest.mark.parametrize("places", [(102, 115), (119,)])
def test_hardly_any_sales_have_a_judge(places: tuple[int, ...]):
    values = np.zeros(120)
    values[list(places)] = 2
    found = judge(values)
    assert found.verdict in MEANING
    assert found.adf_p is not None and found.kpss_p is not None
    assert np.isfinite([found.adf_p, found.kpss_p]).all()
