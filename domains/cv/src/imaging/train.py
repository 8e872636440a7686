"""Climb the ladder, choose by validation, calibrate, and export the winner to one ONNX file.

The same validation images choose the epoch, the strength of a penalty, the model and the
calibration, and through it which cases are referred: their scores flatter.
"""

import logging
import warnings
from dataclasses import asdict
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

import click
import numpy as np
import pandas as pd
import torch
from joblib import Parallel, delayed
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold
from torch import Tensor, nn

from .config import Config
from .data import Part, read_processed
from .images import Images, light
from .kit import ModelError
from .kit.decisions import require_better_than_chance, weighted_scores
from .kit.files import Paths, replacing, write_json
from .kit.intervals import Array, Estimate, intervals
from .kit.store import fingerprint
from .models import LABELS, ladder
from .network import Fitted, make_task
from .predictor import Predictor

FOLDS = 5  # in which a calibration is judged by cases that it was not fitted on
TOLERANCE = 1e-4  # largest difference in probability between the network and its export
SCORES = ("roc_auc", "brier")  # those that need no threshold
REMEDY = "Check `positive` and the labels, add images, or train longer (`training.steps`)."


class Calibration(NamedTuple):
    """``scale`` and ``offset`` make shipped log-odds of the model's; how they were chosen.

    ``validation`` (n,) is of validation cases, each corrected by what others taught, if at all.
    """

    scale: float
    offset: float
    validation: Array
    report: dict[str, Any]


def run(config: Config, paths: Paths) -> list[Path]:
    """Train and compare all models, then leave the best one in ``models/candidate``."""
    data, info = read_processed(paths)
    trained_on = fingerprint(paths.processed)
    task, y, seed = make_task(data), data.validation.y, config.seed
    rungs = ladder(config, paths.root)
    # Here one after the other, as each takes all cores; an `engine` spreads them.
    models = Parallel()(delayed(rung)(task, config) for rung in rungs.values())
    fitted: dict[str, Fitted] = dict(zip(rungs, models, strict=True))
    log_odds = {name: found.log_odds(data.validation.images) for name, found in fitted.items()}
    best = max(log_odds, key=lambda name: roc_auc_score(y, log_odds[name]))
    scores = compare(y, log_odds, best, seed)
    require_better_than_chance(scores[f"{best} roc_auc"], "cases", REMEDY)
    calibration = calibrate(y, log_odds[best], seed)
    model = to_onnx(fitted[best], calibration)
    figures = pd.DataFrame([light(image) for image in data.train.images])
    signature = {
        "size": info.size,
        "channels": info.channels,
        "bits": info.bits,
        "mean": fitted[best].task.mean,
        "std": fitted[best].task.std,
        "positive": info.positive,
        "light": {name: [each.min(), each.max()] for name, each in figures.items()},
        "positive_share": float(y.mean()),  # the probabilities are calibrated for it
    }
    predictor = Predictor(model, {"signature": signature})
    expected = expit(calibration.scale * log_odds[best] + calibration.offset)
    training: dict[str, Any] = {
        "data": trained_on,
        "selected": best,
        "export_difference": check_parity(expected, predictor, data.validation.images),
        "signature": {**signature, "strong": strong_evidence(predictor, data.validation)},
        "calibration": calibration.report,
        "models": [_entry(name, fitted[name], best, scores) for name in fitted],
    }
    for label in [row["label"] for row in training["models"] if row["still_improving"]]:
        click.echo(f"  {label} was still improving: more `steps` in config.yaml may help")
    validation = pd.DataFrame({"y": y, "probability": calibration.validation})
    names = ("model.onnx", "validation.parquet", "training.json")
    file, table, report = (paths.candidate / name for name in names)
    with replacing(file) as new_file, replacing(table) as new_table:
        new_file.write_bytes(model)
        validation.to_parquet(new_table)
    return [file, table, write_json(report, training)]


def compare(y: Array, log_odds: dict[str, Array], best: str, seed: int) -> dict[str, Estimate]:
    """Scores of every model, and how far its ROC-AUC is from the best's, in pairs of cases."""

    def figures(weights: Array) -> dict[str, Array]:
        found = {
            f"{name} {metric}": values
            for name, odds in log_odds.items()
            for metric, values in weighted_scores(y, expit(odds), 0.5, weights).items()
        }
        reference = found[f"{best} roc_auc"]
        return found | {f"{n} difference": found[f"{n} roc_auc"] - reference for n in log_odds}

    return intervals(figures, len(y), seed)


