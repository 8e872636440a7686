"""From a source to checked, regular series, and a receipt of what was done."""

import hashlib
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd

from . import sample
from .config import Config, Dataset
from .kit import DataError, ProjectError, tables
from .kit.dates import by_the_clock, from_wide, in_zone, settled, to_dates
from .kit.download import fetch
from .kit.files import Paths, read_json, replacing, write_json
from .kit.settings import SAMPLE
from .kit.store import SCHEMA, require_whole, seal
from .stationarity import repeating

MIN_SEASONS, MIN_STEPS = 2, 10  # before the first forecast: for a season, and for any model
RECENT_SEASONS = 5  # that say what known columns usually are
SINGLE = "all"  # the id where the data is a single series
FILES = ("series.parquet", "future.parquet", "dataset.json")


@dataclass(frozen=True)
class DatasetInfo:
    """What is known of the processed data.

    ``rows`` counts values there were, ``filled`` those made up by the rule ``fill``; ``groups``
    names for each series those that move together with it; ``seasons`` the steps in each of its
    seasons, first the one that repeats best, ``season_length`` being most series' first one;
    ``planned`` says whether the source holds the ``known`` columns for the time after ``end``;
    ``whole`` whether units are whole.
    """

    name: str
    synthetic: bool
    rows: int
    sha256: str
    licence: str | None
    series: int
    groups: list[str]
    freq: str
    season_length: int
    seasons: dict[str, list[int]]
    horizon: int
    windows: int
    start: str
    end: str
    known: list[str]
    planned: bool
    whole: bool
    filled: int
    fill: str | None
    rule: dict[str, Any]

    @property
    def summary(self) -> dict[str, Any]:
        """What every report says of the data behind it."""
        return {k: getattr(self, k) for k in ("name", "synthetic", "rows", "sha256", "licence")}


@dataclass(frozen=True)
class Panel:
    """All series, sorted, each with one row for every step in time, and all with the same end.
    ``series`` has ``unique_id ds y`` and the known columns, ``future`` the same without ``y``."""

    series: pd.DataFrame
    future: pd.DataFrame


def run(config: Config, paths: Paths) -> list[Path]:
    """Load, validate and complete the configured data set; write it to ``data/processed``."""
    raw, dataset, sha256 = load(config, paths)
    where = f"data set {config.dataset!r}"
    table = validate(raw, dataset, where)
    series, filled, freq = regular(table, dataset, where)
    seasons = seasons_of(series, dataset)
    usual = Counter(own[0] for own in seasons.values()).most_common(1)[0][0]
    future, planned = _future(series, table, dataset, freq)
    info = DatasetInfo(
        name=config.dataset,
        synthetic=config.dataset == SAMPLE,
        rows=len(series) - filled,
        sha256=sha256,
        series=series["unique_id"].nunique(),
        groups=table.groupby("unique_id")["group"].first().tolist(),
        freq=freq,
        season_length=usual,
        seasons=seasons,
        start=stamp(series["ds"].min()),
        end=stamp(series["ds"].max()),
        known=list(dataset.known),
        planned=planned,
        whole=bool((series["y"] % 1 == 0).all()),
        filled=filled,
        **dataset.model_dump(include={"licence", "horizon", "windows", "fill", "rule"}),
    )
    check_lengths(series, info, config.inventory.lead_time)
    files = [paths.processed / name for name in FILES]
    with replacing(files[0]) as first, replacing(files[1]) as second:
        series.to_parquet(first)
        future.to_parquet(second)
        write_json(files[2], asdict(info))
    seal(paths.processed)
    return [*files, write_json(paths.reports / "data.json", receipt(raw, table, dataset, info))]


def read_processed(paths: Paths) -> tuple[Panel, DatasetInfo]:
    """Read what ``run`` wrote; a DataError says that it has not run, or that of another version."""
    require_whole(paths.processed)
    try:
        info = DatasetInfo(**read_json(paths.processed / FILES[2], "data"))
    except TypeError as error:
        raise DataError(f"another version wrote {paths.processed}: run `data` again") from error
    return Panel(*(pd.read_parquet(paths.processed / name) for name in FILES[:2])), info


