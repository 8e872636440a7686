"""`portfolio new`: the project of a week, with the workspace's answers."""

import datetime
import importlib.util
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType

import click
from cookiecutter.prompt import render_variable
from cookiecutter.utils import create_env_with_context

from portfolio import rendering, syllabus, template, workspace
from portfolio.contract import PACKAGES, record_of
from portfolio.errors import UserError
from portfolio.files import read_text, write_text
from portfolio.syllabus import Week
from portfolio.workspace import Workspace

# All of the template that makes a project.
TREE = "{{cookiecutter.project_slug}}"
PARTS = ("clouds", "cookiecutter.json", "domains", "hooks", "templates", TREE)
# What a clone in which somebody worked has besides.
LEFT_OVER = shutil.ignore_patterns("__pycache__", ".ruff_cache", ".mypy_cache", ".pytest_cache")


@click.command(help="Start this week's project, or that of DOMAIN, and say what is to be done.")
@click.argument("domain", required=False)
@click.option("--week", type=int, help="The project of another week.")
@click.option("--name", help="The project's title, like 'Who leaves?'.")
@click.option(
    "--answer",
    "more",
    multiple=True,
    metavar="KEY=VALUE",
    help="Another answer to the template, like license=Apache-2.0; any number of times.",
)
def command(domain: str | None, week: int | None, name: str | None, more: tuple[str, ...]) -> None:
    """Make a project in the workspace that the current folder lies in."""
    here = workspace.find()
    records = ((folder.name, record_of(folder)) for folder in here.folders() if folder.is_dir())
    started = {str(record.answers.get("domain")): name for name, record in records}
    asked = _week(here, week)
    chosen = _domain(domain) if domain else _of_week(here, asked, started, named=name is not None)
    given = dict(_pair(one) for one in more)
    with template_copy() as source:
        answers = settle(source, here, {"domain": chosen, "project_name": name} | given)
        made = generate(source, answers, here)
    workspace.add_project(here, made)
    _keep_apart(here, made)
    click.echo("\n".join(_said(here, made, chosen, asked)))


def settle(source: Path, here: Workspace, given: Mapping[str, str | None]) -> dict[str, str]:
    """An answer to each question of the template, checked by the rules of its own hook.

    An answer that cannot be used is asked for at a terminal, until it can.

    Raises:
        UserError: an answer cannot be used and nobody can be asked; or the template asks no such
            question.
    """
    questions = json.loads(read_text(source / "cookiecutter.json"))
    wanted = {"author_name": here.name, "github_username": here.github_username}
    wanted |= {"currency": here.currency}
    wanted |= {key: value for key, value in given.items() if value is not None}
    public = [key for key in questions if not key.startswith("_")]
    for key in wanted:
        if key not in public:
            raise UserError(f"The template asks for no `{key}`; it asks for {', '.join(public)}.")
    env, checks = create_env_with_context({"cookiecutter": questions}), hook(source).CHECKS
    answers: dict[str, str] = {}
    for key in public:
        options = questions[key] if isinstance(questions[key], list) else None
        default = options[0] if options else render_variable(env, questions[key], answers)
        answer = wanted.get(key, default)
        while wrong := _wrong(key, answer, options, checks, here):
            if not is_terminal():
                raise UserError(wrong)
            click.echo(wrong)
            answer = click.prompt(_question(questions, key), default=default)
        answers[key] = answer
    return answers


def generate(source: Path, answers: dict[str, str], here: Workspace) -> Path:
    """Make a project of settled answers in the workspace, whole or not at all; return its folder.

    Raises:
        UserError: the template cannot be rendered with these answers.
    """
    # Below the folder for temporary files the template's hook prints no next steps of its own.
    with tempfile.TemporaryDirectory() as scratch:
        address = template.address() or here.template
        origin = (address and rendering.expanded(address), template.commit())
        try:
            made = rendering.make(source, answers, origin, Path(scratch))
        except UserError as error:
            raise UserError(f"The template could not be rendered: {error.message}") from error
        return Path(shutil.move(made, here.root / answers["project_slug"]))


