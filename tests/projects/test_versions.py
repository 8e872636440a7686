"""Versions of a model over time: trained again, compared, taken back."""

import json
import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import calling
import pytest
from hostile import World, other_prices
from installed import free_port, running, wait_until_healthy
from support import SERVED

REQUESTS, SWITCHES = 2_000, 5

# For their minutes three domains wait for the slow tier: versions are the kit's.
pytestmark = [
    pytest.mark.services,
    pytest.mark.only(*SERVED),
    pytest.mark.slow_in("nlp", "timeseries", "recsys"),
]


@pytest.fixture
def world(small_yesterday, tmp_path) -> World:
    """A copy for one test, whose first model is published."""
    return small_yesterday.copy(tmp_path / "wörld")


def test_a_model_is_trained_again_compared_and_taken_back(world):
    first = world.version.name
    same = world.run("retrain").stdout
    assert "+0 (+0 to +0)" in same
    assert world.version.name == first
    other_prices(world)
    world.run("retrain")
    second = world.version.name
    assert second != first
    listed = world.run("versions").stdout.splitlines()
    assert [line.split()[:2] for line in listed[:1]] == [["*", second]]
    assert listed[1].split()[0] == first
    assert re.search(r"[+-]\S+ \([+-]\S+ to [+-]\S+\)", world.run("compare", first, second).stdout)
    world.run("rollback", first)
    assert world.version.name == first
    world.refuses("rollback", "none", words="`versions` lists what there is")
    world.refuses("compare", first, "none", words="`versions` lists what there is")


def test_a_worse_model_is_not_published(world, project):
    before, package = world.version, project.command
    code = (
        f"from {package} import cli, evaluate\n"
        f"from {package}.kit.intervals import Estimate\n"
        "evaluate.difference = lambda *_: {'score': Estimate(-0.2, -0.3, -0.1)}\n"
        f"cli.main(['--config', {str(world.root / 'config.yaml')!r}, 'retrain'])"
    )
    done = project.run("python", "-c", code)
    assert "nothing was published" in done.stdout
    assert "score: -0.2 (-0.3 to -0.1)" in done.stdout
    assert world.version == before


def test_a_model_of_other_data_is_not_compared(world):
    file = world.root / "data" / "processed" / "dataset.json"
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | {"name": "another"}), "utf-8")
    name = world.version.name
    world.refuses("compare", name, name, words="run `data --dataset")


def test_no_request_is_lost_when_versions_change(world, project):
    first = world.version.name
    other_prices(world)
    world.run("evaluate")
    second, port = world.version.name, free_port()
    pointer, address = world.root / "models" / "current.txt", f"http://127.0.0.1:{port}"
    answered: list[str] = []
    enough = threading.Event()

    def load() -> None:
        body, kind, _ = calling.example(calling.ask(f"{address}/openapi.json"))
        while not enough.is_set():
            answered.append(calling.ask(f"{address}/predict", body, kind)["model_version"])

    command = world.command("serve", "--watch", "--port", str(port))
    with running(command, world.root, f"{address}/health"), ThreadPoolExecutor(4) as pool:
        clients = [pool.submit(load) for _ in range(4)]
        try:
            for switch in range(SWITCHES):
                least = (switch + 1) * REQUESTS // SWITCHES
                wait_until(lambda least=least: len(answered) >= least, clients)
                write_whole(pointer, (first, second)[switch % 2])
                wait_until(lambda n=switch: answered[-1] == (first, second)[n % 2], clients)
        finally:
            enough.set()
    assert [client.result() for client in clients] == [None] * 4, "an error of any request is here"
    assert len(answered) >= REQUESTS
    assert set(answered) == {first, second}


@pytest.mark.only("tabular")
def test_a_server_starts_before_a_first_model_and_takes_it(world):
    models, aside, port = world.root / "models", world.root / "aside", free_port()
    models.rename(aside)
    command = world.command("serve", "--watch", "--port", str(port))
    health, log = f"http://127.0.0.1:{port}/health", world.root / "server.log"
    with running(command, world.root, health, 503) as server:
        said = json.loads(wait_until_healthy(server, health, log, 503))["detail"]
        assert "Publish one with `all`" in said
        aside.rename(models)
        found = json.loads(wait_until_healthy(server, health, log))
        assert found["model_version"] == world.version.name
        assert log.read_text("utf-8").count("no new version is served") == 1


def wait_until(true: Callable[[], bool], clients: list[Future]) -> None:
    """Wait for a condition, as long as no client has failed."""
    while not true():
        assert not any(client.done() for client in clients)
        time.sleep(0.05)


def write_whole(file: Path, text: str) -> None:
    """As `rollback` does."""
    file.with_suffix(".new").write_text(text + "\n", encoding="utf-8")
    file.with_suffix(".new").replace(file)
