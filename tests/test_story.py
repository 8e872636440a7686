"""What the project's posts and its sheet of questions may say, and where."""

import re
from pathlib import Path

import pytest
import yaml
from support import DOMAINS, PROMPTS, TREE, files

# Whoever chose the tone `upskilling` has no file in git that speaks of looking for work. This
# list stands here and not in the project, where it would do just that.
WORK = re.compile(
    r"""\b(
        interview\w* | recruit\w* | hir(e|es|ed|ing) | employer\w* | careers? | vacanc\w+
        | salar(y|ies) | r[ée]sum[ée]s? | curriculum\ vitae | CVs?
        | job[ -](hunt|search|seek|market|offer|title|appl)\w*
        | (looking|searching)\ for\ (a\ )?(new\ )?(job|work|role|position)
        | open\ to\ (work|roles?|opportunit\w+) | next\ (job|role|position)
    )\b""",
    re.VERBOSE | re.IGNORECASE,
)
SHEET = "docs/interview.md"  # `report` moves it out of git in that tone


@pytest.fixture(params=DOMAINS)
def project(request, bake) -> Path:
    """Return each domain's project in turn."""
    return bake(domain=request.param)


def drafts(project: Path, name: str) -> dict:
    """Return a file of drafts as it stands in a project."""
    file = next(project.glob(f"src/*/portfolio/{name}.yaml"))
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def test_no_file_in_git_speaks_of_looking_for_work(project: Path) -> None:
    found = {}
    for name, path in files(project).items():
        if name != SHEET and path.suffix != ".png":
            text = re.sub(r"\bcv\b", "", f"{name}\n{path.read_text(encoding='utf-8')}")
            if hits := WORK.search(text):
                found[name] = hits[0]
    assert found == {}
    assert WORK.search((project / SHEET).read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "text", ["I am open to work", "Hiring?", "my career", "job-hunting", "for interviews", "my CV"]
)
def test_word_list_finds(text: str) -> None:
    assert WORK.search(text)


@pytest.mark.parametrize("text", ["n_jobs=-1", "jobs:", "four CI jobs", "resumed", "a shire"])
def test_word_list_passes(text: str) -> None:
    assert not WORK.search(text)


def test_every_week_of_the_roadmap_has_its_drafts(project: Path, request) -> None:
    domain = request.node.callspec.params["project"]
    first, last = re.search(r"weeks (\d+)-(\d+)", PROMPTS["__prompts__"]["domain"][domain]).groups()
    weeks = drafts(project, "posts")["weeks"]
    assert list(weeks) == list(range(int(first), int(last) + 1))
    for content in weeks.values():
        assert (len(content["tweets"]), len(content["linkedin"])) == (7, 2)
        for part in [*content["tweets"], *content["linkedin"]]:
            assert set(part) <= {"text", "picture", "alt"}
            assert ("picture" in part) == ("alt" in part)


def test_every_week_tells_of_a_failure_a_chart_and_money(project: Path) -> None:
    failure = re.compile("failure|mistake|miss|mislead|cannot|not ship|finds nothing|worst", re.I)
    for week, content in drafts(project, "posts")["weeks"].items():
        parts = [*content["tweets"], *content["linkedin"]]
        texts = [part["text"] for part in parts]
        assert any(failure.search(text) for text in texts), week
        assert any(re.search(r"\{(headline|saving|gain)\}", text) for text in texts), week
        assert sum("picture" in part for part in parts) >= 2, week
        assert sum("{repository}" in text for text in texts) >= 3, week


def test_both_tones_have_the_same_parts(project: Path) -> None:
    start = drafts(project, "start")
    tones = ["learning-in-public", "upskilling"]
    assert list(start["openers"]) == tones
    titles = [[part["title"] for part in start[tone]] for tone in tones]
    assert titles[0] == titles[1]
    assert len(titles[0]) == 5


def test_posts_promise_no_past_that_the_author_did_not_have(project: Path) -> None:
    # Drafts are of what the project measured; what its author felt or did is the author's to say.
    text = " ".join(
        part["text"]
        for week in drafts(project, "posts")["weeks"].values()
        for part in [*week["tweets"], *week["linkedin"]]
    )
    assert not re.search(r"\b(yesterday|last (week|year)|I (was|felt|spent|struggled))\b", text)


def test_tree_has_the_sheet_for_every_domain(project: Path) -> None:
    text = (project / SHEET).read_text(encoding="utf-8")
    assert text.count("[[[cog") == text.count("[[[end]]]") == text.count("Not filled yet") >= 10
    assert (TREE / SHEET).is_file()
