"""Published models, and what they were trained on: whole, verified, here or in object storage."""

import hashlib
import importlib.metadata
import json
import logging
import os
import shutil
import subprocess
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from . import DataError, ModelError, ProjectError
from .documents import span
from .files import Paths, read_json, replacing, rounded, write_json, write_text
from .settings import ProjectSettings

SCHEMA = 2  # of the metadata; raised when older ones can no longer be read
POINTER = "current.txt"
SEAL = ".sealed"  # of processed data: mixed with those of another run they would be a leak
NAMED_BY = ("sha256", "signature", "threshold", "prices")  # what makes it another version
os.environ.setdefault("GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT", "false")  # it would ask by gRPC too
logging.getLogger("gcsfs").setLevel(logging.CRITICAL)  # it logs what it raises as well
HELP = "Check the address, and the credentials in the environment"


def publish(paths: Paths, model: bytes, metadata: dict[str, Any], packages: list[str]) -> Path:
    """Write a version, named by its content, in ``metadata["file"]``, and make it the current one;
    ``limits.versions`` stay. One larger than ``limits.model_mb`` is a ModelError."""
    most = metadata["limits"]["model_mb"]
    if len(model) > most * 1e6:
        why = f"the model takes {len(model) / 1e6:.1f} MB, `limits.model_mb` allows {most:g}"
        raise ModelError(f"{why}. Leave it out of `models`, or raise the limit.")
    content = {"schema": SCHEMA, "sha256": hashlib.sha256(model).hexdigest(), **metadata}
    folder, previous = paths.models / _name(content), current_version(paths.models)
    origin = {
        "version": folder.name,
        "created": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "commit": _commit(paths.root),
        "packages": {name: importlib.metadata.version(name) for name in packages},
    }
    before: dict[str, Any] = {}
    with suppress(ModelError):
        before = load_version(folder)[1]
    if before != rounded(content) | {key: before.get(key) for key in origin}:
        _write(folder / metadata["file"], model)
        write_json(folder / "metadata.json", content | origin)
    if previous != folder.name:
        (paths.reports / "explain.json").unlink(missing_ok=True)  # of the one before
        write_text(paths.models / POINTER, folder.name + "\n")
        known = [found["version"] for found in versions(paths.models)]
        # The one before was current a moment ago, however old: to go back to it must be possible.
        ranked = list(dict.fromkeys([folder.name, previous, *known]))
        for old in set(known) - set(ranked[: metadata["limits"].get("versions", 2)]):
            shutil.rmtree(paths.models / old)
    return folder


def versions(models: Path) -> list[dict[str, Any]]:
    """The metadata of every version in the folder, the newest first; of a damaged one its name."""
    found = []
    for file in models.glob("*/metadata.json"):
        metadata: dict[str, Any] = {}
        with suppress(ProjectError):
            metadata = dict(read_json(file, "all"))
        found.append({"created": ""} | metadata | {"version": file.parent.name})
    return sorted(found, key=lambda metadata: str(metadata["created"]), reverse=True)


def describe(metadata: dict[str, Any], models: Path) -> str:
    """A version in a line: when it was made, from what, how good it is, what it earns."""
    star = "*" if metadata["version"] == current_version(models) else " "
    parts = [f"{star} {metadata['version']}", str(metadata["created"])[:16] or "(damaged)"]
    data, score, money = map(metadata.get, ("dataset", "primary_metric", "business"))
    parts += [f"{data['name']}, {data['rows']:,} rows"] if data else []
    parts += [f"{score['name']} {score['value']:.4g}"] if score else []
    parts += [f"{span(money)} {money['currency']} per {money['per']}"] if money else []
    return "  ".join(parts)


def require_same_data(processed: Path, *versions: dict[str, Any]) -> None:
    """Refuse with a ModelError versions of another data set than the one that `data` prepared."""
    name = read_json(processed / "dataset.json", "data")["name"]
    for metadata in versions:
        if (learned := metadata["dataset"]["name"]) != name:
            why = f"a model of {learned!r} cannot be compared on {name!r}, which `data` prepared"
            raise ModelError(f"{why} last: run `data --dataset {learned}` first")


def roll_back(models: Path, version: str) -> None:
    """Make another version the current one, if it is intact."""
    write_text(models / POINTER, load_version(models / version)[1]["version"] + "\n")


def about(config: ProjectSettings, paths: Paths, dataset: dict[str, Any]) -> dict[str, Any]:
    """What every version says of itself, whatever kind of model it is."""
    project, kept = paths.project(), {"prices", "limits", "monitoring"}
    names = {"project": project["name"], "title": project["description"], "dataset": dataset}
    return names | config.model_dump(include=kept)


def results(metrics: dict[str, Any]) -> dict[str, Any]:
    """What a version says of how good it was: test scores, primary metric, money."""
    scores = {name: score["value"] for name, score in metrics["test"].items()}
    return {"metrics": scores} | {key: metrics[key] for key in ("primary_metric", "business")}


