"""A project whose model lies in S3: put there by one machine, taken and served by others."""

import os
import re
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import calling
import pytest
from emulators import HIDDEN, QUIET, Amazon
from hostile import World, check_refusal, finished, other_prices
from installed import free_port, resident_mb, retried, running
from support import contents

pytestmark = [pytest.mark.services, pytest.mark.only("tabular")]

MAX_RESIDENT_MB = 150
ADVICE = "Check the address, and the credentials in the environment"


@pytest.fixture(scope="module")
def amazon(tmp_path_factory) -> Iterator[Amazon]:
    """S3 on this machine."""
    cloud = Amazon(tmp_path_factory.mktemp("s3"))
    cloud.start()
    yield cloud
    cloud.stop()


@pytest.fixture(autouse=True)
def environment(amazon, monkeypatch) -> None:
    """Its credentials, and none of the machine's."""
    for name in list(os.environ):
        if name.startswith(HIDDEN):
            monkeypatch.delenv(name)
    for name, value in (QUIET | amazon.env).items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def yesterday(small_yesterday, tmp_path_factory, amazon) -> World:
    """A small project with a storage, to which nothing was pushed yet."""
    world = small_yesterday.copy(tmp_path_factory.mktemp("storage") / "wörld")
    world.change(lambda config: config.update(storage=amazon.address))
    return world.commit()


@pytest.fixture(scope="module")
def published(project, yesterday, amazon) -> Iterator[World]:
    """The same once `evaluate` has published there; without the extra it says what to do."""
    for command in ("push", "pull"):
        yesterday.refuses(command, words="`uv sync --extra storage`")
    done = finished(yesterday.start(yesterday.command("evaluate")))
    check_refusal(done, "`uv sync --extra storage`")
    assert not done.stdout, "before it has begun"
    for options in ([], ["--watch"]):
        command = ("serve", *options, "--port", str(free_port()))
        yesterday.refuses(*command, words="`uv sync --extra storage`", env=models_of(amazon))
    try:
        retried(project, "sync", "--quiet", "--python", sys.executable, "--extra", "storage")
        yesterday.run("evaluate", env=amazon.env)
        yield yesterday
    finally:
        retried(project, "sync", "--quiet", "--python", sys.executable)


def models_of(amazon: Amazon) -> dict[str, str]:
    """What a server needs to know."""
    return amazon.env | {"MODELS": f"{amazon.address}/models"}


def elsewhere(world: World, root: Path) -> World:
    """The code and the settings on another machine: no model, no data, no report."""
    made = shutil.ignore_patterns("models", "processed", "reports", ".git")
    return replace(world, root=shutil.copytree(world.root, root, ignore=made)).commit()


def test_another_machine_takes_it_and_publishes_the_next(published, tmp_path):
    here, there = published.copy(tmp_path / "here"), elsewhere(published, tmp_path / "there")
    here.run("push")
    there.run("pull")
    for folder in ("data/processed", f"models/{here.version.name}"):
        assert contents(there.root / folder) == contents(here.root / folder)
    first = there.version.name
    assert "+0 (+0 to +0)" in there.run("compare", first, first).stdout
    there.run("train")
    other_prices(there)
    there.run("evaluate")
    second = there.version.name
    assert second != first
    here.run("pull")
    assert here.version.name == second
    assert re.search(r"[+-]\S+ \([+-]\S+ to [+-]\S+\)", here.run("compare", first, second).stdout)


def test_a_server_needs_nothing_else_and_takes_what_another_machine_pushes(
    published, amazon, tmp_path, monkeypatch
):
    here, there = published.copy(tmp_path / "here"), elsewhere(published, tmp_path / "there")
    here.run("push")
    first, port = here.version.name, free_port()
    address = f"http://127.0.0.1:{port}"
    for name, value in models_of(amazon).items():
        monkeypatch.setenv(name, value)
    command = there.command("serve", "--watch", "--port", str(port))
    with running(command, there.root, f"{address}/health") as server:
        calling.check(address)
        assert calling.ask(f"{address}/health")["model_version"] == first
        other_prices(here)
        here.run("evaluate")
        second = here.version.name
        assert second != first
        for _ in range(600):
            if calling.ask(f"{address}/health")["model_version"] == second:
                break
            time.sleep(0.1)
        calling.check(address)
        assert calling.ask(f"{address}/health")["model_version"] == second
        assert resident_mb(server.pid) < MAX_RESIDENT_MB
    assert not (there.root / "models").exists()
    assert (there.root / "logs" / "predictions.jsonl").is_file()


DOWN = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}


@pytest.mark.parametrize(
    ("storage", "env", "words"),
    [
        (None, {}, "config.yaml has no `storage`"),
        ("nowhere://bucket", {}, "Expected s3://, gs:// or az://"),
        ("s3://nobodys/prefix", {}, "s3://nobodys/prefix"),
        ("s3://models-of-mine/some/prefix", DOWN, "Could not connect"),
    ],
    ids=["none", "unknown", "bucket", "down"],
)
def test_a_wrong_address_is_one_message(published, tmp_path, storage, env, words):
    world = published.copy(tmp_path / "wörld")
    world.change(lambda config: config.update(storage=storage))
    for command in ("push", "pull"):
        world.refuses(command, words=words, env=env)


def test_wrong_credentials_are_one_message_without_them(published, amazon, tmp_path):
    world = published.copy(tmp_path / "wörld")
    said = [
        world.refuses(command, words=ADVICE, env=amazon.wrong)
        for command in ("push", "pull", "evaluate")
    ]
    port = free_port()
    env = models_of(amazon) | amazon.wrong
    said.append(world.refuses("serve", "--port", str(port), words=ADVICE, env=env))
    assert not [secret for secret in amazon.secrets if secret in "".join(said)]
