"""The queries and solutions of ``docs``, for the tests of them."""

import runpy
from pathlib import Path

import pandas as pd

from {{ cookiecutter.__package }}.paths import Paths

ROOT = Path(__file__).resolve().parents[1]
SOLUTIONS = runpy.run_path(str(ROOT / "docs" / "solutions.py"))
PRACTICE = runpy.run_path(str(ROOT / "docs" / "practice.py"))


def answers(paths: Paths) -> list[pd.DataFrame]:
    """What the queries of ``docs`` find in the project's data."""
    queries = ROOT / "docs" / "queries.sql"
    return [table for _, table in PRACTICE["answers"](PRACTICE["build"](paths), queries)]
