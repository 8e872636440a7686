"""Scoring a table of reviews, with errors that say which column to look at."""

from io import BytesIO
from pathlib import Path

import pandas as pd

from sentiment.errors import DataError
from sentiment.formats import TextFormat
from sentiment.predictor import Predictor
from sentiment.tables import read_json_lines, read_text, require_columns

MAX_ROWS = 20_000
LINES, JSON_LINES = (".txt",), (".jsonl", ".ndjson")
SEPARATORS = ",;\t|"
NO_SEPARATOR = "\x1f"  # where there is one column, commas belong to the reviews


def read_reviews(name: str, content: bytes) -> pd.DataFrame:
    """Read a CSV, TSV or JSON Lines file as text; of a text file every line is a review.

    Raises:
        DataError: it is no UTF-8 table, has no rows, or more than ``MAX_ROWS``.
    """
    kind = Path(name).suffix.lower()
    try:
        if kind in LINES:
            lines = content.decode("utf-8-sig").splitlines()
            table = pd.DataFrame({"text": [line for line in lines if line.strip()]})
        elif kind in JSON_LINES:
            table = read_json_lines(content.decode("utf-8-sig"))
        else:
            # As text, so that the result repeats the values as they were.
            table = read_text(BytesIO(content), _text_format(content))
        table.columns = table.columns.astype(str).str.strip()
        if not table.columns.is_unique:
            raise ValueError(f"expected different column names, found {list(table.columns)}")
    except UnicodeDecodeError as error:
        raise DataError("the file is not UTF-8 text: save it as \u201cCSV UTF-8\u201d") from error
    except (ValueError, pd.errors.ParserWarning) as error:
        raise DataError(f"the file cannot be read as a table: {str(error).strip()}") from error
    if not 0 < len(table) <= MAX_ROWS:
        raise DataError(f"expected at least one and at most {MAX_ROWS:,} reviews")
    return table


def likely_text(table: pd.DataFrame) -> str:
    """The column that looks most like reviews: the one with the longest values."""
    lengths = table.astype(str).map(len).mean()
    return str(lengths.idxmax())


def score(table: pd.DataFrame, text: str, predictor: Predictor) -> pd.DataFrame:
    """Return ``table``, riskiest first, with what the model says as further columns.

    Raises:
        DataError: there is no such column, or a review is longer than the model's limit.
    """
    require_columns(table, [text], "the file")
    reviews = table[text].map(lambda value: value if isinstance(value, str) else "")
    limit = predictor.metadata["limits"]["characters"]
    long = reviews.str.len() > limit
    if long.any():
        row = int(long.to_numpy().argmax()) + 1
        raise DataError(
            f"column {text!r}, row {row}: expected at most {limit:,} characters, found "
            f"{len(reviews.iloc[row - 1]):,}. Shorten the review, or raise `characters` under "
            "`limits` and publish the model again."
        )
    found = pd.DataFrame(predictor.predict([{"text": review} for review in reviews]))
    # A file may have such a column already, from an earlier scoring for example: it stays.
    taken = {name: f"{name} (model)" for name in found if name in table}
    found = found.rename(columns=taken).set_index(table.index)
    kept = table.drop(columns=list(found), errors="ignore")
    return kept.join(found).iloc[found.iloc[:, 0].argsort(kind="stable")]


def _text_format(content: bytes) -> TextFormat:
    """That by which the first line has most columns."""
    header = content.split(b"\n", 1)[0]
    formats = [TextFormat(separator=mark) for mark in (NO_SEPARATOR, *SEPARATORS)]
    return max(formats, key=lambda text: len(read_text(BytesIO(header), text).columns))
