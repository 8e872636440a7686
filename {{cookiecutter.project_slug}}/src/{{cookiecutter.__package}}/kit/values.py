"""From text to values: what is missing, and what is a number."""

from collections.abc import Collection

import pandas as pd

from .errors import DataError
from .settings import MAX_NUMBER

MISSING_WORDS = ("", "#N/A", "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null")


def mark_missing(table: pd.DataFrame, na_values: Collection[str] = ()) -> pd.DataFrame:
    """Strip blanks from text; blank text, ``MISSING_WORDS`` and ``na_values`` become None."""
    words = {*MISSING_WORDS, *(word.strip() for word in na_values)}
    return table.apply(lambda column: _marked(column, words) if column.dtype == object else column)


def _marked(column: pd.Series, words: set[str]) -> pd.Series:
    text = column.map(lambda value: value.strip() if isinstance(value, str) else value)
    return text.mask(text.isin(words), None)


def to_numbers(column: pd.Series, where: str) -> pd.Series:
    """Convert text to numbers; missing values stay missing. Rows are counted from 1.

    Raises:
        DataError: names the column, the first row whose value is no number, and the value.
    """
    numbers = pd.to_numeric(column, errors="coerce").astype("float64")
    wrong = (numbers.isna() & column.notna()) | (numbers.abs() > MAX_NUMBER)
    remedy = "Correct it; where it means missing, leave it blank or list it under `na_values`."
    refuse_values(column, wrong, where, "expected a number", remedy)
    return numbers


def refuse_values(
    column: pd.Series, wrong: pd.Series, where: str, expected: str, remedy: str
) -> None:
    """Name the first row whose value is ``wrong``, if there is one. Rows are counted from 1."""
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        found = "nothing" if column.isna().iloc[row] else repr(column.tolist()[row])
        raise DataError(
            f"{where}, column {column.name!r}, row {row + 1}: {expected}, found {found} "
            f"({int(wrong.sum())} such row(s)). {remedy}"
        )
