"""From a source to checked slices of interactions in ``data/processed``."""

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path

import click
import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from . import sample
from .checks import MIN_USERS, catalogue, validate
from .config import Config, Dataset, ItemTable
from .config import Split as SplitSettings
from .download import fetch
from .errors import DataError
from .files import replacing, write_json
from .paths import Paths
from .settings import SAMPLE, Provenance
from .tables import read_table
from .values import mark_missing

SLICES = ("train", "validation", "test")
TABLES = (*SLICES, "users", "items")
PAIR = ["user", "item"]


@dataclass(frozen=True)
class DatasetInfo(Provenance):
    """What is known of the processed data.

    ``rows`` counts interactions, after ``duplicates`` (same user, same item) have gone; in
    ``slices`` they are counted by slice. ``unknown_items`` are those that the table of items
    lacks. ``rating_range`` is None where there are no ratings.
    ``seed`` is the one with which the sample was made, and users' interactions were divided.
    """

    users: int
    items: int
    likes: int
    duplicates: int
    unknown_items: int
    timed: bool
    rating_range: tuple[float, float] | None
    positive_rating: float | None
    split: str
    seed: int
    slices: dict[str, int]


@dataclass(frozen=True)
class Split:
    """Interactions by slice (``user``, ``item``: codes; ``like``: 0 or 1; ``rating`` and
    ``timestamp``, in seconds since 1970, where known), and what the codes stand for: the row of
    ``users`` (``id``) and of ``items`` (``id``, ``title``, ``text``)."""

    train: pd.DataFrame
    validation: pd.DataFrame
    test: pd.DataFrame
    users: pd.DataFrame
    items: pd.DataFrame

    def matrix(self, table: pd.DataFrame, liked: bool = True) -> csr_matrix:
        """(users, items): 1 for each interaction of ``table``; only the likes if ``liked``."""
        table = table[table["like"] == 1] if liked else table
        ones = np.ones(len(table), np.float32)
        shape = (len(self.users), len(self.items))
        return csr_matrix((ones, (table["user"], table["item"])), shape=shape)


def prepare(config: Config, paths: Paths) -> list[Path]:
    """Load, validate and split the configured data set; write it to ``data/processed``."""
    raw, raw_items, dataset, sha256 = load(config, paths)
    where = f"data set {config.dataset!r}"
    items, unknown = catalogue(raw, raw_items, dataset, where)
    table, users = validate(raw, items, dataset, where)
    settings = config.split.model_copy(update={"by": dataset.split_by or config.split.by})
    parts = split(table, settings, config.seed, where)
    kept = pd.concat(parts)
    ratings = kept["rating"] if dataset.rating else None
    info = DatasetInfo(
        name=config.dataset,
        synthetic=config.dataset == SAMPLE,
        rows=len(kept),
        sha256=sha256,
        users=len(users),
        items=len(items),
        likes=int(kept["like"].sum()),
        duplicates=len(table) - len(kept),
        unknown_items=unknown,
        timed=dataset.timestamp is not None,
        rating_range=None if ratings is None else (float(ratings.min()), float(ratings.max())),
        positive_rating=dataset.positive_rating,
        split=settings.by,
        seed=config.seed,
        slices={name: len(part) for name, part in zip(SLICES, parts, strict=True)},
    )
    with replacing(paths.processed) as folder:
        folder.mkdir()
        for name, part in zip(TABLES, (*parts, users, items), strict=True):
            part.to_parquet(folder / f"{name}.parquet")
        write_json(folder / "dataset.json", asdict(info))
    return [paths.processed / name for name in (*(f"{t}.parquet" for t in TABLES), "dataset.json")]


def load(config: Config, paths: Paths) -> tuple[pd.DataFrame, pd.DataFrame | None, Dataset, str]:
    """Return raw interactions, raw items if there are any, the roles, and the sources' sha256.

    Raises:
        DataError: a source cannot be fetched or read.
    """
    if config.dataset == SAMPLE:
        table, items = sample.make_sample(config.seed)
        content = table.to_csv() + items.to_csv()
        return table, items, sample_roles(), hashlib.sha256(content.encode()).hexdigest()
    dataset = config.datasets[config.dataset]
    if dataset.licence:
        click.echo(f"  licence of {config.dataset}: {dataset.licence}")
    sources = [dataset, dataset.items] if dataset.items else [dataset]
    files = [fetch(source, paths) for source in sources]
    tables = [
        mark_missing(read_table(file, source), source.na_values)
        for file, source in zip(files, sources, strict=True)
    ]
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return tables[0], tables[1] if dataset.items else None, dataset, digest.hexdigest()


def sample_roles() -> Dataset:
    """What the columns of the sample are, as an entry of ``datasets`` would say it."""
    made = Path("made by sample.py")
    return Dataset(
        path=made,
        user="user",
        item="item",
        rating="rating",
        timestamp="timestamp",
        positive_rating=sample.POSITIVE_RATING,
        rating_range=sample.RATING_RANGE,
        items=ItemTable(path=made, id="item", title="title", text=("genres", "text")),
    )


def split(
    table: pd.DataFrame, settings: SplitSettings, seed: int, where: str
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Divide interactions into train, validation and test, with each user and item in one of them.

    By time nothing in a slice is later than anything in the next. By user, each user's
    interactions are divided at random, in the same shares. Of repeated interactions the last in
    the slice where the user first met the item is kept: what came later was not known then.

    Raises:
        DataError: there are no timestamps to divide by, or a slice has too few likes.
    """
    late = settings.test_size, settings.test_size + settings.validation_size
    if settings.by == "user":
        table = table.drop_duplicates(PAIR, keep="last")
        noise = pd.Series(np.random.default_rng(seed).random(len(table)), table.index)
        by_user = noise.groupby(table["user"])
        size = by_user.transform("size")
        rank = by_user.rank(method="first")  # 1 … size, in random order
        in_test, held_out = (rank <= (size * share).round() for share in late)
    elif "timestamp" in table:
        ordered = np.sort(table["timestamp"].to_numpy())
        in_test, held_out = (
            table["timestamp"] >= ordered[round(len(table) * (1 - share))] for share in late
        )
    else:
        raise DataError(
            f"{where} names no `timestamp` column, so it cannot be split by time. "
            "Set `split_by: user` for the data set in config.yaml, or name the column."
        )
    places = held_out.astype(int) + in_test
    first_met = places == places.groupby([table[name] for name in PAIR]).transform("min")
    table = table[first_met].drop_duplicates(PAIR, keep="last")
    parts = [table[places[table.index] == place] for place in range(len(SLICES))]
    for name, part in zip(SLICES, parts, strict=True):
        if part.loc[part["like"] == 1, "user"].nunique() < MIN_USERS:
            raise DataError(
                f"{where}: the {name} slice has likes of fewer than {MIN_USERS} users. Change "
                "`split` or `split_by` in config.yaml, lower `positive_rating`, or add "
                "interactions."
            )
    return parts[0], parts[1], parts[2]


def read_processed(paths: Paths) -> tuple[Split, DatasetInfo]:
    """Read what ``prepare`` wrote.

    Raises:
        DataError: the data stage has not run.
    """
    try:
        info = DatasetInfo.read(paths.processed)
        tables = [pd.read_parquet(paths.processed / f"{name}.parquet") for name in TABLES]
    except FileNotFoundError as error:
        raise DataError(
            f"no processed data in {paths.processed}: run the `data` stage first"
        ) from error
    return Split(*tables), info
