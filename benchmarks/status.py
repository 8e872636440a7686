"""`portfolio status` over projects that have run, against starting Python with what it imports.

Runs in the template's environment:

    .venv/bin/python benchmarks/status.py PROJECT...
"""

import os
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import yaml
from measure import in_turn, report

TEMPLATE = Path(__file__).resolve().parents[1]
ROUNDS = 11
TARGET = 2  # seconds


def seconds(folder: Path, *command: str) -> float:
    """Time a Python command in a folder, from start to exit."""
    env = os.environ | {"PYTHONPATH": str(TEMPLATE), "PYTHONUTF8": "1"}
    start = time.perf_counter()
    subprocess.run([sys.executable, *command], cwd=folder, env=env, check=True, capture_output=True)
    return time.perf_counter() - start


def main(projects: list[str]) -> None:
    """Measure it in a workspace that lists these projects."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        content = {"name": "Ada", "github_username": "ada", "first_day": "2025-03-31"}
        content["projects"] = [str(Path(one).resolve()) for one in projects]
        (folder / "portfolio.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
        status = partial(seconds, folder, "-m", "portfolio", "status", "--today", "2025-05-14")
        bare = partial(seconds, folder, "-c", "import click, yaml")
        taken, start = in_turn(status, bare, ROUNDS)
    figure = f"{taken:.2f} s over {len(projects)} projects, {taken / start:.1f}× starting Python"
    report("portfolio status", figure, taken < TARGET, f"under {TARGET} s")


if __name__ == "__main__":
    main(sys.argv[1:])
