"""Finding what is wrong with a table and mending it; every change is counted."""

import re
from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from .kit import DataError
from .kit.settings import TableSource
from .kit.tables import read_numbers

NUMERIC_SHARE = 0.95  # a text column with at least this share of numbers is one of numbers
MISSING_WORDS = frozenset({"", "n/a", "na", "#n/a", "nan", "null", "-", "--", "?", "."})
ISO = r"\d{4}(?:-\d{2}(?:-\d{2})?)?(?!\d)"
TIME = r"(?:,? |T)\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[AaPp][Mm])?$"
ZONE = r"(?<=:\d\d)((?:\.\d+)?) ?(?:Z|[+-]\d\d(?::?\d\d)?)$"  # dates are by the writer's clock
QUARTER, PERIOD = r"^(\d{4})[ -]?Q([1-4])$", r"^(\d{4})[ -]?([MW]\d\d?)$"
SERIAL = r"[2-7]\d{4}(?:\.\d+)?"  # days as a spreadsheet counts them, of 1954 to 2118
MONTHS = ("%B", "%b")
IN_WORDS = tuple(
    form.replace("%b", month)
    for form in ("%d %b %Y", "%d %b %y", "%b %d %Y", "%Y %b %d", "%b %Y")
    for month in MONTHS
)

Step = tuple[str, pd.Series, str]  # kind of problem, rows that have it, what is done about it


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
    source: TableSource | None = None
    id: str | None = None
    keys: tuple[str, ...] = ()
    date: str | None = None
    date_format: str | None = None
    texts: tuple[str, ...] = ()
    missing_words: tuple[str, ...] = ()
    outlier_factor: float = 10.0


def clean(raw: pd.DataFrame, rules: Rules) -> tuple[pd.DataFrame, list[Finding]]:
    """Return a mended copy of ``raw`` with right types, and all that was found.

    A DataError says that the column of dates holds too many values that are none.
    """
    table, findings = drop_duplicates(raw, rules)
    columns = {}
    for name in table.columns:
        columns[name], found = _clean_column(table[name], name, rules)
        findings += found
    return pd.DataFrame(columns), findings


def drop_duplicates(raw: pd.DataFrame, rules: Rules) -> tuple[pd.DataFrame, list[Finding]]:
    """Remove rows that repeat an earlier one, if an id says that they mean the same thing."""
    repeated = raw.duplicated()
    findings, count = [], int(repeated.sum())
    if count and rules.id is None:
        action = "kept: without an `id`, equal rows may be different things"
        findings.append(Finding(rules.table, None, "duplicate", count, action))
    elif count:
        findings.append(Finding(rules.table, None, "duplicate", count, "removed the repetitions"))
        raw = raw[~repeated].reset_index(drop=True)
    if rules.id is not None:
        again = raw[rules.id].duplicated() & ~find_missing(raw[rules.id], MISSING_WORDS)
        if again.any():
            action = "kept: the rows differ in other columns"
            examples = _examples(raw[rules.id][again])
            findings.append(
                Finding(rules.table, rules.id, "id twice", int(again.sum()), action, examples)
            )
    return raw, findings


def _clean_column(column: pd.Series, name: str, rules: Rules) -> tuple[pd.Series, list[Finding]]:
    words = MISSING_WORDS | {word.strip().casefold() for word in rules.missing_words}
    column = _plain(column)
    if name == rules.date and pd.api.types.is_numeric_dtype(column):  # such as 20240325
        column = column.map("{:.15g}".format, na_action="ignore").astype(object)
    missing = find_missing(column, words)
    values = column.mask(missing)
    steps: list[Step] = [("missing", missing, "marked as missing")]
    if column.dtype == object:
        values, more = _read_text(values, name, rules)
        steps += more
    if pd.api.types.is_numeric_dtype(values) and name not in rules.keys:
        if name in rules.texts:  # a number that only names something
            values = values.map("{:.15g}".format, na_action="ignore").astype(object)
        else:
            typos = find_outliers(values, rules.outlier_factor)
            steps.append(("outlier", typos, "marked as missing: taken for typing errors"))
            values = values.mask(typos)
    findings = [
        Finding(rules.table, name, kind, int(rows.sum()), action, _examples(column[rows]))
        for kind, rows, action in steps
        if rows.any()
    ]
    return values, findings


