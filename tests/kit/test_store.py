"""Published models: whole or not at all, and never trusted unchecked."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kit import DataError, ModelError, ProjectError, store
from kit.files import Paths, write_json, write_text
from support import contents as tree

METADATA = {
    "title": "Model",
    "file": "model.bin",
    "threshold": 0.123456789,
    "limits": {"model_mb": 10, "versions": 2},
}


def publish(root: Path, model: bytes, **more: Any) -> Path:
    return store.publish(Paths(root), model, METADATA | more, packages=["numpy"])


def test_published_model_is_loaded_back(tmp_path: Path):
    folder = publish(tmp_path, b"model")
    model, metadata = store.load_current(tmp_path / "models")
    assert model == b"model"
    assert metadata["title"] == "Model"
    assert metadata["version"] == folder.name
    assert metadata["packages"] == {"numpy": np.__version__}


def test_publishing_the_same_again_changes_nothing(tmp_path: Path):
    publish(tmp_path, b"model")
    write_text(tmp_path / "reports" / "explain.json", "{}")
    before = tree(tmp_path)
    publish(tmp_path, b"model")
    assert tree(tmp_path) == before


def test_an_explanation_goes_with_the_model_it_was_of(tmp_path: Path):
    file = write_text(tmp_path / "reports" / "explain.json", "{}")
    publish(tmp_path, b"model")
    assert not file.exists()


def test_current_and_previous_version_are_kept(tmp_path: Path):
    write_text(tmp_path / "models" / "candidate" / "training.json", "{}")
    folders = [publish(tmp_path, model) for model in (b"first", b"second", b"third")]
    kept = {path.name for path in (tmp_path / "models").iterdir()}
    assert kept == {"candidate", "current.txt", folders[1].name, folders[2].name}
    assert store.load_current(tmp_path / "models")[0] == b"third"
    assert store.load_version(folders[1])[0] == b"second"


def test_as_many_versions_are_kept_as_the_limits_say(tmp_path: Path):
    many = {"model_mb": 10, "versions": 3}
    folders = [publish(tmp_path, bytes([n]), limits=many) for n in range(5)]
    assert {found["version"] for found in store.versions(tmp_path / "models")} == {
        folder.name for folder in folders[2:]
    }


def test_going_back_and_publishing_again_keeps_what_was_served(tmp_path: Path):
    first, second = publish(tmp_path, b"first"), publish(tmp_path, b"second")
    store.roll_back(tmp_path / "models", first.name)
    assert store.load_current(tmp_path / "models")[0] == b"first"
    third = publish(tmp_path, b"third")
    kept = {found["version"] for found in store.versions(tmp_path / "models")}
    assert kept == {first.name, third.name}
    assert second.name not in kept


@pytest.mark.parametrize("asked", ["", "none", "f" * 12])
def test_going_back_to_what_is_not_there_is_refused(tmp_path: Path, asked: str):
    publish(tmp_path, b"second")
    with pytest.raises(ModelError, match="`versions` lists what there is"):
        store.roll_back(tmp_path / "models", asked)
    assert store.load_current(tmp_path / "models")[0] == b"second"


def test_a_damaged_version_is_not_served_again_and_stops_no_list(tmp_path: Path):
    first = publish(tmp_path, b"first")
    publish(tmp_path, b"second")
    (first / "model.bin").write_bytes(b"changed")
    with pytest.raises(ModelError, match="not the one that was published"):
        store.roll_back(tmp_path / "models", first.name)
    (first / "metadata.json").write_text("{", encoding="utf-8")
    damaged = store.versions(tmp_path / "models")[1]
    assert "(damaged)" in store.describe(damaged, tmp_path / "models")
    publish(tmp_path, b"third")


def test_a_version_is_described_by_what_it_was_and_earned(tmp_path: Path):
    money = {"value": 41_234.0, "low": 30_000.0, "high": 52_000.0, "currency": "EUR", "per": "year"}
    metric = {"name": "roc_auc", "value": 0.84712, "low": 0.82, "high": 0.87}
    dataset = {"name": "telco", "rows": 7_043}
    folder = publish(tmp_path, b"m", primary_metric=metric, business=money, dataset=dataset)
    (found,) = store.versions(tmp_path / "models")
    said = store.describe(found, tmp_path / "models")
    assert said.split("  ")[0] == f"* {folder.name}"
    assert said.split("  ")[2:4] == ["telco, 7,043 rows", "roc_auc 0.8471"]
    assert said.endswith("  41,000 (30,000 to 52,000) EUR per year")


def test_other_metadata_is_another_version(tmp_path: Path):
    assert publish(tmp_path, b"model") != publish(tmp_path, b"model", threshold=0.5)


def test_interrupted_publication_leaves_the_old_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def fail(*args: object) -> None:
        raise OSError(28, "No space left on device")

    publish(tmp_path, b"old")
    monkeypatch.setattr(store, "write_json", fail)
    with pytest.raises(OSError, match="No space"):
        publish(tmp_path, b"new")
    assert store.load_current(tmp_path / "models")[0] == b"old"


def test_model_too_large_to_commit_is_refused(tmp_path: Path):
    with pytest.raises(ModelError, match=r"takes 10.0 MB, `limits.model_mb` allows 10"):
        publish(tmp_path, bytes(10_000_001))
    assert tree(tmp_path) == {}


@pytest.mark.parametrize("more", [{"title": "Other"}, {"limits": {"model_mb": 20}}])
def test_titles_and_limits_change_and_make_no_other_version(tmp_path: Path, more: dict[str, Any]):
    before = publish(tmp_path, b"model")
    assert publish(tmp_path, b"model", **more) == before
    assert store.load_current(tmp_path / "models")[1].items() >= more.items()


# Loading


def test_missing_model_is_refused(tmp_path: Path):
    with pytest.raises(ModelError, match=r"no model in .* Publish one with `all`"):
        store.load_current(tmp_path / "models")


@pytest.mark.parametrize("name", ["model.bin", "metadata.json"])
def test_missing_file_is_refused_and_publishing_mends_it(tmp_path: Path, name: str):
    folder = publish(tmp_path, b"model")
    (folder / name).unlink()
    with pytest.raises(ModelError, match="cannot be read"):
        store.load_current(tmp_path / "models")
    publish(tmp_path, b"model")
    assert store.load_current(tmp_path / "models")[0] == b"model"


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [("model.bin", "model", "mudel"), ("metadata.json", "0.123457", "0.0")],
)
def test_tampered_model_is_refused_and_publishing_mends_it(
    tmp_path: Path, name: str, old: str, new: str
):
    file = publish(tmp_path, b"model") / name
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(ModelError, match="checksum or schema differs"):
        store.load_current(tmp_path / "models")
    publish(tmp_path, b"model")
    assert store.load_current(tmp_path / "models")[0] == b"model"


def test_metadata_of_another_schema_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(store, "SCHEMA", store.SCHEMA - 1)
    publish(tmp_path, b"model")
    monkeypatch.undo()
    with pytest.raises(ModelError, match="checksum or schema differs"):
        store.load_current(tmp_path / "models")


# The candidate


def test_rows_that_change_sides_are_other_data(tmp_path: Path):
    write_text(tmp_path / "train.csv", "one")
    write_text(tmp_path / "test.csv", "two")
    before = store.fingerprint(tmp_path)
    write_text(tmp_path / ".DS_Store", "what a file manager leaves")
    assert store.fingerprint(tmp_path) == before
    write_text(tmp_path / "train.csv", "two")
    write_text(tmp_path / "test.csv", "one")
    assert store.fingerprint(tmp_path) != before


def test_candidate_of_other_data_is_refused(tmp_path: Path):
    paths = Paths(tmp_path)
    with pytest.raises(ProjectError, match="run the `train` command first"):
        store.read_candidate(paths)
    write_text(paths.processed / "train.csv", "one")
    store.seal(paths.processed)
    training = {"data": store.require_whole(paths.processed), "selected": "forest"}
    write_json(paths.candidate / "training.json", training)
    assert store.read_candidate(paths) == training
    write_text(paths.processed / "train.csv", "two")
    with pytest.raises(DataError, match="no complete data"):  # stopped before the seal
        store.read_candidate(paths)
    store.seal(paths.processed)
    with pytest.raises(ModelError, match="was trained on other data"):
        store.read_candidate(paths)
