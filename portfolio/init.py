"""`portfolio init`: a workspace in a folder of the learner's own."""

import datetime
import sys
from pathlib import Path

import click

from portfolio import profile, roadmap, template, workspace
from portfolio.errors import UserError
from portfolio.files import read_text, write_text
from portfolio.site.demos import runtime
from portfolio.workspace import COMMENTS, TONES, Workspace, WorkspaceError, check

IGNORED = ("private/", "node_modules/")
ASKED = ("name", "github_username", "currency", "track", "first_day", "tone")


@click.command(help="Start a workspace in FOLDER (the current one): asks for what is not given.")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=".")
@click.option("--name", help="Your name.")
@click.option("--github-username", help="Your name on GitHub.")
@click.option("--currency", help="Like EUR; USD unless said.")
@click.option("--track", help="24 weeks, or 12 for the fast track; 24 unless said.")
@click.option("--first-day", help="Like 2025-03-31; today unless said.")
@click.option("--tone", help=f"{' or '.join(TONES)}; {TONES[0]} unless said.")
@click.option("--contact", multiple=True, help="Like email=me@example.org; any number of times.")
@click.option("--hashtags", help="Like Data,Python")
@click.option("--tools", help="Like Python,SQL")
@click.option("--template", "address", help="Address of the template, for updates of projects.")
@click.option("--no-input", is_flag=True, help="Ask nothing, even at a terminal.")
def command(
    folder: Path,
    contact: tuple[str, ...],
    address: str | None,
    no_input: bool,
    **options: str | None,
) -> None:
    """Ask for what is missing, and write the workspace."""
    refuse_existing(folder)
    given = {key: check(key, value) for key, value in options.items() if value is not None}
    if contact:
        given["contacts"] = check("contacts", dict(_pair(one) for one in contact))
    address = address or template.address()
    if _is_terminal() and not no_input:
        given |= {key: _ask(key) for key in ASKED if key not in given}
        address = address or click.prompt(COMMENTS["template"], default="", show_default=False)
    missing = [key for key in ("name", "github_username") if key not in given]
    if missing:
        options = ", ".join(f"--{key.replace('_', '-')}" for key in missing)
        raise UserError(f"Nobody is there to be asked: pass {options}.")
    create(Workspace(folder, template=address or None, **given))
    click.echo(
        f"Made a workspace in {folder.resolve()}; change {workspace.FILE} there as you like.\n"
        "Next, in that folder: `git init`, then `portfolio new`."
    )


def refuse_existing(folder: Path) -> None:
    """Refuse a folder that has a file which would be written.

    Raises:
        UserError: one is there.
    """
    names = (workspace.FILE, profile.FILE, roadmap.FILE)
    there = [name for name in names if (folder / name).exists()]
    if there:
        raise UserError(
            f"{folder.resolve()} has {' and '.join(there)} already, and nothing is written over: "
            "choose another folder, or move that away."
        )


def create(here: Workspace) -> None:
    """Write the files of a new workspace; `portfolio.yaml`, which makes it one, last."""
    refuse_existing(here.root)
    here.private.mkdir(parents=True, exist_ok=True)
    ignore = here.root / ".gitignore"
    lines = read_text(ignore).splitlines() if ignore.is_file() else []
    if missing := [line for line in IGNORED if line not in lines]:
        write_text(ignore, "\n".join([*lines, *missing]) + "\n")
    runtime.write_manifest(here.root)
    write_text(here.root / profile.FILE, profile.render(here, []))
    roadmap.write(here, [])
    workspace.save(here)


def _is_terminal() -> bool:
    return sys.stdin.isatty()


def _ask(key: str) -> object:
    """Ask until the answer can be used."""
    proposed = {"currency": "USD", "track": "24", "tone": TONES[0]}
    proposed["first_day"] = datetime.date.today().isoformat()
    while True:
        answer = click.prompt(COMMENTS[key], default=proposed.get(key), type=str)
        try:
            return check(key, answer)
        except WorkspaceError as error:
            click.echo(error.message)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise UserError(f"--contact {text}: should be NAME=VALUE, like email=me@example.org.")
    return name, value
