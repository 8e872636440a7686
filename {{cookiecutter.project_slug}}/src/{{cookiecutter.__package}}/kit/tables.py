"""Reading tables as text, and making values of it; errors say which column and row, from 1."""

import csv
import json
import re
import warnings
from collections.abc import Collection
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from . import DataError
from .settings import MAX_NUMBER, TableSource

FLAT = (str, float, bool, type(None), date)
FORMATS = {".parquet": "parquet", ".pq": "parquet", ".jsonl": "jsonl", ".ndjson": "jsonl"}
MISSING_WORDS = ("", "#N/A", "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null")
UNKNOWN = ("-", "--", "?", ".", "*", "unknown", "missing", "none", "n.a.", "k.a.", "nd")
SOME_NUMBERS = 0.5  # share from which a column may be one of numbers
MONEY = r"(?:[A-Z]{0,3}[$€£¥₹₽₺₩]|USD|EUR|GBP|CHF|JPY|INR|CAD|AUD|Fr\.?)?"
CODES = {"$": "USD", "US$": "USD", "€": "EUR", "£": "GBP", "₹": "INR"}
ALIKE = str.maketrans("\u2212\u2010\u2011\u2012\u2013\u00a0\u202f\u2007\u2009\u2019", "-----    '")
SWAPPED = str.maketrans(",.", ".,")
GROUPED = re.compile(r"(\d*|\d{1,3}(,\d{2,3})*,\d{3})(\.\d*)?([eE][+-]?\d+)?")
NUMBER = re.compile(
    rf"^[\s(+-]*(?P<before>{MONEY})[\s+-]*"
    r"(?P<digits>[.,]?\d(?:[\d.,]|[ '](?=\d{3}(?!\d)))*(?:[eE][+-]?\d+)?)"
    rf"\s*(?P<after>%|/ ?\d+|{MONEY}|[^\W\d_]\D*(?:\d\D*)?)\s*\)?\s*$"
)


def read_table(file: Path, source: TableSource) -> pd.DataFrame:
    """Read a file as ``source`` describes it; text stays as it is written.

    Without a header columns are called ``column_0``, … A DataError says why it cannot be read.
    """
    kind = source.format or FORMATS.get(file.suffix.lower(), "csv")
    try:
        if kind == "jsonl":
            lines = enumerate(file.read_text(source.encoding).split("\n"), start=1)
            rows = [_json_object(line, number) for number, line in lines if line.strip()]
            table = pd.DataFrame(rows, dtype=object).map(_flat)
        elif kind == "parquet":
            table = pd.read_parquet(file)
            texts = table.select_dtypes(["category", "string", "object"]).astype(object)
            table = table.assign(**texts.map(_flat, na_action="ignore"))
        else:
            table = _read_text(file, source)
        named = source.header or kind == "jsonl"
        given = [str(name).strip() if named else "" for name in table.columns]
        table.columns = pd.Index([name or f"column_{place}" for place, name in enumerate(given)])
        if any(twice := table.columns.duplicated()):
            raise ValueError(f"it has two columns called {table.columns[twice][0]!r}")
    except (LookupError, ValueError, OSError, re.error, pd.errors.ParserWarning) as error:
        raise DataError(
            f"{file} cannot be read as a table: {str(error).strip()}. Check `format`, `separator`, "
            "`header` and `encoding` (often cp1252) for this data set."
        ) from error
    if table.empty:
        raise DataError(f"{file} has no rows: expected a table with at least one")
    return table


def _read_text(file: Path, source: TableSource) -> pd.DataFrame:
    """Read separated values, everything as text: what is a number is decided later."""
    separator = source.separator
    if len(separator) > 1 and "\\" not in separator:
        separator = re.escape(separator)  # pandas takes it as a pattern, as is wanted of "\\s+"
    with warnings.catch_warnings():
        # pandas warns, and drops values, where a row is longer than the header.
        warnings.simplefilter("error", pd.errors.ParserWarning)
        return pd.read_csv(
            file,
            sep=separator,
            header=0 if source.header else None,
            index_col=False,
            encoding=source.encoding,
            keep_default_na=False,
            dtype=str,
            quoting=csv.QUOTE_MINIMAL if source.quotes else csv.QUOTE_NONE,
            engine="c" if len(separator) == 1 else "python",
        )


def _json_object(line: str, number: int) -> dict[str, Any]:
    try:
        row = dict(json.loads(line))
        json.dumps(row, ensure_ascii=False).encode()  # fails on halves of characters
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"line {number} is no JSON object: {line[:40]!r}") from error
    return row


