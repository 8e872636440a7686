"""Generating a project, whole process and all hooks, against a template of one file.

Runs in the template's environment:

    .venv/bin/python benchmarks/bake.py
"""

import os
import subprocess
import sys
import tempfile
import time
from functools import partial
from operator import truediv
from pathlib import Path

from measure import in_turn, report

TEMPLATE = Path(__file__).resolve().parents[1]
ROUNDS = 15
TARGET = 1.7


def one_file_template(folder: Path) -> Path:
    """Write the smallest template there can be: one prompt, one file, no hooks."""
    tree = folder / "{{cookiecutter.slug}}"
    tree.mkdir(parents=True)
    (folder / "cookiecutter.json").write_text('{"slug": "one"}\n', encoding="utf-8")
    (tree / "README.md").write_text("# {{cookiecutter.slug}}\n", encoding="utf-8")
    return folder


def seconds(template: Path, scratch: Path, cached: bool) -> float:
    """Time one `cookiecutter --no-input TEMPLATE` from start to exit.

    Without cached bytecode, as in the first run after an installation, compiling cookiecutter
    itself takes most of the time: a smaller ratio.
    """
    folder = scratch / ("bytecode" if cached else "none")
    env = os.environ | {"PYTHONPYCACHEPREFIX": str(folder)}
    # Empty is as good as not set.
    env["PYTHONDONTWRITEBYTECODE"] = "" if cached else "1"
    config = scratch / "config.yaml"
    config.write_text(f"replay_dir: '{scratch / 'replay'}'\n", encoding="utf-8")
    with tempfile.TemporaryDirectory(dir=scratch) as output:
        command = [sys.executable, "-m", "cookiecutter", "--no-input", str(template)]
        command += ["--config-file", str(config), "--output-dir", output]
        start = time.perf_counter()
        subprocess.run(command, env=env, check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - start


def main() -> None:
    """Bake both templates in turn, with and without cached bytecode."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        one = one_file_template(scratch / "one")
        for name, cached in (("first run", False), ("later runs", True)):
            ours = partial(seconds, TEMPLATE, scratch, cached)
            least = partial(seconds, one, scratch, cached)
            ratio = truediv(*in_turn(ours, least, ROUNDS))
            figure = f"{ratio:.2f}x the one-file template"
            report(f"bake, {name}", figure, ratio <= TARGET, f"<= {TARGET}x")


if __name__ == "__main__":
    main()
