"""Which projects a command is about: those that are named, or those of here."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import click

from portfolio import workspace
from portfolio.contract import FIRST_EDITION, Project, load
from portfolio.errors import UserError

Read = TypeVar("Read")
MARKS = (".cruft.json", FIRST_EDITION, "reports/metrics.json")


def is_project(folder: Path) -> bool:
    """Whether a folder has a file that only projects of the template have."""
    return any((folder / mark).is_file() for mark in MARKS)


def folders(named: Sequence[Path], own: bool = False) -> list[Path]:
    """The folders that are named; else the project of here; else all of the workspace.

    `own`: without those that the workspace names by address, whose clones are only to be read.

    Raises:
        UserError: one of them is no project of the template, or there is none.
    """
    here = Path.cwd()
    if not named:
        inside = next((one for one in (here, *here.parents) if is_project(one)), None)
        named = [inside] if inside else _listed(own)
    for folder in named:
        if not is_project(folder):
            missing = "" if folder.is_dir() else " There is no such folder."
            raise UserError(f"{folder}: no project of this template.{missing}")
    if not named:
        raise UserError("There is no project yet: start one with `portfolio new`.")
    return list(named)


def each(named: Sequence[Path], read: Callable[[Project], Read]) -> Iterator[Read]:
    """What `read` makes of each of these projects.

    Of those that nobody named, one that cannot be read is left out, and said.

    Raises:
        UserError: one that was named cannot be read.
    """
    for folder in folders(named):
        try:
            yield read(load(folder))
        except UserError as error:
            if named:
                raise
            click.echo(f"Left out: {error.message}", err=True)


def _listed(own: bool) -> list[Path]:
    """The folders of the workspace's list; an address that was not fetched is said."""
    try:
        here, found = workspace.find(), []
    except UserError as error:
        raise UserError(f"{Path.cwd()} is in no project. {error.message}") from error
    for entry in here.projects:
        try:
            if not (own and workspace.ADDRESS.match(entry)):
                found.append(here.folder(entry))
        except UserError as error:
            click.echo(f"Left out: {error.message}", err=True)
    return found
