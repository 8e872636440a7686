"""Judging an answer in SQL by what it finds, beside what the right one finds."""

import datetime
import math
import threading
from collections.abc import Sequence
from decimal import Decimal

import duckdb
from duckdb import DuckDBPyConnection, StatementType

from portfolio.practice.questions import Task

LIMIT = 10.0  # seconds
JOIN = "Is there a join without its condition?"
MOST_ROWS = 100_000  # that are fetched of an answer, whatever it is
Row = tuple[object, ...]


def difference(connection: DuckDBPyConnection, task: Task, sql: str, limit: float = LIMIT) -> str:
    """In what an answer differs from the right one; empty where it does not.

    Rows may stand in any order unless the question asks for one, columns have any name, and
    numbers are near.
    """
    expected = [_plain(row) for row in connection.execute(task.answer).fetchall()]
    try:
        statements = duckdb.extract_statements(sql)
        if len(statements) != 1 or statements[0].type != StatementType.SELECT:
            return "An answer is one SELECT, which may begin with WITH."
        found = [_plain(row) for row in _ask(connection, sql, limit)]
    except duckdb.InterruptException:
        return f"No answer within {limit:g} seconds. {JOIN}"
    except duckdb.OutOfMemoryException:
        return f"The answer needs more memory than it may take. {JOIN}"
    except duckdb.Error as error:
        return str(error).strip()
    return compare(expected, found, task.ordered)


def compare(expected: Sequence[Row], found: Sequence[Row], ordered: bool) -> str:
    """In what rows differ from those expected; empty where they do not."""
    if expected and found and len(expected[0]) != len(found[0]):
        return f"Columns: {len(found[0])}; expected {len(expected[0])}."
    if len(found) > MOST_ROWS:
        return f"Rows: more than {MOST_ROWS:,}; expected {len(expected):,}."
    if len(expected) != len(found):
        return f"Rows: {len(found):,}; expected {len(expected):,}."
    if ordered:
        message = _first_difference(expected, found, "Row {}")
        same_rows = message and not compare(expected, found, ordered=False)
        return "The rows are right, their order is not." if same_rows else message
    by_key = [sorted(rows, key=_key) for rows in (expected, found)]
    sorting = "Both sorted by their values, row {}" if len(found) > 1 else "Row {}"
    return _first_difference(*by_key, sorting)


def _ask(connection: DuckDBPyConnection, sql: str, limit: float) -> list[Row]:
    done = threading.Event()

    def stop() -> None:
        while not done.wait(limit):  # again, should it have come before the query had begun
            connection.interrupt()

    watch = threading.Thread(target=stop, daemon=True)
    watch.start()
    try:
        return connection.execute(sql).fetchmany(MOST_ROWS + 1)
    finally:
        done.set()
        watch.join()  # a last interruption must not hit the next query


def _first_difference(expected: Sequence[Row], found: Sequence[Row], where: str) -> str:
    for number, (right, given) in enumerate(zip(expected, found, strict=True), 1):
        if not all(map(_near, right, given)):
            place = where.format(number)
            return f"{place} is {_shown(given)}; expected {_shown(right)}."
    return ""


def _plain(row: Row) -> Row:
    """A row whose values are equal where only types differ: a date and its midnight, 1 and true."""
    return tuple(map(_plain_value, row))


def _plain_value(value: object) -> object:
    if isinstance(value, bool | Decimal):
        return float(value)
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return datetime.datetime(value.year, value.month, value.day)
    return value


def _near(one: object, other: object) -> bool:
    if _is_number(one) and _is_number(other):
        return math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-9)
    return one == other


def _key(row: Row) -> tuple[list[tuple], list[float]]:
    """Sorts rows of any values; numbers last and rounded, so that near ones lie side by side."""
    places = list(enumerate(row))
    exact = [(n, type(one).__name__, str(one)) for n, one in places if not _is_number(one)]
    return exact, [float(f"{one:.6g}") for one in row if _is_number(one)]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)


def _shown(row: Row) -> str:
    return "(" + ", ".join(map(_shown_value, row)) + ")"


def _shown_value(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, float):
        return f"{value:.8g}"
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time()
        return str(value.date() if midnight else value)
    return repr(value) if isinstance(value, str) else str(value)
