"""Prophet, one series at a time: trend, seasons and known columns added up (an extra)."""

import logging

import numpy as np

from ..backtest import Table
from ..data import DatasetInfo
from ..kit.intervals import Array

for name in ("cmdstanpy", "prophet.plot"):  # they tell of every single fit
    logging.getLogger(name).disabled = True

from prophet import Prophet  # noqa: E402


def forecast(history: Table, future: Table, info: DatasetInfo, seed: int) -> Array:
    """Trend, seasons and known columns added up, one series at a time (Taylor & Letham 2018).

    Which seasons there are, Prophet decides by how long a series is.
    """
    ahead, found = dict(list(future.groupby("unique_id"))), []
    for name, past in history.groupby("unique_id"):
        model = Prophet(uncertainty_samples=0)
        for column in info.known:
            if past[column].nunique() > 1:
                model.add_regressor(column)
        model.fit(past, seed=seed)
        found.append(model.predict(ahead[name])["yhat"].to_numpy(float))
    return np.concatenate(found)
