"""From a source to clean rows in two parts, and a receipt of what became of each row and column."""

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import GroupKFold, KFold, StratifiedGroupKFold, StratifiedKFold

from . import sample
from .clean import Finding, Rules, clean
from .config import Config, Dataset
from .kit import DataError
from .kit.download import fetch
from .kit.files import Paths, read_json, replacing, write_json
from .kit.intervals import Array
from .kit.settings import SAMPLE
from .kit.store import SCHEMA, require_whole, seal
from .kit.tables import read_table, require_columns
from .roles import LABEL, Info, kind, rarer_class, validate

PARTS = ("train", "test")


@dataclass(frozen=True)
class Raw:
    """What a source holds, as it is written: the main table first, then one to join."""

    tables: dict[str, pd.DataFrame]
    dataset: Dataset
    name: str
    sha256: str


def run(config: Config, paths: Paths) -> list[Path]:
    """Load, clean, join and split the configured data set; write the parts and the receipt."""
    raw = load(config, paths)
    cleaned, findings = clean_all(raw, config.cleaning.outlier_factor)
    table, orphans = join(cleaned, raw.dataset)
    table = add_weekend(give_labels(table, raw.dataset), raw.dataset.date)
    table, info = validate(table, raw.dataset, raw.name, raw.sha256)
    parts = split(table, info, config)
    files = [write_table(paths.processed / f"{part}.parquet", parts[part]) for part in PARTS]
    files.append(write_json(paths.processed / "dataset.json", asdict(info)))
    seal(paths.processed)
    receipt = receipt_of(raw, cleaned, table, info, findings + orphans)
    return [*files, write_json(paths.reports / "data.json", receipt)]


def load(config: Config, paths: Paths) -> Raw:
    """Return the configured tables as they are written, their roles and their checksum.

    A DataError says that a source cannot be fetched or read, or lacks a column that has a role.
    """
    name = config.dataset
    if name == SAMPLE:
        orders, customers = sample.make_sample(config.seed)
        sha256 = hashlib.sha256((orders.to_csv() + customers.to_csv()).encode()).hexdigest()
        return Raw({"orders": orders, "customers": customers}, sample.ROLES, name, sha256)
    dataset, digest, tables = config.datasets[name], hashlib.sha256(), {}
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
    dataset, tables, findings = raw.dataset, {}, []
    on = dataset.join.on if dataset.join else None
    texts = [*dataset.group, *dataset.categories, *dataset.labels]
    texts += [name for name in (dataset.classification_target, dataset.unit) if name]
    for place, (name, table) in enumerate(raw.tables.items()):
        row_id = dataset.id if place == 0 else on
        rules = Rules(
            table=name,
            source=dataset.join if place else dataset,
            id=row_id,
            keys=tuple(key for key in (row_id, on) if key),
            date=dataset.date,
            date_format=dataset.date_format,
            texts=tuple(texts),
            missing_words=dataset.na_values,
            outlier_factor=outlier_factor,
        )
        dropped = list(dataset.drop) if place == 0 else []
        tables[name], found = clean(table.drop(columns=dropped), rules)
        findings += found
    return tables, findings


def join(tables: dict[str, pd.DataFrame], dataset: Dataset) -> tuple[pd.DataFrame, list[Finding]]:
    """Add the columns of the second table, if there is one; rows without a match are counted.

    A DataError says that the second table has more than one row for a key.
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


def give_labels(table: pd.DataFrame, dataset: Dataset) -> pd.DataFrame:
    """Put words in place of numbers that only name something; others stay as they are."""
    require_columns(table, list(dataset.labels), "`labels`: the table")
    words = {
        column: table[column].replace({str(value): word for value, word in labels.items()})
        for column, labels in dataset.labels.items()
    }
    return table.assign(**words)


def add_weekend(table: pd.DataFrame, date: str | None) -> pd.DataFrame:
    """Add a column that says whether the date is on a weekend.

    A DataError says that no date is known.
    """
    if date is None or f"{date}_weekend" in table:
        return table
    if not table[date].notna().any():
        raise DataError(f"column {date!r}: expected dates, found none. Take it out of `date`.")
    weekend = table[date].dt.dayofweek.ge(5).map({True: "yes", False: "no"})
    return table.assign(**{f"{date}_weekend": weekend.where(table[date].notna())})


def split(table: pd.DataFrame, info: Info, config: Config) -> dict[str, pd.DataFrame]:
    """Part the rows at random, with the same shares of classes; a unit is never parted.

    A DataError says that there are too few rows, or too few units.
    """
    parts = round(1 / config.split.test_size)
    units = table[info.unit].nunique() if info.unit else len(table)
    if units < parts:
        what = f"values of {info.unit!r}" if info.unit else "rows"
        raise DataError(
            f"data set {info.name!r} has {units} {what}; expected {parts} or more to keep "
            f"{config.split.test_size:.0%} of them aside for the test"
        )
    target = info.classification_target
    classes = table[target].astype(str) if target else None
    if classes is not None and classes.value_counts().min() < parts:
        classes = None
    folds = folds_of(parts, classes is not None, info.unit is not None, config.seed)
    train, test = next(folds.split(table, classes, unit_of(table, info)))
    return {"train": table.iloc[train], "test": table.iloc[test]}


def folds_of(folds: int, stratified: bool, grouped: bool, seed: int) -> Any:
    """scikit-learn's splitter: rows shuffled, classes in equal shares, units kept together."""
    kinds = {
        (False, False): KFold,
        (True, False): StratifiedKFold,
        (False, True): GroupKFold,
        (True, True): StratifiedGroupKFold,
    }
    return kinds[stratified, grouped](folds, shuffle=True, random_state=seed)


