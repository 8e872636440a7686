"""Published models: written whole or not at all, and verified before they are used."""

import hashlib
import importlib.metadata
import json
import platform
import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .errors import ModelError
from .files import read_json, replacing, rounded, write_json, write_text

SCHEMA = 1  # raised when older metadata can no longer be read
MAX_BYTES = 10_000_000  # a committed model above this makes the repository slow to clone
POINTER = "current.txt"


@dataclass(frozen=True)
class Version:
    """One published model: the bytes of its file and what is known of it."""

    model: bytes
    metadata: dict[str, Any]


def publish(
    models: Path,
    model: bytes,
    metadata: dict[str, Any],
    packages: tuple[str, ...],
    max_bytes: float = MAX_BYTES,
) -> Path:
    """Write a version and make it the current one; the one before stays, older ones go.

    A version is named by its content, so that publishing the same again changes nothing.
    ``metadata["file"]`` names the model's file; the versions of ``packages`` are recorded.

    Raises:
        ModelError: the file is too large to be committed.
    """
    if len(model) > max_bytes:
        raise ModelError(
            f"the model takes {len(model) / 1e6:.1f} MB; expected at most "
            f"{max_bytes / 1e6:g} MB, as it is committed. Leave out the largest model in "
            "`models`, or make it smaller."
        )
    content = {**metadata, "schema": SCHEMA, "sha256": hashlib.sha256(model).hexdigest()}
    version = _name(content)
    folder = models / version
    if not _is_intact(folder):
        origin = _origin(models.parent, packages)
        with replacing(folder) as temporary:
            temporary.mkdir()
            (temporary / metadata["file"]).write_bytes(model)
            write_json(temporary / "metadata.json", {**content, "version": version, **origin})
    previous = _read_pointer(models)
    write_text(models / POINTER, version + "\n")
    if previous != version:
        _remove_except(models, {version, previous})
    return folder


def load_current(models: Path) -> Version:
    """Read the version that ``current.txt`` names and verify it.

    Raises:
        ModelError: no model was published, a file is missing or unreadable, or the bytes are not
            those that were published.
    """
    name = _read_pointer(models)
    if name is None:
        raise ModelError(
            f"no model in {models}: expected {POINTER} to name a version. "
            "Train and publish one with the `all` command."
        )
    return load_version(models / name)


def load_version(folder: Path) -> Version:
    """Read one version and verify it against its own metadata."""
    remedy = "Restore the folder from git, or publish again with the `all` command."
    try:
        metadata = read_json(folder / "metadata.json")
        model = (folder / str(metadata.get("file"))).read_bytes()
    except (OSError, ValueError, TypeError) as error:
        raise ModelError(f"the model in {folder} cannot be read: {error}. {remedy}") from error
    if metadata.get("schema") != SCHEMA:
        raise ModelError(
            f"the model in {folder} has metadata of schema {metadata.get('schema')}; "
            f"expected {SCHEMA}. Publish again with the `all` command."
        )
    checksum = hashlib.sha256(model).hexdigest()
    if metadata.get("sha256") != checksum or folder.name != _name(metadata):
        raise ModelError(
            f"the model in {folder} is not the one that was published: its checksum differs. "
            + remedy
        )
    return Version(model, metadata)


def _is_intact(folder: Path) -> bool:
    try:
        load_version(folder)
    except ModelError:
        return False
    return True


def _origin(project: Path, packages: tuple[str, ...]) -> dict[str, Any]:
    """When and with what a model was made; kept out of its name, so that reruns match."""
    return {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "git_revision": _git_revision(project),
        "packages": {name: importlib.metadata.version(name) for name in packages},
        "python": platform.python_version(),
    }


def _name(metadata: dict[str, Any]) -> str:
    volatile = ("version", "created", "git_revision", "packages", "python")
    content = {key: value for key, value in metadata.items() if key not in volatile}
    text = json.dumps(rounded(content), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _git_revision(project: Path) -> str | None:
    try:
        answer = subprocess.run(
            ["git", "rev-parse", "HEAD"],
            cwd=project,
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        )
    except (OSError, subprocess.SubprocessError):
        return None  # no git, or not a repository yet
    return answer.stdout.strip()


def _read_pointer(models: Path) -> str | None:
    try:
        return (models / POINTER).read_text(encoding="utf-8").strip() or None
    except (OSError, ValueError):
        return None


def _remove_except(models: Path, kept: set[str | None]) -> None:
    for metadata in models.glob("*/metadata.json"):
        if metadata.parent.name not in kept:
            shutil.rmtree(metadata.parent)
