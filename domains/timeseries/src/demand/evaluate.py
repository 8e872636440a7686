"""Price the choice, score the last window, and publish forecasts of the time to come."""

from collections import Counter
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from . import figures, money
from .backtest import Actual, Window, actual, forecast, is_many, mase, mean, origins, window
from .config import Config, step_name
from .conformal import ENDS, LEVELS, Calibration, blind, calibrate, ends
from .data import DatasetInfo, Panel, check_lengths, read_processed, stamp
from .kit import ModelError
from .kit.files import Paths, replacing, write_json
from .kit.intervals import Array, Estimate
from .kit.store import SCHEMA, about, publish, read_candidate, results
from .models import BASELINE, LABELS, USUAL, Rung, average, explained, ladder, usual_ahead
from .money import MODEL, NAIVE, Trial
from .predictor import Catalogue, Predictor
from .train import scores

Report = dict[str, Any]
Leads = dict[str, Estimate]
PACKAGES = ["lightgbm", "mlforecast", "numpy", "pandas", "statsforecast"]
SKILLS = ["ARIMA", "ETS", "LightGBM", "conformal intervals", "inventory optimisation", "API"]
DAYS_PER_MONTH = 365.25 / 12
SEASONS, LEAST, MOST = 8, 90, 400  # steps of the past that are published
VALIDATION, TEST, ALL = slice(None, -1), slice(-1, None), slice(None)


@dataclass(frozen=True)
class Backtest:
    """W windows, the one kept for the end last; ``MODEL`` and ``NAIVE`` foretold (W, S, H)."""

    windows: list[Window]
    happened: Actual
    found: dict[str, Array]
    lead_time: int

    def calibrate(self, name: str, windows: slice = VALIDATION) -> Calibration:
        """The width of intervals, as some of the windows teach it."""
        happened = self.happened.part(windows)
        errors = happened.demand - self.found[name][windows]
        return calibrate(errors, happened.naive_error, self.lead_time)


def run(config: Config, paths: Paths) -> list[Path]:
    """Turn the candidate into published forecasts and ``reports/metrics.json``."""
    panel, info = read_processed(paths)
    training, rungs = read_candidate(paths), climbed(config, info, paths)
    check_lengths(panel.series, info, config.inventory.lead_time)
    if [entry["name"] for entry in training["models"]] != [*rungs]:
        raise ModelError(
            f"the candidate in {paths.candidate} was chosen from other `models` than config.yaml "
            "lists now: run the `train` command again"
        )
    chosen = rungs[training["selected"]]
    validation = pd.read_parquet(paths.candidate / "validation.parquet")
    compared = {MODEL: chosen, NAIVE: rungs[BASELINE]}
    seen = backtest(panel, info, validation, compared, config)
    validated, last = (trial(info, seen, windows) for windows in (VALIDATION, TEST))
    over = partial(mean, groups=info.groups)
    worth = money.summarise(validated, last, LABELS[chosen.name], config.prices, over)
    metrics = summarise(info, training, seen, worth) | {"project": paths.project()["name"]}
    # What is published is fitted to all data; so are the widths of its intervals.
    content = catalogue(panel, chosen, seen.calibrate(MODEL, ALL), info, config.seed).to_bytes()
    folder = publish(paths, content, describe(config, paths, info, metrics), PACKAGES)
    table = comparison(seen)
    # Forecasts and outcomes, so that the dashboard can show them without the models.
    file = paths.reports / "forecasts.csv"
    with replacing(file) as temporary:
        table.to_csv(temporary, index=False, float_format="%.6g", lineterminator="\n")
    written = write_json(paths.reports / "metrics.json", metrics)
    drawn = write_json(paths.reports / "figures.json", figures.draw(paths.figures, metrics, table))
    return [folder, written, file, drawn]


