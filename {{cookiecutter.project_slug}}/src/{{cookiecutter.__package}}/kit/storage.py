"""The served version, and the data it was tested on, in object storage or another folder."""

import logging
import os
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

from . import ProjectError
from .files import Paths, replacing
from .store import POINTER, current_version, load_current, load_version, require_whole

os.environ.setdefault("GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT", "false")  # it would ask by gRPC too
logging.getLogger("gcsfs").setLevel(logging.CRITICAL)  # it logs what it raises as well
HELP = "Check the address, and the credentials in the environment"


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
