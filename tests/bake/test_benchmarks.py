"""The benchmarks take names from the projects: each must be there."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import DOMAIN_FILES, KIT, ROOT

PACKAGES = {folder.name: folder for folder in DOMAIN_FILES.glob("*/src/*") if folder.is_dir()}


def taken(script: Path) -> Iterator[tuple[str, str]]:
    """Each module of a project that a script names, and what it takes from there."""
    for node in ast.walk(ast.parse(script.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in PACKAGES:
            yield from ((str(node.module), alias.name) for alias in node.names)


def defined(module: Path) -> set[str]:
    """The names that a module defines or imports at its top."""
    names = set()
    for node in ast.parse(module.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in node.names}
        else:
            names |= {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    return names


SCRIPTS = [file for file in sorted((ROOT / "benchmarks").glob("*.py")) if any(taken(file))]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_what_a_benchmark_takes_is_there(script: Path) -> None:
    for module, name in taken(script):
        package, *rooms = module.split(".")
        root = KIT.parent if rooms[:1] == ["kit"] else PACKAGES[package]
        file = root.joinpath(*rooms[:-1], f"{rooms[-1]}.py") if rooms else root / f"{name}.py"
        assert file.is_file(), f"{script.name} imports {module}"
        assert not rooms or name in defined(file), f"{script.name} takes {name} from {module}"
