"""Reading tables as text, and making values of it; errors say which column and row, from 1."""

import csv
import json
import re
import warnings
from collections.abc import Collection
from datetime import date
from difflib import get_close_matches
from importlib import import_module
from io import BytesIO, StringIO
from itertools import islice
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import click
import numpy as np
import pandas as pd

from . import DataError
from .settings import MAX_NUMBER, TableSource

FLAT = (str, float, bool, type(None), date)
FORMATS = {".parquet": "parquet", ".pq": "parquet", ".jsonl": "jsonl", ".ndjson": "jsonl"}
PACKED = {b"\x1f\x8b": "gzip", b"\xfd7zXZ": "lzma", b"BZh": "bz2"}
WORKBOOKS, SHEETS = (b"PK", b"\xd0\xcf\x11\xe0"), {"[Content_Types].xml", "content.xml"}
UTF_16 = b"\xff\xfe", b"\xfe\xff"
# What other alphabets look like in cp1252, and Western languages do not write.
FOREIGN = (
    r"\w\u201a|[^\W\d_][\xa2-\xac\xae-\xb3\xb5\xb6\xb8-\xbf\xd7\xf7][^\W\d_]"
    r"|[\xd0\xdd\xde\xf0\xfd\xfe\u0192\ufffd]|[\xa2-\xac\xae-\xbe\xc0-\xff]{3}"
)
WINDOWS = {byte: bytes([byte]).decode("cp1252", "replace") for byte in range(0x80, 0xA0)}
TOTALS = ("total", "totals", "grand total", "sum", "summe", "gesamt", "somme", "suma", "totale")
MISSING_WORDS = ("", "#N/A", "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null")
SOME_NUMBERS = 0.5  # share from which a column may be one of numbers
UNKNOWN = ("-", "--", "?", ".", "*", "unknown", "missing", "none", "n.a.", "k.a.", "nd")
MONEY = r"(?:[A-Z]{0,3}[$€£¥₹₽₺₩]|USD|EUR|GBP|CHF|JPY|INR|CAD|AUD|Fr\.?)?"
CODES = {"$": "USD", "US$": "USD", "€": "EUR", "£": "GBP", "₹": "INR"}
ALIKE = str.maketrans("\u2212\u2010\u2011\u2012\u2013\u00a0\u202f\u2007\u2009\u2019", "-----    '")
SWAPPED = str.maketrans(",.", ".,")
GROUPED = r"(?:\d*|[1-9]\d{0,2}(?:,\d{2,3})*,\d{3})(?:\.\d*)?(?:[eE][+-]?\d+)?"
NUMBER = re.compile(
    rf"^[\s(+-]*(?P<before>{MONEY})[\s+-]*"
    r"(?P<digits>[.,]?\d(?:[\d.,]|[ '](?=\d{3}(?!\d)))*(?:[eE][+-]?\d+)?)"
    rf"\s*(?P<after>%|/ ?\d+|{MONEY}|[^\W\d_]\D*(?:\d\D*)?)\s*\)?\s*$"
)


def read_table(file: Path, source: TableSource, content: bytes = b"") -> pd.DataFrame:
    """Read a file, or its ``content``, as ``source`` describes it, or say why not (DataError). Text
    stays as written; ``attrs`` has its number of ``lines``, and those that are no rows by reason
    (``dropped``). Without a header columns are called ``column_0``, …"""
    try:
        content = _unpacked(content or file.read_bytes(), source.member)
        kind = source.format or FORMATS.get(Path(source.member or file).suffix.lower(), "csv")
        if kind == "parquet" or content.startswith(b"PAR1"):
            table = pd.read_parquet(BytesIO(content)).reset_index(drop=True)
            texts = table.select_dtypes(["category", "string", "object"]).astype(object)
            table = table.assign(**texts.map(_flat, na_action="ignore"))
        elif kind == "jsonl" or re.match(rb'[\xef\xbb\xbf\s]*(\[\s*\{|\{\s*")', content):
            table = pd.DataFrame(_objects(_decoded(content, source)), dtype=object).map(_flat)
        elif content.startswith(WORKBOOKS):
            sheet = pd.read_excel(BytesIO(content), engine="calamine", header=None, na_filter=False)
            text, how = sheet.to_csv(header=False, index=False), {"separator": ",", "quotes": True}
            table = _separated(text, source.model_copy(update=how))
        else:
            table = _separated(_decoded(content, source), source)
        named = source.header or kind == "jsonl"
        given = [str(name).strip() if named else "" for name in table.columns]
        table.columns = pd.Index([name or f"column_{place}" for place, name in enumerate(given)])
        if any(twice := table.columns.duplicated()):
            raise ValueError(f"it has two columns called {table.columns[twice][0]!r}")
    except Exception as error:  # each format's library has kinds of its own
        why = f"{file} cannot be read as a table: {str(error).strip()}. "
        remedy = "Check `format`, `separator`, `quotes`, `header` and `encoding` of this data set."
        raise DataError(why + remedy * ("`" not in why)) from error
    if table.empty:
        raise DataError(f"{file} has no rows: expected a table with at least one")
    return table


