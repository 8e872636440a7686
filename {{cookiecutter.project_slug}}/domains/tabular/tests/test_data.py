"""Data: the sample is what it says, files of all kinds load, bad ones are refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from churn import data, sample
from churn.config import Config, Dataset
from churn.errors import DataError, ProjectError
from churn.formats import TableSource
from churn.paths import Paths
from churn.tables import read_table
from churn.values import mark_missing

ROWS = 200


@pytest.fixture
def table() -> pd.DataFrame:
    """A file's worth of customers, as text."""
    rng = np.random.default_rng(0)
    columns = {
        "id": [f"c{number}" for number in range(ROWS)],
        "age": rng.integers(18, 90, ROWS).astype(str),
        "plan": rng.choice(["basic", "pro"], ROWS),
        "left": np.resize(["yes", "no", "no"], ROWS),
    }
    return pd.DataFrame(columns).astype(object)


def validate(table: pd.DataFrame, **roles: Any) -> tuple[pd.DataFrame, data.DatasetInfo]:
    source = Dataset(**{"path": "mine.csv", "target": "left", "positive": "yes", **roles})
    return data.validate(table, source, "mine", "0" * 64)


def refusal(table: pd.DataFrame, **roles: Any) -> str:
    with pytest.raises(DataError) as error:
        validate(table, **roles)
    assert "data set 'mine'" in str(error.value)
    return str(error.value)


def read(file: Path, **options: Any) -> pd.DataFrame:
    source = TableSource(path=file, **options)
    return mark_missing(read_table(file, source), source.na_values)


# The sample


def test_sample_depends_on_its_seed_alone():
    pd.testing.assert_frame_equal(sample.make_sample(1), sample.make_sample(1))
    assert not sample.make_sample(1).equals(sample.make_sample(2))


def test_sample_looks_like_the_real_thing():
    table = sample.make_sample(1)
    assert len(table) == 7_000
    assert table[sample.ID].is_unique
    assert 0.2 < table[sample.TARGET].eq(sample.POSITIVE).mean() < 0.3
    missing = table.columns[table.isna().any()]
    assert set(missing) == {"support_calls", "payment", "total_charges"}
    assert table["total_charges"].isna().equals(table["tenure_months"].eq(0))


def test_sample_churns_as_its_truth_says():
    table = sample.make_sample(1)
    left = table[sample.TARGET].eq(sample.POSITIVE)
    risk = left.groupby(pd.qcut(sample.churn_log_odds(table.dropna()), 5), observed=True).mean()
    assert risk.is_monotonic_increasing
    for column in sample.NOISE_COLUMNS:
        assert np.ptp(left.groupby(table[column]).mean()) < 0.06
    assert np.ptp(left.groupby(table["contract"]).mean()) > 0.2


# Missing values


def test_blanks_and_words_for_missing_become_missing():
    table = pd.DataFrame({"a": [" x ", "  ", "NA", "null", "?"], "b": [1.0, 2, 3, 4, 5]})
    found = mark_missing(table, ["?"])
    assert found["a"].isna().tolist() == [False, True, True, True, True]
    assert found["a"][0] == "x"
    assert mark_missing(table)["a"][4] == "?"
    pd.testing.assert_series_equal(found["b"], table["b"])


# Finding out what columns are


def test_columns_become_numbers_and_categories(table: pd.DataFrame):
    checked, info = validate(table.assign(notes=table["id"]), id="id")
    assert (info.numeric, info.categorical) == (["age"], ["plan"])
    assert info.left_out == {"notes": "has a different value in most rows, like a name"}
    assert checked["age"].tolist() == table["age"].astype(float).tolist()
    assert checked["left"].sum() == (table["left"] == "yes").sum()
    assert info.rows == ROWS
    assert not info.synthetic


def test_blanks_are_missing(table: pd.DataFrame, tmp_path: Path):
    # As in IBM's file, where customers of less than a month have a blank total.
    table.loc[3, "age"] = " "
    table.loc[4, "plan"] = "  "
    table.to_csv(tmp_path / "mine.csv", index=False)
    checked, info = validate(read(tmp_path / "mine.csv"), id="id")
    assert info.numeric == ["age"]
    assert checked["age"].isna().tolist() == [row == 3 for row in range(ROWS)]
    assert checked["plan"][4] == data.MISSING


def test_dropped_and_constant_columns_are_left_out(table: pd.DataFrame):
    _, info = validate(table.assign(country="DE"), id="id", drop=["plan"])
    assert info.features == ["age"]
    assert set(info.left_out) == {"plan", "country"}


@pytest.mark.parametrize("name", ["a b", "class", "é", "a.b", "0", "model_config"])
def test_columns_may_be_called_anything(table: pd.DataFrame, name: str):
    checked, info = validate(table.rename(columns={"age": name}), id="id")
    assert info.numeric == [name]
    assert name in checked


@pytest.mark.parametrize(
    ("labels", "positive"),
    [
        (["yes", "no"], "yes"),
        (["Yes", "No"], True),  # YAML reads an unquoted Yes as true
        (["No", "Yes"], False),
        ([" YES", "no"], "Yes"),
        ([True, False], True),
        ([1, 0], True),
        ([1, 0], 1),
        ([0, 1], 0),
        (["1.0", "0.0"], "1"),
        ([1.0, 0.0], "1"),
        (["gone", "stayed"], "gone"),
    ],
)
def test_target_may_be_spelled_in_many_ways(
    table: pd.DataFrame, labels: list[Any], positive: str | bool
):
    expected = (np.arange(ROWS) % 2 == 0).astype("int8").tolist()
    table["left"] = pd.Series(np.resize(np.array(labels), ROWS))
    checked, _ = validate(table, positive=positive)
    assert checked["left"].tolist() == expected


