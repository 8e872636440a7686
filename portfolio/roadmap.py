"""`portfolio roadmap`: ROADMAP.md, with a tick wherever a project or the workspace proves a task.

Once the file is there, two things of it are written again: the days of a week, between their
markers, and the box of a task whose proof holds. All else is the author's.
"""

import datetime
import re
from collections.abc import Sequence

import click

from portfolio import prose, syllabus, workspace
from portfolio.contract import Project, load
from portfolio.errors import UserError
from portfolio.files import read_text, write_text
from portfolio.proofs import PROOFS, WORKSPACE_PROOFS, holds
from portfolio.syllabus import Week
from portfolio.workspace import Workspace

FILE = "ROADMAP.md"
TRACK = re.compile(r"^<!-- track: (\d+) weeks -->\s*$", re.MULTILINE)
OPEN = re.compile(
    r"^([ \t]*[-*] \[) (\].*<!-- proof: ([\w-]+), week (\d+) -->[ \t]*)$", re.MULTILINE
)
MONTHS = (
    "January February March April May June July August September October November December"
).split()


@click.command(
    help="Write ROADMAP.md, and tick what projects and workspace prove. No tick is taken away."
)
def command() -> None:
    """Write the roadmap of the workspace that the current folder lies in."""
    from portfolio import profile

    here = workspace.find()
    projects, problems = known(here)
    for problem in problems:
        click.echo(f"Left out: {problem}", err=True)
    ticks = write(here, projects)
    profile.refresh(here, projects)
    click.echo(f"{here.root / FILE}: {len(ticks)} new tick{'' if len(ticks) == 1 else 's'}.")
    for task in ticks:
        click.echo(f"  {task}")


def known(here: Workspace) -> tuple[list[Project], list[str]]:
    """The projects of a workspace that can be read, and what is wrong with the others."""
    projects, problems = [], []
    for entry in here.projects:
        try:
            projects.append(load(here.folder(entry)))
        except UserError as error:
            problems.append(error.message)
    return projects, problems


def write(here: Workspace, projects: Sequence[Project]) -> list[str]:
    """Write ROADMAP.md, new or with what is proved; return the tasks that are newly ticked.

    Raises:
        UserError: the file is not one of this tool's, is of the other track, or asks for a proof
            that does not exist. It is left as it is.
    """
    file = here.root / FILE
    old = read_text(file) if file.is_file() else None
    text = updated(old.replace("\r\n", "\n"), here) if old is not None else render(here)
    text, ticks = ticked(text, here, projects)
    if old and "\r\n" in old:
        text = text.replace("\n", "\r\n")
    if text != old:
        write_text(file, text)
    return ticks


def render(here: Workspace) -> str:
    """The whole roadmap of a workspace, with nothing ticked."""
    plan = syllabus.read()
    weeks = plan.weeks(here.track)
    head = (
        f"# Roadmap: {here.track} weeks\n\n<!-- track: {here.track} weeks -->\n\n"
        f"<!-- days -->\n{_all_days(here)}\n<!-- /days -->\n\n"
        f"{plan.hours} hours a week: 2 on each weekday, 4 on each day of the weekend. "
        f"Posting: {plan.posting}.\n\n"
        "`portfolio roadmap` ticks what your projects and this workspace prove, and never takes a "
        "tick away. All else is yours to tick, to change and to add to.\n"
    )
    return "\n".join([head, *(_week(here, week) for week in weeks)])


def updated(text: str, here: Workspace) -> str:
    """An existing roadmap with the days that follow from the workspace's first day.

    Raises:
        UserError: the text is not a roadmap of this tool, or is one of the other track.
    """
    found = TRACK.search(text)
    move = "Move it away (your words in it stay yours), and run portfolio roadmap again."
    if not found:
        raise UserError(f"{here.root / FILE} was not written by this command. {move}")
    if int(found[1]) != here.track:
        raise UserError(
            f"{here.root / FILE} is of {found[1]} weeks, and the track in portfolio.yaml of "
            f"{here.track}. {move}"
        )
    text = prose.replace_block(text, "days", _all_days(here))
    for week in syllabus.read().weeks(here.track):
        text = prose.replace_block(text, f"week-{week.week}", _days(here, week))
    return text


def ticked(text: str, here: Workspace, projects: Sequence[Project]) -> tuple[str, list[str]]:
    """The text with a tick at each open task whose proof holds, and which these are.

    Raises:
        UserError: a line asks for a proof or names a week that does not exist.
    """
    weeks = {week.week: week for week in syllabus.read().weeks(here.track)}
    known = (*PROOFS, *WORKSPACE_PROOFS)
    ticks: list[str] = []

    def tick(line: re.Match[str]) -> str:
        proof, number = line[3], int(line[4])
        if proof not in known or number not in weeks:
            raise UserError(
                f"{here.root / FILE}: no proof `{proof}` in week {number}; there are weeks 1 to "
                f"{here.track} and the proofs {', '.join(known)}."
            )
        if not holds(proof, weeks[number], projects, here):
            return line[0]
        task = line[2].removeprefix("] ").partition("<!--")[0]
        ticks.append(f"week {number}: {task.replace('**', '').strip()}")
        return f"{line[1]}x{line[2]}"

    return OPEN.sub(tick, text), ticks


def span(first: datetime.date, last: datetime.date) -> str:
    """Two days, as short as they can be said: 28 April to 4 May 2025."""
    end = f"{last.day} {MONTHS[last.month - 1]} {last.year}"
    start = str(first.day)
    if (first.year, first.month) != (last.year, last.month):
        start += f" {MONTHS[first.month - 1]}"
    if first.year != last.year:
        start += f" {first.year}"
    return f"{start} to {end}"


def _all_days(here: Workspace) -> str:
    return f"From {span(here.days(1)[0], here.days(here.track)[1])}."


def _days(here: Workspace, week: Week) -> str:
    return f"{span(*here.days(week.week))}. Project: {week.project}."


def _week(here: Workspace, week: Week) -> str:
    name = f"week-{week.week}"
    lines = [f"## Week {week.week}: {week.theme}", ""]
    lines += [f"<!-- {name} -->", _days(here, week), f"<!-- /{name} -->", ""]
    lines += [f"**Topics:** {week.topics}", ""] if week.topics else []
    for number, task in enumerate(week.tasks):
        own = number == 0 and week.task
        do = f"**{task.do}**" if own else task.do
        proof = f" <!-- proof: {task.proof}, week {week.week} -->" if task.proof else ""
        lines.append(f"- [ ] {do}{proof}")
    return "\n".join(lines) + "\n"
