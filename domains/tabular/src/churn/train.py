"""Climb the ladder on the same folds, choose by validation, calibrate and fit the winner."""

from dataclasses import asdict
from pathlib import Path
from time import perf_counter
from typing import Any

import click
import joblib
import pandas as pd
from sklearn.base import clone
from sklearn.metrics import brier_score_loss, roc_auc_score
from sklearn.model_selection import ParameterSampler
from sklearn.pipeline import Pipeline
from tqdm import tqdm

from .ablation import CHOSEN, try_variants
from .config import Config
from .data import TO_TUNE, DatasetInfo, at_most, read_processed
from .kit.decisions import require_better_than_chance, weighted_scores
from .kit.files import Paths, replacing, write_json
from .kit.intervals import Array, Estimate, intervals
from .kit.store import fingerprint
from .models import Rung, ladder, out_of_fold, tune, with_sigmoid

SCORES = ("roc_auc", "average_precision", "brier")  # none of them depends on a threshold


def run(config: Config, paths: Paths) -> list[Path]:
    """Tune and compare all models, then leave the best one in ``models/candidate``."""
    data, info = read_processed(paths)
    part = at_most(TO_TUNE, data.train, info, config.seed)
    X, y = part[info.features], part[info.target]
    rungs = ladder(config)
    if len(part) < len(data.train):
        few = f"{len(part):,} of {len(data.train):,} customers, drawn by class"
        click.echo(f"  tuning on {few}: about {minutes(rungs, part, info, config):.1f} minutes")
    shown = tqdm(rungs, desc="tuning models", delay=2, leave=False)
    tuned = {rung.name: tune(rung, X, y, info, config) for rung in shown}
    validation = {name: probability for name, (_, probability) in tuned.items()}
    best = max(rungs, key=lambda rung: roc_auc_score(y, validation[rung.name]))
    scores = compare(y.to_numpy(float), validation, best.name, config.seed)
    remedy = "Check `target` and `positive`, or add columns or rows."
    require_better_than_chance(scores[f"{best.name} roc_auc"], "customers", remedy)
    chosen, raw = tuned[best.name]
    winner, calibrated, calibration = calibrate(chosen, X, y, raw, config)
    winner = clone(winner).fit(data.train[info.features], data.train[info.target])
    variants = try_variants(best, chosen, X, y, info, config)
    summary = {
        "data": fingerprint(paths.processed),
        "selected": best.name,
        "models": [_entry(rung, tuned[rung.name][0], best, scores) for rung in rungs],
        "calibration": calibration,
        "draws": config.search.draws,
    }
    kept = {"y": y.to_numpy(float), "probability": calibrated, CHOSEN: raw}
    files = [paths.candidate / name for name in ("pipeline.joblib", "validation.parquet")]
    with replacing(files[0]) as pipeline, replacing(files[1]) as table:
        joblib.dump(winner, pipeline)
        pd.DataFrame(kept | variants, part.index).to_parquet(table)
    return [*files, write_json(paths.candidate / "training.json", summary)]


def minutes(rungs: list[Rung], part: pd.DataFrame, info: DatasetInfo, config: Config) -> float:
    """About how long tuning on ``part`` will take, by the time of one fit of each rung."""
    begun = perf_counter()
    for rung in rungs:
        (settings,) = ParameterSampler(rung.space, 1, random_state=config.seed)
        rung.pipeline(info).set_params(**settings).fit(part[info.features], part[info.target])
    fits = config.search.draws * (config.split.folds - 1)  # each on all folds but one
    return (perf_counter() - begun) * fits / joblib.effective_n_jobs(-1) / 60


def compare(y: Array, validation: dict[str, Array], best: str, seed: int) -> dict[str, Estimate]:
    """Every score of every model, and by how much its ROC-AUC differs from the best one's, in
    pairs: intervals of two models may overlap although one is better on nearly every sample.
    """

    def figures(weights: Array) -> dict[str, Array]:
        found = {
            f"{name} {metric}": values
            for name, p in validation.items()
            for metric, values in weighted_scores(y, p, 0.5, weights).items()
        }
        reference = found[f"{best} roc_auc"]
        return found | {f"{n} difference": found[f"{n} roc_auc"] - reference for n in validation}

    return intervals(figures, len(y), seed)


def calibrate(
    pipeline: Pipeline, X: pd.DataFrame, y: pd.Series, raw: Array, config: Config
) -> tuple[Pipeline, Array, dict[str, Any]]:
    """``pipeline`` with or without a sigmoid, whichever has the lower Brier score.

    Money is counted with probabilities, so "30 %" has to mean three customers in ten. Returned are
    the unfitted pipeline, its out-of-fold probabilities (n,), and how it was chosen; ``raw`` (n,)
    are those without a sigmoid, on the same folds.
    """
    sigmoid = with_sigmoid(pipeline, config)
    (p,) = out_of_fold([sigmoid], X, y, config)
    candidates = {"none": (pipeline, raw), "sigmoid": (sigmoid, p)}
    brier = {name: float(brier_score_loss(y, p)) for name, (_, p) in candidates.items()}
    chosen = min(brier, key=lambda name: brier[name])
    return *candidates[chosen], {"chosen": chosen, "brier": brier}


def _entry(
    rung: Rung, pipeline: Pipeline, best: Rung, scores: dict[str, Estimate]
) -> dict[str, Any]:
    """What the reports say of one model."""
    settings = {name: pipeline.get_params()[name] for name in rung.space}
    return {
        "name": rung.name,
        "label": rung.label,
        "selected": rung is best,
        "metrics": {metric: asdict(scores[f"{rung.name} {metric}"]) for metric in SCORES},
        "difference": None if rung is best else asdict(scores[f"{rung.name} difference"]),
        "settings": {name.removeprefix("classifier__"): v for name, v in settings.items()},
    }
