"""Texts with the project's own numbers in them, where ``{names}`` stand."""

import re
from pathlib import Path

from ..documents import made_from
from ..errors import ProjectError
from .facts import facts


def project_facts(reports: Path) -> dict[str, str] | None:
    """What the reports say, by name, in Markdown; None where nothing has run yet."""
    return made_from(reports, facts)


def fill(text: str, values: dict[str, str], where: str) -> str:
    """Put ``values`` where ``text`` has their names in braces.

    Raises:
        ProjectError: a name is unknown, or a brace stands alone.
    """
    try:
        return text.format_map(values)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise ProjectError(
            f"{where}: braces that cannot be filled: {error}. Expected one of: "
            f"{', '.join(sorted(values))}. Write a brace that means itself twice."
        ) from error


def plain(text: str) -> str:
    """Markdown as it reads where there is none: names without their quotation as code."""
    text = re.sub(r"(`+) ?(.+?) ?\1", r"\2", text)
    return text.replace("\u200b", "").replace("**", "")
