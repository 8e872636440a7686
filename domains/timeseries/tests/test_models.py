"""Models: none looks ahead, each finds what is there, and intervals keep what they promise."""

import subprocess
import sys
from dataclasses import fields, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import SETTINGS

from demand import backtest, conformal, data, evaluate, lstm, models, sample, train
from demand.config import Config, Inventory, load_config
from demand.data import DatasetInfo, Panel
from demand.features import restore, usual, usual_lags
from demand.kit import DataError, ModelError, ProjectError
from demand.kit.files import Paths, read_json
from demand.kit.store import seal
from demand.models import AVERAGE, BASELINE, RUNGS, Rung, ladder
from demand.predictor import Catalogue

CONFIG = load_config(SETTINGS)
HORIZON, DAYS = 7, 140
LOCAL = tuple(rung.name for rung in RUNGS)
EXTRAS = tuple(lstm.EXTRAS)
Array = np.ndarray


def known_data(**changes: Any) -> DatasetInfo:
    """What is known of the small panel below."""
    given: dict[str, Any] = {"name": "mine", "synthetic": False, "rows": 2 * DAYS, "filled": 0}
    given |= {"sha256": "0" * 64, "licence": None, "series": 2, "groups": ["large", "small"]}
    given |= {"freq": "D", "season_length": 7, "horizon": HORIZON, "windows": 2, "fill": None}
    given |= {"start": "2024-01-01", "end": "2024-05-19", "known": ["promotion"], "planned": True}
    given |= {"whole": True, "rule": {"name": "last week again", "extra": 0.1}}
    season = [changes.get("season_length", 7)]
    given["seasons"] = {name: season for name in ("large", "small", "a", "b")}
    return DatasetInfo(**given | changes)


INFO = known_data()
WEEK = pd.Timedelta(days=HORIZON)


@pytest.fixture(scope="module")
def series() -> pd.DataFrame:
    """Two series with a week, a promotion that doubles sales, and some noise."""
    rng = np.random.default_rng(0)
    days = pd.date_range("2024-01-01", periods=DAYS)
    week = np.array([20, 22, 25, 30, 45, 60, 10])[days.dayofweek]
    parts = []
    for name, size in (("large", 3.0), ("small", 1.0)):
        promotion = (rng.random(DAYS) < 0.15).astype(float)
        sold = rng.poisson(size * week * (1 + promotion)).astype(float)
        parts.append(
            pd.DataFrame({"unique_id": name, "ds": days, "y": sold, "promotion": promotion})
        )
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def last(series: pd.DataFrame) -> backtest.Window:
    return backtest.window(series, series["ds"].max() - pd.Timedelta(days=HORIZON), HORIZON)


