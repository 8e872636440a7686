"""The log that a server leaves, read again; and one of a rehearsal."""

import heapq
import json
import random
import shutil
import socket
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pandas as pd
import requests
import uvicorn
from fastapi import FastAPI

from . import DataError
from .files import read_json, write_json
from .intervals import Array
from .settings import TableSource
from .store import current_version
from .tables import mark_missing, read_table, require_columns, to_numbers

ROWS = 20_000  # of the log, drawn at random

Json = dict[str, Any]


@dataclass(frozen=True)
class Log:
    """What a version has predicted since a time, in universal time as ISO 8601 writes it."""

    folder: Path
    version: str
    since: str
    seed: int

    def read(self, asked: Collection[tuple[str, int]] | None = None) -> list[Json]:
        """At most ``ROWS`` predictions, of those ``asked`` for, by lot; a DataError without any."""
        chance = random.Random(self.seed)
        lines = heapq.nsmallest(ROWS, self._wanted(asked), key=lambda _: chance.random())
        if not lines:
            raise DataError(
                f"{self.folder} has no such prediction of {self.version} since {self.since[:16]}: "
                "start `serve`, look further back with --days, or try --simulate"
            )
        return lines

    def _wanted(self, asked: Collection[tuple[str, int]] | None) -> Iterator[Json]:
        for file in sorted(self.folder.glob("predictions.jsonl*")):
            with file.open(encoding="utf-8", errors="replace") as content:
                for text in content:
                    with suppress(ValueError, KeyError, TypeError):  # a full disk cut it off
                        line = dict(json.loads(text))
                        ours = line["version"] == self.version and line["time"] >= self.since
                        if ours and (asked is None or (line["request"], line["row"]) in asked):
                            yield line

    def outcomes(
        self, file: Path, column: str, meaning: Callable[[pd.Series, str], pd.Series]
    ) -> tuple[list[Json], Array]:
        """Predictions whose outcome a CSV file knows, and these outcomes, in the same order.

        The file names a prediction by ``request``, the id in the answer's header, and by its
        ``row`` there, from 0, if it had several. ``meaning`` makes the column numbers.
        """
        known = read_table(file, TableSource(path=file))
        require_columns(known, ["request", column], str(file))
        rows = to_numbers(known.get("row", pd.Series("0", known.index)), str(file)).astype(int)
        values = meaning(mark_missing(known[[column]])[column], str(file))
        came = dict(zip(zip(known["request"], rows, strict=True), values, strict=True))
        lines = self.read(came)
        return lines, np.array([came[line["request"], line["row"]] for line in lines], dtype=float)


def rehearse(
    create_app: Callable[[Path], FastAPI], models: Path, asked: list[Json], folder: Path
) -> Path:
    """Ask a server of a copy of the models, which logs inputs as well; return its log's folder."""
    copy = folder / "models"
    shutil.copytree(models, copy, ignore=shutil.ignore_patterns("candidate"))
    metadata = copy / current_version(models) / "metadata.json"
    write_json(metadata, read_json(metadata, "all") | {"monitoring": {"log_inputs": True}})
    server = uvicorn.Server(uvicorn.Config(create_app(copy), log_level="error"))
    with socket.create_server(("127.0.0.1", 0)) as listening:  # requests wait there until it is up
        thread = Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        for request in asked:
            url = f"http://127.0.0.1:{listening.getsockname()[1]}/predict"
            requests.post(url, **request, timeout=600).raise_for_status()
        server.should_exit = True
        thread.join()
    return folder / "logs"
