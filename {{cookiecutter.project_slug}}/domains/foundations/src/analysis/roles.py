"""What the columns of a clean table are for: targets, groups, numbers and categories."""

from dataclasses import dataclass

import pandas as pd

from .config import Dataset
from .errors import DataError
from .settings import SAMPLE, Provenance
from .summaries import kind
from .tables import require_columns

MAX_TEXT_SHARE = 0.5  # text with more different values than this share of rows is a name or id
MAX_CLASSES = 20


@dataclass(frozen=True)
class DatasetInfo(Provenance):
    """What is known of the processed data."""

    rows_are: str
    regression_target: str | None
    classification_target: str | None
    date: str | None
    groups: list[str]
    id: str | None
    numeric: list[str]
    categorical: list[str]
    left_out: dict[str, str]

    @property
    def features(self) -> list[str]:
        """What may predict the targets: neither of them, and no raw date."""
        targets = (self.regression_target, self.classification_target)
        return [name for name in self.numeric + self.categorical if name not in targets]


def validate(
    table: pd.DataFrame, dataset: Dataset, name: str, sha256: str
) -> tuple[pd.DataFrame, DatasetInfo]:
    """Return the table, and what is known of its columns.

    Raises:
        DataError: a role names a column that is not there, or that cannot play it.
    """
    where = f"data set {name!r}"
    targets = [dataset.regression_target, dataset.classification_target]
    require_columns(table, [*filter(None, targets), *dataset.group], where)
    _check_roles(table, dataset, where)
    table = _name_flags(table, targets)
    keys = {key: "names a row" for key in (dataset.id, dataset.join.on if dataset.join else None)}
    left_out = {key: why for key, why in keys.items() if key}
    left_out |= {name: "listed under `drop`" for name in dataset.drop}
    for column in table.columns.difference([*left_out, dataset.date], sort=False):
        if reason := _unfit(table[column]):
            left_out[column] = reason
    usable = [column for column in table if column not in left_out]
    numeric = [column for column in usable if kind(table[column]) == "number"]
    categorical = [column for column in usable if kind(table[column]) == "category"]
    info = DatasetInfo(
        name=name,
        synthetic=name == SAMPLE,
        rows=len(table),
        sha256=sha256,
        rows_are=dataset.rows_are,
        regression_target=dataset.regression_target,
        classification_target=dataset.classification_target,
        date=dataset.date,
        groups=list(dataset.group),
        id=dataset.id,
        numeric=numeric,
        categorical=categorical,
        left_out=left_out,
    )
    if not info.numeric and not info.categorical:
        reasons = "; ".join(f"{column!r} {reason}" for column, reason in left_out.items())
        raise DataError(f"{where}: expected a column to describe, found none: {reasons}")
    return table, info


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
    named = {name: table[name].map("{:g}".format, na_action="ignore") for name in flags}
    return table.assign(**{name: text.astype(object) for name, text in named.items()})


def _unfit(column: pd.Series) -> str:
    """The reason to leave a column out of plots and models, or nothing."""
    known = column.dropna()
    if known.nunique() < 2:
        return "has fewer than two different values"
    if kind(column) == "date":
        return "is a date without the role `date`"
    if kind(column) == "category" and known.nunique() > MAX_TEXT_SHARE * len(column):
        return "has a different value in most rows, like a name"
    return ""


def focus(table: pd.DataFrame, info: DatasetInfo) -> str:
    """The number that most plots are about: the one to predict, or the one with most values."""
    return info.regression_target or max(info.numeric, key=lambda name: table[name].nunique())


def main_category(info: DatasetInfo) -> str | None:
    """The category that colours plots: the first group, class or other category there is."""
    names = [*info.groups, info.classification_target, *info.categorical]
    return next((name for name in names if name), None)
