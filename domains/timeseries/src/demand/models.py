"""The ladder of models, from the seasonal naive forecast upwards; optional ones are in ``lstm``."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from lightgbm import LGBMRegressor
from mlforecast import MLForecast
from mlforecast.lag_transforms import RollingMean
from statsforecast import StatsForecast
from statsforecast.models import ARIMA, MSTL, AutoARIMA, AutoETS, SeasonalNaive

from .backtest import Forecaster, Table, naive_error
from .config import Config
from .data import DatasetInfo
from .features import features
from .kit.intervals import Array
from .lstm import optional

BASELINE, AVERAGE = "seasonal_naive", "average"
RECENT_STEPS = 365  # what lies further back changes little and takes long …
RECENT_SEASONS = 10  # … but a season must be seen several times
LONG_SEASON = 24  # exponential smoothing knows no longer one
LONG_SARIMA = 12  # with a longer season a fit takes minutes for each series
PARALLEL = 100  # fits of a series from which on starting further processes pays
BOOSTING: dict[str, Any] = {"n_estimators": 200, "learning_rate": 0.05, "num_leaves": 15}
BOOSTING |= {"min_child_samples": 10, "subsample": 0.8, "subsample_freq": 1}
BOOSTING |= {"colsample_bytree": 0.8, "deterministic": True, "force_row_wise": True, "verbose": -1}
BOOSTING |= {"n_jobs": 1}  # with so few columns threads mostly wait for each other
LABELS = {BASELINE: "seasonal naive", "moving_average": "moving average", "ets": "ETS"}
LABELS |= {"arima": "ARIMA", "sarima": "SARIMA", "lightgbm": "LightGBM", "prophet": "Prophet"}
LABELS |= {"lstm": "LSTM", AVERAGE: "average of the models"}


@dataclass(frozen=True)
class Rung:
    """One model of the ladder."""

    name: str
    forecast: Forecaster


@dataclass(frozen=True)
class Explained:
    """What forecasts (series, steps) are made of, in units, and each feature's value, NaN where a
    name stands for several: both (series, steps, features)."""

    features: list[str]
    forecast: Array
    values: Array
    contributions: Array


def ets(season: int) -> Any:
    """Exponential smoothing; the trend chosen by AICc, error and season added: demand may be 0."""
    if season <= LONG_SEASON:
        return AutoETS(season, model="AZA" if season > 1 else "AZN")
    return MSTL(season, trend_forecaster=AutoETS(model="AZN"))


def arima(season: int) -> Any:
    """ARIMA without a season, at most two lags; orders chosen by AICc."""
    return AutoARIMA(max_p=2, max_q=2, seasonal=False, nmodels=6, approximation=True)


def sarima(season: int) -> Any:
    """SARIMA (1,1,1)(0,1,1), near the airline model (Box & Jenkins 1970): a search over seasonal
    orders took longer and erred more on daily data. A long season is taken out by STL first."""
    if season > LONG_SARIMA:
        return MSTL(season, trend_forecaster=arima(1))
    return ARIMA((1, 1, 1), season, (0, int(season > 1), int(season > 1)))


def one_by_one(make: Callable[[int], Any]) -> Forecaster:
    """A forecaster that fits a model of statsforecast to each series by itself."""

    def forecast(history: Table, future: Table, info: DatasetInfo, seed: int) -> Array:
        season = info.season_length
        steps = max(RECENT_STEPS, RECENT_SEASONS * season)
        recent = history.groupby("unique_id").tail(steps)[["unique_id", "ds", "y"]]
        model = StatsForecast([make(season)], info.freq, fallback_model=SeasonalNaive(season))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on a series that a model finds hard to fit
            found = model.forecast(df=recent, h=info.horizon)
        return found.iloc[:, -1].to_numpy(float)

    return forecast


def moving_average(history: Table, future: Table, info: DatasetInfo, seed: int) -> Array:
    """The mean of the last four seasons, of one where it is long, or of all where there is less."""
    season = info.season_length
    recent = history.groupby("unique_id").tail(max(season, 4 * season * (season <= LONG_SARIMA), 4))
    return np.repeat(recent.groupby("unique_id")["y"].mean().to_numpy(float), info.horizon)


def lightgbm(history: Table, future: Table, info: DatasetInfo, seed: int) -> Array:
    """LightGBM over all series at once; one mean for each row of ``future``."""
    return explained(history, future, info, seed).forecast.ravel()


def explained(history: Table, future: Table, info: DatasetInfo, seed: int) -> Explained:
    """Fit LightGBM to all series, each divided by its seasonal naive error, and forecast step by
    step from lags, recent means, the calendar and the known columns."""
    error = naive_error(history, info.season_length)
    scale = pd.Series(np.where(error > 0, error, 1.0), history["unique_id"].unique())
    # Names that LightGBM accepts, and that no lag or part of a date has.
    safe = {name: f"known_{place}" for place, name in enumerate(info.known)}
    columns = ["unique_id", "ds", *safe.values()]
    history, future = history.rename(columns=safe), future.rename(columns=safe)[columns]
    scaled = history[columns].assign(y=history["y"] / history["unique_id"].map(scale))
    chosen = features(info.freq, info.season_length)
    model = MLForecast(
        models=LGBMRegressor(**BOOSTING, random_state=seed),
        freq=info.freq,
        lags=list(chosen.lags),
        lag_transforms={1: [RollingMean(size) for size in chosen.windows]},
        date_features=list(chosen.dates),
    )
    steps: list[Table] = []

    def keep(inputs: Table) -> Table:
        steps.append(inputs.copy())
        return inputs

    with warnings.catch_warnings():
        # LightGBM takes the gaps that lags leave at the start of a series as they are.
        warnings.filterwarnings("ignore", message="Found null values")
        model.fit(scaled, static_features=[], dropna=False)
        ahead = future if info.known else None
        model.predict(info.horizon, X_df=ahead, before_predict_callback=keep)
    fitted: Any = model.models_["LGBMRegressor"]
    added = [fitted.booster_.predict(inputs, pred_contrib=True) for inputs in steps]
    units = scale.to_numpy()[:, np.newaxis, np.newaxis] * np.stack(added, axis=1)
    values = np.stack([inputs.to_numpy(float) for inputs in steps], axis=1)
    # Lags and means are put together as one; LightGBM's constant comes last.
    inputs, own = list(steps[0].columns), [*chosen.dates, *safe.values()]
    recent = [place for place, name in enumerate(inputs) if name not in own]
    single = [inputs.index(name) for name in own]
    several = [units[..., -1:], units[..., recent].sum(axis=-1, keepdims=True)]
    unnamed = np.full((*values.shape[:2], 2), np.nan)
    values = np.concatenate([unnamed, values[..., single]], axis=-1)
    parts = np.concatenate([*several, units[..., single]], axis=-1)
    names = ["usual level", "recent demand", *chosen.dates, *info.known]
    return Explained(names, parts.sum(axis=-1), values, parts)


RUNGS = (
    Rung(BASELINE, one_by_one(SeasonalNaive)),
    Rung("moving_average", moving_average),
    Rung("ets", one_by_one(ets)),
    Rung("arima", one_by_one(arima)),
    Rung("sarima", one_by_one(sarima)),
    Rung("lightgbm", lightgbm),
)


def ladder(config: Config) -> list[Rung]:
    """Seasonal naive, the rungs that ``config.models`` names, and, of several, their average.

    A ProjectError says that an extra is among them and is not installed.
    """
    known = {rung.name: rung for rung in RUNGS}
    rungs = [known.get(name) or Rung(name, optional(name)) for name in config.models]
    return [RUNGS[0], *rungs, *([average(rungs)] if len(rungs) > 1 else [])]


def average(rungs: list[Rung]) -> Rung:
    """The mean of what all ``rungs`` forecast.

    It seldom is the best and hardly ever bad (Clemen 1989; Makridakis et al. 2020 on M4).
    """

    def forecast(history: Table, future: Table, info: DatasetInfo, seed: int) -> Array:
        found = Parallel(n_jobs=-1 if info.series * len(rungs) >= PARALLEL else 1)(
            delayed(rung.forecast)(history, future, info, seed) for rung in rungs
        )
        return np.asarray(np.mean(np.maximum(0, found), axis=0))

    return Rung(AVERAGE, forecast)
