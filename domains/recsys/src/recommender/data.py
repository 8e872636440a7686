"""From a source to checked slices of interactions in ``data/processed``, and a receipt."""

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from . import sample
from .config import Config, Dataset, ItemTable, Rule
from .config import Split as SplitSettings
from .kit import DataError, tables
from .kit.dates import to_dates
from .kit.download import fetch
from .kit.files import Paths, read_json, replacing, write_json
from .kit.settings import MAX_NUMBER, SAMPLE
from .kit.store import SCHEMA, require_whole, seal

MIN_USERS, MIN_ITEMS = 20, 2
MILLISECONDS = 1e11  # as seconds, the year 5138: larger numbers count milliseconds
DAYS = 19_000_101, 21_001_231  # numbers that are days, written without hyphens
NINETEEN_EIGHTY = 315_532_800  # in seconds; earlier ones are years, or days of a spreadsheet
SLICES = ("train", "validation", "test")
TABLES = (*SLICES, "users", "items")
PAIR = ["user", "item"]
FEW = 0.1  # share of rows without a rating that are left out, and told
MEND = "Correct it, or remove these rows."
SAMPLE_ROLES = Dataset(
    path=(MADE := Path("src/recommender/sample.py")),
    user="user",
    item="item",
    rating="rating",
    timestamp="timestamp",
    positive_rating=sample.POSITIVE_RATING,
    rating_range=sample.RATING_RANGE,
    items=ItemTable(path=MADE, id="item", title="title", text=("genres", "text")),
    rule=Rule(name="the editors' bestsellers"),
)


@dataclass(frozen=True)
class DatasetInfo:
    """What is known of the processed data; ``rows`` and ``slices`` count interactions.

    ``rule`` names what is shown without a model, ``rule_items`` are the codes of items it lists.
    """

    name: str
    synthetic: bool
    rows: int
    sha256: str
    licence: str | None
    users: int
    items: int
    likes: int
    positive_rating: float | None
    split: str
    seed: int
    slices: dict[str, int]
    rule: str
    rule_items: list[int]

    @property
    def summary(self) -> dict[str, Any]:
        """What every project reports of its data set."""
        names = ("name", "synthetic", "rows", "sha256", "licence")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class Task:
    """What a model knows of the users, and what it must guess; all matrices (users, items)."""

    likes: csr_matrix
    seen: csr_matrix
    relevant: csr_matrix

    @property
    def users(self) -> np.ndarray:
        """(users,) True for those with something to guess: only they count."""
        return np.diff(self.relevant.indptr) > 0

    def of(self, users: np.ndarray) -> "Task":
        """The same for ``users`` alone: their codes, or True for each."""
        return Task(self.likes[users], self.seen[users], self.relevant[users])


@dataclass(frozen=True)
class Split:
    """Interactions by slice, and what their codes stand for.

    Of each is known ``user`` and ``item`` (the row in ``users`` and ``items``), ``like`` (0 or 1),
    and, if the data has them, ``rating`` and ``timestamp`` (seconds since 1970).
    """

    train: pd.DataFrame
    validation: pd.DataFrame
    test: pd.DataFrame
    users: pd.DataFrame
    items: pd.DataFrame

    def matrix(self, *parts: pd.DataFrame, liked: bool = True) -> csr_matrix:
        """(users, items): 1 for each interaction of ``parts``; only the likes if ``liked``."""
        table = pd.concat(parts)
        table = table[table["like"] == 1] if liked else table
        ones = np.ones(len(table), np.float32)
        shape = (len(self.users), len(self.items))
        return csr_matrix((ones, (table["user"], table["item"])), shape=shape)

    def task(self, hidden: str) -> Task:
        """Guess the likes of the slice ``hidden`` from all that came before."""
        known = [self.train] if hidden == "validation" else [self.train, self.validation]
        seen = self.matrix(*known, liked=False)
        return Task(self.matrix(*known), seen, self.matrix(getattr(self, hidden)))

    def texts(self) -> list[str]:
        """The words of each item: its description, and its title unless that is its id."""
        named = self.items["title"].where(self.items["title"] != self.items["id"], "")
        return (named + " " + self.items["text"]).str.strip().tolist()


