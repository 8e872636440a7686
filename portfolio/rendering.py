"""Projects as the template makes them: now, or at one of its commits.

The record is that of cruft, so that `cruft update` works on a project as well. What is needed of
cruft itself are these lines over cookiecutter: it knows no address but the one that it clones.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from portfolio import git
from portfolio.errors import UserError
from portfolio.files import read_text, write_text

RECORD = ".cruft.json"
Origin = tuple[str | None, str | None]


@contextmanager
def clone(address: str) -> Iterator[Path]:
    """The template's repository with all of its commits, in a folder for a while.

    Raises:
        UserError: it cannot be had from that address.
    """
    whole = expanded(address)
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        if wrong := git.clone(whole, Path(folder)):
            raise UserError(
                f"The template cannot be had from {whole} ({wrong}). Name another address or "
                "folder by --template."
            )
        yield Path(folder)


def expanded(address: str) -> str:
    """An address as git takes it, where it is one that only cookiecutter knows, like `gh:me/it`."""
    from cookiecutter.config import BUILTIN_ABBREVIATIONS
    from cookiecutter.repository import expand_abbreviations

    return expand_abbreviations(address, BUILTIN_ABBREVIATIONS)


@contextmanager
def render(
    repository: Path, commit: str, answers: Mapping[str, object], address: str | None = None
) -> Iterator[Path]:
    """A project by these answers as a commit of the template makes it, in a folder for a while.

    `address` is where the template is known to be, which the project may name.

    Raises:
        UserError: the repository has no template at that commit, or it refuses the answers.
    """
    with TemporaryDirectory(ignore_cleanup_errors=True) as source:
        questions(repository, commit)  # raises where it is no template
        git.clone(str(repository), Path(source), "--shared", "--no-checkout")
        git.ask(Path(source), "checkout", "--quiet", "--detach", commit)
        # Right below the folder for temporary files the template's hook prints no next steps.
        with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            try:
                made = make(Path(source), answers, (address, commit), Path(folder))
            except UserError as error:
                raise UserError(
                    f"Commit {commit[:7]} of the template makes no project by the answers in "
                    f"{RECORD}: {error.message}"
                ) from error
            yield made


def make(source: Path, answers: Mapping[str, object], origin: Origin, folder: Path) -> Path:
    """A project by these answers in a new folder below `folder`; a missing answer is the default.

    `origin` is what the record is to say: the template's address and commit, None if unknown.

    Raises:
        UserError: the template does not offer an answer, or refuses it.
    """
    from cookiecutter.exceptions import CookiecutterException
    from cookiecutter.generate import generate_files
    from cookiecutter.prompt import render_variable
    from cookiecutter.utils import create_env_with_context

    asked = json.loads(read_text(source / "cookiecutter.json"))
    asked.pop("__prompts__", None)
    env, context = create_env_with_context({"cookiecutter": asked}), {}
    for key, raw in asked.items():
        if key.startswith("_") and not key.startswith("__"):
            context[key] = raw
        elif key in answers and not key.startswith("_"):
            if isinstance(raw, list) and answers[key] not in raw:
                raise UserError(f"{key} {answers[key]!r} should be one of: {', '.join(raw)}")
            context[key] = answers[key]
        else:
            context[key] = render_variable(env, raw[0] if isinstance(raw, list) else raw, context)
    whole = {"cookiecutter": context | {"_template": origin[0]}}
    try:
        made = Path(generate_files(str(source), whole, str(folder)))
    except CookiecutterException as error:
        raise UserError(str(getattr(error, "message", error))) from error
    public = {key: answer for key, answer in context.items() if not key.startswith("_")}
    write_record(made, public, *origin)
    return made


def write_record(
    project: Path,
    answers: Mapping[str, object],
    address: str | None,
    commit: str | None,
    checkout: str | None = None,
) -> None:
    """Write the one record of a project's origin."""
    content = {"template": address, "commit": commit, "checkout": checkout}
    content |= {"context": {"cookiecutter": answers}, "directory": None}
    write_text(project / RECORD, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def answers_of(rendered: Path) -> dict[str, object]:
    """The answers by which a project was rendered, those to new questions among them."""
    return json.loads(read_text(rendered / RECORD))["context"]["cookiecutter"]


def questions(repository: Path, commit: str) -> dict[str, object]:
    """What the template asks at a commit.

    Raises:
        UserError: there is no template.
    """
    text = git.ask(repository, "show", f"{commit}:cookiecutter.json")
    if text is None:
        raise UserError(f"Commit {commit[:7]} has no cookiecutter.json: it is no template.")
    return json.loads(text)
