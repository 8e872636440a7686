"""Data: the sample is what it says, columns are understood, bad data is refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from churn import data, sample
from churn.config import Config, Dataset
from churn.kit import DataError
from churn.kit.files import Paths
from churn.kit.tables import mark_missing, read_table

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


# The sample, and the data set that lies in the repository


def test_sample_depends_on_its_seed_alone():
    pd.testing.assert_frame_equal(sample.make_sample(1), sample.make_sample(1))
    assert not sample.make_sample(1).equals(sample.make_sample(2))


def test_sample_looks_like_the_real_thing():
    table = sample.make_sample(1)
    assert len(table) == 7_000
    assert table[sample.ID].is_unique
    assert 0.2 < table[sample.TARGET].eq("yes").mean() < 0.3
    missing = table.columns[table.isna().any()]
    assert set(missing) == {"support_calls", "payment", "total_charges"}
    assert table["total_charges"].isna().equals(table["tenure_months"].eq(0))


def test_sample_churns_as_its_truth_says():
    table = sample.make_sample(1)
    left = table[sample.TARGET].eq("yes")
    risk = left.groupby(pd.qcut(sample.churn_log_odds(table.dropna()), 5), observed=True).mean()
    assert risk.is_monotonic_increasing
    for column in sample.NOISE_COLUMNS:
        assert np.ptp(left.groupby(table[column]).mean()) < 0.06
    assert np.ptp(left.groupby(table["contract"]).mean()) > 0.2


def test_embedded_telco_is_read_as_ibm_published_it():
    source = Dataset(path="data/telco.csv.gz", target="Churn", positive="Yes", id="customerID")
    raw = mark_missing(read_table(ROOT / "data" / "telco.csv.gz", source))
    checked, info = data.validate(raw, source, "telco", "0" * 64)
    assert (len(checked), checked["Churn"].sum()) == (7_043, 1_869)
    assert checked["TotalCharges"].isna().sum() == 11
    assert (len(info.numeric), len(info.categorical), info.left_out) == (4, 15, {})


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
    source = Dataset(path="mine.csv", target="left")
    checked, info = validate(mark_missing(read_table(tmp_path / "mine.csv", source)), id="id")
    assert info.numeric == ["age"]
    assert checked["age"].isna().tolist() == [row == 3 for row in range(ROWS)]
    assert checked["plan"][4] == data.MISSING


@pytest.mark.parametrize(
    ("labels", "positive"),
    [
        (["yes", "no"], "yes"),
        (["Yes", "No"], True),  # YAML reads an unquoted Yes as true
        (["No", "Yes"], False),
        ([" YES", "no"], "Yes"),
        ([True, False], True),
        ([1, 0], True),
        ([0, 1], 0),
        (["1.0", "0.0"], "1"),
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


def test_receipt_says_what_became_of_every_column_and_row(table: pd.DataFrame):
    raw = table.assign(country="DE", notes=table["id"])
    checked, info = validate(raw, id="id", drop=["plan"])
    found = data.receipt(raw, checked, info, ())
    assert (found["rows_read"], found["rows_kept"], found["dropped"]) == (ROWS, ROWS, [])
    kinds = {column["name"]: column["kind"] for column in found["columns"]}
    assert kinds == {
        "id": "identifier",
        "age": "number",
        "plan": "left out",
        "left": "target",
        "country": "left out",
        "notes": "left out",
    }
    reasons = {column["name"]: column["reason"] for column in found["columns"]}
    assert reasons["plan"] == "listed under `drop`" and reasons["age"] is None
    assert found["target"] == {
        "yes": {"class": "left", "rows": 67},
        "no": {"class": "stayed", "rows": 133},
    }


# What is suspicious is asked about


def test_a_column_that_tells_the_answer_is_asked_about(table: pd.DataFrame):
    left = table["left"] == "yes"
    reasons = np.where(left, np.resize(["price", "service"], ROWS), None)
    for answer in (np.where(left, "90", "10"), reasons, np.where(left, table["age"], None)):
        told = table.assign(told=answer)
        assert "column 'told': it alone tells who left" in refusal(told, id="id")
        assert "`drop: [told]`" in refusal(told, id="id")
        assert "told" in validate(told, id="id", allow=["leak"])[1].features
        assert "told" not in validate(told, id="id", drop=["told"])[1].features


def test_a_column_of_numbers_is_not_left_out_for_a_few_words(table: pd.DataFrame):
    table["income"] = [f"{n},5" for n in range(1000, 1000 + ROWS)]
    table.loc[:15, "income"] = "-"
    checked, info = validate(table, id="id")
    assert info.numeric == ["age", "income"]
    assert checked["income"].isna().sum() == 16
    found = data.receipt(table, checked, info, ())
    reasons = {column["name"]: column["reason"] for column in found["columns"]}
    assert reasons["income"] == "16 words such as `-` are missing"
    table.loc[16:60, "income"] = [f"word {n}" for n in range(45)]
    message = refusal(table, id="id")
    assert "column 'income', row 1: expected a number" in message or "row 17" in message
    assert "`allow: [mixed]`: 78% are." in message
    assert "income" in validate(table, id="id", allow=["mixed"])[1].left_out


def test_counts_dates_and_codes_are_no_numbers(table: pd.DataFrame):
    days = pd.date_range("2024-01-01", periods=ROWS).strftime("%Y-%m-%d %H:%M")
    zips = np.resize(["00501", "10001"], ROWS)
    _, info = validate(table.assign(column_0=range(ROWS), since=days, zip=zips), id="id")
    assert info.left_out["column_0"] == "counts the rows"
    assert info.left_out["since"].startswith("is a date")
    assert info.categorical == ["plan", "zip"]


def test_a_third_outcome_is_left_out_if_asked(table: pd.DataFrame):
    table.loc[:9, "left"] = "joined"
    assert "`negative: […]`" in refusal(table, id="id")
    source = Dataset(path="mine.csv", target="left", positive="yes", ignore=["joined"])
    checked, info = data.validate(table, source, "mine", "0" * 64)
    found = data.receipt(table, checked, info, ())
    assert (found["rows_read"], found["rows_kept"]) == (ROWS, ROWS - 10)
    assert found["target"]["joined"] == {"class": "left out", "rows": 10}
    assert sum(row["rows"] for row in found["dropped"]) == 10


def test_missing_outcomes_are_left_out_if_asked_and_repeats_are_told(table: pd.DataFrame):
    table.loc[:9, "left"] = None
    table.loc[20:24] = table.loc[19].to_numpy()
    assert "`ignore: [null]`" in refusal(table)
    source = Dataset(path="mine.csv", target="left", positive="yes", drop=["id"], ignore=[None])
    found = data.receipt(table, *data.validate(table, source, "mine", "0" * 64), ())
    assert (found["rows_kept"], found["repeated"] >= 5) == (ROWS - 10, True)


# The manager's rule


def test_rule_names_whom_a_manager_would_contact(table: pd.DataFrame):
    rule = {"name": "young and basic", "contact": "age < 30 and plan == 'basic'"}
    checked, info = validate(table, rule=rule)
    expected = (checked["age"] < 30) & (checked["plan"] == "basic")
    assert data.follows_rule(checked, info)["young and basic"].tolist() == expected.tolist()
    assert data.follows_rule(*validate(table)) == {}


@pytest.mark.parametrize("contact", ["agee < 30", "age <", "age", "plan", "left == 1", "age = 3"])
def test_rule_that_cannot_be_used_is_refused(table: pd.DataFrame, contact: str):
    message = refusal(table, rule={"name": "wrong", "contact": contact})
    assert "the rule" in message and "on the columns: " in message


# Refusing bad data


@pytest.mark.parametrize(
    ("column", "row", "value", "words"),
    [
        ("age", 7, "forty", "column 'age', row 8: expected a number, found 'forty'"),
        ("age", 7, "inf", "column 'age', row 8: expected a number, found 'inf'"),
        ("age", 7, "1e20", "column 'age', row 8: expected"),
        ("id", 7, "c3", "column 'id', row 8: expected each value once, found 'c3'"),
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
        ({"positive": "gone"}, "no row has the positive value 'gone'; found 'no' (133 rows), 'yes"),
        ({"drop": ["age", "plan", "id"]}, "has no usable feature column"),
    ],
)
def test_wrong_role_is_named(table: pd.DataFrame, roles: dict[str, Any], words: str):
    assert words in refusal(table, **roles)


@pytest.mark.parametrize(("rows", "stayed"), [(slice(0, None, 3), 0), (slice(0, 30), 20)])
def test_too_few_of_a_class_are_refused(table: pd.DataFrame, rows: slice, stayed: int):
    message = refusal(table[rows])
    assert f"and {stayed} stayed; expected at least 20 of each" in message


@pytest.mark.parametrize("split", [{"test_size": 0.9}, {"test_size": 0.004}, {"folds": 20}])
def test_too_few_customers_for_the_split_are_refused(
    table: pd.DataFrame, tmp_path: Path, settings: dict[str, Any], split: dict[str, Any]
):
    settings["split"] |= split
    table[:90].to_csv(tmp_path / "mine.csv", index=False)
    with pytest.raises(DataError, match="`split`"):
        data.run(Config(**settings | {"dataset": "mine"}), Paths(tmp_path))


@pytest.fixture
def prepared(table: pd.DataFrame, tmp_path: Path, settings: dict[str, Any]) -> Config:
    """A configuration whose data set has been processed in ``tmp_path``."""
    config = Config(**settings | {"dataset": "mine"})
    table.to_csv(tmp_path / "mine.csv", index=False)
    data.run(config, Paths(tmp_path))
    return config


def test_bad_data_never_replaces_good(prepared: Config, table: pd.DataFrame, tmp_path: Path):
    good, info = data.read_processed(Paths(tmp_path))
    table.replace({"left": {"yes": "no"}}).to_csv(tmp_path / "mine.csv", index=False)
    with pytest.raises(DataError):
        data.run(prepared, Paths(tmp_path))
    kept, kept_info = data.read_processed(Paths(tmp_path))
    assert kept_info == info
    pd.testing.assert_frame_equal(kept.train, good.train)


def test_parts_of_two_runs_never_mix(
    prepared: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def stop(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(data, "write_json", stop)
    with pytest.raises(KeyboardInterrupt):
        data.run(prepared.model_copy(update={"seed": 4}), Paths(tmp_path))
    # Training customers of the one among the test customers of the other would be a leak.
    with pytest.raises(DataError, match="run the `data` command"):
        data.read_processed(Paths(tmp_path))


# Splitting


def test_split_is_complete_disjoint_and_stratified(table: pd.DataFrame):
    checked, info = validate(table, id="id")
    for seed in range(5):
        parts = data.split(checked, info, 0.2, seed)
        pd.testing.assert_frame_equal(pd.concat([parts.train, parts.test]).sort_index(), checked)
        share = np.ceil(0.2 * checked["left"].value_counts())  # of each class, rounded up
        assert parts.test["left"].value_counts().to_dict() == share.to_dict()
