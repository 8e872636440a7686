"""What a command remembers of the learner, in the workspace's `private/`, which git ignores."""

import json
from pathlib import Path

from portfolio import workspace
from portfolio.contract import Json, read_json
from portfolio.errors import UserError
from portfolio.files import write_text
from portfolio.workspace import Workspace, WorkspaceError


def home(project: Path | None = None) -> Workspace:
    """The workspace of here, or else the one that a project lies in.

    Raises:
        WorkspaceError: there is none.
    """
    try:
        return workspace.find()
    except WorkspaceError:
        if project is None:
            raise
        return workspace.find(project)


def recall(file: Path) -> Json:
    """What was remembered; empty at first.

    Raises:
        ContractError: the file is no JSON.
    """
    return read_json(file, str(file)) or {}


def remember(file: Path, content: Json) -> None:
    """Write it whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    write_text(file, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def write_draft(file: Path, text: str, wanted: str) -> None:
    """Write a text that the learner may change, into folders that are made if need be.

    Raises:
        UserError: the file is there and says something else, so it is left as it is; `wanted`
            names what moving it away would give.
    """
    if file.exists() and file.read_bytes() != text.encode():
        raise UserError(
            f"{file} is there and says something else, so it stays as it is: move or delete it to "
            f"get {wanted}."
        )
    file.parent.mkdir(parents=True, exist_ok=True)
    write_text(file, text)
