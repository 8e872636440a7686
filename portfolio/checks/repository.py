"""The repository: licensed, under its author's name, with nothing in it that should not be."""

import re
from collections.abc import Iterator

from portfolio import git, prose
from portfolio.checks.documents import files
from portfolio.checks.item import Item, code, item, size
from portfolio.contract import Project
from portfolio.files import read_text

MAX_FILE = 10_000_000  # bytes
DATA = (".csv", ".tsv", ".jsonl", ".npz", ".parquet", ".xlsx", ".db", ".pkl", ".gz", ".zip")
KEPT = ("reports/", "models/", "tests/")  # may hold files of these kinds
DEFAULTS = re.compile(r"Your Name|your-username")
BADGE = re.compile(r"\(https://github\.com/([\w.-]+/[\w.-]+)/actions")
PRODUCED = ("reports/", "models/", "uv.lock")


def owned(project: Project) -> Iterator[Item]:
    """There is a licence, and badges, links and licence name the author, not the defaults."""
    root = project.root
    wrong = [] if size(root / "LICENSE") else ["LICENSE is missing or empty"]
    yield item("licence", wrong, "LICENSE", "https://choosealicense.com", "fail")
    named = ("README.md", "MODEL_CARD.md", "pyproject.toml", "LICENSE")
    texts = {  # a licence may come from anywhere, in any encoding
        name: (root / name).read_text(encoding="utf-8", errors="replace")
        for name in named
        if (root / name).is_file()
    }
    hits = {name: DEFAULTS.search(text) for name, text in texts.items()}
    wrong = [f"{name} says {hit[0]}" for name, hit in hits.items() if hit]
    pushed = git.repository(root)
    for badge in dict.fromkeys(BADGE.findall(texts.get("README.md", ""))):
        if pushed and badge.lower() != pushed.lower() and not DEFAULTS.search(badge):
            wrong.append(f"a badge is that of {badge}")
    yield item("names", wrong, "they are yours", "write your name and repository there")


def stored(project: Project) -> Iterator[Item]:
    """Data in git has its source and licence beside it, and no file is too big for git."""
    root = project.root
    listed = (git.ask(root, "ls-files", "-z") or "").split("\0")
    tracked = [name for name in listed if name]
    if not tracked:
        remedy = "git init; git add .; git commit"
        yield Item("git", "todo", "nothing of it is in git", remedy)
    page = root / "data" / "README.md"
    said = read_text(page).lower() if page.is_file() else ""
    data = [name for name in tracked if _is_data(project, name)]
    wrong = [code(name) for name in data if not re.search(rf"\b{_stem(name)}\b", said)]
    good = "none in git, or with a word on it in data/README.md"
    remedy = "name its source and licence in data/README.md, or git rm --cached FILE"
    yield item("data", wrong, good, remedy, "fail")
    big = [name for name in files(root) if size(root / name) > MAX_FILE]
    wrong = [
        f"{code(name)} has {size(root / name) / 1e6:,.0f} MB"
        + ("" if name in tracked else " and would come into git")
        for name in big
        if not _in_lfs(project, name)
    ]
    good = f"no file above {MAX_FILE // 1_000_000} MB"
    yield item("sizes", wrong, good, "a smaller one, or git lfs track FILE before git add", "fail")


def progress(project: Project) -> str:
    """How far the repository has come from the commit that brought its README."""
    root = project.root
    history = ("log", "--diff-filter=A", "--format=%H", "--reverse", "--", "README.md")
    first = next(iter((git.ask(root, *history) or "").split()), "")
    if not first or git.ask(root, "rev-parse", "--is-shallow-repository") != "false":
        return "How far it has come from its first commit is unknown: git does not know it."
    then = git.ask(root, "show", f"{first}:./README.md") or ""
    new = _paragraphs(project.readme.text) - _paragraphs(then)
    names = (git.ask(root, "diff", "--name-only", "--relative", "-z", first) or "").split("\0")
    changed = [name for name in names if name and not name.startswith(PRODUCED)]
    code_files = [name for name in changed if not name.endswith(".md")]
    return (
        f"Since its first commit: {len(new)} paragraph(s) of the README new or changed, "
        f"{len(code_files)} file(s) changed besides documents and results."
    )


def _is_data(project: Project, name: str) -> bool:
    inside = name.startswith("data/") and not name.endswith(".md")
    other = name.lower().endswith(DATA) and not name.startswith(KEPT)
    return (inside or other) and size(project.root / name) > 0


def _stem(name: str) -> str:
    """What a data file is called, without its folder and all of its endings."""
    return re.escape(name.rsplit("/", 1)[-1].partition(".")[0].lower() or name)


def _in_lfs(project: Project, name: str) -> bool:
    """What lies in Git LFS is not in git: there stands a pointer in its place."""
    said = git.ask(project.root, "check-attr", "filter", "--", name) or ""
    return said.endswith(": lfs")


def _paragraphs(text: str) -> set[str]:
    return {part.strip() for part in prose.own_words(text).split("\n\n") if part.strip()}
