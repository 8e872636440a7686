"""Cleaning: every planted problem is found and mended, and none is invented."""

import numpy as np
import pandas as pd
import pytest

from analysis import clean, data, sample
from analysis.config import Dataset
from analysis.kit import DataError
from analysis.kit.tables import read_numbers


def cleaned(orders: pd.DataFrame, customers: pd.DataFrame):
    raw = data.Raw({"orders": orders, "customers": customers}, sample.ROLES, "sample", "0" * 64)
    tables, findings = data.clean_all(raw, 10)
    joined, orphans = data.join(tables, sample.ROLES)
    return tables, joined, findings + orphans


def counts(findings: list[clean.Finding]) -> dict[tuple[str, str | None, str], int]:
    return {(found.table, found.column, found.kind): found.count for found in findings}


@pytest.mark.parametrize("seed", [0, 1, 42])
def test_planted_problems_are_all_found_and_no_others(seed: int):
    *_, findings = cleaned(*sample.make_sample(seed))
    assert counts(findings) == sample.PLANTED


def test_none_is_invented_on_clean_tables():
    orders, customers = sample.clean_tables(np.random.default_rng(0))
    tables, joined, findings = cleaned(orders.astype(str), customers.astype(str))
    assert findings == []
    assert len(joined) == sample.ORDERS
    for name, truth in (("orders", orders), ("customers", customers)):
        pd.testing.assert_frame_equal(tables[name], truth, check_dtype=False)


def test_what_is_mended_is_right():
    # Where cleaning gives a value, it is the one from before the table was spoilt.
    orders, customers = sample.clean_tables(np.random.default_rng(5))
    tables, *_ = cleaned(*sample.make_sample(5))
    for name, key, truth in (("orders", "order_id", orders), ("customers", sample.ON, customers)):
        mended = tables[name].set_index(key).sort_index()
        truth = truth.set_index(key).sort_index()
        assert mended.index.equals(truth.index)
        for column in truth.columns.drop(sample.ON, errors="ignore"):
            known = mended[column].notna()
            assert (mended[column][known] == truth[column][known]).all(), column
            kinds = [(name, column, kind) for kind in ("missing", "outlier")]
            assert (~known).sum() == sum(sample.PLANTED.get(kind, 0) for kind in kinds)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12),
        (" -3.5 ", -3.5),
        ("1,234", 1234),
        ("1,234,567.8", 1234567.8),
        ("1.234,50", 1234.5),
        ("12,5", 12.5),
        ("$ 1,234.50", 1234.5),
        ("99 EUR", 99),
        ("12%", 12),
        ("1e3", 1000),
        ("twelve", None),
        ("1,23,4", None),
        ("inf", None),
        (None, None),
    ],
)
def test_numbers_are_read_however_they_are_written(text: str | None, number: float | None):
    found = read_numbers(pd.Series([text], dtype=object), "here")[0]
    assert (np.isnan(found) and number is None) or found == number


def test_codes_with_leading_zeros_are_no_numbers():
    assert not clean.is_numeric(pd.Series(["00501", "10001"]), clean.Rules("mine"))
    assert clean.is_numeric(pd.Series(["0", "0.5", "10"]), clean.Rules("mine"))


@pytest.mark.parametrize(
    "values",
    [
        ["2024-03-25", "25.03.2024", "25 March 2024", "2024-03-25T00:00:00Z", "March 25, 2024"],
        ["25/03/2024", "2024-03-25"],
        ["03/25/2024", "2024-03-25"],
        ["25-03-2024", "25-Mar-2024"],
        ["25/03/24", "25/03/24 14:30"],
        ["20240325", "25.03.24", "25.03.2024 09:15:00"],
        ["25-Mar-24", "Mar 25 2024", "25. March 2024", "2024-Mar-25", "25/03/2024, 10:00"],
        ["2024-03-25T01:30:00+02:00", "2024-03-25 23:30:00.5 -05:00", "2024/03/25"],  # by the clock
    ],
)
def test_dates_are_read_however_they_are_written(values: list[str]):
    assert (clean.read_dates(pd.Series(values)).dt.normalize() == pd.Timestamp("2024-03-25")).all()


