"""Climb the ladder on the same folds, choose by validation, fit and export the winner."""

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import ParameterGrid

from .bert.train import tune
from .config import CUT, Config
from .data import POSITIVE, TEXT, read_processed
from .features import document
from .kit import ModelError
from .kit.decisions import require_better_than_chance, weighted_scores
from .kit.files import Paths, replacing, write_json
from .kit.intervals import Array, Estimate, intervals
from .kit.store import require_whole
from .models import LABELS, Rung, Tuned, Winner, calibrate, folds, ladder, to_onnx, vectoriser
from .transfer.checkpoint import require

DUMMY = "dummy"
PROBES = 300  # training reviews on which the export must say what the model says
# What people also send; the export must take it as the trained model does.
ODD_TEXTS = (
    "",
    "   \n\t ",
    "?!",
    "L\u2019été, un café déjà vu: pas mal, cafe\u0301",
    "I don't, can\u2019t, won't, shouldn't've … rock 'n' roll isn't bad",
    "😀👍🏽 👩‍👩‍👧 :) great",
    "المنتج رائع والتوصيل سريع جدا",
    "这个产品非常好\uff0c我很喜欢",
    "# ## <a> _b_ great_value #gre",
    "great\u0000phone\u00a0bad\u2028end",
    "İSTANBUL STRASSE ß ﷺ",
    "x" * 100_000,
    "a great phone but not a good battery " * 2_700,
)
REMEDY = "Check `text`, `label` and `positive` (or `rating_threshold`), or add rows."
NOTHING_SHARED = (
    "no two reviews have a word in common, so there is nothing to learn. Check that `text` names "
    "the column of the reviews, or add rows."
)

Trial = tuple[Rung, dict[str, float]]  # a model, and settings to try with it


def run(config: Config, paths: Paths) -> list[Path]:
    """Tune and compare all models, then leave the best one in ``models/candidate``."""
    data, _ = read_processed(paths)
    trained_on = require_whole(paths.processed)
    texts, y = data.train[TEXT], data.train[POSITIVE]
    checkpoint = require(config, paths.root)  # before the others have taken their time
    tuned = climb(ladder(config), texts.map(document), y, config)
    if checkpoint:
        tuned |= tune(config, checkpoint, texts.tolist(), y.to_numpy())
    validation = {name: one.validation for name, one in tuned.items()}
    ranked = sorted(tuned, key=lambda name: -roc_auc_score(y, validation[name]))
    truth = y.to_numpy(float)
    first = partial(weighted_scores, truth, validation[ranked[0]], CUT)
    require_better_than_chance(intervals(first, len(y), config.seed)["roc_auc"], "reviews", REMEDY)
    best, winner, too_large = fit_best(ranked, tuned, texts, y, config)
    compared = compare(validation, truth, best, config.seed)
    summary = {
        "data": trained_on,
        "selected": best,
        "models": [
            {
                "name": name,
                "label": LABELS[name],
                "selected": name == best,
                "settings": {k.removeprefix("estimator__"): v for k, v in one.settings.items()},
                "tried": one.tried,
                "metrics": {key: asdict(value) for key, value in compared[name][0].items()},
                "difference": None if name == best else asdict(compared[name][1]),
            }
            for name, one in tuned.items()
        ],
        "calibration": winner.calibration,
        "quantised": winner.quantised,
        "too_large": too_large,
    }
    return _write_candidate(paths, winner, texts, y, summary)


def climb(rungs: list[Rung], X: pd.Series, y: pd.Series, config: Config) -> dict[str, Tuned]:
    """Tune every rung by ROC-AUC on the validation folds.

    All rungs count the same features, so these are weighed once a fold, on its training part.

    Args:
        X: documents (see ``features.document``). y: 1 for a good review, else 0.
    """
    trials = [(rung, values) for rung in rungs for values in ParameterGrid(rung.space)]
    splits = list(folds(config).split(X, y))
    parts = Parallel(n_jobs=-1)(delayed(_try_all)(trials, X, y, *rows) for rows in splits)
    found = np.empty((len(trials), len(X)))
    for (_, rest), part in zip(splits, parts, strict=True):
        found[:, rest] = part
    tuned = {}
    for rung in rungs:
        own = [trial for trial, (owner, _) in enumerate(trials) if owner is rung]
        best = max(own, key=lambda trial: roc_auc_score(y, found[trial]))
        tuned[rung.name] = Tuned(trials[best][1], found[best], len(own))
    return tuned


