"""`portfolio status` and `check` over projects that have run, against a Python that does nothing.

Runs in the template's environment; FOLDER holds the projects:

    .venv/bin/python benchmarks/status.py FOLDER
"""

import os
import shutil
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
# Git is found, uv is not: what `check` does besides running each project's own `report --check`.
WITHOUT_UV = {"UV": "", "PATH": str(Path(shutil.which("git") or "git").parent)}


def seconds(arguments: tuple[str, ...], workspace: Path) -> float:
    """Time one Python from start to exit."""
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, *arguments],
        cwd=workspace,
        env=ENVIRONMENT | (WITHOUT_UV if "check" in arguments else {}),
        check="check" not in arguments,  # which finds what the author has not written yet
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
        nothing = partial(seconds, NOTHING, workspace)
        for name, asked in (("status of", ["status"]), ("check of", ["check", *projects])):
            command = partial(seconds, (*TOOL, *map(str, asked)), workspace)
            took, yardstick = in_turn(command, nothing, ROUNDS)
            # A check is of one project.
            took /= len(asked[1:]) or 1
            text = f"{took:.2f} s, {took / yardstick:.0f}x a Python that does nothing"
            report(f"{name} {len(projects)} projects", text, took < TARGET, f"< {TARGET} s")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
