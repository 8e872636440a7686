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
    wrong = column.index[(numbers.isna() & column.notna()) | (numbers.abs() > MAX_NUMBER)]
    if len(wrong):
        raise DataError(
            f"{where}, column {column.name!r}, row {wrong[0] + 1}: expected a number, found "
            f"{column[wrong[0]]!r} ({len(wrong)} such row(s)). Correct it; where it means missing, "
            "leave it blank or list it under `na_values`."
        )
    return numbers
