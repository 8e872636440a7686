"""What the series are made of, and what the forecasts are made of."""

from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from . import figures
from .config import Config
from .data import DatasetInfo, Panel, read_processed
from .features import date_part, date_parts
from .kit import ModelError, charts
from .kit.charts import Picture
from .kit.files import Paths, read_json, write_json
from .kit.store import SCHEMA, read_candidate
from .models import LABELS, explained
from .predictor import Predictor
from .stationarity import decompose, judge

Explanation = dict[str, Any]

MOST = 50  # series that are tested and taken apart: enough to see what is usual
SEASONS_SHOWN = 16  # of a series taken apart
SHADOW = "shuffled "


def run(config: Config, paths: Paths) -> list[Path]:
    """Explain series and published forecasts: ``reports/explain.json`` and figures. A ModelError
    says that models were chosen again, on these or other data, but not evaluated."""
    panel, info = read_processed(paths)
    chosen, predictor = LABELS[read_candidate(paths)["selected"]], Predictor.load(paths.models)
    if [predictor.metadata[key] for key in ("dataset", "model")] != [info.summary, chosen]:
        raise ModelError("the published forecasts are not the candidate's: run `evaluate` first")
    values = {str(name): y.to_numpy(float) for name, y in panel.series.groupby("unique_id")["y"]}
    picked = {name: values[name] for name in list(values)[:: -(-len(values) // MOST)]}
    rows = [{"unique_id": k} | asdict(judge(y)) for k, y in picked.items()]
    boosted = "lightgbm" in config.models
    drivers, noise = importance(panel, info, config.seed) if boosted else ([], 0.0)
    largest = max(picked, key=lambda name: picked[name].mean())
    result = {
        **{"schema": SCHEMA, "dataset": info.summary, "model_version": predictor.version},
        **{"importance": drivers, "noise": noise, "series": rows},
    }
    pictures: dict[str, Picture] = {}
    if (parts := decompose(values[largest], info.season_length)) is not None:
        dates = panel.series.loc[panel.series["unique_id"] == largest, "ds"]
        table = pd.DataFrame({"demand": values[largest]}, index=pd.Index(dates))
        table[f"trend ({parts.trend_strength:.2f})"] = parts.trend
        table[f"season ({parts.season_strength:.2f})"] = parts.season
        table["rest"] = parts.rest
        title = "Demand" if info.series == 1 else largest
        shown = table.tail(SEASONS_SHOWN * info.season_length)
        seasons = len(table) // info.season_length
        picture = partial(figures.decomposition, name=title, parts=shown, seasons=seasons)
        alt = "One series taken apart by STL: trend, season and rest"
        pictures["decomposition"] = ("explanation", alt, picture)
    if drivers:
        picture = partial(figures.importance, rows=drivers, noise=noise, published=chosen)
        alt = "How much each input moves LightGBM's forecasts, beside shuffled copies"
        pictures["importance"] = ("explanation", alt, picture)
    file = paths.reports / "figures.json"
    others = [e for e in read_json(file, "evaluate") if e["role"] != "explanation"]
    drawn = charts.draw(paths.figures, pictures, info.synthetic)
    return [write_json(file, others + drawn), write_json(paths.reports / "explain.json", result)]


def importance(panel: Panel, info: DatasetInfo, seed: int) -> tuple[list[Explanation], float]:
    """How many units each input adds to or takes from LightGBM's forecasts, on average. Beside the
    inputs stand shuffled copies of them, which can only be noise (Kursa & Rudnicki 2010): an input
    that does not move forecasts more than the strongest copy is no driver. Returned are the inputs,
    strongest first, without the constant, and the size of the strongest copy."""
    rng = np.random.default_rng(seed)
    series, future = panel.series.copy(), panel.future.copy()
    originals = [*date_parts(info.freq), *info.known]
    for name in originals:
        both = pd.concat([series, future], ignore_index=True)
        column = both[name] if name in info.known else date_part(pd.DatetimeIndex(both["ds"]), name)
        mixed = rng.permutation(np.asarray(column, float))
        series[SHADOW + name], future[SHADOW + name] = mixed[: len(series)], mixed[len(series) :]
    copies = [SHADOW + name for name in originals]
    found = explained(series, future, replace(info, known=[*info.known, *copies]), seed)
    strengths = np.abs(found.contributions).mean(axis=(0, 1)).tolist()
    sizes = dict(zip(found.features, strengths, strict=True))
    noise = max(sizes[name] for name in copies)
    rows = [
        {"feature": name, "value": size, "driver": size > noise}
        for name, size in sizes.items()
        if name not in copies and name != found.features[0]
    ]
    return sorted(rows, key=lambda row: -row["value"]), noise
