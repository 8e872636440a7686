"""Climb the ladder on the same rolling windows, and choose by them.

The best of many models is mostly the luckiest. So the average of all is taken unless another is
clearly better: its paired difference, over what is independent, is significant at 5 % after Holm's
correction for how many were compared. Of those, the one with the least error. In each window the
average weighs models by their errors in the other windows: no window scores what it has chosen.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from statsmodels.stats.multitest import multipletests
from tqdm import tqdm

from . import backtest
from .backtest import Actual, Window, forecast, mase, mean, origins, share, window
from .config import Config
from .conformal import ENDS, Calibration, blind, interval_scores
from .data import DatasetInfo, check_lengths, read_processed, stamp
from .kit import DataError
from .kit.files import Paths, replacing, write_json
from .kit.intervals import Array
from .kit.store import require_whole
from .models import AVERAGE, LABELS, PARALLEL, Rung, ladder, shares

ALPHA = 0.05
Found = dict[str, Array]  # something of each model, by its name


def run(config: Config, paths: Paths) -> list[Path]:
    """Forecast every validation window with all models, and leave the choice as candidate."""
    panel, info = read_processed(paths)
    lead_time = config.inventory.lead_time
    check_lengths(panel.series, info, lead_time)
    starts = origins(panel.series["ds"], info.horizon, info.windows)[:-1]
    windows = [window(panel.series, start, info.horizon) for start in starts]
    happened = backtest.actual(windows, info)
    if not happened.naive_error[0].any():
        raise DataError(
            f"data set {info.name!r}: every series repeats itself exactly after "
            f"{info.season_length} steps up to {stamp(starts[0])}, so errors have no scale. "
            "Check `y`, or have fewer `windows`."
        )
    found = climb(ladder(config, info), windows, info, config.seed)
    errors = {name: mase(happened, values) for name, values in found.items()}
    weights = shares(np.stack([*errors.values()][1:]))
    if len(found) > 2:
        found[AVERAGE] = averaged(found, errors)
        errors[AVERAGE] = mase(happened, found[AVERAGE])
    selected = choose(errors, info.groups)
    ahead = pd.concat([part.future[["unique_id", "ds"]] for part in windows], ignore_index=True)
    foretold = {name: values.ravel() for name, values in found.items()}
    entries = []
    for name, values in found.items():
        seen = scores(happened, values, blind(happened, values, lead_time), info.groups)
        behind = mean(errors[name] - errors[selected], info.groups)
        entry = {"name": name, "label": LABELS[name], "selected": name == selected}
        entry |= {"metrics": seen, "difference": None if name == selected else asdict(behind)}
        entries.append(entry)
    summary = {"data": require_whole(paths.processed), "selected": selected, "models": entries}
    summary |= {"origins": [stamp(start) for start in starts], "weights": weights.tolist()}
    with replacing(paths.candidate / "validation.parquet") as file:
        ahead.assign(y=happened.demand.ravel(), **foretold).to_parquet(file)
        training = write_json(paths.candidate / "training.json", summary)
    return [paths.candidate / "validation.parquet", training]


def climb(rungs: list[Rung], windows: list[Window], info: DatasetInfo, seed: int) -> Found:
    """(windows, series, steps) forecasts of each model."""
    tasks = [(rung, part) for rung in rungs for part in windows]
    jobs = -1 if len(tasks) * info.series >= PARALLEL else 1
    # The bar shows after two seconds only: on little data it would be noise.
    shown = tqdm(tasks, "backtesting models", delay=2, leave=False)
    done = Parallel(jobs, max_nbytes=None)(  # no files: a disk may be full
        delayed(forecast)(rung.name, rung.forecast, part, info, seed) for rung, part in shown
    )
    values = np.stack(done).reshape(len(rungs), len(windows), -1, info.horizon)
    return {rung.name: each for rung, each in zip(rungs, values, strict=True)}


def averaged(found: Found, errors: Found) -> Array:
    """(windows, series, steps) averages without the baseline, by weights of the other windows."""
    values, scored = (np.stack([*each.values()][1:]) for each in (found, errors))
    others = [shares(np.delete(scored, place, axis=1)) for place in range(scored.shape[1])]
    return np.einsum("wms,mwsh->wsh", others, values)


def choose(errors: Found, groups: list[str]) -> str:
    """The model to publish, given each one's MASE (windows, series), the average last. Without an
    average the one model beside the baseline is taken unless that is clearly better."""
    *others, usual = errors
    ahead = {name: errors[usual] - errors[name] for name in others}
    found = [backtest.p_value(difference, groups) for difference in ahead.values()]
    clear = multipletests(found, ALPHA, method="holm")[0]
    better = [n for n, sure in zip(others, clear, strict=True) if sure and np.nanmean(ahead[n]) > 0]
    return min(better or [usual], key=lambda name: float(np.nanmean(errors[name])))


def scores(
    happened: Actual, found: Array, widths: list[Calibration], groups: list[str]
) -> dict[str, dict[str, Any]]:
    """Metrics as reports show them, given the widths of each window's intervals. Sums over
    everything have no interval."""
    quantiles = np.stack([w.quantiles(means) for w, means in zip(widths, found, strict=True)])
    by_series = {"mase": mase(happened, found)} | interval_scores(happened, quantiles)
    every = {name: mean(values, groups, least=0) for name, values in by_series.items()}
    for name in (f"coverage_{percent}" for percent in ENDS):
        every[name] = share(by_series[name], found.shape[2], groups)
    every |= backtest.totals(happened, found)
    return {name: asdict(estimate) for name, estimate in every.items()}
