"""How long `<package> all` takes, from data to executed notebooks, in projects that are installed.

Runs in the template's environment; FOLDER holds the projects:

    .venv/bin/python benchmarks/all_stages.py FOLDER
"""

import os
import subprocess
import sys
import time
import tomllib
from pathlib import Path

from measure import report

TARGETS = {"churn": 60}  # seconds


def main(folder: Path) -> None:
    """Run each project once, as where Python keeps its bytecode: elsewhere each of the processes
    compiles every library anew.
    """
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    for file in sorted(folder.glob("*/pyproject.toml")):
        project = tomllib.loads(file.read_text(encoding="utf-8"))["project"]
        command = next(iter(project["scripts"]))
        run = [sys.executable, "-m", "uv", "run", "--no-sync", command, "all"]
        start = time.perf_counter()
        subprocess.run(run, cwd=file.parent, env=env, check=True, stdout=subprocess.DEVNULL)
        seconds = time.perf_counter() - start
        if command in TARGETS:
            target = TARGETS[command]
            report(f"{command} all", f"{seconds:.0f} s", seconds <= target, f"<= {target} s")
        else:
            print(f"{command} all: {seconds:.0f} s")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
