"""The notebooks: made from their sources, valid whatever the answers, without code of their own."""

import ast
import importlib.util
import json
import sys
from pathlib import Path

import nbformat
import pytest
from markdown_it import MarkdownIt
from support import DOMAINS, ROOT, without_magic

SCRIPT = ROOT / "scripts" / "notebooks.py"
NAMES = [
    "Customer Churn",
    '"It\'s" {50 %} \\ off',
    "# *Not* `code` <b> _it_ & [a](b)",
    "مرحبا \u202eabc 👩\u200d🚀 é漢",
]


def load_script():
    """Import the maintainers' command."""
    spec = importlib.util.spec_from_file_location("notebooks", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


script = load_script()


def read(project: Path) -> dict[str, nbformat.NotebookNode]:
    """Return the notebooks of a project by name."""
    paths = sorted((project / "notebooks").glob("*.ipynb"))
    return {path.name: nbformat.read(path, as_version=4) for path in paths}


def code(notebook: nbformat.NotebookNode) -> list[str]:
    """Return the code cells, without the lines that IPython alone understands."""
    return [without_magic(cell.source) for cell in notebook.cells if cell.cell_type == "code"]


@pytest.mark.parametrize("domain", DOMAINS)
def test_notebooks_are_what_their_sources_make(domain: str) -> None:
    folder = ROOT / "templates" / domain / "notebooks"
    sources = [source for source in script.sources() if source.parent == folder]
    assert sources
    assert [source.name for source in sources if not script.is_fresh(source)] == []
    assert {path.stem for path in folder.iterdir()} == {source.stem for source in sources}
    for source in sources:
        text = source.with_suffix(".ipynb").read_bytes().decode("utf-8")
        assert text == script.make(source), "ids and layout as well, as the command wrote them"


def test_check_notices_a_changed_source_and_a_missing_notebook(
    tmp_path: Path, monkeypatch, capsys
) -> None:
    folder = tmp_path / "templates" / "one" / "notebooks"
    folder.mkdir(parents=True)
    source = folder / "01_a.py"
    source.write_text("# %% [markdown]\n# # Title\n\n# %%\n# %time\nprint(1)\n", encoding="utf-8")
    monkeypatch.setattr(script, "ROOT", tmp_path)
    run = [str(SCRIPT)]

    monkeypatch.setattr(sys, "argv", [*run, "--check"])
    assert script.main() == 1
    assert not source.with_suffix(".ipynb").exists()
    assert "templates/one/notebooks/01_a.ipynb" in capsys.readouterr().out.replace("\\", "/")
    monkeypatch.setattr(sys, "argv", run)
    assert script.main() == 0
    monkeypatch.setattr(sys, "argv", [*run, "--check"])
    assert script.main() == 0

    # Other names of cells make no difference, another letter does.
    made = source.with_suffix(".ipynb")
    notebook = json.loads(made.read_text(encoding="utf-8"))
    notebook["cells"][0]["id"] = "another-name"
    made.write_text(json.dumps(notebook), encoding="utf-8")
    assert script.main() == 0
    source.write_text(source.read_text(encoding="utf-8").replace("1", "2"), encoding="utf-8")
    assert script.main() == 1


def test_cells_keep_their_names_when_another_is_added(tmp_path: Path) -> None:
    source = tmp_path / "a.py"
    source.write_text("# %%\na = 1\n\n# %%\nb = 2\n", encoding="utf-8")
    before = [cell["id"] for cell in json.loads(script.make(source))["cells"]]
    source.write_text("# %%\nnew = 0\n\n# %%\na = 1\n\n# %%\nb = 2\n", encoding="utf-8")
    assert [cell["id"] for cell in json.loads(script.make(source))["cells"]][1:] == before


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("domain", DOMAINS)
def test_notebooks_are_valid_and_named(bake, domain: str, name: str) -> None:
    notebooks = read(bake(domain=domain, project_name=name, project_slug="a"))
    assert notebooks
    for notebook in notebooks.values():
        nbformat.validate(notebook)
        assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
        assert notebook.metadata.kernelspec.name == "python3"
        assert all(not cell.get("outputs") for cell in notebook.cells)
        tokens = MarkdownIt().parse(notebook.cells[0].source)
        title = "".join(part.content for part in tokens[1].children)
        assert tokens[0].tag == "h1"
        assert title.startswith(f"{name}: ")


@pytest.mark.parametrize("domain", DOMAINS)
def test_notebooks_import_their_code(bake, domain: str) -> None:
    package = "a_name_of_twenty_cha"
    for name, notebook in read(bake(domain=domain, package_name=package)).items():
        tree = ast.parse("\n".join(code(notebook)), name)
        definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        own = [node.name for node in ast.walk(tree) if isinstance(node, definitions)]
        lesson = name.startswith("00_")  # it teaches functions and classes
        assert own == [] or lesson, "functions and classes belong into src"
        modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert any(f"{module}.".startswith(f"{package}.") for module in modules)
