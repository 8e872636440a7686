"""`portfolio update`: from one version of a template to the next, and from edition to edition."""

import json
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from support import DOMAINS, ROOT, TEMPLATE_PARTS, contents

from portfolio import cli, git, pages, rendering, template, update

IDENTITY = ("-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
TREE = "{{cookiecutter.project_slug}}"
SRC = TREE + "/src/{{cookiecutter.%s}}"
WORDS = "I chose it because my own shop loses customers, and nobody says why."
LEARNED = "The dullest model was the best one, and I did not expect that at all."
ANSWER = "A wrong answer costs sixty francs, and this metric sees that well."
LATER = "I would talk to customers who left, and ask each of them three things."
FIRST_README = """# {{ cookiecutter.project_name }}

<!-- [[[cog show("headline") ]]] -->
*Not filled yet: run `all`.*
<!-- [[[end]]] -->

## The problem

Winning a customer back costs more than keeping one.

### In my own words

*Write here whose problem this is.*

## Decisions

<!-- [[[cog fill("decisions") ]]] -->
*Not filled yet: run `all`.*
<!-- [[[end]]] -->

### Why this data?

*Write here what is wrong with it.*

### Why this metric?

*Write here what a wrong answer costs.*

## What I learned

*Write here what surprised you.*

## Next steps

*Write here what you would do with another month.*

## Licence

MIT. By {{ cookiecutter.author_name }}.
"""
SECOND_README = """# {{ cookiecutter.project_name }}

Who decides what by it.

<!-- headline -->
*Not filled yet: run `all`.*
<!-- /headline -->

## In my own words

<!-- Whose problem is this? -->

## Decisions

<!-- Why this data? -->

## What I learned

<!-- What surprised you? -->

## Run it

In three lines.

## Licence

MIT. By {{ cookiecutter.author_name }}.
"""
NOTEBOOK = {"metadata": {}, "nbformat": 4, "nbformat_minor": 5}
CONFIG = "seed: 42\nfirst: 1\nsecond: 2\nthird: 3\nfourth: 4\nfifth: 5\nprices:\n  offer: 60\n"


def notebook(source: str, run: bool = False) -> str:
    outputs = [{"output_type": "stream", "name": "stdout", "text": ["1\n"]}] if run else []
    cell = {"cell_type": "code", "metadata": {}, "source": [source], "outputs": outputs}
    cell["execution_count"] = 1 if run else None
    return json.dumps(NOTEBOOK | {"cells": [cell]}, indent=1) + "\n"


def write(root: Path, files: dict[str, str | bytes]) -> None:
    for name, content in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())


def commit(root: Path, message: str = "x") -> str:
    """Commit everything in a folder; return the commit."""
    if not (root / ".git").exists():
        subprocess.run(["git", "init", "-q", "-b", "main"], cwd=root, check=True)
    for command in (("add", "-A"), ("commit", "-q", "--allow-empty", "-m", message)):
        subprocess.run(["git", *IDENTITY, *command], cwd=root, check=True)
    return git.ask(root, "rev-parse", "HEAD")


def questions(**more: str) -> str:
    asked = {"domain": ["tabular", "nlp"], "project_name": "Churn", "project_slug": "mine"}
    asked |= {"author_name": "Your Name"} | more
    return json.dumps(asked | {"_new_lines": "\n"})


def first_edition(root: Path) -> str:
    """A small template as the first edition was: it asks for the package's name."""
    package = SRC % "package_name"
    files = {
        "cookiecutter.json": questions(package_name="churn"),
        f"{TREE}/README.md": FIRST_README,
        f"{TREE}/config.yaml": CONFIG,
        f"{TREE}/docs/interview.md": "# Questions\n\n<!-- [[[cog x ]]] -->\n<!-- [[[end]]] -->\n",
        f"{TREE}/notebooks/01_eda.ipynb": notebook("old"),
        f"{TREE}/notebooks/02.ipynb": notebook("old"),
        f"{package}/wording.py": "WORDS = 1\n",
        f"{package}/policy.py": "PRICE = 1\n",
        f"{package}/data.py": "DATA = 1\n",
        f"{TREE}/logo.png": b"\x89PNG\0old",
    }
    write(root, files)
    return commit(root, "first")


