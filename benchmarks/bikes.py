"""Forecasts of rented bicycles: error against seasonal naive, and coverage, at ten origins.

At each origin the project's own procedure runs on what was known then: all models are compared
on the validation windows before it, one is chosen, intervals are calibrated, and the 14 days that
follow are scored once. Weather is left out. Runs in a generated project's environment, on the file
`day.csv` of UCI's bike sharing data:

    uv run --project PROJECT python benchmarks/bikes.py PROJECT bike-sharing-day.csv
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
from demand.backtest import Actual, actual, origins, window
from demand.bootstrap import Array
from demand.choice import block_errors, choose
from demand.config import Config, load_config
from demand.conformal import calibrate
from demand.data import DatasetInfo, Panel, prepare, read_processed
from demand.kit.files import Paths
from demand.models import BASELINE, ladder
from demand.scores import ENDS, ends
from demand.train import climb
from measure import report

ORIGINS = 10
MOST, COVERED = 0.88, (0.88, 0.98)


def settings(project: Path, file: Path) -> Config:
    """The shipped configuration, with the file that is here instead of the address."""
    config = load_config(project / "config.yaml")
    here = {"url": None, "sha256": None, "member": None, "path": file.resolve()}
    bikes = config.datasets["bikes"].model_copy(update=here)
    return config.model_copy(update={"dataset": "bikes", "datasets": {"bikes": bikes}})


def load(config: Config) -> tuple[Panel, DatasetInfo]:
    """The series as the project's first stage makes it."""
    with tempfile.TemporaryDirectory() as folder:
        prepare(config, Paths(Path(folder)))
        return read_processed(Paths(Path(folder)))


def score_origin(
    happened: Actual, found: dict[str, Array], info: DatasetInfo, config: Config
) -> tuple[str, Array, list[bool]]:
    """Choose by all windows but the last, which is the test; see ``main`` for what comes back."""
    known = happened.part(slice(None, -1))
    scored = {n: block_errors(known, v[:-1], info.season_length) for n, v in found.items()}
    name = choose(scored, config.backtest.selection).name
    demand, means = happened.demand[-1], found[name]
    widths = calibrate(known.demand - means[:-1], known.naive_error, config.inventory.lead_time)
    inside = []
    for percent in ENDS:
        low, high = ends(widths.quantiles(means[-1]), percent)
        inside.append((low <= demand) & (demand <= high))
    return name, np.abs(means[-1] - demand), inside


def main(project: Path, file: Path) -> None:
    """Print each origin and what they give together, or say that the file is not there."""
    if not file.is_file():
        print(f"bikes: skipped, there is no {file}")
        return
    config = settings(project, file)
    panel, info = load(config)
    starts = origins(panel.series["ds"], info.horizon, info.windows + ORIGINS - 1)
    windows = [window(panel.series, start, info.horizon) for start in starts]
    happened, found = actual(windows, info), climb(ladder(config), windows, info, config.seed)
    errors, naive, covered = [], [], []
    for first in range(ORIGINS):
        part = slice(first, first + info.windows + 1)
        seen = {name: values[part] for name, values in found.items()}
        name, error, inside = score_origin(happened.part(part), seen, info, config)
        baseline = np.abs(found[BASELINE][part][-1] - happened.demand[part][-1])
        errors.append(error)
        naive.append(baseline)
        covered.append(inside)
        print(
            f"after {starts[part][-1]:%Y-%m-%d}: {name:14} MAE {error.mean():6.0f}, seasonal naive "
            f"{baseline.mean():6.0f}; inside the 80% and 95% intervals "
            + " and ".join(f"{each.mean():.0%}" for each in inside)
        )
    ratio = float(np.mean(errors) / np.mean(naive))
    narrow, wide = np.mean(covered, axis=(0, 2, 3))
    text = f"MAE {np.mean(errors):.0f} against {np.mean(naive):.0f}, {ratio:.3f}x"
    report(f"bikes, {ORIGINS} origins", text, ratio <= MOST, f"<= {MOST}x")
    text = f"{wide:.1%} inside the 95% intervals ({narrow:.1%} inside those of 80%)"
    report("bikes, coverage", text, COVERED[0] <= wide <= COVERED[1], "88% to 98%")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