def _unpacked(content: bytes, member: str | None) -> bytes:
    """What is in a file packed by gzip, xz or bzip2, or in an archive; a workbook is none."""
    for mark, library in PACKED.items():
        if content.startswith(mark):
            return bytes(import_module(library).decompress(content))
    if member or content.startswith(b"PK"):
        with ZipFile(BytesIO(content)) as archive:
            names = archive.namelist()
            if not member and SHEETS.intersection(names):
                return content
            if member not in names and (member or len(names) > 1):
                raise ValueError(f"it has no `member` {member!r}; it has: {names[:10]}")
            return _unpacked(archive.read(member or names[0]), None)
    return content


def _decoded(content: bytes, source: TableSource) -> str:
    """Text in the encoding that ``source`` names, else in the one that the bytes show."""
    encoding = source.encoding or ("utf-16" if content[:2] in UTF_16 else "utf-8-sig")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        text = content.decode("cp1252", "replace")
        if source.encoding or re.search(FOREIGN, text):
            raise ValueError(f"{error}. Name its `encoding`, such as cp1251") from error
        click.echo("  it is not UTF-8 and read as cp1252: if that is wrong, name its `encoding`")
    # Control characters are letters of Windows that were taken for those of latin-1.
    text = text if text.isascii() else text.translate(WINDOWS)
    if "\0" in text:
        raise ValueError("it holds the character NUL. Is its `encoding` utf-16-le? Else remove it")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _separated(text: str, source: TableSource) -> pd.DataFrame:
    """Read separated values, everything as text: what is a number is decided later."""
    separator, plain, above = source.separator, len(source.separator) == 1, 0
    quoting: Any = csv.QUOTE_MINIMAL if source.quotes else csv.QUOTE_NONE
    how: Any = {"delimiter": separator, "quoting": quoting}
    if plain and source.header:
        above = _above(csv.reader(StringIO(text), **how))
    with warnings.catch_warnings():
        # pandas warns, and drops values, where a row is longer than the header.
        warnings.simplefilter("error", pd.errors.ParserWarning)
        # It takes a longer separator as a pattern, as is wanted of "\\s+".
        sep = separator if plain or "\\" in separator else re.escape(separator)
        header, engine = 0 if source.header else None, "c" if plain else "python"
        as_is: Any = {"index_col": False, "keep_default_na": False, "dtype": str}
        of = {"sep": sep, "header": header, "skiprows": above, "quoting": quoting, "engine": engine}
        table = pd.read_csv(BytesIO(text.encode()), **as_is, **of)
    lines = text.removesuffix("\n").count("\n") + 1
    if plain and '"' in text and lines - above > len(table) + source.header:
        _refuse_swallowed(csv.reader(StringIO(text), strict=True, **how))
    why = _not_rows(table)
    dropped = why.value_counts().to_dict() | ({"above the header": above} if above else {})
    table = table.drop(why.index).reset_index(drop=True) if len(why) else table
    table.attrs = {"lines": lines, "dropped": dropped}
    return table


