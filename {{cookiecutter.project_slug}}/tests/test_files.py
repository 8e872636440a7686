"""Files: read as described, downloaded once and checked, written whole or not at all."""

import hashlib
import os
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from {{ cookiecutter.package_name }}.download import fetch
from {{ cookiecutter.package_name }}.errors import DataError, ProjectError
from {{ cookiecutter.package_name }}.files import read_json, replacing, write_json, write_text
from {{ cookiecutter.package_name }}.paths import Paths
from {{ cookiecutter.package_name }}.settings import TableSource
from {{ cookiecutter.package_name }}.tables import read_table

from .conftest import tree


@pytest.fixture
def table() -> pd.DataFrame:
    """What a file holds, as text."""
    rows = 20
    columns = {
        "id": [f"c{number}" for number in range(rows)],
        "age": [str(20 + number) for number in range(rows)],
        "plan": np.resize(["basic", "pro"], rows),
        "left": np.resize(["yes", "no", "no"], rows),
    }
    return pd.DataFrame(columns).astype(object)


def read(file: Path, **options: Any) -> pd.DataFrame:
    return read_table(file, TableSource(path=file, **options))


# Reading files


@pytest.mark.parametrize(
    ("writing", "reading"),
    [
        ({}, {}),
        ({"sep": ";"}, {"separator": ";"}),
        ({"sep": "\t", "encoding": "utf-16"}, {"separator": "\t", "encoding": "utf-16"}),
        ({"encoding": "utf-8-sig", "lineterminator": "\r\n"}, {}),
        ({"encoding": "latin-1"}, {"encoding": "latin-1"}),
    ],
)
def test_text_file_is_read_as_described(
    table: pd.DataFrame, tmp_path: Path, writing: dict[str, Any], reading: dict[str, Any]
):
    table = table.rename(columns={"plan": "Tarif für Köln"})
    table.loc[3, "age"] = " N/A"  # what that means is not for the reader to say
    table.to_csv(tmp_path / "mine.csv", index=False, **writing)
    found = read(tmp_path / "mine.csv", **reading)
    pd.testing.assert_frame_equal(found, table)


def test_file_without_header_gets_numbered_columns(table: pd.DataFrame, tmp_path: Path):
    table.to_csv(tmp_path / "mine.csv", index=False, header=False)
    found = read(tmp_path / "mine.csv", header=False)
    assert list(found) == ["column_0", "column_1", "column_2", "column_3"]
    assert len(found) == len(table)


@pytest.mark.parametrize(
    ("text", "separator"),
    [("id||age\nc1||20\n", "||"), ("id:)age\nc1:)20\n", ":)"), ("id  age\nc1 20\n", r"\s+")],
)
def test_long_separator_is_literal_but_for_patterns(tmp_path: Path, text: str, separator: str):
    (tmp_path / "mine.csv").write_text(text, encoding="utf-8")
    found = read(tmp_path / "mine.csv", separator=separator)
    assert found.to_dict("list") == {"id": ["c1"], "age": ["20"]}


@pytest.mark.parametrize("dtype", ["object", "string", "category"])
def test_text_of_parquet_is_read_like_that_of_csv(table: pd.DataFrame, tmp_path: Path, dtype: str):
    table.astype({"plan": dtype}).to_parquet(tmp_path / "mine.parquet")
    pd.testing.assert_frame_equal(read(tmp_path / "mine.parquet"), table)


def test_quotation_marks_may_be_letters(tmp_path: Path):
    (tmp_path / "mine.csv").write_text('id,age\nc1,20"\n"c2,30\n', encoding="utf-8")
    found = read(tmp_path / "mine.csv", quotes=False)
    assert found.to_dict("list") == {"id": ["c1", '"c2'], "age": ['20"', "30"]}


def test_json_lines_may_have_gaps_and_lists(tmp_path: Path):
    more = '{"plan": null, "tags": ["a"], "left": true}'
    lines = ['{"id": 1, "plan": "basic \\u00e4"}', "", more]
    (tmp_path / "mine.jsonl").write_text("\r\n".join(lines), encoding="utf-8-sig")
    found = read(tmp_path / "mine.jsonl", header=False)
    assert found.iloc[0, :2].tolist() == ["1", "basic ä"]
    assert pd.isna(found.iloc[0, 2:]).all()
    assert found.iloc[1, 2:].tolist() == ['["a"]', True]


