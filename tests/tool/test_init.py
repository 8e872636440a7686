"""`portfolio init` and the command line itself."""

import datetime
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from support import ROOT

from portfolio import cli, init, workspace

ADA = ("--name", "Ada Ünal", "--github-username", "ada-u")


def portfolio(*args: str | Path, **more: object):
    return CliRunner().invoke(cli.cli, [str(one) for one in args], **more)


def test_a_workspace_is_made_in_a_folder_of_any_name(tmp_path):
    folder = tmp_path / "mý work"
    done = portfolio("init", folder, *ADA, "--track", "12", "--contact", "email=a@x.org")
    assert done.exit_code == 0, done.output
    made = workspace.read(folder)
    assert (made.name, made.track, made.contacts) == ("Ada Ünal", 12, {"email": "a@x.org"})
    assert made.first_day == datetime.date.today()
    assert (folder / "private").is_dir()
    assert (folder / ".gitignore").read_text(encoding="utf-8") == "private/\nnode_modules/\n"
    page = (folder / "README.md").read_text(encoding="utf-8")
    assert page.startswith("# Ada Ünal\n")
    assert page.count("planned for week") == 5
    assert "## Week 12: " in (folder / "ROADMAP.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["portfolio.yaml", "README.md", "ROADMAP.md"])
def test_nothing_is_written_over(tmp_path, name):
    (tmp_path / name).write_text("mine", encoding="utf-8")
    done = portfolio("init", tmp_path, *ADA)
    assert (done.exit_code, name in done.output) == (2, True)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [(name, "mine")]


def test_a_gitignore_keeps_its_lines(tmp_path):
    (tmp_path / ".gitignore").write_text("*.pyc", encoding="utf-8")
    assert portfolio("init", tmp_path, *ADA).exit_code == 0
    ignored = (tmp_path / ".gitignore").read_text(encoding="utf-8")
    assert ignored == "*.pyc\nprivate/\nnode_modules/\n"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((), "pass --name, --github-username."),
        ((*ADA, "--track", "6"), "track: should be 24 or 12; it is '6'"),
        ((*ADA, "--first-day", "monday"), "first_day: should be a day"),
        ((*ADA, "--contact", "me"), "should be NAME=VALUE"),
    ],
)
def test_what_is_missing_or_wrong_is_said_and_nothing_written(tmp_path, given, said):
    done = portfolio("init", tmp_path, *given)
    assert (done.exit_code, said in done.output) == (2, True), done.output
    assert not any(tmp_path.iterdir())


def test_what_is_missing_is_asked_until_it_fits(tmp_path, monkeypatch):
    monkeypatch.setattr(init, "_is_terminal", lambda: True)
    monkeypatch.setattr(init.template, "address", lambda: None)
    answers = "Ada\na b\nada\neuro\nEUR\n12\n2025-03-31\n\nhttps://x.org/t.git\n"
    done = portfolio("init", tmp_path, input=answers)
    assert done.exit_code == 0, done.output
    made = workspace.read(tmp_path)
    assert (made.github_username, made.currency, made.track) == ("ada", "EUR", 12)
    assert (made.tone, made.template) == ("learning-in-public", "https://x.org/t.git")


def test_a_folder_that_cannot_be_written_is_one_message(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    done = portfolio("init", tmp_path / "file" / "below", *ADA)
    assert done.exit_code == 2
    assert "Traceback" not in done.output
    assert len(done.output.strip().splitlines()) <= 4


def test_help_imports_no_command():
    code = (
        "import sys; from portfolio.cli import cli; cli(['--help'], standalone_mode=False);"
        "print([name for name in sys.modules if name == 'yaml' or name == 'portfolio.status'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout.endswith("[]\n")
    assert all(name in done.stdout for name in cli.COMMANDS)


def test_every_command_has_a_module_and_a_help():
    for name in cli.COMMANDS:
        done = portfolio(name, "--help")
        assert (done.exit_code, "Usage:" in done.output) == (0, True)
