"""The template of this very version: where it lies, and by which address and commit it is known."""

import json
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from portfolio import git

PACKAGE = "ml-portfolio-template"


def folder() -> Path:
    """The folder with `cookiecutter.json`: inside the installed package, or the clone's root."""
    packed = Path(__file__).parent / "_template"
    return packed if packed.is_dir() else Path(__file__).parents[1]


def address() -> str | None:
    """Where the template can be had from; None where that is not known."""
    vcs = _origin().get("vcs_info")
    return _origin()["url"] if vcs else clone() and git.ask(clone(), "remote", "get-url", "origin")


def commit() -> str | None:
    """The template's commit; None where that is not known."""
    vcs = _origin().get("vcs_info")
    return vcs["commit_id"] if vcs else clone() and git.ask(clone(), "rev-parse", "HEAD")


@cache
def clone() -> Path | None:
    """The clone that this runs from, or was installed from; None where there is none."""
    here = folder()
    if here.name == "_template":
        url = urlsplit(_origin().get("url", ""))
        here = Path(url2pathname(url.path)) if url.scheme == "file" else None
    return here if here and (here / ".git").exists() else None


@cache
def _origin() -> dict:
    """What the installer wrote down (PEP 610); empty where it wrote nothing."""
    try:
        text = distribution(PACKAGE).read_text("direct_url.json")
    except PackageNotFoundError:
        return {}
    return json.loads(text) if text else {}
