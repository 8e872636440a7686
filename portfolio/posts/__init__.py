"""`portfolio posts`: drafts of a week's tweets and LinkedIn posts. Nothing talks to a network."""

import datetime
from pathlib import Path

import click

from portfolio import chosen, private
from portfolio.contract import Project, load
from portfolio.errors import UserError
from portfolio.posts import drafts, plan
from portfolio.workspace import Workspace


@click.command(help="Draft a week's seven tweets and two LinkedIn posts from results.")
@click.argument("project", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--week",
    type=int,
    help="A week of the syllabus: today's unless said, for PROJECT its first without drafts.",
)
@click.option("--start", is_flag=True, help="What a new profile needs: name, bio, first posts.")
def command(project: Path | None, week: int | None, start: bool) -> None:
    """Write the drafts into `private/posts` of the workspace. Nothing is posted."""
    here = private.home(project)
    projects = [load(folder) for folder in chosen.folders([project] if project else [])]
    if start:
        file = drafts.write_start(here, projects[0])
    else:
        week = week or _week(here, projects, named=project is not None)
        file = drafts.write_week(here, _project(here, projects, week), week)
    click.echo(f"Drafts in {file}. Nothing is posted: read, change, and post yourself.")


def _week(here: Workspace, projects: list[Project], named: bool) -> int:
    """Today's week; for a project that was named, its first week that has no drafts."""
    if not named:
        return min(max(here.week(datetime.date.today()), 1), here.track)
    weeks = plan.weeks(here.track, projects[0].domain)
    free = [one for one in weeks if not drafts.week_file(here, projects[0], one).exists()]
    if not free:
        raise UserError(
            f"All weeks of {projects[0].name} have drafts ({', '.join(map(str, weeks))}): "
            "say which with --week, and move the old ones away for fresh ones."
        )
    return free[0]


def _project(here: Workspace, projects: list[Project], week: int) -> Project:
    """The project that a week is about: of several that fit, the last one that has run."""
    if not 1 <= week <= here.track:
        raise UserError(f"--week {week}: the track has weeks 1 to {here.track}.")
    fitting = [one for one in projects if plan.draft_set(here.track, week, one.domain)]
    ready = [one for one in fitting if one.results]
    if ready:
        return ready[-1]
    if fitting:
        raise UserError(
            f"Week {week} is about {fitting[-1].name}, which has no results to write about: run "
            "`all` in it first, or name another project."
        )
    wanted = ", ".join(plan.domains(here.track, week))
    raise UserError(f"Week {week} is about a project of another domain: {wanted}.")
