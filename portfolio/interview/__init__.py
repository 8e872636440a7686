"""`portfolio interview`: questions about projects, theory and work; what was weak comes back."""

import datetime
from collections.abc import Sequence
from pathlib import Path
from random import Random

import click

from portfolio import chosen, private
from portfolio.contract import Project
from portfolio.errors import UserError
from portfolio.interview import boxes, session, sheet
from portfolio.interview.questions import TOPICS, Question, questions, read
from portfolio.workspace import Workspace


@click.command(
    help="Ask questions about a project (or all), take the time, and show what the numbers answer. "
    "What was weak comes back the next day, what was good after 4, 8, then 16 days."
)
@click.argument("project", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option("--topic", type=click.Choice(TOPICS), help="Questions of one kind alone.")
@click.option("--count", type=click.IntRange(1), default=5, show_default=True, help="How many.")
@click.option("--seed", type=int, help="For the same draw again; what is due still comes first.")
@click.option("--sheet", "on_paper", is_flag=True, help="Write them all as a private document.")
def command(
    project: Path | None, topic: str | None, count: int, seed: int | None, on_paper: bool
) -> None:
    """Hold a round at the terminal, or write the sheet into `private/questions`."""
    here = private.home(project)
    found = list(chosen.each([project] if project else [], lambda one: (one, questions(one))))
    asked = _distinct([question for _, own in found for question in own], topic)
    if not asked:
        raise UserError("There is nothing to ask yet: run `all` in a project first.")
    heading = read("common")["headings"][here.tone]
    projects = [one for one, _ in found]
    for one in projects:
        if not one.results:
            said = f"{one.name} has no results, so nothing is asked about them: run `all` in it."
            click.echo(said, err=True)
    if on_paper:
        click.echo(f"Written: {_write_sheet(here, heading, projects, asked)}")
        return
    deck, aside = boxes.open_deck(here.private / "questions" / "answers.json")
    if aside:
        click.echo(f"What was remembered cannot be read; it lies in {aside} now.", err=True)
    today = datetime.date.today()
    click.echo(f"{heading}: {', '.join(one.title for one in projects)}")
    session.hold(boxes.draw(asked, deck, today, count, Random(seed)), deck, today)


def _distinct(asked: Sequence[Question], topic: str | None) -> list[Question]:
    """The questions of a topic; what projects share is asked once."""
    found: dict[str, Question] = {}
    for question in asked:
        if topic in (None, question.topic):
            found.setdefault(question.key, question)
    return list(found.values())


def _write_sheet(
    here: Workspace, heading: str, projects: Sequence[Project], asked: Sequence[Question]
) -> Path:
    """Write the sheet of one project, or of all of them."""
    name = projects[0].name if len(projects) == 1 else "all-projects"
    file = here.private / "questions" / f"{name}.md"
    text = sheet.render(f"{heading}: {', '.join(one.title for one in projects)}", asked)
    private.write_draft(file, text, "a fresh sheet")
    return file
