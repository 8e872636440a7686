"""`portfolio posts`: drafts of every week, true of any project, that claim no more than is so."""

import datetime
import json
import re

import pytest
import yaml
from builder import PACKAGES, build, commit, picture
from click.testing import CliRunner
from details import enrich, strip

from portfolio import cli, git, workspace
from portfolio.contract import load
from portfolio.facts import candidates, facts
from portfolio.posts import drafts, plan
from portfolio.posts.length import compose, length
from portfolio.workspace import Workspace

DAY = datetime.date(2025, 3, 31)
WEEKS = [(track, week) for track, count in ((24, 24), (12, 12)) for week in range(1, count + 1)]


def make(root, *projects, **more):
    made = Workspace(root, "Ada", "ada", first_day=DAY, projects=projects, **more)
    workspace.save(made)
    return made


def all_drafts(here, project):
    for week in plan.weeks(here.track, project.domain):
        yield from drafts.week_drafts(here, project, week)


def test_every_week_of_both_tracks_has_drafts():
    for track, week in WEEKS:
        assert plan.domains(track, week), (track, week)


@pytest.mark.parametrize("domain", PACKAGES)
@pytest.mark.parametrize("kind", ["whole", "bare"])
@pytest.mark.parametrize("track", [24, 12])
def test_a_week_has_seven_tweets_and_two_posts_that_fit(tmp_path, domain, kind, track):
    root = build(tmp_path, domain)
    project = load(enrich(root, domain) if kind == "whole" else strip(root))
    here = make(tmp_path, track=track)
    for week in plan.weeks(track, domain):
        made = list(drafts.week_drafts(here, project, week))
        assert [one.limit for one in made] == [280] * 7 + [3000] * 2
        for one in made:
            assert length(one.text) <= one.limit
            assert not re.search(r"[{}]|\bNone\b|\bnan\b| // ", one.text), one.text
            assert "\n" not in one.alt
            assert len(one.text) > 90, one.text


