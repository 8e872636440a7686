"""`portfolio status`: the week, the proofs, and a line a project."""

import datetime
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from builder import PACKAGES, build
from click.testing import CliRunner
from support import ROOT

from portfolio import cli, git, status, template, workspace
from portfolio.contract import load
from portfolio.errors import UserError
from portfolio.workspace import Workspace

DAY = datetime.date(2025, 3, 31)


def make(root: Path, *projects: str, **more: object) -> Workspace:
    made = Workspace(root, "Ada", "ada", first_day=DAY, projects=projects, **more)
    workspace.save(made)
    return made


@pytest.mark.parametrize(
    ("today", "said"),
    [
        ("2025-03-30", "Week 1 of 24 begins in 1 day."),
        ("2025-03-31", "Week 1 of 24: Python for data science (31 March to 6 April 2025)"),
        ("2025-05-14", "Week 7 of 24: project 1: customer churn (12 to 18 May 2025)"),
        ("2025-09-14", "Week 24 of 24: interview preparation (8 to 14 September 2025)"),
        ("2025-09-15", "All 24 weeks are over: 31 March to 14 September 2025."),
    ],
)
def test_the_week_follows_from_the_day(tmp_path, monkeypatch, today, said):
    make(tmp_path)
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli.cli, ["status", "--today", today])
    assert done.exit_code == 0
    assert done.output.splitlines()[0] == said
    assert "No project yet" in done.output


def test_what_is_proved_of_the_week_is_said(tmp_path):
    here = make(tmp_path)
    day = datetime.date(2025, 5, 14)
    without = status.week_lines(here, [], day)
    with_it = status.week_lines(here, [load(build(tmp_path, "tabular"))], day)
    assert "  open    the ladder on one data set" in without
    assert "  proved  the ladder on one data set" in with_it
    assert len(without) == len(with_it)


def test_a_project_says_how_it_stands(tmp_path):
    whole = build(tmp_path, "tabular", live_url="https://x.example.org")
    assert status.project_line(whole) == (
        "customer-churn: ready, real data (telco), live at https://x.example.org, "
        "ROC-AUC 0.850 (0.830 to 0.870), template's version unknown"
    )
    new = build(tmp_path, "nlp", ran=False)
    assert status.project_line(new) == (
        "review-sentiment: not ready (it has not run), no data yet, not live, no result yet, "
        "template's version unknown"
    )
    drafted = build(tmp_path, "foundations", synthetic=True, written=False)
    line = status.project_line(drafted)
    assert "not ready (not written: “In my own words”, “Decisions”, “What I learned”)" in line
    assert "synthetic data (sample)" in line
    assert "live" not in line


def test_one_damaged_project_does_not_hide_the_others(tmp_path):
    build(tmp_path, "tabular")
    bad = build(tmp_path, "nlp")
    (bad / "reports" / "figures.json").write_text("[", encoding="utf-8")
    here = make(tmp_path, "customer-churn", "review-sentiment", "gone", "https://x.org/y")
    lines = status.project_lines(here)
    assert lines[0].startswith("customer-churn: ready")
    assert lines[1].startswith("review-sentiment/reports/figures.json: no JSON")
    assert "there is no such folder" in lines[2]
    assert lines[3] == "https://x.org/y: an address that is not here yet: portfolio fetch"


def test_the_templates_commits_are_counted(tmp_path, monkeypatch):
    clone = tmp_path / "template"
    clone.mkdir()
    identity = ["git", "-c", "user.name=T", "-c", "user.email=t@x.org"]
    subprocess.run([*identity, "init", "-q"], cwd=clone, check=True)
    commits = []
    for number in range(3):
        message = ["commit", "-q", "--allow-empty", "-m", str(number)]
        subprocess.run([*identity, *message], cwd=clone, check=True)
        commits.append(git.ask(clone, "rev-parse", "HEAD"))
    said = []
    for newest, own in (
        (commits[2], commits[2]),
        (commits[2], commits[1]),
        (commits[2], commits[0]),
        (commits[0], commits[2]),
        (commits[2], "f" * 40),
        (None, commits[2]),
    ):
        monkeypatch.setattr(template, "commit", lambda newest=newest: newest)
        monkeypatch.setattr(template, "clone", lambda: clone)
        folder = build(tmp_path / str(len(said)), "tabular", commit=own)
        said.append(status.behind(load(folder)))
    assert said == [
        "template up to date",
        "template 1 commit behind",
        "template 2 commits behind",
        "template newer than this tool",
        f"template's version another (fffffff) than this tool's ({commits[2][:7]})",
        "template's version unknown",
    ]


def test_six_projects_have_a_line_each_and_no_slow_library_is_loaded(tmp_path):
    """How long it takes is measured in benchmarks/status.py."""
    names = [build(tmp_path, domain, commit="f" * 40).name for domain in PACKAGES]
    make(tmp_path, *names)
    code = (
        "import sys; from portfolio import cli; "
        "cli.cli(['status', '--today', '2025-05-14'], standalone_mode=False); "
        "print({'cookiecutter', 'jinja2', 'requests', 'detect_secrets'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line.split(":")[0] for line in lines[-7:-1]] == names
    assert lines[-1] == "set()"


def test_outside_a_workspace_it_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli.cli, ["status"])
    assert done.exit_code == 2
    assert "portfolio init FOLDER" in done.output


def test_the_record_of_another_shape_is_named(tmp_path):
    root = build(tmp_path, "tabular")
    content = json.loads((root / ".cruft.json").read_text(encoding="utf-8"))
    (root / ".cruft.json").write_text(json.dumps(content | {"commit": 7}), encoding="utf-8")
    with pytest.raises(
        UserError, match=r"customer-churn/.cruft.json: `commit` should be text, is 7"
    ):
        status.project_line(root)
