"""What the tool does over a project that has really run: check, posts, roadmap, update, status."""

import json
import re

import pytest
from support import SERVED

from portfolio import contract, workspace
from portfolio.facts import facts
from portfolio.filling import NAME, fill
from portfolio.posts import drafts, plan
from portfolio.proofs import PROOFS


def test_the_check_finds_what_is_left_to_the_author_and_nothing_else(project, domain, learner):
    """Of a project that has run and that nobody has written in yet."""
    said = json.loads(learner.portfolio("check", project.root, "--json"))["projects"][0]
    found = {item["name"]: item["status"] for item in said["items"]}
    left = {"words", "title"} | ({"live"} if domain in SERVED else set())
    if contract.load(project.root).results.dataset.synthetic:
        left.add("results")
    assert {name for name, status in found.items() if status != "pass"} == left, said
    assert {found[name] for name in left} == {"todo"}
    assert project.git("status", "--porcelain") == ""


# What texts ask for and a run on the data of these tests does not have, besides what is pushed.
NOT_PUSHED = {"live", "github"}
ABSENT = {"foundations": {"moved"}, "timeseries": {"export"}, "recsys": {"export"}}


@pytest.mark.parametrize("track", [24, 12])
def test_posts_say_what_the_run_has_measured(project, domain, track, tmp_path):
    found = contract.load(project.root)
    known, here = facts(found), workspace.Workspace(tmp_path, "Zoë", "zoe", track=track)
    asked = set()
    for week in plan.weeks(track, domain):
        texts = plan.draft_set(track, week, domain)
        asked |= set(NAME.findall(str(texts)))
        for part in (*texts["tweets"], *texts["linkedin"]):
            text = part if isinstance(part, str) else part["text"]
            assert fill(text, known), f"week {week}: nothing is left of {text!r}"
        for one in drafts.week_drafts(here, found, week):
            assert not one.picture or (project.root / one.picture).is_file()
    assert asked - known.keys() - NOT_PUSHED <= ABSENT.get(domain, set())


def test_the_roadmap_ticks_what_the_run_proves(project, domain, learner):
    found = contract.load(project.root)
    held = {name for name, proof in PROOFS.items() if proof(found)}
    real = not found.results.dataset.synthetic
    assert {"ran", "notebooks", "worth"} <= held
    assert ("ladder" in held) == (domain != "cv"), "imaging starts with two models and a dummy"
    assert not held & {"live", "explained", "decisions", "learned", "written", "shown", "operated"}
    assert ("real" in held) == ("cleaned" in held) == ("modelled" in held) == real
    assert ("demo" in held) == (domain in SERVED)
    assert ("maps" in held) == (domain == "cv")
    assert ("arima" in held) == (domain == "timeseries")
    learner.portfolio("roadmap")
    text = (learner.workspace / "ROADMAP.md").read_text(encoding="utf-8")
    assert len(re.findall(r"^- \[x\] .*<!-- proof: ran, ", text, re.MULTILINE)) == 1
    assert f"[{found.title}](" in (learner.workspace / "README.md").read_text(encoding="utf-8")
    assert re.search(
        rf"^{found.name}: not ready .*template up to date$", learner.portfolio("status"), re.M
    )


WORDS = "A shop asked me which of its customers come back, and I had no idea how to find out."


@pytest.mark.only("foundations")
def test_a_whole_life(project, learner):
    """After init, new and all: edit, check, posts, a new template, update, check and status."""
    before = project.git("rev-parse", "HEAD").strip()
    try:
        page = project.root / "README.md"
        text = page.read_text(encoding="utf-8")
        for section in contract.SECTIONS:
            text = text.replace(f"## {section}\n", f"## {section}\n\n{WORDS}\n", 1)
        page.write_text(text.replace("# Mini-Analysis", "# Who comes back?", 1), encoding="utf-8")
        project.git("commit", "-q", "-a", "-m", "Say it in my own words")
        said = learner.portfolio("check", project.root)
        assert re.findall(r"^(?:todo|fail|unknown) +(\w+)", said, re.MULTILINE) == ["results"]
        learner.portfolio("posts", project.root, "--week", "1")
        posts = (learner.workspace / "private" / "posts").glob("*.md")
        assert all(one.read_text("utf-8").startswith("# Who comes back?") for one in posts)

        readme = learner.template / "templates" / "foundations" / "README.md"
        text = readme.read_text(encoding="utf-8")
        readme.write_text(text.replace("## Run it", "## How to run it"), encoding="utf-8")
        learner.commit_template("The next version")
        assert "template 1 commit behind" in learner.portfolio("status")
        assert "0 left to you" in learner.portfolio("update", project.root)
        text = page.read_text(encoding="utf-8")
        assert "## How to run it" in text
        assert text.count(WORDS) == len(contract.SECTIONS)
        project.run(project.command, "report", "--check")
        project.git("commit", "-q", "-a", "-m", "Follow the template")
        assert "Not ready to be shown: " in learner.portfolio("check", project.root)
        assert re.search(
            "^mini-analysis: ready, .*template up to date$", learner.portfolio("status"), re.M
        )
    finally:
        project.git("reset", "-q", "--hard", before)