def second_edition(root: Path) -> str:
    """The same template in new rooms; the package's name follows from the domain."""
    shutil.rmtree(root / TREE)
    package = SRC % "__package"
    files = {
        "cookiecutter.json": questions(__package="churn"),
        f"{TREE}/README.md": SECOND_README,
        f"{TREE}/config.yaml": CONFIG.replace("offer: 60", "offer: 70").replace("third: 3\n", ""),
        f"{TREE}/notebooks/01_explore.ipynb": notebook("new"),
        f"{TREE}/notebooks/02.ipynb": notebook("new"),
        f"{package}/money.py": "PRICE = 1\n",
        f"{package}/data.py": "DATA = 2\n",
        f"{package}/kit/__init__.py": "",
        f"{TREE}/logo.png": b"\x89PNG\0new",
    }
    write(root, files)
    return commit(root, "second")


@pytest.fixture
def repository(tmp_path) -> Path:
    """The template's repository, at its first edition."""
    root = tmp_path / "the template"
    root.mkdir()
    first_edition(root)
    return root


@pytest.fixture
def project(tmp_path, repository, monkeypatch) -> Path:
    """A project of it, committed; it is the current folder."""
    root = tmp_path / "mý projects" / "mine"
    make(repository, root)
    monkeypatch.chdir(root)
    return root


def make(repository: Path, root: Path, **answers: str) -> None:
    at = git.ask(repository, "rev-parse", "HEAD")
    given = {"domain": "tabular", "author_name": "Zoë Ünal"} | answers
    with rendering.render(repository, at, given) as made:
        shutil.copytree(made, root)
        answers = rendering.answers_of(made)
    record = {"template": str(repository), "commit": at, "context": {"cookiecutter": answers}}
    write(root, {".cruft.json": json.dumps(record)})
    commit(root)


def edit(file: Path, *pairs: tuple[str, str]) -> None:
    text = file.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    file.write_text(text, encoding="utf-8", newline="\n")


def run(*args: str | Path):
    return CliRunner().invoke(cli.cli, ["update", *map(str, args)])


def fresh(repository: Path, **answers: str) -> dict[str, bytes]:
    """What the newest version makes of the same answers."""
    given = {"domain": "tabular", "author_name": "Zoë Ünal"} | answers
    at = git.ask(repository, "rev-parse", "HEAD")
    with rendering.render(repository, at, given) as made:
        return {name: data for name, data in contents(made).items() if name != ".cruft.json"}


def without_record(project: Path) -> dict[str, bytes]:
    return {name: data for name, data in contents(project).items() if name != ".cruft.json"}


def test_an_untouched_project_becomes_what_the_second_edition_makes(repository, project):
    second = second_edition(repository)
    done = run()
    assert done.exit_code == 0, done.output
    assert without_record(project) == fresh(repository)
    assert not (project / "docs").exists(), "no empty room is left"
    record = json.loads((project / ".cruft.json").read_text(encoding="utf-8"))
    assert (record["commit"], record["template"]) == (second, str(repository))
    answers = record["context"]["cookiecutter"]
    assert answers["author_name"] == "Zoë Ünal"
    assert "package_name" not in answers
    assert "0 left to you" in done.output
    assert "`uv run churn all`" in done.output
    commit(project)
    assert "up to date" in run().output


def author(project: Path) -> None:
    """A project in which its author has worked, and which has run."""
    edit(
        project / "README.md",
        ("*Write here whose problem this is.*", WORDS),
        ("*Write here what a wrong answer costs.*", ANSWER),
        ("*Write here what surprised you.*", f"{LEARNED}\n\n```\n# no heading\n```"),
        ("*Write here what you would do with another month.*", LATER),
        ("*Not filled yet: run `all`.*", "**150,000 saved.**"),
        ("*Not filled yet: run `all`.*", "Claims of the run."),
    )
    edit(project / "config.yaml", ("seed: 42", "seed: 7  # mine"))
    files = {
        "reports/metrics.json": '{"mine": 1}\n',
        "models/current.txt": "0123456789ab\n",
        "mine.py": "mine = True\n",
        "notebooks/01_eda.ipynb": notebook("old", run=True),
        "notebooks/02.ipynb": notebook("old", run=True),
        "docs/interview.md": (
            "# Questions\n\n<!-- [[[cog x ]]] -->\nWhat is AUC?\n<!-- [[[end]]] -->\n"
        ),
    }
    write(project, files)
    commit(project, "mine")


