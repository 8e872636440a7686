"""Drafts of posts, filled from the reports. Nothing here talks to a network."""

import re
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from ..config import Config
from ..errors import ConfigError, ProjectError
from ..files import write_text
from ..paths import Paths, read_project
from .filling import fill, plain, project_facts

TWEET, POST = 280, 3_000  # the longest that X and LinkedIn take
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LINK = re.compile(r"https?://[!-~]*[a-zA-Z0-9/_-]")  # ends before a full stop or other scripts
DOMAIN = re.compile(r"\b[\w-]+(?:\.[\w-]+)*\.[a-zA-Z]{2,}\b")  # X makes a link of `a.py`, too
LINK_LENGTH = 23
# Ranges of letters that count once on X; all others count twice.
LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
SAMPLE_MARKS = {TWEET: " (synthetic sample)", POST: "\n\n(All numbers: synthetic sample.)"}


@dataclass(frozen=True)
class Draft:
    """A post; ``alt`` says what ``picture`` shows to those who cannot see it."""

    text: str
    limit: int
    picture: str = ""
    alt: str = ""
    title: str = ""


def length(text: str) -> int:
    """How long a text is as X counts: every link as 23, emoji and many scripts twice."""
    bare = DOMAIN.sub(lambda found: found[0].ljust(LINK_LENGTH), LINK.sub("-" * LINK_LENGTH, text))
    letters = map(ord, unicodedata.normalize("NFC", bare))
    return sum(1 if any(a <= letter <= b for a, b in LIGHT) else 2 for letter in letters)


def compose(
    text: str, limit: int, mark: str = "", opener: str = "", hashtags: tuple[str, ...] = ()
) -> str:
    """A text within ``limit``: mark and last link stay, the rest comes where there is room."""
    link = found[0] if (found := re.search(r"\s+https?://\S+$", text)) else ""
    whole = text = text.removesuffix(link)
    mark = link + mark
    while length(text + mark) > limit:
        whole = whole[:-1].rpartition(" ")[0]
        text = whole + "\u2026"
    text += mark
    if opener and length(f"{opener}\n\n{text}") <= limit:
        text = f"{opener}\n\n{text}"
    for number, tag in enumerate(hashtags):
        longer = text + (" #" if number else "\n\n#") + tag
        if length(longer) > limit:
            break
        text = longer
    return text


def write_week(config: Config, paths: Paths, week: int | None) -> Path:
    """Write the drafts of one week of this project, by default of the first that has none.

    Raises:
        ProjectError: there are no results yet, no such week, or drafts that you have edited.
    """
    weeks = _read("posts")["weeks"]
    files = {number: paths.root / "posts" / f"week-{number:02}.md" for number in weeks}
    if week is None:
        week = next((number for number, file in files.items() if not file.exists()), None)
    if week not in files:
        raise ProjectError(
            f"no such week, or all have drafts in {paths.root / 'posts'}. Expected --week with "
            f"one of: {', '.join(map(str, files))}."
        )
    values = project_facts(paths.reports)
    if values is None:
        raise ProjectError(f"no results in {paths.reports} to write about: run `all` first")
    values |= {"repository": _repository(paths)}
    openers = _read("start")["openers"][config.portfolio.tone]
    drafts = []
    for kind, limit in (("tweets", TWEET), ("linkedin", POST)):
        for number, part in enumerate(weeks[week][kind], start=1):
            opener = openers[kind].format(week=week, day=number, about=weeks[week]["about"])
            title = DAYS[number - 1] if limit == TWEET else f"LinkedIn, {number} of 2"
            draft = _draft(part, limit, opener, values, config.portfolio.hashtags)
            drafts.append(replace(draft, title=title))
    return _write(files[week], drafts)


def write_start(config: Config, paths: Paths) -> Path:
    """Write what a new profile needs: name, bio, banner, first tweet, first LinkedIn post.

    Raises:
        ProjectError: you have edited the one that is there.
    """
    project = read_project(paths)
    values = {
        "author": project.author,
        "title": project.title,
        "question": _read("posts")["question"],
        "repository": _repository(paths),
        "tools": ", ".join(config.portfolio.tools),
    }
    drafts = []
    for part in _read("start")[config.portfolio.tone]:
        text = compose(fill(part["text"], values, "start.yaml"), part["limit"])
        drafts.append(Draft(text, part["limit"], title=part["title"]))
    return _write(paths.root / "posts" / "start.md", drafts)


def _draft(
    part: dict[str, str], limit: int, opener: str, values: dict[str, str], tags: tuple[str, ...]
) -> Draft:
    text, picture, alt = (
        plain(fill(part.get(key, ""), values, "posts.yaml")) for key in ("text", "picture", "alt")
    )
    measured = re.search(r"\{(?!repository\})", part["text"])
    mark = SAMPLE_MARKS[limit] if measured and values["synthetic"] else ""
    return Draft(compose(text.strip(), limit, mark, opener, tags), limit, picture, alt)


def _write(file: Path, drafts: list[Draft]) -> Path:
    parts = ["Drafts, filled from the reports. Nothing is posted: read, change, and post yourself."]
    for draft in drafts:
        parts.append(f"## {draft.title} ({length(draft.text)} of {draft.limit:,})")
        parts.append(f"~~~text\n{draft.text}\n~~~")
        if draft.picture:
            parts.append(f"- Picture: reports/figures/{draft.picture}.png\n- Alt text: {draft.alt}")
    text = "\n\n".join(parts) + "\n"
    if file.exists() and file.read_bytes() != text.encode():
        raise ProjectError(
            f"{file} is there and says something else, so it stays as it is. Move or delete it to "
            "get fresh drafts."
        )
    return write_text(file, text)


def _repository(paths: Paths) -> str:
    address = read_project(paths).repository
    if not address:
        raise ConfigError(
            f"{paths.root / 'pyproject.toml'} does not say where the repository is: expected a "
            "[project.urls] table with `Repository`, its address."
        )
    return address


def _read(name: str) -> dict[str, Any]:
    text = (Path(__file__).parent / f"{name}.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))
