"""How the cost of forecasting grows with the number of series, as a ratio in one run.

Series are those of the sample, made with other seeds. Two sizes are measured in turn, the small
one before and after the large one: the data stage and one window forecast by the whole ladder
with 50 and 500 series, then by LightGBM with 500 and 5,000. Cost is processor time, of this
process and of those it starts, as the large sizes take so long that the load of a busy machine
changes meanwhile. A ratio of 1 means that a series costs as much among many as among few. Takes
about ten minutes, and 4 GB. Runs in a generated project's environment, on Linux or macOS:

    uv run --project PROJECT python benchmarks/scaling.py PROJECT
"""

import os
import sys
import tempfile
from pathlib import Path

import pandas as pd
from demand import data
from demand.backtest import origins, window
from demand.config import Config, load_config
from demand.data import read_processed
from demand.kit.files import Paths
from demand.models import ladder
from demand.sample import ROLES, make_sample
from demand.train import climb
from measure import report

EACH = 50  # series of one sample
SIZES = {"whole ladder": (50, 500), "lightgbm": (500, 5_000)}
TARGET = 1.1


def make(folder: Path, series: int) -> None:
    """Write so many series into one file."""
    tables = []
    for seed in range(series // EACH):
        table = make_sample(seed)
        tables.append(table.assign(shop=f"{seed:03d}-" + table["shop"]))
    pd.concat(tables, ignore_index=True).to_parquet(folder / "many.parquet")


def settings(project: Path, folder: Path) -> Config:
    """The shipped configuration, with the file in ``folder`` for data."""
    many = ROLES.model_copy(update={"path": folder / "many.parquet"})
    config = load_config(project / "config.yaml")
    return config.model_copy(update={"dataset": "many", "datasets": {"many": many}})


def spent() -> float:
    """Seconds of processor time so far, those of processes that have ended included."""
    return sum(os.times()[:4])


def seconds(config: Config, folder: Path, name: str) -> tuple[float, float]:
    """Processor time of the data stage, and of one window, by one model or the whole ladder."""
    started = spent()
    data.run(config, Paths(folder))
    prepared = spent()
    panel, info = read_processed(Paths(folder))
    start = origins(panel.series["ds"], info.horizon, 0)[0]
    part = window(panel.series, start, info.horizon)
    read = spent()
    rungs = [rung for rung in ladder(config, info) if name in ("whole ladder", rung.name)]
    climb(rungs, [part], info, config.seed)
    return prepared - started, spent() - read


def measured(project: Path, series: int, name: str) -> tuple[float, float]:
    """Seconds for so many series by the whole ladder, or by the one model called ``name``."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        make(folder, series)
        config = settings(project, folder)
        prepared, models = seconds(config, folder, name)
    took = f"data stage {prepared:.1f} s, one window {models:.1f} s"
    print(f"{name}, {series:,} series: {took}", flush=True)
    return prepared, models


def main(project: Path) -> None:
    """Print seconds, and what a series costs among many relative to among few."""
    for name, (few, many) in SIZES.items():
        before, large, after = (measured(project, size, name) for size in (few, many, few))
        for what, *each in zip(("data stage", name), before, large, after, strict=True):
            ratio = each[1] / many / ((each[0] + each[2]) / 2 / few)
            figure = f"{ratio:.2f}x a series with {many:,} against {few:,}"
            report(f"scaling, {what}", figure, ratio <= TARGET, f"<= {TARGET}x")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
