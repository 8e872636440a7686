"""Tables: text, JSON Lines and Parquet files, read as described."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit import DataError
from kit.dates import to_dates
from kit.settings import TableSource
from kit.tables import mark_missing, read_numbers, read_table, to_numbers


@pytest.fixture
def table() -> pd.DataFrame:
    """What a file holds, as text."""
    rows = 20
    columns = {
        "id": [f"c{number}" for number in range(rows)],
        "age": [str(20 + number) for number in range(rows)],
        "plan": np.resize(["basic", "pro"], rows),
        "left": np.resize(["yes", "no", "no"], rows),
    }
    return pd.DataFrame(columns).astype(object)


def read(file: Path, **options: Any) -> pd.DataFrame:
    return read_table(file, TableSource(path=file, **options))


@pytest.mark.parametrize(
    ("writing", "reading"),
    [
        ({}, {}),
        ({"sep": ";"}, {"separator": ";"}),
        ({"sep": "\t", "encoding": "utf-16"}, {"separator": "\t", "encoding": "utf-16"}),
        ({"encoding": "utf-8-sig", "lineterminator": "\r\n"}, {}),
        ({"encoding": "latin-1"}, {"encoding": "latin-1"}),
    ],
)
def test_text_file_is_read_as_described(
    table: pd.DataFrame, tmp_path: Path, writing: dict[str, Any], reading: dict[str, Any]
):
    table = table.rename(columns={"plan": "Tarif für Köln"})
    table.loc[3, "age"] = " N/A"  # what that means is not for the reader to say
    table.to_csv(tmp_path / "mine.csv", index=False, **writing)
    found = read(tmp_path / "mine.csv", **reading)
    pd.testing.assert_frame_equal(found, table)


def test_file_without_header_gets_numbered_columns(table: pd.DataFrame, tmp_path: Path):
    table.to_csv(tmp_path / "mine.csv", index=False, header=False)
    found = read(tmp_path / "mine.csv", header=False)
    assert list(found) == ["column_0", "column_1", "column_2", "column_3"]
    assert len(found) == len(table)


@pytest.mark.parametrize(
    ("text", "separator"),
    [("id||age\nc1||20\n", "||"), ("id:)age\nc1:)20\n", ":)"), ("id  age\nc1 20\n", r"\s+")],
)
def test_long_separator_is_literal_but_for_patterns(tmp_path: Path, text: str, separator: str):
    (tmp_path / "mine.csv").write_text(text, encoding="utf-8")
    found = read(tmp_path / "mine.csv", separator=separator)
    assert found.to_dict("list") == {"id": ["c1"], "age": ["20"]}


@pytest.mark.parametrize("dtype", ["object", "string", "category"])
def test_text_of_parquet_is_read_like_that_of_csv(table: pd.DataFrame, tmp_path: Path, dtype: str):
    table.astype({"plan": dtype}).to_parquet(tmp_path / "mine.parquet")
    pd.testing.assert_frame_equal(read(tmp_path / "mine.parquet"), table)


def test_an_index_that_parquet_brings_is_no_number_of_a_row(table: pd.DataFrame, tmp_path: Path):
    named = table.assign(age=["12", "old", *table["age"][2:]]).set_index(table["id"] + "!")
    named.to_parquet(tmp_path / "mine.parquet")
    with pytest.raises(DataError, match="row 2: expected a number, found 'old'"):
        to_numbers(read(tmp_path / "mine.parquet")["age"], "mine")


def test_quotation_marks_may_be_letters(tmp_path: Path):
    (tmp_path / "mine.csv").write_text('id,age\nc1,20"\n"c2,30\n', encoding="utf-8")
    found = read(tmp_path / "mine.csv", quotes=False)
    assert found.to_dict("list") == {"id": ["c1", '"c2'], "age": ['20"', "30"]}


def test_json_lines_may_have_gaps_and_lists(tmp_path: Path):
    more = '{"plan": null, "tags": ["a"], "left": true}'
    lines = ['{"id": 1, "plan": "basic \\u00e4"}', "", more]
    (tmp_path / "mine.jsonl").write_text("\r\n".join(lines), encoding="utf-8-sig")
    found = read(tmp_path / "mine.jsonl", header=False)
    assert found.iloc[0, :2].tolist() == ["1", "basic ä"]
    assert pd.isna(found.iloc[0, 2:]).all()
    assert found.iloc[1, 2:].tolist() == ['["a"]', True]


def test_separator_at_the_end_of_lines_shifts_no_column(table: pd.DataFrame, tmp_path: Path):
    header, *lines = table.to_csv(index=False).splitlines()
    text = "\n".join([header, *(line + "," for line in lines)])
    (tmp_path / "mine.csv").write_text(text, encoding="utf-8")
    pd.testing.assert_frame_equal(read(tmp_path / "mine.csv")[list(table)], table)


def test_columns_without_a_name_get_one(table: pd.DataFrame, tmp_path: Path):
    table.rename(columns={"age": "", "plan": " plan "}).to_parquet(tmp_path / "mine.parquet")
    assert list(read(tmp_path / "mine.parquet")) == ["id", "column_1", "plan", "left"]


@pytest.mark.parametrize(
    ("content", "options", "words"),
    [
        (b"id,left,left \n1,yes,no\n", {}, "two columns called 'left'"),
        (b"id,left\n1,yes,3\n2,no,4\n", {}, "cannot be read as a table"),
        (
            "id,left\n1,yes\n2,n\u00f6\n".encode("latin-1"),
            {"encoding": "utf-8"},
            "can't decode byte 0xf6 .* `encoding`",
        ),
        (b"id,left\n1,yes\n2,no,3,4\n", {}, "Expected 2 fields in line 3, saw 4"),
        (b"id,left\n", {}, "has no rows"),
        (b"", {}, "cannot be read as a table"),
        (b"id,left\n1,yes\n", {"encoding": "martian"}, "unknown encoding: martian"),
        (b"id,left\n1,yes\n", {"format": "parquet"}, "Check `format`"),
        (b'{"id": 1}\n{oops\n', {"format": "jsonl"}, "line 2 is no JSON object: '{oops'"),
        (b"[1]\n", {"format": "jsonl"}, r"line 1 is no JSON object: '\[1\]'"),
        (b'{"id": "\\ud800"}\n', {"format": "jsonl"}, "line 1 is no JSON object"),
        (b"[" * 100_000, {"format": "jsonl"}, "line 1 is no JSON object"),
        (b"\n", {"format": "jsonl"}, "has no rows"),
        (b"id,left\n1,yes\n", {"separator": r"\s("}, "Check `format`, `separator`"),
    ],
)
def test_unreadable_file_is_refused(
    tmp_path: Path, content: bytes, options: dict[str, Any], words: str
):
    file = tmp_path / "mine.csv"
    file.write_bytes(content)
    with pytest.raises(DataError, match=words) as error:
        read(file, **options)
    assert str(file) in str(error.value)


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


# Numbers as people write them


@pytest.mark.parametrize(
    ("texts", "separator", "numbers"),
    [
        (["29,85", "3,5", "1.234,56"], ";", [29.85, 3.5, 1234.56]),
        (["$1,234.50", "$3.00", "4"], ",", [1234.5, 3, 4]),
        (["45%", "50 %"], ",", [45, 50]),
        (["(1,234.50)", "2.00", "-3"], ",", [-1234.5, 2, -3]),
        (["1'234.50", "3.00"], ",", [1234.5, 3]),
        (["12 kg", "13 kg"], ",", [12, 13]),
        (["\u22125.5", "\u20133", "-\u20ac2"], ",", [-5.5, -3, -2]),
        (["1\u2009234", "5\u00a0678,5"], ",", [1234, 5678.5]),
        (["5.0 out of 5 stars", "4,5 out of 5 stars"], ",", [5, 4.5]),
        (["3,730", "4,120"], ",", [3730, 4120]),
        (["3,730", "4,5"], ";", [3.73, 4.5]),
        (["1.234", "5.678"], ",", [1.234, 5.678]),
        (["1,23,456", "1.234.567"], ",", [123456, 1234567]),
        (["45%", "0.5", "30%"], ",", [45, None, 30]),
        (["2.5k", "1k", "300"], ",", [2.5, 1, None]),
        (["$2", "$3", "4 USD", "\u20ac5"], ",", [2, 3, 4, None]),
    ],
)
def test_numbers_are_read_as_people_write_them(
    texts: list[str], separator: str, numbers: list[float | None]
):
    source = TableSource(path=Path("mine.csv"), separator=separator)
    found = read_numbers(pd.Series(texts, dtype=object), "mine", source)
    assert [None if np.isnan(value) else value for value in found] == numbers


@pytest.mark.parametrize(
    "texts",
    [["ID5", "ID7"], ["2024-01-31", "2024-02-01"], ["10 20", "30 40"], ["1a", "2b"], ["12:30"]],
)
def test_what_only_looks_like_numbers_is_none(texts: list[str]):
    assert read_numbers(pd.Series(texts, dtype=object), "mine").isna().all()


@pytest.mark.parametrize(
    ("texts", "separator"),
    [
        (["3,730", "4,120"], ";"),
        (["1.234"], ";"),
        (["3,730"], "\t"),
        (["1,5", "2.5", "3,730"], ","),
    ],
)
def test_a_mark_that_may_be_either_is_asked_for(texts: list[str], separator: str):
    column = pd.Series(texts, name="price", dtype=object)
    with pytest.raises(DataError, match=r"'price': .* may be \d+ or .*`decimal: \",\"`"):
        read_numbers(column, "mine", TableSource(path=Path("mine.csv"), separator=separator))
    found = [
        to_numbers(column[-1:], "mine", TableSource(path=Path("mine.csv"), decimal=mark)).iat[0]
        for mark in ",."
    ]
    assert sorted(found)[1] == pytest.approx(1_000 * sorted(found)[0])


@pytest.mark.parametrize("values", [[None, None], [1.5, None], ["-", "?"], []])
def test_a_column_without_any_text_of_a_number_asks_nothing(values: list[object]):
    source = TableSource(path=Path("mine.csv"), separator=";")
    column = pd.Series(values, range(7, 7 + len(values)), dtype=object)
    found = read_numbers(column, "mine", source)
    assert found.dropna().tolist() == [value for value in values if isinstance(value, float)]
    assert found.index.equals(column.index)


def test_words_for_unknown_are_missing_among_numbers():
    column = pd.Series(["1,5", "-", "unknown", None, "?"], dtype=object)
    assert to_numbers(column, "mine").isna().tolist() == [False, True, True, True, True]


@settings(max_examples=200, derandomize=True, deadline=None)
@given(
    st.lists(st.integers(-(10**8), 10**8), min_size=1, max_size=20),
    st.sampled_from([(",", "."), (".", ","), (".", "'"), (",", " "), (".", "")]),
    st.integers(0, 3),
    st.sampled_from(["{}", "${}", "{} EUR", "{} kg", "{}%"]),
)
def test_what_was_written_comes_back_or_is_asked_for(values, marks, digits, form):
    decimal, group = marks
    numbers = [value / 10**digits for value in values]
    plain = [f"{value:,.{digits}f}" for value in numbers]
    texts = [form.format(t.translate(str.maketrans({",": group, ".": decimal}))) for t in plain]
    column = pd.Series(texts, name="n", dtype=object)
    separator = ";" if decimal == "," else ","
    try:
        found = to_numbers(column, "mine", TableSource(path=Path("mine.csv"), separator=separator))
    except DataError:  # it may be either: 1.234
        found = to_numbers(column, "mine", TableSource(path=Path("mine.csv"), decimal=decimal))
    assert found.tolist() == pytest.approx(numbers)
