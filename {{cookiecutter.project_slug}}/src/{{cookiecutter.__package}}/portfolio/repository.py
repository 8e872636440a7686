"""What is checked in git, and how far the repository has come from its first commit."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from ..config import Config
from ..documents import SHEETS, documents, sheets
from ..files import read_json, read_text
from ..markdown import code
from ..paths import Paths
from . import prose
from .facts import SHIPPED
from .items import COMMAND, Item, item, size

PRODUCED = ("reports/", "models/", "uv.lock")
MAX_FILE = 10_000_000  # bytes
DATA = (".csv", ".tsv", ".jsonl", ".npz", ".parquet", ".xlsx", ".db", ".pkl", ".gz", ".zip")
DEFAULTS = re.compile(r"Your Name|github\.com/your-username")
REMOTE = re.compile(r"github\.com[:/]([\w.-]+/[\w.-]+?)(?:\.git)?/?$")
BADGE = re.compile(r"\(https://github\.com/([\w.-]+/[\w.-]+)/actions")
SECRET_FILE = re.compile(
    r"(^|/)(\.env(\.local)?|\.netrc|id_(rsa|ed25519)|(kaggle|credentials)\.json|secrets\.toml)$|\.p12$"
)
SECRET = re.compile(
    rb"\bA[KS]IA[0-9A-Z]{16}\b|\bAIza[\w-]{35}|\bgh[pousr]_\w{36}|\bgithub_pat_\w{50}"
    rb"|\bglpat-[\w-]{20}|\b(hf|gsk|npm)_[A-Za-z0-9]{34}|\b[rs]k_live_\w{20}|\bpypi-[\w-]{50}"
    rb"|\bsk-((proj|svcacct|ant|or)-[\w-]{20}|[A-Za-z0-9]{32})|\bxox[abprs]-[\w-]{10}"
    rb"|hooks\.slack\.com/services/T\w+/B|-----BEGIN [A-Z ]*PRIVATE KEY"
)


def in_repository(paths: Paths) -> Iterator[Item]:
    """There is a licence, and badges, links and licence name the author, not the defaults."""
    licence = paths.root / "LICENSE"
    wrong = [] if size(licence) else ["LICENSE is missing or empty"]
    yield item("licence", wrong, "LICENSE", "https://choosealicense.com", broken=True)
    named = (*documents(paths), paths.root / "pyproject.toml")
    texts = {file.name: read_text(file) for file in named if file.is_file()}
    if size(licence):  # it may come from anywhere, in any encoding
        texts["LICENSE"] = licence.read_text(encoding="utf-8", errors="replace")
    hits = {name: DEFAULTS.search(text) for name, text in texts.items()}
    wrong = [f"{name} says {hit[0]}" for name, hit in hits.items() if hit]
    pushed = REMOTE.search(_git(paths.root, "remote", "get-url", "origin").strip())
    badges = dict.fromkeys(BADGE.findall(texts["README.md"]))
    for badge in badges:
        if pushed and badge.lower() != pushed[1].lower():
            wrong.append(f"a badge is that of {badge}")
    yield item("names", wrong, "they are yours", "write your name and repository there")


def in_git(paths: Paths) -> Iterator[Item]:
    """No key or token of a known kind, no data set and no big file is in git."""
    # What lies in Git LFS is not in git: there stands a pointer in its place.
    which = ("--", ".", ":(exclude,attr:filter=lfs)")
    files = _git(paths.root, "ls-files", "-z", *which).split("\0")[:-1]
    sizes = {name: size(paths.root / name) for name in files}
    secret = [
        name
        for name in files
        if SECRET_FILE.search(name)
        or (0 < sizes[name] <= MAX_FILE and SECRET.search((paths.root / name).read_bytes()))
    ]
    kept = ("reports/", "models/", "tests/")
    data = [
        name
        for name in files
        if (name.startswith("data/") and sizes[name] and not name.endswith(".md"))
        or (name.lower().endswith(DATA) and not name.startswith(kept))
    ]
    big = [name for name in files if sizes[name] > MAX_FILE]
    revoke = "revoke it where it was made, then remove it from git's history"
    for part, wrong, good, remedy in (
        ("secrets", secret, "none of a known kind in the files now in git", revoke),
        ("data", data, "no data set in git", "git rm --cached FILE"),
        ("sizes", big, f"no file above {MAX_FILE // 1_000_000} MB in git", "git rm --cached FILE"),
    ):
        if files:
            yield item(part, [code(name) for name in wrong], good, remedy, broken=True)
        else:
            yield Item(part, "warn", "unknown: nothing is in git", "git add, git commit")


def in_private(config: Config, paths: Paths) -> Iterator[Item]:
    """In the tone ``upskilling``, no sheet of questions is in git."""
    if config.portfolio.tone != "upskilling":
        return
    names = {f"{folder}/{file.name}" for folder in SHEETS for file in sheets(paths)}
    known = names & {*_git(paths.root, "ls-files", "-z", "--", *SHEETS).split("\0")}
    wrong = [f"{code(name)} is in git" for name in sorted(known)]
    remedy = f"{COMMAND} report, then git rm --cached FILE; earlier commits keep it"
    yield item("private", wrong, "the sheet of questions is not in git", remedy, broken=True)


def progress(paths: Paths) -> str:
    """How far the repository has come from the commit that brought its README."""
    history = ("log", "--diff-filter=A", "--format=%H", "--reverse", "--", "README.md")
    first = next(iter(_git(paths.root, *history).split()), "")
    if not first or _git(paths.root, "rev-parse", "--is-shallow-repository") != "false\n":
        return "How far it has come from its first commit is unknown: git does not know that one."
    then = _git(paths.root, "show", f"{first}:./README.md")
    now = read_text(paths.root / "README.md")
    new = _paragraphs(now) - _paragraphs(then)
    names = _git(paths.root, "diff", "--name-only", "--relative", "-z", first).split("\0")[:-1]
    changed = [name for name in names if not name.startswith(PRODUCED) and name[-3:] != ".md"]
    return (
        f"Since its first commit: {_data(paths)}, {len(new)} paragraph(s) of the README new or "
        f"changed, {len(changed)} file(s) changed besides documents and results, "
        f"{'a' if prose.LIVE.search(now) else 'no'} live link."
    )


def _data(paths: Paths) -> str:
    try:
        dataset = read_json(paths.reports / "metrics.json")["dataset"]
    except (OSError, ValueError, KeyError, TypeError):
        return "no results"
    shipped = dataset["synthetic"] or dataset["name"] in SHIPPED
    return "the data set that it came with" if shipped else "a data set of your own"


def _paragraphs(text: str) -> set[str]:
    return {part.strip() for part in prose.own_words(text).split("\n\n") if part.strip()}


def _git(root: Path, *arguments: str) -> str:
    """What a git command prints; nothing where there is no git or no repository."""
    try:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.decode("utf-8", errors="replace")
