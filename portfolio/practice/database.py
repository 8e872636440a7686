"""A project's own rows as a DuckDB file, which any program that knows DuckDB opens.

Tables are made of what the project's data stage and evaluation have left; nothing of the project
is run. Predictions that are about other rows than those that lie there now are left out.
"""

import csv
import os
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from portfolio.contract import Json, Project, read_json
from portfolio.errors import UserError

# The table with the rows that a project is about. Those of an analysis have a name of their own.
ROWS = {
    "tabular": "customers",
    "nlp": "reviews",
    "cv": "images",
    "timeseries": "demand",
    "recsys": "interactions",
}
# The files of the data stage; other domains have a training and a test part.
PARTS = {
    "cv": ("cases",),
    "timeseries": ("series",),
    "recsys": ("train", "validation", "test", "items", "users"),
}
REPORTS = ("metrics.json", "predictions.csv", "forecasts.csv")
PREDICTED = ["part", "y", "probability"]  # and, in a fourth column, what a rule would do
FORECAST = {"unique_id", "ds", "y", "yhat", "seasonal_naive"}
OF_PANDAS = "__index_level_"  # begins the name of a column that holds where a row once stood


def fresh(project: Project, file: Path) -> Path:
    """Make the database anew where one of its sources is younger; return the file.

    Raises:
        UserError: the project has not run, or what it left cannot be read.
    """
    sources = _sources(project)
    if file.is_file() and max(map(_time, sources)) < _time(file):
        return file
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=file.parent) as scratch:
        made = Path(scratch) / file.name
        try:
            # One thread: rows keep the order in which they stand in their files.
            with duckdb.connect(str(made), config={"threads": 1}) as connection:
                _fill(connection, project)
        except duckdb.Error as error:
            raise UserError(
                f"{project.name}: no database can be made of its data: {_first_line(error)}. "
                f"Run `uv run {project.package} all` in it."
            ) from error
        os.replace(made, file)
    return file


def opened(file: Path) -> DuckDBPyConnection:
    """The database, to read: nothing can be changed, no other file be reached.

    Raises:
        UserError: another program holds it, or it is no database.
    """
    # What needs more memory fails, instead of filling the disk.
    settings = {"enable_external_access": False, "memory_limit": "2GB", "temp_directory": ""}
    try:
        return duckdb.connect(str(file), read_only=True, config=settings)
    except duckdb.Error as error:
        raise UserError(
            f"{file} cannot be opened: {_first_line(error)}. Close other programs that use it, or "
            "delete it: it is made again."
        ) from error


def tables(connection: DuckDBPyConnection) -> dict[str, list[str]]:
    """The columns of each table."""
    found: dict[str, list[str]] = {}
    asked = """
        SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal
        ORDER BY table_name, column_index
    """
    for table, column in connection.execute(asked).fetchall():
        found.setdefault(table, []).append(column)
    return found


def described(project: Project) -> Json:
    """What the data stage says of the data: `data/processed/dataset.json`."""
    name = "data/processed/dataset.json"
    return read_json(project.root / name, f"{project.name}/{name}") or {}


def rows_of(project: Project) -> str:
    """The name of the table with the project's rows."""
    return ROWS.get(project.domain) or str(described(project).get("rows_are") or "data")


def quoted(name: str) -> str:
    """A name as SQL wants it: plain, where it may be."""
    plain = name.isascii() and name.isidentifier() and name.lower() not in _keywords()
    return name if plain else _name(name)


def literal(value: object) -> str:
    """A text as SQL writes it."""
    return "'" + str(value).replace("'", "''") + "'"


@cache
def _keywords() -> set[str]:
    """Words that are no names to DuckDB unless they are quoted."""
    asked = "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category <> 'unreserved'"
    with duckdb.connect() as connection:
        return {word for (word,) in connection.execute(asked).fetchall()}


def _first_line(error: duckdb.Error) -> str:
    return str(error).splitlines()[0].rstrip(".")


def _sources(project: Project) -> list[Path]:
    processed, reports = project.root / "data" / "processed", project.root / "reports"
    parts = PARTS.get(project.domain, ("train", "test"))
    needed = [processed / "dataset.json", *(processed / f"{part}.parquet" for part in parts)]
    if not all(file.is_file() for file in needed):
        raise UserError(
            f"{project.name} has no prepared data: run `uv run {project.package} all` in it first."
        )
    return needed + [file for name in REPORTS if (file := reports / name).is_file()]


