"""Finding what is wrong with a table and mending it; every change is counted."""

import re
from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd
from tqdm import tqdm

from .errors import DataError

NUMERIC_SHARE = 0.95  # a text column with at least this share of numbers is one of numbers
MISSING_WORDS = frozenset({"", "n/a", "na", "#n/a", "nan", "null", "-", "--", "?", "."})
MONEY = r"[$€£¥%\s]|^(?:USD|EUR|GBP|CHF|JPY|INR|CAD|AUD)|(?:USD|EUR|GBP|CHF|JPY|INR|CAD|AUD)$"
THOUSANDS = r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?"
DECIMAL_COMMA = r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+),\d{1,2}"
Step = tuple[str, pd.Series, str]  # kind of problem, rows that have it, what is done about it
WORDED_DATES = ("%d.%m.%Y", "%d %B %Y", "%d %b %Y", "%B %d, %Y", "%b %d, %Y")


@dataclass(frozen=True)
class Finding:
    """One kind of problem in one column (none: whole rows), and what was done about it."""

    table: str
    column: str | None
    kind: str
    count: int
    action: str
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rules:
    """What cleaning has to know: ``keys`` are never mended, ``id`` says what a row is."""

    table: str
    id: str | None = None
    keys: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    missing_words: tuple[str, ...] = ()
    outlier_factor: float = 10.0


def clean(raw: pd.DataFrame, rules: Rules) -> tuple[pd.DataFrame, list[Finding]]:
    """Return a mended copy of ``raw`` with right types, and all that was found.

    Raises:
        DataError: a column of dates holds too many values that are none.
    """
    table, findings = drop_duplicates(raw, rules)
    words = MISSING_WORDS | {word.strip().casefold() for word in rules.missing_words}
    columns = {}
    # The bar shows after two seconds only: on little data it would be noise.
    for name in tqdm(table.columns, desc="cleaning", delay=2, leave=False):
        column, found = _clean_column(table[name], str(name), words, rules)
        columns[name] = column
        findings += found
    return pd.DataFrame(columns), findings


def drop_duplicates(raw: pd.DataFrame, rules: Rules) -> tuple[pd.DataFrame, list[Finding]]:
    """Remove rows that repeat an earlier one, if an id says that they mean the same thing."""
    repeated = raw.duplicated()
    count = int(repeated.sum())
    if not count:
        return raw, []
    if rules.id is None:
        action = "kept: without an `id`, equal rows may be different things"
        return raw, [Finding(rules.table, None, "duplicate", count, action)]
    action = "removed the repetitions"
    finding = Finding(rules.table, None, "duplicate", count, action)
    return raw[~repeated].reset_index(drop=True), [finding]


def _clean_column(
    column: pd.Series, name: str, words: Collection[str], rules: Rules
) -> tuple[pd.Series, list[Finding]]:
    column = _plain(column)
    missing = find_missing(column, words)
    values = column.mask(missing)
    steps: list[Step] = [("missing", missing, "marked as missing")]
    if column.dtype == object:
        values, more = _read_text(values, name, rules)
        steps += more
    if pd.api.types.is_numeric_dtype(values) and name not in rules.keys:
        typos = find_outliers(values, rules.outlier_factor)
        steps.append(("outlier", typos, "marked as missing: taken for typing errors"))
        values = values.astype("float64").mask(typos)
        if name in rules.texts:
            values = values.map("{:g}".format, na_action="ignore").astype(object)
    findings = [
        # The most frequent examples first.
        Finding(rules.table, name, kind, int(rows.sum()), action, _examples(column[rows]))
        for kind, rows, action in steps
        if rows.any()
    ]
    return values, findings


def _plain(column: pd.Series) -> pd.Series:
    """A column of text, plain numbers or plain dates, whatever types a Parquet file may hold."""
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        return column.dt.tz_convert(None)
    if pd.api.types.is_bool_dtype(column) or isinstance(column.dtype, pd.CategoricalDtype):
        return column.astype(object).map(str, na_action="ignore")
    if pd.api.types.is_numeric_dtype(column):
        return column.astype("float64")
    dated = pd.api.types.is_datetime64_any_dtype(column)
    return column if dated else column.astype(object)


