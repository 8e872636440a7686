"""Updating a project: the real cruft on two commits of the template."""

import json
import shutil
import tomllib
from pathlib import Path

import pytest
import yaml
from support import (
    RECORD,
    ROOT,
    TREE_NAME,
    contents,
    files,
)

pytestmark = pytest.mark.project  # cruft takes its time: left out of the fast tier
OLD_RECORD = ".cookiecutter.json"  # of plain cookiecutter, before domains were folders
AUTHOR = 'Zoë "O\'Hara" \\ {x} 🚀'
ANSWERS = {"project_name": "Churn of São Paulo", "author_name": AUTHOR, "license": "Apache-2.0"}
NEW_LINE = "A line from the second version."


def second_version(template: Path) -> None:
    """Change a file that every project has, one that the hook prunes, add one, prune one."""
    tree = template / TREE_NAME
    with (tree / "README.md").open("a", encoding="utf-8", newline="\n") as readme:
        readme.write(f"\n{NEW_LINE}\n")
    with (tree / "Dockerfile").open("a", encoding="utf-8", newline="\n") as dockerfile:
        dockerfile.write("# Second version.\n")
    (tree / "NEW.md").write_text("By {{ cookiecutter.author_name }}\n", encoding="utf-8")
    hook = template / "hooks" / "post_gen_project.py"
    source = hook.read_text(encoding="utf-8")
    changed = source.replace(" Dockerfile ", " Dockerfile LICENSE ", 1)
    assert changed != source
    hook.write_text(changed, encoding="utf-8")


def write_prose(project: Path) -> str:
    """Put a paragraph of the author's into the README, below its title."""
    readme = project / "README.md"
    title, rest = readme.read_text(encoding="utf-8").split("\n", 1)
    prose = "I chose this project because customers leave, and nobody says why."
    readme.write_text(f"{title}\n\n{prose}\n{rest}", encoding="utf-8", newline="\n")
    return prose


def create(run, template: Path, folder: Path, **answers: str) -> Path:
    """Generate a project with `cruft create` and return its folder."""
    context = json.dumps(ANSWERS | {"project_slug": "mine"} | answers)
    run("cruft", "create", template, "-y", "--extra-context", context, cwd=folder)
    return folder / "mine"


