"""The command line: what users type, and what they read when something is wrong."""

import hashlib
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from {{ cookiecutter.package_name }} import cli
from {{ cookiecutter.package_name }}.cli import main
from {{ cookiecutter.package_name }}.errors import ProjectError
from {{ cookiecutter.package_name }}.pipeline import STAGES

from . import call_api
from .conftest import ROOT

DOCUMENTS = ("README.md", "MODEL_CARD.md")


def run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(root / "config.yaml"), *arguments])


def committed(root: Path) -> dict[str, str]:
    """The checksum of every file that the pipeline writes and git keeps."""
    folders = [root / "models", root / "reports"]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in [*files, *(root / name for name in DOCUMENTS)]
        if "candidate" not in path.parts
    }


def test_help_lists_every_command():
    shown = CliRunner().invoke(main, ["--help"])
    assert shown.exit_code == 0
    for command in [*(stage.name for stage in STAGES), "all", "serve", "dashboard"]:
        assert f"\n  {command} " in shown.output


def test_stages_run_one_by_one_and_change_nothing_that_is_committed(own_project: Path):
    before = committed(own_project)
    for stage in STAGES:
        result = run(own_project, stage.name)
        assert result.exit_code == 0, result.output
        assert "  wrote " in result.output
    assert committed(own_project) == before


def test_all_runs_every_stage_in_order(fresh_project: Path, monkeypatch: pytest.MonkeyPatch):
    ran = []
    monkeypatch.setattr(cli, "_run", lambda stage, config, paths: ran.append(stage.name))
    result = run(fresh_project, "all", "--dataset", "mine")
    assert result.exit_code == 0, result.output
    assert ran == [stage.name for stage in STAGES]


@pytest.mark.parametrize("command", ["data", "all"])
def test_unknown_data_set_is_refused(fresh_project: Path, command: str):
    result = run(fresh_project, command, "--dataset", "nope")
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: ")
    assert "'nope' is none of: sample, mine" in result.stderr
    assert not (fresh_project / "data").exists()


@pytest.mark.parametrize(
    ("lost", "command", "remedy"),
    [
        ("data/processed", "train", "run the `data` stage first"),
        ("data/processed", "evaluate", "run the `data` stage first"),
        ("data/processed", "explain", "run the `data` stage first"),
        ("models/candidate", "evaluate", "run the `train` stage first"),
        ("models/candidate", "explain", "run the `train` stage first"),
        ("models/current.txt", "explain", "with the `all` command"),
        ("models/current.txt", "serve", "with the `all` command"),
        ("pyproject.toml", "evaluate", "Keep config.yaml in the project's folder"),
        ("README.md", "report", "README.md"),
    ],
)
def test_missing_input_is_one_line_with_the_remedy(
    own_project: Path, lost: str, command: str, remedy: str
):
    path = own_project / lost
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    result = run(own_project, command)
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    assert remedy in result.stderr


def test_library_that_is_not_installed_is_named(
    fresh_project: Path, monkeypatch: pytest.MonkeyPatch
):
    def fail(*args: object) -> None:
        raise ModuleNotFoundError("No module named 'pandas'", name="pandas")

    monkeypatch.setattr(cli, "_run", fail)
    result = run(fresh_project, "train")
    assert result.exit_code == 2
    assert "pandas is not installed" in result.stderr


def test_bug_keeps_its_traceback(fresh_project: Path, monkeypatch: pytest.MonkeyPatch):
    def fail(*args: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(cli, "_run", fail)
    result = run(fresh_project, "train")
    assert isinstance(result.exception, ZeroDivisionError)
    assert not issubclass(ZeroDivisionError, ProjectError)


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
    body = {"application/json": {"schema": {"example": {"instances": [1]}}}}
    answers = {
        "health": {"status": "ok", "model_version": "1"},
        "model": {"version": "1"},
        "openapi.json": {"paths": {"/predict": {"post": {"requestBody": {"content": body}}}}},
        "predict": {"model_version": "1", "predictions": [1]} | wrong,
    }
    monkeypatch.setattr(call_api, "call", lambda url, *_: answers[url.rsplit("/", 1)[-1]])
    with pytest.raises(call_api.WrongAnswerError, match="/predict answered"):
        call_api.check("http://server/")


def test_server_that_does_not_answer_is_noticed():
    arguments = [sys.executable, "-m", "tests.call_api", "http://127.0.0.1:1"]
    answer = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True)
    assert answer.returncode == 1
    assert answer.stderr.startswith("Error: http://127.0.0.1:1/health")
