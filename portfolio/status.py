"""`portfolio status`: which week it is, what of it is proved, and how each project stands."""

import datetime
from collections.abc import Sequence
from pathlib import Path

import click

from portfolio import git, roadmap, syllabus, template, workspace
from portfolio.contract import SECTIONS, Project, load
from portfolio.errors import UserError
from portfolio.facts.words import label
from portfolio.proofs import holds, live
from portfolio.workspace import Workspace


@click.command(help="Say which week it is, what of it is proved, and how each project stands.")
@click.option(
    "--today", type=click.DateTime(["%Y-%m-%d"]), help="As if it were another day: 2025-03-31."
)
def command(today: datetime.datetime | None) -> None:
    """Print the state of the workspace that the current folder lies in."""
    here = workspace.find()
    day = today.date() if today else datetime.date.today()
    projects, _ = roadmap.known(here)
    lines = [*week_lines(here, projects, day), "", *project_lines(here)]
    click.echo("\n".join(lines))


def week_lines(here: Workspace, projects: Sequence[Project], today: datetime.date) -> list[str]:
    """The week of a day, and for each of its tasks whether it is proved."""
    number = here.week(today)
    first, last = here.days(1)[0], here.days(here.track)[1]
    if number < 1:
        days = (first - today).days
        return [f"Week 1 of {here.track} begins in {days} day{'' if days == 1 else 's'}."]
    if number > here.track:
        return [f"All {here.track} weeks are over: {roadmap.span(first, last)}."]
    week = syllabus.read().weeks(here.track)[number - 1]
    lines = [f"Week {number} of {here.track}: {week.theme} ({roadmap.span(*here.days(number))})"]
    for task in week.tasks:
        if task.proof:
            proved = holds(task.proof, week, projects, here)
            lines.append(f"  {'proved' if proved else 'open':<8}{task.do}")
        else:
            lines.append(f"  {'yours':<8}{task.do}")
    return lines


def project_lines(here: Workspace) -> list[str]:
    """A line for each project of the list."""
    if not here.projects:
        return ["No project yet: start one by `portfolio new`, or list it in portfolio.yaml."]
    lines = []
    for entry in here.projects:
        try:
            lines.append(project_line(here.folder(entry)))
        except UserError as error:
            lines.append(error.message)
    return lines


def project_line(folder: Path) -> str:
    """How a project stands.

    Raises:
        UserError: it cannot be read.
    """
    project = load(folder)
    wrong = open_points(project)
    ready = f"not ready ({'; '.join(wrong)})" if wrong else "ready"
    parts = [ready, data(project), result(project), behind(project)]
    if project.served:
        parts.insert(2, f"live at {project.config.live_url}" if live(project) else "not live")
    return f"{project.name}: {', '.join(parts)}"


def open_points(project: Project) -> list[str]:
    """What a glance finds missing before a project can be shown."""
    if not project.results:
        return ["it has not run"]
    empty = [f"“{name}”" for name in SECTIONS if not project.readme.is_written(name)]
    wrong = [f"not written: {', '.join(empty)}"] if empty else []
    if project.served and not project.metadata:
        wrong.append("no model is published")
    if not project.headline_figure:
        wrong.append("no picture for the first screen")
    return wrong


def data(project: Project) -> str:
    """Whether the results are about real data."""
    if not project.results:
        return "no data yet"
    dataset = project.results.dataset
    return f"{'synthetic' if dataset.synthetic else 'real'} data ({dataset.name})"


def result(project: Project) -> str:
    """The newest result: the metric of the selected model, with its interval."""
    metric = project.results and project.results.primary_metric
    if not metric:
        return "no result yet"
    inside = None not in (metric.low, metric.high)
    interval = f" ({metric.low:.3f} to {metric.high:.3f})" if inside else ""
    return f"{label(metric.name)} {metric.value:.3f}{interval}"


def behind(project: Project) -> str:
    """How the project's template compares with the one of this tool."""
    own, newest = project.record.commit, template.commit()
    if not own or not newest:
        return "template's version unknown"
    if own == newest:
        return "template up to date"
    clone = template.clone()
    count = clone and git.ask(clone, "rev-list", "--count", f"{own}..{newest}")
    if not count:
        return f"template's version another ({own[:7]}) than this tool's ({newest[:7]})"
    if count == "0":
        return "template newer than this tool"
    return f"template {count} commit{'' if count == '1' else 's'} behind"
