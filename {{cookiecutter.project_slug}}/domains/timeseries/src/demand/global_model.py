"""LightGBM over all series at once: earlier values, recent means, calendar, known columns."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from lightgbm import LGBMRegressor
from mlforecast import MLForecast
from mlforecast.lag_transforms import RollingMean

from .backtest import naive_scales
from .bootstrap import Array
from .calendar import features
from .data import DatasetInfo

SETTINGS: dict[str, Any] = {
    "n_estimators": 200,
    "learning_rate": 0.05,
    "num_leaves": 15,
    "min_child_samples": 10,
    "subsample": 0.8,
    "subsample_freq": 1,
    "colsample_bytree": 0.8,
    "n_jobs": 1,  # with so few columns threads mostly wait for each other
}
RECENT = "recent demand"  # what all lags and means together say


@dataclass(frozen=True)
class Explained:
    """A forecast (series, steps) and what it is made of (series, steps, features), in units.

    ``values`` are those of each feature; NaN where a name stands for several.
    """

    features: list[str]
    forecast: Array
    values: Array
    contributions: Array


def forecast(history: pd.DataFrame, future: pd.DataFrame, info: DatasetInfo, seed: int) -> Array:
    """One mean for each row of ``future``."""
    return explained(history, future, info, seed).forecast.ravel()


def explained(
    history: pd.DataFrame, future: pd.DataFrame, info: DatasetInfo, seed: int
) -> Explained:
    """Fit to all series, each divided by its seasonal naive error, and forecast step by step."""
    error, _ = naive_scales(history, info.season_length)
    scale = pd.Series(np.where(error > 0, error, 1.0), history["unique_id"].unique())
    safe = _safe_names(info)
    history, future = history.rename(columns=safe), future.rename(columns=safe)
    scaled = history.assign(y=history["y"] / history["unique_id"].map(scale))
    model = _model(info, seed)
    steps: list[pd.DataFrame] = []

    def keep(inputs: pd.DataFrame) -> pd.DataFrame:
        steps.append(inputs.copy())
        return inputs

    with warnings.catch_warnings():
        # LightGBM takes the gaps that lags leave at the start of a series as they are.
        warnings.filterwarnings("ignore", message="Found null values")
        model.fit(scaled, static_features=[], dropna=False)
        ahead = future if info.known else None
        model.predict(info.horizon, X_df=ahead, before_predict_callback=keep)
    fitted: Any = model.models_["LGBMRegressor"]
    parts = np.stack(
        [fitted.booster_.predict(inputs, pred_contrib=True) for inputs in steps], axis=1
    )
    values = np.stack([inputs.to_numpy(float) for inputs in steps], axis=1)
    units = scale.to_numpy()[:, np.newaxis, np.newaxis]
    return _grouped(list(steps[0].columns), values, parts * units, info)


def _model(info: DatasetInfo, seed: int) -> MLForecast:
    chosen = features(info.freq, info.season_length)
    regressor = LGBMRegressor(
        **SETTINGS,
        random_state=seed,
        deterministic=True,
        force_row_wise=True,
        verbose=-1,
    )
    return MLForecast(
        models=regressor,
        freq=info.freq,
        lags=list(chosen.lags),
        lag_transforms={1: [RollingMean(size) for size in chosen.windows]},
        date_features=list(chosen.dates),
    )


def _grouped(columns: list[str], values: Array, parts: Array, info: DatasetInfo) -> Explained:
    """Lags and means put together as ``RECENT``; LightGBM's constant is the ``usual level``."""
    dates = features(info.freq, info.season_length).dates
    own = [*dates, *_safe_names(info).values()]
    recent = [place for place, name in enumerate(columns) if name not in own]
    single = [columns.index(name) for name in own]
    contributions = np.concatenate(
        [parts[..., -1:], parts[..., recent].sum(axis=-1, keepdims=True), parts[..., single]], -1
    )
    unnamed = np.full((*values.shape[:2], 2), np.nan)
    return Explained(
        features=["usual level", RECENT, *dates, *info.known],
        forecast=contributions.sum(axis=-1),
        values=np.concatenate([unnamed, values[..., single]], axis=-1),
        contributions=contributions,
    )


def _safe_names(info: DatasetInfo) -> dict[str, str]:
    """Names for known columns that LightGBM accepts, and that no lag or part of a date has."""
    return {name: f"known_{place}" for place, name in enumerate(info.known)}
