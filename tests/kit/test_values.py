"""Values: what is missing, what is a number, what is a date."""

import pandas as pd
import pytest
from kit.dates import to_dates
from kit.errors import DataError
from kit.values import mark_missing, to_numbers


def test_blanks_and_words_for_missing_become_none():
    table = pd.DataFrame({"a": [" x ", "", "N/A", "?"], "b": [1.0, 2.0, 3.0, 4.0]})
    found = mark_missing(table, ["?"])
    assert found["a"].tolist() == ["x", None, None, None]
    assert found["b"].tolist() == [1, 2, 3, 4]


def test_wrong_number_is_named_with_its_row():
    column = pd.Series(["1", None, "2e3"], name="age")
    assert to_numbers(column, "data set 'mine'").iloc[[0, 2]].tolist() == [1, 2000]
    with pytest.raises(
        DataError, match=r"'mine', column 'age', row 2: expected a number, found 'x'"
    ):
        to_numbers(pd.Series(["1", "x", "y"], name="age"), "data set 'mine'")
    with pytest.raises(DataError, match=r"\(1 such row"):
        to_numbers(pd.Series(["1", "1e300"], name="age"), "data set 'mine'")


def test_dates_are_read_as_described():
    column = pd.Series(["31/01/2024", None], name="day")
    assert to_dates(column, "%d/%m/%Y", "here").iloc[0] == pd.Timestamp("2024-01-31", tz="UTC")
    assert to_dates(column, "%d/%m/%Y", "here").isna().tolist() == [False, True]
    with pytest.raises(DataError, match=r"row 1: expected a date written as '2024-01-31'"):
        to_dates(column, None, "here")
    with pytest.raises(DataError, match=r"`date_format` '%!' cannot be used"):
        to_dates(column, "%!", "here")
