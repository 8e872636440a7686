"""`portfolio new`: the project of a week, from the template that the tool carries."""

import datetime
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from support import contents

from portfolio import cli, new, rendering, template, workspace
from portfolio.contract import PACKAGES
from portfolio.workspace import Workspace

TODAY = datetime.date.today()


def make(root: Path, week: int = 7, **more: object) -> Workspace:
    """A workspace in which today lies in a week."""
    first = TODAY - datetime.timedelta(weeks=week - 1)
    facts = {"name": "Zoë Ünal", "github_username": "zoe", "currency": "EUR", "first_day": first}
    made = Workspace(root, **(facts | more))
    root.mkdir(parents=True, exist_ok=True)
    workspace.save(made)
    return made


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    """A workspace in week 7, in a folder with a space and an accent; it is the current folder."""
    root = tmp_path / "mý work"
    make(root)
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def unknown(monkeypatch) -> None:
    """A tool that does not know where its template can be had."""
    monkeypatch.setattr(template, "address", lambda: None)
    monkeypatch.setattr(template, "commit", lambda: None)


def portfolio(*args: str, **more: object):
    return CliRunner().invoke(cli.cli, ["new", *args], **more)


def answers(project: Path) -> dict[str, str]:
    content = json.loads((project / ".cruft.json").read_text(encoding="utf-8"))
    return content["context"]["cookiecutter"]


def test_the_weeks_project_is_made_with_the_workspaces_answers(here, unknown):
    done = portfolio()
    assert done.exit_code == 0, done.output
    project = here / "customer-churn"
    found = answers(project)
    assert (found["domain"], found["author_name"], found["currency"]) == (
        "tabular",
        "Zoë Ünal",
        "EUR",
    )
    assert not [key for key in found if key.startswith("_")]
    record = json.loads((project / ".cruft.json").read_text(encoding="utf-8"))
    assert (record["template"], record["commit"]) == (None, None)
    assert "Zoë Ünal" in (project / "LICENSE").read_text(encoding="utf-8")
    assert not (project / ".cookiecutter.json").exists()
    assert workspace.read(here).projects == ("customer-churn",)
    assert "/customer-churn/" in (here / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert "Week 7 of 24: project 1: customer churn" in done.output
    assert "  - the ladder on one data set" in done.output
    assert "    uv run churn all" in done.output


def test_the_templates_address_and_commit_are_recorded(here, monkeypatch):
    monkeypatch.setattr(template, "commit", lambda: "c" * 40)
    monkeypatch.setattr(template, "address", lambda: None)
    make(here, template="https://x.org/t")
    assert portfolio("nlp").exit_code == 0
    record = json.loads((here / "review-sentiment" / ".cruft.json").read_text(encoding="utf-8"))
    assert (record["template"], record["commit"]) == ("https://x.org/t", "c" * 40)
    monkeypatch.setattr(template, "address", lambda: "https://y.org/t")
    assert portfolio("cv").exit_code == 0
    record = json.loads((here / "medical-imaging" / ".cruft.json").read_text(encoding="utf-8"))
    assert record["template"] == "https://y.org/t"


def test_a_project_can_be_started_by_its_packages_name(here):
    done = portfolio(PACKAGES["nlp"], "--name", "Mine")
    assert done.exit_code == 0, done.output
    assert answers(here / "mine")["domain"] == "nlp"
    assert (here / "mine" / "src" / PACKAGES["nlp"]).is_dir()
    assert not list((here / "mine").rglob("__pycache__"))


def test_what_work_has_left_in_a_clone_stays_there(here, tmp_path, monkeypatch):
    clone = tmp_path / "clone"
    with new.template_copy() as source:
        source.rename(clone)
        source.mkdir()
    before = contents(clone)
    tree = clone / "{{cookiecutter.project_slug}}"
    for left in (tree / "src" / "__pycache__", clone / "hooks" / ".ruff_cache", clone / ".venv"):
        left.mkdir(parents=True)
        (left / "x.pyc").write_bytes(b"\0")
    monkeypatch.setattr(template, "folder", lambda: clone)
    with new.template_copy() as source:
        assert contents(source) == before


def test_a_week_that_goes_on_with_a_project_starts_no_second_one(here):
    assert portfolio().exit_code == 0
    again = portfolio()
    assert again.exit_code == 2
    assert "Week 7 goes on with customer-churn" in again.output
    assert portfolio("--name", "Another").exit_code == 0
    assert portfolio("tabular").exit_code == 2, "the folder is there already"
    assert workspace.read(here).projects == ("customer-churn", "another")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["tabluar"], "Did you mean tabular?"),
        (["--week", "25"], "the track has weeks 1 to 24"),
        (["--week", "21"], "Week 21 is about several: say which, portfolio new"),
        (["--answer", "domian=nlp"], "The template asks for no `domian`; it asks for domain"),
        (["--answer", "license=GPL"], "license 'GPL' should be one of: MIT"),
        (["--answer", "MIT"], "should be KEY=VALUE"),
        (["--answer", "currency=XYZ"], "currency 'XYZ' is no ISO 4217 code"),
        (["--name", " "], "project_name ' ' is empty; for example"),
        (["--answer", "project_slug=../x"], "project_slug '../x' is not made of a-z"),
    ],
)
def test_what_cannot_be_is_said_in_one_line_and_nothing_made(here, args, said):
    done = portfolio(*args)
    assert done.exit_code == 2
    assert said in done.output
    assert done.output.count("\n") == 1
    assert [path.name for path in here.iterdir()] == ["portfolio.yaml"]


def test_an_answer_that_cannot_be_is_asked_for_until_it_can(here, monkeypatch):
    monkeypatch.setattr(new, "is_terminal", lambda: True)
    given = ("--week", "21", "--answer", "project_slug=No Slug")
    done = portfolio(*given, input="nlp\nno slug!\nmy-slug\n")
    assert done.exit_code == 0, done.output
    assert "project_slug 'No Slug' is not made of" in done.output
    assert "project_slug 'no slug!' is not made of" in done.output
    assert answers(here / "my-slug")["domain"] == "nlp"


def test_an_answer_is_no_template(here):
    make(here, name="{{ 7 * 7 }} {% Ada")
    done = portfolio()
    assert done.exit_code == 0, done.output
    assert answers(here / "customer-churn")["author_name"] == "{{ 7 * 7 }} {% Ada"
    assert "{{ 7 * 7 }} {% Ada" in (here / "customer-churn" / "LICENSE").read_text("utf-8")


def test_a_failure_leaves_nothing_behind(here, monkeypatch):
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device", "x")

    monkeypatch.setattr(rendering, "write_record", fail)
    done = portfolio()
    assert (done.exit_code, "No space left" in done.output) == (2, True)
    assert [path.name for path in here.iterdir()] == ["portfolio.yaml"]


def test_before_the_first_week_the_domain_must_be_said(here):
    make(here, week=-3)
    done = portfolio()
    assert done.exit_code == 2
    assert "No week is running: say which, portfolio new foundations|tabular" in done.output
    done = portfolio("--week", "1")
    assert "Made mini-analysis (foundations)" in done.output