def calibrate(y: Array, log_odds: Array, seed: int) -> Calibration:
    """Correct log-odds (n,) by a sigmoid or not, whichever has the lower log loss.

    The sigmoid is fitted and judged on different folds of the validation cases. The Brier score
    hardly sees small probabilities, where a dear miss puts the threshold; the log loss does.
    """
    corrected = np.empty(len(y))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    for fitted, judged in folds.split(log_odds, y):
        slope, start = sigmoid(y[fitted], log_odds[fitted])
        corrected[judged] = expit(slope * log_odds[judged] + start)
    scale, offset = sigmoid(y, log_odds)
    candidates = {"none": expit(log_odds)}
    if scale > 0:  # on few cases a sigmoid can fall where it should rise
        candidates["sigmoid"] = corrected
    losses = {name: float(log_loss(y, values)) for name, values in candidates.items()}
    chosen = min(losses, key=lambda name: losses[name])
    if chosen == "none":
        scale, offset = 1.0, 0.0
    return Calibration(scale, offset, candidates[chosen], {"chosen": chosen, "log_loss": losses})


def sigmoid(y: Array, log_odds: Array) -> tuple[float, float]:
    """Scale and offset of a sigmoid (Platt 1999).

    A weak penalty keeps the scale finite where a model separates these cases without a mistake.
    """
    model = LogisticRegression(C=10).fit(log_odds[:, np.newaxis], y)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


class Shipped(nn.Module):
    """The model with its calibration, as it is exported."""

    def __init__(self, model: nn.Module, calibration: Calibration) -> None:
        super().__init__()
        self.model = model
        self.scale, self.offset = calibration.scale, calibration.offset

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        log_odds, activation = self.model(images)
        return torch.sigmoid(self.scale * log_odds + self.offset), self.scale * activation


def to_onnx(fitted: Fitted, calibration: Calibration) -> bytes:
    """Return the ONNX file: ``images`` (n, channels, size, size) in, standardised.

    Out come ``probability`` (n,) and ``map`` (n, h, w), whose mean is the log-odds of that
    probability but for a constant.
    """
    shipped = Shipped(fitted.model.cpu(), calibration).eval()
    size, channels = fitted.task.train.shape[1], fitted.task.train.shape[3]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the exporter's own insides
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        program = torch.onnx.export(
            shipped,
            (torch.zeros(2, channels, size, size),),
            dynamo=True,  # the older exporter gave wrong numbers without an error
            verbose=False,
            input_names=["images"],
            output_names=["probability", "map"],
            dynamic_shapes={"images": {0: torch.export.Dim("n", min=1)}},
        )
    assert program is not None, "without a file name, export returns the program"
    model = program.model_proto
    graph = model.graph
    # Without notes on the code that each step came from: they name folders of this machine.
    del graph.metadata_props[:]
    for part in (*graph.node, *graph.input, *graph.output, *graph.value_info, *graph.initializer):
        del part.metadata_props[:]
        part.doc_string = ""
    return bytes(model.SerializeToString())


def check_parity(expected: Array, predictor: Predictor, images: Images) -> float:
    """Return how far the export is from ``expected`` (n,), at most, alone and in batches.

    A ModelError says that it is above ``TOLERANCE``.
    """
    found = predictor.predict_proba(images)
    single = np.concatenate([predictor.predict_proba(image[np.newaxis]) for image in images])
    difference = max(float(np.abs(expected - other).max()) for other in (found, single))
    if difference > TOLERANCE:
        raise ModelError(
            f"the exported model differs from the trained one by {difference:.2g} in probability; "
            f"expected at most {TOLERANCE}. Nothing was kept: the previous model stays. Leave out "
            "a model with `models`, or train it with a lower `learning_rate`."
        )
    return difference


def strong_evidence(predictor: Predictor, validation: Part) -> float:
    """The highest place, in log-odds, of a typical positive case's map: full colour from there on;
    at least 1, for models that hardly tell the cases apart."""
    _, maps = predictor.maps(validation.images[validation.y == 1])
    return max(float(np.median(maps.max(axis=(1, 2)))), 1.0)


def _entry(name: str, fitted: Fitted, best: str, scores: dict[str, Estimate]) -> dict[str, Any]:
    """What the reports say of one model."""
    curve = fitted.curve
    return {
        "name": name,
        "label": LABELS[name],
        "selected": name == best,
        "metrics": {metric: asdict(scores[f"{name} {metric}"]) for metric in SCORES},
        "difference": None if name == best else asdict(scores[f"{name} difference"]),
        "parameters": sum(weight.numel() for weight in fitted.model.parameters()),
        "curve": curve,
        "still_improving": bool(curve)
        and min(curve, key=itemgetter("validation_loss")) is curve[-1],
        "checkpoint": fitted.checkpoint,
    }
