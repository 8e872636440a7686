"""Scoring a table of customers, with errors that say which column and row to look at."""

from io import BytesIO
from typing import Any

import pandas as pd

from churn.errors import DataError
from churn.formats import TextFormat
from churn.predictor import Instance, Predictor
from churn.tables import read_text, require_columns
from churn.values import mark_missing, to_numbers

MAX_ROWS = 50_000


def read_csv(content: bytes, names: list[str]) -> pd.DataFrame:
    """Read a CSV file as text; its separator is the one by which most of ``names`` are found.

    Raises:
        DataError: it is no UTF-8 table, has no rows, or more than ``MAX_ROWS``.
    """
    try:
        header = content.split(b"\n", 1)[0]
        separator = max(",;\t|", key=lambda mark: len(set(names) & set(_parse(header, mark))))
        table = _parse(content, separator)
        if not table.columns.is_unique:
            raise ValueError(f"expected different column names, found {list(table.columns)}")
    except UnicodeDecodeError as error:
        raise DataError("the file is not UTF-8 text: save it as \u201cCSV UTF-8\u201d") from error
    except (ValueError, pd.errors.ParserWarning) as error:
        raise DataError(f"the file cannot be read as a CSV table: {str(error).strip()}") from error
    if not 0 < len(table) <= MAX_ROWS:
        raise DataError(f"expected at least one and at most {MAX_ROWS:,} rows below the header")
    return table


def score(table: pd.DataFrame, predictor: Predictor) -> pd.DataFrame:
    """Return ``table``, riskiest first, with what the model says as three more columns."""
    predictions = pd.DataFrame(predictor.predict(to_instances(table, predictor.columns)))
    riskiest_first = (-predictions["probability"]).argsort(kind="stable")
    # A file may have such a column already, from an earlier scoring for example: it stays.
    taken = {name: f"{name} (model)" for name in predictions if name in table}
    predictions = predictions.rename(columns=taken).set_index(table.index)
    kept = table.drop(columns=list(predictions), errors="ignore")
    return kept.join(predictions).iloc[riskiest_first]


def to_instances(table: pd.DataFrame, columns: list[dict[str, Any]]) -> list[Instance]:
    """Return the rows as the predictor takes them: None where a value is not known.

    Raises:
        DataError: a column is missing, or a value that should be a number is none.
    """
    names = [column["name"] for column in columns]
    require_columns(table, names, "the file")
    features = table[names].astype(object)
    for column in columns:
        if column["type"] == "number":
            features[column["name"]] = to_numbers(table[column["name"]], "the file").astype(object)
    return features.where(features.notna(), None).to_dict("records")


def _parse(content: bytes, separator: str) -> pd.DataFrame:
    # As text, so that the result repeats the values as they were.
    table = read_text(BytesIO(content), TextFormat(separator=separator))
    table.columns = table.columns.str.strip()
    return mark_missing(table)
