"""The workspace's README.md: a page about the learner, with the final table between markers."""

from collections.abc import Sequence
from dataclasses import dataclass

from portfolio import git, prose, syllabus
from portfolio.contract import ContractError, Project, Results
from portfolio.facts.words import label
from portfolio.files import read_text, write_text
from portfolio.proofs import live
from portfolio.syllabus import DOMAINS
from portfolio.workspace import Workspace

FILE = "README.md"
BLOCK = "projects"
# The rows of the final table, by the domain whose project fills them.
ROWS = ("tabular", "nlp", "cv", "timeseries", "recsys")
HEAD = "| project | domain | key skills | result |\n|---|---|---|---|"


@dataclass(frozen=True)
class Row:
    """A row of the final table. `project`: one that has run, with its `address` on GitHub."""

    title: str
    domain: str
    skills: str
    result: tuple[str, ...]
    address: str | None = None
    live: str | None = None
    project: Project | None = None


def render(here: Workspace, projects: Sequence[Project]) -> str:
    """The whole page."""
    links = " · ".join(f"[{name}]({target})" for name, _, target in contacts(here))
    return (
        f"# {here.name}\n\n{links}\n\n## Projects\n\n"
        f"<!-- {BLOCK} -->\n{table(here, projects)}\n<!-- /{BLOCK} -->\n\n"
        f"Tools: {', '.join(here.tools)}.\n"
    )


def refresh(here: Workspace, projects: Sequence[Project]) -> None:
    """Write the table into the page again; all else of the page is the author's."""
    file = here.root / FILE
    if not file.is_file():
        return
    text = read_text(file)
    fresh = prose.replace_block(text, BLOCK, table(here, projects))
    if fresh != text:
        write_text(file, fresh)


def table(here: Workspace, projects: Sequence[Project]) -> str:
    """The final portfolio table: a row for each project of the syllabus, then all others."""
    lines = [HEAD, *(_line(row) for row in rows(here, projects))]
    return "\n".join(lines)


def rows(here: Workspace, projects: Sequence[Project]) -> list[Row]:
    """The rows of the final table; a project of the syllabus that is not here yet is planned."""
    found = []
    plan = syllabus.read()
    for domain, row in zip(ROWS, plan.final, strict=True):
        own = [project for project in projects if project.domain == domain]
        found += [_row(here, project, row.domain, row.skills) for project in own]
        if not own:
            week = next(week for week in plan.weeks(here.track) if domain in _only(week.project))
            planned = (f"planned for week {week.week}",)
            found.append(Row(row.name, row.domain, row.skills, planned))
    other = [project for project in projects if project.domain not in ROWS]
    return found + [_row(here, project, "statistics", "") for project in other]


def contacts(here: Workspace) -> list[tuple[str, str, str]]:
    """How people reach the learner: the kind, as it stands in the settings, and the address."""
    listed = {"GitHub": f"https://github.com/{here.github_username}"} | here.contacts
    return [(name, value, _target(value)) for name, value in listed.items()]


def _row(here: Workspace, project: Project, domain: str, skills: str) -> Row:
    # By the learner's name where git knows of no repository.
    path = git.repository(project.root) or f"{here.github_username}/{project.name}"
    home = f"https://github.com/{path}"
    try:
        results = project.results
        url = project.config.live_url if live(project) else None
    except ContractError:
        return Row(project.title, domain, skills, ("not readable",), home)
    if not results:
        return Row(project.title, domain, skills, ("begun",), home)
    skills = ", ".join(results.skills) or skills
    return Row(project.title, domain, skills, _result(results), home, url, project)


def _result(results: Results) -> tuple[str, ...]:
    metric = results.primary_metric
    parts = [f"{label(metric.name)} {metric.value:.3f}"] if metric else []
    parts += [results.business.headline.rstrip(".")] if results.business else []
    parts += ["synthetic data"] if results.dataset.synthetic else []
    return tuple(parts) or ("run",)


def _line(row: Row) -> str:
    title = f"[{row.title}]({row.address})" if row.address else row.title
    result = [*row.result, f"[live]({row.live})"] if row.live else row.result
    cells = (title, row.domain, row.skills, "; ".join(result))
    return "| " + " | ".join(map(_cell, cells)) + " |"


def _only(project: str) -> tuple[str, ...]:
    """The domains of a week that is about one project alone."""
    domains = DOMAINS[project]
    return domains if len(domains) <= 2 else ()


def _target(value: str) -> str:
    return f"mailto:{value}" if "@" in value and "://" not in value else value


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