def test_prose_settings_and_results_go_along_to_the_second_edition(repository, project):
    author(project)
    second_edition(repository)
    done = run()
    assert done.exit_code == 0, done.output
    assert "0 left to you" in done.output
    page = (project / "README.md").read_text(encoding="utf-8")
    assert page == (
        SECOND_README.replace("{{ cookiecutter.project_name }}", "Churn")
        .replace("{{ cookiecutter.author_name }}", "Zoë Ünal")
        .replace("<!-- Whose problem is this? -->", WORDS)
        .replace("<!-- Why this data? -->", f"### Why this metric?\n\n{ANSWER}")
        .replace(
            "<!-- What surprised you? -->",
            f"{LEARNED}\n\n```\n# no heading\n```\n\n## Next steps\n\n{LATER}",
        )
    )
    settings = (project / "config.yaml").read_text(encoding="utf-8")
    assert "seed: 7  # mine" in settings
    assert "offer: 70" in settings
    assert "third" not in settings
    expected = fresh(repository)
    now = without_record(project)
    mine = {"reports/metrics.json", "models/current.txt", "mine.py"}
    assert now.keys() - expected.keys() == mine
    assert expected.keys() <= now.keys()
    assert {name for name in expected if now[name] != expected[name]} == {
        "README.md",
        "config.yaml",
    }


def test_what_both_have_changed_is_left_to_the_author_and_said(repository, project):
    edit(project / "config.yaml", ("offer: 60", "offer: 65"))
    files = {
        "src/churn/wording.py": "WORDS = 2\n",
        "src/churn/money.py": "MINE = 1\n",
        "notebooks/02.ipynb": notebook("mine"),
        "logo.png": b"\x89PNG\0mine",
    }
    write(project, files)
    (project / "src" / "churn" / "data.py").unlink()
    commit(project)
    second_edition(repository)
    done = run()
    assert done.exit_code == 0, done.output
    text = (project / "config.yaml").read_text(encoding="utf-8")
    assert "<<<<<<< yours\n  offer: 65\n=======\n  offer: 70\n>>>>>>> template now\n" in text
    for name, content in files.items():
        kept = (project / name).read_bytes()
        assert kept == (content if isinstance(content, bytes) else content.encode()), name
    assert (project / "src" / "churn" / "money.py.new").read_text() == "PRICE = 1\n"
    assert (project / "logo.png.new").read_bytes() == b"\x89PNG\0new"
    assert (project / "notebooks" / "02.ipynb.new").is_file()
    assert not (project / "src" / "churn" / "data.py").exists(), "he took it out"
    assert "  config.yaml: you and the template changed the same lines: 1 place" in done.output
    assert "  src/churn/wording.py: the template has it no more; you changed it" in done.output
    assert "  src/churn/money.py.new: the template brings a file of this name" in done.output
    assert "5 left to you" in done.output
    assert "`data` stops now at a data set that ran before" in done.output


def test_within_an_edition_blocks_and_sections_stay_as_they_are(tmp_path, repository, monkeypatch):
    second_edition(repository)
    project = tmp_path / "mine"
    make(repository, project)
    monkeypatch.chdir(project)
    readme = project / "README.md"
    edit(
        readme,
        ("*Not filled yet: run `all`.*", "**150,000 saved.**\n\n## No section"),
        ("<!-- Whose problem is this? -->", f"<!-- Whose problem is this? -->\n\n{WORDS}"),
        ("<!-- What surprised you? -->", LEARNED),
    )
    readme.write_bytes(readme.read_bytes().replace(b"\n", b"\r\n"))
    commit(project)
    page = repository / TREE / "README.md"
    edit(page, ("In three lines.", "In two lines."), ("Why this data?", "Why this metric?"))
    commit(repository)
    before = readme.read_bytes().decode()
    done = run()
    assert done.exit_code == 0, done.output
    wanted = before.replace("In three lines.", "In two lines.")
    assert readme.read_bytes().decode() == wanted.replace("Why this data?", "Why this metric?")


