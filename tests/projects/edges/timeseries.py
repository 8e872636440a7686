"""Odd dates, odd gaps and odd series; runs in a copy of the demand project, beside its own tests.

Each data set is described by ``config.yaml`` alone, and read by the command that a user types.
"""

import re
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import numpy as np
import pandas as pd
import pytest
import yaml
from click.testing import CliRunner, Result
from conftest import SETTINGS
from demand import backtest, data
from demand.cli import main
from demand.data import SINGLE
from demand.features import memory
from demand.kit.files import Paths, read_json
from test_dashboard import open_page
from test_data import ROLES, SHAPE, STEPS, sold, table
from test_models import HORIZON, forecast, known_data

ROOT = Path(__file__).resolve().parents[1]
__all__ = ["table"]  # a fixture of the project's tests
AHEAD = pd.date_range("2024-03-01", periods=5).strftime("%Y-%m-%d")  # after the last day


def run(root: Path, table: pd.DataFrame, command: str = "data", **roles: Any) -> Result:
    """Run a command on ``table``, which these roles describe in ``config.yaml``."""
    entry = {"path": "mine.csv", **ROLES, **SHAPE, **roles}
    if entry["path"].endswith("parquet"):
        table.to_parquet(root / entry["path"])
    else:
        how = {"sep": entry.get("separator", ","), "encoding": entry.get("encoding", "utf-8")}
        table.to_csv(root / entry["path"], index=False, header=entry.get("header", True), **how)
    settings = yaml.safe_load(SETTINGS.read_text(encoding="utf-8"))
    settings |= {"dataset": "mine", "datasets": {"mine": entry}}
    (root / "config.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    return CliRunner().invoke(main, ["--config", str(root / "config.yaml"), command])


def accepted(root: Path, table: pd.DataFrame, **roles: Any) -> tuple[data.Panel, data.DatasetInfo]:
    done = run(root, table, **roles)
    assert done.exit_code == 0, done.output
    return data.read_processed(Paths(root))


def refused(root: Path, table: pd.DataFrame, **roles: Any) -> str:
    """The one message of a command that ends with exit code 2 and has written nothing."""
    shutil.rmtree(root / "data", ignore_errors=True)
    done = run(root, table, **roles)
    assert (done.exit_code, done.output.count("Error: ")) == (2, 1), done.output
    assert not list(root.glob("data/processed/*"))
    return done.output


# Names of series


def test_other_separator_encoding_order_and_no_header(table: pd.DataFrame, tmp_path: Path):
    odd = table.replace({"item": {"cake": 'Käse | "alt"'}}).sample(frac=1, random_state=0)
    columns = {"unique_id": "column_0", "ds": "column_1", "y": "column_2"}
    how = {"separator": "\t", "header": False, "encoding": "cp1252"}
    panel, _ = accepted(tmp_path, odd, **columns, **how)
    assert panel.series["unique_id"].unique().tolist() == ['Käse | "alt"', "apple", "bread"]
    assert sold(panel, "apple") == table["sold"][:STEPS].astype(float).tolist()


def test_without_a_name_there_is_a_single_series(table: pd.DataFrame, tmp_path: Path):
    panel, info = accepted(tmp_path, table[:STEPS], unique_id=[])
    assert (panel.series["unique_id"].unique().tolist(), info.series) == ([SINGLE], 1)


def test_names_that_look_alike_once_they_are_joined(table: pd.DataFrame, tmp_path: Path):
    """Two series, one after the other in time, would become one."""
    both = table[: 2 * STEPS].replace({"item": {"apple": "c", "bread": "b/c"}})
    both["shop"] = np.repeat(["a/b", "a"], STEPS)
    both["day"] = pd.date_range("2024-01-01", periods=2 * STEPS).strftime("%Y-%m-%d")
    message = refused(tmp_path, both, unique_id=["shop", "item"])
    assert "column 'shop/item', row 1: expected one series of such a name, found 'a/b/c'" in message
    panel, _ = accepted(tmp_path, both[:STEPS], unique_id=["shop", "item"])
    assert panel.series["unique_id"].unique().tolist() == ["a/b/c"]


# Dates


@pytest.mark.parametrize(
    ("form", "how"),
    [
        ("%Y-%m-%d 00:00:00+09", None),  # as PostgreSQL writes them
        ("%Y-%m-%d 00:00 -05:00", None),
        ("%Y-%m-%dT00:00:00.000Z", None),
        ("%d.%m.%Y 00:00 +0200", "%d.%m.%Y %H:%M %z"),
    ],
)
def test_days_keep_their_date_in_any_time_zone(
    table: pd.DataFrame, tmp_path: Path, form: str, how: str | None
):
    table["day"] = pd.to_datetime(table["day"]).dt.strftime(form)
    _, info = accepted(tmp_path, table, date_format=how)
    assert (info.start, info.end) == ("2024-01-01", "2024-02-29")


def test_parquet_keeps_its_kinds(table: pd.DataFrame, tmp_path: Path):
    """Days of a place, whole numbers with gaps, names that are numbers."""
    table["day"] = pd.to_datetime(table["day"]).dt.tz_localize("Europe/Berlin")
    table["item"] = table["item"].map({"apple": 7, "bread": 10, "cake": 2}).astype("category")
    table["sold"] = table["sold"].astype(int).astype("Int64")
    table.loc[5, "sold"] = pd.NA
    panel, info = accepted(tmp_path, table, path="mine.parquet", fill="zero")
    assert (info.start, info.end, info.filled) == ("2024-01-01", "2024-02-29", 1)
    assert panel.series["unique_id"].unique().tolist() == ["10", "2", "7"]
    assert sold(panel, "7")[5] == 0


@pytest.mark.parametrize(
    ("start", "words"),
    [
        ("2024-10-20", "'all', 2024-10-27T02:00: expected one row for each series and date"),
        ("2024-03-24", "'all', 2024-03-31T02:00: no value; expected one for each step of h"),
    ],
)
def test_hours_need_their_zone_where_clocks_change(tmp_path: Path, start: str, words: str):
    times = pd.date_range(start, periods=14 * 24, freq="h", tz="Europe/Berlin")
    table = pd.DataFrame({"day": times.strftime("%Y-%m-%d %H:%M"), "sold": np.arange(14 * 24)})
    how = {"unique_id": [], "freq": "h"}
    assert words in refused(tmp_path, table, **how)
    panel, _ = accepted(tmp_path, table.assign(day=times.strftime("%Y-%m-%d %H:%M%z")), **how)
    assert panel.series["ds"].tolist() == times.tz_convert("UTC").tz_localize(None).tolist()
    assert sold(panel, SINGLE) == table["sold"].tolist()


@pytest.mark.parametrize("start", ["2024-10-20", "2024-03-24"])
def test_hours_by_the_clocks_of_a_place_are_told_apart(tmp_path: Path, start: str):
    times = pd.date_range(start, periods=14 * 24, freq="h", tz="Europe/Berlin")
    table = pd.DataFrame({"day": times.strftime("%Y-%m-%d %H:%M"), "sold": np.arange(14 * 24)})
    both = pd.concat([table.assign(item="a"), table.assign(item="b")])
    how = {"freq": "h", "timezone": "Europe/Berlin"}
    panel, _ = accepted(tmp_path, both, **how)
    utc = times.tz_convert("UTC").tz_localize(None).tolist()
    assert panel.series["ds"].tolist() == utc * 2
    assert sold(panel, "a") == sold(panel, "b") == table["sold"].tolist()


def test_a_time_that_no_clock_shows_is_refused(tmp_path: Path):
    times = pd.date_range("2024-03-24", periods=14 * 24, freq="h").strftime("%Y-%m-%d %H:%M")
    table, how = pd.DataFrame({"day": times, "sold": 1}), {"unique_id": [], "freq": "h"}
    said = refused(tmp_path, table, **how, timezone="Europe/Berlin")
    assert "row 171: expected a time that clocks show in Europe/Berlin, found '2024-03-31" in said
    said = refused(tmp_path, table[table.index != 170], **how)
    assert "2024-03-31T02:00: no value" in said
    assert "`timezone: Europe/Berlin`" in said
    assert "timezone" in refused(tmp_path, table, **how, timezone="Europe/Berlino")


@pytest.mark.parametrize("form", [None, "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S%z"])
def test_local_days_written_in_utc_need_their_zone(tmp_path: Path, form: str | None):
    days = pd.date_range("2024-03-01", periods=60, tz="Europe/Berlin")
    written = days.tz_convert("UTC").strftime("%Y-%m-%dT%H:%M:%SZ")
    table = pd.DataFrame({"day": written, "sold": np.arange(60)})
    how = {"unique_id": [], "date_format": form}
    said = refused(tmp_path, table, **how)
    assert "expected the time of day that most have, 2" in said
    assert "`timezone: Europe/Berlin`" in said
    if form != "%Y-%m-%dT%H:%M:%SZ":  # which says that the letter Z means nothing
        _, info = accepted(tmp_path, table, **how, timezone="Europe/Berlin")
        assert (info.start, info.end) == ("2024-03-01", "2024-04-29")


@pytest.mark.parametrize(
    ("freq", "written", "start", "end"),
    [
        ("MS", pd.date_range("2018-01-31", periods=60, freq="ME"), "2018-01-01", "2022-12-01"),
        ("ME", pd.date_range("2018-01-31", periods=60, freq="BME"), "2018-01-31", "2022-12-31"),
        ("ME", pd.date_range("2018-01-01", periods=60, freq="MS"), "2018-01-31", "2022-12-31"),
        (
            "MS",
            pd.date_range("2018-01-01", periods=60, freq="MS") + pd.Timedelta("14D"),
            "2018-01-01",
            "2022-12-01",
        ),
        ("QS", pd.date_range("2005-03-31", periods=60, freq="QE"), "2005-01-01", "2019-10-01"),
        ("YS", pd.date_range("1950-12-31", periods=60, freq="YE"), "1950-01-01", "2009-01-01"),
    ],
)
def test_months_may_have_any_day(tmp_path: Path, freq: str, written, start: str, end: str):
    table = pd.DataFrame({"day": written.strftime("%Y-%m-%d"), "sold": np.arange(60)})
    panel, info = accepted(tmp_path, table, unique_id=[], freq=freq, season_length=2, horizon=4)
    assert (info.start, info.end) == (start, end)
    assert sold(panel, SINGLE) == list(range(60))


def test_the_row_that_is_off_is_blamed_and_not_the_others(tmp_path: Path):
    days = pd.date_range("2020-01-06", periods=80, freq="W-MON").strftime("%Y-%m-%d").tolist()
    days[0] = "2020-01-07"
    table = pd.DataFrame({"day": days, "sold": np.arange(80)})
    said = refused(tmp_path, table, unique_id=[], freq="W", season_length=4, horizon=4)
    assert "2020-01-07: expected dates in steps of W-MON (1 such row(s))" in said


@pytest.mark.parametrize("form", [None, "%d/%m/%Y"])
def test_a_column_for_each_date_is_a_row_for_each(table, tmp_path: Path, form: str | None):
    days = pd.to_datetime(table["day"]).dt.strftime(form or "%Y-%m-%d")
    wide = table.assign(day=days).pivot(index="item", columns="day", values="sold").reset_index()
    wide.loc[0, wide.columns[1]] = None  # before a series begins there is nothing
    panel, info = accepted(tmp_path, wide, date_format=form, known_future=[], holidays=None)
    usual, _ = accepted(tmp_path, table, known_future=[], holidays=None)
    assert info.series == 3
    for item in ("bread", "cake"):
        assert sold(panel, item) == sold(usual, item)


def test_a_series_that_ends_before_the_others_is_named(table: pd.DataFrame, tmp_path: Path):
    early = table[(table["item"] != "bread") | (table["day"] < "2024-02-20")]
    said = refused(tmp_path, early, known_future=[], holidays=None)
    assert "series 'bread', 2024-02-20: no value: this series has ended" in said
    assert "others go on to 2024-02-29" in said
    assert "`fill: zero`" in said


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"date_format": "%Q"}, "`date_format` '%Q' cannot be used"),
        (
            {"date_format": "%d/%m/%Y"},
            "expected a date written as '31/01/2024', found '2024-01-01'",
        ),
        ({"freq": "W"}, "2024-01-02: expected dates in steps of W-MON (153 such row(s))"),
        (
            {"freq": "ME"},
            "'apple', 2024-01-31: expected one row for each series and date (174 such",
        ),
        ({"freq": "h"}, "2024-01-01T01:00: no value; expected one for each step of h"),
        ({"unique_id": ["item", "stem"]}, "no column 'stem'; did you mean 'item'?"),
        ({"y": "solt"}, "no column 'solt'; did you mean 'sold'?"),
        ({"known_future": ["prize"]}, "no column 'prize'; did you mean 'price'?"),
        ({"horizon": 40}, "has 60 steps, expected at least 130: 3 windows of 40 and 10 before"),
        ({"horizon": 2}, "inventory.lead_time is 2, expected less than the data set's horizon"),
    ],
)
def test_what_does_not_fit_the_table_is_named(
    table: pd.DataFrame, tmp_path: Path, changes: dict[str, Any], words: str
):
    assert words in refused(tmp_path, table, **changes)


