"""Published models: whole or not at all, never trusted unchecked, served as users start them."""

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from click.testing import CliRunner

from {{ cookiecutter.__package }} import artifacts
from {{ cookiecutter.__package }}.candidate import fingerprint
from {{ cookiecutter.__package }}.cli import main
from {{ cookiecutter.__package }}.errors import ModelError, ProjectError
from {{ cookiecutter.__package }}.files import read_json, write_json, write_text
from {{ cookiecutter.__package }}.paths import Paths

from . import call_api
from .conftest import ROOT, tree
from .test_cli import committed, expect_refusal, run

METADATA = {"title": "Model", "file": "model.bin", "threshold": 0.123456789}


def publish(models: Path, model: bytes, **more: Any) -> Path:
    return artifacts.publish(models, model, METADATA | more, packages=("numpy",))


def test_published_model_is_loaded_back(tmp_path: Path):
    folder = publish(tmp_path, b"model")
    version = artifacts.load_current(tmp_path)
    assert version.model == b"model"
    assert version.metadata["title"] == "Model"
    assert version.metadata["version"] == folder.name
    assert version.metadata["packages"] == {"numpy": np.__version__}


def test_publishing_the_same_again_changes_nothing(tmp_path: Path):
    publish(tmp_path, b"model")
    before = tree(tmp_path)
    publish(tmp_path, b"model")
    assert tree(tmp_path) == before


def test_current_and_previous_version_are_kept(tmp_path: Path):
    write_text(tmp_path / "candidate" / "training.json", "{}")
    folders = [publish(tmp_path, model) for model in (b"first", b"second", b"third")]
    kept = {path.name for path in tmp_path.iterdir()}
    assert kept == {"candidate", "current.txt", folders[1].name, folders[2].name}
    assert artifacts.load_current(tmp_path).model == b"third"
    assert artifacts.load_version(folders[1]).model == b"second"


def test_other_metadata_is_another_version(tmp_path: Path):
    assert publish(tmp_path, b"model") != publish(tmp_path, b"model", threshold=0.5)


def test_interrupted_publication_leaves_the_old_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def fail(*args: object) -> None:
        raise OSError(28, "No space left on device")

    publish(tmp_path, b"old")
    monkeypatch.setattr(artifacts, "write_json", fail)
    with pytest.raises(ProjectError):
        publish(tmp_path, b"new")
    assert artifacts.load_current(tmp_path).model == b"old"


def test_model_too_large_to_commit_is_refused(tmp_path: Path):
    with pytest.raises(ModelError, match=r"takes 10.0 MB; expected at most 10 MB"):
        publish(tmp_path, bytes(artifacts.MAX_BYTES + 1))
    assert tree(tmp_path) == {}


# Loading


def test_missing_model_is_refused(tmp_path: Path):
    with pytest.raises(ModelError, match=r"no model in .* `all` command"):
        artifacts.load_current(tmp_path)


@pytest.mark.parametrize("name", ["model.bin", "metadata.json"])
def test_missing_file_is_refused_and_publishing_mends_it(tmp_path: Path, name: str):
    folder = publish(tmp_path, b"model")
    (folder / name).unlink()
    with pytest.raises(ModelError, match="cannot be read"):
        artifacts.load_current(tmp_path)
    publish(tmp_path, b"model")
    assert artifacts.load_current(tmp_path).model == b"model"


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [("model.bin", "model", "mudel"), ("metadata.json", "0.123457", "0.0")],
)
def test_tampered_model_is_refused_and_publishing_mends_it(
    tmp_path: Path, name: str, old: str, new: str
):
    file = publish(tmp_path, b"model") / name
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(ModelError, match="checksum differs"):
        artifacts.load_current(tmp_path)
    publish(tmp_path, b"model")
    assert artifacts.load_current(tmp_path).model == b"model"


def test_metadata_of_another_schema_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(artifacts, "SCHEMA", artifacts.SCHEMA - 1)
    publish(tmp_path, b"model")
    monkeypatch.undo()
    with pytest.raises(ModelError, match=f"expected {artifacts.SCHEMA}"):
        artifacts.load_current(tmp_path)


# The candidate


def accept_data(paths: Paths) -> None:
    """As if the candidate had been trained on the data that are prepared now."""
    file = paths.candidate / "training.json"
    write_json(file, read_json(file) | {"data": fingerprint(paths.processed)})


