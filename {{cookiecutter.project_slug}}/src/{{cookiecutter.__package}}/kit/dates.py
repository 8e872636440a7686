"""Dates and times as people write them."""

import pandas as pd

from . import DataError
from .tables import refuse_values


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
