"""For which cases the model works well: by class, brightness, and size of the finding."""

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .bootstrap import Array, intervals
from .scores import clinical_scores

THIRDS = ("low", "middle", "high")
SIZES = ("small", "medium", "large")


def slices(
    cases: pd.DataFrame, probability: Array, threshold: float, seed: int
) -> dict[str, list[dict[str, Any]]]:
    """Scores of test cases by group: kind of slice -> one row a group that has cases."""
    kinds = {
        "class": {
            name: (cases["class"] == name).to_numpy() for name in sorted(set(cases["class"]))
        },
        "brightness": _thirds(cases["brightness"].to_numpy(float), THIRDS),
    }
    if "diameter" in cases:
        kinds["finding_size"] = _findings(cases["diameter"].to_numpy(float))
    y = cases["y"].to_numpy(float)
    return {
        kind: [
            {"name": name, **_row(y[inside], probability[inside], threshold, seed)}
            for name, inside in groups.items()
            if inside.any()
        ]
        for kind, groups in kinds.items()
    }


def _row(y: Array, probability: Array, threshold: float, seed: int) -> dict[str, Any]:
    """Scores of a group; None for what it cannot say, as it lacks one kind of case."""
    score = partial(clinical_scores, y, probability, threshold)
    found = intervals(score, len(y), seed)
    positives = int(y.sum())
    both = 0 < positives < len(y)
    return {
        "rows": len(y),
        "positive_rate": positives / len(y),
        "sensitivity": found["sensitivity"].value if positives else None,
        "specificity": found["specificity"].value if positives < len(y) else None,
        "roc_auc": found["roc_auc"].value if both else None,
        "accuracy": found["accuracy"].value,
        "low": found["accuracy"].low,
        "high": found["accuracy"].high,
    }


def _thirds(values: Array, names: tuple[str, str, str]) -> dict[str, NDArray[np.bool_]]:
    """Three groups of about equally many, by value; fewer where values are the same."""
    low, high = np.quantile(values, [1 / 3, 2 / 3])
    return {
        names[0]: values <= low,
        names[1]: (values > low) & (values <= high),
        names[2]: values > high,
    }


def _findings(diameters: Array) -> dict[str, NDArray[np.bool_]]:
    """Cases without a finding, and thirds of the others by its diameter."""
    ill = diameters > 0
    groups = {"no finding": ~ill}
    if ill.any():
        thirds = _thirds(diameters[ill], SIZES)
        for name, inside in thirds.items():
            groups[name] = np.zeros(len(ill), dtype=bool)
            groups[name][ill] = inside
    return groups
