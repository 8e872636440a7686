"""From a source to checked training and test tables in ``data/processed``."""

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pandera.pandas as pa
from sklearn.model_selection import train_test_split

from . import sample
from .config import MISSING, Config, Dataset
from .download import fetch
from .errors import DataError
from .files import replacing, write_json
from .paths import Paths
from .sample import make_sample
from .settings import MAX_NUMBER, SAMPLE, Provenance
from .tables import read_table, require_columns
from .values import mark_missing, refuse_values, to_numbers

NUMERIC_SHARE = 0.95  # a text column with at least this share of numbers should be all numbers
MAX_TEXT_SHARE = 0.5  # text with more different values than this share of rows is a name or id
MIN_PER_CLASS = 20
MIN_PER_PART = 5


@dataclass(frozen=True)
class DatasetInfo(Provenance):
    """What is known of the processed data."""

    target: str
    positive: str
    id: str | None
    numeric: list[str]
    categorical: list[str]
    ratios: dict[str, tuple[str, str]]
    left_out: dict[str, str]

    @property
    def features(self) -> list[str]:
        return self.numeric + self.categorical


@dataclass(frozen=True)
class Split:
    """Training and test customers; the target column holds 1 for a customer who left."""

    train: pd.DataFrame
    test: pd.DataFrame


def prepare(config: Config, paths: Paths) -> list[Path]:
    """Load, validate and split the configured data set; write it to ``data/processed``."""
    raw, dataset, sha256 = load(config, paths)
    table, info = validate(raw, dataset, config.dataset, sha256)
    _check_split(table[info.target], config)
    parts = split(table, info.target, config.split.test_size, config.seed)
    with replacing(paths.processed) as folder:
        folder.mkdir()
        parts.train.to_parquet(folder / "train.parquet")
        parts.test.to_parquet(folder / "test.parquet")
        write_json(folder / "dataset.json", asdict(info))
    return [paths.processed / name for name in ("train.parquet", "test.parquet", "dataset.json")]


def load(config: Config, paths: Paths) -> tuple[pd.DataFrame, Dataset, str]:
    """Return the raw table, its roles, and the sha256 of its source.

    Raises:
        DataError: the source cannot be fetched or read.
    """
    if config.dataset == SAMPLE:
        table = make_sample(config.seed)
        roles = Dataset.model_construct(
            target=sample.TARGET, positive=sample.POSITIVE, id=sample.ID, ratios=sample.RATIOS
        )
        return table, roles, hashlib.sha256(table.to_csv().encode()).hexdigest()
    dataset = config.datasets[config.dataset]
    file = fetch(dataset, paths)
    with file.open("rb") as content:
        sha256 = hashlib.file_digest(content, "sha256").hexdigest()
    return mark_missing(read_table(file, dataset), dataset.na_values), dataset, sha256


def validate(
    raw: pd.DataFrame, dataset: Dataset, name: str, sha256: str
) -> tuple[pd.DataFrame, DatasetInfo]:
    """Return the table with checked types, and what is known of it.

    Numbers become float32, the precision of the exported model; categories become text.

    Raises:
        DataError: names data set, column and row of the first problem, and what was expected.
    """
    where = f"data set {name!r}"
    ratio_columns = [column for pair in dataset.ratios.values() for column in pair]
    roles = [dataset.target, *([dataset.id] if dataset.id else [])]
    require_columns(raw, [*roles, *dataset.drop, *ratio_columns], where)
    raw = raw.reset_index(drop=True)
    table, left_out = _features(raw.drop(columns=[*roles, *dataset.drop]), where)
    left_out |= {column: "listed under `drop`" for column in dataset.drop}
    numeric = [column for column in table if table[column].dtype == np.float32]
    info = DatasetInfo(
        name=name,
        synthetic=name == SAMPLE,
        rows=len(table),
        sha256=sha256,
        target=dataset.target,
        positive=str(dataset.positive),
        id=dataset.id,
        numeric=numeric,
        categorical=[column for column in table if column not in numeric],
        ratios={} if set(ratio_columns) - set(numeric) else dataset.ratios,
        left_out=left_out,
    )
    if dataset.id:
        table[dataset.id] = raw[dataset.id].astype(str)
    table[dataset.target] = _target(raw[dataset.target], dataset.positive, where)
    _check(table, info, where)
    return table, info


def split(table: pd.DataFrame, target: str, test_size: float, seed: int) -> Split:
    """Keep a stratified share of customers aside for the final test."""
    train, test = train_test_split(
        table, test_size=test_size, stratify=table[target], random_state=seed
    )
    return Split(train.sort_index(), test.sort_index())


