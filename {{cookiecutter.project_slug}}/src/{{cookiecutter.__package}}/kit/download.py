"""Fetching a data set from an address or a database, checked, and nothing half-written."""

import zipfile
from pathlib import Path
from typing import Any

import pooch
import requests

from . import DataError
from .database import extract
from .files import Paths
from .settings import Source, TableSource


def fetch(source: Source, paths: Paths) -> Path:
    """Return the local file behind ``source``, fetched once; a DataError says why there is none."""
    known = source.sha256 or (source.md5 and f"md5:{source.md5}")
    if isinstance(source, TableSource) and source.sql:
        return extract(source.sql, paths.downloads)
    if source.url:
        file = _download(source.url, known, paths)
    else:
        file = paths.root / Path(source.path or "").expanduser()
        if not file.is_file():
            raise DataError(
                f"no file at {file}. Relative paths start at the folder of config.yaml: "
                "put the file there or correct `path` under `datasets`."
            )
        if not pooch.hashes.hash_matches(str(file), known):
            raise DataError(f"{file} does not have the checksum {known} that config.yaml names")
    return _extract(file, source.member, paths) if source.member else file


def _download(url: str, known: str | None, paths: Paths) -> Path:
    try:
        # pooch downloads to a temporary name and renames it once the checksum is right.
        return Path(pooch.retrieve(url, known, path=paths.downloads, downloader=_save))
    except (ValueError, requests.RequestException) as error:
        raise DataError(
            f"cannot download {url}: {error}. Nothing was kept. Check the connection and the "
            "checksum, or download the file by hand and set `path` instead of `url`."
        ) from error


def _save(url: str, file: str, downloads: Any) -> None:
    """Download to a file, which must be one: a page that asks to log in is not kept as data."""
    pooch.HTTPDownloader(timeout=60)(url, file, downloads)
    start = Path(file).read_bytes()[:1_000].lower().split()
    if not start or start[0].startswith((b"<!doctype", b"<html")):
        raise ValueError("it answered with a web page or an empty file instead of data")


def _extract(archive: Path, member: str, paths: Paths) -> Path:
    try:
        with zipfile.ZipFile(archive) as content:
            if member not in (names := content.namelist()):
                raise DataError(f"{archive} has no member {member!r}; it has: {names[:10]}")
            return Path(content.extract(member, paths.downloads / f"{archive.name}.members"))
    except zipfile.BadZipFile as error:
        raise DataError(f"{archive} is not a zip archive, but `member` is set") from error
