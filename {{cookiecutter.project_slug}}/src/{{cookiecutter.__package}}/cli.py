"""The command line: one command a stage, and `all` for all of them."""

import importlib
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from .config import load_config
from .kit import store
from .kit.documents import interval
from .kit.files import Paths
from .kit.stages import alone, run_notebooks
from .kit.store import place, transfer

# In the order in which data flows. Each is a module with a function `run`, imported only when it
# runs: the server's environment has no training library.
STAGES = {
    "data": "Fetch, validate and split the data set.",
    "train": "Tune and compare the models, keep the best as candidate.",
    "evaluate": "Score the candidate on the test set, price it, publish it.",
    "explain": "Show what drives the published model.",
}
FILE = click.Path(path_type=Path, dir_okay=False)
Version = tuple[bytes, dict[str, Any]]  # a model and its metadata


@click.group()
@click.option("--config", type=FILE, default="config.yaml", help="Its folder is the project.")
@click.pass_context
def main(ctx: click.Context, config: Path) -> None:
    """From data to a report: run `all` first."""
    ctx.obj = config.resolve()


def run_stages(stages: list[str], file: Path, dataset: str | None = None) -> None:
    """Run stages one after the other; a second run in the same project is refused."""
    config, paths = load_config(file, dataset), Paths(file.parent)
    with alone(paths), importlib.import_module(".kit.engine", __package__).engine(config.engine):
        far = Paths(place(config.storage)) if config.storage and "evaluate" in stages else None
        if config.tracking == "mlflow":
            from .kit.tracking import log  # before anything is begun, as it may be missing
        for stage in stages:
            click.echo(f"{stage}: {STAGES[stage]}")
            for written in importlib.import_module(f".{stage}", __package__).run(config, paths):
                click.echo(f"  wrote {written.relative_to(paths.root).as_posix()}")
        if config.tracking == "mlflow" and "evaluate" in stages:
            log(config, paths)
        if far:
            transfer(paths, far)


for _stage, _does in STAGES.items():

    @main.command(_stage, help=_does)
    @click.pass_obj
    def _run(file: Path, dataset: str | None = None, stage: str = _stage) -> None:
        run_stages([stage], file, dataset)


_dataset = click.option("--dataset", metavar="NAME", help="Use this data set instead.")
_dataset(main.commands["data"])


@main.command()
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 where a block is stale.")
@click.pass_obj
def report(file: Path, check: bool) -> None:
    """Rewrite the generated blocks of README.md and MODEL_CARD.md."""
    from .readme import write_documents

    for written in write_documents(load_config(file), Paths(file.parent), check):
        click.echo(f"  wrote {written.name}")


@main.command("all")
@_dataset
@click.pass_context
def run_all(ctx: click.Context, dataset: str | None) -> None:
    """Run every stage, from data to report, then the notebooks."""
    run_stages(list(STAGES), ctx.obj, dataset)
    _write_up(ctx)


def _write_up(ctx: click.Context) -> None:
    """Bring documents and notebooks to what was published."""
    ctx.invoke(report, check=False)
    click.echo("notebooks: Run them, so that their pictures show these results.")
    run_notebooks(Paths(ctx.obj.parent))
    click.echo(f"Done. Read README.md; `{__package__} --help` lists every command.")


def _compare(first: Version, second: Version, file: Path) -> bool:
    """Say by how much the second model is better on the same test cases; whether it may be."""
    from .evaluate import difference
    from .predictor import Predictor

    paths = Paths(file.parent)
    store.require_same_data(paths.processed, first[1], second[1])
    found = difference(Predictor(*first), Predictor(*second), load_config(file), paths)
    click.echo("\n".join(f"{name}: {interval(vars(lead), '+.4g')}" for name, lead in found.items()))
    return all(lead.high >= 0 for lead in found.values())


