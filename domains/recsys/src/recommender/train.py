"""Climb the ladder on the same validation slice, choose by it, fit the winner on all but test."""

from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import click
import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from .config import Config
from .data import Split, Task, read_processed
from .kit import ModelError
from .kit.files import Paths, replacing, write_json
from .kit.intervals import Array
from .kit.store import fingerprint
from .ladder import BLOCK, Rung, ladder, recommend, unfit
from .linear import Catalogue, IntArray, compact, to_bytes
from .models import Settings
from .ranking import accuracy, character, coverage, means

MANY = 10_000_000  # users times items: with fewer, all is done in minutes
STEPS = 5  # outwards at most, each of them to the double or the half
PART = 16  # one in so many likes, and one in four times as many, tell how long all would take


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
    rungs, task, texts = ladder(config), data.task("validation"), data.texts()
    # All but the first: there is always time and memory for what others are compared with.
    left_out = {r.name: why for r in rungs[1:] if (why := unfit(r, texts, info, config))}
    if info.users * info.items > MANY:
        left_out |= too_slow([r for r in rungs[1:] if r.name not in left_out], texts, task, config)
    for reason in left_out.values():
        click.echo(f"  {reason}")
    tuned = [tune(rung, texts, task, config) for rung in rungs if rung.name not in left_out]
    chosen = choose(tuned, left_out)
    everything, catalogue = data.task("test").likes, catalogue_of(data)
    model = chosen.rung.fit(everything, texts, chosen.settings, config.seed)
    published, per_row = compact(model, catalogue, config.limits.model_mb)  # type: ignore[arg-type]
    rung, settings = chosen.rung, chosen.settings
    how: dict[str, Any] = {"selected": rung.name, "label": rung.label, "settings": settings}
    how |= {"data": trained_on, "weights_per_item": per_row, "k": config.k, "left_out": left_out}
    summary = how | {"models": compare(tuned, chosen, task, config)}
    file = paths.candidate / "model.npz"
    with replacing(file) as temporary:
        temporary.write_bytes(to_bytes(published, catalogue))
    return [file, write_json(paths.candidate / "training.json", summary)]


def too_slow(rungs: list[Rung], texts: list[str], task: Task, config: Config) -> dict[str, str]:
    """Say how long training will take; return why rungs are left out that take too long."""
    took, limit = {r.name: minutes(r, texts, task, config) for r in rungs}, config.limits.minutes
    each = ", ".join(f"{name} {found:.2g}" for name, found in took.items())
    click.echo(f"  expected minutes of training: {each}")
    # Without the figure, which is another one in every run.
    why = f"is left out: to tune it takes longer than `limits.minutes`, {limit:g}, at this size."
    return {name: f"{name} {why}" for name, found in took.items() if found > limit}


def minutes(rung: Rung, texts: list[str], task: Task, config: Config) -> float:
    """What trying drawn settings takes, from fits to few of all likes and to four times as many,
    which go on in a straight line, and lists for a block of users."""
    settings = rung.draw(config.search.draws, config.seed, rung.most(task.likes, texts))
    rng, times = np.random.default_rng(config.seed), []
    for part in (4 * PART, PART):
        few = task.likes.copy()
        few.data[rng.integers(part, size=few.nnz) > 0] = 0
        few.eliminate_zeros()
        times.append(perf_counter())
        model = rung.fit(few, texts, settings[0], config.seed)
    times.append(perf_counter())
    recommend(model, task.of(np.flatnonzero(task.users)[:BLOCK]), config.k)
    first, second, lists = np.diff([*times, perf_counter()])
    fit = second + max(second - first, 0) * (PART - 1) / 0.75
    return len(settings) * float(fit + lists * task.users.sum() / BLOCK) / 60


def tune(rung: Rung, texts: list[str], task: Task, config: Config) -> Tuned:
    """Fit ``rung`` with drawn settings, then on outwards while the best lies at an end of these."""
    asked, primary, found = task.of(task.users), f"ndcg_at_{config.k}", []
    most = rung.most(task.likes, texts)
    waiting, tried = rung.draw(config.search.draws, config.seed, most), []
    for _ in range(1 + STEPS):
        fits = (delayed(_lists)(rung, texts, task, asked, each, config) for each in waiting)
        for settings, lists in zip(waiting, Parallel()(fits), strict=True):
            hits = accuracy(lists, asked.relevant)
            found.append((hits[primary].mean(), settings, lists, hits))
        tried += waiting
        _, settings, lists, hits = max(found, key=lambda entry: entry[0])
        waiting = [further for further in rung.outwards(settings, most) if further not in tried]
    scores = hits | character(lists, task.likes)
    return Tuned(rung, settings, len(found), scores[primary], lists, scores)


def _lists(
    rung: Rung, texts: list[str], task: Task, asked: Task, settings: Settings, config: Config
) -> IntArray:
    return recommend(rung.fit(task.likes, texts, settings, config.seed), asked, config.k)


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
    first, seen = np.concatenate([[0], counts.cumsum()]), table["item"].to_numpy()
    items, users, liked = data.items, data.users["id"].tolist(), table["like"].to_numpy() == 1
    return Catalogue(items["id"].tolist(), items["title"].tolist(), users, first, seen, liked)
