"""How time and memory of each stage grow with rows, users or images, and the slopes.

The data are made up by the project's own generator. Each stage runs in a process of its own, as
a learner runs it; time is processor time, of that process and of those it starts, as a busy
machine stretches the time that passes, and memory is the most that the largest of them held. The
slope is that of a straight line on log-log axes: 1 means twice as many rows take twice as much.
For churn, 100,000 customers are then tuned on all and on the share that the project takes, and
the two winners, both fitted on all, are compared on the same test customers. Runs in a generated
project's environment, on Linux:

    uv run --project PROJECT python benchmarks/growth.py PROJECT [10000,100000,400000]
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from measure import report

STAGES = ("data", "train", "evaluate", "explain")
LINEAR = 1.1  # and what a measurement is off by
PROCESSOR = 20 * 60  # seconds: ten minutes of two processors
COMPARED = 100_000
# What each project's generator calls its size, and the sizes to measure.
SIZES = {
    "churn": ("ROWS", "10000,100000,400000"),
    "sentiment": ("ROWS", "4000,16000,64000"),
    "imaging": ("CASES", "500,1500,4500"),
    "recommender": ("USERS", "500,2000,8000"),
}


def prepare(project: Path, folder: Path) -> Path:
    """Copy the project's settings, for the sample; return where they are."""
    settings = (project / "config.yaml").read_text("utf-8").splitlines()
    lines = ["dataset: sample" if line.startswith("dataset: ") else line for line in settings]
    (folder / "config.yaml").write_text("\n".join(lines), encoding="utf-8")
    shutil.copy(project / "pyproject.toml", folder)
    return folder / "config.yaml"


def measured(package: str, rows: int, settings: Path, stage: str) -> tuple[float, float]:
    """Seconds of processor time, and gigabytes, of one stage in a process of its own."""
    code = f"from {package} import sample; sample.{SIZES[package][0]} = {rows}; "
    code += f"from {package}.cli import main; main()"
    process = subprocess.Popen([sys.executable, "-c", code, "--config", settings, stage])
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{stage} failed")
    return used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e9


def grow(project: Path, package: str, sizes: list[int]) -> None:
    """Print seconds and memory for each size, and each stage's slope between the last two."""
    found: dict[str, list[tuple[float, float]]] = {stage: [] for stage in STAGES}
    for rows in sizes:
        with tempfile.TemporaryDirectory() as folder:
            settings = prepare(project, Path(folder))
            for stage in STAGES:
                found[stage].append(measured(package, rows, settings, stage))
                seconds, gigabytes = found[stage][-1]
                print(f"{rows:,} {stage}: {seconds:.1f} s, {gigabytes:.2f} GB", flush=True)
    for stage, each in found.items():
        # The start of Python and its libraries weighs most where rows are few: the last two.
        slopes = np.diff(np.log(each), axis=0)[-1] / np.diff(np.log(sizes))[-1]
        figure = f"slopes {slopes[0]:.2f} in time, {slopes[1]:.2f} in memory"
        report(f"growth, {package}, {stage}", figure, slopes.max() <= LINEAR, f"<= {LINEAR}")
    total = sum(each[-1][0] for each in found.values())
    figure = f"{total:.0f} s of processor time"
    report(f"all stages, {sizes[-1]:,}", figure, total <= PROCESSOR, f"<= {PROCESSOR} s")


def compare(project: Path) -> None:
    """Print how much churn loses by tuning on a share, in pairs on the same test customers."""
    from churn import data, evaluate, sample, train
    from churn.config import load_config
    from churn.kit.files import Paths
    from churn.predictor import Predictor

    share, found = train.TO_TUNE, []
    with tempfile.TemporaryDirectory() as folder:
        config, paths = load_config(prepare(project, Path(folder))), Paths(Path(folder))
        sample.ROWS = COMPARED
        data.run(config, paths)
        for most in (COMPARED, share):
            train.TO_TUNE = most
            train.run(config, paths)
            found.append(Predictor(*evaluate.exported(config, paths)))
        lead = evaluate.difference(*found, config, paths)["ROC-AUC"]
    figure = f"ROC-AUC {lead.value:+.5f} ({lead.low:+.5f} to {lead.high:+.5f})"
    name = f"tuned on {share:,} of {COMPARED:,} customers, less tuned on all"
    report(name, figure, lead.high >= 0, "an interval that reaches 0")


if __name__ == "__main__":
    root = Path(sys.argv[1])
    (package,) = SIZES.keys() & {folder.name for folder in (root / "src").iterdir()}
    asked = sys.argv[2] if len(sys.argv) > 2 else SIZES[package][1]
    grow(root, package, [int(size) for size in asked.split(",")])
    if package == "churn":
        compare(root)
