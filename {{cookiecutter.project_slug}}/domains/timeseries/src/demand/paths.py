"""Where each stage reads and writes, and what the project is called."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from .errors import ConfigError


class Paths:
    """The folders of one project; ``root`` is the one that holds ``config.yaml``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.downloads = root / "data" / "downloads"
        self.processed = root / "data" / "processed"
        self.models = root / "models"
        self.candidate = self.models / "candidate"
        self.reports = root / "reports"
        self.figures = self.reports / "figures"


@dataclass(frozen=True)
class Project:
    """``name`` is fit for addresses, ``title`` for people; ``repository`` may be empty."""

    name: str
    title: str
    author: str
    repository: str


def read_project(paths: Paths) -> Project:
    """Read what ``pyproject.toml`` says of the project.

    Raises:
        ConfigError: there is no readable ``pyproject.toml`` beside ``config.yaml``.
    """
    file = paths.root / "pyproject.toml"
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))["project"]
        authors = ", ".join(author["name"] for author in table.get("authors", []))
        repository = table.get("urls", {}).get("Repository", "")
        return Project(table["name"], table["description"], authors, repository)
    except (OSError, ValueError, KeyError) as error:
        raise ConfigError(
            f"{file} cannot be read ({error!r}): expected a [project] table with `name` and "
            "`description`. Keep config.yaml in the project's folder."
        ) from error
