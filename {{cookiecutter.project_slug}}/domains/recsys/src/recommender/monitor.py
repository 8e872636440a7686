"""Visitors, lists and clicks since a version is served, against those it was judged by.

These are the users of the test slice: they ask by name, or as somebody new where no earlier like
of theirs was known. The ``first item`` stands for its list, as the others hang together with it;
``fame`` is how many users like what is on it. The share of the catalogue that is shown is no
measure: it grows with every visit.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from .config import Config
from .data import Split, read_processed
from .evaluate import click_rates, listed
from .kit import DataError
from .kit.drift import Columns, report
from .kit.files import Paths
from .kit.intervals import Array
from .kit.served import Json, Log
from .linear import IntArray
from .money import MODEL
from .predictor import Instance, Predictor
from .ranking import means

CLICKS = "clicks a visit"


def run(config: Config, paths: Paths, log: Log, outcomes: Path | None) -> None:
    """Write ``reports/monitoring.md``; a CheckError says what is no more as it was promised."""
    (data, info), predictor = read_processed(paths), Predictor.load(paths.models)
    asked = visitors(data)
    pairs = zip(asked, predictor.predict(asked), strict=True)
    before = columns([{"inputs": given, "prediction": said} for given, said in pairs], predictor)
    now, kept = columns(log.read(), predictor), {}
    if outcomes:
        lists = {MODEL: listed(predictor, data, config.k)}
        promised = click_rates(info, data.task("test"), lists, 1.0)[MODEL]  # as money counts them
        rates = promised, clicked(log, outcomes)
        was, came = (means({CLICKS: each}, config.seed)[CLICKS] for each in rates)
        kept[CLICKS] = was, came
    report(paths, log, before, now, kept)


def visitors(data: Split) -> list[Instance]:
    """The users of the test slice, as they ask."""
    task, names = data.task("test"), data.users["id"].tolist()
    known, users = np.diff(task.likes.indptr) > 0, np.flatnonzero(task.users)
    return [{"user": names[user]} if known[user] else {"liked": []} for user in users]


def columns(lines: list[Json], predictor: Predictor) -> Columns:
    """What lines of a log say of answers, and of visitors where inputs are logged."""
    said = [line["prediction"] for line in lines]
    given = [line["inputs"] for line in lines if "inputs" in line]
    lists = [[predictor.items[row["item"]] for row in each["items"]] for each in said]
    titles, likes = predictor.catalogue.titles, fame(predictor)
    found = {
        "answer: basis": ["popular" if s["basis"] == "popular" else "likes" for s in said],
        "answer: first item": [titles[items[0]] if items else "(none)" for items in lists],
        "answer: fame": [likes[items].mean() if items else np.nan for items in lists],
        "known likes": [len(predictor.likes(i.get("user"), i.get("liked"))) for i in given],
    }
    return {name: pd.Series(values) for name, values in found.items() if values}


def fame(predictor: Predictor) -> IntArray:
    """(items,) how many users are known to like each."""
    catalogue = predictor.catalogue
    return np.bincount(catalogue.seen[catalogue.liked], minlength=len(catalogue.items))


def clicked(log: Log, file: Path) -> Array:
    """(lists,) 1 for each list of which a CSV file names the item that was clicked on, else 0."""
    lines, came = log.outcomes(file, "item")
    for line, item in zip(lines, came, strict=True):
        if item and item not in [row["item"] for row in line["prediction"]["items"]]:
            said = "was not on its list; blank means no click"
            raise DataError(f"{file}, request {line['request']!r}: item {item!r} {said}")
    return (came != "").to_numpy(float)


def moved(config: Config, paths: Paths) -> list[Json]:
    """Requests for the rehearsal of an alarm: new visitors, half of them with one rare like."""
    predictor = Predictor.load(paths.models)
    rare = [predictor.catalogue.items[code] for code in np.argsort(fame(predictor))[:100]]
    asked = [{"liked": liked} for item in rare for liked in ([item], [])]
    most = config.limits.batch
    return [{"json": {"instances": asked[n : n + most]}} for n in range(0, len(asked), most)]
