"""What is checked in the documents, the results and the notebooks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

from .. import blocks
from ..documents import documents, refreshed
from ..errors import ProjectError
from ..files import read_json, read_text
from ..markdown import code
from ..paths import Paths
from . import prose

COMMAND = f"uv run {__package__.split('.')[0]}"
SECTIONS = ("In my own words", "What I learned", "Next steps")
QUESTIONS = (
    "Why this question?",
    "Why this data?",
    "Why this metric?",
    "Why this threshold?",
    "What was tried and dropped?",
    "Who used it, and what did they do?",
)
MAX_PICTURE = 500_000  # bytes
NOT_RUN = "was not run"
SHOWN = 6  # of what is wrong


@dataclass(frozen=True)
class Item:
    """One line of the answer: ``fail`` is for a machine to judge, ``warn`` for the author."""

    name: str
    status: Literal["pass", "warn", "fail"]
    reason: str
    remedy: str = ""


def item(name: str, wrong: list[str], good: str, remedy: str, broken: bool = False) -> Item:
    """``pass`` where nothing is wrong; else what is: ``fail`` where that breaks something."""
    if not wrong:
        return Item(name, "pass", good)
    more = [f"{len(wrong) - SHOWN} more"] if len(wrong) > SHOWN else []
    return Item(name, "fail" if broken else "warn", "; ".join([*wrong[:SHOWN], *more]), remedy)


def in_results(paths: Paths) -> Iterator[Item]:
    """Blocks say what the reports say, and the reports are about something real."""
    try:
        pairs = [(file.name, read_text(file), refreshed(file)) for file in documents(paths)]
        stale = [f"{name} differs from `reports/`" for name, then, now in pairs if then != now]
        yield item("blocks", stale, "match `reports/`", f"{COMMAND} report", broken=True)
    except ProjectError as error:
        said = " ".join(str(error).split())  # one line: it may stand in a table
        yield Item("blocks", "fail", said, f"mend it, then {COMMAND} report")
    try:
        dataset = read_json(paths.reports / "metrics.json")["dataset"]
        wrong = ["they come from the synthetic sample"] if dataset["synthetic"] else []
        good = f"they come from the data set {code(dataset['name'])}"
        yield item("results", wrong, good, f"{COMMAND} all --dataset NAME, one of config.yaml")
    except FileNotFoundError:
        yield Item("results", "warn", "nothing has run yet", f"{COMMAND} all")
    except (ValueError, KeyError, TypeError):
        yield Item("results", "fail", "`reports/metrics.json` is damaged", f"{COMMAND} all")


def in_model(paths: Paths) -> Iterator[Item]:
    """The published model is the one that the results are about."""
    models = paths.root / "models"
    if not (models / "current.txt").is_file():
        return
    try:
        version = read_text(models / "current.txt").strip()
        published = read_json(models / version / "metadata.json")["metrics"]
        scores = read_json(paths.reports / "metrics.json")["test"]
        same = published == {name: score["value"] for name, score in scores.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        same = False
    wrong = [] if same else ["`reports/metrics.json` is not about the model in `models/`"]
    yield item("model", wrong, "the results are about the published model", f"{COMMAND} all", True)


def in_readme(paths: Paths) -> Iterator[Item]:
    """The author's sections are written, and somebody can try it without installing it."""
    text = read_text(paths.root / "README.md")
    found = prose.sections(text)
    asked = (*SECTIONS, *QUESTIONS)
    empty = {name for name in asked if not prose.is_written(found.get(name, ("", ""))[1])}
    empty |= {name for name, (body, _) in found.items() if prose.PLACEHOLDER.search(body)}
    wrong = [f"“{name}” is empty" for name in sorted(empty - {*QUESTIONS})]
    yield item("words", wrong, "your sections are written", "README.md, under that heading")
    wrong = [f"“{name}” is open" for name in QUESTIONS if name in empty]
    yield item("decisions", wrong, "every question is answered", "README.md, under Decisions")
    if (paths.root / "api").is_dir():
        wrong = [] if prose.LIVE.search(text) else ["there is no live link"]
        yield item("live", wrong, "there is a live link", "README.md: **Live:** https://…")


def in_documents(paths: Paths) -> Iterator[Item]:
    """Documents are filled, and what they show and link to is there."""
    empty, unseen, dead = [], [], []
    for file in documents(paths):
        text = read_text(file)
        if file.name != "README.md" and re.search(r"\*(Not filled yet|Write here)", text):
            empty.append(f"{file.name} is not filled")
        for alt, target in prose.pictures(text):
            if not alt.strip():
                unseen.append(f"{file.name}: {code(target)} has no description")
            if size(file.parent / unquote(target)) > MAX_PICTURE:
                unseen.append(f"{code(target)} is above {MAX_PICTURE // 1000} kB")
        gone = [target for target in prose.links(text) if _is_gone(paths.root, file, target)]
        dead += [f"{file.name}: {code(target)} does not exist" for target in gone]
    if blocks.DOCUMENTS[1:]:
        yield item("card", empty, f"{', '.join(blocks.DOCUMENTS[1:])} is filled", f"{COMMAND} all")
    yield item("pictures", unseen, "described and small", "![what it shows](small file)", True)
    yield item("links", dead, "lead to files that exist", "the document that is named", True)


def in_notebooks(paths: Paths) -> Iterator[Item]:
    """Notebooks were run from top to bottom, without an error."""
    files = sorted((paths.root / "notebooks").glob("*.ipynb"))
    found = {file.name: state for file in files if (state := _state(file))}
    wrong = [f"{name} {state}" for name, state in found.items()]
    remedy = "make notebooks (the Makefile shows the command)"
    broken = not set(found.values()) <= {NOT_RUN}
    yield item("notebooks", wrong, "ran from top to bottom", remedy, broken)


def _state(notebook: Path) -> str:
    """What is wrong with a notebook, if anything is."""
    try:
        cells = [cell for cell in read_json(notebook)["cells"] if cell["cell_type"] == "code"]
        order = [cell["execution_count"] for cell in cells if "".join(cell["source"]).strip()]
        kinds = {output["output_type"] for cell in cells for output in cell["outputs"]}
    except (ValueError, KeyError, TypeError):
        return "is damaged"
    if "error" in kinds:
        return "shows an error"
    if order == list(range(1, len(order) + 1)):
        return ""
    return "was not run from top to bottom" if any(order) else NOT_RUN


def _is_gone(root: Path, file: Path, target: str) -> bool:
    """Whether a link names a place in this repository that does not exist."""
    if re.match(r"[a-zA-Z][\w+.-]*:|//", target):
        return False  # an address in the web
    place = (root if target.startswith("/") else file.parent) / unquote(target).lstrip("/")
    try:
        return place.resolve().is_relative_to(root.resolve()) and not place.exists()
    except (OSError, ValueError):  # no system has a file of such a name
        return True


def size(file: Path) -> int:
    """The bytes of a file; 0 where there is none, and where none can have such a name."""
    try:
        return file.stat().st_size if file.is_file() else 0
    except (OSError, ValueError):
        return 0
