"""Files: downloaded once and checked, written whole or not at all."""

import hashlib
import os
import shutil
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from {{ cookiecutter.__package }}.download import fetch
from {{ cookiecutter.__package }}.errors import DataError, ProjectError
from {{ cookiecutter.__package }}.files import (
    only_one,
    read_json,
    replacing,
    write_json,
    write_text,
)
from {{ cookiecutter.__package }}.paths import Paths
from {{ cookiecutter.__package }}.settings import Source

from .conftest import tree

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
    (web / "page.csv").write_bytes(b"\n<!DOCTYPE html>\n<html>Log in</html>")
    (web / "empty.csv").touch()
    with zipfile.ZipFile(web / "mine.zip", "w") as archive:
        archive.writestr("folder/mine.csv", CONTENT)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=web)) as server:
        server.requests = []
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        yield server
        server.shutdown()


def download(server: ThreadingHTTPServer, root: Path, name: str, **options: Any) -> Path:
    url = f"http://127.0.0.1:{server.server_port}/{name}"
    return fetch(Source(url=url, **options), Paths(root))


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
        ("page.csv", {}, "a web page instead of data"),
        ("empty.csv", {}, "an empty file"),
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
    assert fetch(Source(path="mine.csv", sha256=checksum), paths) == tmp_path / "mine.csv"
    with pytest.raises(DataError, match="does not have the checksum"):
        fetch(Source(path="mine.csv", sha256="0" * 64), paths)
    with pytest.raises(DataError, match=r"start at the folder of config\.yaml"):
        fetch(Source(path="absent.csv"), paths)


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


@pytest.mark.parametrize("error", [OSError(13, "Permission denied"), KeyboardInterrupt()])
def test_folder_that_cannot_be_replaced_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
):
    def fail(*args: object) -> None:
        raise error

    folder = tmp_path / "model"
    write_text(folder / "old.txt", "old")
    expected = ProjectError if isinstance(error, OSError) else KeyboardInterrupt
    with pytest.raises(expected), replacing(folder) as temporary:
        write_text(temporary / "new.txt", "new")
        monkeypatch.setattr(os, "replace", fail)
    assert tree(tmp_path) == {"model/old.txt": b"old"}


def test_folder_is_replaced_whole(tmp_path: Path):
    folder = tmp_path / "model"
    write_text(folder / "old.txt", "old")
    with replacing(folder) as temporary:
        write_text(temporary / "new.txt", "new")
    assert tree(tmp_path) == {"model/new.txt": b"new"}


def test_ctrl_c_while_it_tidies_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    remove = shutil.rmtree

    def press_once(folder: Path, ignore_errors: bool) -> None:
        if folder.exists():
            monkeypatch.setattr(shutil, "rmtree", remove)
            raise KeyboardInterrupt

    write_text(tmp_path / "model" / "old.txt", "old")
    with pytest.raises(KeyboardInterrupt), replacing(tmp_path / "model") as temporary:
        write_text(temporary / "new.txt", "new")
        monkeypatch.setattr(shutil, "rmtree", press_once)
    assert tree(tmp_path) == {"model/new.txt": b"new"}


def test_leftovers_of_a_killed_run_with_the_same_number_do_not_bar_the_way(tmp_path: Path):
    write_text(tmp_path / f".{os.getpid()}-model" / "half.txt", "half")
    write_text(tmp_path / f".{os.getpid()}-old-model" / "old.txt", "old")
    with pytest.raises(KeyboardInterrupt), replacing(tmp_path / "model"):
        raise KeyboardInterrupt
    assert tree(tmp_path) == {"model/old.txt": b"old"}
    with replacing(tmp_path / "model") as temporary:
        write_text(temporary / "new.txt", "new")
    assert tree(tmp_path) == {"model/new.txt": b"new"}


def test_one_run_at_a_time(tmp_path: Path):
    with only_one(tmp_path):
        with pytest.raises(ProjectError, match="another run is at work"), only_one(tmp_path):
            pass
        with only_one(tmp_path / "elsewhere"):
            pass
    with only_one(tmp_path):
        pass


def test_json_is_the_same_for_the_same_content(tmp_path: Path):
    one = write_json(tmp_path / "1.json", {"b": 1 / 3, "a": np.float32(0.1), "c": ("é", None)})
    two = write_json(tmp_path / "2.json", {"c": ["é", None], "a": 0.1, "b": 0.33333333})
    assert one.read_bytes() == two.read_bytes()
    assert b"\r" not in one.read_bytes()
    assert read_json(one) == {"a": 0.1, "b": 0.333333, "c": ["é", None]}
