"""From a source to checked training and test reviews in ``data/processed``, with a receipt."""

import hashlib
import json
import math
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from . import sample
from .config import Config, Dataset
from .features import tokens
from .kit import DataError
from .kit.download import fetch
from .kit.files import Paths, read_json, replacing, write_json
from .kit.settings import SAMPLE
from .kit.store import SCHEMA, require_whole, seal
from .kit.tables import (
    keep_aside,
    mark_missing,
    read_table,
    refuse_values,
    require_columns,
    to_numbers,
)

TEXT, POSITIVE, PRODUCT, DATE = "text", "positive", "product", "date"
ROLES = ("text", "label", "product", "date")
MIN_PER_CLASS, MIN_PER_PART = 20, 5
YES, NO = ("yes", "y", "true", "t", "1"), ("no", "n", "false", "f", "0")
SAMPLE_ROLES = Dataset(
    path=Path("src/sentiment/sample.py"),
    text=sample.TEXT,
    label=sample.RATING,
    rating_threshold=sample.RATING_THRESHOLD,
    product=sample.PRODUCT,
    date=sample.DATE,
)


class Split(NamedTuple):
    """Training and test reviews: ``text``, ``positive`` (1 or 0) and, where the source has them,
    ``product`` and ``date``."""

    train: pd.DataFrame
    test: pd.DataFrame


def run(config: Config, paths: Paths) -> list[Path]:
    """Load, check and split the configured data set; write it, and what became of each row."""
    raw, dataset, sha256 = load(config, paths)
    table, dropped = check_reviews(raw, dataset, f"data set {config.dataset!r}")
    _check_split(table[POSITIVE], config)
    parts = split(table, config.split.test_size, config.seed)
    info = {
        "name": config.dataset,
        "synthetic": config.dataset == SAMPLE,
        "rows": len(table),
        "sha256": sha256,
        "licence": dataset.licence,
        "positive_where": positive_where(dataset),
    }
    receipt = _receipt(raw, table, dataset, dropped)
    train, test = (paths.processed / f"{name}.parquet" for name in Split._fields)
    with replacing(train) as new_train, replacing(test) as new_test:
        parts.train.to_parquet(new_train)
        parts.test.to_parquet(new_test)
    about = write_json(paths.processed / "dataset.json", info)
    seal(paths.processed)
    return [train, test, about, write_json(paths.reports / "data.json", receipt)]


def load(config: Config, paths: Paths) -> tuple[pd.DataFrame, Dataset, str]:
    """Return the raw table, its roles, and its source's sha256; a DataError says why it cannot."""
    if config.dataset == SAMPLE:
        table = sample.make_sample(config.seed)
        return table, SAMPLE_ROLES, hashlib.sha256(table.to_csv().encode()).hexdigest()
    dataset = config.datasets[config.dataset]
    file = fetch(dataset, paths)
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    return mark_missing(read_table(file, dataset), dataset.na_values), dataset, sha256


