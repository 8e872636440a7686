"""Posts, the sheet of questions, and practice: filled with this project's own numbers."""

import doctest
import importlib.util
import re
import shutil
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from {{ cookiecutter.__package }} import portfolio
from {{ cookiecutter.__package }}.cli import main
from {{ cookiecutter.__package }}.config import load_config
from {{ cookiecutter.__package }}.errors import ProjectError
from {{ cookiecutter.__package }}.files import read_json, write_json
from {{ cookiecutter.__package }}.paths import Paths, Project, read_project
from {{ cookiecutter.__package }}.portfolio import filling, posts

ROOT = Path(__file__).resolve().parents[1]
FOLDER = Path(portfolio.__file__).parent
WEEKS = yaml.safe_load((FOLDER / "posts.yaml").read_text(encoding="utf-8"))["weeks"]
LIMITS = [posts.TWEET] * 7 + [posts.POST] * 2


def run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(root / "config.yaml"), *arguments])


def find_sheet(root: Path) -> Path:
    """The sheet of questions, which some keep out of git."""
    sheets = sorted((root / "docs").glob("*.md"))
    if not sheets:
        pytest.skip("there is no sheet in this checkout")
    return sheets[0]


def drafts(root: Path, week: int) -> list[posts.Draft]:
    """A week's drafts, before they are written."""
    config, paths, made = load_config(root / "config.yaml"), Paths(root), []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(posts, "_write", lambda file, found: made.extend(found))
        posts.write_week(config, paths, week)
    return made


def retune(root: Path, **settings: object) -> None:
    """Set keys of ``portfolio`` in the project's ``config.yaml``."""
    file = root / "config.yaml"
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    content["portfolio"] = settings
    file.write_text(yaml.safe_dump(content), encoding="utf-8")


# Posts.


@pytest.mark.parametrize("week", WEEKS)
def test_a_week_is_seven_tweets_and_two_posts_within_their_limits(project: Path, week: int):
    made = drafts(project, week)
    assert [draft.limit for draft in made] == LIMITS
    values = filling.project_facts(project / "reports") or {}
    values["repository"] = read_project(Paths(project)).repository
    parts = [*WEEKS[week]["tweets"], *WEEKS[week]["linkedin"]]
    for part, draft in zip(parts, made, strict=True):
        assert posts.length(draft.text) <= draft.limit
        whole = filling.plain(filling.fill(part["text"], values, "posts.yaml"))
        assert whole.strip() in draft.text  # nothing had to be cut
        assert not {"`", "{", "}"} & set(draft.text + draft.alt)
        assert bool(draft.picture) == bool(draft.alt)
        if draft.picture:
            assert (project / "reports" / "figures" / f"{draft.picture}.png").is_file()


def test_no_two_drafts_say_the_same(project: Path):
    texts = [part["text"] for week in WEEKS.values() for part in week["tweets"] + week["linkedin"]]
    assert len(set(texts)) == len(texts) == 9 * len(WEEKS)
    made = [draft.text for week in WEEKS for draft in drafts(project, week)]
    assert len(set(made)) == len(made)


@pytest.mark.parametrize("week", WEEKS)
def test_each_week_shows_a_chart_and_where_the_code_is(project: Path, week: int):
    made = drafts(project, week)
    for part in (made[:7], made[7:]):
        assert any(draft.picture for draft in part)
        assert any(read_project(Paths(project)).repository in draft.text for draft in part)


def test_numbers_of_the_sample_say_so(project: Path):
    for week, content in WEEKS.items():
        parts = [*content["tweets"], *content["linkedin"]]
        for part, draft in zip(parts, drafts(project, week), strict=True):
            measured = part["text"].replace("{repository}", "").count("{")
            assert ("synthetic sample" in draft.text) == bool(measured)


def test_numbers_of_real_data_do_not(own_project: Path):
    for file in (own_project / "reports").glob("*.json"):
        report = read_json(file)
        if "dataset" in report:
            report["dataset"] |= {"synthetic": False, "name": "real"}
            write_json(file, report)
    for week in WEEKS:
        assert not [d for d in drafts(own_project, week) if "synthetic sample" in d.text]