def test_all_names_in_the_texts_are_facts(tmp_path):
    for domain in PACKAGES:
        known = set(candidates(load(enrich(build(tmp_path, domain), domain))))
        for name in (domain, "common"):
            text = (plan.FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
            used = set(re.findall(r"\{(\w+)\}", text))
            used -= {"week", "day", "about", "author", "tools", "question"}
            unknown = {one for one in used - known if not one.startswith(("price_", "test_"))}
            assert not unknown, (domain, name)


def test_figures_of_a_sample_say_so(tmp_path):
    project = load(enrich(build(tmp_path, "tabular", synthetic=True), "tabular"))
    here = make(tmp_path)
    marked = [one for one in all_drafts(here, project) if "synthetic sample" in one.text]
    assert len(marked) > 20
    for one in all_drafts(here, project):
        if re.search(r"150,000|0\.850|26\.5", one.text):
            assert "synthetic sample" in one.text
    real = load(enrich(build(tmp_path / "real", "tabular"), "tabular"))
    assert not any("synthetic sample" in one.text for one in all_drafts(here, real))


def test_upskilling_never_mentions_a_job(tmp_path):
    here = make(tmp_path, tone="upskilling")
    words = re.compile(
        r"\b(jobs?|hir\w+|interview\w*|recruit\w*|career\w*|appl(y|ying) for)\b", re.I
    )
    for domain in PACKAGES:
        project = load(enrich(build(tmp_path, domain), domain))
        text = "\n".join(one.text for one in all_drafts(here, project))
        assert not words.search(text), words.search(text)
        assert "Learning in public" not in text
        assert "Sharpening my skills" in text


def test_nothing_is_called_open_that_git_does_not_hold(tmp_path):
    root = enrich(build(tmp_path, "tabular"), "tabular")
    assert "open_parts" not in facts(load(root))
    commit(root)
    assert facts(load(root))["open_parts"] == "code and model"
    assert "anybody" not in facts(load(root))
    (root / "data" / "telco.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    assert "anybody" not in facts(load(root))
    commit(root)
    assert facts(load(root))["open_parts"] == "code, data and model"
    assert facts(load(root))["anybody"] == "anybody"


def test_only_what_was_pushed_is_said_to_be_on_github(tmp_path):
    root = enrich(build(tmp_path, "tabular"), "tabular")
    commit(root)
    here = make(tmp_path)
    said = [one.text for one in all_drafts(here, load(root)) if "on GitHub" in one.text]
    assert not said
    for command in (
        ["remote", "add", "origin", "https://github.com/ada/x.git"],
        ["update-ref", "refs/remotes/origin/main", "HEAD"],
    ):
        git.ask(root, *command)
    said = [one.text for one in all_drafts(here, load(root)) if "on GitHub" in one.text]
    assert len(said) == 1
    assert "My churn project is on GitHub, with code and model" in said[0]


def test_a_picture_is_found_by_its_name_before_its_role(tmp_path):
    root = enrich(build(tmp_path, "nlp"), "nlp")
    here = make(tmp_path)

    def shown() -> str:
        return next(d.picture for d in all_drafts(here, load(root)) if "does worst" in d.text)

    assert shown() == "", "there is no such picture"
    file = root / "reports" / "figures.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    picture(root / "reports" / "figures" / "slices.png")
    new = {"file": "reports/figures/slices.png", "title": "x", "alt": "y", "role": "result"}
    content["figures"].append(new)
    file.write_text(json.dumps(content), encoding="utf-8")
    assert shown() == "reports/figures/slices.png"


@pytest.mark.parametrize("track", [24, 12])
def test_a_project_that_serves_nothing_is_not_said_to(tmp_path, track):
    project = load(enrich(build(tmp_path, "foundations"), "foundations"))
    text = "\n".join(one.text for one in all_drafts(make(tmp_path, track=track), project))
    assert not re.search(r"\b(API|server|container|image|deployed)\b", text)


def test_the_title_is_that_of_the_page(tmp_path):
    root = build(tmp_path, "tabular", title="Who leaves \\& why?")
    assert load(root).title == "Who leaves & why?"
    (root / "README.md").write_text("No heading.\n", encoding="utf-8")
    record = root / ".cruft.json"
    assert load(root).title == "Who leaves \\& why?"
    record.unlink()
    assert load(root).title == "customer-churn"


def test_untouched_prices_are_nobodys(tmp_path):
    root = enrich(build(tmp_path, "tabular"), "tabular")
    assert facts(load(root))["at_prices"] == "at example prices"
    commit(root)
    assert facts(load(root))["at_prices"] == "at example prices"
    content = yaml.safe_load((root / "config.yaml").read_text(encoding="utf-8"))
    for change, said in (
        ({"currency": "CHF"}, "at example prices"),
        ({"offer_cost": 45}, "at my prices"),
    ):
        prices = content["prices"] | change
        text = yaml.safe_dump(content | {"prices": prices})
        (root / "config.yaml").write_text(text, encoding="utf-8")
        commit(root)
        assert facts(load(root))["at_prices"] == said


def test_no_draft_links_to_a_placeholder(tmp_path):
    root = enrich(build(tmp_path, "tabular"), "tabular")
    assert facts(load(root))["repository"] == "https://github.com/ada-example/customer-churn"
    record = root / ".cruft.json"
    text = record.read_text(encoding="utf-8").replace("ada-example", "your-username")
    record.write_text(text, encoding="utf-8")
    here = make(tmp_path)
    assert not any("your-username" in one.text for one in all_drafts(here, load(root)))
    assert not any("github.com" in one.text for one in all_drafts(here, load(root)))


def test_a_lead_that_may_be_chance_says_so(tmp_path):
    root = build(tmp_path, "tabular")
    said = facts(load(root))["lead"]
    assert said.startswith("Xgboost is 0.020 ahead of the next, random forest")
    assert "chance" not in said
    file = root / "reports" / "metrics.json"
    text = file.read_text(encoding="utf-8").replace('"high": -0.01', '"high": 0.01')
    file.write_text(text, encoding="utf-8")
    assert facts(load(root))["lead"].endswith("so it may be chance)")


def test_what_does_not_fit_is_cut_and_the_link_stays():
    link = "https://github.com/ada/customer-churn"
    text = compose("word " * 100 + f" {link}", 280, " (synthetic sample)", "Opener", ("Data",))
    assert length(text) <= 280
    assert text.endswith(f"{link} (synthetic sample)")
    assert "…" in text
    assert "Opener" not in text


def test_length_counts_as_x_does():
    assert length("a" * 10) == 10
    assert length("see https://example.org/a/very/long/address/indeed.html.") == 4 + 23 + 1
    assert length("日本") == 4
    assert length("run a.py") == 4 + 23


def test_the_command_writes_and_keeps_what_was_edited(tmp_path, monkeypatch):
    here = make(tmp_path, "customer-churn")
    root = enrich(build(tmp_path, "tabular"), "tabular")
    monkeypatch.chdir(tmp_path)
    run = CliRunner()
    done = run.invoke(cli.cli, ["posts", str(root)])
    file = here.private / "posts" / "week-05-customer-churn.md"
    assert done.exit_code == 0, done.output
    assert str(file) in done.output
    text = file.read_text(encoding="utf-8")
    assert text.count("\n## ") == 9
    assert "- Picture: reports/figures/result.png\n- Alt text: What result is" in text
    assert run.invoke(cli.cli, ["posts", str(root)]).output.count("week-06") == 1
    file.write_text(text + "mine\n", encoding="utf-8")
    again = run.invoke(cli.cli, ["posts", str(root), "--week", "5"])
    assert again.exit_code == 2
    assert "stays as it is" in again.output
    assert file.read_text(encoding="utf-8").endswith("mine\n")


def test_the_command_refuses_what_cannot_be_drafted(tmp_path, monkeypatch):
    make(tmp_path, "customer-churn")
    root = build(tmp_path, "tabular", ran=False)
    monkeypatch.chdir(tmp_path)
    run = CliRunner()
    for arguments, said in (
        (["--week", "5"], "has no results to write about"),
        (["--week", "9"], "another domain: nlp"),
        (["--week", "25"], "weeks 1 to 24"),
    ):
        done = run.invoke(cli.cli, ["posts", str(root), *arguments])
        assert done.exit_code == 2
        assert said in done.output


@pytest.mark.parametrize("tone", ["learning-in-public", "upskilling"])
def test_the_profile_kit_is_filled(tmp_path, monkeypatch, tone):
    here = make(tmp_path, "customer-churn", tone=tone)
    build(tmp_path, "tabular", ran=False)
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli.cli, ["posts", "--start"])
    assert done.exit_code == 0, done.output
    text = (here.private / "posts" / "start.md").read_text(encoding="utf-8")
    assert text.count("\n## ") == 5
    assert "anybody" not in text
    assert "Customer Churn" in text
    for used, limit in re.findall(r"\((\d+) of ([\d,]+)\)", text):
        assert int(used) <= int(limit.replace(",", ""))
