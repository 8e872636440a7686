"""What the tests share: settings of their own, and one project on which every stage has run."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from analysis.cli import STAGES, run_stages
from analysis.config import Dataset, load_config
from analysis.kit.files import Paths
from analysis.readme import write_documents
from analysis.roles import Info, validate

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = ROOT / "tests" / "config.yaml"


@pytest.fixture
def settings() -> dict[str, Any]:
    """The content of the tests' own ``config.yaml``, to change and write elsewhere."""
    return yaml.safe_load(SETTINGS.read_text(encoding="utf-8"))


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """A project with the tests' settings, on which nothing has run."""
    return make_project(tmp_path / "project")


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, after every stage has run on the sample. Read it only."""
    root = make_project(tmp_path_factory.mktemp("session") / "project")
    run_all(root, "sample")
    return root


@pytest.fixture
def own(project: Path, tmp_path: Path) -> Path:
    """A copy of ``project`` for one test alone."""
    return shutil.copytree(project, tmp_path / "own")


def make_project(root: Path) -> Path:
    """Copy what the stages need of this repository."""
    root.mkdir()
    for file in (SETTINGS, ROOT / "pyproject.toml", ROOT / "README.md"):
        shutil.copy(file, root)
    return root


def run_all(root: Path, dataset: str) -> None:
    """Run every stage and fill the README."""
    file = root / "config.yaml"
    run_stages(list(STAGES), file, dataset)
    write_documents(load_config(file, dataset), Paths(root), check=False)


def write_mine(root: Path, table: pd.DataFrame, **roles: Any) -> None:
    """Make ``table`` the data set ``mine`` of the project at ``root``."""
    table.to_csv(root / "mine.csv", index=False)
    file = root / "config.yaml"
    settings = yaml.safe_load(file.read_text(encoding="utf-8"))
    settings["datasets"]["mine"] = {"path": "mine.csv", **roles}
    file.write_text(yaml.safe_dump(settings), encoding="utf-8")


def report(root: Path, name: str) -> Any:
    """The content of a file in ``reports/``."""
    return json.loads((root / "reports" / f"{name}.json").read_text(encoding="utf-8"))


def two_groups(difference: float, rows: int = 400) -> tuple[pd.DataFrame, Info]:
    """A number ``n`` that differs between the groups of ``g``; ``h`` and ``c`` mean nothing."""
    rng = np.random.default_rng(11)
    table = pd.DataFrame({"g": rng.choice(["a", "b"], rows)})
    table["n"] = rng.normal(size=rows) + difference * (table["g"] == "b")
    table["c"] = rng.choice(["no", "yes"], rows, p=[0.7, 0.3])
    table["h"] = np.resize(["x", "y", "z"], rows)
    roles = {"regression_target": "n", "classification_target": "c", "group": ["g", "h"]}
    return validate(table, Dataset(path="x.csv", **roles), "mine", "0" * 64)