def _flat(value: Any) -> Any:
    """Lists and objects as JSON; whole numbers as text, as they may be too long for a number."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, FLAT) else json.dumps(value, default=str, ensure_ascii=False)


def require_columns(table: pd.DataFrame, columns: list[str], where: str) -> None:
    """Raise a DataError that names the first missing column and the nearest one there is."""
    if missing := [column for column in columns if column not in table]:
        found = [str(name) for name in table.columns]
        near = get_close_matches(missing[0], found, n=1, cutoff=0.0)
        hint = f"did you mean {near[0]!r}? Found: {', '.join(found[:20])}"
        if len(found) == 1:
            hint = f"the only column is {found[0]!r}: is `separator` right?"
        raise DataError(f"{where} has no column {missing[0]!r}; {hint}")


def mark_missing(table: pd.DataFrame, na_values: Collection[str] = ()) -> pd.DataFrame:
    """Strip blanks from text; blank text, ``MISSING_WORDS`` and ``na_values`` become None."""
    words = [*MISSING_WORDS, *(word.strip() for word in na_values)]
    text = table.select_dtypes(object).map(lambda v: v.strip() if isinstance(v, str) else v)
    return table.assign(**text.mask(text.isin(words), None))


def to_numbers(column: pd.Series, where: str, source: TableSource | None = None) -> pd.Series:
    """Convert text to numbers; missing and ``UNKNOWN`` ones are NaN, wrong ones a DataError."""
    numbers = read_numbers(column, where, source)
    wrong = numbers.isna() & column.notna() & ~is_unknown(column)
    remedy = "Correct it; where it means missing, leave it blank or list it under `na_values`."
    refuse_values(column, wrong | (numbers.abs() > MAX_NUMBER), where, "expected a number", remedy)
    return numbers


def is_unknown(column: pd.Series) -> pd.Series:
    """Which values say, in a column of numbers, that nobody knows the number."""
    return column.astype(str).str.casefold().isin(UNKNOWN)


def read_numbers(column: pd.Series, where: str, source: TableSource | None = None) -> pd.Series:
    """The numbers behind text such as ``$1,234.50``, ``1.234,56``, ``45 %``, ``(12)``; else NaN.

    A unit that all share is taken off. Where one value does not tell which mark is the decimal one,
    the others do, or ``decimal``, or the file's ``separator``; else a DataError asks.
    """
    decimal, separator = (source.decimal, source.separator) if source else (None, ",")
    plain = pd.to_numeric(column, errors="coerce").astype(float).where(lambda n: n.abs() < np.inf)
    known = [value for value in column.unique() if isinstance(value, str)]
    text = pd.Series([value for value in known if value.casefold() not in UNKNOWN], dtype=object)
    settled = decimal == "." or (decimal is None and separator != ";")
    if text.empty or (settled and (plain.notna() | column.isna()).all()):
        return plain
    digits = _digits(alike := text.str.translate(ALIKE))
    if len(digits) <= SOME_NUMBERS * len(text):
        return plain
    marks = digits.map(lambda number: decimal or _decimal_mark(number))
    unsure = digits[marks.isna() & digits.str.contains("[.,]")].tolist()
    if unsure:
        found = marks.dropna().unique().tolist()
        if not found and separator != ";" and ("," not in unsure[0] or separator == ","):
            found = ["."]
        if len(found) != 1:
            bare = int(re.sub("[.,]", "", unsure[0]))
            raise DataError(
                f"{where}, column {column.name!r}: {unsure[0]!r} may be {bare} or {bare / 1000:g}. "
                """Say which mark is the decimal one: `decimal: ","` or `decimal: "."`."""
            )
        marks = marks.fillna(found[0])
    values = pd.Series([_number(*pair) for pair in zip(digits, marks, strict=True)], digits.index)
    signs = alike.str.match(r"\D*[-(]").map({True: -1, False: 1})
    read = dict(zip(text, signs * values.reindex(text.index), strict=True))
    return plain.mask(column.isin(text), column.map(read))


def _digits(alike: pd.Series) -> pd.Series:
    """The digits and marks of numbers with the unit of most; bare ones beside one currency too."""
    parts = alike.str.extract(NUMBER)
    unit = (parts["before"].fillna("") + parts["after"].fillna("")).str.strip(" s").replace(CODES)
    usual = unit.mode().tolist()
    money = ["", *unit[unit.ne("") & unit.str.fullmatch(MONEY)].mode()[:1]]
    fits = unit.isin(money if usual[0] in money else usual[:1])
    return parts["digits"].where(fits).dropna().str.replace("[ ']", "", regex=True)


def _decimal_mark(number: str) -> str | None:
    """The decimal mark that a number shows, None where it may have another: 12, 3,730."""
    last = number[max(number.rfind("."), number.rfind(","))]
    if last not in ".," or re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", number):
        return None
    return last if number.count(last) == 1 else ".,".replace(last, "")


def _number(number: str, mark: str | None) -> float:
    """Digits with this decimal mark, in groups or not, as a number; NaN where they are none."""
    english = number.translate(SWAPPED) if mark == "," else number
    return float(english.replace(",", "")) if GROUPED.fullmatch(english) else np.nan


def to_dates(column: pd.Series, date_format: str | None, where: str) -> pd.Series:
    """Convert text to days and times in UTC; missing ones stay missing, wrong ones are refused."""
    how = None if pd.api.types.is_datetime64_any_dtype(column) else date_format or "ISO8601"
    try:
        dates = pd.to_datetime(column, errors="coerce", utc=True, format=how)
    except ValueError as error:
        message = f"{where}: `date_format` {date_format!r} cannot be used: {error}"
        raise DataError(message) from error
    example = pd.Timestamp("2024-01-31").strftime(date_format or "%Y-%m-%d")
    remedy = 'Write all alike and say how in `date_format`, such as "%d/%m/%Y" for day first.'
    wrong = dates.isna() & column.notna()
    refuse_values(column, wrong, where, f"expected a date written as {example!r}", remedy)
    return dates


def refuse_values(column: pd.Series, wrong: pd.Series, where: str, wanted: str, mend: str) -> None:
    """Raise a DataError that names the first row whose value is ``wrong``, if there is one."""
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        found = "nothing" if column.isna().iloc[row] else repr(column.tolist()[row])
        raise DataError(
            f"{where}, column {column.name!r}, row {row + 1}: {wanted}, found {found} "
            f"({int(wrong.sum())} such row(s)). {mend}"
        )