def _above(rows: Any) -> int:
    """How many lines, blank or of a title, stand above the names of columns."""
    for above, cells in enumerate(islice(rows, 30)):
        if any(cells[1:]):
            if again := [name for name in cells if name and cells.count(name) > 1]:
                raise ValueError(f"it has two columns called {again[0]!r}")
            return above
    return 0  # one column


def _refuse_swallowed(rows: Any) -> None:
    """Refuse quotation marks that are never closed: rows up to the next one would be one cell."""
    line = 1
    try:
        for _ in rows:
            line = rows.line_num + 1
    except csv.Error as error:
        why = f"a quotation mark in the row that begins in line {line} has no other: {error}"
        raise ValueError(f"{why}. Mend it, or set `quotes: false`") from error


def _not_rows(table: pd.DataFrame) -> pd.Series:
    """Why lines are no rows, by their place: blank ones, the header again, a total at the end."""
    names, end = list(map(str, table.columns)), table.index == len(table) - 1
    first = table.iloc[:, 0]
    odd = table[first.isin(["", names[0], np.nan]) | end].fillna("")
    blank, again = odd.eq("").all(axis=1), odd.eq(names).all(axis=1)
    total = end[odd.index] & odd.iloc[:, 0].str.casefold().str.strip().isin(TOTALS)
    why = np.select([blank, again, total], ["blank", "the header again", "a total"], "")
    return pd.Series(why, odd.index)[why != ""]


def _objects(text: str) -> list[dict[str, Any]]:
    """The objects of a JSON array, or of one a line."""
    lines, rows = text.split("\n"), []
    if re.match(r"\s*\[\s*\{", text):
        lines = [json.dumps(row) for row in json.loads(text)]
    for number, line in enumerate(lines, start=1):
        try:
            rows += [dict(json.loads(line))] if line.strip() else []
            json.dumps(rows[-1:], ensure_ascii=False).encode()  # fails on halves of characters
        except (TypeError, ValueError, RecursionError) as error:
            raise ValueError(f"line {number} is no JSON object: {line[:40]!r}") from error
    return rows


def _flat(value: Any) -> Any:
    """Lists and objects as JSON; whole numbers as text, as they may be too long for a number."""
    flat = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    return flat if isinstance(flat, FLAT) else json.dumps(flat, default=str, ensure_ascii=False)


def require_columns(table: pd.DataFrame, columns: list[str], where: str) -> None:
    """Raise a DataError that names the first missing column and the nearest one there is."""
    if missing := [column for column in columns if column not in table]:
        found = [str(name) for name in table.columns]
        near = get_close_matches(missing[0], found, n=1, cutoff=0.0)
        hint = f"did you mean {near[0]!r}? Found: {', '.join(found[:20])}"
        if len(found) == 1:
            hint = f"the only column is {found[0]!r}: is `separator` right?"
        raise DataError(f"{where} has no column {missing[0]!r}; {hint}")


def mark_missing(table: pd.DataFrame, na_values: Collection[str] = ()) -> pd.DataFrame:
    """Strip blanks from text; blank text, ``MISSING_WORDS`` and ``na_values`` become None."""
    words = [*MISSING_WORDS, *(word.strip() for word in na_values)]
    text = table.select_dtypes(object).map(lambda v: v.strip() if isinstance(v, str) else v)
    return table.assign(**text.mask(text.isin(words), None))


def to_numbers(column: pd.Series, where: str, source: TableSource | None = None) -> pd.Series:
    """Convert text to numbers; missing and ``UNKNOWN`` ones are NaN, wrong ones a DataError."""
    numbers = read_numbers(column, where, source)
    wrong = numbers.isna() & column.notna() & ~is_unknown(column)
    remedy = "Correct it; where it means missing, leave it blank or list it under `na_values`."
    refuse_values(column, wrong | (numbers.abs() > MAX_NUMBER), where, "expected a number", remedy)
    return numbers


def is_unknown(column: pd.Series) -> pd.Series:
    """Which values say, in a column of numbers, that nobody knows the number."""
    return column.isin([word for word in column.unique() if str(word).casefold() in UNKNOWN])


