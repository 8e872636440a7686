"""`portfolio update`: the template's improvements in a project that was made earlier."""

from dataclasses import dataclass
from pathlib import Path

import click

from portfolio import chosen, git, merge, rendering, template, workspace
from portfolio.contract import FIRST_EDITION, PACKAGES, Record, record_of
from portfolio.errors import UserError
from portfolio.merge import Step
from portfolio.new import is_terminal


@dataclass(frozen=True)
class Update:
    """What an update has done to a project."""

    origin: str
    before: str
    after: str
    steps: list[Step]


@click.command(help="Bring the template's improvements into PROJECT (that of here, or all).")
@click.argument("projects", nargs=-1, type=click.Path(path_type=Path), metavar="[PROJECT]...")
@click.option("--template", "address", help="Where the template is, if the project does not say.")
@click.option("--commit", help="The template's commit from which it came, if it does not say.")
@click.option("--checkout", help="Go to this commit, tag or branch, not to the newest commit.")
@click.option("--cloud", help="Deploy to this cloud from now on, or to `none`.")
def command(
    projects: tuple[Path, ...],
    address: str | None,
    commit: str | None,
    checkout: str | None,
    cloud: str | None,
) -> None:
    """Update the projects one after the other; one that cannot be updated stops no other."""
    failed = False
    for root in chosen.folders(projects, own=True):
        name = root.resolve().name
        try:
            done = update(root, address, commit, checkout, cloud)
            click.echo("\n".join(said(root, done)))
        except UserError as error:
            failed = True
            click.echo(f"{name}: not updated. {error.message}", err=True)
    if failed:
        raise SystemExit(UserError.exit_code)


def update(
    root: Path, address: str | None, commit: str | None, checkout: str | None, cloud: str | None
) -> Update:
    """Bring one project to another version of the template; nothing is committed.

    With ``cloud`` the answer to that question changes as well.

    Raises:
        UserError: it has no record of its origin, has changes that git does not know, or cannot
            follow the template. Nothing is changed then.
    """
    record = record_of(root)
    if record.answers.get("domain") not in PACKAGES:
        raise UserError(
            "Its record, .cruft.json, names no domain of the template: restore it from git."
        )
    _require_committed(root)
    origin = address or record.template or _asked_address(root)
    with rendering.clone(origin) as repository:
        before = _known(repository, commit or record.commit or _asked_commit(root, repository))
        after = _known(repository, checkout or "HEAD")
        _require_followed(record, rendering.questions(repository, after))
        old_one = rendering.render(repository, before, record.answers, record.template)
        wanted = record.answers | ({"cloud": cloud} if cloud else {})
        new_one = rendering.render(repository, after, wanted, origin)
        with old_one as old, new_one as new:
            steps = merge.plan(old, new, root)
            merge.apply(steps, new, root)
            answers = rendering.answers_of(new)
    rendering.write_record(root, answers, origin, after, checkout)
    (root / FIRST_EDITION).unlink(missing_ok=True)
    return Update(origin, before, after, steps)


def said(root: Path, done: Update) -> list[str]:
    """What was done, what is left to do, and what comes next."""
    name = root.resolve().name
    if not done.steps:
        return [f"{name}: up to date with {done.origin} ({done.after[:7]})."]
    gone = sum(step.content is None for step in done.steps)
    left = [step for step in done.steps if step.left]
    lines = [
        f"{name}: from {done.before[:7]} to {done.after[:7]} of {done.origin}: "
        f"{len(done.steps) - gone - len(left)} files new or changed, {gone} removed, "
        f"{len(left)} left to you."
    ]
    lines += [f"  {step.file}: {step.left}" for step in left]
    package = PACKAGES[record_of(root).answers["domain"]]
    return [
        *lines,
        f"Next: look at it by `git diff`, run `uv run {package} all`, and commit. To go back: "
        "`git restore . && git clean -d -i`.",
        "Where `data` stops now at a data set that ran before, it was misread in silence: the "
        "message says what to write in config.yaml, and docs/own-data.md what each key means.",
    ]


def _require_committed(root: Path) -> None:
    if not git.ask(root, "ls-files", "--", "."):
        raise UserError(
            f"Nothing of it is in git, so nothing could be undone: in {root.resolve()} run "
            '`git init`, `git add .`, `git commit -m "Before the update"`, then update again.'
        )
    changed = git.ask(root, "status", "--porcelain", "--untracked-files=no", "--", ".")
    if changed:
        files = ", ".join(line.split(maxsplit=1)[1] for line in changed.splitlines()[:5])
        raise UserError(f"It has changes that are not committed ({files}): commit them first.")


def _require_followed(record: Record, questions: dict[str, object]) -> None:
    """Refuse a project whose author chose the package's name, where the template no longer asks."""
    domain = str(record.answers["domain"])
    own, now = record.answers.get("package_name"), PACKAGES[domain]
    if own and own != now and "package_name" not in questions:
        raise UserError(
            f"Its package is called {own}, by an answer to the older template; the template now "
            f"calls it {now} in every project and cannot follow. Rename src/{own} and its imports "
            f"to {now}, set package_name in .cruft.json or {FIRST_EDITION} to {now}, commit, and "
            "update again; or leave the project as it is."
        )


def _known(repository: Path, commit: str) -> str:
    """The whole name of a commit, tag or branch.

    Raises:
        UserError: the template's repository has none of that name.
    """
    for name in (commit, f"origin/{commit}"):
        found = git.ask(repository, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        if found:
            return found
    raise UserError(
        f"The template has no commit {commit}. If the project came from another one, name it by "
        "--template; the commit from which it came, by --commit."
    )


def _asked_address(root: Path) -> str:
    """The template's address, where the project does not know it."""
    try:
        known = workspace.find(root).template
    except UserError:
        known = None
    proposed = known or template.address()
    if is_terminal():
        return click.prompt(f"{root.resolve().name}: address of its template", default=proposed)
    if known:
        return known
    raise UserError("It does not know its template: name the address by --template.")


def _asked_commit(root: Path, repository: Path) -> str:
    """The template's commit from which a project came, where it does not know it."""
    days = (git.ask(root, "log", "--reverse", "--format=%cI", "--", ".") or "").split()
    near = days and git.ask(repository, "rev-list", "-1", f"--before={days[0]}", "HEAD")
    if is_terminal():
        question = f"{root.resolve().name}: commit of the template from which it came"
        return click.prompt(question, default=near and near[:12] or None)
    hint = f" The newest one before the project's first commit is {near[:12]}." if near else ""
    raise UserError(f"It does not know its template's commit: name it by --commit.{hint}")
