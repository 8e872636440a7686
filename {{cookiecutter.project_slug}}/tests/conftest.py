"""What the tests share: settings of their own, and one project on which every stage has run."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import joblib
import pytest
import yaml

from {{ cookiecutter.package_name }}.config import load_config
from {{ cookiecutter.package_name }}.paths import Paths
from {{ cookiecutter.package_name }}.pipeline import STAGES

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = ROOT / "tests" / "config.yaml"
COPIED = ("api", "dashboard", "pyproject.toml", "README.md", "MODEL_CARD.md", "ROADMAP.md")


@pytest.fixture(scope="session", autouse=True)
def threads() -> Iterator[None]:
    """Work in threads: on so little data, processes take longer to start than to work."""
    with joblib.parallel_config(backend="threading"):
        yield


@pytest.fixture
def settings() -> dict[str, Any]:
    """The content of the tests' own ``config.yaml``, to change and write elsewhere."""
    return yaml.safe_load(SETTINGS.read_text(encoding="utf-8"))


@pytest.fixture
def fresh_project(tmp_path: Path) -> Path:
    """A copy of this project with the tests' settings, on which nothing has run."""
    return copy_project(tmp_path / "project")


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, after every stage has run. Read it only: tests that write take ``own_project``."""
    root = copy_project(tmp_path_factory.mktemp("session") / "project")
    config, paths = load_config(root / "config.yaml"), Paths(root)
    for stage in STAGES:
        stage.run(config, paths)
    return root


@pytest.fixture
def own_project(project: Path, tmp_path: Path) -> Path:
    """A copy of ``project`` for one test alone."""
    return shutil.copytree(project, tmp_path / "project")


def copy_project(root: Path) -> Path:
    """Copy to ``root`` what the stages and the two apps need of this repository."""
    root.mkdir()
    shutil.copy(SETTINGS, root)
    for source in (ROOT / name for name in COPIED):
        if source.is_dir():
            shutil.copytree(source, root / source.name)
        elif source.exists():
            shutil.copy(source, root)
    return root
