"""The serving environment: its size installed, and the running server's memory.

Takes a generated project that has run `all`; runs in the template's environment:

    .venv/bin/python benchmarks/serving.py PROJECT
"""

import importlib.util
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.error import URLError

from measure import report

HOST = "127.0.0.1"
START_SECONDS = 60
PREDICTIONS, EXPLANATIONS, BATCH = 300, 30, 1_000
TARGET_DISK, TARGET_MEMORY = 180, 150  # megabytes


def install(project: Path, folder: Path) -> Path:
    """Install the project without its dependency groups; return the environment's programs."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    uv = [sys.executable, "-m", "uv", "--quiet"]
    subprocess.run([*uv, "venv", "--python", python, folder], check=True)
    # With bytecode, as pip leaves it in the Docker image.
    command = [*uv, "pip", "install", "--compile-bytecode", "--python", folder, project]
    subprocess.run(command, check=True)
    return folder / ("Scripts" if os.name == "nt" else "bin")


def megabytes(folder: Path) -> float:
    """Add up the files below a folder; links count as nothing."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size for path in files) / 1e6


@contextmanager
def serving(programs: Path, project: Path) -> Iterator[tuple[int, str]]:
    """Run the project's `serve` on a free port: its process id and address."""
    with socket.create_server((HOST, 0)) as probe:
        port = probe.getsockname()[1]
    settings = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    name = next(iter(settings["project"]["scripts"]))
    command = [programs / name, "serve", "--host", HOST, "--port", str(port)]
    silent = subprocess.DEVNULL
    server = subprocess.Popen(command, cwd=project, stdout=silent, stderr=silent)
    try:
        yield server.pid, f"http://{HOST}:{port}"
    finally:
        server.terminate()
        server.wait()


def ask(address: str, content: dict[str, Any] | None = None) -> dict[str, Any]:
    """Send one request and return the answer."""
    body = None if content is None else json.dumps(content).encode()
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.load(response)


def wait_for(address: str) -> None:
    """Wait until the server answers."""
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            ask(f"{address}/health")
            return
        except URLError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def asking(project: Path) -> ModuleType:
    """How the project's tests call its API."""
    spec = importlib.util.spec_from_file_location("call_api", project / "tests" / "call_api.py")
    assert spec
    assert spec.loader
    call_api = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(call_api)
    return call_api


def resident_megabytes(process: int) -> float:
    """Memory that Linux keeps for a process."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024 / 1e6


def memory_after_use(programs: Path, project: Path) -> float:
    """Memory of the server after predictions, a large batch and explanations."""
    with serving(programs, project) as (process, address):
        wait_for(address)
        call_api = asking(project)
        for _ in range(PREDICTIONS):
            call_api.predict(address)  # images: with their explanation
        if hasattr(call_api, "example"):
            body = call_api.example(ask(f"{address}/openapi.json"), "/predict")
            ask(f"{address}/predict", {"instances": body["instances"][:1] * BATCH})
            for _ in range(EXPLANATIONS):
                ask(f"{address}/explain", {"instances": body["instances"][:1]})
        return resident_megabytes(process)


def main(project: Path) -> None:
    """Install, measure the files, then run it and measure the memory."""
    with tempfile.TemporaryDirectory() as folder:
        environment = Path(folder) / "environment"
        programs = install(project, environment)
        disk = megabytes(environment)
        report(
            f"serving {project.name}, installed",
            f"{disk:.0f} MB",
            disk <= TARGET_DISK,
            f"<= {TARGET_DISK} MB",
        )
        if not Path("/proc/self/status").exists():
            print("serving, memory: skipped, it is read from Linux's /proc")
            return
        memory = memory_after_use(programs, project)
        met = memory < TARGET_MEMORY
        report(f"{project.name}, resident", f"{memory:.0f} MB", met, f"< {TARGET_MEMORY} MB")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
