"""Climb the ladder on the same validation slice, choose by it, fit the winner on all but test."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd

from .config import Config
from .data import Split, Task, read_processed
from .kit import ModelError
from .kit.files import Paths, replacing, write_json
from .kit.intervals import Array
from .kit.store import fingerprint
from .ladder import Rung, ladder, recommend, too_large
from .linear import Catalogue, IntArray, compact, to_bytes
from .models import Settings
from .ranking import accuracy, character, coverage, means


@dataclass(frozen=True)
class Tuned:
    """A rung with its best settings: its lists, and each user's scores (users,) for them."""

    rung: Rung
    settings: Settings
    tried: int
    ndcg: Array
    lists: IntArray
    scores: dict[str, Array]


def run(config: Config, paths: Paths) -> list[Path]:
    """Tune and compare all models, then leave the best one in ``models/candidate``."""
    data, info = read_processed(paths)
    trained_on = fingerprint(paths.processed)
    rungs = ladder(config)
    # All but the first: there is always memory for what others are compared with.
    left_out = {r.name: why for r in rungs[1:] if (why := too_large(r, info, config))}
    for reason in left_out.values():
        click.echo(f"  {reason}")
    task, texts = data.task("validation"), data.texts()
    tuned = [tune(rung, texts, task, config) for rung in rungs if rung.name not in left_out]
    chosen = choose(tuned, left_out)
    everything, catalogue = data.task("test").likes, catalogue_of(data)
    model = chosen.rung.fit(everything, texts, chosen.settings, config.seed)
    published, per_row = compact(model, catalogue, config.limits.model_mb)  # type: ignore[arg-type]
    summary = {
        "data": trained_on,
        "selected": chosen.rung.name,
        "label": chosen.rung.label,
        "settings": chosen.settings,
        "weights_per_item": per_row,
        "k": config.k,
        "models": compare(tuned, chosen, task, config),
        "left_out": left_out,
    }
    file = paths.candidate / "model.npz"
    with replacing(file) as temporary:
        temporary.write_bytes(to_bytes(published, catalogue))
    return [file, write_json(paths.candidate / "training.json", summary)]


def tune(rung: Rung, texts: list[str], task: Task, config: Config) -> Tuned:
    """Fit ``rung`` with each of its settings and keep the one of the best nDCG."""
    users, primary, found = task.users, f"ndcg_at_{config.k}", []
    for settings in rung.settings(config.search.draws, config.seed):
        model = rung.fit(task.likes, texts, settings, config.seed)
        lists = recommend(model, task, config.k)
        hits = accuracy(lists, task.relevant)
        found.append((hits[primary][users].mean(), settings, lists, hits))
    _, settings, lists, hits = max(found, key=lambda entry: entry[0])
    scores = {n: v[users] for n, v in (hits | character(lists, task.likes)).items()}
    return Tuned(rung, settings, len(found), scores[primary], lists[users], scores)


def choose(tuned: list[Tuned], left_out: dict[str, str]) -> Tuned:
    """The best model that can be published; a ModelError if that is popularity, the first."""
    exportable = [entry for entry in tuned if entry.rung.exportable]
    chosen = max(exportable, key=lambda entry: entry.ndcg.mean())
    if chosen is tuned[0]:
        raise ModelError(
            "no model that can be published recommends better than popularity on this data. Set "
            "`split_by: user` if few users come back, add interactions, or name more `models`. "
            + " ".join(left_out.values())
        )
    return chosen


def compare(tuned: list[Tuned], chosen: Tuned, task: Task, config: Config) -> list[dict[str, Any]]:
    """Every model's scores and its difference to the chosen one, over the same users."""
    rows = []
    for entry in tuned:
        vectors = {**entry.scores, "difference": entry.ndcg - chosen.ndcg}
        metrics = {n: asdict(value) for n, value in means(vectors, config.seed).items()}
        rung, behind = entry.rung, metrics.pop("difference")
        row = {"name": rung.name, "label": rung.label, "exportable": rung.exportable}
        row |= {"selected": entry is chosen, "difference": None if entry is chosen else behind}
        row |= {"metrics": metrics, "coverage": coverage(entry.lists, task.likes.shape[1])}
        rows.append(row | {"settings": entry.settings, "tried": entry.tried})
    return rows


def catalogue_of(data: Split) -> Catalogue:
    """Names and histories; these hold the test slice too, so that no known item is recommended."""
    table = pd.concat([data.train, data.validation, data.test]).sort_values(["user", "item"])
    counts = np.bincount(table["user"], minlength=len(data.users))
    return Catalogue(
        items=data.items["id"].tolist(),
        titles=data.items["title"].tolist(),
        users=data.users["id"].tolist(),
        first=np.concatenate([[0], counts.cumsum()]),
        seen=table["item"].to_numpy(),
        liked=table["like"].to_numpy() == 1,
    )
