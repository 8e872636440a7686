"""Published models, written whole and verified before use; and what they were trained on."""

import hashlib
import importlib.metadata
import json
import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .errors import DataError, ModelError
from .files import Paths, read_json, replacing, rounded, write_json, write_text

SCHEMA = 2  # of the metadata; raised when older ones can no longer be read
POINTER = "current.txt"
SEAL = ".sealed"  # of processed data: mixed with those of another run they would be a leak
NAMED_BY = ("sha256", "signature", "threshold", "prices")  # what makes it another version
ORIGIN = ("version", "created", "commit", "packages")  # what publishing adds


@dataclass(frozen=True)
class Version:
    """One published model: the bytes of its file and what is known of it."""

    model: bytes
    metadata: dict[str, Any]


def publish(paths: Paths, model: bytes, metadata: dict[str, Any], packages: list[str]) -> Path:
    """Write a version and make it the current one; the one before stays, older ones go.

    A version is named by its content, so that publishing the same again changes nothing.
    ``metadata["file"]`` names the model's file; the versions of ``packages`` are recorded.

    Raises:
        ModelError: the file is larger than ``metadata["limits"]["model_mb"]``.
    """
    most = metadata["limits"]["model_mb"]
    if len(model) > most * 1e6:
        raise ModelError(
            f"the model takes {len(model) / 1e6:.1f} MB, more than the {most:g} MB of "
            "`limits.model_mb`, as it is committed. Leave it out of `models`, or raise the limit."
        )
    content = {"schema": SCHEMA, "sha256": hashlib.sha256(model).hexdigest(), **metadata}
    folder = paths.models / _name(content)
    try:
        before = load_version(folder).metadata
    except ModelError:
        before = {}
    if {key: before[key] for key in before if key not in ORIGIN} != rounded(content):
        with replacing(folder / metadata["file"]) as temporary:
            temporary.write_bytes(model)
        created = datetime.now(UTC).isoformat(timespec="seconds")
        used = {name: importlib.metadata.version(name) for name in packages}
        origin = (folder.name, created, _commit(paths.root), used)
        write_json(folder / "metadata.json", content | dict(zip(ORIGIN, origin, strict=True)))
    previous = _pointer(paths.models)
    write_text(paths.models / POINTER, folder.name + "\n")
    for found in paths.models.glob("*/metadata.json"):
        if previous != folder.name and found.parent.name not in (folder.name, previous):
            shutil.rmtree(found.parent)
    return folder


def load_current(models: Path) -> Version:
    """Read the version that ``current.txt`` names and verify it.

    Raises:
        ModelError: nothing was published, or the files are not those that were published.
    """
    if not (name := _pointer(models)):
        remedy = "Train and publish one with the `all` command."
        raise ModelError(f"no model in {models}: expected {POINTER} to name a version. {remedy}")
    return load_version(models / name)


def load_version(folder: Path) -> Version:
    """Read one version and verify it against its own metadata."""
    remedy = "Restore the folder from git, or publish again with the `all` command."
    try:
        metadata = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))
        model = (folder / str(metadata.get("file"))).read_bytes()
        checksum = hashlib.sha256(model).hexdigest()
        intact = metadata["sha256"] == checksum and folder.name == _name(metadata)
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise ModelError(f"the model in {folder} cannot be read: {error}. {remedy}") from error
    if metadata.get("schema") != SCHEMA or not intact:
        raise ModelError(
            f"the model in {folder} is not the one that was published, or another version of this "
            f"project did it: its checksum or schema differs. {remedy}"
        )
    return Version(model, metadata)


def seal(processed: Path) -> None:
    """Say that the data stage has written all of its files, as its last act."""
    write_text(processed / SEAL, fingerprint(processed))


def require_whole(processed: Path) -> str:
    """Return the fingerprint of the processed data.

    Raises:
        DataError: the data stage has not run, or was stopped between two of its files.
    """
    found = fingerprint(processed)
    if not (processed / SEAL).is_file() or (processed / SEAL).read_text("utf-8") != found:
        raise DataError(f"no complete data in {processed}: run the `data` command first")
    return found


def fingerprint(processed: Path) -> str:
    """A checksum of all that the data stage left: divided anew, the same rows are other data."""
    files = sorted(processed.glob("[!.]*"))
    sums = [f"{file.name}:{hashlib.sha256(file.read_bytes()).hexdigest()}" for file in files]
    return hashlib.sha256("\n".join(sums).encode()).hexdigest()


def read_candidate(paths: Paths) -> dict[str, Any]:
    """Read how the candidate was chosen; its model lies beside that file.

    Raises:
        ModelError: the train stage has not run, or not on the data that are prepared now.
    """
    training = dict(read_json(paths.candidate / "training.json", "train"))
    if training.get("data") != require_whole(paths.processed):
        raise ModelError(
            f"the candidate in {paths.candidate} was trained on other data than `data` prepared "
            "since, and may have learned what it would be tested on: run `train` again"
        )
    return training


def _name(metadata: dict[str, Any]) -> str:
    text = json.dumps(rounded({key: metadata.get(key) for key in NAMED_BY}), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _commit(root: Path) -> str | None:
    command = ["git", "-C", str(root), "rev-parse", "HEAD"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None  # no git, or not a repository yet


def _pointer(models: Path) -> str:
    try:
        return (models / POINTER).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return ""
