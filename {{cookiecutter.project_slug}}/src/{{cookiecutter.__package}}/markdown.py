"""Pieces of Markdown that generated blocks are made of."""

import re
from typing import Any

BADGE = "![Synthetic sample](https://img.shields.io/badge/data-synthetic_sample-orange)"


def table(header: list[str], rows: list[list[str]]) -> str:
    """A table; a bar inside a cell does not end it."""
    lines = [header, ["---"] * len(header), *rows]
    cells = [[cell.replace("|", "\\|") for cell in line] for line in lines]
    return "\n".join("| " + " | ".join(line) + " |" for line in cells)


def code(value: object) -> str:
    """A name or value as code, whatever letters it is made of."""
    text = " ".join(str(value).split())
    # Three brackets would start or end a generated block: keep them apart, invisibly.
    text = re.sub(r"(\[(?=\[\[)|\](?=\]\]))", "\\1\u200b", text)
    fence = "`" * (text.count("`") + 1)
    return f"{fence}{text}{fence}" if len(fence) == 1 else f"{fence} {text} {fence}"


def interval(estimate: dict[str, Any]) -> str:
    """A value with its 95 % interval in brackets, if it is defined."""
    if estimate["value"] is None:
        return "not defined"
    form = ",.0f" if abs(estimate["value"]) >= 1_000 else ".3f"
    return f"{estimate['value']:{form}} [{estimate['low']:{form}}, {estimate['high']:{form}}]"


def amount(value: float) -> str:
    """Money without cents, but three digits of a small amount."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def headline(metrics: dict[str, Any], finding: str, picture: str) -> str:
    """The finding and a picture, under a badge where the data is synthetic."""
    badge = [BADGE] if metrics["dataset"]["synthetic"] else []
    return "\n\n".join([*badge, f"**{finding}.**", picture])


def origin(metrics: dict[str, Any]) -> str:
    """Where the numbers that follow come from."""
    if metrics["dataset"]["synthetic"]:
        return "These numbers come from the synthetic sample, not from the real world."
    return f"These numbers come from the data set {code(metrics['dataset']['name'])}."


def dataset_name(metrics: dict[str, Any]) -> str:
    """The data set's name, with a warning where it is synthetic."""
    made = " (synthetic: made by seeded code, nothing in it happened)"
    return code(metrics["dataset"]["name"]) + (made if metrics["dataset"]["synthetic"] else "")
