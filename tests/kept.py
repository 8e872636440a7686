"""What tests of storage share: a project with something to keep, and a line that breaks."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

from kit import store
from kit.files import Paths, write_text

METADATA = {"title": "Model", "file": "model.bin", "limits": {"model_mb": 100, "versions": 2}}


def project(root: Path, model: bytes = b"model", **data: str) -> Paths:
    """A project with a published model and processed data."""
    paths = Paths(root)
    store.publish(paths, model, METADATA, packages=[])
    for name, text in (data or {"train": "1,2", "test": "3,4"}).items():
        write_text(paths.processed / f"{name}.csv", text)
    store.seal(paths.processed)
    return paths


def breaking(at: int) -> Callable[[Path, bytes], None]:
    """What writes for the storage until the line breaks, at this write."""
    write, left = store._write, count()

    def lose(file: Path, content: bytes) -> None:
        if next(left) == at:
            raise ConnectionError("the line is down")
        write(file, content)

    return lose
