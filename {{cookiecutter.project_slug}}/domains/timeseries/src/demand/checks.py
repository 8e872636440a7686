"""Checking series: what is wrong is named with its series, date and value."""

import re

import numpy as np
import pandas as pd

from .config import Dataset
from .dates import to_dates
from .errors import DataError
from .tables import require_columns
from .values import refuse_values, to_numbers

ZONE = re.compile(r"(?<=:\d\d)(\.\d+)?(Z|[+-]\d\d:?\d\d)$")  # behind a time of day
SINGLE = "all"  # the id where the data is a single series


def validate(raw: pd.DataFrame, dataset: Dataset, where: str) -> pd.DataFrame:
    """Return ``unique_id``, ``ds``, ``y`` and the known columns, sorted by series and date.

    ``y`` is missing where the file has a row but no value.

    Raises:
        DataError: names data set, column, row or series and date of the first problem.
    """
    columns = [*dataset.unique_id, dataset.ds, dataset.y, *dataset.known]
    require_columns(raw, columns, where)
    raw = raw.reset_index(drop=True)
    table = pd.DataFrame({"unique_id": _ids(raw, dataset.unique_id, where)})
    table["ds"] = _dates(raw[dataset.ds], dataset, where)
    table["y"] = to_numbers(raw[dataset.y], where)
    for column in dataset.known:
        table[column] = to_numbers(raw[column], where)
    table = table.sort_values(["unique_id", "ds"], ignore_index=True)
    repeated = table.duplicated(["unique_id", "ds"])
    remedy = "Add up or remove the rows; name every column that tells series apart in `unique_id`."
    refuse(table, repeated, where, "expected one row for each series and date", remedy)
    remedy = "Correct the value; returns belong in a column of their own."
    expected = f"column {dataset.y!r}: expected demand of at least 0"
    refuse(table, table["y"] < 0, where, expected, remedy, "y")
    if dataset.holidays:
        wrong = ~table[dataset.holidays].isin([0, 1])
        expected = f"column {dataset.holidays!r}: expected 0 or 1 for a holiday"
        refuse(table, wrong, where, expected, "Correct the value.", dataset.holidays)
    for column in dataset.known:
        expected = f"column {column!r}: expected a value that is known in advance, found none"
        remedy = "Fill it in, or take the column off `known_future`."
        refuse(table, table[column].isna(), where, expected, remedy)
    return table


def regular(table: pd.DataFrame, dataset: Dataset, where: str) -> tuple[pd.DataFrame, int, str]:
    """Return every series with one row for each step in time, values filled, and the frequency.

    Gaps, and values missing between others, are filled by ``dataset.fill`` and known columns by
    the row before; without a rule they are refused. Rows after the last value of any series are
    kept without one: they say what is known of the time ahead.

    Raises:
        DataError: names the first series and date that is missing, or not in step.
    """
    freq = dataset.freq
    if freq == "W":  # weeks may begin on any day: the data says on which
        freq = f"W-{table['ds'].min().day_name()[:3].upper()}"
    sold = table.dropna(subset="y")
    if sold.empty:
        raise DataError(f"{where}, column {dataset.y!r}: expected at least one value, found none")
    silent = ~table["unique_id"].isin(sold["unique_id"])
    refuse(table, silent, where, "expected a value", "Leave out series that have none at all.")
    grid = pd.date_range(table["ds"].min(), table["ds"].max(), freq=freq)
    expected = f"expected dates in steps of freq {freq}"
    remedy = "Correct `freq` for this data set, or the date."
    refuse(table, ~table["ds"].isin(grid), where, expected, remedy)
    end, starts = sold["ds"].max(), sold.groupby("unique_id")["ds"].min()
    dates = grid[grid <= end]
    rows = [
        pd.DataFrame({"unique_id": name, "ds": dates[dates >= start]})
        for name, start in starts.items()
    ]
    full = pd.concat(rows, ignore_index=True).merge(table, on=["unique_id", "ds"], how="left")
    missing = full["y"].isna()
    if dataset.fill is None:
        expected = f"no value; expected one for each step of freq {freq} up to {stamp(end)}"
        remedy = "Add the rows, or choose a rule for gaps: `fill: zero` or `fill: forward`."
        refuse(full, missing, where, expected, remedy)
    full["y"] = _filled(full, dataset.fill)
    known = list(dataset.known)
    full[known] = full.groupby("unique_id")[known].ffill()
    return full, int(missing.sum()), freq


def refuse(
    table: pd.DataFrame,
    wrong: pd.Series,
    where: str,
    expected: str,
    remedy: str,
    column: str | None = None,
) -> None:
    """Name the first row that is ``wrong``, if there is one, by series and date."""
    if wrong.any():
        row = table.loc[int(np.flatnonzero(wrong)[0])]
        found = f", found {row[column]:g}" if column else ""
        raise DataError(
            f"{where}, series {row['unique_id']!r}, {stamp(row['ds'])}: {expected}{found} "
            f"({int(wrong.sum())} such row(s)). {remedy}"
        )


def stamp(date: pd.Timestamp) -> str:
    """ISO 8601; the time of day only where there is one."""
    return f"{date:%Y-%m-%d}" if date == date.normalize() else f"{date:%Y-%m-%dT%H:%M}"


def _ids(raw: pd.DataFrame, columns: tuple[str, ...], where: str) -> pd.Series:
    """The series of each row; values of several columns are joined by a slash."""
    if not columns:
        return pd.Series(SINGLE, raw.index)
    for column in columns:
        missing, remedy = raw[column].isna(), "Fill it in, or remove these rows."
        refuse_values(raw[column], missing, where, "expected the name of a series", remedy)
    return raw[list(columns)].astype(str).agg("/".join, axis=1)


def _dates(raw: pd.Series, dataset: Dataset, where: str) -> pd.Series:
    """Dates without a time zone: hours and minutes in UTC, longer steps as the calendar says."""
    form = dataset.date_format
    if form is None and not dataset.freq.endswith(("h", "min")):
        raw = _without_zone(raw)
    remedy = "Fill it in, or remove these rows."
    refuse_values(raw, raw.isna(), where, "expected a date", remedy)
    return to_dates(raw, form, where).dt.tz_localize(None)


def _without_zone(raw: pd.Series) -> pd.Series:
    """The same dates and times on the clock of the place where they were written down."""
    if isinstance(raw.dtype, pd.DatetimeTZDtype):
        return raw.dt.tz_localize(None)
    return raw.map(lambda value: ZONE.sub("", value) if isinstance(value, str) else value)


def _filled(table: pd.DataFrame, fill: str | None) -> pd.Series:
    # No interpolation: what comes after a gap would be known before it happened.
    return table["y"].fillna(0) if fill == "zero" else table.groupby("unique_id")["y"].ffill()
