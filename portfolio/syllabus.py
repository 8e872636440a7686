"""The syllabus: what each week of both tracks asks for, and what the portfolio is to hold."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from portfolio.contract import PACKAGES, SafeLoader, parse

# The syllabus's words for projects, and the domains that they stand for.
SERVED = tuple(domain for domain in PACKAGES if domain != "foundations")
DOMAINS = {
    "foundations": ("foundations",),
    "churn": ("tabular",),
    "sentiment": ("nlp",),
    "imaging": ("cv",),
    "forecasting": ("timeseries",),
    "recommender": ("recsys",),
    "churn or foundations": ("tabular", "foundations"),
    "any served": SERVED,
    "all served": SERVED,
    "all": tuple(PACKAGES),
}


@dataclass(frozen=True)
class Task:
    """One thing to do; `proof` names what shows that it is done, if anything can."""

    do: str
    proof: str | None = None


@dataclass(frozen=True)
class Week:
    """A week: its theme (or focus), topics, task or output, and project, as in the syllabus."""

    week: int
    theme: str
    project: str
    topics: str | None = None
    task: str | None = None
    proof: str | None = None
    more: tuple[Task, ...] = ()

    @property
    def tasks(self) -> tuple[Task, ...]:
        """All that is to be done: the syllabus's own task first."""
        own = (Task(self.task, self.proof),) if self.task else ()
        return own + self.more

    @property
    def domains(self) -> tuple[str, ...]:
        """The domains whose projects belong to this week."""
        return DOMAINS[self.project]


@dataclass(frozen=True)
class Row:
    """A row of the final portfolio table."""

    name: str
    domain: str
    skills: str


@dataclass(frozen=True)
class Syllabus:
    """The whole of it; `tracks` by their number of weeks, as text."""

    hours: int
    posting: str
    tools: str
    final: tuple[Row, ...]
    tracks: dict[str, tuple[Week, ...]]

    def weeks(self, track: int) -> tuple[Week, ...]:
        """The weeks of a track, 24 or 12."""
        return self.tracks[str(track)]


@cache
def read() -> Syllabus:
    """The syllabus that this tool carries."""
    text = Path(__file__).with_name("syllabus.yaml").read_text(encoding="utf-8")
    return parse(Syllabus, yaml.load(text, Loader=SafeLoader), "syllabus.yaml", "")
