"""Climb the ladder on the same rolling windows, and choose by them."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from .backtest import Actual, Window, actual, forecast, origins, window
from .bootstrap import Array
from .candidate import fingerprint
from .checks import stamp
from .choice import MANY, Choice, block_errors, choose, units
from .config import Config
from .conformal import calibrate
from .data import DatasetInfo, check_lengths, read_processed
from .errors import DataError
from .files import replacing, write_json
from .models import AVERAGE, BASELINE, Rung, ladder, naive2
from .paths import Paths
from .scores import Vectors, accuracy, score, summarise


def train(config: Config, paths: Paths) -> list[Path]:
    """Forecast every validation window with all models, and leave the choice as candidate."""
    panel, info = read_processed(paths)
    trained_on = fingerprint(paths.processed)
    check_lengths(panel.series, info, config.inventory.lead_time)
    rungs = ladder(config)
    starts = origins(panel.series["ds"], info.horizon, info.windows)[:-1]
    windows = [window(panel.series, start, info.horizon) for start in starts]
    happened = actual(windows, info)
    if not happened.naive_error[0].any():
        raise DataError(
            f"data set {info.name!r}: every series repeats itself exactly after "
            f"{info.season_length} steps up to {stamp(starts[0])}, so errors have no scale. "
            "Check `y`, or have fewer `windows`."
        )
    found = climb(rungs, windows, info, config.seed)
    scored = {n: block_errors(happened, v, info.season_length) for n, v in found.items()}
    choice = choose(scored, config.backtest.selection)
    second = climb([Rung("naive2", naive2)], windows, info, config.seed)["naive2"]
    summary = {
        "data": trained_on,
        "selected": choice.name,
        "selection": config.backtest.selection,
        "series_models": choice.models,
        "origins": [stamp(start) for start in starts],
        "choice": {
            "lead": choice.lead,
            "over": "series" if info.series >= MANY else "blocks",
            "count": len(units(scored[BASELINE])),
            "block": info.horizon // scored[BASELINE].shape[2],
        },
        "models": _entries(happened, found, accuracy(happened, second), choice, config),
    }
    return _write_candidate(paths, windows, found, summary)


def climb(
    rungs: list[Rung], windows: list[Window], info: DatasetInfo, seed: int
) -> dict[str, Array]:
    """(windows, series, steps) means of each model."""
    found: dict[str, Array] = {}
    # The bar shows after two seconds only: on little data it would be noise.
    for rung in tqdm(rungs, desc="backtesting models", delay=2, leave=False):
        if rung.name == AVERAGE:
            found[AVERAGE] = np.mean(list(found.values())[1:], axis=0)  # without the baseline
        else:
            parts = [forecast(rung.name, rung.forecast, part, info, seed) for part in windows]
            found[rung.name] = np.stack(parts)
    return found


def _entries(
    happened: Actual, found: dict[str, Array], reference: Vectors, choice: Choice, config: Config
) -> list[dict[str, Any]]:
    """The ladder as reports show it; OWA is relative to ``reference``, that of Naive2."""
    rows = []
    for name, values in found.items():
        quantiles = blind_quantiles(happened, values, config.inventory.lead_time)
        scores = score(happened, values, quantiles)
        rows.append(
            {
                "name": name,
                "selected": name in choice.models,
                "versus_baseline": choice.versus_baseline.get(name),
                "versus_average": choice.versus_average.get(name),
                "metrics": summarise(scores, reference, config.seed),
            }
        )
    return rows


def blind_quantiles(happened: Actual, values: Array, lead_time: int) -> Array:
    """(windows, series, steps, levels): the intervals of each window, learnt from the others."""
    errors, found = happened.demand - values, []
    for place in range(len(values)):
        others = np.arange(len(values)) != place
        widths = calibrate(errors[others], happened.naive_error[others], lead_time)
        found.append(widths.quantiles(values[place]))
    return np.stack(found)


def _write_candidate(
    paths: Paths, windows: list[Window], found: dict[str, Array], summary: dict[str, Any]
) -> list[Path]:
    rows = [
        part.future[["unique_id", "ds"]].assign(
            origin=origin,
            y=part.actual.ravel(),
            **{name: values[place].ravel() for name, values in found.items()},
        )
        for place, (part, origin) in enumerate(zip(windows, summary["origins"], strict=True))
    ]
    with replacing(paths.candidate) as folder:
        folder.mkdir()
        pd.concat(rows, ignore_index=True).to_parquet(folder / "validation.parquet")
        write_json(folder / "training.json", summary)
    return [paths.candidate / name for name in ("validation.parquet", "training.json")]
