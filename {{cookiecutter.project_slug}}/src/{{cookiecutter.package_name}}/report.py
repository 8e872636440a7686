"""Rewriting the generated blocks of the documents, and never a word around them."""

import json
import re
from pathlib import Path

from cogapp import Cog
from cogapp.cogapp import CogError

from . import blocks
from .config import Config
from .errors import ProjectError
from .files import read_json, replacing
from .paths import Paths

FENCE = re.compile(r"^\s*(?P<marks>`{3,}|~{3,})(?P<rest>.*)$")


def report(config: Config, paths: Paths) -> list[Path]:
    """Bring the generated blocks of every document up to date with ``reports/``.

    Raises:
        ProjectError: a block's markers are broken, or stand inside a code fence.
    """
    # Every document is made before any is written, so that one bad marker changes nothing.
    documents = {paths.root / name: refreshed(paths.root / name) for name in blocks.DOCUMENTS}
    for file, text in documents.items():
        with replacing(file) as temporary:
            temporary.write_text(text, encoding="utf-8", newline="")
    return list(documents)


def refreshed(file: Path) -> str:
    """The text of ``file`` with fresh blocks and the line ends it had."""
    try:
        text = file.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ProjectError(f"cannot read {file} as UTF-8 text: {error}") from error
    newline = "\r\n" if "\r\n" in text else "\n"
    text = text.replace("\r\n", "\n")
    _refuse_markers_in_fences(file, text)
    try:
        text = Cog().process_string(text, str(file))
    except CogError as error:
        raise ProjectError(
            f"the markers of a generated block are broken: {error}. Expected a line with "
            "`[[[cog`, the block, and a line with `[[[end]]]`; restore them from git."
        ) from error
    return text.replace("\n", newline)


def show(name: str) -> None:
    """Put the block called ``name`` into the document that cog is processing."""
    import cog  # exists only while cog runs

    cog.outl(block(name, Path(cog.inFile).parent / "reports"))


def block(name: str, reports: Path) -> str:
    """The text of one generated block, or how to fill it where nothing has run yet."""
    try:
        found = [read_json(reports / file) for file in blocks.REPORTS]
    except FileNotFoundError:
        return f"*Not filled yet: run `uv run {__package__} all`.*"
    except json.JSONDecodeError as error:
        raise ProjectError(f"a file in {reports} is damaged: {error}. Run `all` again.") from error
    return str(getattr(blocks, name)(*found)).strip()


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
