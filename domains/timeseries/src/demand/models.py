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

from .backtest import Forecaster, Table, naive_error, ratio
from .config import Config
from .data import DatasetInfo
from .features import SHORT_SEASON, date_parts, memory, restore, usual, usual_lags
from .kit.intervals import Array
from .lstm import optional

BASELINE, AVERAGE, USUAL = "seasonal_naive", "average", "usual demand"
RECENT_STEPS = 365  # what lies further back changes little and takes long …
RECENT_SEASONS = 10  # … but a season must be seen several times
LONG_SEASON = 24  # exponential smoothing knows no longer one
TINY = 1e-3  # an error so small may be luck
PARALLEL = 100  # fits of a series from which on starting further processes pays
BOOSTING: dict[str, Any] = {"n_estimators": 200, "learning_rate": 0.05, "num_leaves": 15}
BOOSTING |= {"objective": "l1", "min_child_samples": 10, "subsample": 0.8, "subsample_freq": 1}
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


def ets(seasons: list[int]) -> Any:
    """Exponential smoothing; the trend chosen by AICc, error and season added: demand may be 0.
    Here and in ``sarima`` STL takes out first what is long, or several seasons."""
    if len(seasons) > 1 or seasons[0] > LONG_SEASON:
        return MSTL(seasons, trend_forecaster=AutoETS(model="AZN"))
    return AutoETS(seasons[0], model="AZA" if seasons[0] > 1 else "AZN")


def arima(seasons: list[int]) -> Any:
    """ARIMA without a season, at most two lags; orders chosen by AICc."""
    return AutoARIMA(max_p=2, max_q=2, seasonal=False, nmodels=6, approximation=True)


def sarima(seasons: list[int]) -> Any:
    """SARIMA (1,1,1)(0,1,1), near the airline model (Box & Jenkins 1970): a search over seasonal
    orders took longer and erred more on daily data. With a long season a fit takes minutes."""
    if len(seasons) > 1 or seasons[0] > SHORT_SEASON:
        return MSTL(seasons, trend_forecaster=arima(seasons))
    season = seasons[0]
    return ARIMA((1, 1, 1), season, (0, int(season > 1), int(season > 1)))


def one_by_one(make: Callable[[list[int]], Any]) -> Forecaster:
    """A forecaster that fits a model of statsforecast to each series by itself."""

    def forecast(history: Table, future: Table, info: DatasetInfo, seed: int) -> Array:
        own, parts = history["unique_id"].map(lambda name: tuple(info.seasons[name])), []
        for seasons, part in history[["unique_id", "ds", "y"]].groupby(own):
            steps = max(RECENT_STEPS, RECENT_SEASONS * max(seasons))
            recent, naive = part.groupby("unique_id").tail(steps), SeasonalNaive(seasons[0])
            model = StatsForecast([make([*seasons])], info.freq, fallback_model=naive)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # on a series that a model finds hard to fit
                found = model.forecast(df=recent, h=info.horizon)
            parts.append(found.set_axis(["unique_id", "ds", "y"], axis=1))
        return pd.concat(parts).sort_values(["unique_id", "ds"])["y"].to_numpy(float)

    return forecast


def moving_average(history: Table, future: Table, info: DatasetInfo, seed: int) -> Array:
    """The mean of the last four seasons, of one where it is long, or of all where there is less."""
    season = info.season_length
    steps = max(season, 4 * season * (season <= SHORT_SEASON), 4)
    recent = history.groupby("unique_id").tail(steps)
    return np.repeat(recent.groupby("unique_id")["y"].mean().to_numpy(float), info.horizon)


def usual_ahead(history: Table, info: DatasetInfo) -> Array:
    """(series, steps) the usual demand of the steps ahead, from which changes are counted."""
    past = {str(name): y.to_numpy(float) for name, y in history.groupby("unique_id")["y"]}
    lags = {name: usual_lags(y, info.seasons[name], info.horizon) for name, y in past.items()}
    return np.stack([restore(np.zeros(info.horizon), y, lags[name]) for name, y in past.items()])


