"""Data: the sample is what it says, files of all kinds load, bad ones are refused."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from conftest import ROOT, SETTINGS

from demand import data, sample
from demand.config import Config, load_config
from demand.kit import DataError, ProjectError
from demand.kit.files import Paths, read_json

STEPS = 60
ROLES: dict[str, Any] = {"unique_id": "item", "ds": "day", "y": "sold", "freq": "D"}
SHAPE = {"horizon": 7, "windows": 2, "rule": {"name": "last week again", "extra": 0.1}}


@pytest.fixture
def table() -> pd.DataFrame:
    """A file's worth of sales: three items, sixty days, everything as text."""
    rng = np.random.default_rng(0)
    days = pd.date_range("2024-01-01", periods=STEPS).strftime("%Y-%m-%d")
    columns = {
        "item": np.repeat(["apple", "bread", "cake"], STEPS),
        "day": np.tile(days, 3),
        "sold": rng.poisson(20, 3 * STEPS).astype(str),
        "price": np.tile(np.resize(["2.5", "3"], STEPS), 3),
        "closed": np.tile(np.resize(["0"] * 9 + ["1"], STEPS), 3),
    }
    return pd.DataFrame(columns).astype(object)


def prepare(folder: Path, table: pd.DataFrame, **roles: Any) -> tuple[data.Panel, data.DatasetInfo]:
    """Run the data stage on ``table``, described as the roles say."""
    table.to_csv(folder / "mine.csv", index=False)
    entry = {"path": "mine.csv", **ROLES, **SHAPE, **roles}
    config = load_config(SETTINGS).model_dump() | {"dataset": "mine", "datasets": {"mine": entry}}
    data.run(Config(**config), Paths(folder))
    return data.read_processed(Paths(folder))


def refusal(folder: Path, table: pd.DataFrame, **roles: Any) -> str:
    with pytest.raises(DataError) as error:
        prepare(folder, table, **roles)
    assert "data set 'mine'" in str(error.value)
    return str(error.value)


def sold(panel: data.Panel, name: str) -> list[float]:
    return panel.series.loc[panel.series["unique_id"] == name, "y"].tolist()


# The sample


def test_sample_depends_on_its_seed_alone():
    pd.testing.assert_frame_equal(sample.make_sample(1), sample.make_sample(1))
    assert not sample.make_sample(1).equals(sample.make_sample(2))


def test_sample_is_fifty_series_of_three_years_and_two_planned_weeks(tmp_path: Path):
    config = load_config(SETTINGS)
    data.run(config, Paths(tmp_path))
    panel, info = data.read_processed(Paths(tmp_path))
    assert (info.synthetic, info.series, info.rows) == (True, 50, 50 * sample.DAYS)
    assert (info.start, info.end, info.planned) == ("2021-07-01", "2024-06-30", True)
    assert info.known == ["holiday", "price", "promotion"]
    assert len(set(info.groups)) == 10  # products: shops promote them together
    assert panel.series["unique_id"].unique().tolist() == sample.truth(config.seed).ids
    assert len(panel.future) == 50 * sample.AHEAD
    assert panel.future["ds"].min() == pd.Timestamp("2024-07-01")
    assert panel.future["promotion"].nunique() == 2