def load(config: Config, paths: Paths) -> tuple[pd.DataFrame, Dataset, str]:
    """Return the raw table, its roles, and the sha256 of its source."""
    if config.dataset == SAMPLE:
        table = sample.make_sample(config.seed)
        return table, sample.ROLES, hashlib.sha256(table.to_csv().encode()).hexdigest()
    dataset = config.datasets[config.dataset]
    if dataset.licence:
        click.echo(f"  licence of {config.dataset}: {dataset.licence}")
    file = fetch(dataset, paths)
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    table = tables.mark_missing(tables.read_table(file, dataset), dataset.na_values)
    return from_wide(table, dataset.ds, dataset.y, dataset.date_format), dataset, sha256


def validate(raw: pd.DataFrame, dataset: Dataset, where: str) -> pd.DataFrame:
    """Return ``unique_id group ds y`` and the known columns, sorted by series and date. ``y`` is
    missing where the file has a row but no value. A DataError names data set, column, row or series
    and date of the first problem."""
    tables.require_columns(raw, [*dataset.unique_id, dataset.ds, dataset.y, *dataset.known], where)
    raw = raw.reset_index(drop=True)
    table = pd.DataFrame({"unique_id": _ids(raw, dataset.unique_id, where)})
    table["group"] = _ids(raw, dataset.together or dataset.unique_id, where)
    table["ds"] = _dates(raw[dataset.ds], table["unique_id"], dataset, where)
    table["y"] = tables.to_numbers(raw[dataset.y], where, dataset)
    for column in dataset.known:
        table[column] = tables.to_numbers(raw[column], where, dataset)
    table = table.sort_values(["unique_id", "ds"], ignore_index=True)
    repeated = table.duplicated(["unique_id", "ds"])
    remedy = "Name every column that tells series apart in `unique_id`, or correct `freq`."
    expected = "expected one row for each series and date"
    _refuse(table, repeated, where, expected, remedy + _clocks(dataset))
    expected = f"column {dataset.y!r}: expected demand of at least 0"
    remedy = "Correct the value; returns belong in a column of their own."
    _refuse(table, table["y"] < 0, where, expected, remedy, "y")
    for column in dataset.known:
        expected = f"column {column!r}: expected a value that is known in advance, found none"
        remedy = "Fill it in, or take the column off `known_future`."
        _refuse(table, table[column].isna(), where, expected, remedy)
    if dataset.holidays:
        wrong = ~table[dataset.holidays].isin([0, 1])
        expected = f"column {dataset.holidays!r}: expected 0 or 1 for a holiday"
        _refuse(table, wrong, where, expected, "Correct the value.", dataset.holidays)
    return table


def regular(table: pd.DataFrame, dataset: Dataset, where: str) -> tuple[pd.DataFrame, int, str]:
    """Return every series with one row for each step in time, how many were filled, and the step.
    Gaps are filled by ``dataset.fill`` and known columns by the row before; without a rule they are
    refused. Rows after the last value of any series only say what is known of the time ahead. A
    DataError names the first series and date that is missing, or not in step."""
    freq = dataset.freq
    if freq == "W":  # weeks may begin on any day: most rows say on which
        freq = f"W-{table['ds'].dt.day_name().mode()[0][:3].upper()}"
    sold = table.dropna(subset="y")
    if sold.empty:
        raise DataError(f"{where}, column {dataset.y!r}: expected at least one value, found none")
    silent = ~table["unique_id"].isin(sold["unique_id"])
    _refuse(table, silent, where, "expected a value", "Leave out series that have none at all.")
    grid = pd.date_range(table["ds"].min(), table["ds"].max(), freq=freq)
    remedy = "Correct `freq` for this data set, or the date."
    _refuse(table, ~table["ds"].isin(grid), where, f"expected dates in steps of {freq}", remedy)
    end, starts = sold["ds"].max(), sold.groupby("unique_id")["ds"].min()
    dates = grid[grid <= end]
    rows = {name: pd.DataFrame({"ds": dates[dates >= start]}) for name, start in starts.items()}
    full = pd.concat(rows, names=["unique_id"]).reset_index("unique_id")
    full = full.merge(table.drop(columns="group"), on=["unique_id", "ds"], how="left")
    missing = full["y"].isna()
    if dataset.fill is None:
        over = full["ds"] > full["unique_id"].map(sold.groupby("unique_id")["ds"].max())
        expected = f"no value: this series has ended, and others go on to {stamp(end)}"
        remedy = "Leave it out, or go on with nothing sold: `fill: zero`."
        _refuse(full, missing & over, where, expected, remedy)
        expected = f"no value; expected one for each step of {freq} up to {stamp(end)}"
        remedy = "Add the rows, or choose a rule for gaps: `fill: zero` or `fill: forward`."
        _refuse(full, missing, where, expected, remedy + _clocks(dataset))
    # No interpolation: what comes after a gap would be known before it happened.
    before = full.groupby("unique_id")[["y", *dataset.known]].ffill()
    full[list(before)] = before.assign(y=full["y"].fillna(0)) if dataset.fill == "zero" else before
    return full, int(missing.sum()), freq


