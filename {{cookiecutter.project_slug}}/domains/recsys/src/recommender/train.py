"""Climb the ladder on the same validation slice, choose by it, fit the winner on all but test."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from tqdm import tqdm

from .bootstrap import Array, Estimate
from .candidate import fingerprint
from .config import Config
from .data import DatasetInfo, Split, read_processed
from .errors import ModelError
from .files import replacing, write_json
from .linear import LinearRecommender
from .models import Rung, ladder, recommend, too_large
from .neighbours import Settings
from .paths import Paths
from .ranking import accuracy, character, coverage, summarise
from .ratings import rating_errors


@dataclass(frozen=True)
class Slice:
    """What a model knows of the users, and what it must guess; all matrices (users, items)."""

    likes: csr_matrix
    seen: csr_matrix
    relevant: csr_matrix

    @property
    def users(self) -> np.ndarray:
        """(users,) True for those with something to guess: only they count."""
        return np.diff(self.relevant.indptr) > 0


@dataclass(frozen=True)
class Tuned:
    """A rung with its best settings, and how it did with them on the validation slice.

    ``ndcg`` is that of each user (users,) with something to guess; ``metrics`` has its mean.
    """

    rung: Rung
    settings: Settings
    tried: int
    ndcg: Array
    metrics: dict[str, Estimate]
    coverage: float


def train(config: Config, paths: Paths) -> list[Path]:
    """Tune and compare all models, then leave the best one in ``models/candidate``."""
    data, info = read_processed(paths)
    trained_on = fingerprint(paths.processed)
    rungs = ladder(config)
    # All but the first: there is always memory for what others are compared with.
    reasons = {rung.name: too_large(rung, info, config) for rung in rungs[1:]}
    left_out = {name: reason for name, reason in reasons.items() if reason}
    kept = [rung for rung in rungs if rung.name not in left_out]
    texts = item_texts(data)
    validation = as_slice(data, data.train, data.validation)
    # The bar shows after two seconds only: on little data it would be noise.
    bar = tqdm(kept, desc="tuning models", delay=2, leave=False)
    tuned = [tune(rung, texts, validation, config) for rung in bar]
    chosen = choose(tuned, info, list(left_out.values()))
    known = data.matrix(pd.concat([data.train, data.validation]))
    model = chosen.rung.fit(known, texts, chosen.settings, config.seed)
    assert isinstance(model, LinearRecommender), "only linear models are exportable"
    found = {"data": trained_on, **summary(tuned, chosen, left_out, data, info, config)}
    return _write_candidate(paths, model, found)


def item_texts(data: Split) -> list[str]:
    """What is known of each item in words: its title, unless that is its id, and its text."""
    titles = data.items["title"].where(data.items["title"] != data.items["id"], "")
    return (titles + " " + data.items["text"]).str.strip().tolist()


def as_slice(data: Split, known: pd.DataFrame, hidden: pd.DataFrame) -> Slice:
    """The task of guessing the likes of ``hidden`` from the interactions of ``known``."""
    return Slice(data.matrix(known), data.matrix(known, liked=False), data.matrix(hidden))


def tune(rung: Rung, texts: list[str], task: Slice, config: Config) -> Tuned:
    """Fit ``rung`` with each of its settings and keep the one of the best nDCG."""
    users, found = task.users, []
    for settings in rung.settings(config.search.draws, config.seed):
        model = rung.fit(task.likes, texts, settings, config.seed)
        lists = recommend(model, task.likes, task.seen, config.k)
        found.append((accuracy(lists, task.relevant), lists, settings))
    primary = f"ndcg_at_{config.k}"
    hits, lists, settings = max(found, key=lambda entry: entry[0][primary][users].mean())
    vectors = hits | character(lists, task.likes)
    metrics = summarise(vectors, users, config.seed)
    share = coverage(lists[users], task.likes.shape[1])
    return Tuned(rung, settings, len(found), hits[primary][users], metrics, share)


def choose(tuned: list[Tuned], info: DatasetInfo, left_out: list[str]) -> Tuned:
    """The best model that can be published.

    Raises:
        ModelError: none of them recommends better than popularity, the first of ``tuned``.
    """
    exportable = [entry for entry in tuned if entry.rung.exportable]
    chosen = max(exportable, key=lambda entry: entry.ndcg.mean())
    if chosen is tuned[0]:
        by_time = "With few users who come back, set `split_by: user` in config.yaml. "
        raise ModelError(
            "no model that can be published recommends better than popularity on this data. "
            f"{by_time if info.split == 'time' else ''}Add interactions, or name more `models`"
            + (f", or raise `limits.memory_gb`: {' '.join(left_out)}" if left_out else ".")
        )
    return chosen


def lead(chosen: Tuned, baseline: Tuned, seed: int) -> Estimate:
    """How far ``chosen`` is above ``baseline`` in nDCG, with its interval over the same users."""
    more = {"ndcg": chosen.ndcg - baseline.ndcg}
    return summarise(more, np.full(len(more["ndcg"]), True), seed)["ndcg"]


def summary(
    tuned: list[Tuned],
    chosen: Tuned,
    left_out: dict[str, str],
    data: Split,
    info: DatasetInfo,
    config: Config,
) -> dict[str, Any]:
    """How the candidate was chosen, for ``training.json``."""
    return {
        "selected": chosen.rung.name,
        "settings": chosen.settings,
        "k": config.k,
        "lead": asdict(lead(chosen, tuned[0], config.seed)),
        "models": [
            {
                "name": entry.rung.name,
                "selected": entry is chosen,
                "exportable": entry.rung.exportable,
                "metrics": {name: asdict(value) for name, value in entry.metrics.items()},
                "coverage": entry.coverage,
                "settings": entry.settings,
                "tried": entry.tried,
            }
            for entry in tuned
        ],
        "left_out": left_out,
        "ratings": rating_errors(data.train, data.validation, info.users, info.items, config.seed),
    }


def _write_candidate(paths: Paths, model: LinearRecommender, summary: dict[str, Any]) -> list[Path]:
    arrays = {name: value for name, value in vars(model).items() if value is not None}
    with replacing(paths.candidate) as folder:
        folder.mkdir()
        np.savez(folder / "model.npz", **arrays)
        write_json(folder / "training.json", summary)
    return [paths.candidate / name for name in ("model.npz", "training.json")]
