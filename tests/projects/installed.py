"""Installing a generated project and running its commands."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote

from support import ROOT

ATTEMPTS = 3


@dataclass(frozen=True)
class Project:
    """A generated project in a folder of its own, with its own environment."""

    root: Path

    @property
    def command(self) -> str:
        """The name of its command line, which is that of its package."""
        table = tomllib.loads((self.root / "pyproject.toml").read_text(encoding="utf-8"))
        return next(iter(table["project"]["scripts"]))

    def uv(self, *args: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run uv in the project, as its README says, with the Python that runs the tests."""
        done = subprocess.run(
            [sys.executable, "-m", "uv", *map(str, args)],
            cwd=self.root,
            env=environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
        )
        if check:
            assert done.returncode == 0, f"{args}\n{done.stdout}\n{done.stderr}"
        return done

    def run(self, *args: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run one of the project's own programs: `run("pytest", "-q")`."""
        return self.uv("run", "--no-sync", *args, check=check)

    def git(self, *args: str) -> str:
        """Run git in the project and return what it printed."""
        identity = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
        done = subprocess.run(
            ["git", *identity, *args], cwd=self.root, capture_output=True, encoding="utf-8"
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def program(self, name: str) -> Path:
        """A program of the project's environment."""
        return scripts(self.root / ".venv") / name


def install(folder: Path) -> Project:
    """Commit a fresh project and install all it declares; installs are retried."""
    project = Project(folder)
    project.git("init", "-q", "-b", "main")
    project.git("add", "-A")
    project.git("commit", "-q", "-m", "Start from the template")
    retried(project, "sync", "--quiet", "--python", sys.executable)
    return project


def retried(project: Project, *args: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a uv command that needs the network, again if the network fails it."""
    for attempt in range(ATTEMPTS):
        done = project.uv(*args, check=attempt == ATTEMPTS - 1)
        if done.returncode == 0:
            break
        time.sleep(5 * (attempt + 1))
    return done


def environment() -> dict[str, str]:
    """The environment without the virtual environment that runs these tests.

    Two projects run at a time: one thread each, as threads that wait for each other's processor
    take many times as long.
    """
    hidden = ("VIRTUAL_ENV", "PYTHONPATH", "PYTEST_CURRENT_TEST")
    kept = {"OMP_NUM_THREADS": "1"}
    kept |= {key: value for key, value in os.environ.items() if key not in hidden}
    return torch_index() | kept


@cache
def torch_index() -> dict[str, str]:
    """What makes uv find torch's CPU wheel in the folder that pip's `find-links` names.

    Machines with such a folder may not reach the index of PyTorch that projects name, and uv
    does not look there by itself. Elsewhere nothing is needed.
    """
    asked = [sys.executable, "-m", "pip", "config", "list"]
    settings = subprocess.run(asked, capture_output=True, encoding="utf-8").stdout
    folders = " ".join(re.findall(r"find-links='([^']*)'", settings)).split()
    wheels = {wheel.name: wheel for folder in folders for wheel in Path(folder).glob("torch-*.whl")}
    if not wheels:
        return {}
    index = ROOT / "build" / f"index-{os.environ.get('PYTEST_DOMAIN', 'alone')}"
    shutil.rmtree(index, ignore_errors=True)
    (index / "torch").mkdir(parents=True)
    for name, wheel in wheels.items():
        (index / "torch" / name).symlink_to(wheel)
    links = [f'<a href="{quote(name)}">{name}</a>' for name in sorted(wheels)]
    (index / "torch" / "index.html").write_text("\n".join(links), encoding="utf-8")
    return {"UV_INDEX": f"pytorch-cpu={index.as_uri()}"}


def scripts(venv: Path) -> Path:
    """The folder with the programs of a virtual environment."""
    return venv / ("Scripts" if os.name == "nt" else "bin")


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    command: list[str | Path], cwd: Path, health: str, status: int = 200
) -> Iterator[subprocess.Popen[str]]:
    """Run a server until the block ends; enter the block when ``health`` answers so."""
    with (cwd / "server.log").open("w", encoding="utf-8") as log:
        server = subprocess.Popen(
            [str(part) for part in command], cwd=cwd, env=environment(), stdout=log, stderr=log
        )
        try:
            wait_until_healthy(server, health, cwd / "server.log", status)
            yield server
        finally:
            server.terminate()
            server.wait(timeout=30)
            (cwd / "server.log").unlink(missing_ok=True)


def wait_until_healthy(
    server: subprocess.Popen[str], health: str, log: Path, status: int = 200
) -> bytes:
    """Wait for an answer with this status, and return it.

    Fail when the server ends, or gives none within two minutes.
    """
    for _ in range(600):
        assert server.poll() is None, log.read_text(encoding="utf-8")
        try:
            with urllib.request.urlopen(health, timeout=5) as answer:
                if answer.status == status:
                    return answer.read()
        except urllib.error.HTTPError as error:
            if error.code == status:
                return error.read()
        except OSError:  # nobody is there yet
            pass
        time.sleep(0.2)
    raise AssertionError(f"{health} never answered:\n{log.read_text(encoding='utf-8')}")


def resident_mb(process: int) -> float:
    """What a process holds in memory; 0 where there is no /proc."""
    status = Path(f"/proc/{process}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS")), 0) / 1e3