def test_periods_are_their_first_day_and_no_year_lies_ahead():
    text = pd.Series(
        ["2024Q2", "1990 Q4", "2024M07", "2020-W53", "Mar 2024", "2024Q5", "12-Mar-49"]
    )
    days = [
        "2024-04-01",
        "1990-10-01",
        "2024-07-01",
        "2020-12-28",
        "2024-03-01",
        None,
        "1949-03-12",
    ]
    assert clean.read_dates(text).equals(pd.Series(pd.to_datetime(days)))


@pytest.mark.parametrize("values", [["45376", "45377"], [20240325, 20240326], [20240325.0, None]])
def test_days_of_a_spreadsheet_and_numbers_of_a_parquet_file_are_dates(values: list[object]):
    mended, findings = clean.clean(pd.DataFrame({"when": values}), clean.Rules("m", date="when"))
    assert mended["when"][0] == pd.Timestamp("2024-03-25")
    assert not [finding for finding in findings if finding.kind != "missing"]


def test_dates_all_written_alike_need_no_mending():
    text = ["25-03-2024", "1-4-2024", "26-03-2024", "2024-03-27"]
    _, (finding,) = clean.clean(pd.DataFrame({"when": text}), clean.Rules("mine", date="when"))
    assert (finding.kind, finding.count, finding.examples) == ("date format", 1, ("2024-03-27",))


def test_dates_that_can_be_read_in_two_ways_are_refused_until_the_format_is_named():
    table = pd.DataFrame({"when": ["03/04/2024", "05/06/2024"]})
    with pytest.raises(DataError, match=r"column 'when', row 1: expected a date.*date_format"):
        clean.clean(table, clean.Rules("mine", date="when"))
    mended, _ = clean.clean(table, clean.Rules("mine", date="when", date_format="%d/%m/%Y"))
    assert mended["when"].dt.month.tolist() == [4, 6]


def test_spellings_take_the_most_frequent_form():
    values = ["e-mail", "e-mail", "E-Mail", "email ", None, "1-2", "12"]
    found = clean.mend_spellings(pd.Series(values))
    assert found.fillna("none").tolist() == ["e-mail"] * 4 + ["none", "1-2", "12"]


def test_equal_rows_go_only_if_an_id_says_that_they_are_one():
    table = pd.DataFrame({"a": ["1", "1", "1"], "b": ["x", "x", "y"]})
    kept, (finding,) = clean.drop_duplicates(table, clean.Rules("mine"))
    assert len(kept) == 3
    assert finding.action.startswith("kept")
    left, findings = clean.drop_duplicates(table, clean.Rules("mine", id="a"))
    assert len(left) == 2
    assert counts(findings) == {("mine", None, "duplicate"): 1, ("mine", "a", "id twice"): 1}


def test_outliers_of_a_long_tail_stay():
    tail = pd.Series(np.random.default_rng(0).lognormal(0, 1, 5_000))
    assert not clean.find_outliers(tail, 10).any()
    assert clean.find_outliers(pd.concat([tail, pd.Series([5_000.0])]), 10).sum() == 1


def test_second_table_has_one_row_for_each_key():
    tables = {"a": pd.DataFrame({"k": ["x"]}), "b": pd.DataFrame({"k": ["x", "x"], "v": [1, 2]})}
    with pytest.raises(DataError, match="'x' has more than one row"):
        data.join(tables, Dataset(path="a.csv", join={"path": "b.csv", "on": "k"}))


def test_types_of_a_parquet_file_become_plain():
    table = pd.DataFrame(
        {
            "whole": pd.array([1, 2, None], dtype="Int64"),
            "yes": pd.array([True, None, False], dtype="boolean"),
            "word": pd.array(["a", None, "b"], dtype="string"),
            "kind": pd.Categorical(["x", "y", None]),
            "when": pd.date_range("2024-01-01", periods=3, tz="UTC"),
        }
    )
    mended, findings = clean.clean(table, clean.Rules("mine"))
    assert mended["whole"].tolist()[:2] == [1.0, 2.0]
    assert mended["yes"].tolist()[::2] == ["True", "False"]
    assert mended["word"].tolist()[::2] == ["a", "b"]
    assert mended["when"].dtype == "datetime64[ns]"
    assert counts(findings) == {
        ("mine", name, "missing"): 1 for name in ("whole", "yes", "word", "kind")
    }