def test_causes_of_the_sample_show_in_its_sales():
    world, table = sample.truth(1), sample.make_sample(1)
    demand = table["demand"].to_numpy().reshape(50, -1)[:, : sample.DAYS]
    mean, stocked = world.mean[:, : sample.DAYS], world.stocked[:, : sample.DAYS]
    assert (demand[~stocked] == 0).all()
    assert (~stocked).sum() >= 3 * sample.STOCK_OUTS
    busy = mean.mean(axis=1) > 10
    assert np.corrcoef(demand[busy][stocked[busy]], mean[busy][stocked[busy]])[0, 1] > 0.9
    slow = [name.split("/")[1] in sample.SLOW for name in world.ids]
    assert (demand[slow] == 0).mean() > 0.3
    promoted = table["promotion"].to_numpy().reshape(50, -1)[:, : sample.DAYS] == 1
    uplift = np.array(
        [y[on].mean() / y[~on].mean() for y, on in zip(demand, promoted, strict=True)]
    )
    expected = world.uplift * 0.8**world.elasticity  # the price falls by a fifth as well
    np.testing.assert_allclose(uplift[busy], expected[busy], rtol=0.25)
    assert abs(np.mean(uplift[busy] / expected[busy]) - 1) < 0.05
    closed = table["holiday"].to_numpy().reshape(50, -1)[0] == 1
    places = np.flatnonzero(closed[7:-7]) + 7
    places = places[~closed[places - 7] & ~closed[places + 7]]
    usual = (world.mean[:, places - 7] + world.mean[:, places + 7]) / 2
    drop = np.median(world.mean[:, places] / usual, axis=1)
    assert np.mean(drop / world.holiday) == pytest.approx(1, abs=0.1)
    coffee = np.array([name.endswith("/coffee") for name in world.ids])
    shifted = np.array(world.ids) == sample.SHIFTED
    share = demand[shifted].sum(axis=0) / demand[coffee & ~shifted].sum(axis=0)
    change = share[sample.SHIFT_DAY :].mean() / share[: sample.SHIFT_DAY].mean()
    assert change == pytest.approx(sample.SHIFT, rel=0.15)


# Files of other shapes, by configuration alone


def test_roles_say_what_the_columns_are(table: pd.DataFrame, tmp_path: Path):
    how = {"known_future": ["price"], "season_length": 7}
    panel, info = prepare(tmp_path, table, holidays="closed", **how)
    assert list(panel.series) == ["unique_id", "ds", "y", "closed", "price"]
    bread = table.loc[table["item"] == "bread", "sold"].astype(float)
    assert sold(panel, "bread") == bread.tolist()
    assert (info.rows, info.series, info.filled, info.whole) == (3 * STEPS, 3, 0, True)
    assert (info.freq, info.season_length, info.horizon) == ("D", 7, 7)
    assert info.sha256 == hashlib.sha256((tmp_path / "mine.csv").read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("freq", "stored", "start", "form", "season"),
    [
        ("h", "h", "2024-02-27 22:00", "%d.%m.%Y %H:%M", 24),
        ("W", "W-TUE", "2020-01-07", "%d/%m/%Y", 4),  # on Tuesdays
        ("MS", "MS", "2018-01-01", "%d/%m/%y", 12),
        ("ME", "ME", "2018-01-31", "%Y%m%d", 12),
        ("B", "B", "2024-01-01", "%m/%d/%Y", 5),
        ("QS-OCT", "QS-OCT", "2000-01-01", "%d %b %Y", 4),
    ],
)
def test_other_frequencies_and_ways_to_write_dates(
    table: pd.DataFrame, tmp_path: Path, freq: str, stored: str, start: str, form: str, season: int
):
    dates = pd.date_range(start, periods=STEPS + 4, freq=stored)
    table["day"] = np.tile(dates[:STEPS].strftime(form), 3)
    how = {"freq": freq, "date_format": form, "horizon": 4, "season_length": season}
    panel, info = prepare(tmp_path, table, **how)
    assert (info.freq, info.season_length) == (stored, season)
    assert info.seasons == {name: [season] for name in ("apple", "bread", "cake")}
    assert panel.series["ds"].unique().tolist() == dates[:STEPS].tolist()
    assert panel.future["ds"].unique().tolist() == dates[STEPS:].tolist()


def test_series_may_begin_later_than_others(table: pd.DataFrame, tmp_path: Path):
    late = table[(table["item"] != "cake") | (table["day"] >= "2024-01-11")]
    panel, info = prepare(tmp_path, late)
    assert len(sold(panel, "cake")) == STEPS - 10
    assert info.filled == 0


def test_rows_without_demand_say_what_is_planned(table: pd.DataFrame, tmp_path: Path):
    days = pd.date_range("2024-03-01", periods=9).strftime("%Y-%m-%d")
    keys = {"item": np.repeat(["apple", "bread", "cake"], 9), "day": np.tile(days, 3)}
    more = pd.concat([table, pd.DataFrame(keys).assign(sold="", price="9", closed="0")])
    panel, info = prepare(tmp_path, more, known_future=["price"])
    assert info.planned
    assert info.end == "2024-02-29"
    assert len(panel.future) == 3 * 7  # two more days are known than are forecast
    assert set(panel.future["price"]) == {9}
    assert "y" not in panel.future


