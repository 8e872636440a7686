"""Fixtures: projects baked in process, the real command lines, a template under git."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support import ROOT, TEMPLATE_PARTS

Bake = Callable[..., Path]
Run = Callable[..., subprocess.CompletedProcess[str]]


# Rooms that the fast tier leaves out, and the mark of each test in them.
MARKS = {"projects": "project", "services": "services"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark a room's tests by where they lie."""
    here = Path(__file__).parent
    for item in items:
        if mark := MARKS.get(item.path.relative_to(here).parts[0]):
            item.add_marker(mark)


@pytest.fixture(scope="session")
def bake(cookies_session) -> Bake:
    """Return a function that generates a project in process, once for the same answers."""
    baked: dict[tuple, Path] = {}

    def baker(**answers: str) -> Path:
        key = tuple(sorted(answers.items()))
        if key not in baked:
            result = cookies_session.bake(extra_context=answers, template=str(ROOT))
            assert result.exception is None, result.exception
            baked[key] = result.project_path
        return baked[key]

    return baker


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return a function that runs a Python tool in a home of its own: `run("cruft", ...)`."""
    home = tmp_path / "home"
    home.mkdir()
    config = home / "config.yaml"
    config.write_text(
        f"cookiecutters_dir: '{home / 'cookiecutters'}'\nreplay_dir: '{home / 'replay'}'\n",
        encoding="utf-8",
    )
    env = os.environ | {
        "HOME": str(home),
        "USERPROFILE": str(home),
        "COOKIECUTTER_CONFIG": str(config),
        "PYTHONUTF8": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
    }

    def runner(tool: str, *args: str | Path, cwd: Path, check: bool = True, **extra_env: str):
        command = ["git"] if tool == "git" else [sys.executable, "-m", tool]
        done = subprocess.run(
            [*command, *map(str, args)],
            cwd=cwd,
            # A shell keeps PWD; subprocess does not.
            env=env | {"PWD": str(cwd)} | extra_env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
        )
        if check:
            assert done.returncode == 0, done.stdout + done.stderr
        return done

    return runner


@pytest.fixture
def commit_all(run: Run) -> Callable[[Path, str], str]:
    """Return a function that commits everything in a folder and returns the commit."""

    def committer(folder: Path, message: str) -> str:
        if not (folder / ".git").exists():
            run("git", "init", "-q", "-b", "main", cwd=folder)
        run("git", "add", "-A", cwd=folder)
        identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
        run("git", *identity, "commit", "-q", "--no-verify", "-m", message, cwd=folder)
        return run("git", "rev-parse", "HEAD", cwd=folder).stdout.strip()

    return committer


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """Return a copy of the template, without its tests, in a folder of its own."""
    copy = tmp_path / "ml-portfolio-template"
    copy.mkdir()
    for part in TEMPLATE_PARTS:
        source = ROOT / part
        if source.is_dir():
            ignore = shutil.ignore_patterns("__pycache__", ".ruff_cache")
            shutil.copytree(source, copy / part, ignore=ignore)
        else:
            shutil.copy(source, copy / part)
    return copy
