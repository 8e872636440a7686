"""Storage: the served version and its data are copied whole, to and fro, or not at all."""

import json
from itertools import count
from pathlib import Path

import pytest
from kept import breaking, project
from kit import DataError, ModelError, ProjectError, store
from kit.files import Paths, write_text
from support import contents

NUMBERS = count()


@pytest.fixture(params=["folder", "memory"])
def far(request, tmp_path) -> Paths:
    """A storage: another folder, or one behind an address that answers without a network."""
    where = tmp_path / "far" if request.param == "folder" else f"memory://bucket/{next(NUMBERS)}"
    return Paths(store.place(str(where)))


def served(paths: Paths) -> tuple[bytes, str]:
    model, metadata = store.load_current(paths.models)
    return model, metadata["version"]


def test_what_is_pushed_comes_back_the_same_on_another_machine(far, tmp_path):
    here, there = project(tmp_path / "here"), Paths(tmp_path / "there")
    store.transfer(here, far)
    assert served(far) == served(here)
    store.transfer(far, there)
    assert contents(there.root) == contents(here.root)
    store.transfer(far, there)
    assert contents(there.root) == contents(here.root)


def test_another_version_and_other_data_take_their_place(far, tmp_path):
    store.transfer(project(tmp_path / "old", b"old", train="1", gone="2"), far)
    first = served(far)[1]
    new = project(tmp_path / "new", b"new", train="5")
    store.transfer(new, far)
    assert served(far)[0] == b"new"
    assert {file.name for file in far.processed.iterdir()} == {".sealed", "train.csv"}
    assert store.load_version(far.models / first)[0] == b"old", "to go back to it is possible"


def test_what_is_not_whole_is_neither_pushed_nor_pulled(far, tmp_path):
    here, there = project(tmp_path / "here"), project(tmp_path / "there", b"served")
    write_text(here.processed / "test.csv", "changed")
    with pytest.raises(DataError, match="run the `data` command"):
        store.transfer(here, far)
    with pytest.raises(ModelError, match="no model in"):
        store.load_current(far.models)
    store.seal(here.processed)
    store.transfer(here, far)
    (far.models / served(here)[1] / "model.bin").write_bytes(b"swapped")
    with pytest.raises(ModelError, match="not the one that was published"):
        store.transfer(far, there)
    assert served(there)[0] == b"served"


@pytest.mark.parametrize("writes", range(5))
def test_what_breaks_off_leaves_what_was_served(far, tmp_path, monkeypatch, writes):
    store.transfer(project(tmp_path / "old", b"old"), far)
    before = served(far)
    new = project(tmp_path / "new", b"new", train="7", test="8")
    monkeypatch.setattr(store, "_write", breaking(writes))
    with pytest.raises(ProjectError, match="line is down.*what is served there stays"):
        store.transfer(new, far)
    assert served(far) == before
    monkeypatch.undo()
    store.transfer(new, far)
    assert served(far)[0] == b"new"


@pytest.mark.parametrize("writes", range(4))
def test_what_does_not_arrive_whole_is_not_served(far, tmp_path, monkeypatch, writes):
    store.transfer(project(tmp_path / "old", b"old"), far)
    new = project(tmp_path / "new", b"new", train="7")
    write, left = store._write, count()

    def shorten(file: Path, content: bytes) -> None:
        write(file, content[: len(content) // 2] if next(left) == writes else content)

    monkeypatch.setattr(store, "_write", shorten)
    with pytest.raises(ProjectError):
        store.transfer(new, far)
    assert served(far)[0] == b"old"


def test_a_version_under_another_name_is_refused(far, tmp_path):
    """By its name a stranger could choose the folder that it is copied to."""
    here, there = project(tmp_path / "here"), Paths(tmp_path / "there")
    file = here.models / store.current_version(here.models) / "metadata.json"
    metadata = json.loads(file.read_text("utf-8")) | {"version": "../../elsewhere"}
    write_text(file, json.dumps(metadata))
    with pytest.raises(ModelError, match="not the one that was published"):
        store.transfer(here, there)


@pytest.mark.parametrize(
    ("error", "said"),
    [(ConnectionError("it is down\nmore"), "it is down"), (TimeoutError(), "no answer in 15 sec")],
)
def test_what_keeps_a_storage_from_answering_is_said(error, said):
    """It is not taken for a storage without a model."""

    def info(path: str, timeout: int) -> None:
        raise error

    with pytest.raises(ProjectError, match=rf"^a/current.txt cannot be read: {said}[^\n]* Check"):
        store._look(info, "a/current.txt")


@pytest.mark.parametrize("address", [None, "", "nowhere://bucket/prefix"])
def test_an_address_that_names_nothing_is_refused(address):
    with pytest.raises(ProjectError, match="s3://.*gs://.*az://"):
        store.place(address)


def test_where_the_library_is_missing_the_remedy_is_said(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "upath", None)
    with pytest.raises(ProjectError, match="uv sync --extra storage"):
        store.place("s3://bucket/prefix")


def test_an_older_write_of_another_machine_is_not_remembered():
    """Listings that are kept would hide what others have written since."""
    assert store.place("memory://bucket/x").storage_options == {"use_listings_cache": False}
