"""Score the untouched window once, price it, and publish forecasts of the time to come."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from . import artifacts, business, figures, refit
from .backtest import Actual, Window, actual, forecast, origins, window
from .bootstrap import Array
from .business import MODEL, NAIVE, Trial
from .candidate import open_candidate
from .checks import stamp
from .classes import classify
from .config import Config
from .conformal import LEVELS, Calibration, calibrate
from .data import DatasetInfo, check_lengths, read_processed
from .errors import ModelError
from .export import to_bytes
from .files import replacing, write_json
from .inventory import Plan
from .markdown import code
from .models import BASELINE, Rung, ladder, naive2
from .paths import Paths, Project, read_project
from .scores import ENDS, accuracy, by_class, by_step, ends, score, summarise
from .wording import label

PACKAGES = ("lightgbm", "mlforecast", "numpy", "pandas", "statsforecast")
CHOICE = ("selected", "selection", "origins", "choice")  # what reports keep of the training's


@dataclass(frozen=True)
class Tested:
    """One way to forecast the untouched window: means (S, H), and the widths of its intervals.

    Widths are learnt from the validation windows alone.
    """

    forecast: Array
    widths: Calibration

    @property
    def scored(self) -> tuple[Array, Array]:
        """Means (1, S, H) and quantiles (1, S, H, Q) of one window."""
        return self.forecast[np.newaxis], self.widths.quantiles(self.forecast)[np.newaxis]


@dataclass(frozen=True)
class Final:
    """The untouched window, what happened in it, and what ``MODEL`` and ``NAIVE`` foretold."""

    window: Window
    happened: Actual
    tested: dict[str, Tested]


def evaluate(config: Config, paths: Paths) -> list[Path]:
    """Turn the candidate into published forecasts and ``reports/metrics.json``."""
    panel, info = read_processed(paths)
    lead_time, project = config.inventory.lead_time, read_project(paths)
    check_lengths(panel.series, info, lead_time)
    rungs = {rung.name: rung for rung in ladder(config)}
    validation, training = read_candidate(paths, info, rungs)
    starts = origins(panel.series["ds"], info.horizon, info.windows)
    windows = [window(panel.series, start, info.horizon) for start in starts]
    happened, chosen = actual(windows, info), training["series_models"]
    tested = {}
    for name, models in ((MODEL, chosen), (NAIVE, [BASELINE] * info.series)):
        found = refit.forecasts(windows[-1], models, rungs, info, config.seed)
        errors = happened.demand[:-1] - refit.pick(validation, models)
        tested[name] = Tested(found, calibrate(errors, happened.naive_error[:-1], lead_time))
    final = Final(windows[-1], happened.part(slice(-1, None)), tested)
    metrics = report(config, project, info, training, final)
    # What is published is fitted to all data; so are the widths of its intervals.
    means = [*refit.pick(validation, chosen), tested[MODEL].forecast]
    widths = calibrate(happened.demand - np.stack(means), happened.naive_error, lead_time)
    content = to_bytes(refit.catalogue(panel, chosen, rungs, widths, info, config.seed))
    metadata = describe(config, project, info, metrics)
    folder = artifacts.publish(paths.models, content, metadata, PACKAGES)
    table = comparison(final)
    files = _write_reports(paths, metrics, table)
    return [folder, *files, *figures.draw_evaluation(paths.figures, metrics, table)]


def read_candidate(
    paths: Paths, info: DatasetInfo, rungs: dict[str, Rung]
) -> tuple[dict[str, Array], dict[str, Any]]:
    """Forecasts of the validation windows (W, S, H) by model, and how one was chosen.

    Raises:
        ModelError: the train stage has not run, or not on the present data and models.
    """
    with open_candidate(paths) as training:
        table = pd.read_parquet(paths.candidate / "validation.parquet")
    if [entry["name"] for entry in training["models"]] != [*rungs]:
        raise ModelError(
            f"the candidate in {paths.candidate} was chosen from other `models` than config.yaml "
            "lists now: run the `train` stage again"
        )
    shape = (len(training["origins"]), info.series, info.horizon)
    found = {entry["name"]: table[entry["name"]] for entry in training["models"]}
    return {name: column.to_numpy().reshape(shape) for name, column in found.items()}, training


def describe(
    config: Config, project: Project, info: DatasetInfo, metrics: dict[str, Any]
) -> dict[str, Any]:
    """What is published of the forecasts besides themselves."""
    kept = ("freq", "season_length", "horizon", "whole", "end", "planned", "perfect_forecast")
    return {
        "project": project.name,
        "title": project.title,
        "file": "model.npz",
        "dataset": info.summary,
        "model": metrics["timeseries"]["selected"],
        **{key: getattr(info, key) for key in kept},
        "metrics": {name: entry["value"] for name, entry in metrics["test"].items()},
        "prices": config.prices.model_dump(),
        "inventory": config.inventory.model_dump(),
        "limits": config.limits.model_dump(),
    }


def report(
    config: Config, project: Project, info: DatasetInfo, training: dict[str, Any], final: Final
) -> dict[str, Any]:
    """The content of ``reports/metrics.json``; domain detail stands under its own key."""
    happened, tested = final.happened, final.tested
    found = {name: score(happened, *entry.scored) for name, entry in tested.items()}
    second = forecast("naive2", naive2, final.window, info, config.seed)
    reference = accuracy(happened, second[np.newaxis])
    scores = {name: summarise(entry, reference, config.seed) for name, entry in found.items()}
    named = None if training["selected"] == BASELINE else label(training["selected"])
    impact = business.summarise(trial(final, info, config), named, config.prices, config.seed)
    summary, future = impact["summary"], final.window.future
    return {
        "project": project.name,
        "domain": "timeseries",
        "dataset": info.summary,
        "primary_metric": {"name": "mase", "higher_is_better": False, **scores[MODEL]["mase"]},
        "models": training["models"],
        "test": scores[MODEL],
        "business": {**summary, "headline": summary["headline"] + remark(info)},
        "timeseries": {
            **{key: training[key] for key in CHOICE},
            "series_models": pd.Series(training["series_models"]).value_counts().to_dict(),
            "test_start": stamp(future["ds"].min()),
            "test_end": stamp(future["ds"].max()),
            "baseline": scores[NAIVE],
            "by_step": {name: by_step(happened, *entry.scored) for name, entry in tested.items()},
            "by_class": by_class(classify(final.window.history), found),
            "business": impact["detail"],
            "data": asdict(info),
        },
    }


def remark(info: DatasetInfo) -> str:
    """What must stand behind every headline figure."""
    weather = ", ".join(code(name) for name in info.perfect_forecast)
    perfect = f" (with a perfect forecast of {weather})" if weather else ""
    return perfect + (" (synthetic sample)" if info.synthetic else "")


def trial(final: Final, info: DatasetInfo, config: Config) -> Trial:
    """What the simulated stock needs."""
    lead_time = config.inventory.lead_time
    plans = {
        name: Plan(LEVELS, entry.widths.totals(entry.forecast, lead_time))
        for name, entry in final.tested.items()
    }
    months = business.periods_per_month(np.sort(final.window.history["ds"].unique()))
    return Trial(final.happened.demand[0], plans, lead_time, info.whole, months)


def comparison(final: Final) -> pd.DataFrame:
    """The untouched window, row by row: demand, both forecasts, the model's intervals."""
    model = final.tested[MODEL]
    table = final.window.future[["unique_id", "ds"]].assign(
        y=final.window.actual.ravel(),
        yhat=model.forecast.ravel(),
        seasonal_naive=final.tested[NAIVE].forecast.ravel(),
    )
    for percent in ENDS:
        low, high = ends(model.scored[1], percent)
        table[f"low_{percent}"], table[f"high_{percent}"] = low.ravel(), high.ravel()
    return table


def _write_reports(paths: Paths, metrics: dict[str, Any], table: pd.DataFrame) -> list[Path]:
    # Forecasts and outcomes, so that the dashboard can show them without the models.
    file = paths.reports / "forecasts.csv"
    with replacing(file) as temporary:
        table.to_csv(temporary, index=False, float_format="%.6g", lineterminator="\n")
    return [write_json(paths.reports / "metrics.json", metrics), file]
