"""This project's data as a small database, and the answers to ``queries.sql``."""

import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pandas as pd

from analysis.data import read_processed
from analysis.errors import ProjectError
from analysis.files import replacing
from analysis.paths import Paths
from analysis.roles import focus, main_category

ROOT = Path(__file__).resolve().parents[1]
QUESTION = re.compile(r"^-- (?=\d+\. )", re.MULTILINE)


def tables(paths: Paths) -> dict[str, pd.DataFrame]:
    """The clean table under short names; ``roles`` says which column each of them is.

    Raises:
        DataError: the data stage has not run.
    """
    table, info = read_processed(paths)
    number, category = focus(table, info) if info.numeric else None, main_category(info)
    roles = {
        "number": number,
        "number_2": next((name for name in info.numeric if name != number), None),
        "category": category,
        "category_2": next((name for name in info.categorical if name != category), None),
        "date": info.date,
    }
    rows = pd.DataFrame({"row": range(1, len(table) + 1)})
    for role, name in roles.items():
        rows[role] = table[name].to_numpy() if name else None
    if info.date:
        rows["date"] = table[info.date].dt.strftime("%Y-%m-%d").to_numpy()
    named = pd.DataFrame({"role": list(roles), "column_name": list(roles.values())})
    return {"roles": named, "clean": rows}


def build(paths: Paths) -> Path:
    """Write ``data/practice.db``, a file that every SQLite program opens.

    Raises:
        ProjectError: the pipeline has not run to its end.
    """
    try:
        content = tables(paths)
    except FileNotFoundError as error:
        raise ProjectError(f"{error.filename} is missing: run `all` first") from error
    file = paths.root / "data" / "practice.db"
    with replacing(file) as temporary, closing(sqlite3.connect(temporary)) as connection:
        for name, table in content.items():
            table.to_sql(name, connection, index=False)
        connection.commit()
    return file


def answers(database: Path, queries: Path) -> Iterator[tuple[str, pd.DataFrame]]:
    """Each numbered question with the answer of the database.

    Raises:
        ProjectError: names the question whose SQL is wrong.
    """
    with closing(sqlite3.connect(database)) as connection:
        for part in QUESTION.split(queries.read_text(encoding="utf-8"))[1:]:
            question, sql = part.split("\n", maxsplit=1)
            try:
                yield question, pd.read_sql_query(sql, connection)
            except (pd.errors.DatabaseError, TypeError) as error:
                raise ProjectError(
                    f"{queries}, question {question!r}: {error}. Expected one SELECT below each "
                    "line that starts with `-- ` and a number."
                ) from error


def main() -> None:
    """Print every question with its answer."""
    sys.stdout.reconfigure(errors="replace")  # a pipe on Windows knows few letters
    file = build(Paths(ROOT))
    for question, table in answers(file, ROOT / "docs" / "queries.sql"):
        print(f"{question}\n\n{table.to_string(index=False)}\n")
    print(f"wrote {file.relative_to(ROOT).as_posix()}")


if __name__ == "__main__":
    try:
        main()
    except ProjectError as error:
        print(f"Error: {error}", file=sys.stderr)
        sys.exit(2)
