"""What the tests share: settings of their own, and one project on which every stage has run."""

import os
import shutil
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image

from imaging import readme
from imaging.cli import STAGES, run_stages
from imaging.config import load_config
from imaging.kit.files import Paths

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = ROOT / "tests" / "config.yaml"
COPIED = ("pyproject.toml", "README.md", "MODEL_CARD.md", "api", "dashboard")


@pytest.fixture(scope="session", autouse=True)
def no_git_from_outside() -> Iterator[None]:
    """In a hook, git names the repository to work in: tests must never write into that one."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("GIT_")]:
            patch.delenv(name)
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
    run_stages(list(STAGES), root / "config.yaml")
    readme.write_documents(load_config(root / "config.yaml"), Paths(root), check=False)
    return root


@pytest.fixture
def own_project(project: Path, tmp_path: Path) -> Path:
    """A copy of ``project`` for one test alone."""
    return shutil.copytree(project, tmp_path / "project")


def copy_project(root: Path) -> Path:
    """Copy to ``root`` what the stages need of this repository, without what runs produce."""
    root.mkdir()
    for source in (ROOT / name for name in COPIED):
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, root / source.name)
    shutil.copy(SETTINGS, root)
    return root


def tree(folder: Path) -> dict[str, bytes]:
    """The bytes of every file below ``folder``."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def png(size: int = 32) -> bytes:
    """A grey image of ``size`` x ``size`` pixels, brighter to the right."""
    content = BytesIO()
    Image.linear_gradient("L").rotate(90).resize((size, size)).save(content, "PNG")
    return content.getvalue()
