"""`portfolio fetch`: projects by address, read from clones; offline is said and does no harm."""

from dataclasses import replace
from pathlib import Path

import pytest
from builder import build, commit
from click.testing import CliRunner

from portfolio import cli, git, workspace
from portfolio.workspace import Workspace


def portfolio(*args: str):
    return CliRunner().invoke(cli.cli, args)


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """The repository that stands for the one on the web."""
    root = build(tmp_path / "web" / "ada", "tabular", written=False)
    commit(root, "first")
    return root


@pytest.fixture
def here(tmp_path: Path, origin: Path, monkeypatch) -> Workspace:
    """A workspace that names it by its address; it is the current folder."""
    root = tmp_path / "wörk space"
    root.mkdir()
    made = Workspace(root, "Ada", "ada", projects=(origin.as_uri(),))
    workspace.save(made)
    monkeypatch.chdir(root)
    return made


def test_what_was_not_fetched_is_named_by_each_command(here):
    said = "an address that is not here yet: portfolio fetch"
    assert said in portfolio("status").output
    assert said in portfolio("roadmap").output
    for command in ("check", "posts", "interview", "resume"):
        done = portfolio(command)
        assert (done.exit_code, said in done.output) == (2, True)
        assert "There is no project yet" in done.output


def test_commands_read_the_clone(here, origin):
    done = portfolio("fetch")
    assert done.exit_code == 0, done.output
    clone = here.clone(origin.as_uri())
    assert clone == here.private / "clones" / "ada" / "customer-churn"
    assert "customer-churn: not ready" in portfolio("status").output
    assert "new ticks" in portfolio("roadmap").output
    assert "- [x] **the ladder on one data set**" in (here.root / "ROADMAP.md").read_text("utf-8")
    assert "nothing is half merged" in portfolio("check").output
    assert portfolio("posts", "--week", "5").exit_code == 0
    assert (here.private / "posts" / "week-05-customer-churn.md").is_file()


def test_fetching_again_brings_what_is_new(here, origin):
    assert portfolio("fetch").exit_code == 0
    (origin / "NEW.md").write_text("new\n", encoding="utf-8")
    commit(origin, "second")
    clone = here.clone(origin.as_uri())
    (clone / "README.md").write_text("changed here\n", encoding="utf-8")
    assert portfolio("fetch").exit_code == 0
    assert (clone / "NEW.md").is_file()
    assert git.ask(clone, "status", "--porcelain") == ""
    assert git.ask(clone, "rev-list", "--count", "HEAD") == "2", "the whole history"


def test_offline_it_says_so_and_keeps_what_it_has(here, origin):
    assert portfolio("fetch").exit_code == 0
    origin.rename(origin.with_name("gone"))
    done = portfolio("fetch")
    assert done.exit_code == 2
    assert f"{origin.as_uri()}: not to be had" in done.output
    assert "the clone stays as it was" in done.output
    assert "customer-churn: not ready" in portfolio("status").output


def test_a_folder_that_is_elsewhere_is_read_from_github(here, origin, monkeypatch):
    """As on GitHub's machine, which has the workspace alone."""
    workspace.save(replace(here, projects=(f"../somewhere/{origin.name}",)))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.{origin.parents[1].as_uri()}/.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "https://github.com/")
    assert portfolio("fetch").output == (
        f"https://github.com/ada/{origin.name}: {here.private / 'clones' / 'ada' / origin.name}\n"
    )
    assert "customer-churn: not ready" in portfolio("status").output
    assert portfolio("site", "build").exit_code == 0
    assert (here.root / "site" / "projects" / origin.name / "index.html").is_file()


def test_an_address_of_nothing_leaves_no_folder(here):
    away = (here.root / "none" / "such").as_uri()
    workspace.save(Workspace(**(vars(here) | {"projects": (away,)})))
    done = portfolio("fetch")
    assert done.exit_code == 2
    assert done.output.startswith(f"{away}: not to be had: ")
    assert done.output.count("\n") == 1
    assert not here.clone(away).exists()


def test_a_damaged_clone_is_not_taken_for_the_workspace(here):
    """Whose repository lies above it, and holds what the author has not committed yet."""
    commit(here.root)
    git.ask(here.root, "remote", "add", "origin", here.projects[0])
    mine = here.root / "portfolio.yaml"
    mine.write_text(mine.read_text("utf-8") + "# mine\n", encoding="utf-8")
    clone = here.clone(here.projects[0])
    clone.mkdir(parents=True)
    assert portfolio("fetch").exit_code == 0, "an empty folder is none yet"
    (clone / ".git" / "HEAD").unlink()
    done = portfolio("fetch")
    assert (done.exit_code, "not to be had" in done.output) == (2, True)
    assert mine.read_text("utf-8").endswith("# mine\n")


def test_a_clone_is_not_updated_by_the_template(here):
    assert portfolio("fetch").exit_code == 0
    done = portfolio("update")
    assert (done.exit_code, "There is no project yet" in done.output) == (2, True)


def test_without_addresses_there_is_nothing_to_fetch(here):
    workspace.save(Workspace(**(vars(here) | {"projects": ()})))
    done = portfolio("fetch")
    assert (done.exit_code, "Nothing to fetch" in done.output) == (0, True)


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("https://github.com/ada/churn.git", "ada/churn"),
        ("git@github.com:ada/churn.git", "ada/churn"),
        ("gh:ada/churn", "ada/churn"),
        ("https://x.org/../..", "private/clones"),
    ],
)
def test_a_clone_lies_in_the_private_folder(here, address, place):
    clone = here.clone(address)
    assert clone.as_posix().endswith(place)
    assert clone.is_relative_to(here.private)
