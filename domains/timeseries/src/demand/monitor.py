"""Questions and demand since a version is served, against the windows that it was judged by."""

from pathlib import Path

import numpy as np
import pandas as pd
from pandas.tseries.frequencies import to_offset
from scipy.stats import t as student

from . import sample
from .backtest import actual, mase, window
from .config import Config
from .data import read_processed, regular, validate
from .kit import DataError
from .kit.dates import from_wide
from .kit.files import Paths
from .kit.intervals import Estimate
from .kit.served import ROWS, Json, Kept, Log, report
from .kit.tables import mark_missing, read_table
from .predictor import Predictor


def run(config: Config, paths: Paths, log: Log, outcomes: Path | None) -> None:
    """Write ``reports/monitoring.md``; a CheckError says what is no more as it was promised."""
    predictor = Predictor.load(paths.models)
    lines, dates = log.read(), predictor.catalogue.dates
    reach = len(dates) * to_offset(predictor.metadata["signature"]["freq"])
    due = (pd.Timestamp(predictor.metadata["created"]) + reach).isoformat()
    ages = ["in time" if line["time"] <= due else "too old" for line in lines]
    steps = [len(line["prediction"].get("forecasts", dates)) for line in lines]
    now = {"age": pd.Series(ages), "steps": pd.Series(steps)}
    before = {"age": pd.Series(["in time"] * ROWS), "steps": pd.Series([len(dates)] * ROWS)}
    report(paths, log, before, now, judge(outcomes, config, paths, predictor) if outcomes else {})


def judge(file: Path, config: Config, paths: Paths, predictor: Predictor) -> Kept:
    """The error by the data set's file as it is by now, and where one more window would lie."""
    catalogue, info = predictor.catalogue, read_processed(paths)[1]
    dataset, origin = config.datasets.get(info.name, sample.ROLES), catalogue.history_dates[-1]
    table = mark_missing(read_table(file, dataset), dataset.na_values)
    table = from_wide(table, dataset.ds, dataset.y, dataset.date_format)
    series = regular(validate(table, dataset, str(file)), dataset, str(file))[0]
    series = series[series["unique_id"].isin(catalogue.ids)]
    later = series.loc[series["ds"] > origin, "ds"].nunique()
    if not later or not (series["ds"] <= origin).any():
        raise DataError(f"{file}: expected the data set as it is by now, with dates after {origin}")
    steps, rows = min(later, len(catalogue.dates)), np.isin(catalogue.ids, series["unique_id"])
    happened = actual([window(series, pd.Timestamp(origin), steps)], info)
    came = 1 - float(np.nanmean(mase(happened, catalogue.forecasts[np.newaxis, rows, :steps])))
    seen = 1 - np.array(predictor.metadata["mase_by_window"])
    varies = seen.var(ddof=1) * (1 + 1 / len(seen)) * len(catalogue.dates) / steps
    value, reach = seen.mean(), student.ppf(0.975, len(seen) - 1) * np.sqrt(varies)
    promised = Estimate(float(value), float(value - reach), float(value + reach))
    return {"1 - MASE": (promised, Estimate(came, came, came))}


def moved(config: Config, paths: Paths) -> list[Json]:
    """Requests for the rehearsal of an alarm: only the next step of each series."""
    names = Predictor.load(paths.models).catalogue.ids[: config.limits.batch]
    return [{"json": {"instances": [{"unique_id": n, "horizon": 1} for n in names]}}] * 20
