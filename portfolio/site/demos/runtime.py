"""ONNX Runtime for browsers, as npm has installed it into the workspace."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from portfolio.errors import UserError
from portfolio.files import write_text

PACKAGE = "onnxruntime-web"
VERSION = "1.30.0"
# The runtime's script and its WebAssembly, by the names that our modules know. As `.js`: many
# static servers do not know what `.mjs` is.
FILES = {"script": "ort.js", "wasm": "ort.wasm"}
SOURCES = {"script": "ort.wasm.bundle.min.mjs", "wasm": "ort-wasm-simd-threaded.wasm"}
MANIFEST = "package.json"


@dataclass(frozen=True)
class Runtime:
    """An installed runtime: its files, and where they lie in the site."""

    sources: dict[str, Path]
    folder: str

    @property
    def size(self) -> int:
        """Bytes that a browser loads of it, once."""
        return sum(file.stat().st_size for file in self.sources.values())

    def addresses(self, root: str) -> dict[str, str]:
        """Where its files lie, seen from a page to which the site is `root`."""
        return {name: f"{root}{self.folder}/{file}" for name, file in FILES.items()}

    def write(self, site: Path) -> None:
        """Copy it to where all demos find it, unless another demo has."""
        (site / self.folder).mkdir(parents=True, exist_ok=True)
        for name, source in self.sources.items():
            if not (site / self.folder / FILES[name]).is_file():
                shutil.copyfile(source, site / self.folder / FILES[name])


def find(workspace: Path) -> Runtime:
    """The runtime that lies in the workspace's `node_modules`.

    Raises:
        UserError: it is not there, or not whole.
    """
    package = workspace / "node_modules" / PACKAGE
    sources = {name: package / "dist" / file for name, file in SOURCES.items()}
    try:
        version = json.loads((package / MANIFEST).read_text(encoding="utf-8"))["version"]
    except (OSError, ValueError, KeyError, TypeError):
        version = None
    if not version or not all(file.is_file() for file in sources.values()):
        raise UserError(
            f"browsers run it by {PACKAGE}, which is not in the workspace's node_modules: run "
            f"`npm install --save-exact {PACKAGE}@{VERSION}` there."
        )
    return Runtime(sources, f"onnxruntime/{version}")


def write_manifest(workspace: Path) -> None:
    """Write the `package.json` that npm installs the runtime by, unless there is one."""
    if not (workspace / MANIFEST).exists():
        content = {"private": True, "dependencies": {PACKAGE: VERSION}}
        write_text(workspace / MANIFEST, json.dumps(content, indent=2) + "\n")
