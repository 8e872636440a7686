"""This project's data as a small database, and the answers to ``queries.sql``."""

import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pandas as pd

from churn.data import read_processed
from churn.errors import ProjectError
from churn.files import read_json, replacing
from churn.paths import Paths

ROOT = Path(__file__).resolve().parents[1]
QUESTION = re.compile(r"^-- (?=\d+\. )", re.MULTILINE)


def tables(paths: Paths) -> dict[str, pd.DataFrame]:
    """Customers, the predictions for them, and the decision; ``roles`` says which column is what.

    Raises:
        DataError: the data stage has not run.
        FileNotFoundError: the pipeline has not run to its end.
    """
    data, info = read_processed(paths)
    metrics = read_json(paths.reports / "metrics.json")
    importance = read_json(paths.reports / "explain.json")["importance"]
    predictions = pd.read_csv(paths.reports / "predictions.csv")
    kinds = {"category": info.categorical, "number": info.numeric}
    strongest = [row["feature"] for row in importance]
    roles = {role: next((n for n in strongest if n in kinds[role]), None) for role in kinds}
    whole = pd.concat([data.train.assign(part="train"), data.test.assign(part="test")])
    customers = pd.DataFrame({"customer": whole[info.id] if info.id else whole.index.astype(str)})
    customers["part"], customers["churned"] = whole["part"], whole[info.target]
    for role, name in roles.items():
        customers[role] = whole[name] if name else None
    prices = metrics["tabular"]["business"]["prices"]
    threshold = metrics["tabular"]["business"]["threshold"]
    named = pd.DataFrame({"role": list(roles), "column_name": list(roles.values())})
    decision = pd.DataFrame([{"threshold": threshold, **prices}])
    return {
        "roles": named,
        "customers": customers,
        "predictions": predictions,
        "decision": decision,
    }


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
