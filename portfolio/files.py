"""Reading and writing text, the same on every system."""

import os
import tempfile
from pathlib import Path

from portfolio.errors import UserError


def read_text(file: Path) -> str:
    """The text of a file, line ends as they stand in it.

    Raises:
        UserError: the file is not UTF-8.
    """
    try:
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(f"{file}: not UTF-8 text; save it as UTF-8.") from error


def write_text(file: Path, text: str) -> None:
    """Write a file whole or not at all: whoever reads it meanwhile sees the old one."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(text.encode("utf-8"))
        # A temporary file is for its owner alone; a document is as readable as others.
        os.chmod(name, file.stat().st_mode & 0o777 if file.exists() else 0o644)
        os.replace(name, file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
