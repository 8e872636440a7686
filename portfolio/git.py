"""What git knows of a folder. Nothing here changes a repository."""

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
