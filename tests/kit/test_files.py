"""Files: written whole or not at all, and read with a way out."""

import os
from pathlib import Path

import numpy as np
import pytest
from kit import ProjectError
from kit.files import read_json, replacing, rounded, write_json, write_text
from support import contents as tree


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_interrupted_write_leaves_the_old_file(tmp_path: Path, error: BaseException):
    file = write_text(tmp_path / "report.txt", "old")
    expected = ProjectError if isinstance(error, OSError) else KeyboardInterrupt

    def write_half() -> None:
        with replacing(file) as temporary:
            temporary.write_text("half")
            raise error

    with pytest.raises(expected):
        write_half()
    assert tree(tmp_path) == {"report.txt": b"old"}


def test_full_disk_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def fail(*args: object) -> None:
        raise OSError(28, "No space left on device")

    file = write_text(tmp_path / "report.txt", "old")
    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(ProjectError, match="No space left on device") as error:
        write_text(file, "new")
    assert str(file) in str(error.value)
    assert tree(tmp_path) == {"report.txt": b"old"}


def test_json_is_the_same_for_the_same_content(tmp_path: Path):
    one = write_json(tmp_path / "1.json", {"b": 1 / 3, "a": np.float32(0.1), "c": ("é", None)})
    two = write_json(tmp_path / "2.json", {"c": ["é", None], "a": 0.1, "b": 0.33333333})
    assert one.read_bytes() == two.read_bytes()
    assert b"\r" not in one.read_bytes()
    assert read_json(one, "data") == {"a": 0.1, "b": 0.333333, "c": ["é", None]}


def test_what_is_not_finite_is_null():
    assert rounded({"a": [np.nan, np.inf, 1 / 3]}) == {"a": [None, None, 0.333333]}


@pytest.mark.parametrize(
    ("content", "words"), [(None, "run the `train` command"), ("{", "`train`")]
)
def test_missing_or_damaged_report_is_named(tmp_path: Path, content: str | None, words: str):
    file = tmp_path / "training.json"
    if content:
        file.write_text(content, encoding="utf-8")
    with pytest.raises(ProjectError, match=words) as error:
        read_json(file, "train")
    assert str(file) in str(error.value)


def test_killed_run_leaves_no_half_file(tmp_path: Path):
    write_text(tmp_path / f".{os.getpid()}-report.txt", "half")  # of a run with the same number
    write_text(tmp_path / "report.txt", "whole")
    assert tree(tmp_path) == {"report.txt": b"whole"}
