"""The folders of a project, and writing so that nothing good is lost on the way."""

import json
import os
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from . import ProjectError


class Paths:
    """Where each stage reads and writes; ``root`` is the folder of ``config.yaml``."""

    def __init__(self, root: Path) -> None:
        self.root, self.reports, self.models = root, root / "reports", root / "models"
        self.downloads, self.processed = root / "data" / "downloads", root / "data" / "processed"
        self.figures, self.candidate = self.reports / "figures", self.models / "candidate"

    def project(self) -> dict[str, Any]:
        """What ``pyproject.toml`` says of the project: ``name`` and ``description``, its title."""
        return dict(tomllib.loads((self.root / "pyproject.toml").read_text("utf-8"))["project"])


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path; the file written there takes the place of ``path`` at the end."""
    temporary = path.with_name(f".{os.getpid()}-{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        os.replace(temporary, path)
    except OSError as error:
        why = f"cannot write {path}: {error.strerror or error}. What was there is unchanged"
        raise ProjectError(f"{why}. Free some disk space, or make the folder writable.") from error
    finally:
        with suppress(OSError):  # where nothing can be written, nothing can be removed
            temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> Path:
    """Write UTF-8 text with the line ends it has, on every system."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="")
    return path


def write_json(path: Path, data: dict[str, Any] | list[Any]) -> Path:
    """Write JSON that is the same, byte for byte, whenever the content is the same."""
    text = json.dumps(rounded(data), indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return write_text(path, text + "\n")


def read_json(path: Path, stage: str) -> Any:
    """Read what ``stage`` has written; a missing or damaged file is a ProjectError."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        remedy = f"run the `{stage}` command first, or restore it from git"
        raise ProjectError(f"{path} cannot be read: {error}; {remedy}") from error


def rounded(value: Any) -> Any:
    """Round floats to 6 significant digits, so that reruns do not differ by noise; NaN is None."""
    text = json.dumps(value, default=lambda found: found.tolist())  # NumPy's scalars and arrays
    digits, none = (lambda number: float(f"{float(number):.6g}")), (lambda _: None)
    return json.loads(text, parse_float=digits, parse_constant=none)
