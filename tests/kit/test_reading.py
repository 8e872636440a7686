"""Kinds of files that people have: each is read right, or refused with what to do about it."""

import bz2
import csv
import gzip
import io
import json
import lzma
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit import DataError
from kit.settings import TableSource
from kit.tables import mark_missing, read_table, to_numbers

ROWS = [["c1", "20", "yes"], ["c2", "30", "no"], ["c3", "40", "no"]]
NAMES = ["id", "age", "left"]
TEXT = "id,age,left\nc1,20,yes\nc2,30,no\nc3,40,no\n"


def read(content: str | bytes, name: str = "mine.csv", **options: Any) -> pd.DataFrame:
    data = content.encode() if isinstance(content, str) else content
    return read_table(Path(name), TableSource(path=name, **options), data)


def is_whole(table: pd.DataFrame, dropped: dict[str, int] | None = None) -> bool:
    """Whether it is the table above, and said what was no row."""
    assert table.attrs["dropped"] == (dropped or {})
    return list(table) == NAMES and table.to_numpy().tolist() == ROWS


# What an ordinary file is


def test_an_ordinary_file_is_read_and_nothing_is_said():
    assert is_whole(read(TEXT))
    assert read(TEXT).attrs["lines"] == 4
    assert read(TEXT.rstrip("\n")).attrs["lines"] == 4


# Packed, and in other formats