def seasons_of(series: pd.DataFrame, dataset: Dataset) -> dict[str, list[int]]:
    """The steps in each series' seasons, the one that repeats best first; 1 where there is none. A
    series has those of ``dataset`` that came ``MIN_SEASONS`` times before the first window, and, if
    ``config.yaml`` names none, that come again there."""
    tested, found = (dataset.windows + 1) * dataset.horizon, {}
    for name, y in series.groupby("unique_id")["y"]:
        past = y.to_numpy(float)[:-tested]
        own = [season for season in dataset.seasons if len(past) >= MIN_SEASONS * season]
        own = own if dataset.season_length else repeating(past, own)
        found[str(name)] = sorted(own, key=lambda s: float(abs(past[s:] - past[:-s]).mean())) or [1]
    without = [name for name, own in found.items() if dataset.seasons[-1] not in own]
    if without and (dataset.season_length or len(without) < len(found)):
        said = f"  no season of {dataset.seasons[-1]} steps, being too short or showing none"
        click.echo(f"{said}: {len(without)} of {len(found)} series: {', '.join(without[:9])}")
    return found


def check_lengths(series: pd.DataFrame, info: DatasetInfo, lead_time: int) -> None:
    """Each series must leave enough before the first window, and orders arrive in the horizon. A
    ProjectError says that ``lead_time`` is too long, a DataError which series is too short."""
    where, horizon = f"data set {info.name!r}", info.horizon
    if lead_time >= horizon:
        found = f"{where}: inventory.lead_time is {lead_time}"
        raise ProjectError(f"{found}, expected less than the data set's horizon of {horizon}")
    needed = (info.windows + 1) * horizon + MIN_STEPS
    counts = series.groupby("unique_id").size()
    short = counts[counts < needed]
    if len(short):
        raise DataError(
            f"{where}, series {short.index[0]!r} has {short.iloc[0]} steps, expected at least "
            f"{needed}: {info.windows + 1} windows of {horizon} and {MIN_STEPS} before them "
            f"({len(short)} such series). Leave such series out, or lower `horizon` or `windows`."
        )


def receipt(
    raw: pd.DataFrame, table: pd.DataFrame, dataset: Dataset, info: DatasetInfo
) -> dict[str, Any]:
    """What was read, kept, filled and left out, and what each column was taken for."""
    kinds = {dataset.ds: "date", dataset.y: "demand"} | dict.fromkeys(dataset.unique_id, "series")
    kinds |= dict.fromkeys(dataset.known, "known ahead")
    unread, no_role = raw.attrs.get("dropped", {}), "config.yaml gives it no role"
    dropped = unread | {"no demand in it": len(table) - info.rows}
    return {
        "source": dataset.url or Path(str(dataset.path or dataset.sql)).as_posix(),
        **{"rows_read": len(raw) + sum(unread.values()), "rows_kept": info.rows, "allowed": []},
        **{"schema": SCHEMA, "filled": {"rule": info.fill, "rows": info.filled}},
        "dates": {"first": info.start, "last": info.end, "step": info.freq},
        "dropped": [{"reason": why, "rows": n} for why, n in dropped.items() if n > 0],
        "columns": [
            {"name": n, "kind": kinds.get(n, "left out"), "reason": None if n in kinds else no_role}
            for n in raw.columns
        ],
    } | {"lines": raw.attrs.get("lines"), "target": None, "files": None}


