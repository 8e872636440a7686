"""Which model to publish, and how far it leads the seasonal naive forecast.

Where windows and series are few, the best of many models is mostly the luckiest. So the average
of all is taken unless another is clearly better: by a difference whose 95 % interval lies above 0.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import sem
from scipy.stats import t as student

from .backtest import Actual
from .bootstrap import Array
from .models import AVERAGE, BASELINE

MANY = 10  # series from which on differences are compared over series
PER_SERIES = "per_series"

Scores = dict[str, Array]  # (windows, series, blocks) by model
Difference = dict[str, float | None]


@dataclass(frozen=True)
class Choice:
    """The model of each series, in the order of the ids, and how it was found.

    Attributes:
        name: of the model, or ``PER_SERIES``.
        lead: by how much the MASE of such a choice lies below that of seasonal naive in windows
            that it was not made by.
        versus_baseline: the same of each model by itself, in all windows.
        versus_average: by how much the MASE of each lies below that of the average, if there is
            one.
    """

    name: str
    models: list[str]
    lead: Difference
    versus_baseline: dict[str, Difference]
    versus_average: dict[str, Difference]


def block_errors(happened: Actual, forecast: Array, season_length: int) -> Array:
    """Scaled absolute errors of one model, (windows, series, blocks); their means are MASE.

    A block is a season where the horizon holds whole seasons, else a window. The errors of a
    series that never changed are NaN.
    """
    windows, series, steps = happened.demand.shape
    whole = 1 < season_length < steps and steps % season_length == 0
    blocks = steps // season_length if whole else 1
    error = np.abs(happened.demand - forecast).reshape(windows, series, blocks, -1).mean(axis=3)
    scale = np.broadcast_to(happened.naive_error[..., np.newaxis], error.shape)
    return np.divide(error, scale, out=np.full_like(error, np.nan), where=scale > 0)


def choose(scored: Scores, selection: str) -> Choice:
    """The model to publish, given the scores of each, seasonal naive first and the average last."""
    names, last = list(scored), list(scored)[-1]
    models = pick(scored, selection)
    windows = range(len(scored[last]))
    blind = np.stack([_blind(scored, selection, place) for place in windows])
    return Choice(
        name=PER_SERIES if selection == PER_SERIES else models[0],
        models=models,
        lead=difference(scored[BASELINE], blind),
        versus_baseline={name: difference(scored[BASELINE], scored[name]) for name in names[1:]},
        versus_average={
            name: difference(scored[AVERAGE], scored[name])
            for name in names[:-1]
            if last == AVERAGE
        },
    )


def pick(scored: Scores, selection: str) -> list[str]:
    """The best model of each series: by itself, or the same for all (see above)."""
    names, last = list(scored), list(scored)[-1]
    if selection == PER_SERIES:
        means = np.array([values.mean(axis=(0, 2)) for values in scored.values()])
        return [names[place] for place in np.where(np.isnan(means), np.inf, means).argmin(axis=0)]
    better = [name for name in names[:-1] if is_clear(difference(scored[last], scored[name]))]
    usual = min(better or [last], key=lambda name: np.nanmean(scored[name]))
    return [usual] * scored[last].shape[1]


def difference(first: Array, second: Array) -> Difference:
    """Mean of ``first - second``, with a paired 95 % t interval over ``units``."""
    pairs = units(first - second)
    value, count = float(pairs.mean()), len(pairs)
    if count < 2:
        return {"value": value, "low": None, "high": None}
    reach = float(sem(pairs) * student.ppf(0.975, count - 1))
    return {"value": value, "low": value - reach, "high": value + reach}


def is_clear(found: Difference) -> bool:
    """Whether a difference is above 0, and hardly by chance."""
    return found["low"] is not None and found["low"] > 0


def units(values: Array) -> Array:
    """What differences are compared over: (units,) means of (windows, series, blocks).

    Units are series, where there are ``MANY``; else they are blocks of time, as what moves one
    series mostly moves the others too. A series that never changed does not count.
    """
    known = values[:, np.isfinite(values).all(axis=(0, 2))]
    if values.shape[1] >= MANY:
        return np.asarray(known.mean(axis=(0, 2)))
    return np.asarray(known.mean(axis=1).ravel())


def _blind(scored: Scores, selection: str, place: int) -> Array:
    """(series, blocks) scores in one window of what the other windows would have chosen."""
    others = {name: np.delete(values, place, axis=0) for name, values in scored.items()}
    chosen = pick(others, selection)
    return np.stack([scored[name][place, row] for row, name in enumerate(chosen)])
