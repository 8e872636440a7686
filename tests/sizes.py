"""Sizes of a generated project, and the most that each may be."""

import re
from pathlib import Path

NAMES = ("files", "modules", "story", "kit", "api + dashboard", "tests", "words")
CEILINGS = {
    "churn": (60, 14, 1_900, 900, 450, 1_500, 1_000),
    "other": (75, 16, 2_600, 900, 650, 2_000, 1_100),
}
# What the design gives on top to what projects do in production, their data and their engines.
ALLOWED = (14, 1, 150, 750, 60, 150, 60)
ROOMS_OF_OPTIONAL_RUNGS = {"bert", "transfer", "lstm", "neural"}
MOST_OF_A_ROOM = 350
MADE = {"models", "reports", "logs", ".venv", ".git", "processed", "downloads", "uv.lock", ".lock"}


def measure(root: Path) -> dict[str, int]:
    """Count files, modules at the top of the package, physical lines, words a reader sees."""
    package = next(file.parent for file in sorted(root.glob("src/*/__init__.py")))
    files = [
        file
        for file in root.rglob("*")
        if file.is_file()
        and not MADE & set(file.relative_to(root).parts)
        and not any(part.endswith(("cache", "cache__")) for part in file.relative_to(root).parts)
    ]
    apart = {"kit", *ROOMS_OF_OPTIONAL_RUNGS}
    story = [f for f in package.rglob("*.py") if not apart & set(f.relative_to(package).parts)]
    readme = (root / "README.md").read_text(encoding="utf-8")
    counts = (
        len(files),
        len(list(package.glob("*.py"))) - 1,  # the table of contents
        lines(story),
        lines((package / "kit").rglob("*.py")),
        lines([*(root / "api").rglob("*.py"), *(root / "dashboard").rglob("*.py")]),
        lines((root / "tests").rglob("*.py")),
        len(re.sub(r"<!--.*?-->", "", readme, flags=re.DOTALL).split()),
    )
    return dict(zip(NAMES, counts, strict=True))


def lines(files) -> int:
    """Physical lines of all the files."""
    return sum(len(file.read_text(encoding="utf-8").splitlines()) for file in files)
