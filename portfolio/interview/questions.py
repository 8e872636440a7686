"""Questions about a project and its theory, with the answers that its results give."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from portfolio.contract import Project
from portfolio.facts import facts
from portfolio.facts.words import AT
from portfolio.filling import fill, measured, texts
from portfolio.posts import plan

FOLDER = Path(__file__).parent
TOPICS = ("project", "theory", "behavioural")
SYNTHETIC = "\n\n(All numbers: synthetic sample.)"


@dataclass(frozen=True)
class Question:
    """What is asked, what the numbers answer, and what the author has written about it.

    `key` stays the same when words change, so that what is remembered of a question does, too.
    """

    key: str
    topic: str
    about: str
    ask: str
    answer: str
    material: str = ""


def read(name: str) -> dict:
    """A file of texts."""
    return texts(FOLDER / f"{name}.yaml")


def questions(project: Project) -> list[Question]:
    """All questions that can be asked about a project.

    A question whose figures the project does not have is left out; one that has not run is asked
    about theory and behaviour alone.

    Raises:
        ContractError: a report is damaged.
    """
    own, common = read(project.domain), read("common")
    words = own["words"] | {"question": plan.read(project.domain)["question"]}
    known = {"title": project.title} | words
    if project.results:
        known |= facts(project) | _meaning(project)
    parts = {
        "project": _merged(common["project"], own["project"]) if project.results else [],
        "theory": read("theory")["theory"] + own["theory"],
        "behavioural": common["behavioural"],
    }
    return [
        made
        for topic in TOPICS
        for part in parts[topic]
        if (made := _question(project, topic, part, known, words))
    ]


def _merged(common: list[dict], own: list[dict]) -> list[dict]:
    """The common questions and a domain's own, which replace those of the same name."""
    return list({part["id"]: part for part in (*common, *own)}.values())


def _question(
    project: Project, topic: str, part: dict, known: Mapping[str, str], words: Mapping[str, str]
) -> Question | None:
    """A question, filled; None if it or the first sentence of its answer cannot be."""
    ask, answer = fill(part["ask"], known), part["answer"]
    if not ask or not fill(answer.splitlines()[0], known):
        return None
    mark = SYNTHETIC if "synthetic" in known and measured(answer, known, words) else ""
    theory = topic == "theory"
    return Question(
        key=f"theory/{part['id']}" if theory else f"{project.name}/{part['id']}",
        topic=topic,
        about="" if theory else project.title,
        ask=ask,
        answer=fill(answer, known) + mark,
        material=_material(project, part["section"]) if "section" in part else "",
    )


def _material(project: Project, section: str) -> str:
    """What the author has written in a section of README.md, or that it is not written."""
    if not project.readme.is_written(section):
        return (
            f"“{section}” in README.md is not written yet: what you write there is the material "
            "for this answer."
        )
    body = project.readme.sections[section]
    quoted = "\n".join(f"> {line}".rstrip() for line in body.splitlines())
    return f"Your own words, from “{section}” in README.md:\n\n{quoted}"


def _meaning(project: Project) -> dict[str, str]:
    """What the project's metric measures, where that is known here."""
    metric = project.results.primary_metric
    name = metric and (found[1] if (found := AT.fullmatch(metric.name)) else metric.name)
    text = read("common")["metrics"].get(name)
    return {"metric_meaning": text} if text else {}
