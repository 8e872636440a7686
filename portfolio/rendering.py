"""Projects as the template makes them at one of its commits. All that is used of cruft is here.

cruft's last release is of December 2024: what replaces it one day has to do these two things.
"""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from portfolio import git
from portfolio.errors import UserError


@contextmanager
def clone(address: str) -> Iterator[Path]:
    """The template's repository with all of its commits, in a folder for a while.

    Raises:
        UserError: it cannot be had from that address.
    """
    from cookiecutter.config import BUILTIN_ABBREVIATIONS
    from cookiecutter.repository import expand_abbreviations

    whole = expand_abbreviations(address, BUILTIN_ABBREVIATIONS)
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        command = ["git", "clone", "--quiet", whole, folder]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace")
        if done.returncode:
            said = (done.stderr.strip().splitlines() or ["git says nothing"])[-1]
            raise UserError(
                f"The template cannot be had from {whole} ({said}). Name another address or "
                "folder by --template."
            )
        yield Path(folder)


@contextmanager
def render(repository: Path, commit: str, answers: Mapping[str, object]) -> Iterator[Path]:
    """A project by these answers as a commit of the template makes it, in a folder for a while.

    Raises:
        UserError: the repository has no template at that commit, or it refuses the answers.
    """
    import cruft
    from cookiecutter.exceptions import CookiecutterException

    # Right below the folder for temporary files the template's hook prints no next steps.
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        try:
            made = cruft.create(
                str(repository),
                output_dir=Path(folder),
                default_config=True,
                extra_context={key: answers[key] for key in answers if key[0] != "_"},
                checkout=commit,
            )
        except (CookiecutterException, cruft.exceptions.CruftError, ValueError) as error:
            message = getattr(error, "message", error)
            raise UserError(
                f"Commit {commit[:7]} of the template makes no project by the answers in "
                f".cruft.json: {message}"
            ) from error
        yield made


def answers_of(rendered: Path) -> dict[str, object]:
    """The answers by which a project was rendered, those to new questions among them."""
    content = json.loads((rendered / ".cruft.json").read_text(encoding="utf-8"))
    answers = content["context"]["cookiecutter"]
    return {key: answers[key] for key in answers if not key.startswith("_")}


def questions(repository: Path, commit: str) -> dict[str, object]:
    """What the template asks at a commit.

    Raises:
        UserError: there is no template.
    """
    text = git.ask(repository, "show", f"{commit}:cookiecutter.json")
    if text is None:
        raise UserError(f"Commit {commit[:7]} has no cookiecutter.json: it is no template.")
    return json.loads(text)
