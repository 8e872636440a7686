"""What a demo is made of, whatever its domain."""

from dataclasses import dataclass, field

from portfolio.contract import Json, Metric
from portfolio.facts.words import interval, label

MOST = 6_000_000  # bytes of a demo, beside the runtime that all share


def megabytes(size: int) -> str:
    """A size in words."""
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{max(1, round(size / 1e3))} KB"


@dataclass(frozen=True)
class Published:
    """What `metadata.json` says of a model that was published."""

    version: str
    file: str
    sha256: str
    signature: object
    prices: Json = field(default_factory=dict)
    curve: Json = field(default_factory=dict)
    limits: Json = field(default_factory=dict)
    packages: Json = field(default_factory=dict)
    data: str | None = None
    model: str = ""
    primary_metric: Metric | None = None

    @property
    def called(self) -> str:
        """Its version, what kind of model it is, and its metric, for people."""
        metric = self.primary_metric
        score = f"{label(metric.name)} {interval(vars(metric))}" if metric else ""
        kind = self.model.replace("_", " ")
        return ", ".join(part for part in (f"version {self.version}", kind, score) if part)


@dataclass(frozen=True)
class Recorded:
    """Answers that the project recorded, for those without JavaScript: a table."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Parts:
    """What a domain adds: the model's bytes and how its file ends, data, what visitors can do.

    `files` lie beside the page, by their names; `cannot` says why our modules cannot run the model.
    """

    kind: str
    says: str
    model: bytes
    suffix: str
    data: Json
    recorded: Recorded | None = None
    onnx: bool = False
    files: dict[str, bytes] = field(default_factory=dict)
    cannot: str = ""
