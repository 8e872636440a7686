"""The rung `embeddings`: a logistic layer behind a transformer that is left as it is."""

from collections.abc import Callable
from functools import partial
from timeit import repeat
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import Pipeline

from ..config import CUT, Config
from ..models import Tuned, Winner, calibrate, folds, linear, logistic_regression
from .checkpoint import Checkpoint
from .export import PROBES, quantise, scorer, with_layer
from .serving import Array

Rows = NDArray[np.int_]


class Task(NamedTuple):
    """What there is to learn; ``vectors`` (n, size) are the embeddings before anything is."""

    config: Config
    checkpoint: Checkpoint
    texts: list[str]
    y: Rows
    vectors: Array


def layer(
    task: Task, grid: list[float], before: Array, after: Array, trained: Callable[[], ModelProto]
) -> Tuned:
    """The rung with a logistic layer on what ``trained`` says when quantised, as it is served."""
    y, rung, split = task.y, logistic_regression(), folds(task.config)

    def unseen(X: Array, C: float) -> Array:
        return cross_val_predict(rung.model(C=C), X, y, cv=split, method="predict_proba")[:, 1]

    found = {C: unseen(after, C) for C in grid}
    best = max(found, key=lambda C: roc_auc_score(y, found[C]))

    def publishable() -> Winner:
        pipeline, some = Pipeline([("classifier", rung.model(C=best))]), task.texts[:PROBES]
        fitted, validation, report = calibrate(pipeline, after, y, found[best], split)
        large, unquantised = trained(), unseen(before, best)
        small = with_layer(quantise(large), *linear(fitted))
        served = scorer(small)
        times = [repeat(partial(s.outputs, some), number=1) for s in (scorer(large), served)]
        lost: dict[str, Any] = {  # each figure before and after
            "megabytes": [model.ByteSize() / 1e6 for model in (large, small)],
            "milliseconds": [1000 * min(seconds) / len(some) for seconds in times],
            "accuracy": [accuracy_score(y, p >= CUT) for p in (unquantised, found[best])],
            "difference": float(np.abs(unquantised - found[best]).max()),
        }
        return Winner(small.SerializeToString(), served.probability, validation, report, lost)

    told = {"checkpoint": task.checkpoint.name, "sha256": task.checkpoint.sha256, "C": best}
    return Tuned(told, found[best], len(grid), task.checkpoint.megabytes, publishable)
