"""Which column plays which role, so that the questions fit any data set by configuration."""

from collections.abc import Callable, Iterable
from functools import partial

import duckdb
from duckdb import DuckDBPyConnection

from portfolio.contract import Json, Project
from portfolio.errors import UserError
from portfolio.practice.database import described, literal, quoted, rows_of, tables

Roles = dict[str, str]
Counted = Callable[[str], int]  # how many different values a column has
Ranked = Callable[[str], list[str]]  # the values of a column, by frequency
MIN_NUMBERS = 10  # different values of a column that is worth a mean
MAX_CATEGORIES = 50
DAY_OR_LESS = ("D", "B", "h", "min", "s")
# What a question needs that not every data set has, in words.
WORDS = {
    "number": "a column of numbers",
    "number2": "a second column of numbers",
    "category": "a column of categories",
    "category2": "a second column of categories",
    "value": "a column of categories",
    "class": "a class to predict",
    "case": "a class to predict",
    "unit": "a column that says which rows belong together",
    "date": "dates",
    "product": "products",
    "predictions": "predictions of these rows (run `all`)",
    "decision": "prices and a threshold (run `all`)",
    "rule": "a manager's rule",
    "patients": "patients",
    "days": "steps of a day or less",
    "event": "a column of few values that is known in advance",
    "forecasts": "forecasts of these rows (run `all`)",
    "ranges": "ranges of the forecasts",
    "rating": "ratings",
    "time": "times",
}


def find(project: Project, connection: DuckDBPyConnection) -> Roles:
    """What stands for each role in questions and answers, as SQL writes it.

    A role that the data cannot play is not among them.

    Raises:
        UserError: what is said of the data is not about these rows.
    """
    try:
        return _find(project, connection)
    except (KeyError, duckdb.Error) as error:
        reason = str(error).splitlines()[0]
        raise UserError(
            f"{project.name}: data/processed/dataset.json does not describe these rows ({reason}). "
            f"Run `uv run {project.package} all` in it."
        ) from error


def _find(project: Project, connection: DuckDBPyConnection) -> Roles:
    made, table, info = tables(connection), rows_of(project), described(project)
    counted = partial(_different, connection, table)
    more = {name: name for name in made if name != table}
    if "rule" in made.get("predictions", ()):
        more["rule"] = "rule"
    more["table"] = quoted(table)
    if project.domain not in ("timeseries", "recsys"):
        more["row"], more["part"] = made[table][:2]
    if project.domain == "foundations":
        more |= _of_analysis(info, counted, partial(_by_frequency, connection, table))
    elif project.domain == "tabular":
        more |= _of_customers(project, info, counted)
    elif project.domain == "timeseries":
        more |= _of_demand(info, made, counted)
    else:
        wanted = {"product": "product", "date": "date", "rating": "rating", "time": "met_at"}
        more |= {role: name for role, name in wanted.items() if name in made[table]}
        if "patient" in made[table] and counted("patient"):
            more["patients"] = "patient"
    return more


def _of_customers(project: Project, info: Json, counted: Counted) -> Roles:
    """Columns by how much they matter to the model, as far as it has told."""
    listed = project.explanation.importance if project.explanation else ()
    ranked = [one.feature for one in listed]
    ranked += [name for name in [*info["numeric"], *info["categorical"]] if name not in ranked]
    numbers = [name for name in ranked if name in info["numeric"]]
    categories = [name for name in ranked if name in info["categorical"]]
    return {"target": quoted(info["target"])} | _columns(numbers, categories, counted)


def _of_analysis(info: Json, counted: Counted, by_frequency: Ranked) -> Roles:
    """Columns by what the settings name: what is predicted, then what is compared."""
    target = info.get("classification_target")
    numbers = _unique([info.get("regression_target"), info["outcome"], *info["numeric"]])
    derived = (target, f"{info.get('date')}_weekend")
    categories = [n for n in _unique([*info["groups"], *info["categorical"]]) if n not in derived]
    numbers = [name for name in numbers if name in info["numeric"]]
    categories = [name for name in categories if name in info["categorical"]]
    found = _columns(numbers, categories, counted) | {"things": info["rows_are"]}
    for role, name in (("unit", info.get("unit")), ("date", info.get("date")), ("class", target)):
        if name and counted(name) > 1:
            found[role] = quoted(name)
    if "category" in found:
        found["value"] = literal(by_frequency(found["category"])[0])
    if "class" in found:
        found["case"] = literal(by_frequency(found["class"])[-1])
    return found


def _of_demand(info: Json, made: dict[str, list[str]], counted: Counted) -> Roles:
    found = {"season": str(info["season_length"]), "year": str(info["end"])[:4]}
    if info["freq"].split("-")[0].lstrip("0123456789") in DAY_OR_LESS:
        found["days"] = "ds"
    event = next((name for name in info["known"] if 2 <= counted(name) <= 10), None)
    if event:
        found["event"] = quoted(event)
    if {"low_80", "high_80"} <= set(made.get("forecasts", ())):
        found["ranges"] = "low_80"
    return found


def _columns(numbers: list[str], categories: list[str], counted: Counted) -> Roles:
    """The first two numbers and the first two categories that can be asked about."""
    fit = [quoted(name) for name in numbers if counted(name) >= MIN_NUMBERS]
    found = dict(zip(("number", "number2"), fit, strict=False))
    fit = [quoted(name) for name in categories if 2 <= counted(name) <= MAX_CATEGORIES]
    return found | dict(zip(("category", "category2"), fit, strict=False))


def _different(connection: DuckDBPyConnection, table: str, column: str) -> int:
    query = f"SELECT COUNT(DISTINCT {quoted(column)}) FROM {quoted(table)}"
    return connection.execute(query).fetchone()[0]


def _by_frequency(connection: DuckDBPyConnection, table: str, column: str) -> list[str]:
    """The values of a column, whose name is quoted already, the most frequent first."""
    query = f"""
        SELECT {column} FROM {quoted(table)} WHERE {column} IS NOT NULL
        GROUP BY 1 ORDER BY COUNT(*) DESC, 1
    """
    return [value for (value,) in connection.execute(query).fetchall()]


def _unique(names: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(name for name in names if name))
