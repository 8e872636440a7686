"""Reading tables as text, with errors that say which file, column and row to look at."""

import csv
import json
import re
import warnings
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pandas as pd

from .errors import DataError
from .settings import TableSource

FLAT = (str, float, bool, type(None), date)
FORMATS = {".parquet": "parquet", ".pq": "parquet", ".jsonl": "jsonl", ".ndjson": "jsonl"}


def read_table(file: Path, source: TableSource) -> pd.DataFrame:
    """Read a file as ``source`` describes it; text stays as it is written.

    Without a header the columns are called ``column_0``, ``column_1``, …

    Raises:
        DataError: the file cannot be read that way, or holds no rows.
    """
    kind = source.format or FORMATS.get(file.suffix.lower(), "csv")
    try:
        if kind == "jsonl":
            table = _read_json_lines(file.read_text(source.encoding))
        elif kind == "parquet":
            table = pd.read_parquet(file)
            as_text = table.select_dtypes(["category", "string"])
            table = table.astype(dict.fromkeys(as_text, object)).apply(_without_nests)
        else:
            table = _read_text(file, source)
        table.columns = pd.Index(_column_names(table, source.header or kind == "jsonl"))
    except UnicodeDecodeError as error:
        message = f"{file} is not {source.encoding} text: byte {error.start} cannot be read."
        raise DataError(f"{message} Set `encoding` (often cp1252) for this data set.") from error
    except (LookupError, ValueError, OSError, re.error, pd.errors.ParserWarning) as error:
        raise DataError(
            f"{file} cannot be read as a table: {str(error).strip()}. Check `format`, `separator`, "
            "`header` and `encoding` for this data set."
        ) from error
    if table.empty:
        raise DataError(f"{file} has no rows: expected a table with at least one")
    return table


def _read_text(file: Path, text: TableSource) -> pd.DataFrame:
    """Read separated values, everything as text: what is a number is decided later."""
    separator = text.separator
    if len(separator) > 1 and "\\" not in separator:
        separator = re.escape(separator)  # pandas takes it as a pattern, as is wanted of "\\s+"
    with warnings.catch_warnings():
        # pandas warns, and drops values, where a row is longer than the header.
        warnings.simplefilter("error", pd.errors.ParserWarning)
        return pd.read_csv(
            file,
            sep=separator,
            header=0 if text.header else None,
            index_col=False,
            encoding=text.encoding,
            keep_default_na=False,
            dtype=str,
            quoting=csv.QUOTE_MINIMAL if text.quotes else csv.QUOTE_NONE,
            engine="c" if len(separator) == 1 else "python",
        )


def _read_json_lines(text: str) -> pd.DataFrame:
    """Read one JSON object a line; lists, objects and whole numbers become text."""
    rows = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                row = dict(json.loads(line))
                json.dumps(row, ensure_ascii=False).encode()  # fails on halves of characters
            except (TypeError, ValueError, RecursionError) as error:
                raise ValueError(f"line {number} is no JSON object: {line[:40]!r}") from error
            rows.append(row)
    return pd.DataFrame(rows, dtype=object).apply(_without_nests)


def require_columns(table: pd.DataFrame, columns: list[str], where: str) -> None:
    """Check that ``table`` has ``columns``; ``where`` names the data set in the message.

    Raises:
        DataError: names the first missing column and the nearest one there is.
    """
    for column in columns:
        if column in table:
            continue
        found = [str(name) for name in table.columns]
        near = get_close_matches(column, found, n=1, cutoff=0.0)
        hint = f"did you mean {near[0]!r}? Found: {', '.join(found[:20])}"
        if len(found) == 1:
            hint = f"the only column is {found[0]!r}: is `separator` right?"
        raise DataError(f"{where} has no column {column!r}; {hint}")


def _without_nests(column: pd.Series) -> pd.Series:
    """Lists and objects as JSON; whole numbers as text, as they may be too long for a number."""
    return column.map(_flat) if column.dtype == object else column


def _flat(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, FLAT) else json.dumps(value, default=str, ensure_ascii=False)


def _column_names(table: pd.DataFrame, header: bool) -> list[str]:
    """Stripped names, made up by position where there is none."""
    given = [str(name).strip() if header else "" for name in table.columns]
    names = [name or f"column_{place}" for place, name in enumerate(given)]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"it has two columns called {name!r}")
    return names
