"""Whether a project prepares its data as our modules do: by the code of a module of its own."""

import ast
import hashlib

from portfolio.contract import Project
from portfolio.errors import UserError
from portfolio.files import read_text

UNSAID = ("ctx", "kind", "type_comment", "type_params")


def require(project: Project, module: str, mark: str) -> None:
    """Refuse a project whose module was changed, or made by an older or a newer template.

    Raises:
        UserError: what the module does is not what our own does.
    """
    name = f"src/{project.package}/{module}"
    file = project.root / name
    if not file.is_file() or fingerprint(read_text(file), name) != mark:
        raise UserError(
            f"{project.name}/{name} is not the template's, so that the demo might answer "
            "otherwise than the project; where it is an older template's, `portfolio update` it "
            "and publish again."
        )


def fingerprint(code: str, shown: str) -> str:
    """A mark of what a module does: another one where more than comments and documents differ.

    Raises:
        UserError: it is no Python.
    """
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError) as error:
        raise UserError(f"{shown}: no Python ({error}).") from error
    for node in ast.walk(tree):
        documented = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        if documented and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return hashlib.sha256(repr(_shape(tree)).encode()).hexdigest()[:12]


def _shape(node: object) -> object:
    """A tree as nested lists; `ast.dump` says more, and other things in other Pythons."""
    if isinstance(node, list):
        return [_shape(one) for one in node]
    if not isinstance(node, ast.AST):
        return node
    fields = [(name, _shape(value)) for name, value in ast.iter_fields(node) if value]
    return [type(node).__name__, *(one for one in fields if one[0] not in UNSAID)]