def without_state(project: Path) -> dict[str, bytes]:
    """Return a project's files, without those that say which version it was made from."""
    return {k: v for k, v in contents(project).items() if k not in (RECORD, OLD_RECORD)}


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Return an empty folder to generate into."""
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def test_cruft_updates_a_project_with_pruned_files(run, commit_all, template, out) -> None:
    commit_all(template, "first")
    project = create(run, template, out, domain="foundations")
    made = files(project)
    assert not {"Dockerfile", "api", "dashboard"} & {name.split("/")[0] for name in made}
    assert "LICENSE" in made
    prose = write_prose(project)
    (project / "dashboard").mkdir()
    (project / "dashboard" / "app.py").write_text("mine = True\n", encoding="utf-8")
    commit_all(project, "mine")
    run("cruft", "check", cwd=project)

    second_version(template)
    second = commit_all(template, "second")
    assert run("cruft", "check", cwd=project, check=False).returncode == 1
    updated = run("cruft", "update", "-y", cwd=project)
    assert "git init" not in updated.stdout, "next steps are for the first time"
    run("cruft", "check", cwd=project)

    state = json.loads((project / ".cruft.json").read_text(encoding="utf-8"))
    assert state["commit"] == second
    readme = (project / "README.md").read_text(encoding="utf-8")
    assert prose in readme
    assert NEW_LINE in readme
    now = files(project)
    assert now.keys() - made.keys() == {"NEW.md", "dashboard/app.py"}
    assert made.keys() - now.keys() == {"LICENSE"}, "pruned from the second version on"
    assert (project / "dashboard" / "app.py").read_text(encoding="utf-8") == "mine = True\n"
    assert (project / "NEW.md").read_text(encoding="utf-8") == f"By {AUTHOR}\n"


def test_an_update_gives_what_the_second_version_gives(run, commit_all, template, out) -> None:
    commit_all(template, "first")
    project = create(run, template, out)
    commit_all(project, "mine")
    second_version(template)
    commit_all(template, "second")
    run("cruft", "update", "-y", cwd=project)
    (out / "fresh").mkdir()
    assert contents(project) == contents(create(run, template, out / "fresh"))


def test_plain_cookiecutter_is_updated_as_well(run, commit_all, template, out) -> None:
    """Its record is the one that cruft keeps."""
    first = commit_all(template, "first")
    answers = [f"{name}={answer}" for name, answer in ANSWERS.items()]
    run("cookiecutter", template, "--no-input", *answers, "project_slug=mine", cwd=out)
    project = out / "mine"
    prose = write_prose(project)
    commit_all(project, "mine")
    second = second_version(template) or commit_all(template, "second")
    assert json.loads((project / RECORD).read_text(encoding="utf-8"))["commit"] == first

    # The recorded version generates what the author got: cruft finds his own change alone.
    shown = run("cruft", "diff", cwd=project).stdout
    assert prose in shown
    assert shown.count("diff --git") == 1
    assert run("cruft", "check", cwd=project, check=False).returncode == 1
    run("cruft", "update", "-y", cwd=project)
    run("cruft", "check", cwd=project)

    assert json.loads((project / RECORD).read_text(encoding="utf-8"))["commit"] == second
    readme = (project / "README.md").read_text(encoding="utf-8")
    assert prose in readme
    assert NEW_LINE in readme
    assert (project / "NEW.md").is_file()
    authors = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    assert authors["project"]["authors"][0]["name"] == AUTHOR


def test_cruft_and_cookiecutter_generate_the_same(run, commit_all, template, out) -> None:
    commit_all(template, "first")
    answers = ANSWERS | {"project_slug": "mine"}
    given = [f"{name}={answer}" for name, answer in answers.items()]
    run("cookiecutter", template, "--no-input", *given, "-o", "plain", cwd=out)
    assert without_state(out / "plain" / "mine") == without_state(create(run, template, out))


ADDRESS = "https://github.com/user/ml-portfolio-template"


def instead(template: Path) -> dict[str, str]:
    """Let git take the template from its folder where its address on GitHub is asked for."""
    found = {"GIT_CONFIG_COUNT": "2"}
    for number, address in enumerate((ADDRESS, f"{ADDRESS}.git")):
        found[f"GIT_CONFIG_KEY_{number}"] = f"url.{template}.insteadOf"
        found[f"GIT_CONFIG_VALUE_{number}"] = address
    return found


def steps(project: Path) -> dict[str, list[str]]:
    """The actions that each job of a project's workflow uses."""
    text = (project / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    jobs = yaml.safe_load(text)["jobs"]
    return {name: [step.get("uses", "") for step in job["steps"]] for name, job in jobs.items()}


def test_the_check_runs_where_the_template_is_on_github(
    run, commit_all, bake, template, out
) -> None:
    commit_all(template, "first")
    git = instead(template)
    given = ["--no-input", "domain=foundations", "project_slug=mine"]
    run("cookiecutter", "gh:user/ml-portfolio-template", *given, cwd=out, **git)
    project = out / "mine"
    assert steps(project)["check"][-1] == "user/ml-portfolio-template@main"
    assert json.loads((project / RECORD).read_text(encoding="utf-8"))["template"] == ADDRESS
    without = {name: used for name, used in steps(project).items() if name != "check"}
    assert steps(bake(domain="foundations")) == without, "elsewhere the workflow stands alone"
    commit_all(project, "mine")
    workflow = template / TREE_NAME / ".github" / "workflows" / "ci.yml"
    text = workflow.read_text(encoding="utf-8").replace("what a reader would miss", "renamed")
    workflow.write_text(text, encoding="utf-8", newline="\n")
    commit_all(template, "second")
    run("cruft", "update", "-y", cwd=project, **git)
    assert "name: renamed" in (project / ".github" / "workflows" / "ci.yml").read_text("utf-8")


def test_another_cloud_is_chosen_later(run, commit_all, template, out) -> None:
    """By cruft and by the tool alike; what the author wrote stays."""
    commit_all(template, "first")
    project = create(run, template, out, domain="tabular", cloud="render")
    prose = write_prose(project)
    commit_all(project, "mine")
    by_tool = out / "by tool"
    shutil.copytree(project, by_tool)
    chosen = json.dumps({"cloud": "google-cloud-run"})
    run("cruft", "update", "-y", "--variables-to-update", chosen, cwd=project)
    tool = {"PYTHONPATH": str(ROOT)}
    run("portfolio", "update", "--cloud", "google-cloud-run", cwd=by_tool, **tool)
    (out / "fresh").mkdir()
    fresh = create(run, template, out / "fresh", domain="tabular", cloud="google-cloud-run")
    for found in (project, by_tool):
        assert prose in (found / "README.md").read_text(encoding="utf-8")
        assert contents(found).keys() == contents(fresh).keys()
        for name in ("deploy/README.md", "deploy/deploy.sh", ".github/workflows/deploy.yml"):
            assert (found / name).read_bytes() == (fresh / name).read_bytes()
        record = json.loads((found / RECORD).read_text(encoding="utf-8"))
        assert record["context"]["cookiecutter"]["cloud"] == "google-cloud-run"
    commit_all(project, "deployed")
    run("cruft", "update", "-y", "--variables-to-update", '{"cloud": "none"}', cwd=project)
    assert not (project / "deploy").exists()
