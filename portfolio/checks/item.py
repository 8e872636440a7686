"""One line of the answer, and what several subjects need."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from portfolio.contract import Project
from portfolio.files import read_text

# `fail`: a machine can tell that it is broken. `todo`: for the author to write or to decide.
# `unknown`: it could not be judged here, and the reason says what is missing for that.
Status = Literal["pass", "todo", "unknown", "fail"]
SHOWN = 6  # of what is wrong


@dataclass(frozen=True)
class Item:
    """What was found of one subject, and what mends it."""

    name: str
    status: Status
    reason: str
    remedy: str = ""


def item(name: str, wrong: Sequence[str], good: str, remedy: str, status: Status = "todo") -> Item:
    """`pass` where nothing is wrong; else that status, with what is wrong."""
    if not wrong:
        return Item(name, "pass", good)
    more = [f"{len(wrong) - SHOWN} more"] if len(wrong) > SHOWN else []
    return Item(name, status, "; ".join([*wrong[:SHOWN], *more]), remedy)


def code(name: str) -> str:
    """A name from the project as code, on one line."""
    text = " ".join(str(name).split())
    return f"`{text}`" if "`" not in text else f"`` {text} ``"


def command(project: Project, rest: str) -> str:
    """A command of the project's own."""
    return f"uv run {project.package} {rest}"


def pages(project: Project) -> dict[Path, str]:
    """The Markdown pages that readers are led to, with their text."""
    root = project.root
    named = [root / "README.md", root / "MODEL_CARD.md", root / "data" / "README.md"]
    files = [*named, *sorted((root / "docs").glob("**/*.md"))]
    return {file: read_text(file) for file in files if file.is_file()}


def size(file: Path) -> int:
    """The bytes of a file; 0 where there is none, and where none can have such a name."""
    try:
        return file.stat().st_size if file.is_file() else 0
    except (OSError, ValueError):
        return 0
