"""How a table is written, for configuration: whoever reads one needs more (see ``tables``)."""

from typing import Literal

from .settings import Section, Source


class TextFormat(Section):
    """How a table is written as text."""

    separator: str = ","
    quotes: bool = True
    header: bool = True
    encoding: str = "utf-8-sig"


class TableSource(Source, TextFormat):
    """A table in a text, JSON Lines or Parquet file, and how to read it."""

    format: Literal["csv", "jsonl", "parquet"] | None = None
    na_values: tuple[str, ...] = ()
