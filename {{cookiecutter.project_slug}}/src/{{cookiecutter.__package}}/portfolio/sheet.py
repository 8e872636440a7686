"""Texts with this project's numbers in documents, and where its sheet of questions lies."""

import os
from pathlib import Path

from ..config import Config
from ..documents import NOT_FILLED, SHEETS, sheets
from ..errors import ProjectError
from ..paths import Paths
from . import filling


def fill(text: str, reports: str = "../reports") -> None:
    """Put ``text`` into the document that cog is processing, numbers in place of names.

    ``reports`` is where the results are, seen from that document.
    """
    import cog  # exists only while cog runs

    file = Path(cog.inFile)
    values = filling.project_facts(file.parent / reports)
    shown = NOT_FILLED if values is None else filling.fill(text.strip(), values, file.name)
    cog.outl(shown)


def settle(config: Config, paths: Paths) -> None:
    """Bring sheets to the folder that the tone asks for.

    They lie in ``docs``; in the tone ``upskilling`` in ``private``, which git ignores.

    Raises:
        ProjectError: there is one of the same name already, or the folder cannot be written.
    """
    names = SHEETS[::-1] if config.portfolio.tone == "upskilling" else SHEETS
    wanted, other = (paths.root / name for name in names)
    for file in (found for found in sheets(paths) if found.parent == other):
        if (wanted / file.name).exists():
            raise ProjectError(
                f"{file} should move to {wanted}, as `tone` in config.yaml says, but there is one "
                "already. Put your words into one of the two and remove the other."
            )
        try:
            wanted.mkdir(exist_ok=True)
            os.replace(file, wanted / file.name)
        except OSError as error:
            raise ProjectError(f"cannot move {file} to {wanted}: {error.strerror}") from error