def explained(history: Table, future: Table, info: DatasetInfo, seed: int) -> Explained:
    """Fit LightGBM, by absolute errors as in MASE, to how far series over their naive errors lie
    from ``usual`` demand; forecast step by step from lags, means, calendar and known columns."""
    error = naive_error(history, info.seasons)
    scale = pd.Series(np.where(error > 0, error, 1.0), history["unique_id"].unique())
    # Names that LightGBM accepts, and that no lag or part of a date has.
    safe = {name: f"known_{place}" for place, name in enumerate(info.known)}
    columns = ["unique_id", "ds", *safe.values()]
    history, future = history.rename(columns=safe), future.rename(columns=safe)[columns]
    grouped = history.groupby("unique_id")["y"]
    past = {str(name): y.to_numpy(float) / scale[name] for name, y in grouped}
    lags = {name: usual_lags(y, info.seasons[name], info.horizon) for name, y in past.items()}
    moves = np.concatenate([y - usual(y, lags[name]) for name, y in past.items()])
    dates = date_parts(info.freq)
    back, sizes = memory({season for own in info.seasons.values() for season in own})
    model = MLForecast(
        models=LGBMRegressor(**BOOSTING, random_state=seed),
        freq=info.freq,
        lags=back,
        lag_transforms={1: [RollingMean(size) for size in sizes]},
        date_features=dates,
    )
    steps: list[Table] = []

    def keep(inputs: Table) -> Table:
        steps.append(inputs.copy())
        return inputs

    with warnings.catch_warnings():
        # LightGBM takes the gaps that lags leave at the start of a series as they are.
        warnings.filterwarnings("ignore", message="Found null values")
        seen = history[columns].assign(y=moves)[np.isfinite(moves)]
        model.fit(seen, static_features=[], dropna=False)
        ahead = future if info.known else None
        model.predict(info.horizon, X_df=ahead, before_predict_callback=keep)
    fitted: Any = model.models_["LGBMRegressor"]
    added = np.stack([fitted.booster_.predict(each, pred_contrib=True) for each in steps], axis=1)
    inputs, own = list(steps[0].columns), [*dates, *safe.values()]
    recent = [place for place, name in enumerate(inputs) if name not in own]
    single = [inputs.index(name) for name in own]
    # LightGBM's constant, which comes last, goes with usual demand, lags and means are one.
    several = [added[..., -1:], added[..., recent].sum(axis=-1, keepdims=True)]
    added = np.concatenate([*several, added[..., single]], axis=-1)
    names = [USUAL, "recent changes", *dates, *info.known]
    before = {name: np.outer(y, np.eye(len(names))[0]) for name, y in past.items()}
    found = [restore(a, before[n], lags[n]) for a, n in zip(added, past, strict=True)]
    parts = scale.to_numpy()[:, np.newaxis, np.newaxis] * np.stack(found)
    values = np.stack([each.to_numpy(float) for each in steps], axis=1)[..., single]
    values = np.concatenate([np.full((*values.shape[:2], 2), np.nan), values], axis=-1)
    return Explained(names, parts.sum(axis=-1), values, parts)


RUNGS = (
    Rung(BASELINE, one_by_one(lambda seasons: SeasonalNaive(seasons[0]))),
    Rung("moving_average", moving_average),
    Rung("ets", one_by_one(ets)),
    Rung("arima", one_by_one(arima)),
    Rung("sarima", one_by_one(sarima)),
    Rung("lightgbm", lambda *past: explained(*past).forecast.ravel()),
)


def ladder(config: Config, info: DatasetInfo) -> list[Rung]:
    """Seasonal naive, and the rungs that ``config.models`` names. Without any season SARIMA is
    ARIMA, and left out beside it. A ProjectError says that an extra is among them and is not
    installed."""
    known = {rung.name: rung for rung in RUNGS}
    twice = "arima" in config.models and all(max(own) == 1 for own in info.seasons.values())
    names = [name for name in config.models if name != "sarima" or not twice]
    return [RUNGS[0], *(known.get(name) or Rung(name, optional(name)) for name in names)]


def average(rungs: list[Rung], weights: Array) -> Rung:
    """What all ``rungs`` forecast, by ``weights`` (rungs, series) that sum to 1 for each series. An
    average seldom is the best and hardly ever bad (Clemen 1989; Makridakis et al. 2020 on M4)."""

    def forecast(history: Table, future: Table, info: DatasetInfo, seed: int) -> Array:
        found = Parallel(n_jobs=-1 if info.series * len(rungs) >= PARALLEL else 1)(
            delayed(rung.forecast)(history, future, info, seed) for rung in rungs
        )
        each = np.repeat(weights, info.horizon, axis=1)
        return np.asarray((each * np.maximum(0, found)).sum(axis=0))

    return Rung(AVERAGE, forecast)


def shares(errors: Array) -> Array:
    """The weights of models in each series' average, given MASE (models, windows, series). They go
    by the eighth power of the inverse error in that series, drawn towards the model's error in all
    series, which counts for one window more: a bad model is all but left out."""
    known = np.isfinite(errors)
    usual = np.maximum(np.nanmean(errors, axis=(1, 2)), TINY)[:, np.newaxis]
    hard = ratio(np.nansum(errors, axis=(0, 1)), known.sum(axis=(0, 1)) * usual.mean())
    own = (np.nansum(errors, axis=1) + usual * hard) / (known.sum(axis=1) + 1)
    weights = np.maximum(np.where(np.isfinite(own), own, usual), TINY) ** -8.0
    return np.asarray(weights / weights.sum(axis=0))
