"""The kit stands alone: it imports nothing of a project, and no chapter's name is in it."""

import ast

import pytest
from support import KIT

MODULES = sorted(KIT.glob("*.py"))


@pytest.mark.parametrize("file", MODULES, ids=lambda file: file.stem)
def test_kit_imports_nothing_outside_itself(file):
    own = {module.stem for module in MODULES}
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            assert node.level == 1
            assert node.module is None or node.module in own
