"""Forecasts of rented bicycles: error against seasonal naive, and coverage, at ten origins.

At each origin the project's own procedure runs on what was known then: all models are compared
on the validation windows before it, one is chosen, intervals are calibrated, and the 14 days that
follow are scored once. Weather is left out. Runs in the environment of a generated forecasting
project that has run `all` on the data set that lies in it:

    uv run --project PROJECT python benchmarks/bikes.py PROJECT
"""

import sys
from pathlib import Path

import numpy as np
from demand.backtest import Actual, actual, mase, origins, window
from demand.config import Config, load_config
from demand.conformal import ENDS, calibrate, ends
from demand.data import DatasetInfo, read_processed
from demand.kit.files import Paths
from demand.kit.intervals import Array
from demand.models import AVERAGE, BASELINE, ladder, shares
from demand.train import averaged, choose, climb
from measure import report

ORIGINS = 10
MOST, COVERED = 0.82, (0.88, 0.98)


def score_origin(
    happened: Actual, found: dict[str, Array], info: DatasetInfo, config: Config
) -> tuple[str, Array, list[Array]]:
    """Choose by all windows but the last, which is the test.

    Returns the chosen model's name, its absolute errors in the test window (series, steps), and
    for each interval of ``ENDS`` where the demand lay inside.
    """
    known = happened.part(slice(None, -1))
    seen = {name: values[:-1] for name, values in found.items()}
    errors = {name: mase(known, values) for name, values in seen.items()}
    weights = shares(np.stack([*errors.values()][1:]))
    last = np.einsum("ms,msh->sh", weights, np.stack([v[-1] for v in found.values()][1:]))
    together = np.concatenate([averaged(seen, errors), last[np.newaxis]])
    errors[AVERAGE] = mase(known, together[:-1])
    name = choose(errors, info.groups)
    demand, means = happened.demand[-1], (found | {AVERAGE: together})[name]
    widths = calibrate(known.demand - means[:-1], known.naive_error, config.inventory.lead_time)
    inside = []
    for percent in ENDS:
        low, high = ends(widths.quantiles(means[-1]), percent)
        inside.append((low <= demand) & (demand <= high))
    return name, np.abs(means[-1] - demand), inside


def main(project: Path) -> None:
    """Print each origin and what they give together."""
    config = load_config(project / "config.yaml")
    panel, info = read_processed(Paths(project))
    assert info.name == "bikes", f"expected the data set bikes, found {info.name}"
    starts = origins(panel.series["ds"], info.horizon, info.windows + ORIGINS - 1)
    windows = [window(panel.series, start, info.horizon) for start in starts]
    happened, found = actual(windows, info), climb(ladder(config, info), windows, info, config.seed)
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
    main(Path(sys.argv[1]))
