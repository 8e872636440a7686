"""Generating each domain's project, whole process and all hooks, against a template of one file.

Runs in the template's environment:

    .venv/bin/python benchmarks/bake.py
"""

import json
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
TARGET = 1.8


def one_file_template(folder: Path) -> Path:
    """Write the smallest template there can be: one prompt, one file, no hooks."""
    tree = folder / "{{cookiecutter.slug}}"
    tree.mkdir(parents=True)
    (folder / "cookiecutter.json").write_text('{"slug": "one"}\n', encoding="utf-8")
    (tree / "README.md").write_text("# {{cookiecutter.slug}}\n", encoding="utf-8")
    return folder


def seconds(template: Path, answers: list[str], scratch: Path, cached: bool) -> float:
    """Time one `cookiecutter --no-input TEMPLATE ANSWERS` from start to exit.

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
        command = [sys.executable, "-m", "cookiecutter", "--no-input", str(template), *answers]
        command += ["--config-file", str(config), "--output-dir", output]
        start = time.perf_counter()
        subprocess.run(command, env=env, check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - start


def main() -> None:
    """Bake each domain and the smallest template in turn, with and without cached bytecode."""
    prompts = json.loads((TEMPLATE / "cookiecutter.json").read_text(encoding="utf-8"))
    cases = [("first run", prompts["domain"][0], False)]
    cases += [("later runs", domain, True) for domain in prompts["domain"]]
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        one = one_file_template(scratch / "one")
        for name, domain, cached in cases:
            ours = partial(seconds, TEMPLATE, [f"domain={domain}"], scratch, cached)
            least = partial(seconds, one, [], scratch, cached)
            took, yardstick = in_turn(ours, least, ROUNDS)
            figure = f"{took / yardstick:.2f}x the one-file template ({took:.2f} s)"
            report(f"bake {domain}, {name}", figure, took / yardstick <= TARGET, f"<= {TARGET}x")


if __name__ == "__main__":
    main()