def test_separator_at_the_end_of_lines_shifts_no_column(table: pd.DataFrame, tmp_path: Path):
    header, *lines = table.to_csv(index=False).splitlines()
    text = "\n".join([header, *(line + "," for line in lines)])
    (tmp_path / "mine.csv").write_text(text, encoding="utf-8")
    pd.testing.assert_frame_equal(read(tmp_path / "mine.csv")[list(table)], table)


def test_columns_without_a_name_get_one(table: pd.DataFrame, tmp_path: Path):
    table.rename(columns={"age": "", "plan": " plan "}).to_parquet(tmp_path / "mine.parquet")
    assert list(read(tmp_path / "mine.parquet")) == ["id", "column_1", "plan", "left"]


@pytest.mark.parametrize(
    ("content", "options", "words"),
    [
        (b"id,left,left \n1,yes,no\n", {}, "two columns called 'left'"),
        (b"id,left\n1,yes,3\n2,no,4\n", {}, "cannot be read as a table"),
        ("id,left\n1,yes\n2,n\u00f6\n".encode("latin-1"), {}, "is not utf-8-sig text"),
        (b"id,left\n1,yes\n2,no,3,4\n", {}, "Expected 2 fields in line 3, saw 4"),
        (b"id,left\n", {}, "has no rows"),
        (b"", {}, "cannot be read as a table"),
        (b"id,left\n1,yes\n", {"encoding": "martian"}, "unknown encoding: martian"),
        (b"id,left\n1,yes\n", {"format": "parquet"}, "Check `format`"),
        (b'{"id": 1}\n{oops\n', {"format": "jsonl"}, "line 2 is not JSON: '{oops'"),
        (b"[1]\n", {"format": "jsonl"}, r"line 1 is no JSON object: '\[1\]'"),
        (b'[["id", 1]]\n', {"format": "jsonl"}, "line 1 is no JSON object"),
        (b'{"id": "\\ud800"}\n', {"format": "jsonl"}, "line 1 is not JSON"),
        (b"[" * 100_000, {"format": "jsonl"}, "line 1 is not JSON"),
        (b"\n", {"format": "jsonl"}, "has no rows"),
        (b"id,left\n1,yes\n", {"separator": r"\s("}, "Check `format`, `separator`"),
    ],
)
def test_unreadable_file_is_refused(
    tmp_path: Path, content: bytes, options: dict[str, Any], words: str
):
    file = tmp_path / "mine.csv"
    file.write_bytes(content)
    with pytest.raises(DataError, match=words) as error:
        read(file, **options)
    assert str(file) in str(error.value)


# Downloading

CONTENT = b"id,left\n1,yes\n2,no\n"


