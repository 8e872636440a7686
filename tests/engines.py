"""A scheduler of Dask and its workers, each a process of its own, over TCP on this machine."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

WAIT = """
import sys
from distributed import Client
with Client(sys.argv[1]) as client:
    if workers := int(sys.argv[2]):
        client.wait_for_workers(workers, timeout=60)
"""


@contextmanager
def cluster(
    python: str | Path, folder: Path, workers: int = 2, threads: int = 1, **env: str
) -> Iterator[str]:
    """The address of a scheduler with its workers; all end with the block."""
    file, log = folder / "scheduler.json", (folder / "dask.log").open("w")
    ours = ["--host=127.0.0.1", "--no-dashboard"]
    commands = [["scheduler", *ours, "--port=0", f"--scheduler-file={file}"]]
    commands += [["worker", *ours, f"--nthreads={threads}", f"--scheduler-file={file}"]] * workers
    # Without their nanny, who would bring back one that is killed.
    commands[1:] = [[*command, "--no-nanny"] for command in commands[1:]]
    env = (
        {k: v for k, v in os.environ.items() if k != "VIRTUAL_ENV"} | {"OMP_NUM_THREADS": "1"} | env
    )
    started = [
        subprocess.Popen([python, "-m", "dask", *command], env=env, cwd=folder, stderr=log)
        for command in commands
    ]
    try:
        while not (file.exists() and file.read_text()):
            assert started[0].poll() is None, (folder / "dask.log").read_text()
            time.sleep(0.05)
        address = json.loads(file.read_text())["address"]
        subprocess.run([python, "-c", WAIT, address, str(workers)], env=env, check=True)
        yield address
    finally:
        for process in reversed(started):
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
        log.close()


def need(module: str) -> None:
    """Skip, and say so, where the group `services` is not installed."""
    pytest.importorskip(module, reason=f"no {module}: install the group `services`")


# What workers are asked to do.


def process(number: int) -> int:
    """Say who is at work."""
    return os.getpid()


def until(happened: Callable[[], object], what: str) -> None:
    """Wait for it, a minute at most."""
    end = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < end, what
        time.sleep(0.02)


def meet(folder: Path, number: int) -> int:
    """Return the process's number once another process is at the same time at work."""
    (folder / f"{number}").write_text(str(os.getpid()))
    until(lambda: len(list(folder.iterdir())) > 1, "nobody came")
    return os.getpid()


class Table:
    """Data that count how often they are unpacked."""

    def __init__(self, log: Path) -> None:  # noqa: D107
        self.content, self.log = b"x" * 200_000, log

    def __setstate__(self, state: dict) -> None:  # noqa: D105
        self.__dict__ = state
        with self.log.open("a") as log:
            log.write(f"{os.getpid()}\n")


def length(table: Table, part: int) -> int:
    """How long the data are, and the part."""
    return len(table.content) + part


def survive(table: Table, folder: Path, part: int) -> int:
    """Say who is at work; the first to come waits to be killed, and is done again elsewhere."""
    first = folder / "first"
    if part == 0 and not first.exists():
        first.write_text(str(os.getpid()))
        time.sleep(600)
    return len(table.content) + part
