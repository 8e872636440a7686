"""The workspace's README.md: a page about the learner, with the final table between markers."""

from collections.abc import Sequence

from portfolio import git, prose, syllabus
from portfolio.contract import ContractError, Project
from portfolio.facts.words import label
from portfolio.files import read_text, write_text
from portfolio.proofs import live
from portfolio.syllabus import DOMAINS
from portfolio.workspace import Workspace

FILE = "README.md"
BLOCK = "projects"
# The rows of the final table, by the domain whose project fills them.
ROWS = ("tabular", "nlp", "cv", "timeseries", "recsys")


def render(here: Workspace, projects: Sequence[Project]) -> str:
    """The whole page."""
    contacts = {"GitHub": f"https://github.com/{here.github_username}"} | here.contacts
    links = " · ".join(f"[{name}]({_target(value)})" for name, value in contacts.items())
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
    rows = []
    plan = syllabus.read()
    for domain, row in zip(ROWS, plan.final, strict=True):
        own = [project for project in projects if project.domain == domain]
        rows += [_row(here, project, row.domain, row.skills) for project in own]
        if not own:
            week = next(week for week in plan.weeks(here.track) if domain in _only(week.project))
            rows.append([row.name, row.domain, row.skills, f"planned for week {week.week}"])
    other = [project for project in projects if project.domain not in ROWS]
    rows += [_row(here, project, "statistics", "") for project in other]
    head = "| project | domain | key skills | result |\n|---|---|---|---|"
    return "\n".join([head, *("| " + " | ".join(map(_cell, row)) + " |" for row in rows)])


def _row(here: Workspace, project: Project, domain: str, skills: str) -> list[str]:
    path = git.repository(project.root) or f"{here.github_username}/{project.name}"
    title = f"[{project.title}](https://github.com/{path})"
    try:
        results = project.results
        url = project.config.live_url if live(project) else None
    except ContractError:
        return [title, domain, skills, "not readable"]
    if not results:
        return [title, domain, skills, "begun"]
    return [title, domain, ", ".join(results.skills) or skills, _result(project, url)]


def _result(project: Project, url: str | None) -> str:
    results, metric = project.results, project.results.primary_metric
    parts = [f"{label(metric.name)} {metric.value:.3f}"] if metric else []
    parts += [results.business.headline] if results.business else []
    parts += ["synthetic data"] if results.dataset.synthetic else []
    parts += [f"[live]({url})"] if url else []
    return "; ".join(part.rstrip(".") for part in parts) or "run"


def _only(project: str) -> tuple[str, ...]:
    """The domains of a week that is about one project alone."""
    domains = DOMAINS[project]
    return domains if len(domains) <= 2 else ()


def _target(value: str) -> str:
    return f"mailto:{value}" if "@" in value and "://" not in value else value


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
