"""Outcomes and probabilities on disk: of validation cases first, then of test cases too."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .bootstrap import Array
from .files import replacing, write_json
from .policy import Outcomes

VALIDATION = "validation.parquet"


def write_validation(candidate: Path, y: Array | pd.Series, probability: Array) -> None:
    """Write what happened in the validation cases, and the probability of it, for evaluation."""
    pd.DataFrame({"y": y, "probability": probability}).to_parquet(candidate / VALIDATION)


def read_validation(candidate: Path) -> Outcomes:
    """Read what ``write_validation`` wrote."""
    table = pd.read_parquet(candidate / VALIDATION)
    return table["y"].to_numpy(float), table["probability"].to_numpy(float)


def write_reports(
    reports: Path, metrics: dict[str, Any], validation: Outcomes, test: Outcomes
) -> list[Path]:
    """Write ``metrics.json``, and ``predictions.csv`` beside it."""
    # Outcomes and probabilities only, so that the dashboard can replay other prices.
    parts = {"validation": validation, "test": test}
    table = pd.concat(
        pd.DataFrame({"part": name, "y": y.astype(int), "probability": p})
        for name, (y, p) in parts.items()
    )
    predictions = reports / "predictions.csv"
    with replacing(predictions) as temporary:
        table.to_csv(temporary, index=False, float_format="%.6g", lineterminator="\n")
    return [write_json(reports / "metrics.json", metrics), predictions]


def cells(y: Array, probability: Array, threshold: float) -> dict[str, NDArray[np.bool_]]:
    """Which cases (n,) are in each cell of the confusion matrix."""
    act = probability >= threshold
    return {
        "true_positive": act & (y == 1),
        "false_positive": act & (y == 0),
        "false_negative": ~act & (y == 1),
        "true_negative": ~act & (y == 0),
    }
