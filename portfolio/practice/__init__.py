"""`portfolio practice`: questions to a project's own data in SQL, and small exercises in Python."""

import importlib.util
from collections.abc import Callable, Mapping
from pathlib import Path

import click

from portfolio import chosen, private, template
from portfolio.contract import Project, load
from portfolio.errors import UserError
from portfolio.practice import exercises, questions, session
from portfolio.practice.desk import Desk
from portfolio.practice.session import Session

HOME = "https://github.com/user/ml-portfolio-template"
OPTIONS = (
    click.argument("project", required=False, type=click.Path(path_type=Path, file_okay=False)),
    click.option("--question", type=int, help="Its number; the next open one unless said."),
    click.option("--list", "listed", is_flag=True, help="List all, and what has passed."),
    click.option("--hint", is_flag=True, help="Say what to look at."),
    click.option("--solution", is_flag=True, help="Show the solution, once you have tried."),
    click.option("--give-up", is_flag=True, help="Show the solution without a try."),
)


@click.group(help="Answer questions about a project's data, or write functions: both are judged.")
def command() -> None:
    """The group of both languages."""


def _options(function: Callable) -> Callable:
    for option in reversed(OPTIONS):
        function = option(function)
    return function


@command.command(help="Ask the next SQL question about the rows of PROJECT, or judge its answer.")
@_options
def sql(project: Path | None, **asked: object) -> None:
    """Build the database, if need be, and sit down before the next question."""
    if importlib.util.find_spec("duckdb") is None:
        raise UserError(_without_duckdb())
    from portfolio.practice import database, judge, roles

    known, desk = _known(project, "sql")
    with database.opened(database.fresh(known, desk.database)) as connection:
        found = roles.find(known, connection)
        notes = _notes(known, found, database.tables(connection), desk)
        sat = Session(
            desk,
            questions.sql(known.domain, found),
            roles.WORDS,
            notes=lambda task: notes,
            start=lambda task: "",
            difference=lambda task: judge.difference(connection, task, desk.answer(task, "")),
        )
        _sit(sat, **asked)


@command.command(help="Set the next small function of PROJECT's domain, or judge it.")
@_options
def python(project: Path | None, **asked: object) -> None:
    """Sit down before the next exercise."""
    known, desk = _known(project, "python")
    sat = Session(
        desk,
        questions.python(known.domain),
        {},
        notes=lambda task: [questions.example(task)],
        start=lambda task: f"{task.signature}\n    ...",
        difference=lambda task: exercises.difference(task, desk.file(task)),
    )
    _sit(sat, **asked)


def _notes(
    project: Project, roles: Mapping[str, str], tables: Mapping[str, list[str]], desk: Desk
) -> list[str]:
    """What stands below a question: the tables, their columns, and what an answer looks like."""
    return [
        "\n".join(questions.about(project.domain, roles)),
        "\n".join(f"{name}({', '.join(columns)})" for name, columns in tables.items()),
        "One SELECT; its columns in the order of the question, under any name; no rounding. "
        f"To look around: {desk.database}",
    ]


def _known(folder: Path | None, language: str) -> tuple[Project, Desk]:
    """The project that is meant, and where its answers lie."""
    folders = chosen.folders([folder] if folder else [])
    if len(folders) > 1:
        names = ", ".join(one.name for one in folders)
        raise UserError(f"Say which project: portfolio practice {language} PROJECT ({names}).")
    project = load(folders[0])
    return project, Desk(private.home(folder).private / "practice" / project.name, language)


def _sit(
    sat: Session, question: int | None, listed: bool, hint: bool, solution: bool, give_up: bool
) -> None:
    if listed:
        click.echo("\n".join(session.overview(sat)))
        return
    task = sat.choose(question)
    if task is None:
        click.echo(f"All {len(sat.asked)} passed. --question N asks one again.")
    elif hint:
        click.echo(task.hint)
    elif solution or give_up:
        click.echo(session.solution(sat, task, give_up))
    elif not session.attempt(sat, task):
        raise click.exceptions.Exit(1)


def _without_duckdb() -> str:
    address = template.address() or HOME
    address = address if address.startswith("https://") else HOME
    return (
        "This needs DuckDB, which the tool brings when it is installed with practice: "
        f'uv tool install --force "{template.PACKAGE}[practice] @ git+{address}" '
        "(for a single run: uvx --with duckdb --from … portfolio …)"
    )
