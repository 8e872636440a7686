"""`portfolio check`: whether a project is ready to be shown. It writes nothing."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from portfolio import chosen
from portfolio.checks import (
    documents,
    notebooks,
    numbers,
    readme,
    repository,
    results,
    secrets,
    web,
)
from portfolio.checks.item import Item
from portfolio.contract import Project, load
from portfolio.errors import UserError

Judge = Callable[[Project], Iterator[Item]]
JUDGES: tuple[Judge, ...] = (
    results.data,
    results.reports,
    results.model,
    readme.words,
    readme.title,
    readme.screen,
    numbers.prose_agrees,
    readme.online,
    documents.shown,
    documents.merged,
    notebooks.executed,
    repository.owned,
    repository.stored,
    secrets.leaked,
)


@dataclass(frozen=True)
class Report:
    """What was found of one project."""

    name: str
    items: list[Item]
    progress: str

    @property
    def ready(self) -> bool:
        """Whether nothing is left to do."""
        return all(one.status == "pass" for one in self.items)

    @property
    def failed(self) -> bool:
        """Whether something is broken."""
        return any(one.status == "fail" for one in self.items)


@click.command(
    help="Say what is missing before PROJECT (that of here, or all) is shown; exit code 1 where "
    "something is broken."
)
@click.argument("projects", nargs=-1, type=click.Path(path_type=Path), metavar="[PROJECT]...")
@click.option("--json", "form", flag_value="json", help="The answer for programs.")
@click.option("--markdown", "form", flag_value="markdown", help="The answer as a table.")
@click.option("--links", is_flag=True, help="Call the web addresses in the documents, too.")
def command(projects: tuple[Path, ...], form: str | None, links: bool) -> None:
    """Check the projects."""
    reports = [inspect(root, links) for root in chosen.folders(projects)]
    shown = {"json": as_json, "markdown": as_markdown, None: as_text}[form]
    click.echo(shown(reports))
    if any(report.failed for report in reports):
        raise SystemExit(1)


def inspect(root: Path, links: bool = False) -> Report:
    """Judge one project; addresses in the web are called only if `links` asks for it."""
    name = root.resolve().name
    try:
        project = load(root)
    except UserError as error:
        return Report(name, [Item("contract", "fail", error.message)], "")
    judges = (*JUDGES, web.answering) if links else JUDGES
    with ThreadPoolExecutor(1) as pool:  # uv takes its time meanwhile
        asked = pool.submit(_judged, results.blocks, project)
        found = [one for judge in judges for one in _judged(judge, project)]
        found = [*asked.result(), *found]
    return Report(name, list(dict.fromkeys(found)), repository.progress(project))


def _judged(judge: Judge, project: Project) -> list[Item]:
    """What one of the judges says; a file that cannot be read is what it found."""
    try:
        return list(judge(project))
    except UserError as error:
        remedy = f"uv run {project.package} all, or the file from git"
        return [Item("contract", "fail", " ".join(error.message.split()), remedy)]


def as_text(reports: Sequence[Report]) -> str:
    """The answer for people at a command line."""
    parts = []
    for report in reports:
        lines = [f"{report.name}\n"] if len(reports) > 1 else []
        for one in report.items:
            lines.append(f"{one.status:<7}  {one.name:<9}  {one.reason}")
            lines += [f"{'':20}to mend: {one.remedy}"] if one.remedy else []
        parts.append("\n".join([*lines, "", verdict(report), report.progress]).rstrip())
    return "\n\n".join(parts)


def as_markdown(reports: Sequence[Report]) -> str:
    """The answer for a page on GitHub."""
    parts = []
    for report in reports:
        rows = [["", "Part", "Found", "To mend"], ["---"] * 4]
        rows += [[one.status, one.name, one.reason, one.remedy] for one in report.items]
        table = "\n".join("| " + " | ".join(map(_cell, row)) + " |" for row in rows)
        heading = [f"## {report.name}"] if len(reports) > 1 else []
        parts += [*heading, table, verdict(report), report.progress]
    return "\n\n".join(part for part in parts if part)


def as_json(reports: Sequence[Report]) -> str:
    """The answer for programs."""
    projects = [asdict(report) | {"ready": report.ready} for report in reports]
    ready = all(report.ready for report in reports)
    return json.dumps({"projects": projects, "ready": ready}, indent=2, ensure_ascii=False)


def verdict(report: Report) -> str:
    """One line that sums up."""
    counts = Counter(one.status for one in report.items)
    ready = "Ready to be shown" if report.ready else "Not ready to be shown"
    kinds = ("pass", "todo", "unknown", "fail")
    return f"{ready}: {', '.join(f'{counts[kind]} {kind}' for kind in kinds)}."


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
