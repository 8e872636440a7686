"""What training leaves is to be tested on the data that it was trained on, and on no other."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .errors import ModelError
from .files import read_json
from .paths import Paths

# Whether and how data may be shown is no matter of learning.
SHOWN = ("licence", "share_images")


def fingerprint(processed: Path) -> str:
    """A checksum of all that the data stage left: which row is in which part, and what it means.

    Names and checksums of a source would not do: divided anew, the same rows are other data.
    """
    digest = hashlib.sha256()
    for file in sorted(processed.glob("[!.]*")):
        content = file.read_bytes()
        if file.name == "dataset.json":
            info = {key: value for key, value in read_json(file).items() if key not in SHOWN}
            content = json.dumps(info, sort_keys=True).encode()
        digest.update(f"{file.name}:{hashlib.sha256(content).hexdigest()}\n".encode())
    return digest.hexdigest()


@contextmanager
def open_candidate(paths: Paths) -> Iterator[dict[str, Any]]:
    """Yield how the candidate was chosen, to read its other files in the block.

    Raises:
        ModelError: the train stage has not run, or not on the data that are prepared now.
    """
    try:
        training = read_json(paths.candidate / "training.json")
        if training.get("data") != fingerprint(paths.processed):
            raise ModelError(
                f"the candidate in {paths.candidate} was trained on other data than `data` has "
                "prepared since, and may have learned what it would be tested on: run the "
                "`train` stage again"
            )
        yield training
    except FileNotFoundError as error:
        raise ModelError(f"no model in {paths.candidate}: run the `train` stage first") from error