def archive(**members: str) -> bytes:
    """A zip archive, with underscores in names for dots."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        for name, text in members.items():
            packed.writestr(name.replace("_", "."), text)
    return content.getvalue()


def workbook(rows: list[list[Any]]) -> bytes:
    """An Excel file of one sheet, written by hand: numbers as numbers, the rest as text."""
    lines = []
    for cells in rows:
        line = ""
        for cell in cells:
            if isinstance(cell, str):
                line += f'<c t="inlineStr"><is><t>{cell}</t></is></c>'
            else:
                line += "<c/>" if cell is None else f"<c><v>{cell}</v></c>"
        lines.append(f"<row>{line}</row>")
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as book:
        book.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{package}/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
            f'<Override PartName="/xl/s.xml" ContentType="{kind}.worksheet+xml"/></Types>',
        )
        link = f'<Relationships xmlns="{package}/relationships"><Relationship Id="a" Type="{office}'
        book.writestr(
            "_rels/.rels", f'{link}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        )
        book.writestr(
            "xl/_rels/workbook.xml.rels", f'{link}/worksheet" Target="s.xml"/></Relationships>'
        )
        book.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
            '<sheet name="one" sheetId="1" r:id="a"/></sheets></workbook>',
        )
        book.writestr(
            "xl/s.xml",
            f'<worksheet xmlns="{main}"><sheetData>{"".join(lines)}</sheetData></worksheet>',
        )
    return content.getvalue()


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, bz2.compress])
def test_packed_files_are_unpacked_whatever_their_name(pack):
    assert is_whole(read(pack(TEXT.encode())))
    assert is_whole(read(pack(TEXT.encode()), "mine.csv.gz"))


def test_a_file_in_an_archive_is_found_by_its_name_or_as_the_only_one():
    assert is_whole(read(archive(mine_csv=TEXT), "mine.zip"))
    both = archive(mine_csv=TEXT, readme_txt="Nothing.")
    assert is_whole(read(both, "mine.zip", member="mine.csv"))
    with pytest.raises(DataError, match=r"no `member` None; it has: \['mine.csv', 'readme.txt'\]"):
        read(both, "mine.zip")
    with pytest.raises(DataError, match="no `member` 'my.csv'"):
        read(both, "mine.zip", member="my.csv")
    with pytest.raises(DataError, match="not a zip file"):
        read(TEXT, member="mine.csv")


# By names: packed bytes hold the time, and all workers must find the same tests.
@pytest.mark.parametrize(
    "content", [gzip.compress(TEXT.encode())[:30], archive(a_csv=TEXT)[:60]], ids=["gzip", "zip"]
)
def test_a_packed_file_that_was_cut_off_is_refused(content):
    with pytest.raises(DataError, match="cannot be read as a table"):
        read(content)


def test_a_workbook_is_read_with_its_title_and_its_numbers():
    rows = [["Customers"], NAMES, ["c1", 20, "yes"], ["c2", 30, "no"], ["c3", 40, "no"]]
    table = read(workbook(rows), "mine.xlsx", separator=";", encoding="cp1252")
    assert is_whole(table, {"above the header": 1})
    table = read(workbook([["id", "spent"], [74, 1.5], [None, 3]]))
    assert table.to_numpy().tolist() == [["74", "1.5"], ["", "3"]]


def test_json_is_read_as_lines_and_as_one_array():
    rows = [dict(zip(NAMES, row, strict=True)) for row in ROWS]
    for content in (json.dumps(rows), json.dumps(rows, indent=2), "\ufeff" + json.dumps(rows)):
        assert read(content, "mine.json").to_numpy().tolist() == ROWS
    lines = "\ufeff" + "\n".join(map(json.dumps, rows))
    assert read(lines, "mine.jsonl").to_numpy().tolist() == ROWS
    assert read(lines, "mine.txt").to_numpy().tolist() == ROWS  # however it is called, or packed
    assert read(gzip.compress(lines.encode()), "mine.jsonl.gz").to_numpy().tolist() == ROWS
    with pytest.raises(DataError, match="cannot be read as a table: Unterminated"):
        read(json.dumps(rows)[:-5], "mine.json")


# Encodings


WESTERN = [
    "don\u2019t",
    "Z\u00fcrich",
    "10\u00a0\u20ac",
    "\u201egut\u201c",
    "na\u00efve, \u0153uvre",
    "5\u00b0C \u00bd",
    "col\u00b7lecci\u00f3",
    "soft\u00adly",
]


@pytest.mark.parametrize(
    ("encoding", "options"),
    [
        ("utf-8", {}),
        ("utf-8-sig", {}),
        ("utf-16", {}),
        ("cp1252", {}),
        ("cp1252", {"encoding": "latin-1"}),  # as people say who mean the Windows one
        ("cp1252", {"encoding": "cp1252"}),
    ],
)
def test_text_comes_back_as_it_was_written(encoding: str, options: dict[str, str]):
    table = pd.DataFrame({"text": WESTERN, "n": range(len(WESTERN))})
    found = read(table.to_csv(index=False).encode(encoding), **options)
    assert found["text"].tolist() == WESTERN


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("za\u017c\u00f3\u0142\u0107 g\u0119\u015bl\u0105", "cp1250"),
        ("\u041e\u0442\u043b\u0438\u0447\u043d\u043e", "cp1251"),
        ("\u039a\u03b1\u03bb\u03b7\u03bc\u03ad\u03c1\u03b1", "cp1253"),
        ("g\u00fczel \u015fehir", "cp1254"),
        ("\u65e5\u672c\u8a9e\u306e\u30c6\u30ad\u30b9\u30c8", "shift_jis"),
        ("\u4e2d\u6587\u8bc4\u8bba", "gb18030"),
        ("caf\u00e9", "cp437"),
    ],
)
def test_other_alphabets_are_asked_for_and_never_taken_for_the_western_one(text, encoding):
    content = f"text,n\n{text},1\n".encode(encoding)
    with pytest.raises(DataError, match="Name its `encoding`"):
        read(content)
    assert read(content, encoding=encoding)["text"].tolist() == [text]


# Heads and feet


@pytest.mark.parametrize(
    ("head", "options", "dropped"),
    [
        ("\n", {}, {"above the header": 1}),
        ("sep=,\n", {}, {}),
        ("My customers\n\n", {}, {"above the header": 2}),
        ("My customers,,\n", {}, {"above the header": 1}),
        ('"My\ncustomers",,\n', {}, {"above the header": 1}),
    ],
)
def test_what_stands_above_the_header_is_told_and_left_out(head, options, dropped):
    dropped = dropped or {"above the header": 1}
    assert is_whole(read(head + TEXT, **options), dropped)


def test_a_separator_that_excel_was_told_must_be_told_here_too():
    content = "sep=;\n" + TEXT.replace(",", ";")
    assert is_whole(read(content, separator=";"), {"above the header": 1})


@pytest.mark.parametrize(
    ("foot", "dropped"),
    [
        ("Total,90,\n", {"a total": 1}),
        ("id,age,left\n", {"the header again": 1}),
        (",,\n,,\n", {"blank": 2}),
        (",,\nGrand Total,90,3\n", {"blank": 1, "a total": 1}),
    ],
)
def test_what_is_no_row_is_told_and_left_out(foot, dropped):
    assert is_whole(read(TEXT + foot), dropped)


def test_a_customer_called_total_in_the_middle_is_a_row():
    text = TEXT.replace("c2", "Total")
    assert read(text)["id"].tolist() == ["c1", "Total", "c3"]
    assert read("id,age\n,1\n,2\n").to_numpy().tolist() == [["", "1"], ["", "2"]]


def test_a_column_that_is_there_twice_is_refused():
    with pytest.raises(DataError, match="two columns called 'left'"):
        read("id,left,left\nc1,yes,no\n")


def test_columns_without_a_name_get_one():
    table = read(",age,\n0,20,x\n1,30,y\n")
    assert list(table) == ["Unnamed: 0", "age", "Unnamed: 2"]


# Quotation marks


def test_a_mark_that_is_never_closed_swallows_no_rows():
    rows = [f"r{n}\t{n}\tyes" for n in range(40)]
    rows[5], rows[25] = 'r5\t"not closed\tyes', 'r25\t"closed" here\tno'
    content = "\n".join(["id\ttext\tleft", *rows]) + "\n"
    with pytest.raises(DataError, match=r"row that begins in line 7 .* `quotes: false`"):
        read(content, separator="\t")
    table = read(content, separator="\t", quotes=False)
    assert len(table) == 40
    with pytest.raises(DataError, match="`quotes`"):  # to the end of the file
        read(content.replace('"closed" here', "closed"), separator="\t")


def test_lines_and_separators_in_a_text_are_none_of_the_table():
    rows = [["first, second\nthird, fourth", "5"], ['he said "so, so"\n\nand left', "1"]]
    content = pd.DataFrame(rows, columns=["text", "stars"]).to_csv(index=False)
    assert read(content).to_numpy().tolist() == rows


# Whatever was written comes back, or is refused


WORDS = st.text(
    st.sampled_from("abcXYZ019 ,;\t|'\"\n.-_%\u00e4\u00e9\u00df\u20ac\u2019\u017c\u041f\u6f22"),
    max_size=8,
).map(str.strip)
CELLS = st.one_of(WORDS, st.integers(-9_999, 9_999).map(str))


def is_utf_8(content: bytes, encoding: str) -> bool:
    """Whether bytes of a code page happen to be UTF-8: two letters that are one."""
    try:
        return content.decode("utf-8") != content.decode(encoding)
    except UnicodeDecodeError:
        return False


Written = tuple[bytes, TableSource, list[list[str]], list[float]]


@st.composite
def written(draw: st.DrawFn) -> Written:
    """A file in some dialect, how config.yaml describes it, its texts and its numbers."""
    width = draw(st.integers(1, 4))
    rows = draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=8))
    numbers = [draw(st.integers(-(10**7), 10**7)) / 10 ** draw(st.integers(0, 3)) for _ in rows]
    decimal, thousands = draw(
        st.sampled_from([(".", ""), (".", ","), (",", ""), (",", "."), (",", " "), (".", "'")])
    )
    marks = str.maketrans({",": thousands, ".": decimal})
    form = draw(st.sampled_from(["{}", "{}", "{} kg", "{} %", "$ {}"]))
    shown = [form.format(f"{number:,}".translate(marks)) for number in numbers]
    separator = draw(st.sampled_from([",", ";", "\t", "|"]))
    file = io.StringIO()
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    writer = csv.writer(file, delimiter=separator, quoting=quoting, lineterminator=end)
    writer.writerow([*(f"n{place}" for place in range(width)), "number"])
    writer.writerows([*row, number] for row, number in zip(rows, shown, strict=True))
    encoding = draw(
        st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252", "cp1250", "cp1251", "latin-1"])
    )
    try:
        content = file.getvalue().encode(encoding)
    except UnicodeEncodeError:
        content, encoding = file.getvalue().encode(), "utf-8"
    # What nothing in a file tells must be told: code pages that look like another encoding, and
    # decimal commas where columns are not parted by semicolons, as they are where commas are usual.
    told = encoding in ("cp1250", "cp1251") or draw(st.booleans()) or is_utf_8(content, encoding)
    asked = (decimal == "," and separator != ";") or draw(st.booleans())
    source = TableSource(
        path="mine.csv",
        separator=separator,
        encoding=encoding if told else None,
        decimal=decimal if asked else None,
    )
    pack = draw(st.sampled_from([bytes, bytes, gzip.compress, lzma.compress]))
    return pack(content), source, rows, numbers


def test_text_of_other_code_pages_may_look_western_which_is_said(capsys):
    # What bytes do not tell: letters that both code pages have, at other places.
    assert read("text,n\nna\u010fve,1\n".encode("cp1250"))["text"].tolist() == ["na\u00efve"]
    assert "read as cp1252: if that is wrong, name its `encoding`" in capsys.readouterr().out


def comes_back(file: Written) -> bool:
    """Whether all was read; it fails the test if anything was read as something else."""
    content, source, rows, numbers = file
    try:
        found = read_table(Path("mine.csv"), source, content)
        values = to_numbers(mark_missing(found)["number"], "mine", source)
    except DataError:
        return False
    assert found.iloc[:, :-1].fillna("").to_numpy().tolist() == rows
    assert values.tolist() == pytest.approx(numbers, rel=1e-12)
    return True


@settings(max_examples=200, derandomize=True, deadline=None)
@given(written())
def test_what_was_written_comes_back_or_is_refused(file):
    comes_back(file)


@pytest.mark.slow
@settings(max_examples=2_000, deadline=None)
@given(written())
def test_two_thousand_tables_come_back_or_are_refused(file):
    comes_back(file)
