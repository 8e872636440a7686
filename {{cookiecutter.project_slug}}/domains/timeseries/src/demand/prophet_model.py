"""Prophet, one series at a time: trend, seasons and known columns added up (an extra)."""

import logging

import numpy as np
import pandas as pd
from tqdm import tqdm

from .bootstrap import Array
from .data import DatasetInfo

# They tell of every single fit, and of plots that nobody asks for.
for name in ("cmdstanpy", "prophet.plot"):
    logging.getLogger(name).disabled = True

from prophet import Prophet  # noqa: E402


def forecast(history: pd.DataFrame, future: pd.DataFrame, info: DatasetInfo, seed: int) -> Array:
    """One mean for each row of ``future``; see Taylor & Letham (2018).

    Which seasons there are, Prophet decides by how long a series is.
    """
    found = []
    ahead = dict(list(future.groupby("unique_id")))
    for name, past in tqdm(history.groupby("unique_id"), desc="prophet", delay=2, leave=False):
        model = Prophet(uncertainty_samples=0)
        for column in info.known:
            if past[column].nunique() > 1:
                model.add_regressor(column)
        model.fit(past, seed=seed)
        found.append(model.predict(ahead[name])["yhat"].to_numpy(float))
    return np.concatenate(found)
