"""What a demo is made of, whatever its domain."""

from dataclasses import dataclass, field

from portfolio.contract import Json


@dataclass(frozen=True)
class Published:
    """What `metadata.json` says of the published model."""

    version: str
    file: str
    sha256: str
    signature: object
    model: str = ""
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