def read_processed(paths: Paths) -> tuple[Split, DatasetInfo]:
    """Read what ``prepare`` wrote.

    Raises:
        DataError: the data stage has not run.
    """
    try:
        info = DatasetInfo.read(paths.processed)
        train = pd.read_parquet(paths.processed / "train.parquet")
        test = pd.read_parquet(paths.processed / "test.parquet")
    except FileNotFoundError as error:
        raise DataError(
            f"no processed data in {paths.processed}: run the `data` stage first"
        ) from error
    return Split(train, test), info


def _features(raw: pd.DataFrame, where: str) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return the usable columns, and why the others are left out."""
    columns: dict[str, pd.Series] = {}
    left_out: dict[str, str] = {}
    for name in raw.columns:
        values, reason = _feature(raw[name], where)
        if reason:
            left_out[name] = reason
        else:
            columns[name] = values
    if not columns:
        raise DataError(f"{where} has no usable feature column: {left_out}")
    return pd.DataFrame(columns), left_out


def _feature(raw: pd.Series, where: str) -> tuple[pd.Series, str]:
    """Return a column as numbers or categories, or the reason to leave it out."""
    known = raw.dropna()
    if known.nunique() < 2:
        return raw, "has fewer than two different values"
    if pd.api.types.is_datetime64_any_dtype(raw):
        return raw, "is a date: derive numbers from it, such as days since sign-up"
    if not pd.api.types.is_bool_dtype(known):
        numbers = pd.to_numeric(known, errors="coerce").notna().mean()
        if numbers >= NUMERIC_SHARE:
            return to_numbers(raw, where).astype(np.float32), ""
    if known.nunique() > MAX_TEXT_SHARE * len(raw):
        return raw, "has a different value in most rows, like a name"
    return raw.astype(object).where(raw.notna(), MISSING).astype(str), ""


def _target(raw: pd.Series, positive: str | float | bool, where: str) -> pd.Series:
    """Return 1 for customers who left and 0 for the others."""
    remedy = "Remove these rows or fill in the outcome."
    refuse_values(raw, raw.isna(), where, "expected an outcome", remedy)
    labels = raw.map(_plain)
    # YAML reads an unquoted Yes as true, and a 0/1 target says the same.
    truth = {True: {"true", "yes", "1"}, False: {"false", "no", "0"}}
    wanted = truth[positive] if isinstance(positive, bool) else {_plain(positive)}
    if not labels.isin(wanted).any():
        found = ", ".join(repr(str(value)) for value in raw.unique()[:10])
        raise DataError(
            f"{where}, column {raw.name!r}: no row has the positive value {positive!r}; "
            f"found {found}. Correct `positive` for this data set."
        )
    return labels.isin(wanted).astype("int8")


def _plain(value: object) -> str:
    text = str(value).strip().lower()
    return text.removesuffix(".0")


def _check(table: pd.DataFrame, info: DatasetInfo, where: str) -> None:
    columns = {
        name: pa.Column(np.float32, pa.Check.in_range(-MAX_NUMBER, MAX_NUMBER), nullable=True)
        for name in info.numeric
    }
    columns |= {name: pa.Column(str) for name in info.categorical}
    columns[info.target] = pa.Column("int8", pa.Check.isin([0, 1]))
    if info.id:
        columns[info.id] = pa.Column(str, unique=True)
    try:
        pa.DataFrameSchema(columns, strict=True).validate(table, lazy=True)
    except pa.errors.SchemaErrors as error:
        case = error.failure_cases.iloc[0]
        raise DataError(
            f"{where}, column {case['column']!r}, row {int(case['index']) + 1}: expected "
            f"{case['check']}, found {case['failure_case']!r} "
            f"({len(error.failure_cases)} such row(s)). Correct them, or list the column under "
            "`drop`."
        ) from error
    counts = table[info.target].value_counts().reindex([0, 1], fill_value=0)
    if counts.min() < MIN_PER_CLASS:
        raise DataError(
            f"{where}, column {info.target!r}: {counts[1]} customers left and {counts[0]} stayed; "
            f"expected at least {MIN_PER_CLASS} of each"
        )


def _check_split(target: pd.Series, config: Config) -> None:
    """Both parts, and every fold, must hold customers who left and customers who stayed."""
    smaller, size = target.value_counts().min(), config.split.test_size
    needed = max(MIN_PER_PART, 2 * config.split.folds)
    if smaller * size < MIN_PER_PART or smaller * (1 - size) < needed:
        raise DataError(
            f"data set {config.dataset!r}: {smaller} customers of the rarer outcome are too few "
            f"for a test share of {size} and {config.split.folds} folds. Change `split` in "
            f"config.yaml, or add rows: expected {MIN_PER_PART} to test and {needed} to train."
        )
