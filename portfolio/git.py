"""What git knows of a folder, and how it is asked."""

import re
import subprocess
from pathlib import Path

GITHUB = re.compile(r"github\.com[:/]([\w.-]+/[\w.-]+?)(?:\.git)?/?$")


def ask(folder: Path, *arguments: str) -> str | None:
    """What a git command prints; None where it fails, or there is no git or no repository."""
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.decode("utf-8", errors="replace").strip()


def repository(folder: Path) -> str | None:
    """OWNER/NAME of the folder's repository on GitHub; None where git knows of none."""
    found = GITHUB.search(ask(folder, "remote", "get-url", "origin") or "")
    return found[1] if found else None


def on_github(folder: Path) -> bool:
    """Whether the folder's README.md was pushed to a repository on GitHub, as far as git knows."""
    if not repository(folder):
        return False
    pushed = ask(folder, "for-each-ref", "--count=1", "--format=%(refname)", "refs/remotes/origin")
    return bool(pushed) and ask(folder, "cat-file", "-e", f"{pushed}:./README.md") is not None


def failure(folder: Path, *arguments: str) -> str:
    """Run a git command; return what went wrong, in a line, or nothing."""
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True)
    except OSError as error:
        return f"git: {error.strerror}"
    said = done.stderr.decode("utf-8", errors="replace").strip().splitlines()
    return (said or ["git says nothing"])[-1] if done.returncode else ""


def clone(address: str, folder: Path, *options: str) -> str:
    """Clone a repository into an empty folder; return what went wrong, in a line, or nothing."""
    return failure(folder, "clone", "--quiet", *options, "--", address, ".")
