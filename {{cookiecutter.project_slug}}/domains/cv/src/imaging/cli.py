"""The command line: one command a stage, and `all` for all of them."""

import errno
import logging
import signal
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from threading import Event
from typing import Any, NoReturn

import click

from .config import Config, load_config
from .errors import ProjectError
from .files import only_one
from .paths import Paths
from .pipeline import STAGES, Stage
from .portfolio.commands import COMMANDS

# The faults of a disk or folder, not of the code.
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
CLOSED = {errno.EACCES, errno.EPERM, errno.EROFS, errno.EEXIST, errno.ENOTDIR, errno.EISDIR}
NO_ROOM = "No usable temporary directory"  # what Python says where such files have no room


class FriendlyGroup(click.Group):
    """Turns the errors that a user can mend into one message and exit code 2 (Ctrl-C: 130)."""

    def invoke(self, ctx: click.Context) -> Any:
        stopped = Event()  # libraries may turn Ctrl-C into an error of their own

        def stop(*received: Any) -> None:
            stopped.set()
            signal.default_int_handler(*received)

        before = signal.signal(signal.SIGINT, stop)
        try:
            return super().invoke(ctx)
        except (Exception, KeyboardInterrupt) as error:
            if stopped.is_set() or isinstance(error, KeyboardInterrupt):
                _fail("Stopped. No file is half-written: run the command again.", 130)
            if message := _explained(error):
                _fail(message)
            raise
        finally:
            signal.signal(signal.SIGINT, before)


def _explained(error: Exception) -> str:
    """What a user can do about an error; nothing where it is a bug."""
    if isinstance(error, ProjectError):
        return str(error)
    if isinstance(error, ModuleNotFoundError) and str(error.name).split(".")[0] != __package__:
        return (
            f"{error.name} is not installed, and this command needs it. "
            "Run `uv sync`, or install the dependency groups of pyproject.toml with pip."
        )
    cause: BaseException | None = error
    while cause:  # here, too, libraries may wrap it, or stumble over what it left undone
        if isinstance(cause, OSError) and (cause.errno in FULL | CLOSED or NO_ROOM in str(cause)):
            return (
                f"{cause.strerror}: {cause.filename or 'a file'}. Free some disk space, or make "
                "sure that the folder is one and can be written, and run the command again."
            )
        cause = cause.__cause__ or cause.__context__
    return ""


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
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a pipe on Windows knows few letters
            stream.reconfigure(errors="replace")
    level = logging.DEBUG if verbose else logging.WARNING
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s")
    ctx.obj = config_file.resolve()


def _run(stage: Stage, config: Config, paths: Paths) -> None:
    click.echo(f"{stage.name}: {stage.help}")
    for written in stage.run(config, paths):
        click.echo(f"  wrote {written.relative_to(paths.root).as_posix()}")


def _run_each(stages: Sequence[Stage], config_file: Path, dataset: str | None) -> None:
    config, paths = load_config(config_file, dataset), Paths(config_file.parent)
    with only_one(paths.root):
        for stage in stages:
            _run(stage, config, paths)


def _stage_command(stage: Stage) -> click.Command:
    def run(config_file: Path, dataset: str | None = None) -> None:
        _run_each([stage], config_file, dataset)

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
    _run_each(STAGES, config_file, dataset)
    click.echo(f"Done. Read README.md; `{__package__} --help` lists every command.")


def _fail(message: str, code: int = 2) -> NoReturn:
    click.echo(f"Error: {message}", err=True)
    sys.exit(code)


HOST = "127.0.0.1"


@main.command()
@click.option("--host", default=HOST, show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.pass_obj
def serve(config_file: Path, host: str, port: int) -> None:
    """Serve the published model as an HTTP API; documentation is at /docs."""
    import uvicorn

    root = config_file.parent
    sys.path.insert(0, str(root))  # `api` is a folder of the project, not an installed package
    from api.main import create_app

    uvicorn.run(create_app(Paths(root).models), host=host, port=port)


@main.command()
@click.option("--port", default=8501, show_default=True)
@click.pass_obj
def dashboard(config_file: Path, port: int) -> None:
    """Open the dashboard in the browser."""
    from streamlit.web import cli as streamlit

    app = config_file.parent / "dashboard" / "app.py"
    options = [f"--server.port={port}", f"--server.address={HOST}"]
    streamlit.main(["run", str(app), *options, "--browser.gatherUsageStats=false"])
