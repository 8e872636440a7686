"""Where each stage reads and writes."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Paths:
    """The folders of one project; ``root`` is the one that holds ``config.yaml``."""

    root: Path
    downloads: Path = field(init=False)
    processed: Path = field(init=False)
    models: Path = field(init=False)
    candidate: Path = field(init=False)
    reports: Path = field(init=False)
    figures: Path = field(init=False)

    def __post_init__(self) -> None:
        self.downloads = self.root / "data" / "downloads"
        self.processed = self.root / "data" / "processed"
        self.models = self.root / "models"
        self.candidate = self.models / "candidate"
        self.reports = self.root / "reports"
        self.figures = self.reports / "figures"
