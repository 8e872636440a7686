"""The command line: what users type, and what they read when something is wrong."""

import hashlib
import shutil
import signal
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from {{ cookiecutter.__package }} import cli
from {{ cookiecutter.__package }}.cli import main
from {{ cookiecutter.__package }}.pipeline import STAGES


def run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(root / "config.yaml"), *arguments])


def expect_refusal(root: Path, lost: str, command: str, remedy: str) -> None:
    """Without the file or folder ``lost``, a command says in one line how to mend it."""
    path = root / lost
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    result = run(root, command)
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    assert remedy in result.stderr


def committed(root: Path) -> dict[str, str]:
    """The checksum of every file that the pipeline writes and git keeps."""
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.rglob("*")
        if path.is_file() and not {"data", "candidate"} & set(path.relative_to(root).parts)
    }


def test_help_lists_every_command():
    shown = CliRunner().invoke(main, ["--help"])
    assert shown.exit_code == 0
    for command in [*(stage.name for stage in STAGES), "all"]:
        assert f"\n  {command} " in shown.output


def test_stages_run_one_by_one_and_change_nothing_that_is_committed(own_project: Path):
    before = committed(own_project)
    for stage in STAGES:
        result = run(own_project, stage.name)
        assert result.exit_code == 0, result.output
        assert "  wrote " in result.output
    assert committed(own_project) == before


@pytest.mark.parametrize("content", ['{"name": "sample", "colour": 1}', "{", "[1]"])
def test_data_of_another_version_are_named(own_project: Path, content: str):
    (own_project / "data" / "processed" / "dataset.json").write_text(content, encoding="utf-8")
    result = run(own_project, "train")
    assert result.exit_code == 2, result.output
    assert "dataset.json is damaged, or another version" in result.stderr
    assert "run the `data` stage again" in result.stderr


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
        *[("data/processed", stage.name, "run the `data` stage first") for stage in STAGES[1:-1]],
        ("README.md", "report", "README.md"),
    ],
)
def test_missing_input_is_one_line_with_the_remedy(
    own_project: Path, lost: str, command: str, remedy: str
):
    expect_refusal(own_project, lost, command, remedy)


def test_library_that_is_not_installed_is_named(
    fresh_project: Path, monkeypatch: pytest.MonkeyPatch
):
    def fail(*args: object) -> None:
        raise ModuleNotFoundError("No module named 'pandas'", name="pandas")

    monkeypatch.setattr(cli, "_run", fail)
    result = run(fresh_project, "train")
    assert result.exit_code == 2
    assert "pandas is not installed" in result.stderr


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(28, "No space left on device", "/tmp/x"), "No space left on device: /tmp/x"),
        (OSError(30, "Read-only file system"), "can be written"),
        (FileNotFoundError(2, "No usable temporary directory found in /tmp"), "disk space"),
    ],
)
@pytest.mark.parametrize("wrapped", [False, True])
def test_full_disk_is_explained(
    fresh_project: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: OSError,
    words: str,
    wrapped: bool,
):
    def fail(*args: object) -> None:
        try:
            raise error
        finally:
            if wrapped:  # as where a library stumbles over what the error left undone
                raise AttributeError("module 'library' has no attribute 'part'")

    monkeypatch.setattr(cli, "_run", fail)
    result = run(fresh_project, "train")
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: ")
    assert words in result.stderr


def test_ctrl_c_is_known_whatever_a_library_makes_of_it(
    fresh_project: Path, monkeypatch: pytest.MonkeyPatch
):
    def fail(*args: object) -> None:
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        raise RuntimeError("Query interrupted")

    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(cli, "_run", fail)
    result = run(fresh_project, "train")
    assert (result.exit_code, result.stderr.count("\n")) == (130, 1)
    assert "Stopped" in result.stderr
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize("error", [ZeroDivisionError(), OSError(9, "Bad file descriptor")])
def test_bug_keeps_its_traceback(
    fresh_project: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
):
    def fail(*args: object) -> None:
        raise error

    monkeypatch.setattr(cli, "_run", fail)
    result = run(fresh_project, "train")
    assert result.exception is error
