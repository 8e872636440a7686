"""Recipes of clouds as far as they go without an account: their files, and what their scripts do.

Each script runs with stand-ins for the cloud's own program, which note how they were called.
"""

import json
import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest
import yaml
from cookiecutter.main import cookiecutter
from support import CLOUD_FILES, CLOUDS, ROOT

SCRIPTS = Path(sysconfig.get_path("scripts"))
WITH_SCRIPT = [
    cloud for cloud in CLOUDS if (CLOUD_FILES / cloud / "deploy" / "deploy.sh").is_file()
]
VERSION = "0123456789ab"
# Stand-ins: what is asked of them, and what they answer. $SERVED is what /health names.
CURL = """
case "$*" in
  */health) [ -n "$SERVED" ] || exit 22; echo '{"status": "ok", "model_version": "'"$SERVED"'"}' ;;
  *--data*) echo '{"id": "dep-1"}' ;;
  */deploys/dep-1) echo '{"status": "'"${STATUS:-live}"'"}' ;;
  */deploys?limit=20) echo '[{"deploy": {"status": "live", "commit": {"id": "before"}}}]' ;;
  *) echo '{"serviceDetails": {"url": "https://shop.example"}}' ;;
esac
"""
GCLOUD = """
case "$*" in
  *json*) echo '{"status": {"traffic": [{"tag": "next", "url": "https://next.example"}]}}' ;;
  *value*) echo https://shop.example ;;
  *describe*) [ -z "$FIRST" ] ;;
esac
"""
AZ = """
case "$*" in
  *latestReadyRevisionName*) echo shop--before ;;
  *properties.fqdn*) echo next.example ;;
esac
"""
STAND_INS = {"curl": CURL, "gcloud": GCLOUD, "az": AZ, "npx": "", "sleep": ""}
SETTINGS = {
    "RENDER_API_KEY": "rnd_secret",
    "RENDER_SERVICE": "srv-1",
    "RAILWAY_TOKEN": "secret",
    "RAILWAY_SERVICE": "shop",
    "LIVE_URL": "https://shop.example",
    "REGION": "europe-west1",
    "REGISTRY": "shops",
}


def bake(folder: Path, cloud: str) -> Path:
    answers = {"domain": "tabular", "cloud": cloud, "project_slug": "shop"}
    return Path(cookiecutter(str(ROOT), no_input=True, output_dir=folder, extra_context=answers))


@pytest.fixture(scope="module", params=WITH_SCRIPT)
def recipe(request, tmp_path_factory) -> tuple[str, Path]:
    """A cloud, and a project that has its recipe, with a model, in two commits."""
    project = bake(tmp_path_factory.mktemp(request.param), request.param)
    git = ["git", "-c", "user.name=T", "-c", "user.email=t@example.org", "-C", project]
    subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
    for version in ("beforebefore", VERSION):
        (project / "models" / "current.txt").write_text(version + "\n")
        subprocess.run([*git, "add", "-A"], check=True)
        subprocess.run([*git, "commit", "-q", "-m", version], check=True)
    return request.param, project


def deploy(
    recipe: tuple[str, Path], folder: Path, served: str, **more: str
) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Run the script; return what it said, and how it called the cloud's programs."""
    if recipe[0] == "streamlit-cloud":
        pytest.skip("it serves no API: test_clouds_hub.py calls its script")
    if not shutil.which("jq"):
        pytest.skip("no jq: install Debian's package")
    project, programs, calls = folder / "shop", folder / "bin", folder / "calls"
    shutil.copytree(recipe[1], project)
    programs.mkdir()
    for name, answer in STAND_INS.items():
        program = programs / name
        program.write_text(f'#!/usr/bin/env bash\necho "{name} $*" >> "{calls}"\n{answer}')
        program.chmod(0o755)
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    env = os.environ | SETTINGS | {"PATH": path, "SERVED": served, "FIRST": ""} | more
    done = subprocess.run(
        ["bash", "deploy/deploy.sh"], cwd=project, env=env, capture_output=True, text=True
    )
    return done, calls.read_text().splitlines()


# What takes a new version online, and what takes the one before back.
FORTH = {
    "render": "--data",
    "railway": "npx --yes @railway/cli@5 up --ci",
    "google-cloud-run": "update-traffic shop --to-latest",
    "azure-container-apps": "traffic set --revision-weight shop--c",
}
BACK = {
    "render": '{"commitId": "before"}',
    "railway": "npx --yes @railway/cli@5 up --ci",
    "google-cloud-run": None,  # nobody was sent to the new one
    "azure-container-apps": "revision deactivate --revision shop--c",
}


