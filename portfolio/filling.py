"""Texts with a project's facts in them.

A line is a sentence, an empty line ends a paragraph. A sentence with a fact that the project does
not have is left out, or, where ` // ` parts alternatives, the first that can be filled is taken.
"""

import re
from collections.abc import Mapping

NAME = re.compile(r"\{(\w+)\}")
ALTERNATIVE = " // "


def fill(text: str, facts: Mapping[str, str]) -> str:
    """The paragraphs that can be filled; empty where there is none."""
    paragraphs = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        lines = [_first(line.strip(), facts) for line in paragraph.splitlines()]
        paragraphs.append(" ".join(line for line in lines if line))
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def measured(text: str, facts: Mapping[str, str]) -> bool:
    """Whether a text, as it is filled, holds a figure of the run."""
    lines = [line for line in text.splitlines() if _first(line.strip(), facts)]
    used = {name for line in lines for name in NAME.findall(line)}
    return bool(used - {"repository", "title", "anybody", "open_parts", "live", "package"})


def _first(line: str, facts: Mapping[str, str]) -> str:
    for choice in line.split(ALTERNATIVE):
        if all(name in facts for name in NAME.findall(choice)):
            return NAME.sub(lambda found: facts[found[1]], choice).strip()
    return ""
