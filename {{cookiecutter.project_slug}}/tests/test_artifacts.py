"""Files and published models: whole or not at all, and never trusted unchecked."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from {{ cookiecutter.package_name }} import artifacts
from {{ cookiecutter.package_name }}.errors import ModelError, ProjectError
from {{ cookiecutter.package_name }}.files import read_json, replacing, write_json, write_text

METADATA = {"title": "Model", "threshold": 0.123456789}


def tree(folder: Path) -> dict[str, bytes]:
    """The bytes of every file below ``folder``."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def publish(models: Path, model: bytes, **more: Any) -> Path:
    return artifacts.publish(models, model, METADATA | more, packages=("numpy",))


# Writing


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_interrupted_write_leaves_the_old_file(tmp_path: Path, error: BaseException):
    file = write_text(tmp_path / "report.txt", "old")
    expected = ProjectError if isinstance(error, OSError) else KeyboardInterrupt
    with pytest.raises(expected), replacing(file) as temporary:
        temporary.write_text("half")
        raise error
    assert tree(tmp_path) == {"report.txt": b"old"}


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_interrupted_write_leaves_the_old_folder(tmp_path: Path, error: BaseException):
    folder = tmp_path / "model"
    write_text(folder / "a.txt", "old")
    expected = ProjectError if isinstance(error, OSError) else KeyboardInterrupt
    with pytest.raises(expected), replacing(folder) as temporary:
        write_text(temporary / "b.txt", "half")
        raise error
    assert tree(tmp_path) == {"model/a.txt": b"old"}


def test_full_disk_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def fail(*args: object) -> None:
        raise OSError(28, "No space left on device")

    file = write_text(tmp_path / "report.txt", "old")
    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(ProjectError, match="No space left on device") as error:
        write_text(file, "new")
    assert str(file) in str(error.value)
    assert tree(tmp_path) == {"report.txt": b"old"}


def test_folder_that_cannot_be_replaced_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    rename = os.rename

    def fail_for_the_new_one(source: Path, target: Path) -> None:
        if (source / "new.txt").exists():
            raise OSError(13, "Permission denied")
        rename(source, target)

    folder = tmp_path / "model"
    write_text(folder / "old.txt", "old")
    monkeypatch.setattr(os, "rename", fail_for_the_new_one)
    with pytest.raises(ProjectError), replacing(folder) as temporary:
        write_text(temporary / "new.txt", "new")
    assert tree(tmp_path) == {"model/old.txt": b"old"}


def test_folder_is_replaced_whole(tmp_path: Path):
    folder = tmp_path / "model"
    write_text(folder / "old.txt", "old")
    with replacing(folder) as temporary:
        write_text(temporary / "new.txt", "new")
    assert tree(tmp_path) == {"model/new.txt": b"new"}


def test_json_is_the_same_for_the_same_content(tmp_path: Path):
    one = write_json(tmp_path / "1.json", {"b": 1 / 3, "a": np.float32(0.1), "c": ("é", None)})
    two = write_json(tmp_path / "2.json", {"c": ["é", None], "a": 0.1, "b": 0.33333333})
    assert one.read_bytes() == two.read_bytes()
    assert b"\r" not in one.read_bytes()
    assert read_json(one) == {"a": 0.1, "b": 0.333333, "c": ["é", None]}


# Publishing


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


@pytest.mark.parametrize("name", ["model.onnx", "metadata.json"])
def test_missing_file_is_refused_and_publishing_mends_it(tmp_path: Path, name: str):
    folder = publish(tmp_path, b"model")
    (folder / name).unlink()
    with pytest.raises(ModelError, match="cannot be read"):
        artifacts.load_current(tmp_path)
    publish(tmp_path, b"model")
    assert artifacts.load_current(tmp_path).model == b"model"


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [("model.onnx", "model", "mudel"), ("metadata.json", "0.123457", "0.0")],
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
