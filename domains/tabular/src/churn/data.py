"""From a source to checked training and test tables in ``data/processed``."""

import hashlib
from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils import resample

from . import sample
from .config import MISSING, Config, Dataset
from .kit import DataError, tables
from .kit.download import fetch
from .kit.files import Paths, read_json, replacing, write_json
from .kit.settings import SAMPLE
from .kit.store import SCHEMA, require_whole, seal

NUMERIC_SHARE = 0.95  # a text column with at least this share of numbers should be all numbers
MAX_TEXT_SHARE = 0.5  # text with more different values than this share of rows is a name or id
TELLING = 0.98  # ROC-AUC of one column above which it may be the answer itself
DATE = r"\d{4}-\d\d?-\d\d?(?!\d)|\d\d?[./]\d\d?[./]\d{2,4}(?!\d)|(19|20)\d\d(0\d|1[0-2])[0-3]\d$"
MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
DATE += r"|(\d\d?[ -])?(?i:" + MONTHS + r")[a-z]*[ -](\d\d?,? )?(\d\d){1,2}$"
YES, NO = ("yes", "y", "true", "t", "1"), ("no", "n", "false", "f", "0")
COPIES = 5  # equal rows that may be one customer
TO_TUNE = 40_000  # customers at most; the winner is fitted on all
MIN_PER_CLASS = 20
MIN_TO_TEST = 5
MIN_TO_TRAIN = 12  # so that SMOTE finds five neighbours in every fold


@dataclass(frozen=True)
class DatasetInfo:
    """What is known of the processed data; ``sha256`` is that of the source's bytes."""

    name: str
    source: str
    synthetic: bool
    rows: int
    sha256: str
    licence: str | None
    target: str
    id: str | None
    numeric: list[str]
    categorical: list[str]
    ratios: dict[str, tuple[str, str]]
    rule: dict[str, str] | None
    left_out: dict[str, str]

    @property
    def features(self) -> list[str]:
        """The columns that models see, in the order of the exported model's inputs."""
        return self.numeric + self.categorical


@dataclass(frozen=True)
class Split:
    """Training and test customers; the target column holds 1 for a customer who left."""

    train: pd.DataFrame
    test: pd.DataFrame


def run(config: Config, paths: Paths) -> list[Path]:
    """Load, check and split the configured data set; say what became of every column."""
    raw, dataset, sha256 = load(config, paths)
    table, info = validate(raw, dataset, config.dataset, sha256)
    _check_split(table[info.target], config)
    parts = split(table, info, config.split.test_size, config.seed)
    files = [paths.processed / name for name in ("train.parquet", "test.parquet", "dataset.json")]
    with replacing(files[0]) as train, replacing(files[1]) as test:
        parts.train.to_parquet(train)
        parts.test.to_parquet(test)
    write_json(files[2], asdict(info))
    seal(paths.processed)
    told = receipt(raw, table, info, dataset.allow)
    return [*files, write_json(paths.reports / "data.json", told)]


def load(config: Config, paths: Paths) -> tuple[pd.DataFrame, Dataset, str]:
    """Return the raw table, its roles, and its source's sha256; a DataError says why it cannot."""
    if config.dataset == SAMPLE:
        table = sample.make_sample(config.seed)
        return table, sample.ROLES, hashlib.sha256(table.to_csv().encode()).hexdigest()
    dataset = config.datasets[config.dataset]
    file = fetch(dataset, paths)
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    return tables.mark_missing(tables.read_table(file, dataset), dataset.na_values), dataset, sha256


