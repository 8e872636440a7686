"""How good forecasts and their intervals are; series count alike, however much they sell."""

from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from .backtest import Actual
from .bootstrap import Array, intervals
from .business import FEW
from .classes import CLASSES
from .conformal import LEVELS

Vectors = dict[str, Array]

ENDS = {80: (0.1, 0.9), 95: (0.025, 0.975)}
MEANS = ("mase", "rmsse", "smape", "pinball", "coverage_80", "coverage_95", "width_80", "width_95")


def score(happened: Actual, forecast: Array, quantiles: Array) -> Vectors:
    """All metrics of each series: see ``accuracy`` and ``interval_scores``."""
    found = interval_scores(happened.demand, quantiles, happened.naive_error)
    return accuracy(happened, forecast) | found


def accuracy(happened: Actual, forecast: Array) -> Vectors:
    """Errors of each series, over all windows and steps: every array is (series,).

    ``mase``: mean absolute error over the past's seasonal naive error (Hyndman & Koehler 2006).
    ``rmsse``: the same of squares, under a root (M5, Makridakis et al. 2022, scales by differences
    of one step). ``smape``: from 0 to 2, as in the M competitions; 0 where demand and forecast are
    both 0. ``absolute``, ``error`` and ``demand`` are sums. A series that never changed has
    no MASE: NaN.

    Args:
        forecast: (windows, series, steps).
    """
    demand = happened.demand
    error = forecast - demand
    size = np.abs(demand) + np.abs(forecast)
    relative = np.divide(2 * np.abs(error), size, out=np.zeros_like(size), where=size > 0)
    absolute, square = np.abs(error).mean(axis=2), (error**2).mean(axis=2)
    return {
        "mase": _ratio(absolute, happened.naive_error).mean(axis=0),
        "rmsse": np.sqrt(_ratio(square, happened.naive_square)).mean(axis=0),
        "smape": relative.mean(axis=(0, 2)),
        "absolute": np.abs(error).sum(axis=(0, 2)),
        "error": error.sum(axis=(0, 2)),
        "demand": demand.sum(axis=(0, 2)),
    }


def interval_scores(demand: Array, quantiles: Array, naive_error: Array) -> Vectors:
    """Intervals of each series: every array is (series,).

    ``pinball``: mean over ``LEVELS`` of the quantile loss, scaled as MASE is. ``coverage_80``:
    share of steps inside the interval. ``width_80``: its mean width, scaled. A series that never
    changed has none of these: NaN.

    Args:
        demand: (windows, series, steps).
        quantiles: (windows, series, steps, levels).
        naive_error: (windows, series).
    """
    error = demand[..., np.newaxis] - quantiles
    loss = np.maximum(LEVELS * error, (LEVELS - 1) * error).mean(axis=(2, 3))
    found = {"pinball": _ratio(loss, naive_error).mean(axis=0)}
    moves = (naive_error > 0).all(axis=0)
    for percent in ENDS:
        low, high = ends(quantiles, percent)
        inside = (low <= demand) & (demand <= high)
        width = (high - low).mean(axis=2)
        found[f"coverage_{percent}"] = np.where(moves, inside.mean(axis=(0, 2)), np.nan)
        found[f"width_{percent}"] = _ratio(width, naive_error).mean(axis=0)
    return found


def ends(quantiles: Array, percent: int) -> tuple[Array, Array]:
    """The lower and upper end of the 80 % or the 95 % interval."""
    low, high = (int(np.argmin(np.abs(LEVELS - level))) for level in ENDS[percent])
    return quantiles[..., low], quantiles[..., high]


def summarise(vectors: Vectors, reference: Vectors, seed: int) -> dict[str, dict[str, Any]]:
    """Each metric over all series, with its interval over series.

    ``wmape`` and ``bias`` are sums over all series: absolute errors, and errors, per unit of
    demand. ``owa`` is 1 for ``reference``, the Naive2 forecast. A ratio to nothing, such as
    ``bias`` where nothing was sold, is None. With fewer than ``FEW`` series that ever changed there
    are no intervals: the steps of one window hang together.
    """
    figures, rows = partial(_figures, vectors, reference), len(vectors["mase"])
    point = {name: float(value[0]) for name, value in figures(np.ones((1, rows))).items()}
    known = [name for name, value in point.items() if np.isfinite(value)]
    found = {name: {"value": point[name], "low": None, "high": None} for name in known}
    if np.isfinite(vectors["mase"]).sum() >= FEW:
        drawn = intervals(lambda w: {name: figures(w)[name] for name in known}, rows, seed)
        found = {name: asdict(entry) for name, entry in drawn.items()}
    return {name: found.get(name, dict.fromkeys(("value", "low", "high"))) for name in point}


def by_step(happened: Actual, forecast: Array, quantiles: Array) -> dict[str, list[float]]:
    """MASE, and coverage of the 95 % interval, by how many steps ahead: see ``score``."""
    error = np.abs(happened.demand - forecast)
    low, high = ends(quantiles, 95)
    inside = (low <= happened.demand) & (happened.demand <= high)
    return {
        "mase": np.nanmean(_ratio(error, happened.naive_error[..., np.newaxis]), (0, 1)).tolist(),
        "coverage_95": inside.mean(axis=(0, 1)).tolist(),
    }


def by_class(kinds: pd.Series, found: dict[str, Vectors]) -> list[dict[str, Any]]:
    """MASE, and coverage of the 95 % interval, for each kind of demand that there is.

    Args:
        kinds: (series,) their classes.
        found: the metrics of each series, by what they are of.
    """
    rows = []
    for name in CLASSES:
        own = (kinds == name).to_numpy()
        if own.any():
            means = {
                f"{who}_{key}": float(np.nanmean(entry[key][own]))
                for who, entry in found.items()
                for key in ("mase", "coverage_95")
                if np.isfinite(entry[key][own]).any()
            }
            rows.append({"class": name, "series": int(own.sum()), **means})
    return rows


def _figures(vectors: Vectors, reference: Vectors, weights: Array) -> Vectors:
    found = {name: _mean(vectors[name], weights) for name in MEANS if name in vectors}
    demand = weights @ vectors["demand"]
    naive = {name: _mean(reference[name], weights) for name in ("mase", "smape")}
    return found | {
        "wmape": _ratio(weights @ vectors["absolute"], demand),
        "bias": _ratio(weights @ vectors["error"], demand),
        "owa": (_ratio(found["mase"], naive["mase"]) + _ratio(found["smape"], naive["smape"])) / 2,
    }


def _mean(vector: Array, weights: Array) -> Array:
    known = np.isfinite(vector)
    return _ratio(weights[:, known] @ vector[known], weights[:, known].sum(axis=1))


def _ratio(part: Array, whole: Array) -> Array:
    """NaN where the whole is 0."""
    return np.divide(part, whole, out=np.full_like(part, np.nan), where=whole > 0)