@contextmanager
def template_copy() -> Iterator[Path]:
    """What the template consists of, in a folder for a while, without what work has left in it."""
    with tempfile.TemporaryDirectory() as folder:
        for part in PARTS:
            source, target = template.folder() / part, Path(folder, part)
            if source.is_dir():
                shutil.copytree(source, target, ignore=LEFT_OVER)
            else:
                shutil.copy(source, target)
        yield Path(folder)


def hook(source: Path) -> ModuleType:
    """The template's own hook, with its rules for answers."""
    spec = importlib.util.spec_from_file_location("_hook", source / "hooks" / "pre_gen_project.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def is_terminal() -> bool:
    """Whether somebody is there to be asked."""
    return sys.stdin.isatty()


def _wrong(key: str, answer: str, options: list | None, checks: dict, here: Workspace) -> str:
    """What is wrong with an answer, in one line; empty where nothing is."""
    if options and answer not in options:
        return f"{key} {answer!r} should be one of: {', '.join(options)}"
    if key in checks:
        check, example = checks[key]
        if reason := check(answer):
            return f"{key} {answer!r} {reason}; for example: {example}"
    if key == "project_slug" and (here.root / answer).exists():
        return (
            f"project_slug {answer!r} is in {here.root} already: give the new project a title of "
            "its own by --name, or a folder by --answer project_slug=…"
        )
    return ""


def _question(questions: dict, key: str) -> str:
    text = questions.get("__prompts__", {}).get(key, key)
    return text["__prompt__"] if isinstance(text, dict) else text


def _week(here: Workspace, number: int | None) -> Week | None:
    """The week of a number, or of today; None before the first and after the last one."""
    weeks = {week.week: week for week in syllabus.read().weeks(here.track)}
    if number is not None and number not in weeks:
        raise UserError(f"--week {number}: the track has weeks 1 to {here.track}.")
    return weeks.get(number or here.week(datetime.date.today()))


def _domain(name: str) -> str:
    """A domain by its own name or by that of its package."""
    domains = {**{domain: domain for domain in PACKAGES}, **{p: d for d, p in PACKAGES.items()}}
    if name in domains:
        return domains[name]
    near = get_close_matches(name, domains, 1)
    meant = f" Did you mean {near[0]}?" if near else ""
    raise UserError(f"There is no domain {name!r}; there are {', '.join(PACKAGES)}.{meant}")


def _of_week(here: Workspace, week: Week | None, started: dict[str, str], named: bool) -> str:
    """The domain that a week is about; asked for where it is about several."""
    domains = week.domains if week else tuple(PACKAGES)
    if len(domains) == 1 and domains[0] in started and not named:
        raise UserError(
            f"Week {week.week} goes on with {started[domains[0]]}, which is there. For another "
            f"project of the kind: portfolio new {domains[0]} --name TITLE"
        )
    left = [domain for domain in domains if domain not in started] or list(domains)
    if len(left) == 1:
        return left[0]
    when = f"Week {week.week} is about several" if week else "No week is running"
    if not is_terminal():
        raise UserError(f"{when}: say which, portfolio new {'|'.join(left)}")
    return click.prompt(f"{when}. Which project?", type=click.Choice(left))


def _keep_apart(here: Workspace, project: Path) -> None:
    """Let the workspace's repository ignore the project, which is a repository of its own."""
    file, line = here.root / ".gitignore", f"/{project.name}/"
    text = read_text(file) if file.is_file() else ""
    if line not in text.splitlines():
        write_text(file, f"{text.rstrip()}\n{line}\n".lstrip())


def _said(here: Workspace, made: Path, domain: str, asked: Week | None) -> list[str]:
    """What was made, what the week asks for, and what comes next."""
    weeks = syllabus.read().weeks(here.track)
    first = next(week for week in weeks if domain in week.domains)
    week = asked if asked and domain in asked.domains else first
    return [
        f"Made {made.name} ({domain}) in {made}; it is listed in {workspace.FILE}.",
        "",
        f"Week {week.week} of {here.track}: {week.theme}",
        *(f"  - {task.do}" for task in week.tasks),
        "",
        "Next:",
        f"    cd {made.name}",
        f"    uv run {PACKAGES[domain]} all",
        "    git init -b main",
        "    git add .",
        '    git commit -m "Start from the template"',
    ]


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise UserError(f"--answer {text}: should be KEY=VALUE, like license=MIT.")
    return key, value