@pytest.mark.parametrize("tone", ["learning-in-public", "upskilling"])
def test_profile_kit_keeps_its_limits(
    own_project: Path, tone: str, monkeypatch: pytest.MonkeyPatch
):
    mine = Project("p", "What the shops of a town sell in winter", "Ada", "https://git.example/a")
    monkeypatch.setattr(posts, "read_project", lambda paths: mine)
    retune(own_project, tone=tone, tools=["Python", "SQL"])
    assert run(own_project, "posts", "--start").exit_code == 0
    text = (own_project / "posts" / "start.md").read_text(encoding="utf-8")
    assert "\u2026" not in text
    assert "Python, SQL" in text
    assert ("in public" in text) == (tone == "learning-in-public")
    long = replace(mine, title="Title \U0001f680 " * 20, author="Maria Fernanda " * 5)
    monkeypatch.setattr(posts, "read_project", lambda paths: long)
    (own_project / "posts" / "start.md").unlink()
    assert run(own_project, "posts", "--start").exit_code == 0
    text = (own_project / "posts" / "start.md").read_text(encoding="utf-8")
    assert text.count(mine.repository) == 2
    sizes = re.findall(r"\((\d+) of ([\d,]+)\)$", text, re.MULTILINE)
    assert len(sizes) == 5
    assert all(int(size) <= int(limit.replace(",", "")) for size, limit in sizes)


def test_hashtags_and_tone_come_from_the_settings(own_project: Path):
    retune(own_project, tone="upskilling", hashtags=["OnlyMine"])
    for draft in drafts(own_project, next(iter(WEEKS))):
        assert "#OnlyMine" in draft.text or posts.length(draft.text) > draft.limit - 11
        assert "in public" not in draft.text


def test_weeks_follow_each_other_and_your_edits_stay(own_project: Path):
    for week in WEEKS:
        shown = run(own_project, "posts")
        assert shown.exit_code == 0, shown.output
        assert f"posts/week-{week:02}.md" in shown.output
    assert "all have drafts" in run(own_project, "posts").stderr
    first = next(iter(WEEKS))
    file = own_project / "posts" / f"week-{first:02}.md"
    before = file.read_bytes()
    assert run(own_project, "posts", "--week", str(first)).exit_code == 0
    assert file.read_bytes() == before
    file.write_bytes(before + b"My own words\n")
    refused = run(own_project, "posts", "--week", str(first))
    assert (refused.exit_code, file.read_bytes()) == (2, before + b"My own words\n")
    assert "stays as it is" in refused.stderr


def test_drafts_need_no_network(own_project: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(*args: object, **named: object) -> None:
        raise AssertionError("a draft is never sent anywhere")

    monkeypatch.setattr(socket, "socket", refuse)
    assert run(own_project, "posts").exit_code == 0
    assert run(own_project, "posts", "--start").exit_code == 0


def test_unknown_week_and_missing_results_are_refused(fresh_project: Path):
    unknown = run(fresh_project, "posts", "--week", "99")
    assert unknown.exit_code == 2
    assert "Expected --week with one of" in unknown.stderr
    empty = run(fresh_project, "posts")
    assert empty.exit_code == 2
    assert "run `all` first" in empty.stderr
    assert not (fresh_project / "posts").exists()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("abc", 3),
        ("a\u0308", 1),
        ("see https://example.org/a/very/long/address/that/goes/on", 27),
        ("main.py", 23),
        ("MAIN.PY", 23),
        ("(https://example.org/a), and https://example.org.", 55),
        ("https://example.org\u65e5\u672c", 27),
        ("\u65e5\u672c", 4),
        ("\U0001f600", 2),
        ("\u201cquoted\u201d \u2026", 11),
    ],
)
def test_length_is_what_x_counts(text: str, expected: int):
    assert posts.length(text) == expected


def test_cut_text_keeps_its_link():
    link = "https://example.org/a"
    text = posts.compose("word " * 100 + link, 280, " (mark)")
    assert text.endswith(f"word\u2026 {link} (mark)")
    assert posts.length(text) <= 280


def test_long_text_is_cut_at_a_word_and_keeps_its_mark():
    text = posts.compose("word " * 100, 280, " (mark)", "opener", ("tag",))
    assert posts.length(text) <= 280
    assert text.endswith("word\u2026 (mark)")
    assert "opener" not in text


# The sheet of questions.


