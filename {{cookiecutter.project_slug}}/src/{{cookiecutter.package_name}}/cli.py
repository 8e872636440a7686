"""The command line: one command a stage, and `all` for all of them."""

import logging
import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from .config import Config, load_config
from .errors import ProjectError
from .paths import Paths
from .pipeline import STAGES, Stage
from .portfolio.commands import COMMANDS


class FriendlyGroup(click.Group):
    """Turns the errors that a user can mend into one message and exit code 2."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ProjectError as error:
            _fail(str(error))
        except ModuleNotFoundError as error:
            if (error.name or "").split(".")[0] == __package__:
                raise
            _fail(
                f"{error.name} is not installed, and this command needs it. "
                "Run `uv sync`, or install the dependency groups of pyproject.toml with pip."
            )


@click.group(cls=FriendlyGroup)
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("config.yaml"),
    show_default=True,
    help="Settings to use; the folder it is in is the project.",
)
@click.option("-v", "--verbose", is_flag=True, help="Say more of what happens.")
@click.pass_context
def main(ctx: click.Context, config_file: Path, verbose: bool) -> None:
    """From data to a report: run `all` first."""
    level = logging.DEBUG if verbose else logging.WARNING
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s")
    ctx.obj = config_file.resolve()


def _run(stage: Stage, config: Config, paths: Paths) -> None:
    click.echo(f"{stage.name}: {stage.help}")
    for written in stage.run(config, paths):
        click.echo(f"  wrote {written.relative_to(paths.root).as_posix()}")


def _stage_command(stage: Stage) -> click.Command:
    def run(config_file: Path, dataset: str | None = None) -> None:
        _run(stage, load_config(config_file, dataset), Paths(config_file.parent))

    return click.Command(stage.name, callback=click.pass_obj(run), help=stage.help)


for _stage in STAGES:
    main.add_command(_stage_command(_stage))

for _command in COMMANDS:
    main.add_command(_command)

_dataset_option = click.option("--dataset", metavar="NAME", help="Use this data set instead.")
_dataset_option(main.commands["data"])


@main.command("all")
@_dataset_option
@click.pass_obj
def run_all(config_file: Path, dataset: str | None) -> None:
    """Run every stage, from data to report."""
    config, paths = load_config(config_file, dataset), Paths(config_file.parent)
    for stage in STAGES:
        _run(stage, config, paths)
    click.echo(f"Done. Read README.md; `{__package__} --help` lists every command.")


def _fail(message: str) -> NoReturn:
    click.echo(f"Error: {message}", err=True)
    sys.exit(2)
{% include cookiecutter.__shape ~ "/src/apps.jinja" ignore missing -%}
{% include cookiecutter.domain ~ "/src/commands.jinja" ignore missing -%}
