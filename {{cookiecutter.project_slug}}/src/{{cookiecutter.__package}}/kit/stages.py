"""Running a project's stages: one run at a time, and then the notebooks."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import click

from . import ProjectError
from .files import Paths, write_text

HOW = "--to=notebook --execute --stdout --log-level=ERROR --ExecutePreprocessor.record_timing=False"
JOINED = "--NotebookExporter.preprocessors=nbconvert.preprocessors.CoalesceStreamsPreprocessor"
BESIDES = {"mlflow": "`uv sync --extra mlflow`", "sqlalchemy": "`uv run --with sqlalchemy …`"}


@contextmanager
def alone(paths: Paths) -> Iterator[None]:
    """Keep a second run out; say how to mend that a library, disk space or memory is missing."""
    try:
        from filelock import FileLock, Timeout

        with FileLock(paths.root / "data" / ".lock", timeout=0):
            yield
    except ModuleNotFoundError as error:
        how = BESIDES.get(str(error.name), "`uv sync`")
        raise ProjectError(f"{error.name} is not installed: run {how} first") from error
    except Timeout as error:
        raise ProjectError(f"another run is at work in {paths.root}: wait for its end") from error
    except Exception as error:
        cause: BaseException | None = error
        while cause and not isinstance(cause, OSError | MemoryError | BrokenExecutor):
            cause = cause.__cause__ or cause.__context__  # libraries wrap it
        if isinstance(cause, MemoryError | BrokenExecutor):  # systems end the largest process
            raise ProjectError("too little memory, it seems: see docs/tables.md") from error
        if not isinstance(cause, OSError) or isinstance(error, click.ClickException | TimeoutError):
            raise
        why = f"{cause.strerror or cause}: {cause.filename or paths.root}"
        raise ProjectError(f"{why}. Free some disk space, or make it writable.") from error


def run_notebooks(paths: Paths) -> None:
    """Run the notebooks, so that their pictures show today's results; one that stops stays."""
    files = sorted((paths.root / "notebooks").glob("*.ipynb"))
    command = [sys.executable, "-m", "nbconvert", *HOW.split(), JOINED]
    run = partial(subprocess.run, capture_output=True, encoding="utf-8", errors="replace")
    with ThreadPoolExecutor(2) as pool:
        for file, ran in zip(files, pool.map(run, [[*command, f] for f in files]), strict=True):
            if "Kernel died before" in ran.stderr or "Kernel didn't respond" in ran.stderr:
                ran = run([*command, file])  # its port was another's, if only for a moment
            if ran.returncode:
                why = ran.stderr.strip().rpartition("\n")[2]
                raise ProjectError(f"{file} stopped, and is as it was: {why}. Run it cell by cell.")
            write_text(file, ran.stdout)
