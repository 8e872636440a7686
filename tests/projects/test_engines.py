"""The same project on Dask, Ray and Spark as on this machine: its metrics, byte for byte."""

import shutil
import subprocess
import sys
from collections.abc import Iterator

import pytest
import yaml
from engines import cluster
from hostile import World, finished
from installed import environment, retried

pytestmark = [
    pytest.mark.services,
    pytest.mark.only("tabular", "nlp", "cv", "timeseries", "recsys"),
]

MEASURED = ("models/candidate/training.json", "reports/metrics.json")
# Kills the worker that has the first task.
KILL = """
import os, signal, sys, time
from distributed import Client
with Client(sys.argv[1]) as client:
    pids = client.run(os.getpid)
    print("watching", flush=True)
    while not (busy := [name for name, tasks in client.processing().items() if tasks]):
        time.sleep(0.005)
    os.kill(pids[busy[0]], signal.SIGKILL)
"""


@pytest.fixture(scope="module")
def here(project, small_yesterday, tmp_path_factory) -> Iterator[World]:
    """The whole ladder on this machine, and Dask beside it; without the extra the remedy."""
    world = small_yesterday.copy(tmp_path_factory.mktemp("engines") / "wörld")
    shipped = yaml.safe_load((project.root / "tests" / "config.yaml").read_text(encoding="utf-8"))
    world.change(lambda config: config.update(models=shipped["models"], engine="dask"))
    world.commit()
    world.refuses("train", words="`uv sync --extra dask`")
    world.change(lambda config: config.update(engine="local"))
    for stage in ("train", "evaluate"):
        world.run(stage)
    try:
        retried(project, "sync", "--quiet", "--python", sys.executable, "--extra", "dask")
        yield world
    finally:
        retried(project, "sync", "--quiet", "--python", sys.executable)


def elsewhere(here: World, engine: str, tmp_path, *runner: str) -> None:
    """Train and evaluate on another engine; what is measured must be the same."""
    world = here.copy(tmp_path / "wörld")
    world.change(lambda config: config.update(engine=engine))
    for file in MEASURED:
        (world.root / file).unlink()
    for stage in ("train", "evaluate"):
        program, *words = world.command(stage)
        # Not by its name: uv leaves a program as it is whose path has a space.
        ours = f"from {here.project.command}.cli import main; main()"
        command = [*runner, "python", "-c", ours] if runner else [program]
        done = finished(world.start([*command, *words]))
        assert done.returncode == 0, done.stderr
    for file in MEASURED:
        assert (world.root / file).read_bytes() == (here.root / file).read_bytes()
    assert world.version.name == here.version.name


def test_two_workers_over_tcp_find_the_same(here, tmp_path):
    with cluster(here.project.program("python"), tmp_path) as address:
        elsewhere(here, address, tmp_path)


def test_a_worker_that_is_killed_costs_time_and_not_the_run(here, tmp_path):
    python = here.project.program("python")
    with cluster(python, tmp_path) as address:
        killer = subprocess.Popen([python, "-c", KILL, address], stdout=subprocess.PIPE)
        assert killer.stdout.readline() == b"watching\n"
        elsewhere(here, address, tmp_path)
        assert killer.wait(60) == 0


@pytest.mark.only("tabular")
@pytest.mark.parametrize("engine", ["dask", "ray", "spark"])
def test_each_engine_started_by_the_project_finds_the_same(here, tmp_path, engine):
    packages = {"ray": ["ray"], "spark": ["joblibspark", "pyspark"]}.get(engine, [])
    if engine == "spark" and not shutil.which("java"):
        pytest.skip("no Java: install Debian's `openjdk-17-jre-headless`")
    words = [word for package in packages for word in ("--with", package)]
    before = [sys.executable, "-m", "uv", "run", "--no-sync", "--project", str(here.project.root)]
    command = [*before, *words, "python", "-c", "import joblib"]
    brought = subprocess.run(command, env=environment(), capture_output=True, encoding="utf-8")
    if brought.returncode:
        pytest.skip(f"{engine} cannot be installed here: {brought.stderr}")
    elsewhere(here, engine, tmp_path, *before, *words)
