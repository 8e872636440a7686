"""Generated blocks between ``<!-- name -->`` and ``<!-- /name -->``, and the Markdown in them."""

import re
from collections import Counter
from math import floor, log10
from pathlib import Path
from typing import Any

from . import CheckError, ProjectError
from .files import write_text


def fill(text: str, blocks: dict[str, str], where: str) -> str:
    """Return ``text`` with fresh blocks alone; a ProjectError says which markers are wrong."""
    for name, block in blocks.items():
        marked = re.compile(rf"^<!-- {name} -->\n(.*?)^<!-- /{name} -->$", re.DOTALL | re.MULTILINE)
        found = marked.findall(text)
        if len(found) != 1 or re.search(r"^<!-- /?\w+ -->$", found[0], re.MULTILINE):
            why = f"{where}: expected one block between <!-- {name} --> and <!-- /{name} -->, found"
            raise ProjectError(f"{why} {len(found)}, or others inside. Restore them from git.")
        fresh = f"<!-- {name} -->\n{block.strip()}\n<!-- /{name} -->"
        text = marked.sub(fresh.replace("\\", r"\\"), text)
    return text


def update(blocks: dict[Path, dict[str, str]], check: bool) -> list[Path]:
    """Bring documents up to date, all or none; with ``check`` none, but a CheckError names them."""
    fresh = {}
    for file, parts in blocks.items():
        try:
            before = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ProjectError(f"cannot read {file} as UTF-8 text: {error}") from error
        if (after := fill(before, parts, str(file))) != before:
            fresh[file] = after
    if check and fresh:
        names = ", ".join(file.name for file in fresh)
        raise CheckError(f"{names} and reports/ part: run `report`, and commit both.")
    return [write_text(file, text) for file, text in fresh.items()]


def pictures(figures: list[dict[str, str]]) -> dict[str, str]:
    """For each role of ``reports/figures.json`` its pictures, those of one role side by side."""
    found: dict[str, list[str]] = {}
    for entry in figures:
        found.setdefault(entry["role"], []).append(f"![{entry['alt']}]({entry['file']})")
    return {role: table(row, []) if len(row) > 1 else row[0] for role, row in found.items()}


def told(receipt: dict[str, Any]) -> str:
    """The receipt of the data stage in a line: what was read, kept, left out, taken for what."""
    lines = [f"{receipt['lines']:,} lines"] if receipt.get("lines") else []
    rows = [*lines, f"{receipt['rows_read']:,} rows", f"{receipt['rows_kept']:,} kept"]
    rows += [f"{part['rows']:,} not ({part['reason']})" for part in receipt["dropped"]]
    rows += [f"{n:,} the same as an earlier one"] if (n := receipt.get("repeated")) else []
    kinds = Counter(column["kind"] for column in receipt["columns"])
    columns = [f"{count} {kind}" for kind, count in kinds.items()]
    values = (receipt.get("target") or {}).items()
    target = [f"{code(value)} is {part['class']} ({part['rows']:,})" for value, part in values]
    return "Read: " + "; ".join(", ".join(part) for part in (rows, columns, target) if part) + "."


def table(header: list[str], rows: list[list[str]]) -> str:
    """A table; a bar inside a cell does not end it."""
    lines = [header, ["---"] * len(header), *rows]
    cells = [[cell.replace("|", "\\|") for cell in line] for line in lines]
    return "\n".join("| " + " | ".join(line) + " |" for line in cells)


def code(value: object) -> str:
    """A name or value as code, whatever letters it is made of."""
    text = " ".join(str(value).split()).replace("-->", "--\u200b>")  # it must not end a block
    fence = "`" * (text.count("`") + 1)
    return f"{fence}{text}{fence}" if len(fence) == 1 else f"{fence} {text} {fence}"


def interval(estimate: dict[str, Any], form: str = ".3f") -> str:
    """A value with its 95 % interval in brackets, if it is defined."""
    if estimate["value"] is None:
        return "not defined"
    return f"{estimate['value']:{form}} ({estimate['low']:{form}} to {estimate['high']:{form}})"


def amount(value: float, width: float) -> str:
    """An amount rounded to what an interval of ``width`` deserves: a tenth of it or finer."""
    digits = min(2, -floor(log10(width / 5))) if width > 0 else 0
    return f"{round(value, digits) + 0.0:,.{max(digits, 0)}f}"


def span(estimate: dict[str, float]) -> str:
    """An amount of money, and its interval in brackets."""
    width = estimate["high"] - estimate["low"]
    value, low, high = (amount(estimate[key], width) for key in ("value", "low", "high"))
    return f"{value} ({low} to {high})"
