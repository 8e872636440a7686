"""Updating a project: the real cruft on two commits of the template."""

import json
import shutil
import tarfile
import tomllib
from pathlib import Path

import pytest
from projects import write_words
from support import (
    DOMAINS,
    PACKAGE_NAME,
    RECORD,
    ROOT,
    TEMPLATE_PARTS,
    TREE_NAME,
    contents,
    files,
)

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
    return {k: v for k, v in contents(project).items() if k not in (".cruft.json", RECORD)}


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Return an empty folder to generate into."""
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def test_cruft_updates_a_project_with_pruned_files(run, commit_all, template, out) -> None:
    commit_all(template, "first")
    project = create(run, template, out, domain="foundations")
    made = files(project)
    assert not {"Dockerfile", "api", "dashboard", RECORD} & {name.split("/")[0] for name in made}
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
    assert now.keys() - made.keys() == {"NEW.md", "dashboard/app.py", ".cruft.json"} - made.keys()
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


def test_plain_cookiecutter_then_cruft_link(run, commit_all, template, out) -> None:
    """The commands that the README documents, with the values of the record."""
    first = commit_all(template, "first")
    answers = [f"{name}={answer}" for name, answer in ANSWERS.items()]
    run("cookiecutter", template, "--no-input", *answers, "project_slug=mine", cwd=out)
    project = out / "mine"
    prose = write_prose(project)
    commit_all(project, "mine")
    second_version(template)
    commit_all(template, "second")

    record = json.loads((project / RECORD).read_text(encoding="utf-8"))
    assert record["commit"] == first
    link = ["link", record["template"], "--checkout", record["commit"], "--no-input"]
    run("cruft", *link, "--config-file", RECORD, cwd=project)
    state = json.loads((project / ".cruft.json").read_text(encoding="utf-8"))
    linked = {k: v for k, v in state["context"]["cookiecutter"].items() if not k.startswith("_")}
    assert linked == record["default_context"]
    assert state["commit"] == first

    # The linked version generates what the author got: cruft finds his own change alone.
    shown = run("cruft", "diff", cwd=project).stdout
    assert prose in shown
    assert shown.count("diff --git") == 1
    commit_all(project, "link")
    assert run("cruft", "check", cwd=project, check=False).returncode == 1
    run("cruft", "update", "-y", cwd=project)
    run("cruft", "check", cwd=project)

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


def change_everywhere(template: Path, domain: str) -> dict[str, int]:
    """Change what a second version may change; return how many lines, by the project's file."""
    tree = template / TREE_NAME
    edits = {
        template / "templates" / "readme.md": ("You need [uv]", "Install [uv] first: [uv]"),
        template / "templates" / domain / "config.yaml": (
            "# The data set to use",
            "# The data set that is used",
        ),
        tree / "src" / PACKAGE_NAME / "errors.py": ('"""', '"""Second version: '),
        next((tree / "domains" / domain).glob("src/*/data.py")): ('"""', '"""Second version: '),
        tree / ".gitignore": ("# Drafts of posts", "# Second version: drafts of posts"),
    }
    for file, (old, new) in edits.items():
        source = file.read_text(encoding="utf-8")
        assert old in source
        file.write_text(source.replace(old, new, 1), encoding="utf-8", newline="\n")
    (tree / "NEW.md").write_text("Second version\n", encoding="utf-8")
    names = ["README.md", "config.yaml", "errors.py", "data.py", ".gitignore", "NEW.md"]
    return dict.fromkeys(names, 1)


@pytest.mark.project
@pytest.mark.parametrize("project", DOMAINS, indirect=True)
def test_an_update_keeps_prose_edits_and_results(project, run, commit_all, template, tmp_path):
    """A project with results and words, linked and updated as the template's README says."""
    first = commit_all(template, "first")
    mine = tmp_path / project.root.name
    run("git", "clone", "-q", project.root, mine, cwd=tmp_path)
    write_words(mine)
    config = mine / "config.yaml"
    changed = config.read_text(encoding="utf-8").replace("seed: 42", "seed: 7  # mine")
    config.write_text(changed + "# The end is mine.\n", encoding="utf-8", newline="\n")
    (mine / "mine.py").write_text("mine = True\n", encoding="utf-8")
    link = ["link", template, "--checkout", first, "--no-input", "--config-file", RECORD]
    run("cruft", *link, cwd=mine)
    before = commit_all(mine, "mine")

    record = json.loads((mine / RECORD).read_text(encoding="utf-8"))
    expected = change_everywhere(template, record["default_context"]["domain"])
    commit_all(template, "second")
    run("cruft", "update", "-y", cwd=mine)
    commit_all(mine, "update")
    counts = run("git", "diff", "--numstat", before, cwd=mine).stdout.splitlines()
    added = {line.split("\t")[2].split("/")[-1]: int(line.split("\t")[0]) for line in counts}
    del added[".cruft.json"]
    assert added == expected
    command = [project.command, "--config", mine / "config.yaml", "check", "--json"]
    found = {item["name"]: item for item in json.loads(project.run(*command).stdout)["items"]}
    assert {found[part]["status"] for part in ("blocks", "words", "decisions", "links")} == {"pass"}