def _time(file: Path) -> int:
    return file.stat().st_mtime_ns


def _fill(connection: DuckDBPyConnection, project: Project) -> None:
    processed = project.root / "data" / "processed"
    if project.domain == "timeseries":
        _create_demand(connection, processed / "series.parquet")
        _shorten_dates(connection)
        _add_forecasts(connection, project)
    elif project.domain == "recsys":
        _create_interactions(connection, processed)
    else:
        _create_rows(connection, project)
        _shorten_dates(connection)
        _add_predictions(connection, project)
        _add_decision(connection, project)


def _create(connection: DuckDBPyConnection, table: str, query: str) -> None:
    connection.execute(f"CREATE TABLE {quoted(table)} AS {query}")


def _create_demand(connection: DuckDBPyConnection, file: Path) -> None:
    own = _own(_columns(connection, _parquet(file)))
    _create(connection, "demand", f"SELECT {own} FROM {_parquet(file)}")


def _create_rows(connection: DuckDBPyConnection, project: Project) -> None:
    """The rows of all parts: their number, the part, their own columns."""
    processed = project.root / "data" / "processed"
    if project.domain == "cv":
        united = f"SELECT part, * EXCLUDE (part) FROM {_parquet(processed / 'cases.parquet')}"
    else:
        names = _columns(connection, _parquet(processed / "train.parquet"))
        united = _united(processed, ("train", "test"), _own(names), _free("part", names))
    row = _free("row_id", _columns(connection, f"({united})"))
    query = f"SELECT row_number() OVER () AS {row}, * FROM ({united})"
    _create(connection, rows_of(project), query)


def _create_interactions(connection: DuckDBPyConnection, processed: Path) -> None:
    names = _columns(connection, _parquet(processed / "train.parquet"))
    chosen = '"user" AS user_id, item AS item_id, "like" AS liked'
    chosen += ", rating" if "rating" in names else ""
    chosen += ', make_timestamp("timestamp" * 1000000) AS met_at' if "timestamp" in names else ""
    united = _united(processed, ("train", "validation", "test"), chosen, "part")
    _create(connection, "interactions", f"SELECT * EXCLUDE (part), part FROM ({united})")
    for name, more in (("item", "id AS name, title"), ("user", "id AS name")):
        source = _parquet(processed / f"{name}s.parquet")
        query = f"SELECT row_number() OVER () - 1 AS {name}_id, {more} FROM {source}"
        _create(connection, f"{name}s", query)


def _add_predictions(connection: DuckDBPyConnection, project: Project) -> None:
    """`predictions`: a probability for each row that a model has judged without learning from it.

    The report names no rows. It lists each part's in their order, with their outcomes, by which
    one that is about other data is known.
    """
    file = project.root / "reports" / "predictions.csv"
    header = _header(file)
    if header[:3] != PREDICTED:
        return
    row, part = tables(connection)[rows_of(project)][:2]
    outcome = {"tabular": described(project).get("target"), "nlp": "positive", "cv": "y"}
    learned = "validation" if project.domain == "cv" else "train"
    rule = f", CAST({_name(header[3])} AS DOUBLE) AS rule" if len(header) == 4 else ""
    connection.execute(
        f"""
        CREATE TEMP TABLE matched AS
        WITH numbered AS (SELECT *, row_number() OVER () AS line FROM {_csv(file)}), found AS (
            SELECT CASE part WHEN 'validation' THEN {literal(learned)} ELSE part END AS of_part,
                   row_number() OVER (PARTITION BY part ORDER BY line) AS place,
                   CAST(y AS DOUBLE) AS seen, CAST(probability AS DOUBLE) AS probability{rule}
            FROM numbered
        ), known AS (
            SELECT {row}, {part} AS of_part, CAST({_name(outcome[project.domain])} AS DOUBLE) AS y,
                   row_number() OVER (PARTITION BY {part} ORDER BY {row}) AS place
            FROM {rows_of(project)} WHERE {part} IN ({literal(learned)}, 'test')
        )
        SELECT * FROM found FULL JOIN known USING (of_part, place)
        """
    )
    other = connection.execute("SELECT COUNT(*) FROM matched WHERE seen IS DISTINCT FROM y")
    if other.fetchone() == (0,):
        query = "SELECT * EXCLUDE (of_part, place, seen, y) FROM matched"
        _create(connection, "predictions", f"SELECT {row}, * EXCLUDE ({row}) FROM ({query})")
    connection.execute("DROP TABLE matched")


