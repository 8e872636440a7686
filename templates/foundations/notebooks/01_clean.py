# %% [markdown]
# # Python, NumPy and pandas: clean a messy table
#
# Every cell works on this project's own table. Before you run one, say what it will print: being
# wrong is how one learns.

# %%
from analysis.kit.charts import start

# %matplotlib inline
paths = start()

# %%
from collections import Counter
from dataclasses import dataclass
from timeit import repeat

import duckdb
import numpy as np
import pandas as pd

from analysis import data
from analysis.config import load_config
from analysis.kit.tables import read_numbers
from analysis.roles import as_number, as_numbers, readable

pd.set_option("display.float_format", readable)  # no 8.197e+04 in a table
table, info = data.whole(paths)
config = load_config(paths.root / "config.yaml", info.name)
raw = data.load(config, paths)
name, messy = next(iter(raw.tables.items()))
print(f"data set: {info.name}{info.note}")
print(f"{name}: {len(messy):,} rows, {messy.shape[1]} columns, as written")
messy.head()

# %% [markdown]
# ## Lists, dictionaries, sets
#
# A list keeps an order, a dictionary finds by name, a set holds each thing once. Which of them
# answers "how often?", which "is it in there?", which "what comes first?"

# %%
column = info.outcome
values = messy[column].astype(str).tolist()
print("list:", values[:5], "| the last:", values[-1])

counts = {}
for value in values:
    counts[value] = counts.get(value, 0) + 1
print("dictionary:", sorted(counts.items(), key=lambda pair: -pair[1])[:4])
print("the same, by Counter:", Counter(values).most_common(4))

odd = {value for value in values if not value.replace(".", "").lstrip("-").isdigit()}
print("set of values that are no plain numbers:", sorted(odd)[:8])

# %% [markdown]
# *Try it:* what do `values[100_000]` and `values[100_000:]` do? Why is only one of them an error?
#
# ## Functions and a small class
#
# A function names a step and promises something. A dataclass bundles values; `frozen` means that
# nobody can change them later.


# %%
@dataclass(frozen=True)
class Gaps:
    """How many values of a column are missing, however that is written."""

    column: str
    missing: int
    rows: int

    @property
    def share(self) -> float:
        return self.missing / self.rows


def gaps_of(column: pd.Series, words: tuple[str, ...] = ("", "n/a", "-", "?")) -> Gaps:
    """Count blanks and words that mean missing.

    Raises:
        ValueError: the column has no rows.
    """
    if column.empty:
        raise ValueError(f"{column.name}: expected at least one row")
    blank = column.isna() | column.astype(str).str.strip().str.lower().isin(words)
    return Gaps(str(column.name), int(blank.sum()), len(column))


found = sorted((gaps_of(messy[column]) for column in messy), key=lambda gaps: -gaps.share)
[f"{gaps.column}: {gaps.share:.1%}" for gaps in found[:5]]

# %% [markdown]
# *Try it:* which word for "missing" would this function overlook in a table of yours?
#
# ## NumPy: all values at once
#
# An array holds one type, side by side in memory, so that arithmetic needs no loop in Python. A
# comparison gives yes and no: it can be counted, and it picks.

# %%
numbers = as_numbers(table, info)
x = numbers[info.outcome if info.outcome in numbers else numbers.columns[0]].to_numpy()
many = np.resize(x, 100_000)
as_list = many.tolist()
loop = min(repeat(lambda: sum((value - 1) ** 2 for value in as_list), number=1))
array = min(repeat(lambda: ((many - 1) ** 2).sum(), number=1))
print(f"an array is {'much' if loop > 5 * array else 'not much'} faster than a loop here")
high = x > x.mean()
print(f"above the mean: {high.sum():,} of {x.size:,}; their own mean: {readable(x[high].mean())}")

# %% [markdown]
# **Broadcasting** stretches the shorter shape. (rows, columns) less (columns,) takes each column's
# own mean away: all columns standardised in one line.

# %%
matrix = numbers.to_numpy()
standard = (matrix - matrix.mean(axis=0)) / matrix.std(axis=0)
print(matrix.shape, "less", matrix.mean(axis=0).shape, "gives", standard.shape)
row, place = np.unravel_index(np.abs(standard).argmax(), standard.shape)
print(f"furthest out: row {row}, {numbers.columns[place]}, {standard[row, place]:.1f} deviations")

# %% [markdown]
# *Try it:* take each *row's* mean away instead. Why does it need `keepdims=True`?
#
# ## pandas: what is wrong with the table?
#
# Text is compared letter by letter, so a number that is stored as text sorts wrongly without an
# error. Look at both ends of each column: odd values love the ends.

# %%
text = messy.astype(object).where(messy.notna(), "").astype(str)  # whatever kind of column
pd.DataFrame(
    {
        "different": messy.nunique(),
        "most frequent": text.mode().iloc[0],
        "first in the alphabet": text.min(),
        "last": text.max(),
        "largest as a number": text.apply(lambda column: read_numbers(column, "here").max()),
    }
)

# %% [markdown]
# Each kind of problem has one rule (`clean.py`), and every change is counted. What would you have
# done otherwise? A dash may mean "none"; a typing error may be the most important row.

# %%
tables, findings = data.clean_all(raw, config.cleaning.outlier_factor)
_, orphans = data.join(tables, raw.dataset)
columns = ["table", "column", "kind", "count", "action", "examples"]
found = pd.DataFrame(findings + orphans, columns=columns)
found if len(found) else "Nothing was found to be wrong or missing."

# %% [markdown]
# ## Joins and groups
#
# A left join keeps every row of the first table, an inner join only those with a partner: ask of
# each join how many rows go missing. `groupby` splits, computes and puts together. Look at the
# count beside the mean: a mean of five rows is a rumour.

# %%
key = next(iter([*info.groups, *info.categorical]), None)
group = table[key] if key else pd.cut(numbers.iloc[:, 0], 4).astype(str)
simple = pd.DataFrame({"value": group, "number": as_number(table[info.outcome])})
kinds = group.value_counts().rename_axis("value").reset_index(name="rows").iloc[1:]
for how in ("left", "inner"):
    rows = len(simple.merge(kinds, on="value", how=how))
    print(f"{how} join with all kinds but the most frequent: {rows:,} rows of {len(simple):,}")
simple.groupby("value")["number"].agg(["count", "mean", "median"]).head(10)

# %% [markdown]
# ## The same question in SQL
#
# Most tables live in databases. `WHERE` is a mask, `GROUP BY` is `groupby`, `HAVING` a mask on the
# groups. DuckDB runs SQL on a DataFrame by its name.

# %%
sql = """
SELECT value, COUNT(*) AS rows, AVG(number) AS average
FROM simple
WHERE value IS NOT NULL
GROUP BY value
HAVING COUNT(*) >= 10
ORDER BY value
"""
answer = duckdb.sql(sql).df()
groups = simple.dropna(subset=["value"]).groupby("value")["number"]
counted = pd.DataFrame({"rows": groups.size(), "average": groups.mean()}).reset_index()
counted = counted[counted["rows"] >= 10].sort_values("value")
print("the same:", np.allclose(answer["average"], counted["average"], equal_nan=True))
answer.head(10)

# %% [markdown]
# *Try it:* ask a question of your own in both languages. Where they disagree, look at missing
# values and at ties.
