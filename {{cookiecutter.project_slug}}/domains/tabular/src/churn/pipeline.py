"""The stages in the order in which data flows; each reads files and writes files.

Stages import their module when they run: the server's environment has no training library, and
must still be able to start.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .config import Config
from .paths import Paths


def data(config: Config, paths: Paths) -> list[Path]:
    """Fetch, validate and split the data set."""
    from .data import prepare

    return prepare(config, paths)


def train(config: Config, paths: Paths) -> list[Path]:
    """Tune and compare the models, keep the best as candidate."""
    from .train import train

    return train(config, paths)


def evaluate(config: Config, paths: Paths) -> list[Path]:
    """Score the candidate on the test set, price it, publish it."""
    from .evaluate import evaluate

    return evaluate(config, paths)


def explain(config: Config, paths: Paths) -> list[Path]:
    """Show what drives the published model."""
    from .explain import explain

    return explain(config, paths)


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
    Stage(run.__name__, run, run.__doc__ or "") for run in (data, train, evaluate, explain, report)
)
