"""One domain's project, installed once, on which `all` has run on the data it starts with."""

import pytest
from hostile import World, small_world
from installed import Project, install
from learner import Learner, settle
from support import DOMAINS

from portfolio import contract


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a process have the tests of some domains alone."""
    parser.addoption("--domain", action="append", choices=DOMAINS, help="only these domains")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test for each domain that it is about; see the markers `only` and `slow_in`."""
    if "domain" in metafunc.fixturenames:
        wanted = metafunc.config.getoption("--domain") or DOMAINS
        only = metafunc.definition.get_closest_marker("only")
        chosen = [name for name in DOMAINS if name in wanted and (not only or name in only.args)]
        late = metafunc.definition.get_closest_marker("slow_in")
        slow = {name: [pytest.mark.slow] for name in (late.args if late else ())}
        params = [pytest.param(name, marks=slow.get(name, ())) for name in chosen]
        metafunc.parametrize("domain", params, scope="session")


@pytest.fixture(scope="session")
def learner(tmp_path_factory) -> Learner:
    """A learner with a workspace of the 24-week track."""
    return settle(tmp_path_factory.mktemp("learner"), "24")


@pytest.fixture(scope="session")
def clone(domain: str, learner: Learner) -> Project:
    """A domain's project as a learner has it after the first commit, with all it declares."""
    learner.portfolio("new", domain)
    made = (file.parent for file in learner.workspace.glob("*/.cruft.json"))
    return install(next(one for one in made if contract.load(one).domain == domain))


# Training on thousands of films takes minutes: here imaging runs on its sample, and on the films in
# the tier of services (test_rungs.py).
EVERYTHING = {"cv": ("all", "--dataset", "sample")}


@pytest.fixture(scope="session")
def everything(domain: str) -> tuple[str, ...]:
    """The command that runs all stages on the data set of these tests."""
    return EVERYTHING.get(domain, ("all",))


@pytest.fixture(scope="session")
def project(clone: Project, everything: tuple[str, ...]) -> Project:
    """The same after `all`, committed. Tests read it, or work on copies."""
    clone.run(clone.command, *everything)
    clone.git("add", "-A")
    clone.git("commit", "-q", "-m", "Add results")
    return clone


@pytest.fixture(scope="session")
def small_yesterday(project: Project, tmp_path_factory) -> World:
    """A small copy that trains in seconds and ran well yesterday, under git; tests hurt copies."""
    return small_world(project, tmp_path_factory.mktemp("small wörld of all") / "yesterday")
