"""What a project's results say, by name and in words, for drafts, questions and bullets.

A fact whose figures a project does not have is absent; who writes with facts leaves the sentence
out (`portfolio.filling`). Every fact is true whatever the data.
"""

from importlib import import_module

from portfolio.contract import Project
from portfolio.facts.common import common
from portfolio.facts.sharing import sharing

Facts = dict[str, str]


def facts(project: Project) -> Facts:
    """The facts of a project that has run.

    Raises:
        ContractError: a report is damaged.
    """
    return {name: text for name, text in candidates(project).items() if text is not None}


def candidates(project: Project) -> dict[str, str | None]:
    """The facts, with None for one whose figures are absent."""
    own = import_module(f"portfolio.facts.{project.domain}").facts
    return {**common(project), **own(project), **sharing(project)}