def _read_text(values: pd.Series, name: str, rules: Rules) -> tuple[pd.Series, list[Step]]:
    """Turn text into keys, dates, categories or numbers, and say what had to be mended."""
    known = values.notna()
    if not known.any():
        return values, []
    values = values.map(str, na_action="ignore")
    if name in rules.keys:
        return values.str.strip(), []
    if name in rules.dates:
        dates = read_dates(values)
        _require_dates(values, dates, f"data set {rules.table!r}, column {name!r}")
        return dates, [
            ("date format", dates.notna() & ~is_iso(values), "read as dates"),
            ("no date", dates.isna() & known, "marked as missing"),
        ]
    if name in rules.texts or not is_numeric(values):
        mended = mend_spellings(values)
        action = "given the most frequent spelling"
        return mended, [("spelling", known & (mended != values), action)]
    numbers = read_numbers(values)
    plain = pd.to_numeric(values, errors="coerce").notna()
    return numbers, [
        ("number as text", numbers.notna() & ~plain, "turned into numbers"),
        ("no number", numbers.isna() & known, "marked as missing"),
    ]


def _examples(values: pd.Series) -> tuple[str, ...]:
    return tuple(values.fillna("").astype(str).value_counts().index[:3])


def find_missing(column: pd.Series, words: Collection[str] = MISSING_WORDS) -> pd.Series:
    """Which values are missing, however that is written."""
    return column.isna() | column.astype(str).str.strip().str.casefold().isin(words)


def is_numeric(values: pd.Series) -> bool:
    """Whether nearly all known values are numbers; codes such as 00501 are names."""
    known = values.dropna()
    if known.empty or known.str.fullmatch(r"\s*0\d+\s*").any():
        return False
    return bool(read_numbers(known).notna().mean() >= NUMERIC_SHARE)


def read_numbers(values: pd.Series) -> pd.Series:
    """Numbers behind text such as ``$ 1,234.50``, ``1.234,50`` or ``12 EUR``; else missing."""
    text = values.str.strip().str.replace(MONEY, "", regex=True)
    comma = text.str.fullmatch(DECIMAL_COMMA).eq(True)
    thousands = text.str.fullmatch(THOUSANDS).eq(True) & ~comma
    text = text.mask(thousands, text.str.replace(",", ""))
    point = text.str.replace(".", "", regex=False).str.replace(",", ".")
    numbers = pd.to_numeric(text.mask(comma, point), errors="coerce").astype("float64")
    return numbers.where(numbers.abs() < float("inf"))


def is_iso(values: pd.Series) -> pd.Series:
    """Which dates are written as 2024-03-25, with or without a time."""
    return values.str.match(r"\s*\d{4}(?:-\d{2}(?:-\d{2})?)?(?!\d)").eq(True)


def read_dates(values: pd.Series) -> pd.Series:
    """Dates in ISO or an unmistakable day-first or month-first format; else missing."""
    text = values.str.strip()
    dates = pd.to_datetime(text.where(is_iso(text)), format="ISO8601", errors="coerce", utc=True)
    dates = dates.dt.tz_localize(None)
    numbers = text.str.extract(r"^(\d{1,2})/(\d{1,2})/\d{4}$").astype(float).max()
    patterns = list(WORDED_DATES)
    # A number above 12 is a day, and tells how the whole column is written.
    if (numbers > 12).sum() == 1:
        patterns.append("%d/%m/%Y" if numbers[0] > 12 else "%m/%d/%Y")
    for pattern in patterns:
        dates = dates.fillna(pd.to_datetime(text, format=pattern, errors="coerce"))
    return dates


def _require_dates(values: pd.Series, dates: pd.Series, where: str) -> None:
    wrong = values.index[dates.isna() & values.notna()]
    if len(wrong) > (1 - NUMERIC_SHARE) * len(values):
        raise DataError(
            f"{where}, row {wrong[0] + 1}: expected a date such as 2024-03-25 or 25.03.2024, found "
            f"{values[wrong[0]]!r} ({len(wrong)} such row(s)). Correct it, or take the column out "
            "of `date`."
        )


def mend_spellings(values: pd.Series) -> pd.Series:
    """Give values that differ in case, blanks or hyphens the most frequent of their spellings."""
    text = values.str.strip().str.replace(r"\s+", " ", regex=True)
    known = text.dropna()
    by_key: dict[str, str] = {}
    for spelling in known.value_counts().sort_index().sort_values(kind="stable").index:
        by_key[_key(spelling)] = spelling  # the most frequent one comes last
    return text.map({spelling: by_key[_key(spelling)] for spelling in known.unique()})


def _key(spelling: str) -> str:
    # Between letters only: 1-2 and 12 are different things.
    return re.sub(r"(?<=[^\W\d_])[\s_-]+(?=[^\W\d_])", "", spelling.casefold())


def find_outliers(numbers: pd.Series, factor: float) -> pd.Series:
    """Which numbers are ``factor`` times the 99th percentile of all sizes, or more."""
    size = numbers.abs()
    usual = size.quantile(0.99)
    return (size >= factor * usual) & (usual > 0)