@main.command()
@click.pass_context
def retrain(ctx: click.Context) -> None:
    """Train on the data as they are now; publish it unless worse than what is served, in pairs."""
    run_stages(["data", "train"], ctx.obj)
    from .evaluate import exported

    paths = Paths(ctx.obj.parent)
    new = exported(load_config(ctx.obj), paths)
    click.echo("The new model against the one that is served, with 95% intervals:")
    if not _compare(store.load_current(paths.models), new, ctx.obj):
        click.echo("It is worse, so nothing was published. `git restore reports` undoes the rest.")
        return
    run_stages(["evaluate", "explain"], ctx.obj)
    _write_up(ctx)


@main.command()
@click.option("--host", envvar="HOST", default="127.0.0.1", show_default=True)
@click.option("--port", envvar="PORT", default=8000, show_default=True)
@click.option("--watch", is_flag=True, help="Take each version that is published while it runs.")
@click.pass_obj
def serve(file: Path, host: str, port: int, watch: bool) -> None:
    """Serve the published model as an HTTP API."""
    import uvicorn

    app = "api.main:create_newest_app" if watch else "api.main:create_app"
    uvicorn.run(app, factory=True, app_dir=str(file.parent), host=host, port=port)


@main.command()
@click.pass_obj
def versions(file: Path) -> None:
    """List what was published, newest first; a star marks what is served."""
    models = Paths(file.parent).models
    click.echo("\n".join(store.describe(found, models) for found in store.versions(models)))


@main.command()
@click.argument("first")
@click.argument("second")
@click.pass_obj
def compare(file: Path, first: str, second: str) -> None:
    """How much better SECOND is than FIRST on the same test cases, with 95% intervals."""
    models = Paths(file.parent).models
    _compare(store.load_version(models / first), store.load_version(models / second), file)


@main.command()
@click.argument("version")
@click.pass_obj
def rollback(file: Path, version: str) -> None:
    """Serve VERSION again."""
    config, paths = load_config(file), Paths(file.parent)
    store.roll_back(paths.models, version)
    click.echo(f"{version} is served now: commit models/current.txt. README and reports/ stay.")
    if config.tracking == "mlflow":
        with alone(paths):
            from .kit.tracking import log

            log(config, paths)


@main.command()
@click.pass_obj
def push(file: Path) -> None:
    """Copy the served version, and the data it was tested on, to `storage`."""
    transfer(Paths(file.parent), Paths(place(load_config(file).storage)))


@main.command()
@click.pass_obj
def pull(file: Path) -> None:
    """Take the version that `storage` serves, and its data, from there."""
    transfer(Paths(place(load_config(file).storage)), Paths(file.parent))


@main.command()
@click.option("--days", default=7.0, show_default=True, help="How far back to read the log.")
@click.option("--outcomes", type=FILE, help="What came true since: docs/own-data.md says how.")
@click.option("--simulate", is_flag=True, help="Rehearse: serve what has moved, see the alarm.")
@click.pass_obj
def monitor(file: Path, days: float, outcomes: Path | None, simulate: bool) -> None:
    """Compare what was served with what was promised; exit with 1 on an alarm."""
    from . import monitor as served
    from .kit.served import Log, rehearse

    config, paths = load_config(file), Paths(file.parent)
    metadata = store.load_current(paths.models)[1]
    store.require_same_data(paths.processed, metadata)
    with TemporaryDirectory() as folder:
        logs, since = paths.root / "logs", datetime.now(UTC) - timedelta(days=days)
        if simulate:
            sys.path.insert(0, str(paths.root))  # `api` is a folder of it, not installed
            from api.main import create_app

            logs = rehearse(create_app, paths.models, served.moved(config, paths), Path(folder))
        log = Log(logs, metadata["version"], since.isoformat(), config.seed)
        served.run(config, paths, log, outcomes)
    click.echo("No alarm. Read reports/monitoring.md.")


@main.command()
@click.option("--port", default=8501, show_default=True)
@click.pass_obj
def dashboard(file: Path, port: int) -> None:
    """Open the dashboard in the browser."""
    from streamlit.web import cli as streamlit

    options = f"--server.port={port} --server.address=127.0.0.1 --browser.gatherUsageStats=false"
    streamlit.main(["run", str(file.parent / "dashboard" / "app.py"), *options.split()])
