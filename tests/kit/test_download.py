"""Downloads: fetched once, checked, and nothing left of what failed."""

import hashlib
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from kit import DataError
from kit.download import fetch
from kit.files import Paths
from kit.settings import Source

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
        ("mine.csv", {"sha256": "0" * 64}, "cannot download"),
        ("mine.csv", {"md5": "0" * 32}, "cannot download"),
        ("cut.csv", {}, "cannot download"),
        ("absent.csv", {}, "cannot download"),
        ("page.csv", {}, "a web page or an empty file"),
        ("empty.csv", {}, "a web page or an empty file"),
    ],
)
def test_failed_download_leaves_nothing(
    server: ThreadingHTTPServer, tmp_path: Path, name: str, options: dict[str, str], words: str
):
    with pytest.raises(DataError, match=words) as error:
        download(server, tmp_path, name, **options)
    assert f"/{name}" in str(error.value)
    assert left_behind(tmp_path) == []


def test_local_file_is_found_and_checked(tmp_path: Path):
    (tmp_path / "mine.csv").write_bytes(CONTENT)
    paths, checksum = Paths(tmp_path), hashlib.sha256(CONTENT).hexdigest()
    assert fetch(Source(path="mine.csv", sha256=checksum), paths) == tmp_path / "mine.csv"
    with pytest.raises(DataError, match="does not have the checksum"):
        fetch(Source(path="mine.csv", sha256="0" * 64), paths)
    with pytest.raises(DataError, match=r"starts at config\.yaml"):
        fetch(Source(path="absent.csv"), paths)
