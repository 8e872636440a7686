"""Checking interactions and items: what is wrong is named with its column and row."""

import numpy as np
import pandas as pd

from .config import Dataset, ItemTable
from .dates import to_dates
from .errors import DataError
from .settings import MAX_NUMBER
from .tables import require_columns
from .values import refuse_values, to_numbers

MIN_USERS, MIN_ITEMS = 20, 2
MILLISECONDS = 1e11  # as seconds, the year 5138: larger numbers count milliseconds


def catalogue(
    raw: pd.DataFrame, raw_items: pd.DataFrame | None, dataset: Dataset, where: str
) -> tuple[pd.DataFrame, int]:
    """Return ``id``, ``title`` and ``text`` of every item, by id, and how many have no title.

    Raises:
        DataError: a column is missing, or an id is missing or stands for two items.
    """
    require_columns(raw, [dataset.item], where)
    met = np.sort(_ids(raw, dataset.item, where).unique())
    bare = pd.DataFrame({"id": met, "title": met, "text": ""})
    if dataset.items is None or raw_items is None:
        return bare, 0
    items = _described(raw_items, dataset.items, f"{where}, `items`")
    unknown = bare[~bare["id"].isin(items["id"])]
    if dataset.items.unknown == "keep":
        items = pd.concat([items, unknown]).sort_values("id", ignore_index=True)
    return items, len(unknown)


def _described(raw: pd.DataFrame, roles: ItemTable, where: str) -> pd.DataFrame:
    require_columns(raw, [roles.id, roles.title, *roles.text], where)
    ids = _ids(raw, roles.id, where)
    words = raw[list(roles.text)].astype(object)  # nullable columns of Parquet take no ""
    words = words.where(words.notna(), "").astype(str).agg(" ".join, axis=1)
    title = raw[roles.title].astype(object).where(raw[roles.title].notna(), ids)
    # "Action|Comedy" is a list of words.
    text = words.str.replace("|", " ") if roles.text else ""
    items = pd.DataFrame({"id": ids, "title": title.astype(str), "text": text})
    twice = ids.duplicated() & ~items.duplicated()
    refuse_values(ids, twice, where, "expected each item once", "Keep one row for each item.")
    return items.drop_duplicates("id").sort_values("id", ignore_index=True)


def validate(
    raw: pd.DataFrame, items: pd.DataFrame, dataset: Dataset, where: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the interactions with codes for users and items, oldest first, and the users.

    Raises:
        DataError: names data set, column and row of the first problem, and what was expected.
    """
    optional = [name for name in (dataset.rating, dataset.timestamp) if name]
    require_columns(raw, [dataset.user, dataset.item, *optional], where)
    raw = raw.reset_index(drop=True)
    users, item_ids = (_ids(raw, column, where) for column in (dataset.user, dataset.item))
    unknown = ~item_ids.isin(items["id"])
    remedy = "Add a row for each, or set `unknown: keep` under `items` to show their ids."
    refuse_values(item_ids, unknown, where, "expected an item of the `items` table", remedy)
    known = pd.DataFrame({"id": np.sort(users.unique())})
    if len(known) < MIN_USERS:
        raise DataError(f"{where} has {len(known)} users: expected at least {MIN_USERS}")
    if len(items) < MIN_ITEMS:
        raise DataError(f"{where} has {len(items)} item(s): expected at least {MIN_ITEMS}")
    table = pd.DataFrame(
        {
            "user": pd.Index(known["id"]).get_indexer(users).astype(np.int32),
            "item": pd.Index(items["id"]).get_indexer(item_ids).astype(np.int32),
            "like": np.ones(len(raw), np.int8),
        }
    )
    if dataset.rating:
        table["rating"] = _ratings(raw[dataset.rating], dataset, where)
        if dataset.positive_rating is not None:
            table["like"] = (table["rating"] >= dataset.positive_rating).astype(np.int8)
    if dataset.timestamp:
        table["timestamp"] = _seconds(raw[dataset.timestamp], dataset.date_format, where)
        # Of rows with the same time, the order in the file decides.
        table = table.sort_values("timestamp", kind="stable", ignore_index=True)
    return table, known


def _ids(raw: pd.DataFrame, column: str, where: str) -> pd.Series:
    """Ids as text, in which the number 7.0 is 7."""
    values = raw[column].reset_index(drop=True)
    refuse_values(
        values, values.isna(), where, "expected an id", "Fill it in, or remove these rows."
    )
    text = values.astype(str)
    return text.str.removesuffix(".0") if pd.api.types.is_float_dtype(values) else text


def _ratings(raw: pd.Series, dataset: Dataset, where: str) -> pd.Series:
    numbers = to_numbers(raw, where)
    low, high = dataset.rating_range or (-np.inf, np.inf)
    expected = f"expected a rating from {low:g} to {high:g}" if dataset.rating_range else ""
    remedy = "Correct it, or remove these rows."
    refuse_values(raw, ~numbers.between(low, high), where, expected or "expected a rating", remedy)
    return numbers


def _seconds(raw: pd.Series, date_format: str | None, where: str) -> pd.Series:
    """Dates, or numbers of seconds or milliseconds, as whole seconds since 1970."""
    numbers = pd.to_numeric(raw, errors="coerce").astype(float)
    expected = "expected a date such as 2024-01-31, or seconds since 1970"
    remedy = "Correct it, or remove these rows."
    is_date = pd.api.types.is_datetime64_any_dtype(raw)
    if date_format or is_date or numbers.isna().mean() > 0.5:
        refuse_values(raw, raw.isna(), where, expected, remedy)
        return to_dates(raw, date_format, where).dt.as_unit("s").astype(np.int64)
    refuse_values(raw, ~numbers.between(-MAX_NUMBER, MAX_NUMBER), where, expected, remedy)
    return (numbers / (1000 if numbers.max() > MILLISECONDS else 1)).astype(np.int64)
