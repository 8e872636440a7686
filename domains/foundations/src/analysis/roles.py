"""What the columns of a clean table are for: targets, groups, numbers and categories."""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from .clean import read_dates
from .config import Dataset
from .kit import DataError
from .kit.settings import SAMPLE
from .kit.tables import require_columns

MAX_TEXT_SHARE = 0.5  # text with more different values than this share of rows is a name or id
MAX_CLASSES = 20
DATE_SHARE = 0.95  # a column with at least this share of dates is one of dates
LABEL_ROWS = 10  # of each number that may only name something
LABEL = "called an id, or whole numbers in a row that are each about as often"
CALLED_ID = re.compile(r"(?i:(^|[\W_])(id|code|zip|no|nr))$|[a-z]I[dD]$")


@dataclass(frozen=True)
class Info:
    """What is known of the processed data; ``outcome`` is what the pictures are about."""

    name: str
    synthetic: bool
    rows: int
    sha256: str
    licence: str | None
    rows_are: str
    outcome: str
    regression_target: str | None
    classification_target: str | None
    date: str | None
    groups: list[str]
    id: str | None
    unit: str | None
    numeric: list[str]
    categorical: list[str]
    labels: list[str]
    left_out: dict[str, str]

    @property
    def measures(self) -> list[str]:
        """Numbers that do not look like labels."""
        return [name for name in self.numeric if name not in self.labels]

    @property
    def features(self) -> list[str]:
        """What may predict the targets: neither of them, and no raw date."""
        targets = (self.regression_target, self.classification_target)
        return [name for name in self.numeric + self.categorical if name not in targets]

    @property
    def outcome_is_number(self) -> bool:
        """Whether the pictures are about a number."""
        return self.outcome in self.numeric

    @property
    def summary(self) -> dict[str, object]:
        """Which data a report is about."""
        keys = ("name", "synthetic", "rows", "sha256", "licence")
        return {key: getattr(self, key) for key in keys}

    @property
    def note(self) -> str:
        """What the title of every picture of the sample ends with."""
        return "\n(synthetic sample)" if self.synthetic else ""


def kind(column: pd.Series) -> str:
    """What a column holds: ``number``, ``date`` or ``category``."""
    if pd.api.types.is_datetime64_any_dtype(column):
        return "date"
    return "number" if pd.api.types.is_numeric_dtype(column) else "category"


def rarer_class(column: pd.Series) -> str:
    """The least frequent category: usually the one that one looks for."""
    counts = column.value_counts().sort_index()
    return str(counts.index[counts.to_numpy().argmin()])


def as_number(column: pd.Series) -> pd.Series:
    """A number as it is; of a category, 1 for its rarest value and 0 for others."""
    if pd.api.types.is_numeric_dtype(column):
        return column.astype(float)
    return (column == rarer_class(column)).astype(float).where(column.notna())


def as_numbers(table: pd.DataFrame, info: Info) -> pd.DataFrame:
    """What can be counted with, at least two columns, in the rows where none is missing: measures,
    and where there are fewer than two, 1 or 0 for each value of a category, or the row's place.
    """
    numbers = table[info.measures].dropna()
    if numbers.shape[1] < 2:
        values = pd.get_dummies(table[info.categorical].loc[numbers.index], dtype=float)
        numbers = pd.concat([numbers, values], axis=1)
    return numbers if numbers.shape[1] > 1 else numbers.assign(place=range(len(numbers)))


def readable(value: float) -> str:
    """A number as one reads it: thousands in full, four digits of a small one, no exponent."""
    if abs(value) >= 1_000:
        return f"{value:,.0f}"
    return np.format_float_positional(float(f"{value:.4g}") + 0.0, trim="-")


