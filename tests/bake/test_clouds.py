"""The recipe of the chosen cloud, and nothing of another one."""

import json
import re
from pathlib import Path

import pytest
import yaml
from support import CLOUD_FILES, CLOUDS, DOMAIN_FILES, RECORD, SERVED, contents, files, parse_errors

MOST_LINES, MOST_FILES = 40, 5  # of the README, and of all
WORKFLOW = ".github/workflows/deploy.yml"
# Files of every project that a recipe needs otherwise, besides the README, which names it.
OTHERWISE = {"aws-lambda": {".dockerignore", ".gitignore"}}


@pytest.fixture(params=CLOUDS)
def cloud(request) -> str:
    """Each cloud in turn."""
    return request.param


@pytest.fixture
def project(bake, cloud: str) -> Path:
    """The churn project for that cloud."""
    return bake(domain="tabular", cloud=cloud)


def test_each_cloud_has_a_recipe_and_each_recipe_a_cloud() -> None:
    assert {path.name for path in CLOUD_FILES.iterdir() if path.is_dir()} == set(CLOUDS)


def test_files_are_those_of_the_recipe(project, bake, cloud: str) -> None:
    own, plain = set(files(CLOUD_FILES / cloud)), files(bake(domain="tabular"))
    assert set(files(project)) == set(plain) | own
    assert own >= {"deploy/README.md", WORKFLOW}
    assert len(own) <= MOST_FILES
    changed = {
        name
        for name, content in contents(project).items()
        if name in plain and content != plain[name].read_bytes()
    }
    assert changed == {"README.md", RECORD} | OTHERWISE.get(cloud, set())
    assert "](deploy/README.md)" in (project / "README.md").read_text(encoding="utf-8")
    assert parse_errors(project) == {}


@pytest.mark.parametrize("domain", SERVED)
def test_no_recipe_hides_a_file_of_a_domain(cloud: str, domain: str) -> None:
    assert not set(files(CLOUD_FILES / cloud)) & set(files(DOMAIN_FILES / domain))


def test_its_readme_is_short_and_says_all(project: Path) -> None:
    text = (project / "deploy" / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MOST_LINES
    for word in ("account", "To take it down", "`live_url`", "2026", "/health", "```console\n"):
        assert word in text, word
    for link in re.findall(r"\]\((?!https?:)([^)]+)\)", text):
        assert (project / "deploy" / link).exists(), link


def test_it_deploys_what_was_pushed_to_main_and_has_passed(project: Path) -> None:
    workflow = yaml.safe_load((project / WORKFLOW).read_text(encoding="utf-8"))
    after = workflow[True]["workflow_run"]  # YAML reads `on` as true
    assert after == {"workflows": ["CI"], "types": ["completed"], "branches": ["main"]}
    assert workflow["permissions"] == {}
    (job,) = workflow["jobs"].values()
    assert "workflow_run.conclusion == 'success'" in job["if"]
    assert "workflow_run.event == 'push'" in job["if"]
    checkout = job["steps"][0]["with"]
    assert "workflow_run.head_sha" in checkout["ref"]
    # What expands into a command could be one.
    assert not [step for step in job["steps"] if "${{" in step.get("run", "")]


def test_without_a_cloud_there_is_none(bake) -> None:
    project = bake(domain="tabular")
    assert not [name for name in files(project) if "deploy" in name or "cloud" in name]
    assert "deploy" not in (project / "README.md").read_text(encoding="utf-8")


def test_a_mini_analysis_says_that_it_serves_nothing(bake, capfd) -> None:
    plain = contents(bake(domain="foundations"))
    capfd.readouterr()
    found = contents(bake(domain="foundations", cloud="render"))
    assert "the cloud is ignored" in capfd.readouterr().out
    answers = json.loads(found.pop(RECORD))["context"]["cookiecutter"]
    assert answers["cloud"] == "render"
    assert found == {name: plain[name] for name in found}