def test_a_version_that_answers_is_put_online(recipe, tmp_path):
    done, calls = deploy(recipe, tmp_path, VERSION)
    assert done.returncode == 0, done.stderr
    assert len([call for call in calls if FORTH[recipe[0]] in call]) == 1
    assert any(call.endswith("/health") for call in calls)
    assert "secret" not in done.stdout + done.stderr


@pytest.mark.parametrize("served", ["", "beforebefore"])
def test_one_that_does_not_answer_is_taken_back(recipe, tmp_path, served):
    done, calls = deploy(recipe, tmp_path, served)
    assert done.returncode == 1
    assert f"does not serve {VERSION}" in done.stderr
    cloud = recipe[0]
    online = [call for call in calls if FORTH[cloud] in call]
    if back := BACK[cloud]:
        assert any(back in call for call in calls)
    if cloud == "render":
        assert [back in call for call in online] == [False, True]
    if cloud == "railway":
        at = ["git", "-C", tmp_path / "shop", "show", "HEAD:models/current.txt"]
        assert subprocess.check_output(at, text=True).strip() == "beforebefore"
        assert len(online) == 2
    if cloud in ("google-cloud-run", "azure-container-apps"):
        assert not online, "what was online stays so all the time"


@pytest.mark.parametrize("status", ["build_failed", "created"])
def test_render_that_cannot_build_it_is_told_to_go_back(recipe, tmp_path, status):
    if recipe[0] != "render":
        pytest.skip("others say so by an exit code")
    done, calls = deploy(recipe, tmp_path, VERSION, STATUS=status)
    assert (done.returncode, f"Render says: {status}" in done.stderr) == (1, True)
    assert BACK["render"] in [call for call in calls if "--data" in call][-1]


def test_a_first_version_of_cloud_run_stands_beside_nothing(recipe, tmp_path):
    if recipe[0] != "google-cloud-run":
        pytest.skip("others do not mind")
    for first, aside in (("yes", False), ("", True)):
        folder = tmp_path / f"first {first}"
        folder.mkdir()
        _, calls = deploy(recipe, folder, VERSION, FIRST=first)
        (sent,) = (call for call in calls if call.startswith("gcloud run deploy"))
        assert ("--no-traffic" in sent) is aside
        assert "--startup-probe httpGet.path=/health" in sent


def test_shellcheck_finds_nothing(recipe, tmp_path):
    program = SCRIPTS / "shellcheck"
    if not program.is_file():
        pytest.skip("no shellcheck: install the group `services`")
    file = recipe[1] / "deploy" / "deploy.sh"
    done = subprocess.run([program, file], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    wrong = tmp_path / "wrong.sh"
    wrong.write_text(file.read_text() + "\nrm -r $folder/*\n")
    assert subprocess.run([program, wrong], capture_output=True).returncode == 1


def test_files_of_railway_and_render_say_what_these_read(tmp_path):
    """Their schemas are in no package: these are the fields that are used, and their values."""
    railway = json.loads((bake(tmp_path / "a", "railway") / "railway.json").read_text())
    assert railway.pop("$schema") == "https://railway.com/railway.schema.json"
    assert railway == {
        "build": {"builder": "DOCKERFILE"},
        "deploy": {
            "healthcheckPath": "/health",
            "healthcheckTimeout": 120,
            "restartPolicyType": "ON_FAILURE",
        },
    }
    (service,) = yaml.safe_load((bake(tmp_path / "b", "render") / "render.yaml").read_text())[
        "services"
    ]
    assert service == {
        "type": "web",
        "name": "shop",
        "runtime": "docker",
        "plan": "free",
        "healthCheckPath": "/health",
        "autoDeployTrigger": "off",
    }


@pytest.mark.parametrize("cloud", ["none", *CLOUDS])
def test_compose_file_and_workflows_keep_their_schemas(tmp_path, cloud):
    program = SCRIPTS / "check-jsonschema"
    if not program.is_file():
        pytest.skip("no check-jsonschema: install the group `services`")
    project = bake(tmp_path, cloud)
    workflows = sorted(project.glob(".github/workflows/*.yml"))
    for schema, files in (
        ("github-workflows", workflows),
        ("compose-spec", [project / "compose.yaml"]),
    ):
        command = [program, "--builtin-schema", f"vendor.{schema}", *files]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout
        wrong = tmp_path / "wrong.yml"
        wrong.write_text(
            files[0].read_text().replace("runs-on:", "runs_on:").replace("image:", "img:")
        )
        assert subprocess.run([*command[:3], wrong], capture_output=True).returncode == 1
