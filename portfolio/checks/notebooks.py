"""Notebooks: run from top to bottom without an error, on the data that the results are about."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from portfolio.checks.item import Item, command, item
from portfolio.contract import Project
from portfolio.files import read_text

NOT_RUN = "was not run"
NO_OUTPUT = "shows no output"
SYNTHETIC = "SYNTHETIC SAMPLE"  # what a notebook says first on data that the project made
NAMED = re.compile(r"data ?set:?\s+[`*\"“]*([\w.-]*\w)", re.IGNORECASE)


def executed(project: Project) -> Iterator[Item]:
    """Each was run, and shows what it found."""
    files = sorted(project.root.glob("notebooks/*.ipynb"))
    found = {file.name: state for file in files if (state := _state(project, file))}
    wrong = [f"{name} {state}" for name, state in found.items()]
    broken = not set(found.values()) <= {NOT_RUN, NO_OUTPUT}
    status = "fail" if broken else "todo"
    yield item("notebooks", wrong, "ran from top to bottom", command(project, "all"), status)


def _state(project: Project, file: Path) -> str:
    """What is wrong with a notebook, if anything is."""
    try:
        cells = json.loads(read_text(file))["cells"]
        cells = [cell for cell in cells if cell["cell_type"] == "code"]
        order = [cell["execution_count"] for cell in cells if "".join(cell["source"]).strip()]
        outputs = [output for cell in cells for output in cell["outputs"]]
        kinds = {output["output_type"] for output in outputs}
        text = "\n".join(_text(output) for output in outputs)
    except (ValueError, KeyError, TypeError, AttributeError):
        return "is damaged"
    if "error" in kinds:
        return "shows an error"
    if order != list(range(1, len(order) + 1)):
        return "was not run from top to bottom" if any(order) else NOT_RUN
    if not outputs:
        return NO_OUTPUT
    return _other_data(project, text)


def _text(output: dict) -> str:
    """What an output says in words."""
    parts = [output.get("text", "")]
    parts += [part for kind, part in output.get("data", {}).items() if kind.startswith("text/")]
    return "\n".join(part if isinstance(part, str) else "".join(part) for part in parts)


def _other_data(project: Project, text: str) -> str:
    """Whether the outputs name another data set than the results; only known names count."""
    if not project.results:
        return ""
    name = project.results.dataset.name
    if SYNTHETIC in text and not project.results.dataset.synthetic:
        return f"ran on the synthetic sample, and the results are about {name}"
    known = {name, "sample", *project.config.datasets}
    named = {found for found in NAMED.findall(text) if found in known}
    if not named or name in named:
        return ""
    return f"ran on {sorted(named)[0]}, and the results are about {name}"