def validate(
    raw: pd.DataFrame, dataset: Dataset, name: str, sha256: str
) -> tuple[pd.DataFrame, DatasetInfo]:
    """Return the table with checked types, and what is known of it.

    Numbers become float32, the precision of the exported model; categories become text. A DataError
    names data set, column and row of the first problem, and what was expected.
    """
    where = f"data set {name!r}"
    ratio_columns = [column for pair in dataset.ratios.values() for column in pair]
    roles = [dataset.target, *([dataset.id] if dataset.id else [])]
    tables.require_columns(raw, [*roles, *dataset.drop, *ratio_columns], where)
    raw = raw.reset_index(drop=True)
    outcome = left(raw[dataset.target], dataset, where).dropna()
    raw = raw.loc[outcome.index]
    found = {n: _feature(raw[n], dataset, where) for n in raw if n not in [*roles, *dataset.drop]}
    left_out = {name: reason for name, (_, reason) in found.items() if reason}
    if len(left_out) == len(found):
        raise DataError(f"{where} has no usable feature column: {left_out}")
    table = pd.DataFrame({n: found[n][0] for n in found if n not in left_out})
    numeric = [column for column in table if table[column].dtype == np.float32]
    info = DatasetInfo(
        name=name,
        source=dataset.url or Path(str(dataset.path or dataset.sql)).as_posix(),
        synthetic=name == SAMPLE,
        rows=len(table),
        sha256=sha256,
        licence=dataset.licence,
        target=dataset.target,
        id=dataset.id,
        numeric=numeric,
        categorical=[column for column in table if column not in numeric],
        ratios={} if set(ratio_columns) - set(numeric) else dataset.ratios,
        rule=dataset.rule.model_dump() if dataset.rule else None,
        left_out=left_out | dict.fromkeys(dataset.drop, "listed under `drop`"),
    )
    follows_rule(table, info)  # a rule that cannot be read is said now, not after training
    if dataset.id:
        table[dataset.id] = raw[dataset.id].astype(str)
    table[dataset.target] = outcome.astype("int8")
    _check(table, info, where)
    if "leak" not in dataset.allow:
        _refuse_answers(table, info, where)
    return table, info