class Handler(SimpleHTTPRequestHandler):
    """Serves a folder; what is called ``cut`` ends before it is complete."""

    def log_message(self, format: str, *args: object) -> None:
        self.server.requests.append(self.path)

    def copyfile(self, source: Any, outputfile: Any) -> None:
        outputfile.write(source.read(5 if "cut" in self.path else -1))


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadingHTTPServer]:
    """A web server on this machine for the files in ``tmp_path/web``."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    web = tmp_path / "web"
    web.mkdir()
    for name in ("mine.csv", "cut.csv"):
        (web / name).write_bytes(CONTENT)
    with zipfile.ZipFile(web / "mine.zip", "w") as archive:
        archive.writestr("folder/mine.csv", CONTENT)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=web)) as server:
        server.requests = []
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        yield server
        server.shutdown()


def download(server: ThreadingHTTPServer, root: Path, name: str, **options: Any) -> Path:
    url = f"http://127.0.0.1:{server.server_port}/{name}"
    return fetch(TableSource(url=url, **options), Paths(root))


def left_behind(root: Path) -> list[Path]:
    return [path for path in (root / "data").rglob("*") if path.is_file()]


@pytest.mark.parametrize("algorithm", ["sha256", "md5", None])
def test_download_is_checked_and_reused(
    server: ThreadingHTTPServer, tmp_path: Path, algorithm: str | None
):
    checksum = {algorithm: hashlib.new(algorithm, CONTENT).hexdigest()} if algorithm else {}
    first = download(server, tmp_path, "mine.csv", **checksum)
    second = download(server, tmp_path, "mine.csv", **checksum)
    assert first.read_bytes() == CONTENT
    assert first == second
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("mine.csv", {"sha256": "0" * 64}, "did not deliver the file"),
        ("mine.csv", {"md5": "0" * 32}, "did not deliver the file"),
        ("cut.csv", {}, "cannot download"),
        ("absent.csv", {}, "cannot download"),
    ],
)
def test_failed_download_leaves_nothing(
    server: ThreadingHTTPServer, tmp_path: Path, name: str, options: dict[str, str], words: str
):
    with pytest.raises(DataError, match=words) as error:
        download(server, tmp_path, name, **options)
    assert f"/{name}" in str(error.value)
    assert left_behind(tmp_path) == []


def test_member_of_an_archive_is_unpacked(server: ThreadingHTTPServer, tmp_path: Path):
    file = download(server, tmp_path, "mine.zip", member="folder/mine.csv")
    assert file.read_bytes() == CONTENT


def test_wrong_member_is_named_with_the_right_ones(server: ThreadingHTTPServer, tmp_path: Path):
    with pytest.raises(DataError, match=r"no member 'my.csv'; it has: folder/mine.csv"):
        download(server, tmp_path, "mine.zip", member="my.csv")
    with pytest.raises(DataError, match="is not a zip archive"):
        download(server, tmp_path, "mine.csv", member="my.csv")


def test_local_file_is_found_and_checked(tmp_path: Path):
    (tmp_path / "mine.csv").write_bytes(CONTENT)
    paths, checksum = Paths(tmp_path), hashlib.sha256(CONTENT).hexdigest()
    assert fetch(TableSource(path="mine.csv", sha256=checksum), paths) == tmp_path / "mine.csv"
    with pytest.raises(DataError, match="does not have the checksum"):
        fetch(TableSource(path="mine.csv", sha256="0" * 64), paths)
    with pytest.raises(DataError, match=r"start at the folder of config\.yaml"):
        fetch(TableSource(path="absent.csv"), paths)


# Writing


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_interrupted_write_leaves_the_old_file(tmp_path: Path, error: BaseException):
    file = write_text(tmp_path / "report.txt", "old")
    expected = ProjectError if isinstance(error, OSError) else KeyboardInterrupt
    with pytest.raises(expected), replacing(file) as temporary:
        temporary.write_text("half")
        raise error
    assert tree(tmp_path) == {"report.txt": b"old"}


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_interrupted_write_leaves_the_old_folder(tmp_path: Path, error: BaseException):
    folder = tmp_path / "model"
    write_text(folder / "a.txt", "old")
    expected = ProjectError if isinstance(error, OSError) else KeyboardInterrupt
    with pytest.raises(expected), replacing(folder) as temporary:
        write_text(temporary / "b.txt", "half")
        raise error
    assert tree(tmp_path) == {"model/a.txt": b"old"}


def test_full_disk_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def fail(*args: object) -> None:
        raise OSError(28, "No space left on device")

    file = write_text(tmp_path / "report.txt", "old")
    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(ProjectError, match="No space left on device") as error:
        write_text(file, "new")
    assert str(file) in str(error.value)
    assert tree(tmp_path) == {"report.txt": b"old"}


def test_folder_that_cannot_be_replaced_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    rename = os.rename

    def fail_for_the_new_one(source: Path, target: Path) -> None:
        if (source / "new.txt").exists():
            raise OSError(13, "Permission denied")
        rename(source, target)

    folder = tmp_path / "model"
    write_text(folder / "old.txt", "old")
    monkeypatch.setattr(os, "rename", fail_for_the_new_one)
    with pytest.raises(ProjectError), replacing(folder) as temporary:
        write_text(temporary / "new.txt", "new")
    assert tree(tmp_path) == {"model/old.txt": b"old"}


def test_folder_is_replaced_whole(tmp_path: Path):
    folder = tmp_path / "model"
    write_text(folder / "old.txt", "old")
    with replacing(folder) as temporary:
        write_text(temporary / "new.txt", "new")
    assert tree(tmp_path) == {"model/new.txt": b"new"}


def test_json_is_the_same_for_the_same_content(tmp_path: Path):
    one = write_json(tmp_path / "1.json", {"b": 1 / 3, "a": np.float32(0.1), "c": ("é", None)})
    two = write_json(tmp_path / "2.json", {"c": ["é", None], "a": 0.1, "b": 0.33333333})
    assert one.read_bytes() == two.read_bytes()
    assert b"\r" not in one.read_bytes()
    assert read_json(one) == {"a": 0.1, "b": 0.333333, "c": ["é", None]}
