"""What a demo is made of, whatever its domain."""

from dataclasses import dataclass, field

from portfolio.contract import Json
from portfolio.errors import UserError

MOST = 6_000_000  # bytes of a demo, beside the runtime that all share


class TooLarge(UserError):
    """A demo would load more than a visitor should wait for."""


def too_large(size: int) -> TooLarge:
    """What is said of a demo that would load so many bytes."""
    return TooLarge(
        f"it would load {megabytes(size)}, of at most {megabytes(MOST)}: publish a smaller model "
        "for one."
    )


def megabytes(size: int) -> str:
    """A size in words."""
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{max(1, round(size / 1e3))} KB"


@dataclass(frozen=True)
class Published:
    """What `metadata.json` says of the published model."""

    version: str
    file: str
    sha256: str
    signature: object
    prices: Json = field(default_factory=dict)
    curve: Json = field(default_factory=dict)
    limits: Json = field(default_factory=dict)
    packages: Json = field(default_factory=dict)


@dataclass(frozen=True)
class Recorded:
    """Answers that the project recorded, for those without JavaScript: a table."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Parts:
    """What a domain adds: the model's bytes and how its file ends, data, what visitors can do.

    `files` lie beside the page, by their names.
    """

    kind: str
    says: str
    model: bytes
    suffix: str
    data: Json
    recorded: Recorded | None = None
    onnx: bool = False
    files: dict[str, bytes] = field(default_factory=dict)