def run(config: Config, paths: Paths) -> list[Path]:
    """Load, validate and split the configured data set; write slices and receipt."""
    raw, raw_items, dataset, sha256 = load(config, paths)
    where = f"data set {config.dataset!r}"
    items = catalogue(raw, raw_items, dataset, where)
    table, users = validate(raw, items, dataset, where)
    how = dataset.split_by or config.split.by
    parts = split(table, config.split.model_copy(update={"by": how}), config.seed, where)
    info = DatasetInfo(
        name=config.dataset,
        synthetic=config.dataset == SAMPLE,
        rows=sum(map(len, parts)),
        sha256=sha256,
        licence=dataset.licence,
        users=len(users),
        items=len(items),
        likes=sum(int(part["like"].sum()) for part in parts),
        positive_rating=dataset.positive_rating,
        split=how,
        seed=config.seed,
        slices={name: len(part) for name, part in zip(SLICES, parts, strict=True)},
        rule=dataset.rule.name,
        rule_items=rule_codes(dataset.rule, items, where),
    )
    files = [paths.processed / f"{name}.parquet" for name in TABLES]
    for file, content in zip(files, (*parts, users, items), strict=True):
        with replacing(file) as temporary:
            content.to_parquet(temporary)
    files.append(write_json(paths.processed / "dataset.json", asdict(info)))
    seal(paths.processed)
    return [*files, write_json(paths.reports / "data.json", receipt(raw, dataset, info))]


def load(config: Config, paths: Paths) -> tuple[pd.DataFrame, pd.DataFrame | None, Dataset, str]:
    """Return raw interactions, raw items if there are any, the roles, and the sources' sha256."""
    if config.dataset == SAMPLE:
        table, items = sample.make_sample(config.seed)
        content = table.to_csv() + items.to_csv()
        return table, items, SAMPLE_ROLES, hashlib.sha256(content.encode()).hexdigest()
    dataset = config.datasets[config.dataset]
    if dataset.licence:
        click.echo(f"  licence of {config.dataset}: {dataset.licence}")
    sources = [dataset, dataset.items] if dataset.items else [dataset]
    read, digest = [], hashlib.sha256()
    for source in sources:
        file = fetch(source, paths)
        read.append(tables.mark_missing(tables.read_table(file, source), source.na_values))
        digest.update(file.read_bytes())
    rows, items = rated(read[0], dataset.rating), read[1] if dataset.items else None
    return rows, items, dataset, digest.hexdigest()


def rated(raw: pd.DataFrame, rating: str | None) -> pd.DataFrame:
    """The rows with a rating, where few have none; many stop the validation."""
    column = raw[rating] if rating in raw else pd.Series([0])
    without = column.isna() | tables.is_unknown(column)
    if not 0 < without.mean() <= FEW:
        return raw
    dropped = raw.attrs.get("dropped", {}) | {"without a rating": int(without.sum())}
    rows = raw[~without]
    rows.attrs = raw.attrs | {"dropped": dropped}
    return rows


def catalogue(
    raw: pd.DataFrame, raw_items: pd.DataFrame | None, dataset: Dataset, where: str
) -> pd.DataFrame:
    """Return ``id``, ``title`` and ``text`` of every item, by id; DataError: what is wrong."""
    tables.require_columns(raw, [dataset.item], where)
    met = np.sort(_ids(raw, dataset.item, where).unique())
    bare = pd.DataFrame({"id": met, "title": met, "text": ""})
    if dataset.items is None or raw_items is None:
        return bare
    items = _described(raw_items, dataset.items, f"{where}, `items`")
    unknown = bare[~bare["id"].isin(items["id"])]
    alike = unknown["id"].str.lstrip("0").isin(items["id"].str.lstrip("0"))
    if alike.any():
        name = unknown["id"][alike].iat[0]
        raise DataError(f"{where}: {name!r} is in `items` with other zeros in front. Write it so.")
    if dataset.items.unknown == "keep" and len(unknown):
        click.echo(f"  {len(unknown):,} items are not described, and go by their id")
        items = pd.concat([items, unknown])
    return items.sort_values("id", ignore_index=True)