def check_reviews(
    raw: pd.DataFrame, dataset: Dataset, where: str
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Return the reviews as in ``Split``, and how many rows were left out, by reason.

    Reviews with the same words, whatever their punctuation, are kept once: in both training and
    test data they would make a model look better than it is.

    A DataError names data set, column and row of the first problem, and what was expected.
    """
    require_columns(raw, [name for role in ROLES if (name := getattr(dataset, role))], where)
    raw = raw.reset_index(drop=True)
    texts = _texts(raw[dataset.text], where)
    table = pd.DataFrame({TEXT: texts, POSITIVE: is_good(raw[dataset.label], dataset, where)})
    if dataset.product:
        table[PRODUCT] = raw[dataset.product].map(str, na_action="ignore").astype(object)
    if dataset.date:
        table[DATE] = _dates(raw[dataset.date], dataset.date_format, where)
    ignored = table[POSITIVE].isna()
    table = table[~ignored].astype({POSITIVE: "int8"})
    words = table[TEXT].map(_words)
    empty = words == ""
    repeated = words.duplicated() & ~empty
    opposite = (table[POSITIVE] != table[POSITIVE].groupby(words).transform("first")) & repeated
    table = table[~empty & ~repeated]
    _require_both_classes(table[POSITIVE], dataset.label, where)
    return table, {
        "its label is listed under `ignore`": int(ignored.sum()),
        "without a word": int(empty.sum()),
        "the same words and label as an earlier row": int((repeated & ~opposite).sum()),
        "the same words as an earlier row, but the opposite label": int(opposite.sum()),
    }


def positive_where(dataset: Dataset) -> str:
    """In words, which reviews count as good ones."""
    if dataset.rating_threshold is not None:
        return f"{dataset.label} is {dataset.rating_threshold:,.12g} or more"
    return f"{dataset.label} is {' or '.join(str(value) for value in dataset.positive or ())}"


def split(table: pd.DataFrame, test_size: float, seed: int) -> Split:
    """Keep a stratified share of reviews aside for the final test."""
    aside = keep_aside(table[TEXT], table[POSITIVE], test_size, seed)
    return Split(table[~aside], table[aside])


def read_processed(paths: Paths) -> tuple[Split, dict[str, Any]]:
    """Read what ``run`` wrote: both parts, and what is known of them; or a DataError."""
    require_whole(paths.processed)
    parts = (pd.read_parquet(paths.processed / f"{name}.parquet") for name in Split._fields)
    return Split(*parts), read_json(paths.processed / "dataset.json", "data")


def _receipt(
    raw: pd.DataFrame, table: pd.DataFrame, dataset: Dataset, dropped: dict[str, int]
) -> dict[str, Any]:
    roles = {name: role for role in ROLES if (name := getattr(dataset, role))}
    unread = raw.attrs.get("dropped", {})
    unused, good = "config.yaml gives it no role", positive_where(dataset)
    outcome = table[POSITIVE].map({1: "positive", 0: "negative"})
    values = raw[dataset.label].astype(str).reindex(table.index)
    if dataset.rating_threshold is not None:
        values = outcome.map({"positive": good, "negative": f"not: {good}"})
    rows = outcome.groupby([values, outcome]).size()
    return {
        "source": dataset.url or Path(str(dataset.path or dataset.sql)).as_posix(),
        **{"schema": SCHEMA, "lines": raw.attrs.get("lines"), "files": None, "allowed": []},
        **{"rows_read": len(raw) + sum(unread.values()), "rows_kept": len(table)},
        "dropped": [{"reason": why, "rows": n} for why, n in (unread | dropped).items() if n],
        "columns": [
            {"name": n, "kind": roles.get(n, "left out"), "reason": None if n in roles else unused}
            for n in map(str, raw.columns)
        ],
        "target": {value: {"class": kind, "rows": int(n)} for (value, kind), n in rows.items()},
    }


def _texts(raw: pd.Series, where: str) -> pd.Series:
    wrong = ~raw.map(_is_text) & raw.notna()
    remedy = "Name the column of the reviews as `text`, or correct these rows."
    refuse_values(raw, wrong, where, "expected text", remedy)
    return raw.astype(object).where(raw.notna(), "")


def _is_text(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        return not isinstance(json.loads(value), list | dict)  # a review in several parts
    except (ValueError, RecursionError):
        return True


def _dates(raw: pd.Series, form: str | None, where: str) -> pd.Series:
    try:
        dates = pd.to_datetime(raw, errors="coerce", utc=True, format=form or "ISO8601")
    except ValueError as error:
        raise DataError(f"{where}: `date_format` {form!r} cannot be used: {error}") from error
    wanted = f"expected a date written as {date(2024, 1, 31).strftime(form or '%Y-%m-%d')!r}"
    refuse_values(raw, dates.isna() & raw.notna(), where, wanted, "Or set `date_format`.")
    return dates.dt.tz_localize(None).dt.as_unit("s")


def _words(text: str) -> str:
    return " ".join(token for token in tokens(text) if token not in "!?\uff01\uff1f")


def is_good(raw: pd.Series, dataset: Dataset, where: str) -> pd.Series:
    """Return 1.0 for good reviews, 0.0 for the others, NaN where the label is ignored.

    A DataError asks which of more than two labels are the opposite: a third one seldom is.
    """
    missing, remedy = raw.isna(), "Fill it in, or leave such rows out with `ignore: [null]`."
    refuse_values(raw, missing & (None not in dataset.ignore), where, "expected a label", remedy)
    if dataset.rating_threshold is not None:
        ratings = to_numbers(raw, where, dataset)
        refuse_values(raw, ratings.isna() & ~missing, where, "expected a rating", remedy)
        good = (ratings >= dataset.rating_threshold).astype("float64")
        return good.mask(missing | ratings.isin(dataset.ignore))
    labels, place = raw.map(_plain), f"{where}, column {raw.name!r}"
    roles = dataset.positive or (), dataset.negative, dataset.ignore
    wanted, bad, neither = ({_plain(value) for value in values} for values in roles)
    found = ", ".join(f"{value!r} ({n} rows)" for value, n in raw.value_counts().head(10).items())
    for value in dataset.positive or ():
        if not labels.isin([_plain(value)]).any():
            message = f"no row has the positive value {value!r}; found {found}"
            raise DataError(f"{place}: {message}. Correct `positive` for this data set.")
    rest = labels[~missing & ~labels.isin(wanted | bad | neither)]
    if rest.nunique() > (not dataset.negative):
        raise DataError(
            f"{place}: found {found}. Say which of them are the opposite of `positive` in "
            "`negative: […]`, and which are neither, and left out, in `ignore: […]`."
        )
    return labels.isin(wanted).astype("float64").mask(missing | labels.isin(neither))


def _plain(value: object) -> str:
    """The same for all spellings of yes, and of no; YAML reads an unquoted Yes as true."""
    text = str(value).strip().lower().removesuffix(".0")
    return next((words[0] for words in (YES, NO) if text in words), text)


def _require_both_classes(positive: pd.Series, label: str, where: str) -> None:
    counts = positive.value_counts().reindex([0, 1], fill_value=0)
    if counts.min() < MIN_PER_CLASS:
        raise DataError(
            f"{where}, column {label!r}: {counts[1]} different reviews are positive and "
            f"{counts[0]} negative; expected at least {MIN_PER_CLASS} of each"
        )


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