# Demand, gaps, and what is known ahead


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("sold", "-0.5", "2024-01-08: column 'sold': expected demand of at least 0, found -0.5"),
        ("sold", "1.5.x", "column 'sold', row 8: expected a number, found '1.5.x'"),
        ("sold", "inf", "column 'sold', row 8: expected a number, found 'inf'"),
        ("sold", "1e16", "column 'sold', row 8: expected a number, found '1e16'"),
        ("day", "2024-01-07T00:00:00", "'apple', 2024-01-07: expected one row for each series"),
    ],
)
def test_odd_values_are_named(
    table: pd.DataFrame, tmp_path: Path, column: str, value: str, words: str
):
    table.loc[7, column] = value
    assert words in refused(tmp_path, table)


@pytest.mark.parametrize(
    ("freq", "start"), [("W-SUN", "2020-01-05"), ("MS", "2018-01-01"), ("h", "2024-03-30")]
)
def test_gaps_in_weeks_months_and_hours(table: pd.DataFrame, tmp_path: Path, freq: str, start: str):
    steps = pd.date_range(start, periods=STEPS, freq=freq)
    table["day"] = np.tile(steps.strftime("%Y-%m-%dT%H:%M"), 3)
    gappy, how = table.drop(index=[20, 21]), {"season_length": 6, "freq": freq}
    message = refused(tmp_path, gappy, **how)
    assert f"series 'apple', {data.stamp(steps[20])}: no value" in message
    assert "(2 such row(s))" in message
    panel, info = accepted(tmp_path, gappy, fill="forward", **how)
    assert (info.filled, panel.series["ds"].unique().tolist()) == (2, steps.tolist())
    assert sold(panel, "apple")[20:22] == [float(table.loc[19, "sold"])] * 2