def test_a_project_of_plain_cookiecutter_needs_no_link(repository, project):
    record = json.loads((project / ".cruft.json").read_text(encoding="utf-8"))
    old = {"template": record["template"], "commit": record["commit"]}
    write(
        project,
        {
            ".cookiecutter.json": json.dumps(
                old | {"default_context": record["context"]["cookiecutter"]}
            )
        },
    )
    (project / ".cruft.json").unlink()
    commit(project)
    second = second_edition(repository)
    done = run()
    assert done.exit_code == 0, done.output
    assert not (project / ".cookiecutter.json").exists()
    record = json.loads((project / ".cruft.json").read_text(encoding="utf-8"))
    assert record["commit"] == second
    assert without_record(project) == fresh(repository)


def forget(project: Path) -> str:
    """Take the template's address and commit out of the record; return the commit."""
    record = json.loads((project / ".cruft.json").read_text(encoding="utf-8"))
    write(project, {".cruft.json": json.dumps(record | {"template": None, "commit": None})})
    commit(project)
    return record["commit"]


def test_an_unknown_template_is_asked_for(repository, project, monkeypatch):
    first = forget(project)
    monkeypatch.setattr(template, "address", lambda: None)
    second_edition(repository)
    done = run()
    assert done.exit_code == 2
    assert "name the address by --template" in done.output
    done = run("--template", repository)
    assert done.exit_code == 2
    assert "name it by --commit" in done.output
    monkeypatch.setattr(update, "is_terminal", lambda: True)
    answers = f"{repository}\n{first}\n"
    done = CliRunner().invoke(cli.cli, ["update"], input=answers)
    assert done.exit_code == 0, done.output
    assert "mine: address of its template" in done.output
    assert without_record(project) == fresh(repository)


def test_a_file_may_name_the_templates_address(repository, project):
    """As the workflow does; each side with the address that its record has."""
    line = "{{ cookiecutter._template or 'unknown' }}\n"
    write(repository / TREE, {"origin.txt": line})
    commit(repository)
    forget(project)
    assert run("--template", repository, "--commit", "HEAD~1").exit_code == 0
    assert (project / "origin.txt").read_text(encoding="utf-8") == f"{repository}\n"
    commit(project)
    write(repository / TREE, {"origin.txt": f"Template: {line}"})
    commit(repository)
    assert run().exit_code == 0
    assert (project / "origin.txt").read_text(encoding="utf-8") == f"Template: {repository}\n"


def test_both_can_be_said_without_a_terminal(repository, project):
    first = forget(project)
    second_edition(repository)
    done = run("--template", repository, "--commit", first[:9])
    assert done.exit_code == 0, done.output
    assert without_record(project) == fresh(repository)


def test_a_package_of_another_name_cannot_follow(tmp_path, repository):
    project = tmp_path / "mine"
    make(repository, project, package_name="leavers")
    before = contents(project)
    edit(repository / TREE / "config.yaml", ("fifth", "sixth"))
    commit(repository)
    assert run(project).exit_code == 0, "the first edition can"
    commit(project)
    before = contents(project)
    second_edition(repository)
    done = run(project)
    assert done.exit_code == 2
    assert "Its package is called leavers" in done.output
    assert "cannot follow" in done.output
    assert contents(project) == before


def test_nothing_that_git_does_not_know_is_risked(repository, project):
    second_edition(repository)
    write(project, {"notes.txt": "untracked: does not matter\n"})
    edit(project / "config.yaml", ("seed: 42", "seed: 8"))
    before = contents(project)
    done = run()
    assert (done.exit_code, "config.yaml): commit them first" in done.output) == (2, True)
    assert contents(project) == before
    shutil.rmtree(project / ".git")
    done = run()
    assert (done.exit_code, "Nothing of it is in git" in done.output) == (2, True)
    assert contents(project) == before


