"""The syllabus word for word, and a roadmap that ticks what is proved and nothing else."""

import datetime
import json
import re
import subprocess
from pathlib import Path

import pytest
from builder import PACKAGES, build
from support import ROOT

from portfolio import profile, prose, roadmap, syllabus, workspace
from portfolio.contract import load
from portfolio.errors import UserError
from portfolio.proofs import PROOFS, WORKSPACE_PROOFS, holds
from portfolio.syllabus import DOMAINS, Week
from portfolio.workspace import Workspace

SYLLABUS = (ROOT / "docs" / "SYLLABUS.md").read_text(encoding="utf-8")
SHARED = ROOT.parent / "shared" / "SYLLABUS.md"
TITLES = {24: "24-week track", 12: "12-week fast track"}


def rows(title: str) -> list[list[str]]:
    """The cells of the table below a heading of the syllabus."""
    part = SYLLABUS.split(f"## {title}\n", 1)[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def make(root: Path, track: int = 24, *projects: str) -> Workspace:
    root.mkdir(parents=True, exist_ok=True)
    day = datetime.date(2025, 12, 1)
    return Workspace(root, "Ada", "ada", track=track, first_day=day, projects=projects)


def weeks_of(track: int) -> dict[int, Week]:
    return {week.week: week for week in syllabus.read().weeks(track)}


def push(root: Path, address: str = "https://github.com/ada/x.git") -> None:
    """Make a repository of a folder that looks as if it had been pushed."""
    ask = ["git", "-c", "user.name=T", "-c", "user.email=t@x.org"]
    for args in (
        ["init", "-q", "-b", "main"],
        ["add", "-A"],
        ["commit", "-q", "-m", "Start"],
        ["remote", "add", "origin", address],
        ["update-ref", "refs/remotes/origin/main", "HEAD"],
    ):
        subprocess.run([*ask, *args], cwd=root, check=True, capture_output=True)


@pytest.mark.skipif(not SHARED.is_file(), reason="the original lies beside the repository")
def test_the_copy_of_the_syllabus_is_the_original():
    assert SHARED.read_text(encoding="utf-8") == SYLLABUS


@pytest.mark.parametrize("track", [24, 12])
def test_every_week_agrees_with_the_syllabus(track):
    told = []
    for week in syllabus.read().weeks(track):
        topics = [week.topics] if track == 24 else []
        told.append([str(week.week), week.theme, *topics, week.task or "–", week.project])
    assert told == rows(TITLES[track])
    assert len(told) == track


def test_the_rest_of_the_syllabus_agrees():
    plan = syllabus.read()
    final = [[row.name, row.domain, row.skills] for row in plan.final]
    assert final == rows("The final portfolio table")
    assert f"{plan.hours} a week" in SYLLABUS
    assert f"Tools: {plan.tools}." in SYLLABUS
    assert f"Posting, on both tracks: {plan.posting}." in SYLLABUS


@pytest.mark.parametrize("track", [24, 12])
def test_every_word_of_a_week_is_in_the_roadmap(tmp_path, track):
    text = roadmap.render(make(tmp_path, track))
    weeks = re.split(r"^## Week ", text, flags=re.MULTILINE)[1:]
    for week, row in zip(weeks, rows(TITLES[track]), strict=True):
        assert week.startswith(f"{row[0]}: {row[1]}\n")
        assert all(cell in week for cell in row if cell != "–")
    assert "18 hours a week" in text
    assert "- [x]" not in text


def test_all_proofs_and_projects_of_the_syllabus_exist():
    weeks = [week for track in (24, 12) for week in syllabus.read().weeks(track)]
    named = {task.proof for week in weeks for task in week.tasks if task.proof}
    assert named == {*PROOFS, *WORKSPACE_PROOFS}
    assert not PROOFS.keys() & WORKSPACE_PROOFS.keys()
    assert {week.project for week in weeks} <= set(DOMAINS)


def test_days_are_short_and_right(tmp_path):
    text = roadmap.render(make(tmp_path))
    assert "From 1 December 2025 to 17 May 2026." in text
    assert "1 to 7 December 2025. Project: foundations." in text
    assert "29 December 2025 to 4 January 2026. Project: churn." in text
    assert "26 January to 1 February 2026. Project: sentiment." in text


@pytest.mark.parametrize(("rung", "counts"), [("bert", True), ("embeddings", True), ("svm", False)])
def test_a_transformer_counts_fine_tuned_or_frozen(tmp_path, rung, counts):
    root = build(tmp_path, "nlp")
    file = root / "reports" / "metrics.json"
    results = json.loads(file.read_text("utf-8"))
    for model in results["models"]:
        model["name"] = model["name"].replace("bert", rung)
    file.write_text(json.dumps(results), "utf-8")
    assert PROOFS["transformer"](load(root)) == counts


@pytest.mark.parametrize("domain", PACKAGES)
def test_a_project_on_synthetic_data_or_not_yet_run_proves_less(tmp_path, domain):
    """The proofs that hold grow from an empty project to a whole one, and never hold for none."""
    empty = load(build(tmp_path / "a", domain, ran=False, written=False))
    sample = load(build(tmp_path / "b", domain, synthetic=True, written=False))
    whole_root = build(tmp_path / "c", domain, live_url="https://x.example.org")
    push(whole_root)
    whole = load(whole_root)
    held = [{name for name in PROOFS if PROOFS[name](one)} for one in (empty, sample, whole)]
    assert held[0] == set()
    assert held[0] < held[1] < held[2]
    assert not held[1] & {"real", "cleaned", "written", "live", "shown", "modelled", "explained"}
    expected = {"ran", "real", "live", "cleaned", "pictures", "written", "notebook", "improved"}
    assert expected <= held[2]
    assert ("shown" in held[2]) == ("operated" in held[2]) == (domain != "foundations")


def test_pushed_elsewhere_or_not_at_all_is_not_on_github(tmp_path):
    root = build(tmp_path, "tabular")
    assert not PROOFS["shown"](load(root))
    push(root, "https://example.org/ada/x.git")
    assert not PROOFS["shown"](load(root))


def test_a_local_address_is_not_live(tmp_path):
    for number, url in enumerate(("http://localhost:8000", "http://127.0.0.1", "soon")):
        assert not PROOFS["live"](load(build(tmp_path / str(number), "tabular", live_url=url)))


def test_a_week_asks_its_own_projects(tmp_path):
    here, weeks = make(tmp_path), weeks_of(24)
    churn = load(build(tmp_path, "tabular"))
    bare = load(build(tmp_path, "nlp", written=False))
    assert holds("ladder", weeks[7], [churn, bare], here)
    assert not holds("ladder", weeks[7], [bare], here)
    assert holds("written", weeks[23], [churn], here)
    assert not holds("written", weeks[23], [churn, bare], here)
    assert not holds("written", weeks[23], [], here)


def test_a_damaged_project_proves_nothing(tmp_path):
    here, weeks = make(tmp_path), weeks_of(24)
    good, bad = build(tmp_path, "tabular"), build(tmp_path, "tabular", slug="bad")
    (bad / "README.md").write_bytes(b"\xff")
    assert not holds("written", weeks[23], [load(good), load(bad)], here)
    assert holds("explained", weeks[5], [load(bad), load(good)], here)


def test_the_last_weeks_are_proved_by_the_workspace(tmp_path):
    here, weeks = make(tmp_path), weeks_of(24)
    projects = [load(build(tmp_path, "tabular")), load(build(tmp_path, "nlp"))]
    page = tmp_path / "README.md"

    def held(**more: object) -> set[str]:
        now = Workspace(**(vars(here) | more))
        return {name for name in WORKSPACE_PROOFS if holds(name, weeks[23], projects, now)}

    assert held() == set()
    assert held(contacts={"website": "http://localhost:4000"}) == set()
    assert held(contacts={"website": "https://ada.example.org"}) == {"website"}
    page.write_text(profile.render(here, projects[:1]), encoding="utf-8")
    push(tmp_path, "https://github.com/ada/ada.git")
    assert held() == set(), "one project is not in the table"
    page.write_text(profile.render(here, projects), encoding="utf-8")
    assert held() == {"profile"}
    posts = here.private / "posts"
    posts.mkdir(parents=True)
    (posts / "week-22-customer-churn.md").touch()
    assert held() == {"profile"}, "of another week"
    (posts / "week-23-customer-churn.md").touch()
    assert held() == {"profile", "drafted", "told"}
    (here.private / "bullets.md").touch()
    assert held() == {"profile", "drafted", "told", "resume"}


def test_practice_counts_where_the_solution_was_not_seen_first(tmp_path):
    here, week = make(tmp_path), weeks_of(24)[24]
    for number in range(2):
        file = here.private / "practice" / f"project-{number}" / "progress.json"
        file.parent.mkdir(parents=True)
        passed = {str(n): {"attempts": 1, "passed": True, "solution": False} for n in range(4)}
        looked = {"x": {"attempts": 1, "passed": True, "solution": True}, "y": {"passed": False}}
        file.write_text(json.dumps({"sql": passed | looked, "python": passed}), encoding="utf-8")
    assert holds("python", week, [], here)
    assert not holds("sql", week, [], here), "eight of ten"
    file.write_text(json.dumps({"sql": {str(n): {"passed": True} for n in range(6)}}), "utf-8")
    assert holds("sql", week, [], here)
    file.write_text("{", encoding="utf-8")
    assert not holds("sql", week, [], here), "a damaged file proves nothing"
    cards = here.private / "questions" / "answers.json"
    cards.parent.mkdir()
    for number in (19, 20):
        content = {"questions": {str(n): {"box": 1} for n in range(number)}}
        cards.write_text(json.dumps(content), encoding="utf-8")
        assert holds("interviewed", week, [], here) == (number == 20)


def test_the_fast_tracks_first_week_asks_for_posts_too(tmp_path):
    here, week = make(tmp_path, 12), weeks_of(12)[1]
    project = load(build(tmp_path, "foundations"))
    assert not holds("told", week, [project], here)
    (here.private / "posts").mkdir(parents=True)
    (here.private / "posts" / "week-01-mini-analysis.md").touch()
    assert holds("told", week, [project], here)
    sample = load(build(tmp_path / "b", "foundations", synthetic=True))
    assert not holds("told", week, [sample], here)


def test_a_dummy_is_no_gain(tmp_path):
    root = build(tmp_path, "tabular")
    file = root / "reports" / "metrics.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    assert PROOFS["gain"](load(root))
    for model in content["models"][1:-1]:
        model["difference"] = {"value": -0.001, "low": -0.01, "high": 0.01}
    file.write_text(json.dumps(content), encoding="utf-8")
    assert not PROOFS["gain"](load(root))


def test_ticks_come_and_never_go(tmp_path):
    here = make(tmp_path)
    roadmap.write(here, [])
    project = build(tmp_path, "tabular")
    file = tmp_path / "ROADMAP.md"
    assert "week 5: Run the pipeline, from data to README" in roadmap.write(here, [load(project)])
    text = file.read_text(encoding="utf-8")
    assert "- [x] **the ladder on one data set** <!-- proof: ladder, week 7 -->" in text
    assert "- [ ] **folder on GitHub: notebook, API, README; a live link as a bonus**" in text
    assert roadmap.write(here, []) == []
    assert file.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_authors_words_stay(tmp_path, end):
    here = make(tmp_path)
    roadmap.write(here, [])
    file = tmp_path / "ROADMAP.md"
    text = file.read_text(encoding="utf-8")
    text = text.replace("# Roadmap: 24 weeks", "# My way")
    text = text.replace("## Week 7", "My words über all.\n\n- [ ] my own task\n\n## Week 7")
    text = text.replace("- [ ] Explain the ladder", "* [X] I explained the ladder")
    text = text.replace("**the ladder on one data set**", "the ladder, on *my* data")
    text += "\nAt the end.\n"
    file.write_text(text, encoding="utf-8", newline=end)
    moved = workspace.Workspace(**(vars(here) | {"first_day": datetime.date(2026, 1, 5)}))
    assert roadmap.write(moved, [load(build(tmp_path, "tabular"))])
    after = file.read_bytes().decode("utf-8")
    assert ("\r\n" in after) == (end == "\r\n")
    after = after.replace("\r\n", "\n")
    assert "5 to 11 January 2026. Project: foundations." in after
    assert "- [x] the ladder, on *my* data" in after
    plain = [
        re.sub(r"<!-- (week-\d+|days) -->\n.*?\n<!-- /\1 -->", "", one).replace("[x]", "[ ]")
        for one in (text, after)
    ]
    assert plain[0] == plain[1]


def test_other_files_are_refused_and_left(tmp_path):
    file = tmp_path / "ROADMAP.md"
    file.write_text("# Mine\n", encoding="utf-8")
    with pytest.raises(UserError, match="was not written by this command"):
        roadmap.write(make(tmp_path), [])
    assert file.read_text(encoding="utf-8") == "# Mine\n"
    file.unlink()
    roadmap.write(make(tmp_path, 12), [])
    with pytest.raises(UserError, match="is of 12 weeks, and the track .* of 24"):
        roadmap.write(make(tmp_path, 24), [])


@pytest.mark.parametrize("proof", ["magic, week 7", "ladder, week 25"])
def test_an_unknown_proof_is_named(tmp_path, proof):
    here = make(tmp_path)
    roadmap.write(here, [])
    file = tmp_path / "ROADMAP.md"
    before = file.read_text(encoding="utf-8") + f"\n- [ ] mine <!-- proof: {proof} -->\n"
    file.write_text(before, encoding="utf-8", newline="\n")
    with pytest.raises(UserError, match=r"no proof `\w+` in week \d+; there are .*ladder"):
        roadmap.write(here, [])
    assert file.read_text(encoding="utf-8") == before


def test_the_profile_lists_what_is_there_and_what_is_planned(tmp_path):
    here = make(tmp_path)
    page = tmp_path / "README.md"
    page.write_text(profile.render(here, []) + "\nMy words.\n", encoding="utf-8", newline="\n")
    projects = [
        load(build(tmp_path, "tabular", live_url="https://x.example.org")),
        load(build(tmp_path, "nlp", synthetic=True)),
        load(build(tmp_path, "foundations")),
    ]
    metrics = tmp_path / "review-sentiment" / "reports" / "metrics.json"
    content = json.loads(metrics.read_text(encoding="utf-8"))
    content["business"]["headline"] = "a | b"
    metrics.write_text(json.dumps(content), encoding="utf-8")
    profile.refresh(here, projects)
    text = page.read_text(encoding="utf-8")
    table = prose.blocks(text)["projects"].splitlines()
    assert len(table) == 8
    assert "[Customer Churn](https://github.com/ada/customer-churn)" in table[2]
    assert "ROC-AUC 0.850" in table[2]
    assert "[live](https://x.example.org)" in table[2]
    assert "synthetic data" in table[3]
    assert "a \\| b" in table[3]
    assert "planned for week 13" in table[4]
    assert "Mini-Analysis" in table[7]
    assert text.endswith("\nMy words.\n")