def exported(config: Config, paths: Paths) -> tuple[bytes, Report]:
    """The candidate's forecasts of the time to come, and which model makes them."""
    panel, info = read_processed(paths)
    rungs = climbed(config, info, paths)
    chosen, known = rungs[read_candidate(paths)["selected"]], paths.candidate / "validation.parquet"
    seen = backtest(panel, info, pd.read_parquet(known), {MODEL: chosen}, config)
    found = catalogue(panel, chosen, seen.calibrate(MODEL, ALL), info, config.seed)
    return found.to_bytes(), about(config, paths, info.summary) | {"model": LABELS[chosen.name]}


def difference(first: Predictor, second: Predictor, config: Config, paths: Paths) -> Leads:
    """How much smaller the error of ``second``'s model is in the window kept for the end. Both
    models forecast it anew from the same past: what was published lies after the data. A ModelError
    says that one of the models is not among config.yaml's any more."""
    panel, info = read_processed(paths)
    last = origins(panel.series["ds"], info.horizon, info.windows)[-1]
    part = window(panel.series, last, info.horizon)
    rungs = {LABELS[name]: rung for name, rung in climbed(config, info, paths).items()}
    happened, errors = actual([part], info), []
    for name in (first.metadata["model"], second.metadata["model"]):
        if name not in rungs:
            raise ModelError(f"{name!r} is not among `models` in config.yaml: add it, to compare")
        found = forecast(rungs[name].name, rungs[name].forecast, part, info, config.seed)
        errors.append(mase(happened, found[np.newaxis]))
    return {"MASE": mean(errors[0] - errors[1], info.groups)}


def climbed(config: Config, info: DatasetInfo, paths: Paths) -> dict[str, Rung]:
    """The ladder by name and, of several models, their average by validation's weights."""
    rungs, weights = ladder(config, info), np.array(read_candidate(paths)["weights"])
    together = [average(rungs[1:], weights)] if len(rungs) > 2 else []
    return {rung.name: rung for rung in [*rungs, *together]}


def backtest(
    panel: Panel, info: DatasetInfo, table: pd.DataFrame, rungs: dict[str, Rung], config: Config
) -> Backtest:
    """The validation windows as ``train`` has left them, and now the last one as well."""
    starts = origins(panel.series["ds"], info.horizon, info.windows)
    windows = [window(panel.series, start, info.horizon) for start in starts]
    found = {}
    for role, rung in rungs.items():
        known = table[rung.name].to_numpy().reshape(-1, info.series, info.horizon)
        last = forecast(rung.name, rung.forecast, windows[-1], info, config.seed)
        found[role] = np.concatenate([known, last[np.newaxis]])
    return Backtest(windows, actual(windows, info), found, config.inventory.lead_time)


def trial(info: DatasetInfo, seen: Backtest, windows: slice) -> Trial:
    """What the simulated stock needs: each window's quantiles come from other windows."""
    totals = {}
    for name, found in seen.found.items():
        widths = [seen.calibrate(name)]
        if windows == VALIDATION:
            widths = blind(seen.happened.part(windows), found[windows], seen.lead_time)
        pairs = zip(widths, found[windows], strict=True)
        totals[name] = np.stack([width.totals(means, seen.lead_time) for width, means in pairs])
    dates = np.sort(seen.windows[-1].history["ds"].unique())
    days = float((dates[-1] - dates[0]) / np.timedelta64(1, "D")) / (len(dates) - 1)
    return Trial(
        demand=seen.happened.demand[windows],
        totals=totals,
        levels=LEVELS,
        last_season=seen.found[NAIVE][windows],
        rule=info.rule["name"],
        extra=info.rule["extra"],
        lead_time=seen.lead_time,
        whole=info.whole,
        step=step_name(info.freq),
        periods_per_month=DAYS_PER_MONTH / days,
    )


