"""Questions, orders and demand since a version is served, against what it was published for.

Forecasts are fixed numbers: answers move only where questions do, and means cannot be compared
with sales, which vary more. What can be are the conditions of the promise: the ``age``, as a
forecast reaches only so far; ``steps`` and the ``first step``, as errors are means over all steps
and over series large and small; the ``service level``, as money was counted at the published one.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from pandas.tseries.frequencies import to_offset
from scipy.stats import t as student

from . import sample
from .backtest import actual, window
from .config import Config
from .conformal import Calibration
from .data import read_processed, regular, validate
from .evaluate import window_scores
from .kit import DataError
from .kit.drift import Columns, Kept, report
from .kit.files import Paths
from .kit.intervals import Array, Estimate
from .kit.served import ROWS, Json, Log
from .kit.tables import mark_missing, read_table
from .predictor import Predictor


def run(config: Config, paths: Paths, log: Log, outcomes: Path | None) -> None:
    """Write ``reports/monitoring.md``; a CheckError says what is no more as it was promised."""
    predictor = Predictor.load(paths.models)
    kept = judge(outcomes, config, paths, predictor) if outcomes else {}
    ids, created = predictor.catalogue.ids, predictor.metadata["created"]
    said = [answer(name) for answer in (predictor.forecast, predictor.order) for name in ids]
    usual = [{"time": created, "prediction": each} for each in said]
    # What is published is no sample: repeated, it leaves chance to the log alone.
    before = columns(usual * -(-ROWS // len(ids)), predictor)
    report(paths, log, before, columns(log.read(needed=not outcomes), predictor), kept)


def columns(lines: list[Json], predictor: Predictor) -> Columns:
    """The conditions under which each line of a log was asked for, as far as it shows them."""
    reach = len(predictor.catalogue.dates) * to_offset(predictor.metadata["signature"]["freq"])
    due = (pd.Timestamp(predictor.metadata["created"]) + reach).isoformat()
    said = [line["prediction"] for line in lines]
    forecasts = [each["forecasts"] for each in said if "forecasts" in each]
    found = {
        "age": ["in time" if line["time"] <= due else "too old" for line in lines],
        "steps": [len(steps) for steps in forecasts],
        "first step": [steps[0]["yhat"] for steps in forecasts],
        "service level": [each["service_level"] for each in said if "service_level" in each],
    }
    return {name: pd.Series(values) for name, values in found.items() if values}


def judge(file: Path, config: Config, paths: Paths, predictor: Predictor) -> Kept:
    """How good forecasts were by the data set's file as it is by now, against earlier windows."""
    catalogue, info = predictor.catalogue, read_processed(paths)[1]
    dataset, origin = config.datasets.get(info.name, sample.ROLES), catalogue.history_dates[-1]
    table = mark_missing(read_table(file, dataset), dataset.na_values)
    series = regular(validate(table, dataset, str(file)), dataset, str(file))[0]
    series = series[series["unique_id"].isin(catalogue.ids)]
    later = series.loc[series["ds"] > origin, "ds"].nunique()
    if not later or not (series["ds"] <= origin).any():
        raise DataError(f"{file}: expected the data set as it is by now, with dates after {origin}")
    steps, rows = min(later, len(catalogue.dates)), np.isin(catalogue.ids, series["unique_id"])
    happened = actual([window(series, pd.Timestamp(origin), steps)], info)
    widths = Calibration(catalogue.scale, catalogue.offsets, catalogue.total_offsets)
    published = catalogue.forecasts, widths.quantiles(catalogue.forecasts)
    scores = window_scores(happened, *(each[np.newaxis, rows, :steps] for each in published))
    part, kept = steps / len(catalogue.dates), {}
    for name, (came,) in scores.items():
        seen = np.array(predictor.metadata["by_window"][name], float)
        kept[name] = another(seen, part, happened.demand.size), Estimate(came, came, came)
    return kept


def another(seen: Array, part: float, values: int) -> Estimate:
    """The mean of windows (W,), and where one more, or ``part`` of one, lies 95 times in 100.

    It varies no less than a share of so many ``values`` does, even if all windows were alike.
    """
    varies = max(float(seen.var(ddof=1)) / part, 0.95 * 0.05 / values)
    reach = float(student.ppf(0.975, len(seen) - 1) * np.sqrt(varies * (1 + 1 / len(seen))))
    return Estimate(float(seen.mean()), seen.mean() - reach, min(1.0, seen.mean() + reach))


def moved(config: Config, paths: Paths) -> list[Json]:
    """Requests for the rehearsal of an alarm: only the next step, of the smaller half of series."""
    catalogue = Predictor.load(paths.models).catalogue
    order = np.argsort(catalogue.forecasts[:, 0])[: config.limits.batch]
    small = [catalogue.ids[row] for row in order[: -(-len(order) // 2)]]
    return [{"json": {"instances": [{"unique_id": n, "horizon": 1} for n in small]}}] * 20
