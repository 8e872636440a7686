"""Lists and clicks since a version is served, against those of the test slice's users."""

from pathlib import Path

import numpy as np
import pandas as pd

from .config import Config
from .data import Split, read_processed
from .evaluate import click_rates, listed
from .kit.files import Paths
from .kit.served import Columns, Json, Kept, Log, report
from .money import MODEL
from .predictor import Instance, Predictor
from .ranking import means


def run(config: Config, paths: Paths, log: Log, outcomes: Path | None) -> None:
    """Write ``reports/monitoring.md``; a CheckError says what is no more as it was promised."""
    (data, info), predictor = read_processed(paths), Predictor.load(paths.models)
    before = columns(predictor.predict(visitors(data)))
    now = columns([line["prediction"] for line in log.read()])
    kept: Kept = {}
    if outcomes:
        lists = {MODEL: listed(predictor, data, config.k)}
        promised = click_rates(info, data.task("test"), lists, 1.0)[MODEL]  # as money counts them
        clicked = log.outcomes(outcomes, "item", lambda raw, _: raw.notna())[1]
        was, came = (means({"": x}, config.seed)[""] for x in (promised, clicked))
        kept["clicks a visit"] = was, came
    report(paths, log, before, now, kept)


def visitors(data: Split) -> list[Instance]:
    """Users of the test slice as they ask: by name, or as new where no earlier like is known."""
    task, names = data.task("test"), data.users["id"].tolist()
    known, users = np.diff(task.likes.indptr) > 0, np.flatnonzero(task.users)
    return [{"user": names[user]} if known[user] else {"liked": []} for user in users]


def columns(said: list[Json]) -> Columns:
    """What lists rest on, and their first item, as the others hang together with it."""
    known = ["popular" if each["basis"] == "popular" else "likes" for each in said]
    first = [each["items"][0]["title"] if each["items"] else "(none)" for each in said]
    return {"answer: basis": pd.Series(known), "answer: first item": pd.Series(first)}


def moved(config: Config, paths: Paths) -> list[Json]:
    """Requests for the rehearsal of an alarm: visitors of whom nothing is known."""
    return [{"json": {"instances": [{"liked": []}] * config.limits.batch}}] * 5
