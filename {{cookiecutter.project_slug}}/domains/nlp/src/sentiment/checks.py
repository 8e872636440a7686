"""Checking reviews: what is wrong is named with its column and row."""

import json

import pandas as pd

from .config import Dataset, Label
from .dates import to_dates
from .errors import DataError
from .markdown import code
from .tables import require_columns
from .text import tokens
from .values import refuse_values, to_numbers

TEXT, POSITIVE, PRODUCT, DATE = "text", "positive", "product", "date"
MIN_PER_CLASS = 20


def validate(
    raw: pd.DataFrame, dataset: Dataset, where: str
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Return the reviews as columns ``text``, ``positive`` (1 or 0) and, where the data set names
    them, ``product`` and ``date``; and how many rows were left out, by reason.

    Reviews with the same words, whatever their punctuation, are kept once: in both training and
    test data they would make a model look better than it is.

    Raises:
        DataError: names data set, column and row of the first problem, and what was expected.
    """
    named = (dataset.text, dataset.label, dataset.product, dataset.date)
    require_columns(raw, [column for column in named if column], where)
    raw = raw.reset_index(drop=True)
    texts = _texts(raw[dataset.text], where)
    table = pd.DataFrame({TEXT: texts, POSITIVE: _labels(raw[dataset.label], dataset, where)})
    if dataset.product:
        table[PRODUCT] = raw[dataset.product].map(str, na_action="ignore").astype(object)
    if dataset.date:
        table[DATE] = _dates(raw[dataset.date], dataset.date_format, where)
    words = texts.map(_words)
    empty = words == ""
    twice = words.duplicated() & ~empty
    opinions = table[POSITIVE].groupby(words).transform("nunique")
    table = table[~empty & ~twice]
    _require_both_classes(table[POSITIVE], dataset.label, where)
    left_out = {
        "empty": int(empty.sum()),
        "duplicates": int(twice.sum()),
        "contradictory": int((opinions[table.index] > 1).sum()),
    }
    return table, left_out


def rule(dataset: Dataset) -> str:
    """In words, which reviews count as good ones."""
    label = code(dataset.label)
    if dataset.rating_threshold is not None:
        return f"{label} is {dataset.rating_threshold:,.12g} or more"
    return f"{label} is {' or '.join(code(str(value)) for value in dataset.positive or ())}"


def _texts(raw: pd.Series, where: str) -> pd.Series:
    wrong = ~raw.map(_is_text) & raw.notna()
    remedy = "Name the column of the reviews as `text`, or correct these rows."
    refuse_values(raw, wrong, where, "expected text", remedy)
    return raw.astype(object).where(raw.notna(), "")


def _is_text(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        return not isinstance(json.loads(value), list | dict)  # a review in several parts
    except (ValueError, RecursionError):
        return True


def _words(text: str) -> str:
    return " ".join(token for token in tokens(text) if token not in "!?\uff01\uff1f")


def _labels(raw: pd.Series, dataset: Dataset, where: str) -> pd.Series:
    """Return 1 for good reviews and 0 for the others."""
    remedy = "Remove these rows, or fill in the value."
    refuse_values(raw, raw.isna(), where, "expected a label", remedy)
    if dataset.positive is None:
        return (to_numbers(raw, where) >= dataset.rating_threshold).astype("int8")
    wanted = {name for value in dataset.positive for name in _spellings(value)}
    labels = raw.map(_plain)
    for value in dataset.positive:
        if not labels.isin(_spellings(value)).any():
            found = ", ".join(repr(str(one)) for one in raw.unique()[:10])
            raise DataError(
                f"{where}, column {raw.name!r}: no row has the positive value {value!r}; "
                f"found {found}. Correct `positive` for this data set."
            )
    return labels.isin(wanted).astype("int8")


def _spellings(value: Label) -> set[str]:
    # YAML reads an unquoted Yes as true, and a 0/1 label says the same.
    truth = {True: {"true", "yes", "1"}, False: {"false", "no", "0"}}
    return truth[value] if isinstance(value, bool) else {_plain(value)}


def _plain(value: object) -> str:
    return str(value).strip().lower().removesuffix(".0")


def _dates(raw: pd.Series, date_format: str | None, where: str) -> pd.Series:
    """Days and times, in UTC where the file names a zone; a missing one stays missing."""
    return to_dates(raw, date_format, where).dt.tz_localize(None).dt.as_unit("s")


def _require_both_classes(positive: pd.Series, label: str, where: str) -> None:
    counts = positive.value_counts().reindex([0, 1], fill_value=0)
    if counts.min() < MIN_PER_CLASS:
        raise DataError(
            f"{where}, column {label!r}: {counts[1]} different reviews are positive and "
            f"{counts[0]} negative; expected at least {MIN_PER_CLASS} of each"
        )
