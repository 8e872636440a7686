"""Climb the ladder on the same cases, choose by validation, export the winner."""

from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import expit

from .artifacts import MAX_BYTES
from .bootstrap import Array, Estimate, intervals
from .calibration import Calibration, choose_calibration
from .candidate import fingerprint
from .config import Config
from .data import DatasetInfo, Part, read_processed
from .errors import ModelError
from .export import check_parity, shipped_probability, to_onnx
from .files import replacing, write_json
from .models import Fitted, ladder, make_task
from .outcomes import VALIDATION, write_validation
from .paths import Paths
from .policy import CHANCE, require_better_than_chance
from .predictor import Predictor
from .scores import clinical_scores


@dataclass(frozen=True)
class Entry:
    """A rung after training, with its log-odds (n,) and scores on validation cases."""

    name: str
    fitted: Fitted
    log_odds: Array
    metrics: dict[str, Estimate]


@dataclass(frozen=True)
class Candidate:
    """The best model that can be published, as it is exported."""

    entry: Entry
    calibration: Calibration
    model: bytes
    passed_over: dict[str, str] | None


def train(config: Config, paths: Paths) -> list[Path]:
    """Train and compare all models, then leave the best one in ``models/candidate``."""
    data, info = read_processed(paths)
    trained_on = fingerprint(paths.processed)
    rungs = ladder(config, paths.root)
    task, y = make_task(data), data.validation.y
    entries = []
    for rung in rungs:
        fitted = rung.fit(task, config)
        log_odds = fitted.predict(data.validation.images)
        score = partial(clinical_scores, y, expit(log_odds), 0.5)
        entries.append(Entry(rung.name, fitted, log_odds, intervals(score, len(y), config.seed)))
    chosen = choose(entries, y, config.seed)
    found = {"data": trained_on, **summary(chosen, entries, info, config)}
    return _write_candidate(paths, chosen, data.validation, found)


def choose(entries: list[Entry], y: Array, seed: int) -> Candidate:
    """The model of the best validation ROC-AUC that is small enough to be published.

    Raises:
        ModelError: no such model ranks cases clearly better than chance.
    """
    ranked = sorted(entries, key=lambda entry: -entry.metrics["roc_auc"].value)
    remedy = "Check `positive` and the labels, add images, or train longer (`training.epochs`)."
    require_better_than_chance(ranked[0].metrics["roc_auc"], "cases", remedy)
    passed_over = None
    for entry in ranked:
        if entry.metrics["roc_auc"].low <= CHANCE:
            break
        calibration = choose_calibration(y, entry.log_odds, seed)
        model = to_onnx(entry.fitted, calibration)
        if len(model) <= MAX_BYTES:
            return Candidate(entry, calibration, model, passed_over)
        passed_over = passed_over or {
            "name": entry.name,
            "reason": f"its file takes {len(model) / 1e6:.1f} MB; at most "
            f"{MAX_BYTES / 1e6:.0f} MB can be published",
        }
    raise ModelError(
        "every model that ranks cases better than chance takes more than the "
        f"{MAX_BYTES / 1e6:.0f} MB that can be published. Add a smaller one to `models`, such as "
        "resnet."
    )


def signature(entry: Entry, info: DatasetInfo) -> dict[str, Any]:
    """What the model expects of an image, and what it looks for."""
    task = entry.fitted.task
    return {
        "size": info.size,
        "channels": info.channels,
        "mean": task.mean,
        "std": task.std,
        "classes": info.classes,
        "positive": info.positive,
    }


def strong_evidence(predictor: Predictor, validation: Part) -> float:
    """The highest place, in log-odds, of a typical positive case's map: full colour from there on.

    At least 1, for models that hardly tell the cases apart.
    """
    _, maps = predictor.maps(validation.images[validation.y == 1])
    return max(float(np.median(maps.max(axis=(1, 2)))), 1.0)


def summary(
    chosen: Candidate, entries: list[Entry], info: DatasetInfo, config: Config
) -> dict[str, Any]:
    """How the candidate was chosen, for ``training.json``."""
    return {
        "selected": chosen.entry.name,
        "signature": signature(chosen.entry, info),
        "calibration": chosen.calibration.report,
        "passed_over": chosen.passed_over,
        "augmentation": config.augmentation.model_dump(),
        "models": [_row(entry, entry is chosen.entry) for entry in entries],
    }


def _row(entry: Entry, selected: bool) -> dict[str, Any]:
    curve = entry.fitted.curve
    return {
        "name": entry.name,
        "selected": selected,
        "metrics": {name: asdict(value) for name, value in entry.metrics.items()},
        "settings": entry.fitted.settings,
        "parameters": entry.fitted.parameters,
        "curve": curve.epochs if curve else [],
        "kept_epoch": curve.kept if curve else None,
    }


def _write_candidate(
    paths: Paths, chosen: Candidate, validation: Part, found: dict[str, Any]
) -> list[Path]:
    exported = shipped_probability(chosen.entry.fitted, chosen.calibration, validation.images)
    predictor = Predictor(chosen.model, {"signature": found["signature"]})
    found["export_difference"] = check_parity(exported, predictor, validation.images)
    found["signature"]["strong"] = strong_evidence(predictor, validation)
    with replacing(paths.candidate) as folder:
        folder.mkdir()
        (folder / "model.onnx").write_bytes(chosen.model)
        write_validation(folder, validation.y, chosen.calibration.validation)
        write_json(folder / "training.json", found)
    names = ("model.onnx", VALIDATION, "training.json")
    return [paths.candidate / name for name in names]
