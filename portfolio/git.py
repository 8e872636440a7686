"""What git knows of a folder, and clones. Nothing here changes a repository that is there."""

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


def on_github(folder: Path) -> bool:
    """Whether the folder's README.md was pushed to a repository on GitHub, as far as git knows."""
    remote = ask(folder, "remote", "get-url", "origin") or ""
    if not GITHUB.search(remote):
        return False
    pushed = ask(folder, "for-each-ref", "--count=1", "--format=%(refname)", "refs/remotes/origin")
    return bool(pushed) and ask(folder, "cat-file", "-e", f"{pushed}:./README.md") is not None


def clone(address: str, folder: Path, *options: str) -> str:
    """Clone a repository into an empty folder; return what went wrong, in a line, or nothing."""
    command = ["git", "clone", "--quiet", *options, "--", address, str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace")
    except OSError as error:
        return f"git is not here: {error.strerror}"
    said = done.stderr.strip().splitlines() or ["git says nothing"]
    return said[-1] if done.returncode else ""
