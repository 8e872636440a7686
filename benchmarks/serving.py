"""The serving environment: its size installed, and the running server's memory.

Takes a generated project that has run `all`; runs in the template's environment:

    .venv/bin/python benchmarks/serving.py PROJECT
"""

import importlib
import json
import sys
import tempfile
from pathlib import Path

from measure import report, resident_kb

TESTS = Path(__file__).resolve().parents[1] / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "projects")]
# How the template's own tests install a project, start it and call its API.
installed, calling = importlib.import_module("installed"), importlib.import_module("calling")

HOST = "127.0.0.1"
PREDICTIONS, EXPLANATIONS = 300, 30
BATCH, IMAGES = 1_000, 16  # in one request
TARGET_DISK, TARGET_MEMORY = 180, 150  # megabytes


def install(project: Path, folder: Path) -> Path:
    """Install the project without its dependency groups; return the environment's programs."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    uv = installed.Project(project).uv
    uv("venv", "--quiet", "--python", python, folder)
    # With bytecode, as pip leaves it in the Docker image.
    uv("pip", "install", "--quiet", "--compile-bytecode", "--python", folder, project)
    return installed.scripts(folder)


def megabytes(folder: Path) -> float:
    """Add up the files below a folder; links count as nothing."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size for path in files) / 1e6


def use(address: str) -> None:
    """Ask for predictions one by one, for a large batch, and for explanations."""
    description = calling.ask(f"{address}/openapi.json")
    kinds = description["paths"]["/predict"]["post"]["requestBody"]["content"]
    if "application/json" in kinds:
        kind = "application/json"
        example = calling.fill(kinds[kind]["schema"], description)["instances"][0]
        one, many = (json.dumps({"instances": [example] * n}).encode() for n in (1, BATCH))
        explained = one
    else:
        kind = calling.multipart()
        one, many = (calling.form(*["files"] * n) for n in (1, IMAGES))
        explained = calling.form("file")
    for body in [*[one] * PREDICTIONS, many]:
        calling.send(f"{address}/predict", body, kind)
    if "/explain" in description["paths"]:
        for _ in range(EXPLANATIONS):
            calling.send(f"{address}/explain", explained, kind)


def memory_after_use(programs: Path, project: Path) -> float:
    """Memory of the server after it has been used."""
    port = installed.free_port()
    program = programs / installed.Project(project).command
    command = [program, "serve", "--host", HOST, "--port", str(port)]
    address = f"http://{HOST}:{port}"
    with installed.running(command, project, f"{address}/health") as server:
        use(address)
        return resident_kb(server.pid) * 1024 / 1e6


def main(project: Path) -> None:
    """Install, measure the files, then run it and measure the memory."""
    with tempfile.TemporaryDirectory() as folder:
        environment = Path(folder) / "environment"
        programs = install(project, environment)
        disk, name = megabytes(environment), f"serving {project.name}"
        most = f"<= {TARGET_DISK} MB"
        report(f"{name}, installed", f"{disk:.0f} MB", disk <= TARGET_DISK, most)
        if not Path("/proc/self/status").exists():
            print(f"{name}, resident: skipped, it is read from Linux's /proc")
            return
        memory = memory_after_use(programs, project)
        most = f"< {TARGET_MEMORY} MB"
        report(f"{name}, resident", f"{memory:.0f} MB", memory < TARGET_MEMORY, most)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
