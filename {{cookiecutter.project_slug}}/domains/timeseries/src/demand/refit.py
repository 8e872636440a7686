"""The chosen models fitted to all data, and what they forecast of the time to come."""

import numpy as np
import pandas as pd

from . import global_model
from .backtest import Window, forecast
from .bootstrap import Array
from .checks import stamp
from .classes import classify
from .conformal import LEVELS, Calibration
from .data import DatasetInfo, Panel
from .decompose import PARTS, contributions
from .export import Catalogue
from .models import Rung

SEASONS, LEAST, MOST = 8, 90, 400  # steps of the past that are published


def forecasts(
    past: Window, chosen: list[str], rungs: dict[str, Rung], info: DatasetInfo, seed: int
) -> Array:
    """(series, horizon) means, each series by its own model."""
    found = {
        name: forecast(name, rungs[name].forecast, past, info, seed) for name in sorted(set(chosen))
    }
    return pick(found, chosen)


def pick(found: dict[str, Array], chosen: list[str]) -> Array:
    """Of forecasts (…, series, horizon) by model, those of each series' own model."""
    rows = [found[name][..., place, :] for place, name in enumerate(chosen)]
    return np.stack(rows, axis=-2)


def catalogue(
    panel: Panel,
    chosen: list[str],
    rungs: dict[str, Rung],
    widths: Calibration,
    info: DatasetInfo,
    seed: int,
) -> Catalogue:
    """Forecasts of the steps after the end of the data, and what stands behind them."""
    steps = max(min(SEASONS * info.season_length, MOST), LEAST, 2 * info.season_length)
    history = recent(panel.series, steps)
    past = Window(panel.series, panel.future, np.empty(0))
    if set(chosen) == {"lightgbm"}:
        names, means, values, parts = exact_parts(past, info, seed)
    else:
        means = forecasts(past, chosen, rungs, info, seed)
        names, parts = list(PARTS), contributions(history.to_numpy(), means, info.season_length)
        values = np.full(parts.shape, np.nan)
    kinds = classify(panel.series)
    return Catalogue(
        ids=[str(name) for name in history.index],
        dates=[stamp(date) for date in panel.future["ds"].unique()],
        history_dates=[stamp(date) for date in history.columns],
        features=names,
        models=chosen,
        classes=kinds.loc[history.index].tolist(),
        forecasts=means,
        scale=widths.scale,
        levels=LEVELS,
        offsets=widths.offsets,
        total_offsets=widths.total_offsets,
        history=history.to_numpy(),
        values=values,
        contributions=parts,
    )


def exact_parts(
    past: Window, info: DatasetInfo, seed: int
) -> tuple[list[str], Array, Array, Array]:
    """LightGBM's forecasts with the contributions that it states itself."""
    found = global_model.explained(past.history, past.future, info, seed)
    means = np.maximum(0, found.forecast)
    parts = found.contributions.copy()
    parts[..., 0] += means - found.forecast  # demand is never below 0: the level makes up for it
    return found.features, means, found.values, parts


def recent(series: pd.DataFrame, steps: int) -> pd.DataFrame:
    """The last steps as a table: a row for each series, a column for each date."""
    last = series["ds"].drop_duplicates().nlargest(steps)
    table = series[series["ds"].isin(last)]
    return table.pivot(index="unique_id", columns="ds", values="y")