@pytest.mark.parametrize("command", ["evaluate", "explain"])
def test_data_that_were_prepared_anew_need_training_anew(
    own_project: Path, settings: dict[str, Any], command: str
):
    other = own_project / "config.yaml"
    other.write_text(yaml.safe_dump(settings | {"seed": settings["seed"] + 1}), encoding="utf-8")
    before = committed(own_project)
    assert run(own_project, "data").exit_code == 0
    result = run(own_project, command)
    assert result.exit_code == 2
    assert "was trained on other data" in result.stderr
    assert "run the `train` stage again" in result.stderr
    assert committed(own_project) == before


def test_same_data_prepared_again_need_no_training(own_project: Path):
    before = committed(own_project)
    for command in ("data", "evaluate", "explain"):
        result = run(own_project, command)
        assert result.exit_code == 0, result.stderr
    assert committed(own_project) == before


def test_rows_that_change_sides_are_other_data(tmp_path: Path):
    write_text(tmp_path / "train.csv", "one")
    write_text(tmp_path / "test.csv", "two")
    before = fingerprint(tmp_path)
    write_text(tmp_path / ".DS_Store", "what a file manager leaves")
    assert fingerprint(tmp_path) == before
    write_text(tmp_path / "train.csv", "two")
    write_text(tmp_path / "test.csv", "one")
    assert fingerprint(tmp_path) != before


def test_leave_to_show_data_makes_no_other_data_of_it(tmp_path: Path):
    def of(**info: Any) -> str:
        write_json(tmp_path / "dataset.json", info)
        return fingerprint(tmp_path)

    assert of(name="mine", share_images=True, licence="CC0") == of(name="mine")
    assert of(name="mine", positive="ill") != of(name="mine", positive="well")


# Serving


def test_help_lists_the_servers():
    shown = CliRunner().invoke(main, ["--help"]).output
    assert "\n  serve " in shown
    assert "\n  dashboard " in shown


@pytest.mark.parametrize(
    ("lost", "command", "remedy"),
    [
        ("models/candidate", "evaluate", "run the `train` stage first"),
        ("models/candidate", "explain", "run the `train` stage first"),
        ("models/current.txt", "explain", "with the `all` command"),
        ("models/current.txt", "serve", "with the `all` command"),
        ("pyproject.toml", "evaluate", "Keep config.yaml in the project's folder"),
    ],
)
def test_missing_model_is_one_line_with_the_remedy(
    own_project: Path, lost: str, command: str, remedy: str
):
    expect_refusal(own_project, lost, command, remedy)


@pytest.fixture
def address(project: Path) -> Iterator[str]:
    """The address of a server that the ``serve`` command has started."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    code = f"from {main.callback.__module__} import main; main()"
    arguments = ["--config", str(project / "config.yaml"), "serve", "--port", str(port)]
    with subprocess.Popen([sys.executable, "-c", code, *arguments], cwd=ROOT) as server:
        try:
            wait_for(f"http://127.0.0.1:{port}/health", server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def wait_for(url: str, server: subprocess.Popen, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"no answer from {url}; the server's exit code: {server.poll()}")


def test_served_model_answers_its_own_example(address: str):
    call_api.check(address)


@pytest.mark.parametrize("wrong", [{"model_version": "2"}, {"predictions": []}])
def test_wrong_answer_of_a_server_is_noticed(
    monkeypatch: pytest.MonkeyPatch, wrong: dict[str, object]
):
    answers = {
        "health": {"status": "ok", "model_version": "1"},
        "model": {"version": "1"},
    }
    answer = {"model_version": "1", "predictions": [1]} | wrong
    monkeypatch.setattr(call_api, "call", lambda url: answers[url.rsplit("/", 1)[-1]])
    monkeypatch.setattr(call_api, "predict", lambda address: (answer, 1))
    with pytest.raises(call_api.WrongAnswerError, match="/predict answered"):
        call_api.check("http://server/")


def test_server_that_does_not_answer_is_noticed():
    arguments = [sys.executable, "-m", "tests.call_api", "http://127.0.0.1:1"]
    answer = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True)
    assert answer.returncode == 1
    assert answer.stderr.startswith("Error: http://127.0.0.1:1/health")
