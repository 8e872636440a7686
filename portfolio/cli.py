"""The group of commands. A command's module is imported when the command is run, not before."""

import errno
import sys
from importlib import import_module

import click

from portfolio.errors import UserError

# Each module of the package has its click command under the name `command`.
COMMANDS = {
    "init": "Start a workspace: settings, profile page, roadmap, a private folder.",
    "new": "Start this week's project, with the workspace's answers.",
    "status": "Say which week it is, what of it is proved, and how each project stands.",
    "roadmap": "Write ROADMAP.md, and tick what is proved.",
    "practice": "Answer SQL questions about a project's data, and Python exercises.",
    "check": "Say what is missing before a project is shown.",
    "posts": "Draft a week's tweets and LinkedIn posts from results.",
    "interview": "Ask questions about your projects; what was weak comes back sooner.",
    "resume": "Write bullets from results: what, measured by what, by doing what.",
    "site": "Make a website out of your projects' results, show it, publish it.",
    "update": "Bring the template's improvements into a project.",
    "fetch": "Clone the projects that the workspace names by address, to be read.",
}


class Commands(click.Group):
    """A group that knows its commands by name, and imports one when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order in which a learner meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import a command; None where there is none of that name."""
        return import_module(f"portfolio.{name}").command if name in COMMANDS else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; a file that cannot be read or written is one message, as all errors."""
        try:
            return super().invoke(ctx)
        except OSError as error:
            if error.errno == errno.EPIPE:  # who reads the output has left: click ends quietly
                raise
            what = f"{error.filename}: " if error.filename else ""
            raise UserError(f"{what}{error.strerror or error}") from error


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ml-portfolio-template", prog_name="portfolio")
def cli() -> None:
    """Start, follow and show the projects of a portfolio."""


def main() -> None:
    """Run the command line; a terminal that lacks a character gets a question mark."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")
    cli(prog_name="portfolio")
