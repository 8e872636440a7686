"""The ladder of models, from the seasonal naive forecast upwards, and Naive2 beside it.

All but LightGBM and the extras come from statsforecast and know one series at a time.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd
from statsforecast import StatsForecast
from statsforecast.models import (
    MSTL,
    AutoARIMA,
    AutoETS,
    SeasonalNaive,
)
from statsmodels.tsa.seasonal import seasonal_decompose
from statsmodels.tsa.stattools import acf

from . import global_model
from .backtest import Forecaster
from .bootstrap import Array
from .config import Config
from .data import DatasetInfo
from .errors import ConfigError

BASELINE, AVERAGE = "seasonal_naive", "average"
RECENT_STEPS = 365  # what lies further back changes little and takes long …
RECENT_SEASONS = 10  # … but a season must be seen several times
LONG_SEASON = 24  # exponential smoothing knows no longer one
LONG_SARIMA = 12  # with a longer season the search takes minutes for each series
QUICK: dict[str, Any] = {"nmodels": 8, "approximation": True}  # orders tried, and how
PARALLEL = 20  # series from which on starting further processes pays
EXTRAS = {"prophet": "prophet", "lstm": "torch"}


@dataclass(frozen=True)
class Rung:
    """One model of the ladder."""

    name: str
    forecast: Forecaster


def seasonal_naive(season: int) -> Any:
    """The value of one season before."""
    return SeasonalNaive(season)


def ets(season: int) -> Any:
    """Exponential smoothing; error, trend and season chosen by AICc."""
    if season <= LONG_SEASON:
        return AutoETS(season)
    return MSTL(season, trend_forecaster=AutoETS(model="ZZN"))


def arima(season: int) -> Any:
    """ARIMA without a season, at most three lags; orders chosen by AICc."""
    return AutoARIMA(max_p=3, max_q=3, seasonal=False, **QUICK)


def sarima(season: int) -> Any:
    """Seasonal ARIMA, the best of few orders by AICc; a long season is taken out by STL first."""
    if season > LONG_SARIMA:
        return MSTL(season, trend_forecaster=arima(1))
    orders: dict[str, Any] = {"max_p": 2, "max_q": 2, "max_P": 1, "max_Q": 1}
    orders |= {"start_p": 1, "start_q": 1, "start_P": 1, "start_Q": 1}
    return AutoARIMA(season_length=season, **orders, **QUICK)


def one_by_one(make: Callable[[int], Any], jobs: int = -1) -> Forecaster:
    """A forecaster that fits a model of statsforecast to each series by itself.

    Many series are shared out to so many processes; -1 is one for each core.
    """

    def forecast(
        history: pd.DataFrame, future: pd.DataFrame, info: DatasetInfo, seed: int
    ) -> Array:
        season = info.season_length
        steps = max(RECENT_STEPS, RECENT_SEASONS * season)
        recent = history.groupby("unique_id").tail(steps)[["unique_id", "ds", "y"]]
        model = StatsForecast(
            models=[make(season)],
            freq=info.freq,
            n_jobs=jobs if info.series >= PARALLEL else 1,
            fallback_model=SeasonalNaive(season),
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on a series that a model finds hard to fit
            found = model.forecast(df=recent, h=info.horizon)
        return found.iloc[:, -1].to_numpy(float)

    return forecast


def moving_average(
    history: pd.DataFrame, future: pd.DataFrame, info: DatasetInfo, seed: int
) -> Array:
    """The mean of the last four seasons, of one where it is long, or of all where there is less."""
    season = info.season_length
    steps = max(4 * season if season <= LONG_SARIMA else season, 4)
    recent = history.groupby("unique_id").tail(steps)
    return np.repeat(recent.groupby("unique_id")["y"].mean().to_numpy(float), info.horizon)


def naive2(history: pd.DataFrame, future: pd.DataFrame, info: DatasetInfo, seed: int) -> Array:
    """The last value of each series without its season, and the season put back.

    Naive2 of the M competitions (Makridakis, Spiliotis & Assimakopoulos 2020): multiplicative
    decomposition where the season is significant at 90 %; additive where a series has zeros.
    """
    places = np.arange(info.horizon) % info.season_length
    found = []
    for _, y in history.groupby("unique_id", sort=False)["y"]:
        values = y.to_numpy(float)
        if not _is_seasonal(values, info.season_length):
            found.append(np.full(info.horizon, values[-1]))
            continue
        kind = "multiplicative" if values.min() > 0 else "additive"
        season = seasonal_decompose(values, kind, period=info.season_length).seasonal
        ahead = season[-info.season_length :][places]
        last = values[-1], season[-1]
        found.append(last[0] / last[1] * ahead if values.min() > 0 else last[0] - last[1] + ahead)
    return np.concatenate(found)


def _is_seasonal(values: Array, season: int) -> bool:
    """Whether the autocorrelation at one season is beyond its 90 % band (Bartlett)."""
    if season == 1 or len(values) < 3 * season or np.ptp(values) == 0:
        return False
    found = acf(values, nlags=season)
    band = 1.645 * np.sqrt((1 + 2 * (found[1:season] ** 2).sum()) / len(values))
    return bool(abs(found[season]) > band)


RUNGS = (
    Rung(BASELINE, one_by_one(seasonal_naive, jobs=1)),
    Rung("moving_average", moving_average),
    Rung("ets", one_by_one(ets)),
    Rung("arima", one_by_one(arima)),
    Rung("sarima", one_by_one(sarima)),
    Rung("lightgbm", global_model.forecast),
)


def ladder(config: Config) -> list[Rung]:
    """Seasonal naive, the rungs that ``config.models`` names, and, of several, their average.

    Raises:
        ConfigError: an extra is among them and is not installed.
    """
    known = {rung.name: rung for rung in RUNGS}
    rungs = [known.get(name) or extra(name) for name in config.models]
    return [RUNGS[0], *rungs, *([average(rungs)] if len(rungs) > 1 else [])]


def average(rungs: list[Rung]) -> Rung:
    """The mean of what all ``rungs`` forecast.

    It seldom is the best and hardly ever bad (Clemen 1989; Makridakis et al. 2020 on M4).
    """

    def forecast(
        history: pd.DataFrame, future: pd.DataFrame, info: DatasetInfo, seed: int
    ) -> Array:
        found = [np.maximum(0, rung.forecast(history, future, info, seed)) for rung in rungs]
        return np.asarray(np.mean(found, axis=0))

    return Rung(AVERAGE, forecast)


def extra(name: str) -> Rung:
    """An optional rung.

    Raises:
        ConfigError: its library is not installed.
    """
    library = EXTRAS[name]
    if find_spec(library) is None:
        raise ConfigError(
            f"`models` in config.yaml lists {name}, which needs {library}, and {library} is not "
            f"installed. Run `uv sync --extra {name}` (or `pip install {library}`), or take {name} "
            "off the list."
        )
    if name == "prophet":
        from .prophet_model import forecast
    else:
        from .lstm import forecast
    return Rung(name, forecast)