def test_unplanned_time_is_assumed_to_be_as_usual(table: pd.DataFrame, tmp_path: Path):
    weekday = pd.to_datetime(table["day"]).dt.dayofweek
    table["open"] = (weekday < 6).astype(int).astype(str)
    last_sunday = (table["day"] == "2024-02-25").to_numpy()
    table.loc[last_sunday, "open"] = "1"  # for once
    panel, info = prepare(tmp_path, table, known_future=["open"])
    assert not info.planned
    expected = (panel.future["ds"].dt.dayofweek < 6).astype(float)
    assert panel.future["open"].tolist() == expected.tolist()


@pytest.mark.parametrize(("fill", "values"), [("zero", [0, 0]), ("forward", [10, 10])])
def test_gaps_are_filled_by_the_stated_rule_only(
    table: pd.DataFrame, tmp_path: Path, fill: str, values: list[float]
):
    table.loc[[4, 7], "sold"] = ["10", "40"]
    table.loc[6, "sold"] = "NA"
    gappy = table.drop(index=5)
    message = refusal(tmp_path, gappy)
    assert "series 'apple', 2024-01-06: no value" in message
    assert "(2 such row(s))" in message
    panel, info = prepare(tmp_path, gappy, fill=fill, known_future=["price"])
    assert sold(panel, "apple")[4:8] == [10, *values, 40]
    assert (info.filled, info.rows) == (2, 3 * STEPS - 2)
    assert panel.series["price"].notna().all()


# Refusing bad data


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("sold", "many", "column 'sold', row 8: expected a number, found 'many'"),
        ("sold", "-3", "2024-01-08: column 'sold': expected demand of at least 0, found -3"),
        ("day", "08/01/2024", "'day', row 8: expected a date written as '2024-01-31', found"),
        ("day", None, "'day', row 8: expected a date, found nothing"),
        ("day", "2024-01-07", "'apple', 2024-01-07: expected one row for each series and date"),
        ("day", "2024-01-08T12:00", "'day', row 8: expected the time of day that most have, 00:00"),
        ("item", None, "column 'item', row 8: expected the name of a series"),
        ("closed", "2", "2024-01-08: column 'closed': expected 0 or 1 for a holiday, found 2"),
        ("price", None, "2024-01-08: column 'price': expected a value that is known in advance"),
    ],
)  # fmt: skip
def test_bad_value_is_named_with_its_place(
    table: pd.DataFrame, tmp_path: Path, column: str, value: str | None, words: str
):
    table.loc[7, column] = value
    message = refusal(tmp_path, table, known_future=["price"], holidays="closed")
    assert words in message
    assert "(1 such row(s))" in message


def test_too_short_series_is_named(table: pd.DataFrame, tmp_path: Path):
    short = table[(table["item"] != "cake") | (table["day"] >= "2024-02-01")]
    message = refusal(tmp_path, short)
    assert "series 'cake' has 29 steps, expected at least 31: 3 windows of 7 and 10" in message


@pytest.mark.parametrize("zone", ["Z", "+09:00", "-0500"])
def test_days_are_those_of_the_place_where_they_were_written(
    zone: str, table: pd.DataFrame, tmp_path: Path
):
    panel, _ = prepare(tmp_path, table.assign(day=table["day"] + "T00:00:00" + zone))
    assert panel.series["ds"].min() == pd.Timestamp("2024-01-01")


