"""Bringing a project from one version of the template to the next, file by file.

Of each file there are three: as the old version makes it, as the new one does, and as it is.
Where the author has changed nothing, the new one comes; where the template has changed nothing,
his stays; where both have, lines are merged, and what cannot be is said. Nothing of his is lost.
"""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from portfolio import pages

RECORDS = (".cruft.json", ".cookiecutter.json")  # their place is not taken from the template
BESIDE = ".new"


@dataclass(frozen=True)
class Step:
    """What happens to a file: `content` is written, None removes it. `left`: what is not done."""

    file: str
    content: bytes | None
    left: str = ""


def plan(old: Path, new: Path, project: Path) -> list[Step]:
    """What is to be done so that the project follows the template; nothing is written.

    Args:
        old: the project as the version makes it from which it came.
        new: the project as the version makes it to which it goes.
        project: the project as it is.
    """
    before, after = _files(old), _files(new)
    steps = []
    for file in sorted({*before, *after} - {*RECORDS}):
        place = project / file
        mine = place.read_bytes() if place.is_file() else None
        step = _step(file, _content(before, file), _content(after, file), mine)
        if step:
            steps.append(step)
    return steps


def apply(steps: list[Step], new: Path, project: Path) -> None:
    """Do what was planned, and remove the folders that are empty then."""
    for step in steps:
        target = project / step.file
        if step.content is None:
            target.unlink(missing_ok=True)
            _remove_empty(target.parent, project)
            continue
        fresh = not target.exists()
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(step.content)
        model = new / step.file
        if fresh and model.is_file():
            shutil.copymode(model, target)


def _step(file: str, old: bytes | None, new: bytes | None, mine: bytes | None) -> Step | None:
    """What happens to one file, by the three of it; None where nothing does."""
    if old is not None and mine is None:  # the author has removed it
        return None
    if new is None:
        if _same(file, mine, old):
            return Step(file, None)
        return Step(file, mine, "the template has it no more; you changed it, so it stays")
    if mine is None:
        return Step(file, new)
    if _equal(mine, new) or (old is not None and _same(file, old, new)):
        return None
    if old is None:
        return _beside(file, new, "the template brings a file of this name, and yours is there")
    if _same(file, mine, old) and not _has_blocks(file, mine):
        return Step(file, new)
    return _merged(file, old, new, mine)


def _merged(file: str, old: bytes, new: bytes, mine: bytes) -> Step | None:
    """Lines that both have changed; what is no text is not merged."""
    texts = [_text(content) for content in (mine, old, new)]
    if None in texts or file.endswith(".ipynb"):
        return _beside(file, new, "you changed it, and so did the template")
    newline = "\r\n" if b"\r\n" in mine else "\n"
    merge = pages.merge if file.endswith(".md") else pages.lines
    text, conflicts = merge(*texts)
    content = text.replace("\n", newline).encode()
    places = f"{conflicts} place{'' if conflicts == 1 else 's'}"
    left = f"you and the template changed the same lines: {places}, marked <<<<<<<"
    return Step(file, content, left if conflicts else "") if content != mine else None


def _same(file: str, one: bytes, other: bytes) -> bool:
    """Whether two of a file say the same, whatever a run has written into them."""
    if _equal(one, other):
        return True
    texts = _text(one), _text(other)
    if None in texts:
        return False
    if file.endswith(".ipynb"):
        return _sources(texts[0]) == _sources(texts[1])
    return file.endswith(".md") and pages.emptied(texts[0], texts[1]) == texts[1]


def _has_blocks(file: str, content: bytes) -> bool:
    return file.endswith(".md") and bool(pages.blocks(_text(content) or ""))


def _equal(one: bytes, other: bytes) -> bool:
    return one.replace(b"\r\n", b"\n") == other.replace(b"\r\n", b"\n")


def _sources(text: str) -> object:
    """A notebook's cells without what a run leaves in them; the text where it is none."""
    try:
        return [(cell["cell_type"], "".join(cell["source"])) for cell in json.loads(text)["cells"]]
    except (ValueError, KeyError, TypeError):
        return text


def _text(content: bytes) -> str | None:
    """The text of a file; None where it is none."""
    if b"\0" in content:
        return None
    try:
        return content.decode().replace("\r\n", "\n")
    except UnicodeDecodeError:
        return None


def _beside(file: str, new: bytes, why: str) -> Step:
    name = file + BESIDE
    return Step(name, new, f"{why}: take over what you like into {Path(file).name}, and remove it")


def _files(folder: Path) -> dict[str, Path]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path for path in found}


def _content(files: dict[str, Path], name: str) -> bytes | None:
    return files[name].read_bytes() if name in files else None


def _remove_empty(folder: Path, root: Path) -> None:
    while folder != root and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
