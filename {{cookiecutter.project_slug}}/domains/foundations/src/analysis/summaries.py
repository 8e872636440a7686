"""Summaries of a clean table: what each column holds, how groups differ, what moves together."""

from itertools import combinations

import numpy as np
import pandas as pd

from .clean import is_numeric

DOTS = 600
MAX_SPELLINGS = 50  # a text with more different values is no category
LINEAR = {"regression": "linear regression", "classification": "logistic regression"}


def overview(table: pd.DataFrame) -> pd.DataFrame:
    """One row per column: its type, missing and different values, and what is typical."""
    rows = {}
    for name in table.columns:
        column = table[name]
        rows[name] = {
            "type": kind(column),
            "missing": f"{column.isna().mean():.1%}",
            "different values": column.nunique(),
            "typical": _typical(column.dropna()),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def kind(column: pd.Series) -> str:
    """What a column holds: ``number``, ``date`` or ``category``."""
    if pd.api.types.is_datetime64_any_dtype(column):
        return "date"
    return "number" if pd.api.types.is_numeric_dtype(column) else "category"


def measure(table: pd.DataFrame) -> dict[str, int]:
    """What cleaning changes, counted the same way before and after it."""
    blank = table.isna() | table.eq("")
    no_dates = table.select_dtypes(exclude="datetime")
    known = {name: no_dates[name][~blank[name]] for name in no_dates}
    numbers = [name for name in known if pd.to_numeric(known[name], errors="coerce").notna().all()]
    texts = [name for name in known if not is_numeric(known[name].map(str))]
    return {
        "rows": len(table),
        "repeated rows": int(table.duplicated().sum()),
        "columns of numbers": len(numbers),
        "values known to be missing": int(blank.to_numpy().sum()),
        "spellings of categories": sum(
            known[name].nunique() for name in texts if known[name].nunique() <= MAX_SPELLINGS
        ),
    }


def by_group(table: pd.DataFrame, group: str, number: str) -> pd.DataFrame:
    """Rows, mean, median and spread of a number in each group, highest mean first."""
    summary = table.groupby(group, observed=True)[number].agg(["count", "mean", "median", "std"])
    return summary[summary["count"] > 0].sort_values("mean", ascending=False, kind="stable")


def shares(table: pd.DataFrame, group: str, category: str) -> pd.DataFrame:
    """The share of each category within each group."""
    return pd.crosstab(table[group], table[category], normalize="index")


def skewness(table: pd.DataFrame, columns: list[str]) -> pd.Series:
    """How lopsided each number is, most skewed first; 0 is symmetric."""
    return table[columns].skew().dropna().sort_values(key=np.abs, ascending=False, kind="stable")


def strongest_pairs(table: pd.DataFrame, columns: list[str]) -> pd.Series:
    """Spearman's correlation of each pair of numbers, strongest first."""
    matrix = table[columns].corr(method="spearman")
    pairs = {(a, b): matrix.loc[a, b] for a, b in combinations(columns, 2)}
    known = pd.Series(pairs, dtype=float).dropna()
    return known.sort_values(key=np.abs, ascending=False, kind="stable")


def closest(table: pd.DataFrame, columns: list[str], name: str) -> pd.Series:
    """Spearman's correlation of the other numbers with ``name``, strongest first."""
    related = table[columns].corr(method="spearman")[name].drop(name).dropna()
    return related.sort_values(key=np.abs, ascending=False, kind="stable")


def some_rows(table: pd.DataFrame, known: list[str]) -> pd.DataFrame:
    """Rows in which these columns are known, evenly picked: no more than dots can be told apart."""
    return table.dropna(subset=known).iloc[:: max(1, len(table) // DOTS)]


def gap_companions(
    table: pd.DataFrame, name: str, others: list[str], seed: int, draws: int = 999
) -> pd.DataFrame:
    """What goes with a missing ``name``: rows without it against rows with it, column by column.

    ``p`` is how often gaps that are dealt out at random come with a difference as large in any
    of the columns: small means that the gaps are not random.
    """
    gap, columns = table[name].isna().to_numpy(), [other for other in others if other != name]
    parts = {other: _as_numbers(table[other]) for other in columns}
    stacked = np.hstack([_standardised(part) for part in parts.values()])
    rng, some = np.random.default_rng(seed), int(gap.sum())
    dealt = (rng.permutation(len(table))[:some] for _ in range(draws))
    chance = np.array([np.abs(stacked[rows].mean(axis=0)).max() for rows in dealt])
    found = {}
    for other, part in parts.items():
        differences = np.abs(_standardised(part)[gap].mean(axis=0))
        value = part.columns[differences.argmax()]
        number = kind(table[other]) == "number"
        shown = table[other] if number else part[value]
        found[other] = {
            "what": "mean" if number else f"share of {value}",
            "where it is missing": shown[gap].mean(),
            "elsewhere": shown[~gap].mean(),
            "p": (1 + (chance >= differences.max() - 1e-12).sum()) / (1 + draws),
        }
    return pd.DataFrame.from_dict(found, orient="index").sort_values("p", kind="stable")


def _as_numbers(column: pd.Series) -> pd.DataFrame:
    """A number as its rank, a category as a column of zeros and ones for each frequent value."""
    if kind(column) == "number":
        return column.rank().to_frame()
    frequent = column.value_counts().index[:20]
    known = column.notna()
    return pd.DataFrame({value: column.eq(value).astype(float).where(known) for value in frequent})


def _standardised(part: pd.DataFrame) -> np.ndarray:
    """Mean 0 and spread 1; a value that is itself missing counts as the mean."""
    spread = part.std(ddof=0).replace(0, 1)
    return ((part - part.mean()) / spread).fillna(0).to_numpy()


def written_p(p: float) -> str:
    """A p-value as one reads it."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def readable(value: float) -> str:
    """A number as one reads it: four digits, thousands in full."""
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:,.4g}"


def _typical(known: pd.Series) -> str:
    if known.empty:
        return ""
    if kind(known) == "date":
        return f"{known.min():%Y-%m-%d} to {known.max():%Y-%m-%d}"
    if kind(known) == "number":
        low, middle, high = known.quantile([0.05, 0.5, 0.95])
        return f"{readable(middle)} (most from {readable(low)} to {readable(high)})"
    counts = known.value_counts()
    return f"{counts.index[0]} ({counts.iloc[0] / len(known):.0%})"


def rarer_class(column: pd.Series) -> str:
    """The least frequent category: usually the one that one looks for."""
    counts = column.value_counts().sort_index()
    return str(counts.index[counts.to_numpy().argmin()])


def display_name(model: str, task: str) -> str:
    """What a model is called in a text."""
    return LINEAR[task] if model == "linear" else model.replace("_", " ")