def test_an_untracked_file_is_not_written_over(repository, project):
    write(project, {"src/churn/money.py": "MINE = 1\n"})
    second_edition(repository)
    assert run().exit_code == 0
    assert (project / "src" / "churn" / "money.py").read_text() == "MINE = 1\n"
    assert (project / "src" / "churn" / "money.py.new").is_file()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--commit", "f" * 40], f"The template has no commit {'f' * 40}"),
        (["--checkout", "none"], "The template has no commit none"),
        (["--template", "nowhere"], "The template cannot be had from nowhere"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(project, args, said):
    before = contents(project)
    done = run(*args)
    assert done.exit_code == 2
    assert said in done.output
    assert done.output.count("\n") == 1
    assert contents(project) == before


def test_a_project_that_cannot_be_updated_stops_no_other(tmp_path, repository, project):
    bad = tmp_path / "bad"
    write(bad, {".cruft.json": "{}"})
    second_edition(repository)
    done = run(bad, project)
    assert done.exit_code == 2
    assert "bad: not updated. Its record, .cruft.json, names no domain" in done.output
    assert without_record(project) == fresh(repository)
    elsewhere = run(tmp_path)
    assert (elsewhere.exit_code, "no project of this template" in elsewhere.output) == (2, True)


def test_a_version_can_be_chosen(repository, project):
    second = second_edition(repository)
    edit(repository / TREE / "config.yaml", ("fifth", "sixth"))
    commit(repository)
    assert run("--checkout", second[:8]).exit_code == 0
    record = json.loads((project / ".cruft.json").read_text(encoding="utf-8"))
    assert (record["commit"], record["checkout"]) == (second, second[:8])
    assert "fifth" in (project / "config.yaml").read_text(encoding="utf-8")


def test_the_end_of_a_page_takes_a_section_that_has_no_place():
    old = "# T\n\n## Mine\n\n*Write here.*\n\n## Next steps\n\n*Write here.*\n"
    mine = old.replace("*Write here.*", WORDS, 1)
    assert pages.merge(mine, old, "# T\n\nAll new.\n") == (
        f"# T\n\nAll new.\n\n## Mine\n\n{WORDS}\n",
        0,
    )


BEFORE = ROOT / "tests" / "data" / "template-before.tar.xz"
# Seconds each: two are enough for every day.
FOLLOWING = [
    domain if domain in ("tabular", "foundations") else pytest.param(domain, marks=pytest.mark.slow)
    for domain in DOMAINS
]


@pytest.mark.project  # for its seconds
@pytest.mark.skipif(not BEFORE.is_file(), reason="the template of the first edition is not here")
@pytest.mark.parametrize("domain", FOLLOWING)
def test_a_project_of_the_first_edition_follows(tmp_path, domain):
    repository, project = tmp_path / "history", tmp_path / "mine"
    repository.mkdir()
    with tarfile.open(BEFORE) as archive:
        archive.extractall(repository, filter="data")
    commit(repository, "before")
    answers = {"domain": domain, "project_slug": "mine"}
    make(repository, project, **answers)
    edit(
        project / "README.md", ("*Write here whose problem this is, and why you chose it.*", WORDS)
    )
    edit(project / "config.yaml", ("seed: 42", "seed: 7  # mine"))
    write(project, {"reports/metrics.json": "{}\n", "mine.py": "mine = True\n"})
    commit(project)
    for part in TEMPLATE_PARTS:
        place = repository / part
        if (ROOT / part).is_dir():
            shutil.rmtree(place, ignore_errors=True)
            ignore = shutil.ignore_patterns("__pycache__", ".ruff_cache")
            shutil.copytree(ROOT / part, place, ignore=ignore)
        else:
            shutil.copy(ROOT / part, place)
    commit(repository, "now")
    done = run(project)
    assert done.exit_code == 0, done.output
    page = (project / "README.md").read_text(encoding="utf-8")
    assert WORDS in page
    assert "<<<<<<<" not in page
    assert "seed: 7  # mine" in (project / "config.yaml").read_text(encoding="utf-8")
    assert (project / "mine.py").is_file()
    assert (project / "reports" / "metrics.json").read_text(encoding="utf-8") == "{}\n"
    expected, now = fresh(repository, **answers), without_record(project)
    assert expected.keys() <= now.keys()
    changed = {name for name in expected if now[name] != expected[name]}
    assert changed <= {"README.md", "config.yaml"}
    assert now.keys() - expected.keys() == {"reports/metrics.json", "mine.py"}
