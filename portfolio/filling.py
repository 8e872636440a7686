"""Texts with a project's facts in them.

A line is a sentence, an empty line ends a paragraph. A sentence with a fact that the project does
not have is left out, or, where ` // ` parts alternatives, the first that can be filled is taken.
"""

import re
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path

import yaml

from portfolio.contract import SafeLoader

NAME = re.compile(r"\{(\w+)\}")
ALTERNATIVE = " // "
# Facts that no run has measured: names, addresses, settings.
UNMEASURED = re.compile(
    r"repository|github|title|anybody|open_parts|live|package|price_\w+|whose_prices|at_prices|break_even"
    r"|like|metric|condition|skills"
)


@cache
def texts(file: Path) -> dict:
    """A YAML file of texts that the tool carries."""
    return yaml.load(file.read_text(encoding="utf-8"), Loader=SafeLoader)


def fill(text: str, facts: Mapping[str, str]) -> str:
    """The paragraphs that can be filled; empty where there is none."""
    paragraphs = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        lines = [_first(line.strip(), facts) for line in paragraph.splitlines()]
        paragraphs.append(" ".join(line for line in lines if line))
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def used(text: str, facts: Mapping[str, str]) -> set[str]:
    """The facts that a text holds as it is filled."""
    return {name for line in text.splitlines() for name in NAME.findall(_choice(line, facts))}


def measured(text: str, facts: Mapping[str, str], words: Collection[str] = ()) -> bool:
    """Whether a text, as it is filled, holds a figure of the run; `words` are names of none."""
    return not all(UNMEASURED.fullmatch(name) for name in used(text, facts) - set(words))


def _first(line: str, facts: Mapping[str, str]) -> str:
    return NAME.sub(lambda found: facts[found[1]], _choice(line, facts)).strip()


def _choice(line: str, facts: Mapping[str, str]) -> str:
    """The first alternative all of whose facts are known; empty where there is none."""
    choices = line.split(ALTERNATIVE)
    return next((one for one in choices if all(name in facts for name in NAME.findall(one))), "")