def test_bad_data_never_replaces_good(
    table: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    good, info = prepare(tmp_path, table)
    with pytest.raises(DataError):
        prepare(tmp_path, table.assign(sold="x"))

    def fail(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_parquet", fail)
    with pytest.raises(ProjectError, match="No space left"):
        prepare(tmp_path, table, horizon=5)
    kept, kept_info = data.read_processed(Paths(tmp_path))
    assert kept_info == info
    pd.testing.assert_frame_equal(kept.series, good.series)


def test_receipt_says_what_was_read_filled_and_left_out(table: pd.DataFrame, tmp_path: Path):
    table.loc[6, "sold"] = "NA"
    prepare(tmp_path, table.drop(index=5), fill="zero", known_future=["price"])
    found = read_json(tmp_path / "reports" / "data.json", "data")
    assert (found["rows_read"], found["rows_kept"]) == (3 * STEPS - 1, 3 * STEPS - 2)
    assert found["filled"] == {"rule": "zero", "rows": 2}
    kinds = {entry["name"]: entry["kind"] for entry in found["columns"]}
    roles = {"item": "series", "day": "date", "sold": "demand", "price": "known ahead"}
    assert kinds == roles | {"closed": "left out"}


def test_embedded_bicycles_are_as_they_are_described(tmp_path: Path):
    config = load_config(ROOT / "config.yaml", "bikes")
    bikes = config.datasets["bikes"].model_copy(update={"path": ROOT / "data" / "bikes.csv.gz"})
    data.run(config.model_copy(update={"datasets": {"bikes": bikes}}), Paths(tmp_path))
    _, info = data.read_processed(Paths(tmp_path))
    assert (info.series, info.rows, info.filled, info.planned) == (1, 731, 0, False)
    assert (info.start, info.end) == ("2011-01-01", "2012-12-31")
    assert info.known == ["holiday", "workingday"]


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (("datasets", "mine", "freq"), "fortnight", "expected a step in time such as h, D"),
        (("datasets", "mine", "freq"), "15min", "season_length is needed for freq 15min"),
        (("datasets", "mine", "known_future"), ["day"], "column 'day' has two roles"),
        (("datasets", "mine", "fill"), "mean", "datasets.mine.fill"),
        (("datasets", "mine", "windows"), 1, "datasets.mine.windows"),
        (("datasets", "mine", "together"), "shop", "'shop' is no column of unique_id"),
        (("models",), ["seasonal_naive"], "models.0"),
        (("models",), ["ets", "ets"], "expected each model once"),
        (("datasets", "mine", "freq"), "0D", "expected a step in time"),
        (("datasets", "mine", "known_future"), ["y"], "known column 'y' has a name of our own"),
    ],
)
def test_settings_that_make_no_sense_are_refused(
    settings: dict[str, Any], tmp_path: Path, place: tuple[str, ...], value: Any, words: str
):
    node = settings
    for key in place[:-1]:
        node = node[key]
    node[place[-1]] = value
    file = tmp_path / "config.yaml"
    file.write_text(yaml.safe_dump(settings), encoding="utf-8")
    with pytest.raises(ProjectError, match=words):
        load_config(file)


# Dates and numbers as statistical offices and spreadsheets write them


@pytest.mark.parametrize(
    ("written", "freq", "roles", "start"),
    [
        ([f"{1990 + n // 4}Q{n % 4 + 1}" for n in range(STEPS)], "QS", {}, "1990-01-01"),
        ([f"{1949 + n // 12}M{n % 12 + 1:02}" for n in range(STEPS)], "MS", {}, "1949-01-01"),
        ([f"2020-W{n + 1:02}" for n in range(52)] + ["2020-W53"], "W", {}, "2019-12-30"),
        (
            [f"{pd.Timestamp(1949, 1, 1) + pd.DateOffset(months=n):%b-%y}" for n in range(STEPS)],
            *("MS", {"date_format": "%b-%y"}, "1949-01-01"),
        ),
    ],
)
def test_periods_are_dated_by_their_first_day(
    tmp_path: Path, written: list[str], freq: str, roles: dict[str, Any], start: str
):
    sales = [f"{n},5" for n in range(len(written))]
    table = pd.DataFrame({"day": written, "sold": sales}).astype(object)
    roles = {"unique_id": [], "freq": freq, "season_length": 4} | roles
    panel, info = prepare(tmp_path, table, **roles)
    assert (info.start, len(panel.series)) == (start, len(written))
    assert panel.series["y"].tolist() == [n + 0.5 for n in range(len(written))]
