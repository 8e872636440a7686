"""The workspace's file: what it may say, and how it is changed."""

import datetime
from dataclasses import fields, replace
from pathlib import Path

import pytest

from portfolio import workspace
from portfolio.workspace import Workspace, WorkspaceError

DAY = datetime.date(2025, 3, 31)


def make(root: Path, **values: object) -> Workspace:
    given = {"name": "Ada Ünal", "github_username": "ada-u", "first_day": DAY} | values
    made = Workspace(root, **given)
    workspace.save(made)
    return made


def write(root: Path, text: str) -> None:
    whole = f"name: Ada\ngithub_username: ada\nfirst_day: 2025-03-31\n{text}"
    (root / "portfolio.yaml").write_text(whole, encoding="utf-8")


def test_what_is_saved_is_read_again(tmp_path):
    made = make(
        tmp_path,
        contacts={"email": "ada@example.org", "site": "https://example.org/#: x"},
        track=12,
        tone="upskilling",
        hashtags=("Data", "Größe"),
        template="https://example.org/template.git",
        projects=("customer-churn", "../off: side", "https://example.org/x"),
    )
    assert workspace.read(tmp_path) == made
    text = (tmp_path / "portfolio.yaml").read_text(encoding="utf-8")
    assert text.count("#") > len(workspace.COMMENTS)
    assert [path.name for path in tmp_path.iterdir()] == ["portfolio.yaml"]


def test_every_key_has_a_comment_and_a_check():
    keys = {one.name for one in fields(Workspace)} - {"root"}
    assert keys == set(workspace.COMMENTS) == set(workspace.CHECKS)


def test_it_is_found_from_below(tmp_path):
    made = make(tmp_path)
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert workspace.find(tmp_path / "a" / "b") == made


def test_without_one_the_message_names_init(tmp_path):
    with pytest.raises(WorkspaceError, match="portfolio init"):
        workspace.find(tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("trak: 24", "unknown key `trak`; did you mean `track`"),
        ("track: 20", "track: should be 24 or 12; it is 20"),
        ("track: true", "track: should be 24 or 12"),
        ("tone: loud", "tone: should be one of: learning-in-public, upskilling"),
        ("currency: euro", "currency: should be three capital letters"),
        ("hashtags: [two words]", "hashtags: .*'two words'"),
        ("projects: {a: b}", "projects: should be a list"),
        ("projects: [1]", "projects: should be text"),
        ("contacts: me", "contacts: should be names and values"),
        ("a: [", "no YAML"),
        ("first_day: tomorrow", "first_day: should be a day"),
        ("first_day: 2025-02-30", "no YAML|first_day"),
        ("github_username: a b", "github_username: should be a name on GitHub"),
        ("name:", "`name` is missing"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(tmp_path, text, said):
    write(tmp_path, text)
    with pytest.raises(WorkspaceError, match=said) as error:
        workspace.read(tmp_path)
    assert str(tmp_path / "portfolio.yaml") in error.value.message
    assert "\n" not in error.value.message


@pytest.mark.parametrize(
    "text",
    [
        "projects: []  # none yet\n",
        "projects:\n",
        "projects: # these\n- one  # the first\n\n# the end\n",
        "projects:\n    # mine\n    - one  # the first\n# behind\ntone: upskilling\n",
        "projects: [one]\n",
        "# nothing of them\n",
        "projects: [one,\n  two]",
    ],
)
def test_a_project_is_added_and_every_comment_stays(tmp_path, text):
    write(tmp_path, "# my own remark\n" + text)
    before = workspace.read(tmp_path)
    more = workspace.add_project(before, "new: one")
    assert more.projects == (*before.projects, "new: one")
    assert workspace.read(tmp_path) == more
    after = (tmp_path / "portfolio.yaml").read_text(encoding="utf-8")
    for line in text.splitlines():
        remark = line.partition("#")[2]
        assert remark in after
    assert "# my own remark" in after
    assert workspace.add_project(more, "new: one") == more


def test_a_folder_is_added_as_seen_from_the_workspace(tmp_path):
    inside, outside = tmp_path / "ws" / "a b" / "churn", tmp_path / "elsewhere"
    for folder in (inside, outside):
        folder.mkdir(parents=True)
    more = workspace.add_project(make(tmp_path / "ws"), inside)
    more = workspace.add_project(more, outside)
    assert more.projects == ("a b/churn", outside.resolve().as_posix())
    assert list(more.folders()) == [tmp_path / "ws" / "a b" / "churn", outside.resolve()]
    assert list(workspace.add_project(more, "https://x.org/y").addresses()) == ["https://x.org/y"]


def test_each_value_can_change_alone(tmp_path):
    write(tmp_path, "# kept\ncontacts:\n  email: a@x.org  # mail\n# kept too\ntrack: 24  # slow\n")
    before = workspace.read(tmp_path)
    changes = {
        "contacts": {"site": "https://x.org"},
        "track": 12,
        "name": "Ada: the 2nd",
        "first_day": datetime.date(2025, 6, 1),
        "tools": ("SQL",),
    }
    workspace.save(replace(before, **changes))
    assert workspace.read(tmp_path) == replace(before, **changes)
    text = (tmp_path / "portfolio.yaml").read_text(encoding="utf-8")
    assert all(remark in text for remark in ("# kept\n", "# kept too\n", "# slow\n"))


def test_a_wrong_value_is_not_saved(tmp_path):
    made = make(tmp_path)
    with pytest.raises(WorkspaceError, match="currency"):
        workspace.save(replace(made, currency="money"))
    assert workspace.read(tmp_path) == made


def test_weeks_follow_from_the_first_day(tmp_path):
    made = make(tmp_path)
    assert [made.week(DAY + datetime.timedelta(days=d)) for d in (-1, 0, 6, 7)] == [0, 1, 1, 2]
    assert made.days(2) == (datetime.date(2025, 4, 7), datetime.date(2025, 4, 13))