def read_numbers(column: pd.Series, where: str, source: TableSource | None = None) -> pd.Series:
    """The numbers behind text such as ``$1,234.50``, ``45 %``, ``(12)`` or with a shared unit; else
    NaN. A DataError asks for ``decimal`` where no value tells what ``1.234`` is."""
    codes, known = pd.factorize(column)  # each different value is read once
    numbers = _numbers(pd.Series(known, dtype=object, name=column.name), where, source)
    return pd.Series(np.append(numbers, np.nan)[codes], column.index, name=column.name)


def _numbers(known: pd.Series, where: str, source: TableSource | None) -> pd.Series:
    decimal, separator = (source.decimal, source.separator) if source else (None, ",")
    plain = pd.to_numeric(known, errors="coerce").astype(float).where(lambda n: n.abs() < np.inf)
    is_text = np.array([isinstance(v, str) and v.casefold() not in UNKNOWN for v in known], bool)
    settled = decimal == "." or (decimal is None and separator != ";")
    if not is_text.any() or (settled and plain.notna().all()):
        return plain
    digits = _digits(alike := (text := known[is_text]).str.translate(ALIKE))
    if len(digits) <= SOME_NUMBERS * len(text):
        return plain
    both = pd.DataFrame({mark: _values(digits, mark) for mark in decimal or ".,"})
    values, unsure = both.bfill(axis=1).iloc[:, 0], both.nunique(axis=1) > 1
    if unsure.any():
        marks = [mark for mark in both if both.loc[both.isna().any(axis=1), mark].notna().any()]
        example = digits[unsure].iat[0]
        if not marks and separator != ";" and ("," not in example or separator == ","):
            marks = ["."]
        if len(marks) != 1:
            bare = int(re.sub("[.,]", "", example))
            why = f"column {known.name!r}: {example!r} may be {bare} or {bare / 1000:g}"
            raise DataError(f"""{where}, {why}. Say which: `decimal: ","` or `decimal: "."`.""")
        values = values.mask(unsure, both[marks[0]])
    signs = alike.str.match(r"\D*[-(]").map({True: -1, False: 1})
    return plain.where(~is_text, signs * values)


def _digits(alike: pd.Series) -> pd.Series:
    """The digits and marks of numbers with the unit of most; bare ones beside one currency too."""
    parts = alike.str.extract(NUMBER)
    unit = (parts["before"].fillna("") + parts["after"].fillna("")).str.strip(" s").replace(CODES)
    usual = unit.mode().tolist()
    money = ["", *unit[unit.ne("") & unit.str.fullmatch(MONEY)].mode()[:1]]
    fits = unit.isin(money if usual[0] in money else usual[:1])
    return parts["digits"].where(fits).dropna().str.replace("[ ']", "", regex=True)


def _values(digits: pd.Series, mark: str) -> pd.Series:
    """Digits with this decimal mark, in groups or not, as numbers; NaN where they are none."""
    english = digits.map(lambda number: number.translate(SWAPPED)) if mark == "," else digits
    return pd.to_numeric(english.where(english.str.fullmatch(GROUPED)).str.replace(",", ""))


def refuse_values(column: pd.Series, wrong: pd.Series, where: str, wanted: str, mend: str) -> None:
    """Raise a DataError that names the first row whose value is ``wrong``, if there is one."""
    if wrong.any():
        first = int(wrong.to_numpy().argmax())
        found = "nothing" if column.isna().iloc[first] else repr(column.tolist()[first])
        place = f"{where}, column {column.name!r}, row {column.index[first] + 1}"  # of all rows
        raise DataError(f"{place}: {wanted}, found {found} ({wrong.sum()} such row(s)). {mend}")


def keep_aside(keys: pd.DataFrame | pd.Series, y: pd.Series, share: float, seed: int) -> pd.Series:
    """Which rows are kept for the final test: of each class this share, by a hash of their keys, so
    that with later rows others stay on their side: no older model has learned what it meets."""
    text, key = keys.astype(str), f"{seed:016d}"[-16:]  # pandas hashes numbers without the key
    ranked = pd.util.hash_pandas_object(text, index=False, hash_key=key).groupby(y)
    return ranked.rank(method="first") <= np.ceil(share * ranked.transform("size"))