# From a project of the template as it was before domains were folders: commit 0f5c5cc, whose parts
# are in an archive. Its projects chose the name of their package.
BEFORE = ROOT / "tests" / "data" / "template-before.tar.xz"


@pytest.fixture
def history(tmp_path: Path, template: Path, commit_all):
    """Return the template at its old commit, and a function that commits the present one."""
    repository = tmp_path / "history"
    repository.mkdir()
    with tarfile.open(BEFORE) as archive:
        archive.extractall(repository, filter="data")
    commit_all(repository, "before")

    def advance() -> str:
        for part in TEMPLATE_PARTS:
            if (repository / part).is_dir():
                shutil.rmtree(repository / part)
        shutil.copytree(template, repository, dirs_exist_ok=True)
        return commit_all(repository, "domains as folders")

    return repository, advance


def work_on(project: Path) -> dict[str, str]:
    """Write prose, settings, results and code of the author's own; return text by file."""
    prose = write_prose(project)
    config = project / "config.yaml"
    changed = config.read_text(encoding="utf-8").replace("seed: 42", "seed: 7  # mine", 1)
    written = {
        "config.yaml": changed + "# The end is mine.\n",
        "reports/metrics.json": '{"mine": 1}\n',
        "models/current.txt": "0123456789ab\n",
        "notebooks/mine.ipynb": "{}\n",
        "mine.py": "mine = True\n",
        "domains/notes.md": "A folder of that name may be the author's.\n",
    }
    for name, text in written.items():
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text(text, encoding="utf-8", newline="\n")
    return {"README.md": prose} | written


def lost(project: Path, written: dict[str, str]) -> list[str]:
    """Return the files in which what the author wrote no longer stands."""
    return [
        name
        for name, text in written.items()
        if text not in (project / name).read_text(encoding="utf-8")
    ]


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_project_of_the_old_template_follows(
    run, bake, commit_all, history, out, domain: str
) -> None:
    repository, advance = history
    project = create(run, repository, out, domain=domain)
    written = work_on(project)
    commit_all(project, "mine")
    new = advance()
    run("cruft", "update", "-y", cwd=project)
    assert lost(project, written) == []
    assert list(project.rglob("*.rej")) == []
    state = json.loads((project / ".cruft.json").read_text(encoding="utf-8"))
    assert state["commit"] == new
    assert "package_name" not in state["context"]["cookiecutter"]
    assert state["context"]["cookiecutter"]["author_name"] == AUTHOR
    # All else is what the present template gives.
    fresh = without_state(bake(domain=domain, project_slug="mine", **ANSWERS))
    now = without_state(project)
    assert now.keys() == fresh.keys() | written.keys()
    assert {name for name in fresh if now[name] != fresh[name]} == {"README.md", "config.yaml"}


def test_a_linked_project_of_the_old_template_follows(run, commit_all, history, out) -> None:
    repository, advance = history
    given = [f"{name}={answer}" for name, answer in ANSWERS.items()]
    run("cookiecutter", repository, "--no-input", *given, "project_slug=mine", cwd=out)
    project = out / "mine"
    written = work_on(project)
    commit_all(project, "mine")
    new = advance()
    record = json.loads((project / RECORD).read_text(encoding="utf-8"))
    assert record["default_context"]["package_name"] == "churn"
    link = ["link", record["template"], "--checkout", record["commit"], "--no-input"]
    run("cruft", *link, "--config-file", RECORD, cwd=project)
    commit_all(project, "link")
    run("cruft", "update", "-y", cwd=project)
    assert lost(project, written) == []
    assert json.loads((project / ".cruft.json").read_text(encoding="utf-8"))["commit"] == new


def test_a_package_of_another_name_is_moved_with_its_edits(run, commit_all, history, out) -> None:
    """git follows the template's files to the new folder; the author's own modules stay."""
    repository, advance = history
    project = create(run, repository, out, package_name="mine")
    written = work_on(project)
    features = project / "src" / "mine" / "features.py"
    features.write_text(features.read_text("utf-8") + "MINE = True\n", encoding="utf-8")
    commit_all(project, "mine")
    advance()
    own = {"src/mine/extra.py": "from mine.features import MINE\n"}
    (project / "src/mine/extra.py").write_text(own["src/mine/extra.py"], encoding="utf-8")
    commit_all(project, "mine, too")
    run("cruft", "update", "-y", cwd=project)
    assert lost(project, written | own | {"src/churn/features.py": "MINE = True\n"}) == []
    assert [path.name for path in (project / "src" / "mine").iterdir()] == ["extra.py"]