def _plain(column: pd.Series) -> pd.Series:
    """A column of text, plain numbers or plain dates, whatever types a Parquet file may hold."""
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        return column.dt.tz_localize(None)
    if pd.api.types.is_bool_dtype(column):
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
    if name == rules.date:
        dates = read_dates(values, rules.date_format)
        if not rules.date_format and values[known].str.strip().str.fullmatch(SERIAL).all():
            days = pd.to_numeric(values)
            dates = pd.to_datetime(days, unit="D", origin="1899-12-30").dt.round("s")
        _require_dates(values, dates, f"data set {rules.table!r}, column {name!r}")
        form = values.str.replace(r"\d{4}", "Y", regex=True).str.replace(r"\d+", "n", regex=True)
        form = form.str.replace(r"[^\W\d_]{3,}", "month", regex=True)
        other = dates.notna() & (form != form.mode().iloc[0])
        return dates, [
            ("date format", other, "read as dates"),
            ("no date", dates.isna() & known, "marked as missing"),
        ]
    if name in rules.texts or not is_numeric(values, rules):
        mended = mend_spellings(values)
        action = "given the most frequent spelling"
        return mended, [("spelling", known & (mended != values), action)]
    numbers = read_numbers(values, f"data set {rules.table!r}", rules.source)
    plain = pd.to_numeric(values, errors="coerce").notna()
    return numbers, [
        ("number as text", numbers.notna() & ~plain, "turned into numbers"),
        ("no number", numbers.isna() & known, "marked as missing"),
    ]


def _examples(values: pd.Series) -> tuple[str, ...]:
    """The most frequent values, as they are written."""
    return tuple(values.fillna("").astype(str).value_counts().index[:3])


def find_missing(column: pd.Series, words: Collection[str]) -> pd.Series:
    """Which values are missing, however that is written."""
    return column.isna() | column.astype(str).str.strip().str.casefold().isin(words)


def is_numeric(values: pd.Series, rules: Rules) -> bool:
    """Whether nearly all known values are numbers; codes such as 00501 are names."""
    known = values.dropna()
    if known.empty or known.str.fullmatch(r"\s*0\d+\s*").any():
        return False
    numbers = read_numbers(known, f"data set {rules.table!r}", rules.source)
    return bool(numbers.notna().mean() >= NUMERIC_SHARE)


def read_dates(values: pd.Series, date_format: str | None = None) -> pd.Series:
    """Days behind text in ISO, in ``date_format`` or in an unmistakable format; else missing.

    ``3/4/2024`` is one in March or April: only a number above 12 elsewhere in the column tells.
    A time of day is kept where the date is written as ISO or in ``date_format``; zones are left
    out. A quarter (2024Q1), month (2024M01) or week (2024-W05) is its first day.
    """
    text = values.str.strip().str.replace(ZONE, r"\1", regex=True)
    if date_format:
        return _parsed(text, date_format.removesuffix("%z").rstrip())
    is_iso = text.str.match(ISO).eq(True)
    dates = pd.to_datetime(text.where(is_iso), format="ISO8601", errors="coerce", utc=True)
    dates = dates.dt.tz_localize(None)
    days = text.str.replace(TIME, "", regex=True)
    dates = dates.fillna(_parsed(days.where(days.str.fullmatch(r"(19|20)\d{6}")), "%Y%m%d"))
    words = days.str.replace(r"[\s,./-]+", " ", regex=True)
    words = words.where(words.str.contains(r"[^\W\d_]{3}"))
    for pattern in IN_WORDS:
        dates = dates.fillna(_parsed(words, pattern))
    quarters = text.str.replace(QUARTER, lambda q: f"{q[1]}M{3 * int(q[2]) - 2}", regex=True)
    periods = quarters.where(quarters.str.match(PERIOD)).str.replace(PERIOD, r"\1\2", regex=True)
    for period, pattern in ((periods, "%YM%m"), (periods + "-1", "%GW%V-%u")):
        dates = dates.fillna(_parsed(period, pattern))
    for mark in "./-":
        for pattern in _numbered_patterns(days, mark):
            dates = dates.fillna(_parsed(days, pattern))
    return dates


def _parsed(text: pd.Series, pattern: str) -> pd.Series:
    dates = pd.to_datetime(text, format=pattern, errors="coerce", utc=True).dt.tz_localize(None)
    # Of years in two digits, none lies ahead: Jan-49 is 1949.
    ahead = (dates > pd.Timestamp.now() + pd.DateOffset(years=2)) & ("%y" in pattern)
    return dates.mask(ahead, dates - pd.DateOffset(years=100))


def _numbered_patterns(days: pd.Series, mark: str) -> list[str]:
    """How dates such as 25/03/2024 or 03-25-24 are written in this column; none if unclear."""
    parts = days.str.extract(rf"^(\d{{1,2}})\{mark}(\d{{1,2}})\{mark}(?:\d{{4}}|\d{{2}})$")
    first, second = (parts.astype(float).max() > 12).tolist()
    if first == second and mark != ".":  # points are written day first
        return []
    order = ["%m", "%d"] if second and not first else ["%d", "%m"]
    return [mark.join([*order, year]) for year in ("%Y", "%y")]


def _require_dates(values: pd.Series, dates: pd.Series, where: str) -> None:
    wrong = values.index[dates.isna() & values.notna()]
    if len(wrong) > (1 - NUMERIC_SHARE) * len(values):
        raise DataError(
            f"{where}, row {wrong[0] + 1}: expected a date such as 2024-03-25 or 25.03.2024, found "
            f"{values[wrong[0]]!r} ({len(wrong)} such row(s)). Say how dates are written in "
            '`date_format`, such as "%d/%m/%Y" for day first, or take the column out of `date`.'
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
