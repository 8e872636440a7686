"""`portfolio resume`: what the results of projects prove, as bullets, with what to mend first."""

import re
from collections.abc import Iterator
from pathlib import Path

import click

from portfolio import chosen, private
from portfolio.contract import Project
from portfolio.errors import UserError
from portfolio.facts import Facts, facts
from portfolio.facts.sharing import prices_are_own
from portfolio.facts.worth import CHANCE
from portfolio.filling import fill, measured, texts, used

FILE = Path(__file__).with_suffix(".yaml")
# Facts that would be others at other prices.
PRICED = re.compile(
    r"gain|condition|read|service_level|test_(?:accuracy|precision|recall|f1|sensitivity|specificity)"
)
SYNTHETIC = "it stands on a sample that the project has made up: run it on real data."
EXAMPLES = "it stands on example prices: put your own into `config.yaml`, commit, and run it again."
SILENT = {
    "chance": "Nothing is said of money, because the difference may be chance: {}.",
    "loss": "Nothing is said of money, because it would be a loss: {}.",
    "unsure": "Nothing is said of money, because the figure has no interval: {}.",
}


@click.command(
    help="Write bullets from the results of each PROJECT (or all): did what, measured by what, by "
    "doing what."
)
@click.argument("projects", nargs=-1, type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--to",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a Markdown file, like private/bullets.md, instead of the terminal.",
)
def command(projects: tuple[Path, ...], file: Path | None) -> None:
    """Print the bullets of each project, or write them into a file."""
    parts = list(chosen.each(projects, section))
    if not parts:
        raise UserError("No project has results to write about yet: run `all` in one first.")
    text = "\n\n".join(parts)
    if file is None:
        click.echo(text)
        return
    private.write_draft(file, f"{text}\n", "fresh bullets")
    click.echo(f"Written: {file}")


def read() -> dict:
    """The texts of all domains."""
    return texts(FILE)


def section(project: Project) -> str:
    """A project's bullets as Markdown, each with its warnings, and what is not said.

    Raises:
        UserError: the project has no results, or a report of it is damaged.
    """
    if not project.results:
        raise UserError(f"{project.name} has no results to write about: run `all` in it first.")
    known, own, lines = facts(project), prices_are_own(project), []
    for text in read()["bullets"][project.domain]:
        if bullet := fill(text, known):
            lines += [f"- {bullet}", *(f"  - Check: {one}" for one in warnings(text, known, own))]
    body = "\n".join(lines) or "No figure that a bullet needs is in the results."
    notes = (_silence(project, known), read()["note"].get(project.domain))
    return "\n\n".join([f"## {project.title}", body, *filter(None, notes)])


def warnings(text: str, known: Facts, own: bool) -> Iterator[str]:
    """What a bullet stands on that others would not accept."""
    if "synthetic" in known and measured(text, known):
        yield SYNTHETIC
    if not own and any(PRICED.fullmatch(name) for name in used(text, known)):
        yield EXAMPLES


def _silence(project: Project, known: Facts) -> str | None:
    """Why no bullet speaks of money, where the results do."""
    business = project.results.business
    if not business or "gain" in known or "worth" not in known:
        return None
    worth = known["worth"].removesuffix(CHANCE)
    if business.low is None or business.high is None:
        return SILENT["unsure"].format(worth)
    loss = business.high < 0 and worth == known["worth"]
    return SILENT["loss" if loss else "chance"].format(worth)
