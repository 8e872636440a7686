"""The commands that show and tell; what they need is imported when they run."""

import sys
from pathlib import Path

import click

from ..config import load_config
from ..paths import Paths


@click.command()
@click.option("--json", "form", flag_value="json", help="Answer in JSON.")
@click.option("--markdown", "form", flag_value="markdown", help="Answer in Markdown.")
@click.option("--links", is_flag=True, help="Call the web addresses in the documents too.")
@click.pass_obj
def check(config_file: Path, form: str | None, links: bool) -> None:
    """Say how ready this repository is to be shown."""
    from .check import as_json, as_markdown, as_text, inspect

    config, paths = load_config(config_file), Paths(config_file.parent)
    found = inspect(config, paths, links)
    shown = {"json": as_json, "markdown": as_markdown, None: as_text}[form]
    click.echo(shown(found, paths))
    sys.exit(1 if any(item.status == "fail" for item in found) else 0)


@click.command()
@click.option("--week", type=int, help="Which week; by default the first without drafts.")
@click.option("--start", is_flag=True, help="Write the profile kit instead.")
@click.pass_obj
def posts(config_file: Path, week: int | None, start: bool) -> None:
    """Write a week's drafts into posts/. Nothing is ever posted."""
    from .posts import write_start, write_week

    config, paths = load_config(config_file), Paths(config_file.parent)
    written = write_start(config, paths) if start else write_week(config, paths, week)
    click.echo(f"  wrote {written.relative_to(paths.root).as_posix()}")


COMMANDS = (check, posts)
