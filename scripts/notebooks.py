"""Make the notebooks that users get from their sources in percent format.

python scripts/notebooks.py            writes domains/<domain>/notebooks/*.ipynb,
                                       from templates/<domain>/notebooks/*.py
python scripts/notebooks.py --check    writes nothing; exits 1 when one is out of date
"""

import argparse
import hashlib
import sys
from pathlib import Path

import jupytext
import nbformat

ROOT = Path(__file__).resolve().parents[1]
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def sources() -> list[Path]:
    """Return the sources of all domains' notebooks."""
    return sorted(ROOT.glob("templates/*/notebooks/*.py"))


def target(source: Path) -> Path:
    """Return where the notebook of a source lies: with the domain's other files."""
    domain = source.parents[1].name
    return ROOT / "domains" / domain / "notebooks" / f"{source.stem}.ipynb"


def make(source: Path) -> str:
    """Return the text of a source's notebook: without outputs, the same at each run."""
    read = jupytext.read(source, fmt="py:percent")
    names = cell_names(target(source))
    cells = [
        nbformat.from_dict(
            {
                # Cells keep their names, and new ones are named by their content: the update of
                # a project touches those alone that have changed.
                "id": names.get(cell.source, hashlib.sha256(cell.source.encode()).hexdigest()[:8]),
                "cell_type": cell.cell_type,
                "metadata": {},
                "source": cell.source,
            }
            | ({"execution_count": None, "outputs": []} if cell.cell_type == "code" else {})
        )
        for cell in read.cells
    ]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=METADATA, nbformat_minor=5)
    nbformat.validate(notebook)
    return nbformat.writes(notebook).rstrip("\n") + "\n"


def cell_names(made: Path) -> dict[str, str]:
    """Return the names that the cells of a notebook have by now, by what is in them."""
    if not made.is_file():
        return {}
    return {cell.source: cell.id for cell in nbformat.read(made, as_version=4).cells}


def content(text: str) -> dict:
    """Return a notebook's content without the names of its cells."""
    notebook = nbformat.reads(text, as_version=4)
    for cell in notebook.cells:
        cell.pop("id", None)
    return notebook


def is_fresh(source: Path) -> bool:
    """Return whether the notebook of a source is what the source makes."""
    made = target(source)
    return made.is_file() and content(made.read_text(encoding="utf-8")) == content(make(source))


def main() -> int:
    """Write all notebooks, or check them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="exit 1 when one is out of date")
    if not parser.parse_args().check:
        for source in sources():
            made = target(source)
            made.parent.mkdir(parents=True, exist_ok=True)
            made.write_text(make(source), encoding="utf-8", newline="\n")
        return 0
    stale = [target(source) for source in sources() if not is_fresh(source)]
    for path in stale:
        print(f"{path.relative_to(ROOT)} is out of date: run python scripts/notebooks.py")
    return int(bool(stale))


if __name__ == "__main__":
    sys.exit(main())
