"""`portfolio status` over projects that have run, against a Python that does nothing.

Runs in the template's environment; FOLDER holds the projects:

    .venv/bin/python benchmarks/status.py FOLDER
"""

import os
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from measure import in_turn, report

TEMPLATE = Path(__file__).resolve().parents[1]
ROUNDS = 11
TARGET = 2  # seconds
TOOL = ("-m", "portfolio")
NOTHING = ("-c", "pass")
ENVIRONMENT = os.environ | {"PYTHONPATH": str(TEMPLATE)}


def seconds(arguments: tuple[str, ...], workspace: Path) -> float:
    """Time one Python from start to exit."""
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, *arguments],
        cwd=workspace,
        env=ENVIRONMENT,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return time.perf_counter() - start


def main(folder: Path) -> None:
    """Make a workspace of all the projects, and ask how they stand."""
    projects = sorted(path.parent for path in folder.glob("*/.cruft.json"))
    with tempfile.TemporaryDirectory() as place:
        workspace = Path(place)
        answers = ("--no-input", "--name", "Ada Lovelace", "--github-username", "ada-lovelace")
        seconds((*TOOL, "init", *answers), workspace)
        settings = workspace / "portfolio.yaml"
        empty = settings.read_text(encoding="utf-8")
        listed = "".join(f"\n- {project}" for project in projects)
        settings.write_text(empty.replace("projects: []", f"projects:{listed}"), encoding="utf-8")
        took, yardstick = in_turn(
            partial(seconds, (*TOOL, "status"), workspace),
            partial(seconds, NOTHING, workspace),
            ROUNDS,
        )
    text = f"{took:.2f} s, {took / yardstick:.0f}x a Python that does nothing"
    report(f"status of {len(projects)} projects", text, took < TARGET, f"< {TARGET} s")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