def test_series_of_different_lengths(table: pd.DataFrame, tmp_path: Path):
    """They may begin later; one that ends before the others is a gap, one without any is none."""
    late = table["item"].eq("bread") & (table["day"] < "2024-01-20")
    short = table[~late][:-1]
    assert "series 'cake', 2024-02-29: no value" in refused(tmp_path, short)
    panel, info = accepted(tmp_path, short, fill="zero")
    assert (len(sold(panel, "bread")), sold(panel, "cake")[-1], info.filled) == (STEPS - 19, 0, 1)
    silent = table.assign(sold=table["sold"].where(table["item"] != "bread", "NA"))
    words = "series 'bread', 2024-01-01: expected a value"
    assert words in refused(tmp_path, silent, fill="zero")
    words = "column 'sold': expected at least one value"
    assert words in refused(tmp_path, table.assign(sold=""), fill="zero")


def test_a_plan_for_some_is_used_and_the_rest_is_as_usual(table: pd.DataFrame, tmp_path: Path):
    """What is known may be below 0; a plan without a value is refused."""
    table["price"] = "-3"
    plan = pd.DataFrame({"item": "apple", "day": AHEAD, "sold": None, "price": "9"})
    panel, info = accepted(tmp_path, pd.concat([table, plan]), known_future=["price"])
    found = panel.future.groupby("unique_id")["price"].agg(list)
    assert (found["apple"], found["bread"]) == ([9] * 5 + [-3] * 2, [-3] * 7)
    assert not info.planned
    dropped = read_json(tmp_path / "reports" / "data.json", "data")["dropped"]
    assert dropped == [{"reason": "no demand in it", "rows": 5}]
    plan.loc[1, "price"] = None
    message = refused(tmp_path, pd.concat([table, plan]), known_future=["price"])
    assert "'apple', 2024-03-02: column 'price': expected a value that is known" in message


