"""One run of the command: the question that is next, what was written, and what is said of it."""

import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass

import click

from portfolio.errors import UserError
from portfolio.practice.desk import WIDTH, Desk
from portfolio.practice.questions import Task


@dataclass(frozen=True)
class Session:
    """Tasks with what depends on their language.

    `notes` stand below the task in the file of an answer, `start` is what it begins with, and
    `difference` says in what the answer differs from the right one. `words` tell what a role is.
    """

    desk: Desk
    tasks: list[Task]
    words: dict[str, str]
    notes: Callable[[Task], list[str]]
    start: Callable[[Task], str]
    difference: Callable[[Task], str]

    @property
    def asked(self) -> list[Task]:
        """The tasks that this project's data can be asked."""
        return [task for task in self.tasks if not task.lacks]

    def passed(self) -> list[Task]:
        """Those that have been answered rightly."""
        return [task for task in self.asked if self.desk.state(task)["passed"]]

    def lacking(self, task: Task) -> str:
        """Why a task is left out."""
        reasons = dict.fromkeys(self.words[role] for role in task.lacks)
        return f"left out, as the data have no {', no '.join(reasons)}"

    def choose(self, number: int | None) -> Task | None:
        """The task of a number, or else the next open one; None where none is open.

        Raises:
            UserError: there is no such task, or it is left out.
        """
        if number is None:
            passed = self.passed()
            return next((task for task in self.asked if task not in passed), None)
        task = next((task for task in self.tasks if task.number == number), None)
        if task is None:
            raise UserError(f"--question {number}: there are {len(self.tasks)} questions.")
        if task.lacks:
            raise UserError(f"--question {number}: {self.lacking(task)}.")
        return task


def overview(session: Session) -> list[str]:
    """A line a task: its number, how it stands, its title."""
    lines = []
    for task in session.tasks:
        stands = session.lacking(task) if task.lacks else _standing(session.desk, task)
        lines.append(f"{task.number:3}  {task.title}: {stands}")
    return [*lines, _count(session)]


def solution(session: Session, task: Task, give_up: bool) -> str:
    """The right answer.

    Raises:
        UserError: nothing has been tried, and nobody gave up.
    """
    state = session.desk.state(task)
    if not state["attempts"] and not give_up:
        raise UserError(
            f"{task.number}. {task.title} has not been tried yet. --hint helps; "
            "--give-up shows the solution all the same."
        )
    session.desk.note(task, solution=True)
    return task.answer.rstrip()


def attempt(session: Session, task: Task) -> bool:
    """Let an answer be written where somebody is at a terminal, judge it, and say what it is.

    Returns:
        Whether no wrong answer stands there.
    """
    file = session.desk.prepare(task, session.notes(task), session.start(task))
    click.echo("\n".join(textwrap.wrap(task.words, WIDTH)))
    while True:
        if is_terminal():
            click.edit(filename=str(file))
        if not session.desk.answer(task, session.start(task)):
            click.echo(f"Write your answer into {file}, and run this again.")
            return True
        difference = session.difference(task)
        state = session.desk.state(task)
        attempts = state["attempts"] + 1
        session.desk.note(task, attempts=attempts, passed=state["passed"] or not difference)
        if not difference:
            click.echo(f"Passed. {_count(session)}")
            return True
        click.echo(f"{difference}\nNot yet right: {file}. There are --hint and --solution.")
        if not is_terminal() or not click.confirm("Try again?", default=True):
            return False


def is_terminal() -> bool:
    """Whether somebody is there to write."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def _standing(desk: Desk, task: Task) -> str:
    state = desk.state(task)
    if state["passed"]:
        return "passed, after a look at the solution" if state["solution"] else "passed"
    return f"tried {state['attempts']} ×" if state["attempts"] else "open"


def _count(session: Session) -> str:
    left_out = len(session.tasks) - len(session.asked)
    more = f"; {left_out} left out, --list says why" if left_out else ""
    next_one = session.choose(None)
    then = f" Next: {next_one.number}. {next_one.title}." if next_one else ""
    return f"{len(session.passed())} of {len(session.asked)} passed{more}.{then}"
