"""The notebooks: made from their sources, valid, without code of their own."""

import ast
import json
import sys
from pathlib import Path

import nbformat
import pytest
from markdown_it import MarkdownIt
from support import DOMAIN_FILES, DOMAINS, ROOT, load, without_magic

script = load(ROOT / "scripts" / "notebooks.py")


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
    assert sources == sorted(folder.iterdir())
    made = [script.target(source) for source in sources]
    assert made == sorted((DOMAIN_FILES / domain / "notebooks").iterdir())
    for source in sources:
        text = script.target(source).read_bytes().decode("utf-8")
        assert text == script.make(source), "layout as well, as the command wrote it"


def test_check_notices_a_changed_source_and_a_missing_notebook(
    tmp_path: Path, monkeypatch, capsys
) -> None:
    folder = tmp_path / "templates" / "one" / "notebooks"
    folder.mkdir(parents=True)
    source = folder / "01_a.py"
    source.write_text("# %% [markdown]\n# # Title\n\n# %%\n# %time\nprint(1)\n", encoding="utf-8")
    monkeypatch.setattr(script, "ROOT", tmp_path)
    run = [script.__file__]

    monkeypatch.setattr(sys, "argv", [*run, "--check"])
    assert script.main() == 1
    made = script.target(source)
    assert not made.exists()
    assert "domains/one/notebooks/01_a.ipynb" in capsys.readouterr().out.replace("\\", "/")
    monkeypatch.setattr(sys, "argv", run)
    assert script.main() == 0
    monkeypatch.setattr(sys, "argv", [*run, "--check"])
    assert script.main() == 0

    # Other names of cells make no difference, another letter does.
    notebook = json.loads(made.read_text(encoding="utf-8"))
    notebook["cells"][0]["id"] = "another-name"
    made.write_text(json.dumps(notebook), encoding="utf-8")
    assert script.main() == 0
    source.write_text(source.read_text(encoding="utf-8").replace("1", "2"), encoding="utf-8")
    assert script.main() == 1


def test_cells_keep_their_names(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(script, "ROOT", tmp_path)
    source = tmp_path / "templates" / "one" / "notebooks" / "a.py"
    source.parent.mkdir(parents=True)
    source.write_text("# %%\na = 1\n\n# %%\nb = 2\n", encoding="utf-8")
    first = json.loads(script.make(source))
    assert first == json.loads(script.make(source)), "new cells are named by their content"
    first["cells"][1]["id"] = "as-it-was"
    script.target(source).parent.mkdir(parents=True)
    script.target(source).write_text(json.dumps(first), encoding="utf-8")
    source.write_text("# %%\nnew = 0\n\n# %%\na = 1\n\n# %%\nb = 2\n", encoding="utf-8")
    added, *kept = [cell["id"] for cell in json.loads(script.make(source))["cells"]]
    assert kept == [first["cells"][0]["id"], "as-it-was"]
    assert added not in kept


@pytest.mark.parametrize("domain", DOMAINS)
def test_notebooks_are_valid_and_without_outputs(bake, domain: str) -> None:
    notebooks = read(bake(domain=domain))
    assert notebooks
    for notebook in notebooks.values():
        nbformat.validate(notebook)
        assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
        assert notebook.metadata.kernelspec.name == "python3"
        assert all(not cell.get("outputs") for cell in notebook.cells)
        assert MarkdownIt().parse(notebook.cells[0].source)[0].tag == "h1"


@pytest.mark.parametrize("domain", DOMAINS)
def test_notebooks_import_their_code(bake, domain: str) -> None:
    project = bake(domain=domain)
    (package,) = [path.name for path in (project / "src").iterdir()]
    for name, notebook in read(project).items():
        tree = ast.parse("\n".join(code(notebook)), name)
        modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert any(f"{module}.".startswith(f"{package}.") for module in modules)