def stamp(date: pd.Timestamp) -> str:
    """ISO 8601; the time of day only where there is one."""
    return f"{date:%Y-%m-%d}" if date == date.normalize() else f"{date:%Y-%m-%dT%H:%M}"


def _ids(raw: pd.DataFrame, columns: tuple[str, ...], where: str) -> pd.Series:
    """The series of each row; values of several columns are joined by a slash."""
    if not columns:
        return pd.Series(SINGLE, raw.index)
    for column in columns:
        missing, remedy = raw[column].isna(), "Fill it in, or remove these rows."
        tables.refuse_values(raw[column], missing, where, "expected the name of a series", remedy)
    names = raw[list(columns)].astype(str)
    ids = names.agg("/".join, axis=1).rename("/".join(columns))
    same = names.groupby(ids).transform("nunique").gt(1).any(axis=1)
    expected, remedy = "expected one series of such a name", "Write them without slashes."
    tables.refuse_values(ids, same, where, expected, remedy)
    return ids


def _dates(raw: pd.Series, series: pd.Series, dataset: Dataset, where: str) -> pd.Series:
    """Dates without a time zone: hours and minutes in UTC, longer steps as the calendar says."""
    form, hourly = dataset.date_format, dataset.freq.endswith(("h", "min"))
    tables.refuse_values(raw, raw.isna(), where, "expected a date", "Fill it in or drop the row.")
    if dataset.timezone:
        dates = in_zone(raw, form, dataset.timezone, series, where)
        dates = (dates.dt.tz_convert("UTC") if hourly else dates).dt.tz_localize(None)
    elif hourly:
        return to_dates(raw, form, where).dt.tz_localize(None)
    else:
        dates = by_the_clock(raw, form, where)
    if not hourly:
        usual = dates.dt.time.mode().iat[0]
        remedy = "Correct it; of days written in UTC say where: `timezone: Europe/Berlin`."
        wanted = f"expected the time of day that most have, {usual}"
        tables.refuse_values(raw, dates.dt.time != usual, where, wanted, remedy)
    return settled(dates, dataset.freq)


def _clocks(dataset: Dataset) -> str:
    """What else may be wrong with an hour that is there twice, or not at all."""
    if dataset.timezone or not dataset.freq.endswith(("h", "min")):
        return ""
    return " Where clocks change in that hour, say where: `timezone: Europe/Berlin`."


def _refuse(
    table: pd.DataFrame, wrong: pd.Series, where: str, expected: str, remedy: str, column: str = ""
) -> None:
    """Name the first row that is ``wrong``, if there is one, by series and date."""
    if wrong.any():
        row = table.loc[int(np.flatnonzero(wrong)[0])]
        found = f", found {row[column]:g}" if column else ""
        raise DataError(
            f"{where}, series {row['unique_id']!r}, {stamp(row['ds'])}: {expected}{found} "
            f"({int(wrong.sum())} such row(s)). {remedy}"
        )


def _future(
    series: pd.DataFrame, table: pd.DataFrame, dataset: Dataset, freq: str
) -> tuple[pd.DataFrame, bool]:
    """What is known of the steps after the end, and whether the source says it. If not, the median
    at that place in each series' last few seasons is assumed."""
    dates = pd.date_range(series["ds"].max(), periods=dataset.horizon + 1, freq=freq)[1:]
    pairs = [series["unique_id"].unique(), dates]
    index = pd.MultiIndex.from_product(pairs, names=["unique_id", "ds"])
    known, by = list(dataset.known), ["unique_id", "place"]
    future = index.to_frame(index=False).merge(table[["unique_id", "ds", *known]], how="left")
    planned = bool(future[known].notna().all(axis=None))
    if not planned:
        season, from_end = dataset.seasons[0], series.groupby("unique_id").cumcount(ascending=False)
        recent = series.assign(place=(-1 - from_end) % season)
        usual = recent[from_end < RECENT_SEASONS * season].groupby(by)[known].median()
        place = future.groupby("unique_id").cumcount() % season
        keys = pd.MultiIndex.from_arrays([future["unique_id"], place], names=by)
        future[known] = future[known].fillna(usual.reindex(keys).set_index(future.index))
        future[known] = future[known].fillna(series[known].median())  # less than a season is known
    return future, planned
