"""Queries and exercises of ``docs``, held against this project's own numbers."""

from pathlib import Path

import numpy as np
import pytest

from demand.data import read_processed
from demand.files import read_json
from demand.paths import Paths

from .practice import SOLUTIONS, answers


def test_sql_counts_what_the_report_counts(own_project: Path):
    paths = Paths(own_project)
    data = read_json(paths.reports / "metrics.json")["timeseries"]["data"]
    found = answers(paths)
    assert found[0][["entries", "series"]].iloc[0].tolist() == [data["rows"], data["series"]]
    assert found[0]["first"][0].startswith(data["start"])
    assert found[6].empty  # one value a date


def test_sql_finds_the_seasonal_naive_error(own_project: Path):
    paths = Paths(own_project)
    panel, info = read_processed(paths)
    found = answers(paths)[4].iloc[0]
    values = panel.series.query("unique_id == @found.unique_id").sort_values("ds")["y"].to_numpy()
    errors = np.abs(values[info.season_length :] - values[: -info.season_length])
    assert found["mean_error"] == pytest.approx(errors.mean(), abs=1e-3)


def test_seasonal_naive_in_its_own_units_is_about_one(project: Path):
    panel, info = read_processed(Paths(project))
    values = next(group["y"].tolist() for _, group in panel.series.groupby("unique_id"))
    season, horizon = info.season_length, info.horizon
    parts = SOLUTIONS["windows"](len(values), horizon, info.windows)
    assert parts[-1][1][-1] == len(values) - 1
    assert all(list(learn)[-1] + 1 == ahead[0] for learn, ahead in parts)
    learn, ahead = parts[-1]
    history = [values[step] for step in learn]
    forecast = [history[-season + (step % season)] for step in range(horizon)]
    own = SOLUTIONS["mase"](history, [values[step] for step in ahead], forecast, season)
    assert own > 0
    assert SOLUTIONS["mase"](history, history[season:], history[:-season], season) == 1


def test_more_stock_serves_more():
    demand = [2, 0, 5, 1, 4, 3]
    shares = [SOLUTIONS["served"](demand, level, 1) for level in (0, 2, 5, 20)]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 1)