def summarise(info: DatasetInfo, training: Report, seen: Backtest, worth: Report) -> Report:
    """The content of ``reports/metrics.json``; domain detail stands under its own key."""
    last, tested = seen.happened.part(TEST), {}
    for name, found in seen.found.items():
        tested[name] = scores(last, found[TEST], [seen.calibrate(name)], info.groups)
    seasons = Counter(" and ".join(map(str, own)) for own in info.seasons.values())
    groups, cases = len(set(info.groups)), f"{info.windows} windows"
    if is_many(info.groups):
        kind = "series" if groups == info.series else "groups of series"
        cases = f"{groups:,} {kind} and {cases}"
    return {
        **{"schema": SCHEMA, "domain": "timeseries", "package": __package__, "skills": SKILLS},
        "dataset": info.summary,
        "primary_metric": {"name": "mase", "higher_is_better": False, **tested[MODEL]["mase"]},
        "models": training["models"],
        "test": tested[MODEL],
        "business": worth["summary"],
        "timeseries": {
            **{key: training[key] for key in ("selected", "origins")},
            "mase_by_window": np.nanmean(mase(seen.happened, seen.found[MODEL]), axis=1),
            "cases": cases,
            "test_start": stamp(seen.windows[-1].future["ds"].min()),
            "test_end": stamp(seen.windows[-1].future["ds"].max()),
            "baseline": tested[NAIVE],
            "business": worth["detail"],
            "data": {k: v for k, v in asdict(info).items() if k != "groups"} | {"seasons": seasons},
        },
    }


def describe(config: Config, paths: Paths, info: DatasetInfo, metrics: Report) -> Report:
    """What is published of the forecasts besides themselves."""
    detail = metrics["timeseries"]["business"]
    signature = {key: getattr(info, key) for key in ("freq", "season_length", "whole")}
    return {
        **about(config, paths, info.summary),
        **{"file": "model.npz", "planned": info.planned, "threshold": detail["service_level"]},
        "model": LABELS[metrics["timeseries"]["selected"]],
        "signature": signature | config.inventory.model_dump(),
        "curve": {key: detail["curve"][key] for key in ("held", "short")},
        "mase_by_window": metrics["timeseries"]["mase_by_window"],
        **results(metrics),
    }


def catalogue(
    panel: Panel, chosen: Rung, widths: Calibration, info: DatasetInfo, seed: int
) -> Catalogue:
    """Forecasts of the steps after the end of the data, and what stands behind them."""
    steps = max(min(SEASONS * info.season_length, MOST), LEAST, 2 * info.season_length)
    history = panel.series.pivot(index="unique_id", columns="ds", values="y").iloc[:, -steps:]
    if chosen.name == "lightgbm":  # it states itself what its forecasts are made of
        found = explained(panel.series, panel.future, info, seed)
        names, values, parts = found.features, found.values, found.contributions.copy()
        parts[..., 0] += np.maximum(0, -found.forecast)  # demand is never below 0
        means = np.maximum(0, found.forecast)
    else:
        past = Window(panel.series, panel.future, np.empty(0))
        means = forecast(chosen.name, chosen.forecast, past, info, seed)
        usual = usual_ahead(panel.series, info)
        names, parts = [USUAL, "what the model adds"], np.stack([usual, means - usual], axis=-1)
        values = np.full(parts.shape, np.nan)
    return Catalogue(
        ids=[str(name) for name in history.index],
        dates=[stamp(date) for date in panel.future["ds"].unique()],
        history_dates=[stamp(date) for date in history.columns],
        features=names,
        forecasts=means,
        levels=LEVELS,
        **vars(widths),
        history=history.to_numpy(),
        values=values,
        contributions=parts,
    )


def comparison(seen: Backtest) -> pd.DataFrame:
    """The last window, row by row: demand, both forecasts, the model's intervals."""
    last, found = seen.windows[-1], {name: each[-1] for name, each in seen.found.items()}
    table = last.future[["unique_id", "ds"]].assign(
        y=last.actual.ravel(), yhat=found[MODEL].ravel(), seasonal_naive=found[NAIVE].ravel()
    )
    quantiles = seen.calibrate(MODEL).quantiles(found[MODEL])
    for percent in ENDS:
        low, high = ends(quantiles, percent)
        table[f"low_{percent}"], table[f"high_{percent}"] = low.ravel(), high.ravel()
    return table
