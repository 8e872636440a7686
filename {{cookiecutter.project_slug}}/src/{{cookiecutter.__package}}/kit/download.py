"""Fetching a data set from an address or a database, checked, and nothing half-written."""

import csv
import json
import os
import re
from hashlib import sha256
from pathlib import Path
from typing import Any

import pooch
import requests

from . import DataError
from .files import Paths, replacing
from .settings import Query, Source, TableSource

ROWS = 10_000  # of a database, in memory at a time


def fetch(source: Source, paths: Paths) -> Path:
    """Return the local file behind ``source``, fetched once; a DataError says why there is none."""
    known = source.sha256 or (source.md5 and f"md5:{source.md5}")
    if isinstance(source, TableSource) and source.sql:
        return extract(source.sql, paths.downloads)
    try:
        if source.url:
            # pooch downloads to a temporary name and renames it once the checksum is right.
            return Path(pooch.retrieve(source.url, known, path=paths.downloads, downloader=_save))
    except (ValueError, requests.RequestException) as error:
        why = f"cannot download {source.url}: {error}. Nothing was kept"
        raise DataError(f"{why}. Mend connection or checksum, or set `path` to a copy.") from error
    file = paths.root / Path(source.path or "").expanduser()
    if not file.is_file():
        raise DataError(f"no file at {file}: correct `path`, which starts at config.yaml's folder.")
    if not pooch.hashes.hash_matches(str(file), known):
        raise DataError(f"{file} does not have the checksum {known} that config.yaml names")
    return file


def _save(url: str, file: str, downloads: Any) -> None:
    """Download to a file, which must be one: a page that asks to log in is not kept as data."""
    pooch.HTTPDownloader(timeout=60)(url, file, downloads)
    if re.match(rb"\s*(<!doctype|<html|$)", Path(file).read_bytes()[:1_000], re.IGNORECASE):
        raise ValueError("it answered with a web page or an empty file instead of data")


def extract(source: Query, folder: Path) -> Path:
    """Write what a query finds to a CSV file; a DataError never shows the address (a password)."""
    import sqlalchemy

    address = os.environ.get(source.url_env, "")
    file = folder / f"query-{sha256(source.query.encode()).hexdigest()[:12]}.csv"
    try:
        with sqlalchemy.create_engine(sqlalchemy.make_url(address)).connect() as connection:
            asked = connection.execution_options(stream_results=True, max_row_buffer=ROWS)
            found = asked.execute(sqlalchemy.text(source.query))
            with replacing(file) as temporary, temporary.open("w", encoding="utf-8") as lines:
                writer = csv.writer(lines, lineterminator="\n")
                writer.writerow(found.keys())
                for part in found.partitions(ROWS):
                    writer.writerows([[_plain(value) for value in row] for row in part])
    except (sqlalchemy.exc.SQLAlchemyError, ModuleNotFoundError) as error:
        why = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        why = re.sub(r"//[^@\s]*@", "//***@", why.replace(address, "***")) if address else "not set"
        where = f"the database in the environment variable {source.url_env}"
        remedy = "Expected a query, and an address as sqlite:///…; what was fetched stays"
        raise DataError(f"{where} cannot be asked: {why}. {remedy}.") from None
    return file


def _plain(value: Any) -> Any:
    """What CSV cannot hold as JSON; the rest as it is."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