# Seasons


def test_each_series_has_the_seasons_that_its_length_allows(table: pd.DataFrame, tmp_path: Path):
    for start, own in (("2024-01-15", [7, 14]), ("2024-01-26", [7])):
        late = table[(table["item"] != "cake") | (table["day"] >= start)]
        done = run(tmp_path, late, season_length=[14, 7], horizon=4)
        assert done.exit_code == 0, done.output
        _, info = data.read_processed(Paths(tmp_path))
        assert {name: sorted(each) for name, each in info.seasons.items()} == {
            **{"apple": [7, 14], "bread": [7, 14], "cake": own}
        }
    assert "no season of 14 steps, being too short or showing none: 1 of 3" in done.output
    assert "series: cake\n" in done.output


def test_seasons_are_found_where_they_are_left_out(table: pd.DataFrame, tmp_path: Path):
    saturday = pd.to_datetime(table["day"]).dt.dayofweek == 5
    busy = table["sold"].astype(int) + 40 * saturday * (table["item"] != "cake")
    panel, info = accepted(tmp_path, table.assign(sold=busy), known_future=[], holidays=None)
    assert info.seasons == {"apple": [7], "bread": [7], "cake": [1]}
    assert info.season_length == 7


def test_hours_have_days_and_weeks_and_a_planned_column_that_is_not_planned(tmp_path: Path):
    """A series too short for a day has no place in it for each hour: what is usual is assumed."""
    steps = np.arange(21 * 24)
    level = 20 + 5 * np.cos(steps * np.pi / 12) * (1 + (steps // 24 % 7 < 5))
    sold = level + np.random.default_rng(0).normal(0, 1, len(steps))
    times = pd.date_range("2024-01-01", periods=len(steps), freq="h").strftime("%Y-%m-%d %H:%M")
    long = pd.DataFrame({"item": "long", "day": times, "sold": sold, "open": 1})
    both = pd.concat([long, long[-20:].assign(item="short")])
    how = {"freq": "h", "horizon": 3, "known_future": ["open"], "holidays": None}
    panel, info = accepted(tmp_path, both, **how)
    assert {name: sorted(own) for name, own in info.seasons.items()} == {
        **{"long": [24, 168], "short": [1]}
    }
    assert panel.future["open"].tolist() == [1] * 6


# Everything


def finished(root: Path) -> dict[str, Any]:
    """The results; no document has a number that is none, or is written as machines do."""
    for name in ("README.md", "MODEL_CARD.md"):
        text = (root / name).read_text(encoding="utf-8")
        assert not re.search(r"\b(nan|inf|None)\b|\de[+-]\d", text), text
    return read_json(root / "reports" / "metrics.json", "evaluate")


def test_all_of_it_on_series_that_models_dislike(fresh_project: Path):
    """Constant, never sold, huge, tiny, rare and late, named like nothing in the code."""
    rng, steps = np.random.default_rng(0), np.arange(70)
    huge = 1e9 * (2 + np.sin(steps * 2 * np.pi / 7)) + rng.normal(0, 1e7, 70)
    rare, tiny = 1.5 * (rng.random(70) < 0.05), 1e-6 * rng.random(70)
    kinds = {'a | "b" <i>': 0 * steps + 5.0, "none": 0.0 * steps, "größe": huge}
    kinds |= {"rare": rare, "tiny": tiny, "late": huge[25:]}
    days = pd.date_range("2024-01-01", periods=70).strftime("%Y-%m-%d")
    rows = [
        pd.DataFrame({"item": name, "day": days[-len(y) :], "sold": y}) for name, y in kinds.items()
    ]
    table = pd.concat(rows, ignore_index=True)
    table["y?"] = rng.integers(0, 2, len(table))
    done = run(fresh_project, table, "all", known_future=["y?"])
    assert done.exit_code == 0, done.output
    metrics = finished(fresh_project)
    assert metrics["timeseries"]["data"]["series"] == 6


def test_all_of_it_on_one_series_of_months(fresh_project: Path):
    months = pd.date_range("2014-01-31", periods=90, freq="ME").strftime("%m/%d/%y")
    usual = 100 + 30 * np.sin(np.arange(90) * 2 * np.pi / 12)
    table = pd.DataFrame({"day": months, "sold": usual + np.random.default_rng(0).normal(0, 5, 90)})
    how = {"unique_id": [], "freq": "ME", "date_format": "%m/%d/%y", "horizon": 12}
    done = run(fresh_project, table, "all", **how)
    assert done.exit_code == 0, done.output
    metrics = finished(fresh_project)
    assert metrics["dataset"]["rows"] == 90
    captions = [found.value for tab in open_page(fresh_project).tabs for found in tab.caption]
    (said,) = (text for text in captions if text.startswith("An order"))
    assert re.match(r"An order now arrives in (1 month|\d+ months), so", said), said


def test_a_planned_value_is_written_in_full(monkeypatch: pytest.MonkeyPatch):
    """A price of 12,345 was 1.234e+04 beside the forecast that it moves."""
    monkeypatch.syspath_prepend(str(ROOT / "dashboard"))
    functions = (ROOT / "dashboard" / "app.py").read_text(encoding="utf-8").split("\n\n\ndraw(")[0]
    names: dict[str, Any] = {"__file__": str(ROOT / "dashboard" / "app.py")}
    exec(functions, names)
    rows = {"feature": ["price", "usual"], "value": [12_345.0, None], "contribution": [1.0, 2.0]}
    chart = names["reasons_chart"](pd.DataFrame(rows))
    assert chart.data["input"].tolist() == ["price = 12,345", "usual"]


def test_what_is_drawn_of_a_series_claims_no_more_than_it_shows():
    """Days of one month are alike, so the mean's interval of independent days was too narrow."""
    cells = nbformat.read(ROOT / "notebooks" / "01_explore.ipynb", as_version=4).cells
    words = " ".join(" ".join(cell.source for cell in cells).split())
    assert '"se"' not in words
    assert "more than chance" not in words
    (gaps,) = (c.source for c in cells if "values filled in" in c.source and c.cell_type == "code")
    said: list[str] = []
    names = {"info": SimpleNamespace(series=1, filled=0, fill=None), "print": said.append}
    exec(gaps.split("zeros =")[0], names)
    assert said == ["1 series, 0 values filled in"]


def test_a_forecast_that_is_too_high_is_said_to_be(project: Path):
    """The model card had a bias of 0.9 without its direction."""
    card = (project / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "| Bias, share of demand (above 0: too high) |" in card
    text = (project / "README.md").read_text(encoding="utf-8")
    assert "By chance neighbours swap" in text


def test_a_few_days_far_off_do_not_pull_lightgbm():
    """It counts absolute errors, and remembers the day before, and whole seasons."""
    rng, days = np.random.default_rng(0), pd.date_range("2022-01-03", periods=420)
    plain = 100 + 20 * (days.dayofweek > 4) + rng.normal(0, 3, 420)
    rare = (rng.random(420) < 0.05) & (days < days[-60])
    table = pd.DataFrame({"unique_id": "all", "ds": days, "y": np.where(rare, 1500, plain)})
    window = backtest.window(table, days[-HORIZON - 1], HORIZON)
    info = known_data(series=1, groups=["all"], known=[], seasons={"all": [7]})
    found = forecast("lightgbm", window, info)
    assert np.abs(found - window.actual).mean() < 15
    assert memory({7}) == ([1, 7, 14], [7, 28])
