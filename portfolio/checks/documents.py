"""Pages: what they show is described and small, where they lead exists, nothing is half merged."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from portfolio import git, prose
from portfolio.checks.item import Item, code, item, pages, size
from portfolio.contract import Project

MAX_PICTURE = 500_000  # bytes
MAX_TEXT = 5_000_000  # bytes in which conflict marks are looked for
MARKS = re.compile(rb"^<{7} .*?^={7}\r?$.*?^>{7} ", re.DOTALL | re.MULTILINE)


def shown(project: Project) -> Iterator[Item]:
    """Pictures have a description and load fast; links lead to files that are there."""
    unseen, dead = [], []
    for file, text in pages(project).items():
        where = file.relative_to(project.root).as_posix()
        for alt, target in prose.pictures(text):
            if not alt.strip():
                unseen.append(f"{where}: {code(target)} has no description")
            if size(file.parent / unquote(target)) > MAX_PICTURE:
                unseen.append(f"{code(target)} is above {MAX_PICTURE // 1000} kB")
        gone = [target for target in prose.links(text) if _is_gone(project.root, file, target)]
        dead += [f"{where}: {code(target)} does not exist" for target in gone]
    remedy = "![what it shows](small file)"
    yield item("pictures", unseen, "described and small", remedy, "fail")
    yield item("links", dead, "lead to files that exist", "the document that is named", "fail")


def merged(project: Project) -> Iterator[Item]:
    """No file holds the marks of a conflict, and no rejected or second version lies about."""
    wrong = []
    for name in files(project.root):
        file = project.root / name
        if name.endswith((".rej", ".orig", ".new")):
            wrong.append(f"{code(name)} is left from a merge")
        elif 0 < size(file) <= MAX_TEXT:
            content = file.read_bytes()
            if b"<<<<<<< " in content and MARKS.search(content):
                wrong.append(f"{code(name)} has marks of a conflict")
    remedy = "choose between the lines from <<<<<<< to >>>>>>>, and remove what is left over"
    yield item("conflicts", wrong, "nothing is half merged", remedy, "fail")


def files(root: Path) -> list[str]:
    """The files that are in git or would come there; without git, all but hidden folders."""
    listed = git.ask(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    if listed is not None:
        return [name for name in dict.fromkeys(listed.split("\0")) if name]
    found = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
    own = (path for path in found if not any(part.startswith(".") for part in path.parts[:-1]))
    return sorted(path.as_posix() for path in own)


def _is_gone(root: Path, file: Path, target: str) -> bool:
    """Whether a link names a place in this repository that does not exist."""
    if re.match(r"[a-zA-Z][\w+.-]*:|//", target):
        return False  # an address in the web
    place = (root if target.startswith("/") else file.parent) / unquote(target).lstrip("/")
    try:
        return place.resolve().is_relative_to(root.resolve()) and not place.exists()
    except (OSError, ValueError):  # no system has a file of such a name
        return True
