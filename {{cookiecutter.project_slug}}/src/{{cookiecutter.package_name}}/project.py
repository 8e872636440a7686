"""What this project is called, read from ``pyproject.toml``."""

import tomllib
from dataclasses import dataclass

from .errors import ConfigError
from .paths import Paths


@dataclass(frozen=True)
class Project:
    """``name`` is fit for addresses, ``title`` for people."""

    name: str
    title: str


def read_project(paths: Paths) -> Project:
    """Read name and description of the project.

    Raises:
        ConfigError: there is no readable ``pyproject.toml`` beside ``config.yaml``.
    """
    file = paths.root / "pyproject.toml"
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))["project"]
        return Project(table["name"], table["description"])
    except (OSError, ValueError, KeyError) as error:
        raise ConfigError(
            f"{file} cannot be read ({error!r}): expected a [project] table with `name` and "
            "`description`. Keep config.yaml in the project's folder."
        ) from error
