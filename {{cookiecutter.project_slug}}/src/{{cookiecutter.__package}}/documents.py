"""The documents, and the generated blocks in them."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from cogapp import Cog
from cogapp.cogapp import CogError

from . import blocks
from .errors import ProjectError
from .files import read_json, read_text
from .paths import Paths

NOT_FILLED = f"*Not filled yet: run `uv run {__package__} all`.*"
FENCE = re.compile(r"^\s*(?P<marks>`{3,}|~{3,})(?P<rest>.*)$")
SHEETS = ("docs", "private")  # where sheets of questions may lie
CALL = b"portfolio.sheet import fill"  # what tells a sheet from other documents

Made = TypeVar("Made")


def documents(paths: Paths) -> list[Path]:
    """Every document that has generated blocks."""
    return [*(paths.root / name for name in blocks.DOCUMENTS), *sheets(paths)]


def sheets(paths: Paths) -> list[Path]:
    """The sheets of questions, wherever they lie."""
    files = [file for name in SHEETS for file in sorted((paths.root / name).glob("*.md"))]
    return [file for file in files if CALL in file.read_bytes()]


def refreshed(file: Path) -> str:
    """The text of ``file`` with fresh blocks and the line ends it had.

    Raises:
        ProjectError: a block's markers are broken, or stand inside a code fence.
    """
    text = read_text(file)
    newline = "\r\n" if "\r\n" in text else "\n"
    text = text.replace("\r\n", "\n")
    _refuse_markers_in_fences(file, text)
    try:
        text = Cog().process_string(text, str(file))
    except (CogError, SyntaxError) as error:
        if isinstance(error.__context__, ProjectError):  # cog wraps what blocks raise
            raise error.__context__ from None
        raise ProjectError(
            f"the markers of a generated block are broken: {error}. Expected a line with "
            "`[[[cog`, the block, and a line with `[[[end]]]`; restore them from git."
        ) from error
    return text.replace("\n", newline)


def made_from(reports: Path, make: Callable[..., Made]) -> Made | None:
    """What ``make`` makes of the reports; None where nothing has run yet.

    Raises:
        ProjectError: a report is damaged, or was written by another version of this project.
    """
    try:
        found = [read_json(reports / file) for file in blocks.REPORTS]
    except FileNotFoundError:
        return None
    except json.JSONDecodeError as error:
        raise ProjectError(f"a file in {reports} is damaged: {error}. Run `all` again.") from error
    try:
        return make(*found)
    except KeyError as error:
        raise ProjectError(
            f"the files in {reports} lack {error}: another version of this project wrote them. "
            "Run `all` again."
        ) from error


def _refuse_markers_in_fences(file: Path, text: str) -> None:
    opened = ""  # the marks of the fence that we are in; only as many of the same close it
    for number, line in enumerate(text.split("\n"), start=1):
        fence = FENCE.match(line)
        if fence and not opened:
            opened = fence["marks"]
        elif fence and fence["marks"].startswith(opened) and not fence["rest"].strip():
            opened = ""
        elif opened and "[[[cog" in line:
            raise ProjectError(
                f"{file}, line {number}: a block marker stands inside a code fence, where it "
                "would be run. Move it out of the fence, or close the fence above it."
            )
