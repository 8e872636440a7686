"""The questions and exercises of a domain, from the file beside this one, filled for a project."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from portfolio.filling import NAME, fill, texts

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Task:
    """A question with its right answer, in SQL or in Python.

    `ordered`: rows in another order are another answer. `cases`: calls that try a function.
    `lacks`: roles that the data have nobody for; then it cannot be asked.
    """

    number: int
    title: str
    ask: str
    hint: str
    answer: str
    ordered: bool = False
    cases: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What is asked, with its number; an exercise begins with the name of its function."""
        return (
            f"{self.number}. {self.ask}"
            if self.cases
            else f"{self.number}. {self.title}: {self.ask}"
        )

    @property
    def signature(self) -> str:
        """The first line of the function that an exercise asks for."""
        return next(
            line for line in self.answer.splitlines() if line.startswith(f"def {self.title}(")
        )


def sql(domain: str, roles: Mapping[str, str]) -> list[Task]:
    """The domain's questions, in the words of a project's own columns."""
    return [_filled(number, one, roles) for number, one in enumerate(_read(domain)["sql"], 1)]


def python(domain: str) -> list[Task]:
    """The domain's exercises."""
    listed = enumerate(_read(domain)["python"], 1)
    return [Task(number, **one | {"cases": tuple(one["cases"])}) for number, one in listed]


def about(domain: str, roles: Mapping[str, str]) -> list[str]:
    """What the tables of a project hold, a sentence or two each."""
    text = _read(domain)["about"]
    return [filled for line in text.splitlines() if (filled := fill(line, roles))]


def example(task: Task) -> str:
    """The first case of an exercise, with what it gives."""
    known: dict = {}
    exec(task.answer, known)
    return f"{task.cases[0]} gives {eval(task.cases[0], known)!r}"


def _filled(number: int, one: dict, roles: Mapping[str, str]) -> Task:
    texts = {key: one[key] for key in ("title", "ask", "hint", "answer")}
    used = [*NAME.findall(" ".join(texts.values())), *one.get("needs", ())]
    lacks = tuple(dict.fromkeys(name for name in used if name not in roles))
    if not lacks:
        texts = {key: NAME.sub(lambda found: roles[found[1]], text) for key, text in texts.items()}
    return Task(number, **texts, ordered=one.get("ordered", False), lacks=lacks)


def _read(domain: str) -> dict:
    return texts(FOLDER / f"{domain}.yaml")
