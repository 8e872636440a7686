"""Climb the ladder on the same folds, choose by validation, fit and export the winner."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import ParameterGrid
from tqdm import tqdm

from . import bert
from .bootstrap import Array, Estimate, intervals
from .calibration import choose_calibration
from .candidate import fingerprint
from .checks import POSITIVE, TEXT
from .config import Config
from .data import read_processed
from .errors import ModelError
from .export import ODD_TEXTS, to_onnx
from .files import replacing, write_json
from .metrics import weighted_scores
from .models import Rung, folds, ladder, vectoriser
from .outcomes import VALIDATION, write_validation
from .paths import Paths
from .policy import require_better_than_chance
from .reliability import quality
from .text import document

BERT, DUMMY = "bert", "dummy"
NOTHING_SHARED = (
    "no two reviews have a word in common, so there is nothing to learn. Check that `text` names "
    "the column of the reviews, or add rows."
)
REMEDY = "Check `text`, `label` and `positive` (or `rating_threshold`), or add rows."
PROBES = 300  # training reviews on which the export must say what the model says


@dataclass(frozen=True)
class Tuned:
    """A rung's best settings, and the probability of each training review by a model that never
    saw that review: (rows,)."""

    settings: dict[str, Any]
    validation: Array


@dataclass(frozen=True)
class Winner:
    """The rung to publish, fitted: its ONNX file, and the trained model itself as a function from
    texts to probabilities, to compare them. ``too_large`` is the better one that it stands for."""

    name: str
    model: bytes
    probability: Callable[[list[str]], Array]
    validation: Array
    calibration: dict[str, Any]
    too_large: dict[str, Any] | None = None


def train(config: Config, paths: Paths) -> list[Path]:
    """Tune and compare all models, then leave the best one in ``models/candidate``."""
    data, _ = read_processed(paths)
    trained_on = fingerprint(paths.processed)
    texts, y = data.train[TEXT], data.train[POSITIVE]
    if BERT in config.models:
        bert.require(config, paths.root)  # before the others have taken their time
    tuned = climb(ladder(config), texts.map(document), y, config)
    if BERT in config.models:
        found = bert.out_of_fold(texts.tolist(), y.to_numpy(), config, paths.root)
        tuned[BERT] = Tuned(config.bert.model_dump(), found)
    scores = {name: _scores(y, one, config.seed) for name, one in tuned.items()}
    ranked = sorted(scores, key=lambda name: -scores[name]["roc_auc"].value)
    require_better_than_chance(scores[ranked[0]]["roc_auc"], "reviews", REMEDY)
    winner = fit_best(ranked, tuned, texts, y, config, paths)
    models = [
        {
            "name": name,
            "selected": name == winner.name,
            "metrics": {key: asdict(value) for key, value in scores[name].items()},
            "settings": {key.removeprefix("estimator__"): v for key, v in one.settings.items()},
        }
        for name, one in tuned.items()
    ]
    summary = {
        "data": trained_on,
        "selected": winner.name,
        "models": models,
        "calibration": winner.calibration,
        "too_large": winner.too_large,
    }
    return _write_candidate(paths, winner, texts, y, summary)


def climb(rungs: list[Rung], X: pd.Series, y: pd.Series, config: Config) -> dict[str, Tuned]:
    """Tune every rung by ROC-AUC on the validation folds.

    All rungs count the same features, so these are weighed once a fold, on its training part.

    Args:
        X: documents (see ``text.document``). y: 1 for a good review, else 0.
    """
    trials = [(rung, values) for rung in rungs for values in ParameterGrid(rung.space)]
    found = np.empty((len(trials), len(X)))
    splits = list(folds(config).split(X, y))
    # The bar shows after two seconds only: on little data it would be noise.
    with tqdm(total=len(splits) * len(trials), desc="tuning", delay=2, leave=False) as bar:
        for train, rest in splits:
            features = vectoriser()
            try:
                seen = features.fit_transform(X.iloc[train])
            except ValueError as error:
                raise ModelError(NOTHING_SHARED) from error
            unseen = features.transform(X.iloc[rest])
            for trial, (rung, values) in enumerate(trials):
                model = rung.model(**values).fit(seen, y.iloc[train])
                found[trial, rest] = model.predict_proba(unseen)[:, 1]
                bar.update()
    tuned = {}
    for rung in rungs:
        own = [trial for trial, (owner, _) in enumerate(trials) if owner is rung]
        best = max(own, key=lambda trial: roc_auc_score(y, found[trial]))
        tuned[rung.name] = Tuned(trials[best][1], found[best])
    return tuned


def _scores(y: pd.Series, one: Tuned, seed: int) -> dict[str, Estimate]:
    return intervals(partial(weighted_scores, y.to_numpy(float), one.validation, 0.5), len(y), seed)


def fit_best(
    ranked: list[str],
    tuned: dict[str, Tuned],
    texts: pd.Series,
    y: pd.Series,
    config: Config,
    paths: Paths,
) -> Winner:
    """Fit the first of ``ranked``; the second where that is BERT and its file is too large.

    Raises:
        ModelError: BERT's file is too large, and only the dummy is left.
    """
    first, second = ranked[:2]
    if first != BERT:
        return _fit_rung(first, tuned[first], texts, y, config)
    fitted = bert.fit(texts.tolist(), y.to_numpy(), config, paths.root)
    model, found = bert.to_onnx(fitted), tuned[BERT].validation
    megabytes, limit = len(model) / 1e6, config.limits.model_mb
    if megabytes <= limit:
        report = {"chosen": "none", "candidates": {"none": quality(y.to_numpy(float), found)}}
        return Winner(BERT, model, fitted.probability, found, report)
    if second == DUMMY:
        raise ModelError(
            f"BERT's file takes {megabytes:.0f} MB and `model_mb` in config.yaml allows "
            f"{limit:g}, and no other model is better than chance. Raise `model_mb`, take a "
            "smaller checkpoint, or list more `models`."
        )
    winner = _fit_rung(second, tuned[second], texts, y, config)
    return replace(winner, too_large={"name": BERT, "megabytes": megabytes, "limit": limit})


def _fit_rung(name: str, tuned: Tuned, texts: pd.Series, y: pd.Series, config: Config) -> Winner:
    rung = next(rung for rung in ladder(config) if rung.name == name)
    X, pipeline = texts.map(document), rung.pipeline(**tuned.settings)
    best = choose_calibration(pipeline, X, y, tuned.validation, folds(config))

    def probability(some: list[str]) -> Array:
        return best.pipeline.predict_proba([document(text) for text in some])[:, 1]

    return Winner(name, to_onnx(best.pipeline), probability, best.validation, best.report)


def _write_candidate(
    paths: Paths, winner: Winner, texts: pd.Series, y: pd.Series, summary: dict[str, Any]
) -> list[Path]:
    probes = [*texts.head(PROBES), *ODD_TEXTS]
    with replacing(paths.candidate) as folder:
        folder.mkdir()
        (folder / "model.onnx").write_bytes(winner.model)
        write_validation(folder, y, winner.validation)
        parity = pd.DataFrame({"text": probes, "probability": winner.probability(probes)})
        parity.to_parquet(folder / "parity.parquet")
        write_json(folder / "training.json", summary)
    names = ("model.onnx", VALIDATION, "parity.parquet", "training.json")
    return [paths.candidate / name for name in names]
