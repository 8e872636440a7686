"""What the series are made of, and what the published forecasts are made of."""

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from . import global_model
from .charts import BLUE, ORANGE, draw_all, short, source_note
from .config import Config
from .data import DatasetInfo, Panel, read_processed
from .decompose import Array, Decomposition, decompose
from .errors import ModelError
from .evaluate import read_candidate
from .files import write_json
from .markdown import amount
from .models import ladder
from .paths import Paths
from .predictor import Predictor
from .sample import truth
from .stationarity import judge

Explanation = dict[str, Any]

LIGHTGBM = "lightgbm"
MOST = 50  # series that are tested and taken apart: enough to see what is usual
SHOWN = 10  # bars of a figure
SEASONS_SHOWN = 16  # of the decomposed series


def explain(config: Config, paths: Paths) -> list[Path]:
    """Explain series and published forecasts: ``reports/explain.json`` and figures.

    Raises:
        ModelError: models were chosen again, on these or other data, but not evaluated since.
    """
    panel, info = read_processed(paths)
    _, training = read_candidate(paths, info, {rung.name: rung for rung in ladder(config)})
    predictor = Predictor.load(paths.models)
    made_by = predictor.metadata["dataset"], predictor.catalogue.models
    if made_by != (info.summary, training["series_models"]):
        raise ModelError(
            "the published forecasts are not the candidate's: run the `evaluate` stage first"
        )
    values = series_values(panel)
    picked = {name: values[name] for name in list(values)[:: -(-len(values) // MOST)]}
    parts = {name: decompose(y, info.season_length) for name, y in picked.items()}
    rows = [row(name, y, parts[name], info) for name, y in picked.items()]
    largest = max(picked, key=lambda name: picked[name].mean())
    result = {
        "dataset": info.summary,
        "model_version": predictor.version,
        "tested": len(rows),
        "series": rows,
        "verdicts": dict(Counter(entry["verdict"] for entry in rows)),
        "importance": importance(panel, info, config.seed) if LIGHTGBM in config.models else [],
        "example": example(predictor, largest),
        "weekly_truth": weekly_truth(panel, parts, config.seed) if info.synthetic else None,
    }
    file = write_json(paths.reports / "explain.json", result)
    return [file, *draw(paths.figures, panel, result, parts[largest], info)]


def series_values(panel: Panel) -> dict[str, Array]:
    """The values of each series, in time."""
    return {str(name): y.to_numpy(float) for name, y in panel.series.groupby("unique_id")["y"]}


def row(name: str, values: Array, parts: Decomposition | None, info: DatasetInfo) -> Explanation:
    """Both tests of one series, the differences it needs, and how strong trend and season are."""
    strengths = {
        "trend_strength": parts.trend_strength if parts else None,
        "season_strength": parts.season_strength if parts else None,
    }
    return {"unique_id": name} | asdict(judge(values, info.season_length, parts)) | strengths


def importance(panel: Panel, info: DatasetInfo, seed: int) -> list[Explanation]:
    """How many units each input adds to or takes from LightGBM's forecasts, on average.

    Largest first; its constant, which is in every forecast, is left out.
    """
    found = global_model.explained(panel.series, panel.future, info, seed)
    sizes = np.abs(found.contributions).mean(axis=(0, 1))[1:]
    order = np.argsort(-sizes, kind="stable")
    return [
        {"feature": found.features[1:][place], "importance": float(sizes[place])} for place in order
    ]


def example(predictor: Predictor, name: str) -> Explanation:
    """The next step of one series, and what its forecast is made of."""
    instance = {"unique_id": name, "horizon": 1}
    step = predictor.predict([instance])[0]["forecasts"][0]
    return {"unique_id": name, **step, "reasons": predictor.explain([instance])[0]}


def weekly_truth(panel: Panel, parts: dict[str, Decomposition | None], seed: int) -> Explanation:
    """How well the weekly season that STL finds fits the one that the sample was made with.

    The median over series of the correlation over the seven weekdays.
    """
    world = truth(seed)
    weekday = panel.series.groupby("unique_id")["ds"].agg(lambda dates: dates.dt.weekday.tolist())
    found = []
    for name, each in parts.items():
        if each is not None:
            means = pd.Series(each.season).groupby(weekday[name]).mean()
            expected = world.weekly[world.ids.index(name)]
            found.append(float(np.corrcoef(means, expected)[0, 1]))
    return {"median": float(np.median(found))}


def draw(
    folder: Path,
    panel: Panel,
    result: Explanation,
    parts: Decomposition | None,
    info: DatasetInfo,
) -> list[Path]:
    """Draw what ``explain`` found into ``folder`` and return the paths."""
    note, shown = source_note(result), result["example"]
    plots: dict[str, Callable[[Figure], None]] = {
        "contributions": lambda page: draw_contributions(page.subplots(), shown, note)
    }
    if result["importance"]:
        plots["importance"] = lambda page: draw_importance(
            page.subplots(), result["importance"], note
        )
    if parts is not None:
        name, last = shown["unique_id"], SEASONS_SHOWN * info.season_length
        dates = panel.series.loc[panel.series["unique_id"] == name, "ds"]
        plots["decomposition"] = lambda page: draw_decomposition(
            page, name, dates, parts, last, note
        )
    return draw_all(folder, plots)


def draw_decomposition(
    page: Figure, name: str, dates: pd.Series, parts: Decomposition, shown: int, note: str
) -> None:
    """The last steps of a series above its trend, its season and the rest."""
    panels = {
        "demand": parts.trend + parts.season + parts.rest,
        f"trend\n(strength {parts.trend_strength:.2f})": parts.trend,
        f"season\n(strength {parts.season_strength:.2f})": parts.season,
        "rest": parts.rest,
    }
    page.set_size_inches(7, 6)
    rows = page.subplots(len(panels), 1, sharex=True)
    for axes, (label, values) in zip(rows, panels.items(), strict=True):
        axes.plot(dates.to_numpy()[-shown:], values[-shown:], color=BLUE, lw=1.2)
        axes.set_ylabel(label)
    rows[-1].axhline(0, color="black", lw=0.8)
    rows[-1].tick_params(axis="x", rotation=20)
    page.align_ylabels(rows)
    rows[0].set_title(f"{short(name)}: demand taken apart (STL){note}")


def draw_importance(axes: Axes, rows: list[Explanation], note: str) -> None:
    """What moves LightGBM's forecasts, strongest on top."""
    _bars(axes, [(entry["feature"], entry["importance"]) for entry in rows])
    axes.set_xlabel("units per period that it adds or takes, on average")
    axes.set_title(f"What moves LightGBM's forecasts{note}")


def draw_contributions(axes: Axes, shown: Explanation, note: str) -> None:
    """What one forecast is made of, strongest part on top; what lowers it points left."""
    _bars(axes, [(_named(reason), reason["contribution"]) for reason in shown["reasons"]])
    axes.set_xlabel(f"units added; together {amount(shown['yhat'])}")
    axes.set_title(f"Why so many of {short(shown['unique_id'])} on {shown['ds']}{note}")


def _bars(axes: Axes, rows: list[tuple[str, float]]) -> None:
    kept = rows[:SHOWN][::-1]
    sizes = [size for _, size in kept]
    axes.barh(range(len(kept)), sizes, color=[BLUE if size >= 0 else ORANGE for size in sizes])
    axes.set_yticks(range(len(kept)), [short(name) for name, _ in kept])
    axes.axvline(0, color="black", lw=1)


def _named(reason: Explanation) -> str:
    value = reason["value"]
    return reason["feature"] if value is None else f"{reason['feature']} = {amount(value)}"
