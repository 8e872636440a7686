"""The wheel, installed in a bare environment: the command runs and carries the template."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import builder
import pytest
from installed import scripts
from support import ROOT, TEMPLATE_PARTS, files

pytestmark = pytest.mark.project


def run(*command: str | Path, cwd: Path, **more: str) -> str:
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [*map(str, command)],
        cwd=cwd,
        env=env | {"PYTHONUTF8": "1"} | more,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel, built by way of the source distribution, as an index would have it."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "uv", "build", "--quiet", "--out-dir", folder, ROOT, cwd=folder)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_the_whole_template(wheel):
    with zipfile.ZipFile(wheel) as archive:
        inside = {
            name.removeprefix("portfolio/_template/"): archive.read(name)
            for name in archive.namelist()
            if name.startswith("portfolio/_template/")
        }
    wanted = {}
    for part in TEMPLATE_PARTS:
        place = ROOT / part
        found = files(place) if place.is_dir() else {"": place}
        wanted |= {f"{part}/{name}".rstrip("/"): path.read_bytes() for name, path in found.items()}
    wanted = {name: data for name, data in wanted.items() if ".ruff_cache" not in name}
    assert set(inside) == set(wanted)
    assert inside == wanted


@pytest.fixture(scope="module")
def bare(wheel, tmp_path_factory) -> Path:
    """The programs of an environment with nothing but the wheel and what it asks for."""
    folder = tmp_path_factory.mktemp("bare")
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder)
    install(scripts(folder), wheel)
    return scripts(folder)


def install(bare: Path, *what: str | Path) -> None:
    """Install something into an environment without pip."""
    uv = (sys.executable, "-m", "uv", "pip", "install", "--quiet")
    run(*uv, "--python", bare / "python", *what, cwd=bare)


def offline(home: Path) -> dict[str, str]:
    """What keeps a command from the network, and from the settings of whoever runs the tests."""
    return {"UV_OFFLINE": "1", "HTTPS_PROXY": "http://127.0.0.1:9", "HOME": str(home)}


def record(project: Path) -> dict:
    return json.loads((project / ".cruft.json").read_text(encoding="utf-8"))


def test_it_runs_in_a_bare_environment(bare, tmp_path):
    portfolio, here = bare / "portfolio", tmp_path / "wörk space"
    assert "roadmap" in run(portfolio, "--help", cwd=tmp_path)
    names = ("--name", "Ada", "--github-username", "ada")
    run(portfolio, "init", here.name, *names, cwd=tmp_path)
    assert "Week 1 of 24" in run(portfolio, "status", cwd=here)
    run(portfolio, "new", cwd=here, **offline(tmp_path))
    made = record(here / "mini-analysis")
    assert (made["template"], made["commit"]) == (None, None), "a wheel knows neither"
    assert "mini-analysis:" in run(portfolio, "status", cwd=here)
    with (here / "portfolio.yaml").open("a", encoding="utf-8") as settings:
        settings.write(f"  - {builder.build(here, 'tabular').name}\n")
    run(portfolio, "site", "build", cwd=here)
    assert (here / "site" / "projects" / "customer-churn" / "index.html").is_file()
    code = "from portfolio import template; print(template.folder() / 'cookiecutter.json')"
    packed = Path(run(bare / "python", "-c", code, cwd=tmp_path).strip())
    assert packed.is_file()
    assert packed.is_relative_to(bare.parent)


def test_installed_from_a_repository_it_knows_address_and_commit(bare, tmp_path, commit_all):
    """By `direct_url.json`, as `uv tool install git+https://…` leaves it."""
    repository, here = tmp_path / "the-template", tmp_path / "work"
    repository.mkdir()
    left_over = shutil.ignore_patterns("__pycache__", ".ruff_cache")
    for part in (*TEMPLATE_PARTS, "portfolio", "pyproject.toml", "README.md", "LICENSE"):
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, repository / part, ignore=left_over)
        else:
            shutil.copy(ROOT / part, repository / part)
    commit = commit_all(repository, "first")
    install(bare, "--no-deps", f"ml-portfolio-template @ git+{repository.as_uri()}")
    names = ("--name", "Ada", "--github-username", "ada")
    run(bare / "portfolio", "init", here.name, *names, cwd=tmp_path)
    run(bare / "portfolio", "new", "tabular", cwd=here, **offline(tmp_path))
    made = record(here / "customer-churn")
    assert (made["template"], made["commit"]) == (repository.as_uri(), commit)
    assert "template up to date" in run(bare / "portfolio", "status", cwd=here)
