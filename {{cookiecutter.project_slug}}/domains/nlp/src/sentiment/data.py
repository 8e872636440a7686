"""From a source to checked training and test reviews in ``data/processed``."""

import hashlib
import math
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd
from sklearn.model_selection import train_test_split

from . import checks, sample
from .checks import POSITIVE
from .config import Config, Dataset
from .download import fetch
from .errors import DataError
from .files import replacing, write_json
from .paths import Paths
from .settings import SAMPLE, Provenance
from .tables import read_table
from .values import mark_missing

MIN_PER_PART = 5


@dataclass(frozen=True)
class DatasetInfo(Provenance):
    """What is known of the processed data.

    ``text``, ``label``, ``product`` and ``date`` are the source's names of the columns; ``rule``
    says which reviews are good ones. ``rows`` counts those kept: ``empty`` and ``duplicates`` went
    before. Of ``contradictory`` reviews copies said the opposite; the first of them was kept.
    """

    text: str
    label: str
    product: str | None
    date: str | None
    rule: str
    empty: int
    duplicates: int
    contradictory: int


@dataclass(frozen=True)
class Split:
    """Training and test reviews: ``text``, ``positive`` (1 or 0) and, where the source has them,
    ``product`` and ``date``."""

    train: pd.DataFrame
    test: pd.DataFrame


def prepare(config: Config, paths: Paths) -> list[Path]:
    """Load, validate and split the configured data set; write it to ``data/processed``."""
    raw, dataset, sha256 = load(config, paths)
    table, info = validate(raw, dataset, config.dataset, sha256)
    _check_split(table[POSITIVE], config)
    parts = split(table, config.split.test_size, config.seed)
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
        table = sample.make_sample(config.seed)
        return table, sample_roles(), hashlib.sha256(table.to_csv().encode()).hexdigest()
    dataset = config.datasets[config.dataset]
    file = fetch(dataset, paths)
    with file.open("rb") as content:
        sha256 = hashlib.file_digest(content, "sha256").hexdigest()
    return mark_missing(read_table(file, dataset), dataset.na_values), dataset, sha256


def sample_roles() -> Dataset:
    """What the columns of the sample are, as an entry of ``datasets`` would say it."""
    return Dataset(
        path=Path("made by sample.py"),
        text=sample.TEXT,
        label=sample.RATING,
        rating_threshold=sample.RATING_THRESHOLD,
        product=sample.PRODUCT,
        date=sample.DATE,
    )


def validate(
    raw: pd.DataFrame, dataset: Dataset, name: str, sha256: str
) -> tuple[pd.DataFrame, DatasetInfo]:
    """Return the checked reviews (see ``checks.validate``), and what is known of them.

    Raises:
        DataError: names data set, column and row of the first problem, and what was expected.
    """
    table, left_out = checks.validate(raw, dataset, f"data set {name!r}")
    info = DatasetInfo(
        name=name,
        synthetic=name == SAMPLE,
        rows=len(table),
        sha256=sha256,
        text=dataset.text,
        label=dataset.label,
        product=dataset.product,
        date=dataset.date,
        rule=checks.rule(dataset),
        **left_out,
    )
    return table, info


def split(table: pd.DataFrame, test_size: float, seed: int) -> Split:
    """Keep a stratified share of reviews aside for the final test."""
    train, test = train_test_split(
        table, test_size=test_size, stratify=table[POSITIVE], random_state=seed
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


def _check_split(positive: pd.Series, config: Config) -> None:
    """Both parts, and every fold, must hold good reviews and bad ones."""
    smaller, size = positive.value_counts().min(), config.split.test_size
    folds = config.split.folds
    # What is left of a fold must do for the five folds of an SVM's own calibration.
    needed = max(2 * folds, math.ceil(MIN_PER_PART * folds / (folds - 1)) + 1)
    if smaller * size < MIN_PER_PART or smaller * (1 - size) < needed:
        raise DataError(
            f"data set {config.dataset!r}: {smaller} reviews of the rarer opinion are too few "
            f"for a test share of {size} and {config.split.folds} folds. Change `split` in "
            f"config.yaml, or add rows: expected {MIN_PER_PART} to test and {needed} to train."
        )