def test_unknown_fact_is_refused_with_the_known_ones():
    for text in ("{modle}", "{", "{0}", "{rows.none}"):
        with pytest.raises(ProjectError, match=r"^posts.yaml: .*Expected one of: model, rows"):
            filling.fill(text, {"model": "x", "rows": "3"}, "posts.yaml")


def test_every_fact_is_a_text_that_fits_into_a_sheet(project: Path):
    values = filling.project_facts(project / "reports")
    assert values
    for name, value in values.items():
        assert isinstance(value, str), name
        assert not {"\n", "[[["} & set(value), name
        assert value or name == "synthetic", name


def test_names_become_plain_outside_markdown():
    assert filling.plain("by `a` and `` b`c ``, **bold**") == "by a and b`c, bold"


def test_sheet_keeps_own_words_and_moves_with_the_tone(own_project: Path):
    sheet = find_sheet(own_project)
    text = sheet.read_text(encoding="utf-8")
    assert "Not filled yet" not in text
    sheet.write_text(text + "\nMy own words\n", encoding="utf-8")
    retune(own_project, tone="upskilling")
    assert f"wrote private/{sheet.name}" in run(own_project, "report").output
    moved = own_project / "private" / sheet.name
    assert not sheet.exists()
    assert moved.read_text(encoding="utf-8") == text + "\nMy own words\n"
    retune(own_project, tone="learning-in-public")
    assert run(own_project, "report").exit_code == 0
    assert sheet.read_text(encoding="utf-8") == text + "\nMy own words\n"


def test_sheet_never_overwrites_another(own_project: Path):
    sheet = find_sheet(own_project)
    (own_project / "private").mkdir()
    shutil.copy(sheet, own_project / "private")
    refused = run(own_project, "report")
    assert refused.exit_code == 2
    assert "there is one already" in refused.stderr
    assert sheet.exists()


@pytest.mark.parametrize("ignored", ["posts/week-01.md", "private/sheet.md", "data/practice.db"])
def test_drafts_stay_out_of_git(fresh_project: Path, ignored: str):
    git = ["git", "-C", str(fresh_project)]
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    subprocess.run([*git, "init", "-q"], check=True)
    shutil.copy(ROOT / ".gitignore", fresh_project)
    assert subprocess.run([*git, "check-ignore", "-q", ignored]).returncode == 0


# Practice.


def practise(root: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(root / "docs" / "practice.py")]
    return subprocess.run(command, capture_output=True, encoding="utf-8")


def test_every_question_has_an_answer(own_project: Path):
    done = practise(own_project)
    assert done.returncode == 0, done.stderr
    numbers = [int(number) for number in re.findall(r"^(\d+)\. .*\?", done.stdout, re.MULTILINE)]
    assert numbers == [*range(1, 8)]
    assert done.stdout.endswith("wrote data/practice.db\n")


def test_answers_fit_into_a_pipe_of_few_letters(own_project: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PYTHONIOENCODING", "ascii:strict")
    queries = "-- 1. What?\nSELECT 'caf\u00e9' AS word;\n"
    (own_project / "docs" / "queries.sql").write_text(queries, encoding="utf-8")
    done = practise(own_project)
    assert done.returncode == 0, done.stderr
    assert "caf?" in done.stdout


def test_exercises_hold_their_examples():
    place = importlib.util.spec_from_file_location("solutions", ROOT / "docs" / "solutions.py")
    assert place and place.loader
    solutions = importlib.util.module_from_spec(place)
    place.loader.exec_module(solutions)
    tests = [test for test in doctest.DocTestFinder().find(solutions) if test.examples]
    assert len(tests) == 3
    assert [doctest.DocTestRunner().run(test).failed for test in tests] == [0, 0, 0]


def test_wrong_sql_is_named(own_project: Path):
    (own_project / "docs" / "queries.sql").write_text("-- 1. What?\nSELECT nowhere;\n", "utf-8")
    refused = practise(own_project)
    assert refused.returncode == 2
    assert "question '1. What?': " in refused.stderr
    assert "no such column: nowhere" in refused.stderr


def test_practice_before_the_first_run_says_what_to_do(fresh_project: Path):
    refused = practise(fresh_project)
    assert refused.returncode == 2
    assert "run the `data` stage first" in refused.stderr
    assert not (fresh_project / "data" / "practice.db").exists()
