"""Whether maps point where they should: on the findings that we know, not on what is beside."""

from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .bootstrap import Array, intervals
from .gradcam import peak

MARKER_REACH = 2.0  # pixels from the middle of a marker, either way, that are on it


def pointing_game(maps: Array, cases: pd.DataFrame, size: int, seed: int) -> dict[str, Any]:
    """How often the strongest place of a map lies on the planted opacity, and on the marker.

    The pointing game (Zhang et al. 2016) without tolerance, over the cases that have an opacity;
    for the marker, over those of them that have a marker. ``by_chance`` is how often a place
    drawn at random would lie on the opacity.

    Args:
        maps: (n, h, w) of the same cases as the rows of ``cases``.
    """
    peaks = np.array([peak(activation, size) for activation in maps], dtype=float)
    truth = cases[["row", "column"]].to_numpy(float)
    radius = cases["diameter"].to_numpy(float) / 2
    markers = cases[["marker_row", "marker_column"]].to_numpy(float)
    ill = radius > 0
    marked = ill & np.isfinite(markers[:, 0])
    on_finding = np.linalg.norm(peaks - truth, axis=1) <= radius
    on_marker = np.abs(peaks - markers).max(axis=1) <= MARKER_REACH
    return {
        "cases": int(ill.sum()),
        "marked": int(marked.sum()),
        "on_finding": _share(on_finding[ill], seed),
        "on_marker": _share(on_marker[marked], seed),
        "by_chance": float(np.mean(np.pi * radius[ill] ** 2) / size**2),
    }


def _share(hits: NDArray[np.bool_], seed: int) -> dict[str, float] | None:
    """The share of hits with its interval; None where there is no case."""
    if not len(hits):
        return None
    return asdict(intervals(partial(_mean, hits), len(hits), seed)["share"])


def _mean(hits: NDArray[np.bool_], weights: Array) -> dict[str, Array]:
    return {"share": weights @ hits / len(hits)}
