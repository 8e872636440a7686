"""Running stages: alone, and with one message where disk, memory or a library fails."""

import os
import subprocess

import pytest
from joblib import Parallel, delayed
from kit import DataError, ModelError, ProjectError
from kit.files import Paths
from kit.stages import alone, run_notebooks


def library(error: OSError | MemoryError) -> None:
    """As libraries do: their own error, two steps away from what went wrong."""
    try:
        try:
            raise error
        except (OSError, MemoryError):
            raise AssertionError("cannot go on") from None
    except AssertionError as found:
        raise RuntimeError("export failed") from found


def test_a_full_disk_is_named_however_a_library_wraps_it(tmp_path):
    full = OSError(28, "No space left on device", "model.onnx")
    with (
        pytest.raises(ProjectError, match=r"No space left on device: model\.onnx\. Free some disk"),
        alone(Paths(tmp_path)),
    ):
        library(full)


def test_too_little_memory_is_named_also_where_a_reader_could_not_go_on(tmp_path):
    with (
        pytest.raises(ProjectError, match=r"too little memory.*docs/tables\.md"),
        alone(Paths(tmp_path)),
    ):
        library(MemoryError())
    with pytest.raises(ProjectError, match="too little memory"), alone(Paths(tmp_path)):
        raise DataError("cannot be read as a table") from MemoryError("Unable to allocate 9 GB")


def test_a_process_that_the_system_ended_had_too_little_memory(tmp_path):
    """As Linux ends the largest one."""
    with (
        pytest.raises(ProjectError, match=r"too little memory.*docs/tables\.md"),
        alone(Paths(tmp_path)),
    ):
        Parallel(n_jobs=2)(delayed(os._exit)(1) for _ in range(2))


def test_other_errors_are_left_as_they_are(tmp_path):
    with pytest.raises(TimeoutError), alone(Paths(tmp_path)):
        raise TimeoutError("of a connection, and not of another run")
    with pytest.raises(ValueError, match="a bug"), alone(Paths(tmp_path)):
        raise ValueError("a bug")
    with pytest.raises(ModelError, match="no model"), alone(Paths(tmp_path)):
        raise ModelError("no model") from OSError(2, "No such file")


def test_a_second_run_is_kept_out(tmp_path):
    with (
        alone(Paths(tmp_path)),
        pytest.raises(ProjectError, match="another run is at work"),
        alone(Paths(tmp_path)),
    ):
        pass


# A program that has the port stops the kernel; one that had it while Jupyter connected, as
# another Jupyter may, has ended the connection for good: ZeroMQ does not try it again.
@pytest.mark.parametrize("deaths", [1, 2])
@pytest.mark.parametrize("why", ["Kernel died before replying", "Kernel didn't respond in 60 s"])
def test_a_kernel_whose_port_was_taken_is_started_again_once(tmp_path, monkeypatch, deaths, why):
    left = [subprocess.CompletedProcess([], 1, "", f"{why}\n")]
    left = [*left * deaths, subprocess.CompletedProcess([], 0, "run", "")]
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: left.pop(0))
    file = tmp_path / "notebooks" / "01_explore.ipynb"
    file.parent.mkdir()
    file.write_text("not run", encoding="utf-8")
    if deaths == 1:
        run_notebooks(Paths(tmp_path))
        assert file.read_text(encoding="utf-8") == "run"
    else:
        with pytest.raises(ProjectError, match=f"{why}.*Run it cell by cell"):
            run_notebooks(Paths(tmp_path))
        assert file.read_text(encoding="utf-8") == "not run"
