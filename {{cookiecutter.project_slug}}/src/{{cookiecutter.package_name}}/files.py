"""Writing files so that a crash, a full disk or Ctrl-C never costs what was there before."""

import json
import math
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
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
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        _swap(temporary, path)
    except OSError as error:
        raise ProjectError(
            f"cannot write {path}: {error.strerror or error}. What was there is unchanged. "
            "Free some disk space, or make the folder writable, and run the stage again."
        ) from error
    finally:
        _remove(temporary)


def _swap(temporary: Path, path: Path) -> None:
    if not path.is_dir():
        os.replace(temporary, path)
        return
    # No system renames a folder over a full one, so the old one steps aside first.
    old = path.with_name(f".{os.getpid()}-old-{path.name}")
    os.rename(path, old)
    try:
        os.rename(temporary, path)
    except OSError:
        os.rename(old, path)
        raise
    _remove(old)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


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