def unit_of(table: pd.DataFrame, info: Info) -> Array | None:
    """Which rows belong together, as numbers; a row without a known unit stands alone."""
    if info.unit is None:
        return None
    codes = pd.factorize(table[info.unit])[0].astype(float)
    return np.where(codes < 0, -1 - np.arange(len(codes)), codes)


def write_table(file: Path, table: pd.DataFrame) -> Path:
    """Write a table as Parquet, whole or not at all."""
    with replacing(file) as temporary:
        table.to_parquet(temporary)
    return file


def receipt_of(
    raw: Raw,
    cleaned: dict[str, pd.DataFrame],
    table: pd.DataFrame,
    info: Info,
    findings: list[Finding],
) -> dict[str, Any]:
    """What was read, kept, left out and mended, and what each column was taken for."""
    main = next(iter(raw.tables))
    read, kept, known = len(raw.tables[main]), len(cleaned[main]), raw.tables[main].attrs
    unread = known.get("dropped", {})
    dropped = unread | {"repeats an earlier row": read - kept}
    columns = [{"name": name, **_taken_for(table[name], info)} for name in table]
    columns += [
        {"name": name, "kind": "left out", "reason": "listed under `drop`"}
        for name in raw.dataset.drop
    ]
    return {
        "schema": SCHEMA,
        "dataset": info.summary,
        "source": raw.dataset.url or Path(str(raw.dataset.path or raw.dataset.sql)).as_posix(),
        "lines": known.get("lines"),
        "rows_read": read + sum(unread.values()),
        "rows_kept": kept,
        "dropped": [{"reason": why, "rows": n} for why, n in dropped.items() if n],
        "columns": columns,
        "target": _classes(table, info.classification_target),
        "files": None,
        "allowed": [],
        "findings": [asdict(finding) for finding in findings],
    }


def _taken_for(column: pd.Series, info: Info) -> dict[str, str]:
    if column.name in info.left_out:
        return {"kind": "left out", "reason": info.left_out[str(column.name)]}
    if column.name in info.labels:
        return {"kind": "number", "reason": LABEL}
    reasons = {
        "number": "all known values are numbers",
        "date": "has the role `date`",
        "category": "holds words, or numbers that only name something",
    }
    return {"kind": kind(column), "reason": reasons[kind(column)]}


def _classes(table: pd.DataFrame, target: str | None) -> dict[str, dict[str, Any]]:
    """Each value of the class to predict: 1 is the rarer of two, which is looked for."""
    if target is None:
        return {}
    counts, rare = table[target].value_counts().sort_index(), rarer_class(table[target])
    two = len(counts) == 2
    return {
        str(name): {"class": int(str(name) == rare) if two else str(name), "rows": int(rows)}
        for name, rows in counts.items()
    }


def read_processed(paths: Paths) -> tuple[pd.DataFrame, pd.DataFrame, Info]:
    """Read what the data stage wrote: rows to learn from, rows kept aside, what is known of both.

    A DataError says that the data stage has not run, or was stopped between two of its files.
    """
    require_whole(paths.processed)
    info = Info(**read_json(paths.processed / "dataset.json", "data"))
    train, test = (pd.read_parquet(paths.processed / f"{part}.parquet") for part in PARTS)
    return train, test, info


def whole(paths: Paths) -> tuple[pd.DataFrame, Info]:
    """The clean table with all its rows, in their order."""
    train, test, info = read_processed(paths)
    return pd.concat([train, test]).sort_index(), info
