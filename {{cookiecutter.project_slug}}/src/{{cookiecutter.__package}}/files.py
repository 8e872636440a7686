"""Writing files so that a crash, a full disk or Ctrl-C never costs what was there before."""

import json
import math
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from .errors import ProjectError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path that takes the place of ``path`` only if the block succeeds.

    ``path`` may be a file or a whole folder; the block writes one at the temporary path.

    Raises:
        ProjectError: the disk is full, or the folder cannot be written.
    """
    temporary = path.with_name(f".{os.getpid()}-{path.name}")
    old = path.with_name(f".{os.getpid()}-old-{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _tidy(path, temporary, old)  # in a container a killed run had the same number
        yield temporary
        if path.is_dir():  # no system renames a folder over a full one: the old one steps aside
            os.rename(path, old)
        os.replace(temporary, path)
    except OSError as error:
        raise ProjectError(
            f"cannot write {path}: {error.strerror or error}. What was there is unchanged. "
            "Free some disk space, or make the folder writable, and run the stage again."
        ) from error
    finally:
        try:
            _tidy(path, temporary, old)
        except KeyboardInterrupt:  # pressed at this very moment: first make an end of it
            _tidy(path, temporary, old)
            raise


def _tidy(path: Path, temporary: Path, old: Path) -> None:
    """Bring back what stepped aside if nothing took its place; remove the rest."""
    if old.exists() and not path.exists():
        os.rename(old, path)
    for leftover in (temporary, old):
        with suppress(OSError):  # a folder; or nothing can be written here, so nothing was
            leftover.unlink(missing_ok=True)
        shutil.rmtree(leftover, ignore_errors=True)


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Let one run at a time work in the project in ``folder``.

    The system lets go of the lock when the run ends, even if it was killed: none is ever stale.

    Raises:
        ProjectError: another run is at work there.
    """
    file = folder / "data" / ".lock"
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as opened:
        if not _lock(opened.fileno()):
            raise ProjectError(
                f"another run is at work in {folder}. Wait until it has ended, or stop it."
            )
        yield


def _lock(file: int) -> bool:
    """Whether nobody else holds the lock of an open file, which is now ours."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:  # some network drives know no locks: there two runs are the user's affair
        return True
    return True


def read_text(path: Path) -> str:
    """Read a UTF-8 text with the line ends it has.

    Raises:
        ProjectError: the file cannot be read, or is no such text.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ProjectError(f"cannot read {path} as UTF-8 text: {error}") from error


def write_text(path: Path, text: str) -> Path:
    """Write UTF-8 text with ``\n`` line ends on every system."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
    return path


def write_json(path: Path, data: dict[str, Any]) -> Path:
    """Write JSON that is the same, byte for byte, whenever the content is the same."""
    text = json.dumps(rounded(data), indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return write_text(path, text + "\n")


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object from a UTF-8 file."""
    return dict(json.loads(path.read_text(encoding="utf-8")))


def rounded(value: Any) -> Any:
    """Round every float to 6 significant digits, so that a rerun does not differ by noise.

    What is not defined (NaN) becomes None: JSON has no other word for it.
    """
    if isinstance(value, dict):
        return {str(key): rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(item) for item in value]
    if hasattr(value, "tolist"):  # a NumPy scalar or array
        return rounded(value.tolist())
    if isinstance(value, float):
        return None if math.isnan(value) else float(f"{value:.6g}")
    return value
