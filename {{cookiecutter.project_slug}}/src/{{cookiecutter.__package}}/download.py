"""Fetching a data set once, checking it, and leaving nothing half-written."""

import shutil
import zipfile
from pathlib import Path
from typing import Any

import pooch
import requests
from tqdm import tqdm

from .errors import DataError
from .files import replacing
from .paths import Paths
from .settings import Source

TIMEOUT_SECONDS = 60


def fetch(source: Source, paths: Paths) -> Path:
    """Return the local file behind ``source``, downloading it on the first call.

    Raises:
        DataError: the file does not exist, the address does not answer, the checksum does not
            match, or the archive lacks the named member.
    """
    file = _download(source, paths) if source.url else _local(source, paths)
    return _extract(file, source.member, paths) if source.member else file


def _local(source: Source, paths: Paths) -> Path:
    assert source.path is not None, "settings.Source has either a path or a url"
    file = paths.root / source.path.expanduser()
    if not file.is_file():
        raise DataError(
            f"no file at {file}. Relative paths start at the folder of config.yaml: "
            "put the file there or correct `path` under `datasets`."
        )
    known = _checksum(source)
    if known and not pooch.hashes.hash_matches(str(file), known):
        raise DataError(f"{file} does not have the checksum {known} that config.yaml names")
    return file


def _download(source: Source, paths: Paths) -> Path:
    try:
        # pooch downloads to a temporary name and renames it once the checksum is right.
        file = pooch.retrieve(source.url, _checksum(source), path=paths.downloads, downloader=_save)
    except ValueError as error:
        raise DataError(
            f"{source.url} did not deliver the file that config.yaml names: {error} "
            "Nothing was kept. Try again, or compare the checksum with the publisher's."
        ) from error
    except requests.RequestException as error:
        raise DataError(
            f"cannot download {source.url}: {error}. Nothing was kept. Check the connection and "
            "try again, or download the file by hand and set `path` instead of `url`."
        ) from error
    return Path(file)


def _save(url: str, file: str, downloads: Any) -> None:
    """Download to a file, which must be one: a page that asks to log in is not kept as data."""
    # A bar of our own is gone when an error is printed. pooch, which sets its total, needs one.
    with tqdm(desc="downloading", total=1, unit="B", unit_scale=True, leave=False) as bar:
        pooch.HTTPDownloader(progressbar=bar, timeout=TIMEOUT_SECONDS)(url, file, downloads)
    with Path(file).open("rb") as content:
        start = content.read(1_000).lower().split()
    if not start or start[0].startswith((b"<!doctype", b"<html")):
        what = "a web page instead of data" if start else "an empty file"
        raise DataError(
            f"{url} answered with {what}. Nothing was kept. Open the address in a browser; "
            "download the file by hand and set `path` instead of `url`, or correct `url`."
        )


def _checksum(source: Source) -> str | None:
    if source.sha256:
        return f"sha256:{source.sha256}"
    return f"md5:{source.md5}" if source.md5 else None


def _extract(archive: Path, member: str, paths: Paths) -> Path:
    target = paths.downloads / f"{archive.name}.members" / member.replace("/", "_")
    try:
        with (
            zipfile.ZipFile(archive) as content,
            content.open(member) as packed,
            replacing(target) as temporary,
            temporary.open("wb") as unpacked,
        ):
            shutil.copyfileobj(packed, unpacked)
    except zipfile.BadZipFile as error:
        raise DataError(f"{archive} is not a zip archive, but `member` is set") from error
    except KeyError as error:
        names = ", ".join(zipfile.ZipFile(archive).namelist()[:10])
        raise DataError(f"{archive} has no member {member!r}; it has: {names}") from error
    return target
