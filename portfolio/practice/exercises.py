"""Judging an answer in Python by its results, in a process that is stopped after a while."""

import json
import subprocess
import sys
from pathlib import Path

from portfolio.practice import child
from portfolio.practice.questions import Task

LIMIT = 10.0  # seconds


def difference(task: Task, file: Path, limit: float = LIMIT) -> str:
    """In what the function of a file differs from the right one; empty where it does not."""
    asked = {"name": task.title, "file": str(file), "right": task.answer, "cases": task.cases}
    try:
        done = subprocess.run(
            [sys.executable, "-I", child.__file__],
            input=json.dumps(asked),
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=limit,
        )
    except subprocess.TimeoutExpired:
        return f"Not done within {limit:g} seconds: is there a loop that does not end?"
    try:
        return _said(json.loads(done.stdout))
    except ValueError:
        return f"The answer ended its own process (exit code {done.returncode})."


def _said(reply: dict[str, str | None]) -> str:
    lines = [f"Case: {reply['case']}"] if reply.get("case") else []
    if "error" in reply:
        lines.append(f"Error: {reply['error']}")
    elif "got" in reply:
        lines += [f"Expected: {reply['expected']}", f"Got: {reply['got']}"]
    if lines and reply["printed"]:
        lines.append(f"It printed:\n{reply['printed'].rstrip()}")
    return "\n".join(lines)
