"""Data: the receipt adds up, roles are checked, what belongs together stays together."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from conftest import report, write_mine

from analysis import data, figures, readme, sample
from analysis.config import load_config
from analysis.kit import DataError, ProjectError
from analysis.kit.files import Paths
from analysis.roles import LABEL, readable


def prepare(root: Path, **changes: Any) -> tuple[pd.DataFrame, pd.DataFrame, data.Info]:
    config = load_config(root / "config.yaml", "mine").model_copy(update=changes)
    data.run(config, Paths(root))
    return data.read_processed(Paths(root))


def odd_table(rows: int = 90) -> pd.DataFrame:
    """Awkward names, missing values, ties."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame({'a "quoted" name': rng.integers(0, 5, rows).astype(float)})
    table["select"] = np.resize(["x|y", "`z`", None], rows)
    table["$ half"] = rng.normal(size=rows)
    table.loc[::7, "$ half"] = np.nan
    return table


def test_receipt_of_the_sample_adds_up(project: Path):
    receipt = report(project, "data")
    dropped = sum(part["rows"] for part in receipt["dropped"])
    assert receipt["rows_read"] - dropped == receipt["rows_kept"] == sample.ORDERS
    found = {
        (finding["table"], finding["column"], finding["kind"]): finding["count"]
        for finding in receipt["findings"]
    }
    assert found == sample.PLANTED
    assert {name: part["class"] for name, part in receipt["target"].items()} == {"no": 0, "yes": 1}
    kinds = {column["name"]: column["kind"] for column in receipt["columns"]}
    assert kinds["amount"] == "number"
    assert kinds["order_id"] == "left out"


def test_orders_of_one_customer_are_in_one_part(project: Path):
    train, test, info = data.read_processed(Paths(project))
    assert info.unit == sample.ON
    assert not set(train[sample.ON].dropna()) & set(test[sample.ON].dropna())
    assert len(train) + len(test) == sample.ORDERS


def test_classes_have_the_same_shares_in_both_parts(fresh: Path):
    table = pd.DataFrame({"x": np.arange(200.0), "c": np.resize(["a", "a", "a", "b"], 200)})
    write_mine(fresh, table, classification_target="c")
    train, test, _ = prepare(fresh)
    assert (train["c"] == "b").mean() == (test["c"] == "b").mean() == 0.25


def test_labels_categories_and_dates_are_not_taken_for_measures(fresh: Path):
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"shop": rng.integers(1, 9, 90), "season": np.resize([1, 2, 3], 90)})
    table["written"] = pd.date_range("2024-01-01", periods=90).strftime("%d-%m-%Y")
    table["number"] = pd.date_range("2024-01-01", periods=90).strftime("%Y%m%d")
    table["n"] = rng.normal(size=90)
    write_mine(fresh, table, categories="shop", labels={"season": {1: "winter", 2: "spring"}})
    train, _, info = prepare(fresh)
    assert info.numeric == ["n"]
    assert info.categorical == ["shop", "season"]
    assert set(train["season"]) == {"winter", "spring", "3"}
    assert set(info.left_out.values()) == {"is a date without the role `date`"}


def test_numbers_that_may_only_name_something_are_not_drawn_as_measures(fresh: Path):
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {"shop": np.repeat(np.arange(1, 13), 20), "age": rng.integers(18, 60, 240)}
    )
    table["sales"] = table["shop"] + rng.normal(size=240)
    table["FilmId"], table["paid"] = rng.integers(1, 90, (2, 240))
    write_mine(fresh, table, regression_target="sales")
    *_, info = prepare(fresh)
    assert (info.labels, info.measures) == (["shop", "FilmId"], ["age", "sales", "paid"])
    assert "shop" not in figures.related(table, info)
    columns = {column["name"]: column["reason"] for column in report(fresh, "data")["columns"]}
    assert columns["shop"] == LABEL
    assert "Not drawn as measures: `shop`, `FilmId` (" in readme.cleaning(report(fresh, "data"))
    write_mine(fresh, table, regression_target="sales", categories="shop")
    assert prepare(fresh)[-1].labels == ["FilmId"]


def test_an_id_on_several_rows_says_which_belong_together(fresh: Path):
    table = pd.DataFrame({"who": np.resize([f"c{at}" for at in range(40)], 90), "n": range(90)})
    write_mine(fresh, table, id="who")
    train, test, info = prepare(fresh)
    assert info.unit == "who"
    assert not set(train["who"]) & set(test["who"])
    write_mine(fresh, table.iloc[:40], id="who")
    assert prepare(fresh)[-1].unit is None


def test_parts_of_two_runs_are_never_mixed(own: Path):
    file = own / "data" / "processed" / "test.parquet"
    pd.read_parquet(file).iloc[1:].to_parquet(file)
    with pytest.raises(DataError, match="run the `data` command"):
        data.read_processed(Paths(own))


def test_date_without_any_date_is_refused(fresh: Path):
    write_mine(fresh, pd.DataFrame({"when": [None] * 9, "n": range(9)}), date="when")
    with pytest.raises(DataError, match="column 'when': expected dates, found none"):
        prepare(fresh)


def test_numbers_are_written_out_in_figures():
    written = [readable(value) for value in (1.757e-6, -5.56e-9, 0.1 + 0.2, -0.0, 12_345.6)]
    assert written == ["0.000001757", "-0.00000000556", "0.3", "0", "12,346"]


def test_too_few_rows_are_refused(fresh: Path):
    write_mine(fresh, pd.DataFrame({"n": [1, 2, 3]}))
    with pytest.raises(DataError, match="has 3 rows; expected 5 or more"):
        prepare(fresh)


@pytest.mark.parametrize(
    ("roles", "words"),
    [
        ({"regression_target": "halff"}, "no column 'halff'; did you mean"),
        ({"regression_target": "select"}, "expected different numbers to predict"),
        ({"classification_target": "$ half"}, "expected 2 to 20"),
        ({"date": "select"}, "row 1: expected a date"),
        ({"drop": ["nope"]}, "no column 'nope'"),
        ({"unit": "nobody"}, "no column 'nobody'"),
    ],
)
def test_wrong_role_is_named(fresh: Path, roles: dict[str, Any], words: str):
    write_mine(fresh, odd_table(), **roles)
    with pytest.raises(DataError, match=words):
        prepare(fresh)


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        ("alpha", 2, "  alpha: "),
        ("datasets.mine.groop", "a", "did you mean `group`"),
        ("datasets.mine.join", {"path": "b.csv", "onn": "a"}, "did you mean `on`"),
        ("datasets.mine.group", ["a", "a"], "has more than one role"),
        ("prices.yours", {"currency": "USD"}, "prices for 'yours', which is none of"),
    ],
)
def test_wrong_setting_is_named(
    settings: dict[str, Any], tmp_path: Path, place: str, value: object, words: str
):
    *sections, key = place.split(".")
    node = settings
    for section in sections:
        node = node[section]
    node[key] = value
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    with pytest.raises(ProjectError) as error:
        load_config(tmp_path / "config.yaml")
    assert words in str(error.value)
