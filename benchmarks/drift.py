"""How often `monitor` raises an alarm without any change, how often it finds one, and its memory.

The made-up world of churn: a model is made with one sample of it, and customers of other samples
are what the server has logged; planted changes are made to these. Alarms that a real change would
raise in further columns do not count as found. The log of 1 GB is read as `monitor` reads it. Runs
in the environment of a generated project:

    uv run --project CHURN python benchmarks/drift.py CHURN
"""

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from churn import data, monitor, sample, train
from churn.config import Config, load_config
from churn.evaluate import wilson
from churn.kit.decisions import expected_value
from churn.kit.files import Paths
from churn.kit.served import CHANCE, Columns, Log, compare
from measure import report

RUNS, PLANTED = 1_000, 200
SIZES = (200, 1_000)  # customers in the log
LOG_MB, MOST_MB = 1_000, 200
FOUND = 0.9  # share of runs in which a planted change is found, with the larger log

Change = Callable[[pd.DataFrame, np.random.Generator], pd.Series]
CHANGES: dict[str, tuple[str, Change]] = {
    "tenure a third shorter": ("tenure_months", lambda t, rng: t["tenure_months"] // 1.5),
    "prices a tenth higher": ("monthly_charges", lambda t, rng: t["monthly_charges"] * 1.1),
    "every sixth charge missing": (
        "total_charges",
        lambda t, rng: t["total_charges"].mask(rng.random(len(t)) < 1 / 6),
    ),
    "every sixth contract of a new kind": (
        "contract",
        lambda t, rng: t["contract"].mask(rng.random(len(t)) < 1 / 6, "new"),
    ),
    "a third of the long contracts monthly": (
        "contract",
        lambda t, rng: t["contract"].mask(rng.random(len(t)) < 1 / 3, "monthly"),
    ),
}


class Served:
    """Customers of a sample as the log has them, with the answers of one fixed model."""

    def __init__(self, config: Config, paths: Paths) -> None:
        """Make the model, and what it was made with."""
        data.run(config, paths)
        parts, self.info = data.read_processed(paths)
        train.run(config.model_copy(update={"models": ("logistic_regression",)}), paths)
        self.model, self.config = joblib.load(paths.candidate / "pipeline.joblib"), config
        known, said = self.columns(parts.train), self.columns(parts.test)
        self.before = known | {name: said[name] for name in said if name.startswith("answer")}

    def columns(self, table: pd.DataFrame) -> Columns:
        """Features, and what is answered."""
        features = table[self.info.features]
        p = pd.Series(self.model.predict_proba(features)[:, 1])
        offered = pd.Series(expected_value(p, self.config.prices.stakes) > 0).astype(str)
        asked = {name: features[name].reset_index(drop=True) for name in features}
        return asked | {"answer: probability": p, "answer: decision": offered}

    def sample(self, seed: int, rows: int) -> pd.DataFrame:
        """Customers of another sample, typed as `monitor` does."""
        return pd.DataFrame(monitor.typed(sample.make_sample(seed).head(rows), self.info))


def false_alarms(served: Served, rows: int) -> None:
    """The share of reports without any change that raise an alarm."""
    raised = np.array(
        [
            compare(served.before, served.columns(served.sample(seed, rows)))["alarm"].any()
            for seed in range(1, RUNS + 1)
        ]
    )
    share = wilson(raised)
    text = f"{share.value:.1%} of {RUNS:,} ({share.low:.1%} to {share.high:.1%})"
    report(f"false alarms, {rows:,} customers", text, share.low <= CHANCE, f"<= {CHANCE:.0%}")


def power(served: Served, rows: int) -> None:
    """The share of reports in which each planted change is found in its column."""
    for name, (column, change) in CHANGES.items():
        found = 0
        for seed in range(1, PLANTED + 1):
            table = served.sample(seed, rows)
            table[column] = change(table, np.random.default_rng(seed))
            changes = compare(served.before, served.columns(table))
            found += bool(changes["alarm"].get(column, False))
        met = rows < SIZES[-1] or found >= FOUND * PLANTED
        target = f">= {FOUND:.0%} with {SIZES[-1]:,}"
        report(f"{name}, {rows:,} customers", f"found in {found / PLANTED:.0%}", met, target)


def large_log(folder: Path) -> None:
    """Time to read a large log, against counting its lines, and what memory grows by."""
    answer = {"probability": 0.25, "decision": "leave alone", "expected_value": -12.5}
    asked = {f"column_{n}": n / 7 for n in range(10)}
    line = {"version": "abc", "request": "0" * 32, "row": 0, "prediction": answer, "inputs": asked}
    text = json.dumps({"time": "2026-01-02T03:04:05.678+00:00"} | line) + "\n"
    with (folder / "predictions.jsonl").open("w") as file:
        for _ in range(int(LOG_MB * 1e6 / len(text) / 1_000)):
            file.write(text * 1_000)
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    with (folder / "predictions.jsonl").open() as file:
        lines = sum(1 for _ in file)
    middle = time.perf_counter()
    Log(folder, "abc", "2026", 0).read()
    end, grown = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    ratio, megabytes = (end - middle) / (middle - start), grown / 1e3
    figure = f"{megabytes:.0f} MB more, {end - middle:.0f} s, {ratio:.0f}x counting {lines:,} lines"
    report(f"a log of {LOG_MB / 1e3:g} GB", figure, megabytes <= MOST_MB, f"<= {MOST_MB} MB")


def main(project: Path) -> None:
    """Measure all three."""
    with tempfile.TemporaryDirectory() as folder:
        large_log(Path(folder))
        served = Served(load_config(project / "config.yaml", "sample"), Paths(Path(folder)))
        for rows in SIZES:
            false_alarms(served, rows)
            power(served, rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
