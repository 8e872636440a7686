"""From a source to one clean table in ``data/processed``, and what cleaning found."""

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from . import sample
from .clean import Finding, Rules, clean
from .config import Config, Dataset, Join
from .download import fetch
from .errors import DataError
from .files import read_json, replacing, write_json
from .paths import Paths
from .roles import DatasetInfo, validate
from .sample import make_sample
from .settings import SAMPLE
from .summaries import measure, overview
from .tables import read_table, require_columns


@dataclass(frozen=True)
class Raw:
    """What a source holds, as it is written: the main table first, then one to join."""

    tables: dict[str, pd.DataFrame]
    dataset: Dataset
    name: str
    sha256: str


def prepare(config: Config, paths: Paths) -> list[Path]:
    """Load, clean and join the configured data set; write it to ``data/processed``."""
    raw = load(config, paths)
    tables, findings = clean_all(raw, config.cleaning.outlier_factor)
    table, orphans = join(tables, raw.dataset)
    table, info = validate(add_weekend(table, raw.dataset.date), raw.dataset, raw.name, raw.sha256)
    quality = {
        "dataset": info.summary,
        "before": {name: measure(part) for name, part in raw.tables.items()},
        "after": {name: measure(part) for name, part in tables.items()},
        "findings": [asdict(finding) for finding in findings + orphans],
        "columns": overview(table).to_dict("index"),
    }
    with replacing(paths.processed) as folder:
        folder.mkdir()
        table.to_parquet(folder / "table.parquet")
        write_json(folder / "dataset.json", asdict(info))
    report = write_json(paths.reports / "quality.json", quality)
    return [paths.processed / name for name in ("table.parquet", "dataset.json")] + [report]


def load(config: Config, paths: Paths) -> Raw:
    """Return the configured tables as they are written, their roles and their checksum.

    Raises:
        DataError: a source cannot be fetched or read, or lacks a column that has a role.
    """
    name = config.dataset
    if name == SAMPLE:
        orders, customers = make_sample(config.seed)
        roles = Dataset.model_construct(
            **sample.ROLES, join=Join.model_construct(on=sample.ON, path=None)
        )
        sha256 = hashlib.sha256((orders.to_csv() + customers.to_csv()).encode()).hexdigest()
        return Raw({"orders": orders, "customers": customers}, roles, name, sha256)
    dataset, digest = config.datasets[name], hashlib.sha256()
    tables = {}
    for label, source in ((name, dataset), (f"{name} (joined)", dataset.join)):
        if source is not None:
            file = fetch(source, paths)
            digest.update(file.read_bytes())
            tables[label] = read_table(file, source)
    _require(tables, dataset)
    return Raw(tables, dataset, name, digest.hexdigest())


def _require(tables: dict[str, pd.DataFrame], dataset: Dataset) -> None:
    (where, main), *joined = tables.items()
    named = [name for name in (dataset.id, dataset.date) if name]
    on = [dataset.join.on] if dataset.join else []
    require_columns(main, [*named, *on, *dataset.drop], f"data set {where!r}")
    for label, table in joined:
        require_columns(table, on, f"data set {label!r}")


def clean_all(raw: Raw, outlier_factor: float) -> tuple[dict[str, pd.DataFrame], list[Finding]]:
    """Clean every table by itself; columns listed under ``drop`` are left out first."""
    dataset = raw.dataset
    on = dataset.join.on if dataset.join else None
    tables, findings = {}, []
    for place, (name, table) in enumerate(raw.tables.items()):
        row_id = dataset.id if place == 0 else on
        rules = Rules(
            table=name,
            id=row_id,
            keys=tuple(key for key in (row_id, on) if key),
            dates=(dataset.date,) if dataset.date else (),
            texts=tuple(key for key in (*dataset.group, dataset.classification_target) if key),
            missing_words=dataset.na_values,
            outlier_factor=outlier_factor,
        )
        dropped = list(dataset.drop) if place == 0 else []
        tables[name], found = clean(table.drop(columns=dropped), rules)
        findings += found
    return tables, findings


def join(tables: dict[str, pd.DataFrame], dataset: Dataset) -> tuple[pd.DataFrame, list[Finding]]:
    """Add the columns of the second table, if there is one; rows without a match are counted.

    Raises:
        DataError: the second table has more than one row for a key.
    """
    (name, table), *others = tables.items()
    if not others or dataset.join is None:
        return table, []
    (other_name, other), on = others[0], dataset.join.on
    other = other[other[on].notna()]
    repeated = other.index[other[on].duplicated()]
    if len(repeated):
        raise DataError(
            f"data set {other_name!r}, column {on!r}: {other[on][repeated[0]]!r} has more than one "
            f"row ({len(repeated)} such row(s)); expected one for each value"
        )
    joined = table.merge(other, on=on, how="left", suffixes=("", "_joined"))
    orphans = table[on].notna() & ~table[on].isin(other[on])
    if not orphans.any():
        return joined, []
    action = f"kept, without the columns of {other_name}"
    examples = tuple(table[on][orphans].unique()[:3])
    return joined, [Finding(name, on, "orphan", int(orphans.sum()), action, examples)]


def add_weekend(table: pd.DataFrame, date: str | None) -> pd.DataFrame:
    """Add a column that says whether the date is on a weekend.

    Raises:
        DataError: no date is known.
    """
    if date is None or f"{date}_weekend" in table:
        return table
    if not table[date].notna().any():
        raise DataError(f"column {date!r}: expected dates, found none. Take it out of `date`.")
    weekend = table[date].dt.dayofweek.ge(5).map({True: "yes", False: "no"})
    return table.assign(**{f"{date}_weekend": weekend.where(table[date].notna())})


def read_processed(paths: Paths) -> tuple[pd.DataFrame, DatasetInfo]:
    """Read what ``prepare`` wrote.

    Raises:
        DataError: the data stage has not run.
    """
    try:
        info = DatasetInfo.read(paths.processed)
        return pd.read_parquet(paths.processed / "table.parquet"), info
    except FileNotFoundError as error:
        raise DataError(
            f"no processed data in {paths.processed}: run the `data` stage first"
        ) from error


def read_report(paths: Paths, stage: str, info: DatasetInfo) -> dict[str, Any]:
    """Read what an earlier stage reported of the same data.

    Raises:
        DataError: that stage has not run since the data changed.
    """
    name = {"data": "quality", "explore": "plots", "statistics": "statistics"}[stage]
    file = paths.reports / f"{name}.json"
    report = read_json(file) if file.exists() else {}
    if report.get("dataset") != info.summary:
        raise DataError(f"{file} is not about the processed data: run the `{stage}` stage first")
    return report
