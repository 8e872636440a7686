"""The command line: one command a stage, and `all` for all of them."""

import importlib
from pathlib import Path

import click

from .config import load_config
from .kit.files import Paths
from .kit.stages import alone, run_notebooks

# In the order in which data flows. Each is a module with a function `run`, imported only when it
# runs, so that `--help` answers at once.
STAGES = {
    "data": "Fetch, clean and split the data set, and count every change.",
    "explain": "Draw the table, and test which differences in it hold.",
    "train": "Compare the first models on the same folds, keep the best.",
    "evaluate": "Score the chosen models on rows kept aside, write the results.",
}


@click.group()
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("config.yaml"),
    show_default=True,
    help="Settings to use; the folder it is in is the project.",
)
@click.pass_context
def main(ctx: click.Context, config: Path) -> None:
    """From data to a report: run `all` first."""
    ctx.obj = config.resolve()


def run_stages(stages: list[str], file: Path, dataset: str | None = None) -> None:
    """Run stages one after the other; a second run in the same project is refused."""
    config, paths = load_config(file, dataset), Paths(file.parent)
    with alone(paths):
        for stage in stages:
            click.echo(f"{stage}: {STAGES[stage]}")
            for written in importlib.import_module(f".{stage}", __package__).run(config, paths):
                click.echo(f"  wrote {written.relative_to(paths.root).as_posix()}")


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
    """Rewrite the generated blocks of README.md."""
    from .readme import write_documents

    for written in write_documents(load_config(file), Paths(file.parent), check):
        click.echo(f"  wrote {written.name}")


@main.command("all")
@_dataset
@click.pass_context
def run_all(ctx: click.Context, dataset: str | None) -> None:
    """Run every stage, from data to report, then the notebooks."""
    run_stages(list(STAGES), ctx.obj, dataset)
    ctx.invoke(report, check=False)
    click.echo("notebooks: Run them, so that their pictures show these results.")
    run_notebooks(Paths(ctx.obj.parent))
    click.echo(f"Done. Read README.md; `{__package__} --help` lists every command.")
