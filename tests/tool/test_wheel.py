"""The wheel, installed in a bare environment: the command runs and carries the template."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

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


def test_it_runs_in_a_bare_environment(wheel, tmp_path):
    venv = tmp_path / "bare"
    run(sys.executable, "-m", "venv", "--without-pip", venv, cwd=tmp_path)
    python = scripts(venv) / "python"
    uv = (sys.executable, "-m", "uv", "pip", "install", "--quiet")
    run(*uv, "--python", python, wheel, cwd=tmp_path)
    portfolio = scripts(venv) / "portfolio"
    assert "roadmap" in run(portfolio, "--help", cwd=tmp_path)
    names = ("--name", "Ada", "--github-username", "ada")
    run(portfolio, "init", "wörk space", *names, cwd=tmp_path)
    here = tmp_path / "wörk space"
    assert "Week 1 of 24" in run(portfolio, "status", cwd=here)
    offline = {"UV_OFFLINE": "1", "HTTPS_PROXY": "http://127.0.0.1:9", "HOME": str(tmp_path)}
    run(portfolio, "new", cwd=here, **offline)
    record = json.loads((here / "mini-analysis" / ".cruft.json").read_text(encoding="utf-8"))
    assert (record["template"], record["commit"]) == (None, None), "a wheel knows neither"
    assert "mini-analysis:" in run(portfolio, "status", cwd=here)
    code = "from portfolio import template; print(template.folder() / 'cookiecutter.json')"
    packed = Path(run(python, "-c", code, cwd=tmp_path).strip())
    assert packed.is_file()
    assert packed.is_relative_to(venv)
