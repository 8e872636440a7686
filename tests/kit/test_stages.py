"""Running stages: alone, and with one message where the disk or a library fails."""

import pytest
from kit import ModelError, ProjectError
from kit.files import Paths
from kit.stages import alone


def library(error: OSError) -> None:
    """As libraries do: their own error, two steps away from what went wrong."""
    try:
        try:
            raise error
        except OSError:
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


def test_other_errors_are_left_as_they_are(tmp_path):
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
