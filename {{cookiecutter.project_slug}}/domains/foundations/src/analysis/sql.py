"""Five questions, each asked in SQL and in pandas; both must answer the same."""

from collections.abc import Callable
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from .markdown import code
from .roles import DatasetInfo, focus, main_category

TOP = 5


@dataclass(frozen=True)
class Question:
    """A question in words, as SQL on a table called ``data``, and as a pandas function."""

    words: str
    sql: str
    pandas: Callable[[pd.DataFrame], pd.DataFrame]


def ask(sql: str, table: pd.DataFrame) -> pd.DataFrame:
    """Run SQL on ``table``, which it calls ``data``."""
    with duckdb.connect() as connection:
        connection.register("data", pa.Table.from_pandas(table, preserve_index=False))
        return connection.sql(sql).df()


def same(first: pd.DataFrame, second: pd.DataFrame) -> bool:
    """Whether two answers have the same columns, rows and values, up to rounding."""
    if list(first) != list(second) or len(first) != len(second):
        return False
    for name in first:
        a, b = first[name], second[name].reset_index(drop=True)
        if pd.api.types.is_numeric_dtype(a):
            equal = np.isclose(a.astype(float), b.astype(float), rtol=1e-9, equal_nan=True)
        else:
            equal = (a.astype(str) == b.astype(str)).to_numpy()
        if not equal.all():
            return False
    return True


def questions(table: pd.DataFrame, info: DatasetInfo) -> tuple[list[Question], list[str]]:
    """The questions that this table can answer, and why others are left out."""
    group = main_category(info)
    if not info.numeric or group is None:
        return [], ["No SQL questions: they need a column of numbers and one of categories."]
    number = focus(table, info)
    asked = [
        known(number),
        frequent(group),
        averages(number, group),
        totals(number, group),
    ]
    if info.date:
        return [*asked, months(number, info.date)], []
    return [*asked, leaders(number, group)], []


def known(number: str) -> Question:
    """COUNT, and COUNT of what is not missing."""
    x = quoted(number)

    def answer(table: pd.DataFrame) -> pd.DataFrame:
        column = table[number]
        counts = {"rows": len(column), "missing": column.isna().sum()}
        return pd.DataFrame([{**counts, "different": column.nunique()}])

    return Question(
        f"How many rows are there, and in how many is {code(number)} missing?",
        f"SELECT COUNT(*) AS rows, COUNT(*) - COUNT({x}) AS missing,\n"
        f"       COUNT(DISTINCT {x}) AS different\nFROM data",
        answer,
    )


def frequent(group: str) -> Question:
    """GROUP BY and ORDER BY."""
    g = quoted(group)

    def answer(table: pd.DataFrame) -> pd.DataFrame:
        counts = table.groupby(group).size().rename_axis("value").reset_index(name="rows")
        return counts.sort_values(["rows", "value"], ascending=[False, True]).head(TOP)

    return Question(
        f"What are the most frequent values of {code(group)}?",
        f"SELECT {g} AS value, COUNT(*) AS rows\nFROM data\nWHERE {g} IS NOT NULL\n"
        f"GROUP BY {g}\nORDER BY rows DESC, value\nLIMIT {TOP}",
        answer,
    )


def averages(number: str, group: str) -> Question:
    """HAVING: a condition on groups."""
    x, g = quoted(number), quoted(group)

    def answer(table: pd.DataFrame) -> pd.DataFrame:
        summary = table.groupby(group)[number].agg(["count", "mean"])
        summary = summary.rename_axis("value").reset_index()
        summary.columns = pd.Index(["value", "known", "average"])
        return summary[summary["known"] >= 10].sort_values("value")

    return Question(
        f"What is the average {code(number)} of each {code(group)} with at least ten rows?",
        f"SELECT {g} AS value, COUNT({x}) AS known, AVG({x}) AS average\nFROM data\n"
        f"WHERE {g} IS NOT NULL\nGROUP BY {g}\nHAVING COUNT({x}) >= 10\nORDER BY value",
        answer,
    )


def totals(number: str, group: str) -> Question:
    """A window over groups: each one's share of the whole."""
    x, g = quoted(number), quoted(group)

    def answer(table: pd.DataFrame) -> pd.DataFrame:
        total = table.groupby(group)[number].sum(min_count=1)
        total = total.rename_axis("value").reset_index(name="total")
        total["share"] = total["total"] / total["total"].sum()
        return total.sort_values("value")

    return Question(
        f"Which share of all {code(number)} falls to each {code(group)}?",
        f"SELECT {g} AS value, SUM({x}) AS total,\n"
        f"       SUM({x}) / SUM(SUM({x})) OVER () AS share\n"
        f"FROM data\nWHERE {g} IS NOT NULL\nGROUP BY {g}\nORDER BY value",
        answer,
    )


def months(number: str, date: str) -> Question:
    """A common table expression, and LAG: each month against the one before."""
    x, d = quoted(number), quoted(date)

    def answer(table: pd.DataFrame) -> pd.DataFrame:
        dated = table[table[date].notna()]
        month = dated[date].dt.strftime("%Y-%m").rename("month")
        means = dated.groupby(month)[number].mean().rename("average").reset_index()
        return means.assign(change=means["average"].diff())

    return Question(
        f"How does the average {code(number)} change from month to month?",
        f"WITH monthly AS (\n  SELECT strftime({d}, '%Y-%m') AS month, AVG({x}) AS average\n"
        f"  FROM data\n  WHERE {d} IS NOT NULL\n  GROUP BY strftime({d}, '%Y-%m')\n)\n"
        "SELECT month, average, average - LAG(average) OVER (ORDER BY month) AS change\n"
        "FROM monthly\nORDER BY month",
        answer,
    )


def leaders(number: str, group: str) -> Question:
    """RANK within groups: the two largest different values of each."""
    x, g = quoted(number), quoted(group)

    def answer(table: pd.DataFrame) -> pd.DataFrame:
        rows = table[[group, number]].dropna().drop_duplicates()
        rows.columns = pd.Index(["value", "number"])
        rows["place"] = rows.groupby("value")["number"].rank(ascending=False).astype(int)
        return rows[rows["place"] <= 2].sort_values(["value", "place"])

    return Question(
        f"What are the two largest values of {code(number)} in each {code(group)}?",
        f"WITH different AS (\n  SELECT DISTINCT {g} AS value, {x} AS number\n  FROM data\n"
        f"  WHERE {g} IS NOT NULL AND {x} IS NOT NULL\n)\n"
        "SELECT value, number,\n"
        "       RANK() OVER (PARTITION BY value ORDER BY number DESC) AS place\n"
        "FROM different\nQUALIFY place <= 2\nORDER BY value, place",
        answer,
    )


def quoted(name: str) -> str:
    """A column's name as SQL wants it, whatever letters it is made of."""
    return '"' + name.replace('"', '""') + '"'
