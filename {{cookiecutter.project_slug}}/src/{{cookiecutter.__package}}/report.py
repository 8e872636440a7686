"""Rewriting the generated blocks of the documents, and never a word around them."""

from pathlib import Path

from . import blocks
from .config import Config
from .documents import NOT_FILLED, documents, made_from, refreshed
from .files import replacing
from .paths import Paths
from .portfolio import diagram
from .portfolio.roadmap import ticked
from .portfolio.sheet import settle


def report(config: Config, paths: Paths) -> list[Path]:
    """Bring every document up to date with ``reports/``, and tick what the repository proves.

    Raises:
        ProjectError: a block's markers are broken, or stand inside a code fence.
    """
    settle(config, paths)
    # Every document is made before any is written, so that one bad marker changes nothing.
    texts = {file: refreshed(file) for file in documents(paths)} | ticked(config, paths)
    for file, text in texts.items():
        with replacing(file) as temporary:
            temporary.write_text(text, encoding="utf-8", newline="")
    return list(texts)


def show(name: str) -> None:
    """Put the block called ``name`` into the document that cog is processing."""
    import cog  # exists only while cog runs

    cog.outl(block(name, Path(cog.inFile).parent / "reports"))


def block(name: str, reports: Path) -> str:
    """The text of one generated block, or how to fill it where nothing has run yet."""
    make = getattr(blocks, name, None) or getattr(diagram, name)
    made = made_from(reports, make)
    return NOT_FILLED if made is None else made.strip()
