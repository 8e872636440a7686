"""Dates and times as people write them: in periods, with zones, by the clocks of a place."""

import re
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from pandas.tseries.frequencies import to_offset

from . import DataError
from .tables import refuse_values

ZONE = re.compile(r"(?<=:\d\d)(\.\d+)? ?(Z|[+-]\d\d(:?\d\d)?)$")  # behind a time of day
WIDE = 3  # columns named by dates, from which a table has one for each
SERIAL = r"[2-7]\d{4}(\.\d+)?"  # days as a spreadsheet counts them, of 1954 to 2118
PERIOD = re.compile(r"(\d{4})[ -]?([QMW])(\d\d?)")


def to_dates(column: pd.Series, date_format: str | None, where: str) -> pd.Series:
    """Convert text to days and times in UTC; missing ones stay missing, wrong ones are refused.

    A quarter (1990Q1), month (1949M01) or ISO week (2020-W05) is its first day.
    """
    known = pd.api.types.is_datetime64_any_dtype(column)
    text = column if known or date_format else column.map(_first_day)
    how = None if known else date_format or "ISO8601"
    if not (known or date_format) and column.astype(str).str.fullmatch(SERIAL).all():
        text = pd.to_datetime(column.astype(float), unit="D", origin="1899-12-30").dt.round("s")
    try:
        dates = pd.to_datetime(text, errors="coerce", utc=True, format=how)
    except ValueError as error:
        message = f"{where}: `date_format` {date_format!r} cannot be used: {error}"
        raise DataError(message) from error
    example = pd.Timestamp("2024-01-31").strftime(date_format or "%Y-%m-%d")
    remedy = 'Write all alike and say how in `date_format`, such as "%d/%m/%Y" for day first.'
    wrong = dates.isna() & column.notna()
    refuse_values(column, wrong, where, f"expected a date written as {example!r}", remedy)
    # Of years in two digits, none lies ahead: Jan-49 is 1949.
    ahead = (dates > pd.Timestamp.now("UTC") + pd.DateOffset(years=2)) & ("%y" in str(date_format))
    return dates.mask(ahead, dates - pd.DateOffset(years=100))


def by_the_clock(column: pd.Series, date_format: str | None, where: str) -> pd.Series:
    """Days and times by the clock of the place where they were written down; no zone is left."""
    form = date_format
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        column = column.dt.tz_localize(None)
    elif form is None or form.endswith("%z"):
        form = form and form.removesuffix("%z").rstrip()
        column = column.map(
            lambda value: ZONE.sub(r"\1", value) if isinstance(value, str) else value
        )
    return to_dates(column, form, where).dt.tz_localize(None)


def in_zone(
    column: pd.Series, date_format: str | None, zone: ZoneInfo, series: pd.Series, where: str
) -> pd.Series:
    """Days and times in ``zone``, by whose clocks they are meant where they name no zone."""
    aware = isinstance(column.dtype, pd.DatetimeTZDtype) or "%z" in str(date_format)
    if aware or column.map(lambda value: bool(ZONE.search(str(value)))).all():
        return to_dates(column, date_format, where).dt.tz_convert(zone)
    clock = to_dates(column, date_format, where).dt.tz_localize(None)
    # Of an hour that comes twice, as clocks go back, the first is that of summer.
    first = ~pd.DataFrame({"series": series, "clock": clock}).duplicated()
    found = clock.dt.tz_localize(zone, ambiguous=first.to_numpy(), nonexistent="NaT")
    wanted = f"expected a time that clocks show in {zone}"
    refuse_values(column, found.isna() & clock.notna(), where, wanted, "Correct it or `timezone`.")
    return found


def from_wide(raw: pd.DataFrame, ds: str, y: str, date_format: str | None) -> pd.DataFrame:
    """One row for each date, where a table has a column for each instead, and none of both."""
    if ds in raw or y in raw:
        return raw
    try:
        dates = pd.to_datetime(
            raw.columns.map(_first_day), format=date_format or "ISO8601", errors="coerce"
        ).notna()
    except ValueError:  # the format is none: the columns that are asked for are missing
        return raw
    if dates.sum() < WIDE:
        return raw
    rows = raw.melt([*raw.columns[~dates]], [*raw.columns[dates]], ds, y)
    rows.attrs = raw.attrs
    return rows.dropna(subset=y, ignore_index=True)


def settled(dates: pd.Series, freq: str) -> pd.Series:
    """Months, quarters and years at their start or end, as ``freq`` says, whatever day they had."""
    if not re.match("[MQY][SE]", freq):
        return dates
    step, days = to_offset(freq), dates.dt.normalize()
    roll = step.rollback if freq[1] == "S" else step.rollforward
    return days.map({day: roll(day) for day in days.unique()})


def _first_day(value: Any) -> Any:
    """The first day of a period, if it is one."""
    if not (found := PERIOD.fullmatch(str(value))):
        return value
    year, kind, number = int(found[1]), found[2], int(found[3])
    try:
        if kind == "W":
            return date.fromisocalendar(year, number, 1).isoformat()
        return date(year, number if kind == "M" else 3 * number - 2, 1).isoformat()
    except ValueError:
        return value  # there is no fifth quarter