def validate(
    table: pd.DataFrame, dataset: Dataset, name: str, sha256: str
) -> tuple[pd.DataFrame, Info]:
    """Return the table, and what is known of its columns.

    A DataError says that a role names a column that is not there, or that cannot play it.
    """
    where = f"data set {name!r}"
    targets = [dataset.regression_target, dataset.classification_target]
    wanted = [*targets, *dataset.group, dataset.unit, *dataset.categories]
    require_columns(table, [column for column in wanted if column], where)
    _check_roles(table, dataset, where)
    table = _name_flags(table, targets)
    # Rows with the same id are about the same thing, if nothing else says which belong together.
    again = dataset.id is not None and table[dataset.id].dropna().duplicated().any()
    unit = dataset.unit or (dataset.id if again else None)
    left_out = _left_out(table, dataset, unit)
    usable = [column for column in table if column not in left_out]
    numeric = [column for column in usable if kind(table[column]) == "number"]
    categorical = [column for column in usable if kind(table[column]) == "category"]
    if not usable or not numeric + categorical:
        reasons = "; ".join(f"{column!r} {reason}" for column, reason in left_out.items())
        raise DataError(f"{where}: expected a column to describe, found none: {reasons}")
    info = Info(
        name=name,
        synthetic=name == SAMPLE,
        rows=len(table),
        sha256=sha256,
        licence=dataset.licence,
        rows_are=dataset.rows_are,
        outcome=_outcome(table, dataset, numeric, categorical),
        regression_target=dataset.regression_target,
        classification_target=dataset.classification_target,
        date=dataset.date,
        groups=list(dataset.group),
        id=dataset.id,
        unit=unit,
        numeric=numeric,
        categorical=categorical,
        labels=[name for name in numeric if name not in targets and looks_like_label(table[name])],
        left_out=left_out,
    )
    return table, info


def _outcome(
    table: pd.DataFrame, dataset: Dataset, numeric: list[str], categorical: list[str]
) -> str:
    target = dataset.regression_target or dataset.classification_target
    if target:
        return target
    return max(numeric, key=lambda name: table[name].nunique()) if numeric else categorical[0]


def _check_roles(table: pd.DataFrame, dataset: Dataset, where: str) -> None:
    target, classes = dataset.regression_target, dataset.classification_target
    if target and (kind(table[target]) != "number" or table[target].nunique() < 2):
        raise DataError(
            f"{where}, column {target!r}: expected different numbers to predict, found "
            f"{', '.join(repr(str(value)) for value in table[target].unique()[:3])}. Name another "
            "`regression_target`, or make it the `classification_target`."
        )
    for role, name in (("classification_target", classes), *(("group", g) for g in dataset.group)):
        if name and not 2 <= table[name].nunique() <= MAX_CLASSES:
            raise DataError(
                f"{where}, column {name!r}: has {table[name].nunique()} different values; expected "
                f"2 to {MAX_CLASSES}. Name another column as `{role}`."
            )


def _name_flags(table: pd.DataFrame, targets: list[str | None]) -> pd.DataFrame:
    """Turn numbers with two values, such as 0 and 1, into categories: they only name two groups."""
    flags = [
        name
        for name in table.columns.difference(targets, sort=False)
        if kind(table[name]) == "number" and table[name].nunique() == 2
    ]
    named = {name: table[name].map("{:.15g}".format, na_action="ignore") for name in flags}
    return table.assign(**{name: text.astype(object) for name, text in named.items()})


def _left_out(table: pd.DataFrame, dataset: Dataset, unit: str | None) -> dict[str, str]:
    """Columns that neither pictures, tests nor models use, and why."""
    left_out = {}
    if dataset.join:
        left_out[dataset.join.on] = "joins the tables"
    if dataset.id:
        left_out[dataset.id] = "names a row"
    if unit:
        left_out[unit] = "says which rows belong together"
    for column in table.columns.difference([*left_out, dataset.date], sort=False):
        if reason := _unfit(table[column]):
            left_out[column] = reason
    return left_out


def _unfit(column: pd.Series) -> str:
    """The reason to leave a column out, or nothing."""
    known = column.dropna()
    if known.nunique() < 2:
        return "has fewer than two different values"
    if looks_like_dates(column):
        return "is a date without the role `date`"
    if kind(column) == "category" and known.nunique() > MAX_TEXT_SHARE * len(column):
        return "has a different value in most rows, like a name"
    return ""


def looks_like_dates(column: pd.Series) -> bool:
    """Whether different dates, texts or numbers such as 20240325 are nearly all dates."""
    known, what = column.dropna().drop_duplicates(), kind(column)
    if what == "date" or (what == "number" and not known.between(1900_01_01, 2100_00_00).all()):
        return what == "date"
    text = known.map("{:.15g}".format) if what == "number" else known.astype(str)
    # A year alone is a number or a category like any other.
    dates = read_dates(text.mask(text.str.len() < len("2024Q1")))
    return bool(dates.notna().mean() >= DATE_SHARE)


def looks_like_label(column: pd.Series) -> bool:
    """Whether whole numbers may only name something: ``LABEL`` says by what."""
    if kind(column) != "number" or (column.dropna() % 1).any():
        return False
    counts = column.value_counts()
    row = len(counts) > 2 and counts.index.max() - counts.index.min() == len(counts) - 1
    often = counts.min() >= LABEL_ROWS and counts.max() <= 1.12 * counts.min()
    return bool(CALLED_ID.search(str(column.name)) or (row and often))
