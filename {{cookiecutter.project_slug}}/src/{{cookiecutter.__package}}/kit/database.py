"""Extracting a data set from a database into a file, in parts, so that it may be large."""

import csv
import json
import os
import re
from hashlib import sha256
from pathlib import Path
from typing import Any

from . import DataError
from .files import replacing
from .settings import Query

ROWS = 10_000  # in memory at a time


def extract(source: Query, folder: Path) -> Path:
    """Write what the query finds to a CSV file and return it.

    A DataError says why nothing was found. It never shows the address, which holds a password.
    """
    try:
        import sqlalchemy
    except ModuleNotFoundError as error:
        raise DataError(
            "`sql` needs SQLAlchemy: put `--with sqlalchemy`, and its driver, after `uv run`"
        ) from error
    address = os.environ.get(source.url_env, "")
    file = folder / f"query-{sha256(source.query.encode()).hexdigest()[:12]}.csv"
    try:
        url = sqlalchemy.make_url(address)
        with sqlalchemy.create_engine(url).connect() as connection:
            # Rows come in parts: many drivers would else fetch all of them at once.
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
        raise DataError(
            f"the database in the environment variable {source.url_env} cannot be asked: {why}. "
            "Expected a query and an SQLAlchemy address, as sqlite:///…; what was fetched stays."
        ) from None
    return file


def _plain(value: Any) -> Any:
    """What CSV cannot hold as JSON; the rest as it is."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
