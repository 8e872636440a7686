"""From a source to checked, regular series in ``data/processed``."""

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path

import click
import pandas as pd

from . import sample
from .checks import regular, stamp, validate
from .config import Config, Dataset
from .download import fetch
from .errors import ConfigError, DataError
from .files import replacing, write_json
from .paths import Paths
from .settings import SAMPLE, Provenance
from .tables import read_table
from .values import mark_missing

TABLES = ("series", "future")
MIN_SEASONS = 2  # that a model must have seen before the first forecast
MIN_STEPS = 10
RECENT_SEASONS = 5  # that say what known columns usually are


@dataclass(frozen=True)
class DatasetInfo(Provenance):
    """What is known of the processed data; ``rows`` counts values, ``filled`` those made up.

    ``known`` names the columns known in advance, the holidays' first; ``planned`` says whether
    the source holds them for the time after ``end``, or whether what is usual is assumed.
    ``whole`` says whether demand is counted in whole units.
    """

    series: int
    freq: str
    season_length: int
    horizon: int
    windows: int
    start: str
    end: str
    known: list[str]
    holidays: str | None
    perfect_forecast: list[str]
    planned: bool
    whole: bool
    filled: int
    fill: str | None


@dataclass(frozen=True)
class Panel:
    """All series, sorted by ``unique_id`` and ``ds``, each with one row for every step in time.

    Attributes:
        series: ``unique_id``, ``ds``, ``y`` and the known columns; all end on the same date.
        future: the same without ``y``, for the ``horizon`` steps that follow.
    """

    series: pd.DataFrame
    future: pd.DataFrame


def prepare(config: Config, paths: Paths) -> list[Path]:
    """Load, validate and complete the configured data set; write it to ``data/processed``."""
    raw, dataset, sha256 = load(config, paths)
    where = f"data set {config.dataset!r}"
    table = validate(raw, dataset, where)
    series, filled, freq = regular(table, dataset, where)
    future, planned = _future(series, table, dataset, freq)
    info = DatasetInfo(
        name=config.dataset,
        synthetic=config.dataset == SAMPLE,
        rows=len(series) - filled,
        sha256=sha256,
        series=series["unique_id"].nunique(),
        freq=freq,
        season_length=dataset.season,
        horizon=dataset.horizon,
        windows=config.backtest.windows,
        start=stamp(series["ds"].min()),
        end=stamp(series["ds"].max()),
        known=list(dataset.known),
        holidays=dataset.holidays,
        perfect_forecast=list(dataset.perfect_forecast),
        planned=planned,
        whole=bool((series["y"] % 1 == 0).all()),
        filled=filled,
        fill=dataset.fill,
    )
    check_lengths(series, info, config.inventory.lead_time)
    with replacing(paths.processed) as folder:
        folder.mkdir()
        series.to_parquet(folder / "series.parquet")
        future.to_parquet(folder / "future.parquet")
        write_json(folder / "dataset.json", asdict(info))
    return [paths.processed / name for name in (*(f"{t}.parquet" for t in TABLES), "dataset.json")]


def load(config: Config, paths: Paths) -> tuple[pd.DataFrame, Dataset, str]:
    """Return the raw table, its roles, and the sha256 of its source.

    Raises:
        DataError: the source cannot be fetched or read.
    """
    if config.dataset == SAMPLE:
        table = sample.make_sample(config.seed)
        return table, sample_roles(), hashlib.sha256(table.to_csv().encode()).hexdigest()
    dataset = config.datasets[config.dataset]
    if dataset.licence:
        click.echo(f"  licence of {config.dataset}: {dataset.licence}")
    file = fetch(dataset, paths)
    with file.open("rb") as content:
        sha256 = hashlib.file_digest(content, "sha256").hexdigest()
    return mark_missing(read_table(file, dataset), dataset.na_values), dataset, sha256


def sample_roles() -> Dataset:
    """What the columns of the sample are, as an entry of ``datasets`` would say it."""
    return Dataset(
        path=Path("made by sample.py"),
        unique_id=("shop", "product"),
        ds="date",
        y="demand",
        freq="D",
        horizon=sample.AHEAD,
        known_future=("price", "promotion"),
        holidays="holiday",
    )


def read_processed(paths: Paths) -> tuple[Panel, DatasetInfo]:
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
    return Panel(*tables), info


def check_lengths(series: pd.DataFrame, info: DatasetInfo, lead_time: int) -> None:
    """Each series must leave enough before the first window, and orders arrive in the horizon.

    Raises:
        ConfigError: ``lead_time`` is too long.
        DataError: names the first series that is too short.
    """
    where, horizon = f"data set {info.name!r}", info.horizon
    if lead_time >= horizon:
        raise ConfigError(
            f"{where}: inventory.lead_time is {lead_time}, expected less than the data set's "
            f"horizon, which is {horizon}"
        )
    history = max(MIN_SEASONS * info.season_length, MIN_STEPS)
    needed = (info.windows + 1) * horizon + history
    counts = series.groupby("unique_id").size()
    short = counts[counts < needed]
    if len(short):
        raise DataError(
            f"{where}, series {short.index[0]!r} has {short.iloc[0]} steps, expected at least "
            f"{needed}: {info.windows + 1} windows of {horizon} and {history} before them "
            f"({len(short)} such series). Leave such series out, or lower `horizon`, `windows` "
            "or `season_length`."
        )


def _future(
    series: pd.DataFrame, table: pd.DataFrame, dataset: Dataset, freq: str
) -> tuple[pd.DataFrame, bool]:
    """What is known of the steps after the end, and whether the source says it.

    Where it does not, known columns are assumed to be what they usually are in the season.
    """
    steps, season = dataset.horizon, dataset.season
    dates = pd.date_range(series["ds"].max(), periods=steps + 1, freq=freq)[1:]
    ids = series["unique_id"].unique()
    future = pd.MultiIndex.from_product([ids, dates], names=["unique_id", "ds"]).to_frame(
        index=False
    )
    known = list(dataset.known)
    future = future.merge(table[["unique_id", "ds", *known]], how="left")
    planned = bool(future[known].notna().all(axis=None))
    phase = future.groupby("unique_id").cumcount() % season
    for column in known:
        usual = _usual(series, column, season)
        future[column] = future[column].fillna(
            pd.Series(usual.reindex(zip(future["unique_id"], phase, strict=True)).to_numpy())
        )
    return future, planned


def _usual(series: pd.DataFrame, column: str, season: int) -> pd.Series:
    """The median of a column at each place in the season, over each series' last few seasons.

    Place 0 is that of the first step after the end.
    """
    from_end = series.groupby("unique_id").cumcount(ascending=False)
    recent = series[from_end < RECENT_SEASONS * season]
    place = (-1 - from_end[recent.index]) % season
    return recent.groupby([recent["unique_id"], place])[column].median()
