"""Programs from npm that tests run."""

import atexit
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import pytest


@cache
def npm_install(package: str) -> Path:
    """The folder in which a package is installed, once; without npm the test skips."""
    if not (npm := shutil.which("npm")):
        pytest.skip("no npm: install Node.js")
    folder = tempfile.mkdtemp(prefix="npm-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    quiet = ["--silent", "--no-audit", "--no-fund", "--prefix", folder]
    subprocess.run([npm, "install", *quiet, package], check=True, timeout=600)
    return Path(folder)
