"""Ticking what the repository can prove in ``ROADMAP.md``; no tick is ever taken away."""

import json
import re
from pathlib import Path

from ..config import Config
from ..errors import ProjectError
from ..files import read_text
from ..paths import Paths
from .check import inspect

# Parts of the check that do not hang on blocks: those are being rewritten while this runs.
PARTS: tuple[str, ...] = ("results", "words", "decisions", "live", "notebooks", "licence", "names")
PARTS += ("secrets", "data", "sizes")
OPEN = re.compile(r"^([ \t]*[-*] \[) (\].*<!-- proof: (\w+) ?(.*?) -->[ \t\r]*)$", re.MULTILINE)


def ticked(config: Config, paths: Paths) -> dict[Path, str]:
    """The roadmap and its text, with a tick where an open item's proof holds.

    There is nothing to tick where the author has removed the file.

    Raises:
        ProjectError: the file cannot be read, or a proof is of no known kind.
    """
    file = paths.root / "ROADMAP.md"
    if not file.exists():
        return {}
    checked = {item.name: item.status == "pass" for item in inspect(config, paths)}

    def tick(line: re.Match[str]) -> str:
        kind, of = line[3], line[4]
        if kind == "file":
            proved = (paths.root / of).is_file()
        elif kind == "tests":
            proved = _passed(paths.root, of)
        elif kind in PARTS:
            proved = checked.get(kind, False)  # a project may lack a part
        else:
            known = ", ".join(["file", "tests", *PARTS])
            raise ProjectError(f"ROADMAP.md: unknown proof {kind!r}; expected one of: {known}")
        return f"{line[1]}{'x' if proved else ' '}{line[2]}"

    return {file: OPEN.sub(tick, read_text(file))}


def _passed(root: Path, name: str) -> bool:
    """Whether pytest remembers running a file of tests (or all of them), and none that failed."""
    wanted = {f"tests/{file.name}" for file in (root / "tests").glob(f"{name or 'test_*'}.py")}
    ran, failed = (_remembered(root, what) for what in ("nodeids", "lastfailed"))
    return bool(wanted) and wanted <= ran and not wanted & failed


def _remembered(root: Path, what: str) -> set[str]:
    """The files of the tests that pytest has written down in its cache."""
    file = root / ".pytest_cache" / "v" / "cache" / what
    if not file.exists():
        return set()
    try:
        return {test.split("::")[0] for test in json.loads(read_text(file))}
    except ValueError:  # pytest was stopped while it wrote; its next run writes it anew
        return set()