def split(table: pd.DataFrame, info: DatasetInfo, share: float, seed: int) -> Split:
    """Keep a stratified share of customers aside for the final test, by id where there is one.

    Without one equal rows are one customer, up to ``COPIES`` of them: more only look alike.
    """
    if info.id:
        names = table[info.id]
    else:
        row = pd.util.hash_pandas_object(table, index=False).astype(str)
        names = row + "-" + (row.groupby(row).cumcount() // COPIES).astype(str)
    aside = tables.keep_aside(names, table[info.target], share, seed).to_numpy()
    if not info.id:  # for the folds: rows of one customer share the first level of the index
        table = table.set_index([pd.factorize(names)[0], table.index])
    return Split(table[~aside], table[aside])


def at_most(rows: int, table: pd.DataFrame, info: DatasetInfo, seed: int) -> pd.DataFrame:
    """All customers of ``table``, or where they are more, so many drawn by class."""
    if len(table) <= rows:
        return table
    y = table[info.target]
    return resample(table, replace=False, n_samples=rows, stratify=y, random_state=seed)


def read_processed(paths: Paths) -> tuple[Split, DatasetInfo]:
    """Read what ``run`` wrote; a DataError where it did not, or another version of it did."""
    require_whole(paths.processed)
    file = paths.processed / "dataset.json"
    try:
        info = DatasetInfo(**read_json(file, "data"))
    except TypeError as error:
        why = f"another version of this project wrote {file}: run the `data` command again"
        raise DataError(why) from error
    parts = [pd.read_parquet(paths.processed / f"{part}.parquet") for part in ("train", "test")]
    return Split(*parts), info


def follows_rule(table: pd.DataFrame, info: DatasetInfo) -> dict[str, np.ndarray]:
    """By its name, whom a manager's rule contacts: (n,) of 1 and 0; a DataError if it is none."""
    if info.rule is None:
        return {}
    condition = info.rule["contact"]
    try:
        found = table[info.features].eval(condition, engine="python")
        if found.dtype != bool:
            raise TypeError("it is not true or false of each customer")
    except Exception as error:  # whatever pandas says of a wrong expression
        raise DataError(
            f"data set {info.name!r}: the rule {condition!r} cannot be used: {error}. Expected a "
            f"condition such as `tenure <= 12` on the columns: {', '.join(info.features)}"
        ) from error
    return {info.rule["name"]: found.to_numpy(float)}


def receipt(
    raw: pd.DataFrame, table: pd.DataFrame, info: DatasetInfo, allowed: Collection[str]
) -> dict[str, Any]:
    """What was read, and what each column was taken for: the content of ``reports/data.json``."""
    kinds = dict.fromkeys(info.numeric, "number") | dict.fromkeys(info.categorical, "category")
    kinds |= {info.target: "target"} | ({info.id: "identifier"} if info.id else {})
    words = {name: n for name in info.numeric if (n := int(tables.is_unknown(raw[name]).sum()))}
    reasons = {name: f"{n} words such as `-` are missing" for name, n in words.items()}
    reasons |= info.left_out
    outcome = table[info.target].map({1: "left", 0: "stayed"}).reindex(raw.index).fillna("left out")
    rows = outcome.groupby([raw[info.target].astype(str), outcome]).size()
    unread = raw.attrs.get("dropped", {})
    dropped = unread | {"its outcome is listed under `ignore`": len(raw) - len(table)}
    return {
        **{"schema": SCHEMA, "source": info.source, "allowed": list(allowed)},
        "repeated": int(table[[*info.features, info.target]].duplicated().sum()),
        **{"rows_read": len(raw) + sum(unread.values()), "rows_kept": len(table)},
        "dropped": [{"reason": why, "rows": n} for why, n in dropped.items() if n],
        "columns": [
            {"name": name, "kind": kinds.get(name, "left out"), "reason": reasons.get(name)}
            for name in raw.columns
        ],
        "target": {value: {"class": kind, "rows": int(n)} for (value, kind), n in rows.items()},
    } | {"lines": raw.attrs.get("lines"), "files": None}


def _feature(raw: pd.Series, source: Dataset, where: str) -> tuple[pd.Series, str]:
    """Return a column as numbers or categories, or the reason to leave it out."""
    known = raw.dropna().unique()
    words, many = pd.Series(map(str, known)), len(known) > MAX_TEXT_SHARE * len(raw)
    if len(known) < 2:
        return raw, "has fewer than two different values"
    dates = words[:1_000].str.match(DATE).mean() >= NUMERIC_SHARE
    if pd.api.types.is_datetime64_any_dtype(raw) or dates:
        return raw, "is a date: derive numbers from it, such as days since sign-up"
    is_code = any(word[0] == "0" and word[1:].isdigit() for word in words)
    if not is_code and words[0] not in ("True", "False"):
        numbers = tables.read_numbers(raw, where, source)
        share = (numbers.notna() | tables.is_unknown(raw))[raw.notna()].mean()
        if len(numbers) > 2 and (numbers.diff()[1:] == 1).all():
            return raw, "counts the rows"
        if share >= NUMERIC_SHARE and numbers.notna().sum() < MIN_PER_CLASS:
            return raw, f"is known of fewer than {MIN_PER_CLASS} customers"
        if share >= NUMERIC_SHARE:
            return tables.to_numbers(raw, where, source).astype(np.float32), ""
        if share >= tables.SOME_NUMBERS and many and "mixed" not in source.allow:
            remedy = f"Correct it, use `na_values` or `drop`, or `allow: [mixed]`: {share:.0%} are."
            wrong = numbers.isna() & raw.notna()
            tables.refuse_values(raw, wrong, where, "expected a number", remedy)
    if many:
        return raw, "has a different value in most rows, like a name"
    return raw.astype(object).where(raw.notna(), MISSING).astype(str), ""


def left(raw: pd.Series, source: Dataset, where: str) -> pd.Series:
    """Return 1.0 for customers who left, 0.0 for the others, NaN where the outcome is ignored."""
    missing, remedy = raw.isna(), "Fill it in, or leave such rows out with `ignore: [null]`."
    wrong = missing & (None not in source.ignore)
    tables.refuse_values(raw, wrong, where, "expected an outcome", remedy)
    labels, place = raw.map({v: _plain(v) for v in raw.unique()}), f"{where}, column {raw.name!r}"
    gone, *others = (source.positive,), source.negative, source.ignore
    wanted, stayed, neither = ({_plain(value) for value in values} for values in (gone, *others))
    found = ", ".join(f"{value!r} ({n} rows)" for value, n in raw.value_counts().head(10).items())
    if not labels.isin(wanted).any():
        message = f"no row has the positive value {source.positive!r}; found {found}"
        raise DataError(f"{place}: {message}. Correct `positive` for this data set.")
    rest = labels[~missing & ~labels.isin(wanted | stayed | neither)]
    if rest.nunique() > (not source.negative):
        raise DataError(
            f"{place}: found {found}. Say which of them are the opposite of `positive` in "
            "`negative: […]`, and which are neither, and left out, in `ignore: […]`."
        )
    return labels.isin(wanted).astype("float64").mask(missing | labels.isin(neither))


def _plain(value: object) -> str:
    """The same for all spellings of yes, and of no; YAML reads an unquoted Yes as true."""
    text = str(value).strip().lower().removesuffix(".0")
    return next((words[0] for words in (YES, NO) if text in words), text)


def _refuse_answers(table: pd.DataFrame, info: DatasetInfo, where: str) -> None:
    """Refuse a feature that alone tells who left: it may have been written down afterwards."""
    left = table[info.target] == 1
    gone, stayed = left.sum(), (~left).sum()
    for name in info.features:
        values = table[name]
        if name in info.categorical:  # as good as the share of leavers, of groups that have one
            groups = left.groupby(values)
            values = groups.transform("mean").where(groups.transform("size") >= MIN_PER_CLASS)
        for ranks in (values.rank(na_option="bottom"), values.isna().rank()):
            area = (ranks[left].sum() / gone - (gone + 1) / 2) / stayed  # Mann, Whitney (1947)
            if (best := max(area, 1 - area)) > TELLING:
                raise DataError(
                    f"{where}, column {name!r}: it alone tells who left (ROC-AUC {best:.3f}). "
                    f"Leave it out with `drop: [{name}]`; if it is known before a customer "
                    "leaves, go on with `allow: [leak]`."
                )


def _check(table: pd.DataFrame, info: DatasetInfo, where: str) -> None:
    """Refuse a customer who is there twice, and outcomes too rare to learn from."""
    if info.id:
        again, remedy = table[info.id].duplicated(), "Remove the repeated rows."
        tables.refuse_values(table[info.id], again, where, "expected each value once", remedy)
    left = int(table[info.target].sum())
    if min(left, stayed := len(table) - left) < MIN_PER_CLASS:
        raise DataError(
            f"{where}, column {info.target!r}: {left} customers left and {stayed} stayed; "
            f"expected at least {MIN_PER_CLASS} of each"
        )


def _check_split(target: pd.Series, config: Config) -> None:
    """Both parts, and every fold, must hold customers who left and customers who stayed."""
    rarer, size = target.value_counts().min(), config.split.test_size
    needed = max(MIN_TO_TRAIN, 2 * config.split.folds)
    tuning = min(1 - size, TO_TUNE / len(target))  # the share of all customers that tunes
    if rarer * size < MIN_TO_TEST or rarer * tuning < needed:
        raise DataError(
            f"data set {config.dataset!r}: {rarer} customers of the rarer outcome are too few "
            f"for a test share of {size} and {config.split.folds} folds. Change `split` in "
            f"config.yaml, or add rows: expected {MIN_TO_TEST} to test and {needed} to tune."
        )
