"""A learner's workspace, and the command line `portfolio` as a learner runs it."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from installed import environment, scripts
from support import ROOT, TEMPLATE_PARTS

LEFT_OVER = shutil.ignore_patterns("__pycache__", ".ruff_cache")
GIT = ("git", "-c", "user.name=Test", "-c", "user.email=test@example.org")


@dataclass(frozen=True)
class Learner:
    """`workspace` was made by `portfolio init`; the tool runs from `template`, a clone of ours."""

    template: Path
    workspace: Path

    def portfolio(self, *args: str | Path, fails: bool = False) -> str:
        """Run a command in the workspace and return what it printed."""
        uv = scripts(Path(sys.prefix)) / ("uv.exe" if os.name == "nt" else "uv")
        more = {"PYTHONPATH": str(self.template), "PYTHONUTF8": "1", "UV": str(uv)}
        done = subprocess.run(
            [sys.executable, "-m", "portfolio", *map(str, args)],
            cwd=self.workspace,
            env=environment() | more,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
        )
        assert bool(done.returncode) == fails, f"{args}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def commit_template(self, message: str) -> None:
        """Commit everything in the template's clone."""
        git(self.template, "add", "-A")
        git(self.template, "commit", "-q", "-m", message)


def git(folder: Path, *args: str) -> None:
    """Run git in a folder, as somebody with a name."""
    subprocess.run([*GIT, *args], cwd=folder, check=True, capture_output=True)


def settle(folder: Path, track: str) -> Learner:
    """Clone the template, and make a workspace with a space and an accent in its name."""
    template, workspace = folder / "the template", folder / "wörk space"
    template.mkdir()
    workspace.mkdir()
    for part in (*TEMPLATE_PARTS, "portfolio"):
        place = ROOT / part
        if place.is_dir():
            shutil.copytree(place, template / part, ignore=LEFT_OVER)
        else:
            shutil.copy(place, template / part)
    git(template, "init", "-q", "-b", "main")
    learner = Learner(template, workspace)
    learner.commit_template("The template as it is")
    named = ("--name", "Zoë Ünal", "--github-username", "zoe", "--track", track)
    learner.portfolio("init", *named, "--template", template, "--no-input")
    return learner