def load_current(models: Path) -> tuple[bytes, dict[str, Any]]:
    """Read the model that ``current.txt`` names; a ModelError where it is not as published."""
    if name := current_version(models):
        return load_version(models / name)
    raise ModelError(f"no model in {models}. Publish one with `all`, or correct the address.")


def load_version(folder: Path) -> tuple[bytes, dict[str, Any]]:
    """Read one version and verify it against its own metadata."""
    remedy = "`versions` lists what there is. Restore it from git, or publish again with `all`."
    try:
        metadata = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))
        model = (folder / str(metadata.get("file"))).read_bytes()
        named = folder.name == metadata["version"] == _name(metadata)
        whole = metadata["sha256"] == hashlib.sha256(model).hexdigest()
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise ModelError(f"the model in {folder} cannot be read: {error}. {remedy}") from error
    if not (named and whole and metadata.get("schema") == SCHEMA):
        why = "is not the one that was published, or not by this version of the project"
        raise ModelError(f"the model in {folder} {why}: its checksum or schema differs. {remedy}")
    return model, metadata


def seal(processed: Path) -> None:
    """Say that the data stage has written all of its files, as its last act."""
    write_text(processed / SEAL, fingerprint(processed))


def require_whole(processed: Path) -> str:
    """Return the fingerprint of the processed data, if the data stage came to its end."""
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
    """Read how the candidate was chosen, on the data that are there now; its model lies beside."""
    training = dict(read_json(paths.candidate / "training.json", "train"))
    if training.get("data") != require_whole(paths.processed):
        why = "was trained on other data, and may have learned what it would be tested on"
        raise ModelError(f"the candidate in {paths.candidate} {why}: run `train` again")
    return training


def _name(metadata: dict[str, Any]) -> str:
    text = json.dumps(rounded({key: metadata.get(key) for key in NAMED_BY}), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _commit(root: Path) -> str | None:
    command = ["git", "-C", str(root), "rev-parse", "--verify", "--quiet", "HEAD"]
    found = shutil.which("git") and subprocess.run(command, capture_output=True, text=True).stdout
    return (found or "").strip() or None  # without git, or before a first commit


def current_version(models: Path) -> str:
    """The name of the version that is served; empty where none was published."""
    try:
        return (models / POINTER).read_text("utf-8", errors="replace").strip()
    except FileNotFoundError:
        return ""


def place(address: str | None) -> Any:
    """A folder, or what works like one behind an address such as ``s3://bucket/prefix``."""
    if not address:
        raise ProjectError("config.yaml has no `storage`: s3://…, gs://…, az://… or a folder")
    if "://" not in address:
        return Path(address).expanduser()
    try:
        from upath import UPath

        folder = UPath(address, use_listings_cache=False)  # another machine may write there
        folder.fs.info = partial(_look, folder.fs.info)
    except (ImportError, ValueError) as error:
        needs = f"Expected s3://, gs:// or az://, and `uv sync --extra storage`. {HELP}."
        raise ProjectError(f"`storage` {address!r} cannot be used: {error}. {needs}") from error
    return folder


def _look(info: Any, path: str, **options: Any) -> Any:
    # Clients of clouds ask one that is down for minutes; whatever is read is looked up first.
    try:
        return info(path, **options | {"timeout": 15})
    except (FileNotFoundError, ProjectError):
        raise
    except Exception as error:  # each cloud's library has kinds of its own
        why = str(error).partition("\n")[0] or "no answer in 15 seconds"
        raise ProjectError(f"{path} cannot be read: {why}. {HELP}.") from error


def transfer(source: Paths, target: Paths) -> None:
    """Copy the served version and its data, the pointer last; a ProjectError says why not."""
    try:
        version = load_current(source.models)[1]["version"]
        require_whole(source.processed)
        current_version(target.models)  # it can be reached
        _copy(source.models / version, target.models / version)
        _copy(source.processed, target.processed)
        load_version(target.models / version)  # as it has arrived
        require_whole(target.processed)
        _write(target.models / POINTER, f"{version}\n".encode())
    except ProjectError:
        raise
    except Exception as error:
        why = f"{type(error).__name__}: {error}".partition("\n")[0]
        said = f"{source.root} cannot be copied to {target.root}: {why}"
        raise ProjectError(f"{said}. {HELP}; what is served there stays.") from error


def _copy(source: Path, target: Path) -> None:
    for file in (files := list(source.iterdir())):
        _write(target / file.name, file.read_bytes())
    for old in {file.name for file in target.iterdir()} - {file.name for file in files}:
        (target / old).unlink()


def _write(file: Path, content: bytes) -> None:
    with replacing(file) if isinstance(file, Path) else nullcontext(file) as temporary:
        temporary.write_bytes(content)