@pytest.fixture(autouse=True)
def quick_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Train the network for a short time only."""
    if "lstm" in request.node.name and find_spec("torch"):
        monkeypatch.setattr("demand.lstm.network.BATCHES", 60)


def rung(name: str) -> Rung:
    """A rung of the ladder; the test is skipped where its extra is not installed."""
    if name in EXTRAS:
        pytest.importorskip(lstm.EXTRAS[name])
        return Rung(name, lstm.optional(name))
    if name == AVERAGE:
        weights = np.array([[0.2, 0.4], [0.8, 0.6]])
        return models.average([rung("moving_average"), rung("lightgbm")], weights)
    return next(each for each in RUNGS if each.name == name)


def forecast(name: str, window: backtest.Window, info: DatasetInfo = INFO) -> Array:
    return backtest.forecast(name, rung(name).forecast, window, info, seed=1)


each_model = pytest.mark.parametrize("name", [*LOCAL, AVERAGE, *EXTRAS])


# Rolling origins


def test_windows_follow_each_other_and_the_last_one_ends_with_the_data(series: pd.DataFrame):
    starts = backtest.origins(series["ds"], HORIZON, 3)
    assert len(starts) == 4
    seen = []
    for start in starts:
        part = backtest.window(series, start, HORIZON)
        assert part.history["ds"].max() == start
        assert part.future["ds"].min() == start + pd.Timedelta(days=1)
        assert "y" not in part.future
        assert part.actual.shape == (2, HORIZON)
        seen += part.future["ds"].unique().tolist()
    assert seen == sorted(set(seen))
    assert seen[-1] == series["ds"].max()


def test_known_columns_may_be_called_like_anything(series: pd.DataFrame):
    """Like a part of a date, like a lag, or with characters that LightGBM refuses."""
    expected = forecast("lightgbm", backtest.window(series, series["ds"].max() - WEEK, HORIZON))
    for name in ("dayofweek", "lag7", 'sale, [%]: "x"'):
        named = series.rename(columns={"promotion": name})
        part = backtest.window(named, series["ds"].max() - WEEK, HORIZON)
        found = forecast("lightgbm", part, known_data(known=[name]))
        np.testing.assert_array_equal(found, expected)


@each_model
def test_no_model_sees_what_lies_ahead(name: str, series: pd.DataFrame, last: backtest.Window):
    # A signal that only the future holds: from the origin on, demand is a hundred times as much.
    later = series["ds"] > last.history["ds"].max()
    planted = series.assign(y=series["y"].where(~later, 100 * series["y"] + 1000))
    window = backtest.window(planted, last.history["ds"].max(), HORIZON)
    assert window.actual.min() > 1000
    found = forecast(name, window)
    np.testing.assert_array_equal(found, forecast(name, last))
    assert found.max() < 1000


def test_backtest_of_all_windows_ignores_what_came_after_them(project: Path, own_project: Path):
    paths = Paths(own_project)
    panel, info = data.read_processed(paths)
    cut = backtest.origins(panel.series["ds"], info.horizon, sample.ROLES.windows)[-1]
    changed = panel.series.assign(y=panel.series["y"].where(panel.series["ds"] <= cut, 7777.0))
    changed.to_parquet(paths.processed / "series.parquet")
    seal(paths.processed)
    train.run(CONFIG, paths)
    first, second = (
        pd.read_parquet(root / "models" / "candidate" / "validation.parquet")
        for root in (project, own_project)
    )
    pd.testing.assert_frame_equal(first, second)


# What the models find


@pytest.mark.parametrize("name", ["ets", "sarima", "lightgbm", *EXTRAS])
def test_seasonal_models_beat_seasonal_naive(name: str, series: pd.DataFrame):
    starts = backtest.origins(series["ds"], HORIZON, 3)
    windows = [backtest.window(series, start, HORIZON) for start in starts]

    def error(model: str) -> float:
        return float(np.mean([np.abs(forecast(model, w) - w.actual).mean() for w in windows]))

    assert error(name) < 0.95 * error(BASELINE)


def test_baseline_is_the_value_of_one_season_before(last: backtest.Window):
    week = last.history.groupby("unique_id")["y"].apply(lambda y: y.tail(7).to_numpy())
    np.testing.assert_array_equal(forecast(BASELINE, last), np.stack(week.to_list()))


@pytest.mark.parametrize(
    ("freq", "season", "steps"), [("h", 24, 200), ("W-MON", 52, 160), ("MS", 12, 60), ("YS", 1, 30)]
)
@each_model
def test_every_model_forecasts_every_frequency(name: str, freq: str, season: int, steps: int):
    rng = np.random.default_rng(0)
    days = pd.date_range("1990-01-01", periods=steps, freq=freq)
    wave = 50 + 20 * np.sin(2 * np.pi * np.arange(steps) / max(season, 2))
    table = pd.concat(
        pd.DataFrame({"unique_id": key, "ds": days, "y": rng.poisson(wave).astype(float)})
        for key in ("a", "b")
    )
    window = backtest.window(table.reset_index(drop=True), days[-HORIZON - 1], HORIZON)
    info = known_data(freq=freq, season_length=season, known=[])
    found = forecast(name, window, info)
    assert np.abs(found - window.actual).mean() < 40


@each_model
def test_series_without_any_demand_is_forecast_as_that(name: str, last: backtest.Window):
    quiet = last.history["unique_id"] == "small"
    history = last.history.assign(y=last.history["y"].where(~quiet, 0.0))
    found = forecast(name, replace(last, history=history))
    assert (found >= 0).all()
    assert found[1].max() < 0.1 * found[0].max()


def test_forecast_that_is_no_number_is_named(last: backtest.Window):
    def broken(history: pd.DataFrame, future: pd.DataFrame, info: DatasetInfo, seed: int) -> Array:
        return np.where(future["unique_id"] == "small", np.nan, 1.0)

    with pytest.raises(ModelError, match="ets finds no forecast for series 'small' on 2024-05-13"):
        backtest.forecast("ets", broken, last, INFO, 0)


def test_lightgbm_finds_the_promotion(last: backtest.Window):
    found = models.explained(last.history, last.future, INFO, seed=1)
    np.testing.assert_allclose(found.contributions.sum(axis=2), found.forecast)
    place = found.features.index("promotion")
    promoted = last.future["promotion"].to_numpy().reshape(2, -1) == 1
    assert promoted.any()
    np.testing.assert_array_equal(found.values[..., place], promoted)
    added = found.contributions[..., place]
    assert added[promoted].mean() > 2 > 0 > added[~promoted].mean()


def test_forecasts_are_usual_demand_and_changes(last: backtest.Window):
    """A level far above all that was seen is carried on, and what is said of it sums up."""
    days = last.history.groupby("unique_id").cumcount()
    jump = last.history.assign(y=last.history["y"] + 1e4 * (days >= DAYS - 4 * HORIZON))
    found = models.explained(jump, last.future, INFO, seed=1)
    assert found.features[:2] == ["usual demand", "recent changes"]
    np.testing.assert_allclose(found.contributions.sum(axis=2), found.forecast)
    assert (abs(found.forecast - 1e4) < 2e3).all()
    assert (abs(found.contributions[..., 0] - 1e4) < 2e3).all()


def test_usual_demand_by_hand():
    values = np.array([1.0, 2, 3, 4, 5, 6])
    np.testing.assert_array_equal(usual(values, range(2, 5, 2)), [np.nan] * 4 + [2, 3])
    np.testing.assert_array_equal(
        restore(np.array([0.0, 1, 0]), values, range(2, 5, 2)), [4, 6, 4.5]
    )
    walk, week = np.cumsum(np.random.default_rng(0).normal(size=300)), np.tile(np.eye(7)[0], 40)
    assert usual_lags(walk, [7], 7)[-1] <= 4
    assert usual_lags(week + np.random.default_rng(0).normal(0, 0.1, 280), [7], 7).step == 7
    assert usual_lags(week + np.random.default_rng(0).normal(0, 0.1, 280), [7], 7)[-1] == 112
    assert usual_lags(walk[:10], [1], 30).step == 1


def test_series_too_short_for_a_season_go_without_beside_those_that_have_it(last: backtest.Window):
    """And what the others get does not depend on them, in models of one series each."""
    info = known_data(seasons={"large": [14, 7], "small": [1]})
    short = last.history.groupby("unique_id").tail(DAYS).groupby("unique_id").cumcount() >= 115
    window = replace(last, history=last.history[(last.history["unique_id"] == "large") | short])
    for name in (*LOCAL, AVERAGE):
        found = forecast(name, replace(window, history=window.history.reset_index(drop=True)), info)
        assert np.isfinite(found).all() and found[0].mean() > found[1].mean() > 0
    alone = forecast(BASELINE, last, known_data(season_length=14))
    np.testing.assert_array_equal(forecast(BASELINE, window, info)[0], alone[0])


def test_lightgbm_finds_the_promotions_of_the_sample(project: Path):
    panel, info = data.read_processed(Paths(project))
    found = models.explained(panel.series, panel.future, info, seed=1)
    promotion, price = (found.features.index(name) for name in ("promotion", "price"))
    busy = panel.series.groupby("unique_id")["y"].mean().to_numpy() > 10
    promoted = found.values[busy][..., promotion] == 1
    added = found.contributions[busy][..., [promotion, price]].sum(axis=-1)
    assert added[promoted].min() > added[~promoted].mean()


def test_ladder_begins_with_the_baseline_and_counts_no_model_twice():
    assert [each.name for each in ladder(CONFIG, INFO)] == [BASELINE, *CONFIG.models]
    both = CONFIG.model_copy(update={"models": ("arima", "sarima")})
    assert [each.name for each in ladder(both, INFO)] == [BASELINE, "arima", "sarima"]
    flat = known_data(season_length=1)
    assert [each.name for each in ladder(both, flat)] == [BASELINE, "arima"]


# What the stages leave


def test_series_that_repeat_themselves_exactly_are_refused(own_project: Path):
    paths = Paths(own_project)
    panel, _ = data.read_processed(paths)
    weekly = panel.series.assign(y=panel.series["ds"].dt.dayofweek.astype(float))
    weekly.to_parquet(paths.processed / "series.parquet")
    seal(paths.processed)
    with pytest.raises(DataError, match="every series repeats itself exactly after 7 steps"):
        train.run(CONFIG, paths)


def test_candidate_says_how_it_was_chosen(project: Path):
    found = read_json(project / "models" / "candidate" / "training.json", "train")
    entries = {entry["name"]: entry for entry in found["models"]}
    assert [*entries] == [BASELINE, *CONFIG.models, AVERAGE]
    mase = {name: entry["metrics"]["mase"]["value"] for name, entry in entries.items()}
    assert found["selected"] == AVERAGE and mase[AVERAGE] < mase[BASELINE]
    assert [name for name in entries if entries[name]["selected"]] == [AVERAGE]
    assert entries[AVERAGE]["difference"] is None
    assert entries["moving_average"]["difference"]["low"] > 0, "clearly worse, in pairs"
    difference = mase[BASELINE] - mase[AVERAGE]
    assert entries[BASELINE]["difference"]["value"] == pytest.approx(difference, rel=1e-4)
    assert len(found["origins"]) == sample.ROLES.windows
    table = pd.read_parquet(project / "models" / "candidate" / "validation.parquet")
    ends = np.sort([table[name] for name in CONFIG.models], axis=0)
    assert table[AVERAGE].between(ends[0] - 1e-9, ends[-1] + 1e-9).all()
    weights = np.array(found["weights"])
    assert weights.shape == (len(CONFIG.models), 50)
    np.testing.assert_allclose(weights.sum(axis=0), 1, rtol=1e-5)
    assert weights[1].mean() > weights[0].mean(), "LightGBM errs less"


def test_winner_on_the_untouched_window(project: Path):
    metrics = read_json(project / "reports" / "metrics.json", "evaluate")
    detail, primary = metrics["timeseries"], metrics["primary_metric"]
    assert (primary["name"], primary["higher_is_better"]) == ("mase", False)
    assert primary["value"] == metrics["test"]["mase"]["value"]
    assert primary["value"] < 0.85 * detail["baseline"]["mase"]["value"]
    assert 0.92 < metrics["test"]["coverage_95"]["value"] < 0.98
    assert (detail["test_start"], detail["test_end"]) == ("2024-06-17", "2024-06-30")
    assert detail["cases"] == "10 groups of series and 4 windows"
    assert metrics["business"]["per"] == "month"


def test_forecasts_of_the_untouched_window_are_those_that_were_scored(project: Path):
    table = pd.read_csv(project / "reports" / "forecasts.csv")
    metrics = read_json(project / "reports" / "metrics.json", "evaluate")
    error = (table["y"] - table["yhat"]).abs().sum() / table["y"].sum()
    assert error == pytest.approx(metrics["test"]["wmape"]["value"], rel=1e-4)
    inside = table["y"].between(table["low_95"], table["high_95"]).mean()
    assert inside == pytest.approx(metrics["test"]["coverage_95"]["value"], abs=0.003)


def test_published_forecasts_are_of_the_time_after_the_data(project: Path):
    panel, info = data.read_processed(Paths(project))
    file = next((project / "models").glob("*/model.npz"))
    found = Catalogue.from_bytes(file.read_bytes())
    assert found.dates == panel.future["ds"].dt.strftime("%Y-%m-%d").unique().tolist()
    assert found.history_dates[-1] == info.end
    assert found.ids == sample.truth(CONFIG.seed).ids
    ahead = backtest.Window(panel.series, panel.future, np.empty(0))
    chosen = evaluate.climbed(CONFIG, info, Paths(project))[AVERAGE]
    expected = backtest.forecast(AVERAGE, chosen.forecast, ahead, info, CONFIG.seed)
    np.testing.assert_allclose(found.forecasts, expected, rtol=1e-5)
    added = found.contributions.sum(axis=2)
    np.testing.assert_allclose(added, found.forecasts, rtol=1e-4, atol=1e-3)
    recent = panel.series[panel.series["ds"] >= found.history_dates[0]]
    np.testing.assert_array_equal(found.history.ravel(), recent["y"].to_numpy(np.float32))


@pytest.mark.parametrize("name", ["ets", "lightgbm"])
def test_catalogue_survives_its_file(name: str, last: backtest.Window, series: pd.DataFrame):
    errors = np.random.default_rng(0).normal(0, 5, (3, 2, HORIZON))
    widths = conformal.calibrate(errors, np.ones((3, 2)), 2)
    made = evaluate.catalogue(Panel(last.history, last.future), rung(name), widths, INFO, seed=1)
    content = made.to_bytes()
    assert content == made.to_bytes()
    found = Catalogue.from_bytes(content)
    for field in fields(Catalogue):
        expected, value = getattr(made, field.name), getattr(found, field.name)
        if isinstance(expected, list):
            assert value == expected
        else:
            np.testing.assert_allclose(value, expected, rtol=1e-6, atol=1e-5)
    np.testing.assert_allclose(made.contributions.sum(axis=2), made.forecasts)


def small_project(root: Path, sold: Array, **settings: Any) -> tuple[Config, Paths]:
    """A project whose own file holds ``sold`` (series, days)."""
    days = pd.date_range("2024-01-01", periods=sold.shape[1]).strftime("%Y-%m-%d")
    names = [f"item {place}" for place in range(len(sold))]
    columns = {"item": np.repeat(names, len(days)), "day": np.tile(days, len(sold))}
    pd.DataFrame(columns | {"sold": sold.ravel()}).to_csv(root / "mine.csv", index=False)
    (root / "pyproject.toml").write_text('[project]\nname = "x"\ndescription = "X"\n')
    return CONFIG.model_copy(update={"dataset": "mine", **settings}), Paths(root)


def run_all(config: Config, paths: Paths) -> dict[str, Any]:
    """What the first three stages report."""
    for stage in (data, train, evaluate):
        stage.run(config, paths)
    return read_json(paths.reports / "metrics.json", "evaluate")


def test_one_series_that_ends_without_demand_goes_through(tmp_path: Path):
    sold = np.random.default_rng(0).poisson(3, (1, 90)).astype(float)
    sold[0, -HORIZON:] = 0
    metrics = run_all(*small_project(tmp_path, sold))
    assert metrics["test"]["bias"]["value"] is None
    assert metrics["primary_metric"]["low"] is None
    assert metrics["primary_metric"]["value"] > 0
    assert metrics["timeseries"]["cases"] == "2 windows"


def test_tiny_and_huge_demand_is_priced_without_dust(tmp_path: Path):
    for place, scale in enumerate((1e-9, 1e9)):
        folder = tmp_path / str(place)
        folder.mkdir()
        sold = np.random.default_rng(0).gamma(2, scale, (2, 90))
        metrics = run_all(*small_project(folder, sold))
        costs = {p["key"]: p["cost"] for p in metrics["timeseries"]["business"]["policies"]}
        assert costs["perfect_foresight"] == 0 < costs["model"]
        assert all(model["metrics"]["mase"]["low"] >= 0 for model in metrics["models"])


def test_another_file_goes_through_by_configuration_alone(tmp_path: Path):
    # Weeks from Wednesday, the day first, semicolons, two columns that name a series.
    rng, weeks = np.random.default_rng(0), pd.date_range("2019-01-02", periods=140, freq="W-WED")
    season = 60 + 30 * np.sin(2 * np.pi * np.arange(140) / 52)
    table = pd.concat(
        pd.DataFrame({"shop": shop, "item": item, "week": weeks, "sold": rng.poisson(season)})
        for shop in ("north", "south")
        for item in ("pears", "plums", "tea", "rice", "salt", "soap")
    )
    table.to_csv(tmp_path / "mine.csv", sep=";", index=False, date_format="%d/%m/%Y")
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\ndescription = "X"\n')
    roles = {"unique_id": ["shop", "item"], "ds": "week", "y": "sold", "date_format": "%d/%m/%Y"}
    entry = {"path": "mine.csv", "separator": ";", "freq": "W", "horizon": 8, **roles}
    entry |= {"windows": 2, "rule": {"name": "last year again", "extra": 0}}
    changes = {"dataset": "mine", "datasets": {"mine": entry}, "models": ["ets"]}
    config, paths = Config(**(CONFIG.model_dump() | changes)), Paths(tmp_path)
    metrics = run_all(config, paths)
    detail = metrics["timeseries"]
    assert (detail["data"]["freq"], detail["data"]["season_length"]) == ("W-WED", 52)
    assert detail["cases"] == "12 series and 2 windows"
    assert metrics["test"]["mase"]["value"] < detail["baseline"]["mase"]["value"]
    found = Catalogue.from_bytes(next((tmp_path / "models").glob("*/model.npz")).read_bytes())
    assert found.ids[0] == "north/pears"
    assert found.dates[0] == "2021-09-08"


def test_where_the_baseline_clearly_wins_it_is_published(tmp_path: Path):
    rng = np.random.default_rng(0)
    sold = np.tile([3.0, 9, 4, 8, 2, 7, 30], 15)[np.newaxis] + rng.choice([0, 1], (1, 105))
    mine = CONFIG.datasets["mine"].model_copy(update={"windows": 6})
    changes = {"models": ("moving_average",), "datasets": {"mine": mine}}
    metrics = run_all(*small_project(tmp_path, sold, **changes))
    detail = metrics["timeseries"]
    assert detail["selected"] == BASELINE
    assert [entry["name"] for entry in metrics["models"] if entry["selected"]] == [BASELINE]
    assert metrics["test"] == detail["baseline"]


def test_other_models_than_were_compared_are_refused(own_project: Path):
    config = load_config(own_project / "config.yaml")
    fewer = config.model_copy(update={"models": ("lightgbm",)})
    with pytest.raises(ModelError, match="from other `models`"):
        evaluate.run(fewer, Paths(own_project))


@pytest.mark.parametrize("stage", [train, evaluate])
def test_lead_time_that_has_grown_too_long_is_refused(own_project: Path, stage: Any):
    config = load_config(own_project / "config.yaml")
    late = config.model_copy(update={"inventory": Inventory(lead_time=14)})
    with pytest.raises(ProjectError, match=r"inventory\.lead_time is 14, expected less than"):
        stage.run(late, Paths(own_project))


# The extras


@pytest.mark.parametrize("name", EXTRAS)
def test_extra_that_is_not_installed_is_refused_with_the_remedy(
    name: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(lstm, "find_spec", lambda library: None)
    config = CONFIG.model_copy(update={"models": ("ets", name)})
    with pytest.raises(ProjectError, match=f"uv sync --extra {name}"):
        ladder(config, INFO)


def test_models_without_the_extras_do_not_import_them():
    code = "import sys, demand.train; print({'torch', 'prophet'} & set(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "set()"
