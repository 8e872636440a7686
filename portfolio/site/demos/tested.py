"""What `evaluate` wrote down of the cases that a model was tested on."""

import csv
from dataclasses import dataclass

from portfolio.contract import Project
from portfolio.errors import UserError
from portfolio.files import read_text

FILE = "reports/predictions.csv"


@dataclass(frozen=True)
class Tested:
    """What came (1 or 0), and how likely that was to the model, case by case."""

    y: list[int]
    probability: list[float]

    def first(self, count: int) -> list[tuple[int, float]]:
        """The first cases: what came, and the probability."""
        return list(zip(self.y, self.probability, strict=True))[:count]


def read(project: Project) -> Tested:
    """The cases of the test.

    Raises:
        UserError: the file is missing or damaged.
    """
    shown = f"{project.name}/{FILE}"
    try:
        lines = read_text(project.root / FILE).splitlines()
        rows = [row for row in csv.DictReader(lines) if row["part"] == "test"]
        found = Tested([int(row["y"]) for row in rows], [float(row["probability"]) for row in rows])
    except (OSError, KeyError, TypeError, ValueError, csv.Error) as error:
        raise UserError(f"{shown} cannot be read ({error}).") from error
    if not rows:
        raise UserError(f"{shown}: no cases of the test.")
    return found