def _described(raw: pd.DataFrame, roles: ItemTable, where: str) -> pd.DataFrame:
    tables.require_columns(raw, [roles.id, roles.title, *roles.text], where)
    ids = _ids(raw, roles.id, where)
    known = raw.astype(object).where(raw.notna(), "")  # nullable columns of Parquet take no ""
    words = known[list(roles.text)].astype(str).agg(" ".join, axis=1) if roles.text else ""
    items = pd.DataFrame({"id": ids, "title": known[roles.title].astype(str), "text": words})
    items["title"] = items["title"].where(items["title"] != "", ids)
    items["text"] = items["text"].str.replace("|", " ")  # "Action|Comedy" is a list of words
    twice = ids.duplicated() & ~items.duplicated()
    tables.refuse_values(ids, twice, where, "expected each item once", "Keep one row of each.")
    return items.drop_duplicates("id")


def rule_codes(rule: Rule, items: pd.DataFrame, where: str) -> list[int]:
    """The codes of the items that the rule names; a DataError names one that does not exist."""
    codes = {name: code for code, name in enumerate(items["id"])}
    for name in rule.items:
        if name not in codes:
            raise DataError(f"{where}, `rule`: no item {name!r}. Name items by their ids.")
    return [codes[name] for name in rule.items]


def validate(
    raw: pd.DataFrame, items: pd.DataFrame, dataset: Dataset, where: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The interactions, oldest first, with codes for users and items; the users; or a DataError."""
    optional = [name for name in (dataset.rating, dataset.timestamp) if name]
    tables.require_columns(raw, [dataset.user, dataset.item, *optional], where)
    users, item_ids = (_ids(raw, column, where) for column in (dataset.user, dataset.item))
    unknown = ~item_ids.isin(items["id"])
    remedy = "Add a row for each, or set `unknown: keep` under `items` to show their ids."
    tables.refuse_values(item_ids, unknown, where, "expected an item of the `items` table", remedy)
    known = pd.DataFrame({"id": np.sort(users.unique())})
    for found, least, kind in ((known, MIN_USERS, "users"), (items, MIN_ITEMS, "item(s)")):
        if len(found) < least:
            raise DataError(f"{where} has {len(found)} {kind}: expected at least {least}")
    table = pd.DataFrame(
        {
            "user": pd.Index(known["id"]).get_indexer(users).astype(np.int32),
            "item": pd.Index(items["id"]).get_indexer(item_ids).astype(np.int32),
            "like": np.ones(len(raw), np.int8),
        },
        raw.index,
    )
    if dataset.rating:
        ratings, (low, high) = raw[dataset.rating], dataset.rating_range or (-np.inf, np.inf)
        table["rating"] = tables.to_numbers(ratings, where, dataset)
        expected = "expected a rating" + f" from {low:g} to {high:g}" * bool(dataset.rating_range)
        tables.refuse_values(ratings, ~table["rating"].between(low, high), where, expected, MEND)
        if dataset.positive_rating is not None:
            table["like"] = (table["rating"] >= dataset.positive_rating).astype(np.int8)
    if dataset.timestamp:
        table["timestamp"] = _seconds(raw[dataset.timestamp], dataset.date_format, where)
        # Of rows with the same time, the order in the file decides.
        table = table.sort_values("timestamp", kind="stable")
    return table.reset_index(drop=True), known


def _ids(raw: pd.DataFrame, column: str, where: str) -> pd.Series:
    """Ids as text, in which the number 7.0 is 7."""
    values = raw[column]
    tables.refuse_values(values, values.isna(), where, "expected an id", MEND)
    return values.astype(str).str.replace(r"^(\d+)\.0$", r"\1", regex=True)


def _seconds(raw: pd.Series, date_format: str | None, where: str) -> pd.Series:
    """Dates, or numbers of seconds or milliseconds, as whole seconds since 1970."""
    numbers = pd.to_numeric(raw, errors="coerce").astype(float)
    expected = "expected a date such as 2024-01-31, or seconds since 1970"
    is_date = pd.api.types.is_datetime64_any_dtype(raw)
    if date_format or is_date or numbers.isna().mean() > 0.5:
        tables.refuse_values(raw, raw.isna(), where, expected, MEND)
        return to_dates(raw, date_format, where).dt.as_unit("s").astype(np.int64)
    tables.refuse_values(raw, ~numbers.between(-MAX_NUMBER, MAX_NUMBER), where, expected, MEND)
    if numbers.between(DAYS[0], DAYS[1]).all():  # such as 20240131
        return _seconds(numbers.astype(int).astype(str), "%Y%m%d", where)
    large = numbers > MILLISECONDS
    if not large.all():
        tables.refuse_values(raw, large, where, "expected seconds, as most rows have", MEND)
    seconds = (numbers / (1000 if large.all() else 1)).astype(np.int64)
    if seconds.between(20_000, 80_000).all():  # days as a spreadsheet counts them
        return _seconds(to_dates(raw, None, where), None, where)
    early, mend = seconds < NINETEEN_EIGHTY, "Say how dates are written in `date_format`."
    if early.all():  # years
        tables.refuse_values(raw, early, where, f"{expected}", mend)
    return seconds


def split(table: pd.DataFrame, shares: SplitSettings, seed: int, where: str) -> list[pd.DataFrame]:
    """Divide interactions into train, validation and test, with each user and item in one of them.

    By time nothing in a slice is later than anything in the next. By user, each user's
    interactions are divided at random, in the same shares. Of repeated interactions the last in
    the slice where the user first met the item is kept: what came later was not known then. A
    DataError says that there are no timestamps to divide by, or that a slice has too few likes.
    """
    late = shares.test_size, shares.test_size + shares.validation_size
    if shares.by == "user":
        table = table.drop_duplicates(PAIR, keep="last")
        noise = pd.Series(np.random.default_rng(seed).random(len(table)), table.index)
        by_user = noise.groupby(table["user"])
        size, rank = by_user.transform("size"), by_user.rank(method="first")  # 1 … size, by lot
        in_test, held_out = (rank <= (size * share).round() for share in late)
    elif "timestamp" in table:
        times = table["timestamp"]
        ordered = np.sort(times.to_numpy())
        in_test, held_out = (times >= ordered[round(len(table) * (1 - share))] for share in late)
    else:
        raise DataError(
            f"{where} names no `timestamp` column, so it cannot be split by time. Set `split_by: "
            "user` for the data set in config.yaml, or name the column."
        )
    places = held_out.astype(int) + in_test
    first_met = places == places.groupby([table[name] for name in PAIR]).transform("min")
    table = table[first_met].drop_duplicates(PAIR, keep="last")
    parts = [table[places[table.index] == place] for place in range(len(SLICES))]
    for name, part in zip(SLICES, parts, strict=True):
        if part.loc[part["like"] == 1, "user"].nunique() < MIN_USERS:
            raise DataError(
                f"{where}: the {name} slice has likes of fewer than {MIN_USERS} users. Change "
                "`split` or `split_by`, lower `positive_rating`, or add interactions."
            )
    return parts


def receipt(raw: pd.DataFrame, dataset: Dataset, info: DatasetInfo) -> dict[str, Any]:
    """What was read, kept and left out, and what each column was taken for."""
    roles = {getattr(dataset, role): role for role in ("user", "item", "rating", "timestamp")}
    columns = [{"name": name, "kind": roles.get(name, "unused")} for name in raw.columns]
    for column in columns:
        column["reason"] = None if column["name"] in roles else "it has no role in config.yaml"
    least, unread = info.positive_rating, raw.attrs.get("dropped", {})
    dropped = unread | {"the same user and item again": len(raw) - info.rows}
    like = "any interaction" if least is None else f"{least:g} or more"
    target = {like: {"class": "like", "rows": info.likes}}
    if least is not None:
        target[f"below {least:g}"] = {"class": "no like", "rows": info.rows - info.likes}
    return {
        "schema": SCHEMA,
        "source": dataset.url or Path(str(dataset.path or dataset.sql)).as_posix(),
        "lines": raw.attrs.get("lines"),
        "rows_read": len(raw) + sum(unread.values()),
        "rows_kept": info.rows,
        "dropped": [{"reason": why, "rows": n} for why, n in dropped.items() if n],
        "columns": columns,
        "target": target,
    } | {"allowed": [], "files": None}


def read_processed(paths: Paths) -> tuple[Split, DatasetInfo]:
    """Read what ``run`` wrote; a DataError says where it has not run, or was stopped."""
    require_whole(paths.processed)
    info = DatasetInfo(**read_json(paths.processed / "dataset.json", "data"))
    return Split(*(pd.read_parquet(paths.processed / f"{name}.parquet") for name in TABLES)), info
