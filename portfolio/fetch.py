"""`portfolio fetch`: clones of the projects that the workspace names by address, to be read."""

import click

from portfolio import git, rendering, workspace
from portfolio.errors import UserError
from portfolio.workspace import Workspace


@click.command(help="Clone the projects that the workspace names by address, or bring them up.")
def command() -> None:
    """Fetch all addresses of the workspace that the current folder lies in."""
    here = workspace.find()
    wrong = False
    for address in here.addresses():
        reason = fetch(here, address)
        wrong = wrong or bool(reason)
        click.echo(f"{address}: {reason or here.clone(address)}", err=bool(reason))
    if wrong:
        raise SystemExit(UserError.exit_code)
    if not any(here.addresses()):
        click.echo(f"Nothing to fetch: no project in {workspace.FILE} is an address.")


def fetch(here: Workspace, address: str) -> str:
    """Bring the clone of an address to its newest commit; return what went wrong, or nothing.

    The whole history comes along: what was changed since the first commit, and secrets of old
    ones, are read from it. A clone that is there stays where the new state cannot be had.
    """
    clone = here.clone(address)
    if (clone / ".git").is_dir():
        # Named, because git would take the workspace's repository where this one is damaged.
        own = (f"--git-dir={clone / '.git'}", f"--work-tree={clone}")
        wrong = git.failure(clone, *own, "fetch", "--quiet", "origin", "HEAD")
        wrong = wrong or git.failure(clone, *own, "reset", "--quiet", "--hard", "FETCH_HEAD")
        return f"not to be had: {wrong}; the clone stays as it was" if wrong else ""
    clone.mkdir(parents=True, exist_ok=True)
    wrong = git.clone(rendering.expanded(address), clone)
    if wrong and not any(clone.iterdir()):
        clone.rmdir()
    return f"not to be had: {wrong}" if wrong else ""
