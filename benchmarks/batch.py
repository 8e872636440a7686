"""Time and memory to score a file of any size, by the lines that docs/own-data.md shows.

Customers are the sample's, over and over, and so is the model. Runs in a generated churn project's
environment, on Linux; ``ROWS`` are ten million where nothing is said, which takes minutes:

    uv run --project CHURN python benchmarks/batch.py CHURN [ROWS]
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd
from churn import sample
from growth import measured, prepare
from measure import report

ROWS = 10_000_000
TARGET = 1.0  # gigabytes


def main(project: Path, rows: int) -> None:
    """Train on the sample's customers, write as many as asked for, score them."""
    documented = (project / "docs" / "own-data.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", documented, re.DOTALL)
    with tempfile.TemporaryDirectory() as folder:
        settings = prepare(project, Path(folder))
        for stage in ("data", "train", "evaluate"):
            measured("churn", sample.ROWS, settings, stage)
        table = pd.concat([sample.make_sample(seed) for seed in range(10)])
        for start in range(0, rows, len(table)):
            part = table.head(rows - start)
            part.to_csv(Path(folder) / "customers.csv", mode="a", header=not start, index=False)
        environment = os.environ | {"PYTHONPATH": str((project / "src").resolve())}
        process = subprocess.Popen([sys.executable, "-c", code], cwd=folder, env=environment)
        _, status, used = os.wait4(process.pid, 0)
        with (Path(folder) / "scored.csv").open(encoding="utf-8") as scored:
            lines = sum(1 for _ in scored)
    if status or lines != rows + 1:
        raise SystemExit("scoring failed")
    gigabytes, seconds = used.ru_maxrss * 1024 / 1e9, used.ru_utime + used.ru_stime
    figure = f"{gigabytes:.2f} GB, {seconds:.0f} s of processor time"
    report(f"{rows:,} customers scored", figure, gigabytes < TARGET, f"< {TARGET:g} GB")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else ROWS)
