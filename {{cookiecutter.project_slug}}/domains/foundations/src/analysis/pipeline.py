"""The stages in the order in which data flows; each reads files and writes files.

Stages import their module when they run, so that a command waits only for what it needs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .config import Config
from .paths import Paths


def data(config: Config, paths: Paths) -> list[Path]:
    """Fetch, clean and join the data set."""
    from .data import prepare

    return prepare(config, paths)


def explore(config: Config, paths: Paths) -> list[Path]:
    """Draw the plots and ask the five questions."""
    from .explore import explore

    return explore(config, paths)


def statistics(config: Config, paths: Paths) -> list[Path]:
    """Test which groups really differ."""
    from .statistics import statistics

    return statistics(config, paths)


def train(config: Config, paths: Paths) -> list[Path]:
    """Fit and compare the first models."""
    from .train import train

    return train(config, paths)


def report(config: Config, paths: Paths) -> list[Path]:
    """Rewrite the generated blocks of the documents."""
    from .report import report

    return report(config, paths)


@dataclass(frozen=True)
class Stage:
    """One step of the pipeline; ``run`` returns the paths it wrote."""

    name: str
    run: Callable[[Config, Paths], list[Path]]
    help: str


STAGES = tuple(
    Stage(run.__name__, run, run.__doc__ or "")
    for run in (data, explore, statistics, train, report)
)