def test_parquet_file_keeps_its_types(table: pd.DataFrame, tmp_path: Path):
    table = table.assign(
        age=table["age"].astype("Int64").mask(table.index == 3),
        plan=table["plan"].astype("category"),
        left=table["left"] == "yes",
        since=pd.Timestamp("2024-01-01") + pd.to_timedelta(range(ROWS), unit="D"),
    )
    table.to_parquet(tmp_path / "mine.parquet")
    checked, info = validate(read(tmp_path / "mine.parquet"), positive=True, id="id")
    assert info.numeric == ["age"]
    assert info.categorical == ["plan"]
    assert "is a date" in info.left_out["since"]
    assert checked["age"].isna().sum() == 1
    assert checked["left"].equals(table["left"].astype("int8"))


# Refusing bad data


@pytest.mark.parametrize(
    ("column", "row", "value", "words"),
    [
        ("age", 7, "forty", "column 'age', row 8: expected a number, found 'forty'"),
        ("age", 7, "inf", "column 'age', row 8: expected a number, found 'inf'"),
        ("age", 7, "1e20", "column 'age', row 8: expected"),
        ("id", 7, "c3", "column 'id', row 4: expected field_uniqueness, found 'c3'"),
        ("left", 7, None, "column 'left', row 8: expected an outcome, found nothing"),
    ],
)
def test_bad_value_is_named_with_column_and_row(
    table: pd.DataFrame, column: str, row: int, value: str | None, words: str
):
    table.loc[row, column] = value
    assert words in refusal(table, id="id")


@pytest.mark.parametrize(
    ("roles", "words"),
    [
        ({"target": "lef"}, "no column 'lef'; did you mean 'left'?"),
        ({"id": "idd"}, "no column 'idd'; did you mean 'id'?"),
        ({"drop": ["plann"]}, "no column 'plann'; did you mean 'plan'?"),
        ({"ratios": {"r": ["age", "agee"]}}, "no column 'agee'; did you mean 'age'?"),
        ({"positive": "gone"}, "no row has the positive value 'gone'; found 'yes', 'no'"),
        ({"drop": ["age", "plan", "id"]}, "has no usable feature column"),
    ],
)
def test_wrong_role_is_named(table: pd.DataFrame, roles: dict[str, Any], words: str):
    assert words in refusal(table, **roles)


def test_wrong_separator_is_suspected(table: pd.DataFrame, tmp_path: Path):
    table.to_csv(tmp_path / "mine.csv", index=False, sep=";")
    message = refusal(read(tmp_path / "mine.csv"))
    assert "the only column is 'id;age;plan;left': is `separator` right?" in message


@pytest.mark.parametrize(("rows", "stayed"), [(slice(0, None, 3), 0), (slice(0, 30), 20)])
def test_too_few_of_a_class_are_refused(table: pd.DataFrame, rows: slice, stayed: int):
    message = refusal(table[rows])
    assert f"and {stayed} stayed; expected at least 20 of each" in message


@pytest.fixture
def prepared(table: pd.DataFrame, tmp_path: Path, settings: dict[str, Any]) -> Config:
    """A configuration whose data set has been processed in ``tmp_path``."""
    config = Config(**settings | {"dataset": "mine"})
    table.to_csv(tmp_path / "mine.csv", index=False)
    data.prepare(config, Paths(tmp_path))
    return config


def test_bad_data_never_replaces_good(prepared: Config, table: pd.DataFrame, tmp_path: Path):
    good, info = data.read_processed(Paths(tmp_path))
    table.replace({"left": {"yes": "no"}}).to_csv(tmp_path / "mine.csv", index=False)
    with pytest.raises(DataError):
        data.prepare(prepared, Paths(tmp_path))
    kept, kept_info = data.read_processed(Paths(tmp_path))
    assert kept_info == info
    pd.testing.assert_frame_equal(kept.train, good.train)


def test_interrupted_stage_leaves_the_data_before(
    prepared: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def fail(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    good, _ = data.read_processed(Paths(tmp_path))
    monkeypatch.setattr(data, "write_json", fail)
    with pytest.raises(ProjectError, match="No space left"):
        data.prepare(prepared.model_copy(update={"seed": 4}), Paths(tmp_path))
    kept, _ = data.read_processed(Paths(tmp_path))
    pd.testing.assert_frame_equal(kept.train, good.train)


@pytest.mark.parametrize("split", [{"test_size": 0.9}, {"test_size": 0.004}, {"folds": 20}])
def test_too_few_customers_for_the_split_are_refused(
    table: pd.DataFrame, tmp_path: Path, settings: dict[str, Any], split: dict[str, Any]
):
    settings["split"] |= split
    table[:90].to_csv(tmp_path / "mine.csv", index=False)
    with pytest.raises(DataError, match="`split`"):
        data.prepare(Config(**settings | {"dataset": "mine"}), Paths(tmp_path))


# Splitting


def test_split_is_complete_disjoint_and_stratified(table: pd.DataFrame):
    checked, _ = validate(table, id="id")
    for seed in range(5):
        parts = data.split(checked, "left", 0.2, seed)
        assert len(parts.test) == 0.2 * ROWS
        pd.testing.assert_frame_equal(pd.concat([parts.train, parts.test]).sort_index(), checked)
        assert parts.test["left"].sum() == pytest.approx(0.2 * checked["left"].sum(), abs=0.5)


def test_split_depends_on_its_seed_alone(table: pd.DataFrame):
    checked, _ = validate(table)
    first, same, other = (data.split(checked, "left", 0.2, seed).test for seed in (1, 1, 2))
    assert first.index.equals(same.index)
    assert not first.index.equals(other.index)