def _add_decision(connection: DuckDBPyConnection, project: Project) -> None:
    """`decision`: one row with the threshold and the prices that money was counted with."""
    business = project.results.detail.get("business") if project.results else None
    if not isinstance(business, dict) or "threshold" not in business:
        return
    figures = {"threshold": business["threshold"], **business.get("prices", {})}
    numbers = {key: one for key, one in figures.items() if isinstance(one, int | float)}
    chosen = ", ".join(f"{float(one)!r}::DOUBLE AS {quoted(key)}" for key, one in numbers.items())
    _create(connection, "decision", f"SELECT {chosen}")


def _add_forecasts(connection: DuckDBPyConnection, project: Project) -> None:
    """`forecasts`: of the last test, where its outcomes are those of `demand`."""
    file = project.root / "reports" / "forecasts.csv"
    header = _header(file)
    if not set(header) >= FORECAST:
        return
    numbers = [name for name in header if name not in {"unique_id", "ds", "y", "yhat"}]
    chosen = ", ".join(f"CAST({_name(name)} AS DOUBLE) AS {_name(name)}" for name in numbers)
    connection.execute(
        f"""
        CREATE TEMP TABLE found AS
        SELECT unique_id, CAST(ds AS TIMESTAMP) AS ds, CAST(y AS DOUBLE) AS seen,
               CAST(yhat AS DOUBLE) AS forecast, {chosen}
        FROM {_csv(file)}
        """
    )
    join = (
        "found JOIN demand ON found.unique_id = demand.unique_id::VARCHAR AND found.ds = demand.ds"
    )
    same = f"SELECT COUNT(*) FROM {join} WHERE ABS(y - seen) <= 1e-5 * ABS(y) + 1e-9"
    if connection.execute(f"SELECT ({same}) = COUNT(*) FROM found").fetchone() == (True,):
        query = (
            f"SELECT demand.unique_id, demand.ds, found.* EXCLUDE (unique_id, ds, seen) FROM {join}"
        )
        _create(connection, "forecasts", query)
    connection.execute("DROP TABLE found")


def _shorten_dates(connection: DuckDBPyConnection) -> None:
    """Make dates of times that are all at midnight, and plain times of all others."""
    asked = """
        SELECT table_name, column_name FROM duckdb_columns()
        WHERE NOT internal AND data_type LIKE 'TIMESTAMP%'
    """
    for table, column in connection.execute(asked).fetchall():
        name, table = _name(column), quoted(table)
        day = f"SELECT bool_and({name} = date_trunc('day', {name})) FROM {table}"
        kind = "DATE" if connection.execute(day).fetchone()[0] else "TIMESTAMP"
        connection.execute(f"ALTER TABLE {table} ALTER {name} TYPE {kind}")


def _united(processed: Path, parts: Iterable[str], chosen: str, part: str) -> str:
    """The rows of several parts below one another, each with the name of its part in front."""
    return " UNION ALL BY NAME ".join(
        f"SELECT {literal(one)} AS {part}, {chosen} FROM {_parquet(processed / f'{one}.parquet')}"
        for one in parts
    )


def _columns(connection: DuckDBPyConnection, source: str) -> list[str]:
    return [name for name, *_ in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()]


def _own(names: Iterable[str]) -> str:
    """The columns that pandas did not add."""
    return ", ".join(_name(name) for name in names if not name.startswith(OF_PANDAS))


def _free(name: str, taken: Iterable[str]) -> str:
    """A name that no column has."""
    lower = {one.lower() for one in taken}
    while name in lower:
        name += "_"
    return name


def _header(file: Path) -> list[str]:
    """The names in a table's first line; none where there is no such file."""
    if not file.is_file():
        return []
    with file.open(encoding="utf-8", newline="") as stream:
        return next(csv.reader(stream), [])


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _parquet(file: Path) -> str:
    return f"read_parquet({literal(file)})"


def _csv(file: Path) -> str:
    return f"read_csv({literal(file)}, header = true, all_varchar = true)"
