"""Reading tables, with errors that say which file, column and row to look at."""

import re
import warnings
from difflib import get_close_matches
from pathlib import Path

import pandas as pd

from .errors import DataError
from .settings import TableSource


def read_table(file: Path, source: TableSource) -> pd.DataFrame:
    """Read a text or Parquet file as ``source`` describes it; text stays as it is written.

    Without a header the columns are called ``column_0``, ``column_1``, …

    Raises:
        DataError: the file cannot be read that way, or holds no rows.
    """
    is_parquet = file.suffix in {".parquet", ".pq"}
    try:
        if source.format == "parquet" or (source.format is None and is_parquet):
            table = pd.read_parquet(file)
            as_text = table.select_dtypes(["category", "string"])
            table = table.astype(dict.fromkeys(as_text, object))
        else:
            table = _read_text(file, source)
        table.columns = pd.Index(_column_names(table, source.header))
    except UnicodeDecodeError as error:
        raise DataError(
            f"{file} is not {source.encoding} text: byte {error.start} cannot be read. "
            "Set `encoding` (often latin-1 or cp1252) for this data set."
        ) from error
    except (LookupError, ValueError, OSError, pd.errors.ParserWarning) as error:
        raise DataError(
            f"{file} cannot be read as a table: {str(error).strip()}. Check `format`, `separator`, "
            "`header` and `encoding` for this data set."
        ) from error
    if table.empty:
        raise DataError(f"{file} has no rows: expected a table with at least one")
    return table


def _read_text(file: Path, source: TableSource) -> pd.DataFrame:
    separator = source.separator
    if len(separator) > 1 and "\\" not in separator:
        separator = re.escape(separator)  # pandas takes it as a pattern, as is wanted of "\\s+"
    with warnings.catch_warnings():
        # pandas warns, and drops values, where a row is longer than the header.
        warnings.simplefilter("error", pd.errors.ParserWarning)
        # Everything is read as text: what is a number is decided later, with the row at hand.
        return pd.read_csv(
            file,
            sep=separator,
            header=0 if source.header else None,
            index_col=False,
            encoding=source.encoding,
            keep_default_na=False,
            dtype=str,
            engine="c" if len(separator) == 1 else "python",
        )


def _column_names(table: pd.DataFrame, header: bool) -> list[str]:
    """Stripped names, made up by position where there is none."""
    given = [str(name).strip() if header else "" for name in table.columns]
    names = [name or f"column_{place}" for place, name in enumerate(given)]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"it has two columns called {name!r}")
    return names


def require_columns(table: pd.DataFrame, columns: list[str], where: str) -> None:
    """Check that ``table`` has ``columns``; ``where`` names the file in the message.

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