def _try_all(trials: list[Trial], X: pd.Series, y: pd.Series, train: Array, rest: Array) -> Array:
    """Probabilities by every trial, fitted to ``train``, of the ``rest``: (trials, rest)."""
    features = vectoriser()
    try:
        seen = features.fit_transform(X.iloc[train])
    except ValueError as error:
        raise ModelError(NOTHING_SHARED) from error
    unseen = features.transform(X.iloc[rest])
    fitted = (rung.model(**values).fit(seen, y.iloc[train]) for rung, values in trials)
    return np.array([model.predict_proba(unseen)[:, 1] for model in fitted])


def compare(
    found: dict[str, Array], y: Array, best: str, seed: int
) -> dict[str, tuple[dict[str, Estimate], Estimate]]:
    """Each model's validation metrics, and how far its ROC-AUC is from that of the ``best``.

    The difference is over the same resampled reviews: what both find hard does not blur it.
    """

    def scores(name: str, weights: Array) -> dict[str, Array]:
        own, other = (weighted_scores(y, found[one], CUT, weights) for one in (name, best))
        return own | {"difference": own["roc_auc"] - other["roc_auc"]}

    each = {name: intervals(partial(scores, name), len(y), seed) for name in found}
    return {name: (values, values.pop("difference")) for name, values in each.items()}


def fit_best(
    ranked: list[str], tuned: dict[str, Tuned], texts: pd.Series, y: pd.Series, config: Config
) -> tuple[str, Winner, dict[str, Any] | None]:
    """Fit the first of ``ranked`` whose file is not too large to commit; return its name, and
    which better one it stands for.

    A ModelError says that only the dummy is left.
    """
    too_large, limit = None, config.limits.model_mb
    for name in ranked[: ranked.index(DUMMY)]:
        if (megabytes := tuned[name].megabytes) <= limit:  # else known before it is fitted
            winner = (tuned[name].fit or partial(_fit, name, tuned[name], texts, y, config))()
            if (megabytes := len(winner.model) / 1e6) <= limit:
                return name, winner, too_large
        too_large = too_large or {"label": LABELS[name], "megabytes": megabytes, "limit": limit}
    raise ModelError(
        f"no file of a model that is better than chance is below the {limit:g} MB of `model_mb` "
        "in config.yaml. Raise it, take a smaller checkpoint, or list more `models`."
    )


def _fit(name: str, tuned: Tuned, texts: pd.Series, y: pd.Series, config: Config) -> Winner:
    rung = next(rung for rung in ladder(config) if rung.name == name)
    pipeline = rung.pipeline(**tuned.settings)
    fitted, validation, report = calibrate(
        pipeline, texts.map(document), y, tuned.validation, folds(config)
    )

    def probability(some: list[str]) -> Array:
        return np.asarray(fitted.predict_proba([document(text) for text in some])[:, 1])

    return Winner(to_onnx(fitted), probability, validation, report)


def _write_candidate(
    paths: Paths, winner: Winner, texts: pd.Series, y: pd.Series, summary: dict[str, Any]
) -> list[Path]:
    folder, probes = paths.candidate, [*texts.head(PROBES), *ODD_TEXTS]
    validation = pd.DataFrame({"text": texts, "y": y, "probability": winner.validation})
    parity = pd.DataFrame({"text": probes, "probability": winner.probability(probes)})
    with (
        replacing(folder / "model.onnx") as model,
        replacing(folder / "validation.parquet") as known,
        replacing(folder / "parity.parquet") as compared,
        replacing(folder / "training.json") as how,
    ):
        model.write_bytes(winner.model)
        validation.to_parquet(known)
        parity.to_parquet(compared)
        write_json(how, summary)
    names = ("model.onnx", "validation.parquet", "parity.parquet", "training.json")
    return [folder / name for name in names]
