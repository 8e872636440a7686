"""Drafts from texts and facts, and the files that hold them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from portfolio import private
from portfolio.contract import Project
from portfolio.facts import facts
from portfolio.filling import fill, measured
from portfolio.posts import plan
from portfolio.posts.length import POST, TWEET, compose, length
from portfolio.workspace import Workspace

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MARKS = {TWEET: " (synthetic sample)", POST: "\n\n(All numbers: synthetic sample.)"}
HEAD = "Drafts, filled from the results. Nothing is posted: read, change, and post yourself."


@dataclass(frozen=True)
class Draft:
    """A post; `alt` says what the picture shows to those who cannot see it."""

    title: str
    text: str
    limit: int
    picture: str = ""
    alt: str = ""


def week_file(here: Workspace, project: Project, week: int) -> Path:
    """Where the drafts of a week lie."""
    return here.private / "posts" / f"week-{week:02}-{project.name}.md"


def write_week(here: Workspace, project: Project, week: int) -> Path:
    """Write the drafts of one week.

    Raises:
        UserError: there are drafts that you have edited.
    """
    return _write(week_file(here, project, week), list(week_drafts(here, project, week)), project)


def week_drafts(here: Workspace, project: Project, week: int) -> Iterator[Draft]:
    """Seven tweets and two LinkedIn posts."""
    known, texts = facts(project), plan.draft_set(here.track, week, project.domain)
    openers = plan.read("common")["openers"][here.tone]
    spare = iter(plan.read("common")["spare"])
    for kind, limit in (("tweets", TWEET), ("linkedin", POST)):
        for number, part in enumerate(texts[kind], start=1):
            part = {"text": part} if isinstance(part, str) else part
            text = part["text"] if fill(part["text"], known) else next(spare)
            real = "synthetic" not in known or not measured(text, known)
            values = {"week": str(week), "day": str(number), "about": texts["about"]}
            opener = fill(openers[kind], values)
            mark = "" if real else MARKS[limit]
            whole = compose(fill(text, known), limit, mark, opener, here.hashtags)
            title = DAYS[number - 1] if limit == TWEET else f"LinkedIn, {number} of 2"
            yield Draft(title, whole, limit, *_picture(project, part.get("picture")))


def write_start(here: Workspace, project: Project) -> Path:
    """Write what a new profile needs: name, bio, banner, first tweet, first LinkedIn post."""
    known = facts(project) if project.results else {"title": project.title}
    known |= {"author": here.name, "tools": ", ".join(here.tools)}
    known["question"] = plan.read(project.domain)["question"]
    parts = plan.read("common")["start"][here.tone]
    drafts = [
        Draft(
            one["title"], compose(fill(one["text"], known), one["limit"], "", "", ()), one["limit"]
        )
        for one in parts
    ]
    return _write(here.private / "posts" / "start.md", drafts, project)


def _picture(project: Project, wanted: str | None) -> tuple[str, str]:
    """The picture of a name, or else the first of a role, and what it shows."""
    named = (one for one in project.figures if Path(one.file).stem == wanted)
    figure = next(named, None) or next((f for f in project.figures if f.role == wanted), None)
    if figure is None:
        return "", ""
    return project.picture(figure).relative_to(project.root).as_posix(), figure.alt


def _write(file: Path, drafts: list[Draft], project: Project) -> Path:
    parts = [f"# {project.title}", HEAD]
    for draft in drafts:
        parts.append(f"## {draft.title} ({length(draft.text)} of {draft.limit:,})")
        parts.append(f"~~~text\n{draft.text}\n~~~")
        if draft.picture:
            parts.append(f"- Picture: {draft.picture}\n- Alt text: {draft.alt}")
    text = "\n\n".join(parts) + "\n"
    private.write_draft(file, text, "fresh drafts")
    return file
