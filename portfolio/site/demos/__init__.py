"""Demos: a project's published model, run by its visitors' own browsers.

A page carries a button. What it loads lies beside the page: the data of the demo as JSON, the
model with its checksum, our modules, and for ONNX the runtime that npm has installed.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from portfolio.contract import Project, parse, read_json
from portfolio.errors import UserError
from portfolio.site.demos import churn, demand, imaging, recommender, runtime, sentiment
from portfolio.site.demos.parts import MOST, Parts, Published, TooLarge, megabytes, too_large
from portfolio.site.demos.runtime import Runtime

JS = Path(__file__).parents[1] / "js"
MAKERS = {
    "tabular": churn.parts,
    "nlp": sentiment.parts,
    "cv": imaging.parts,
    "timeseries": demand.parts,
    "recsys": recommender.parts,
}


@dataclass(frozen=True)
class Demo:
    """A page's demo."""

    parts: Parts
    version: str
    runtime: Runtime | None

    @property
    def wasm(self) -> bool:
        """Whether the page's policy must allow WebAssembly."""
        return self.runtime is not None

    @cached_property
    def sha256(self) -> str:
        """The checksum by which a browser knows the model."""
        return hashlib.sha256(self.parts.model).hexdigest()

    @property
    def model_file(self) -> str:
        """The model's name, which changes with it."""
        return f"model-{self.sha256[:12]}.{self.parts.suffix}"

    @cached_property
    def content(self) -> bytes:
        """The data file: what the module needs, and where the model and the runtime lie.

        Raises:
            UserError: something in it is not defined, so that no browser could read it.
        """
        model = {"file": self.model_file, "sha256": self.sha256, "version": self.version}
        data = {"kind": self.parts.kind, "model": model, **self.parts.data}
        if self.runtime:
            data["runtime"] = self.runtime.addresses("../../")
        try:
            return json.dumps(
                data, ensure_ascii=False, allow_nan=False, separators=(",", ":")
            ).encode()
        except ValueError as error:
            raise UserError(f"what it would load is no JSON ({error}).") from error

    @property
    def file(self) -> str:
        """The data file's name, which changes with what it holds."""
        return f"demo-{hashlib.sha256(self.content).hexdigest()[:12]}.json"

    @property
    def total(self) -> int:
        """How much it loads at most, beside the runtime."""
        return sum(map(len, (self.content, self.parts.model, *self.parts.files.values())))

    @property
    def size(self) -> str:
        """What the button loads, in words."""
        return megabytes(self.total)

    @property
    def runtime_size(self) -> str:
        """What of it all demos with ONNX share."""
        return megabytes(self.runtime.size) if self.runtime else ""

    def write(self, folder: Path) -> None:
        """Write data and model beside the page, and the runtime where all demos find it."""
        (folder / self.file).write_bytes(self.content)
        (folder / self.model_file).write_bytes(self.parts.model)
        for name, file in self.parts.files.items():
            (folder / name).write_bytes(file)
        if self.runtime:
            self.runtime.write(folder.parents[1])


@dataclass(frozen=True)
class Large:
    """A model that is too large for a demo: its file in the repository, and its size."""

    path: str
    size: str


def made(project: Project, workspace: Path, notes: list[str]) -> Demo | Large | None:
    """The demo of a project that has published a model; what stands in its way is noted."""
    maker = MAKERS.get(project.domain)
    if not maker or not project.version:
        return None
    try:
        published, model = _published(project)
        return _small(maker(project, published, model), published, workspace)
    except UserError as error:
        notes.append(f"{project.name}: shown without its demo: {error.message}")
        if isinstance(error, TooLarge):
            return Large(f"models/{project.version}/{published.file}", megabytes(len(model)))
        return None


def _small(parts: Parts, published: Published, workspace: Path) -> Demo:
    """The demo, which must not load too much.

    Raises:
        UserError: it would, as `TooLarge`; or its runtime is not there.
    """
    demo = Demo(parts, published.version, runtime.find(workspace) if parts.onnx else None)
    if demo.total > MOST:
        raise too_large(demo.total)
    return demo


def modules() -> str:
    """The folder of our modules in the site, whose name changes with them."""
    content = b"".join(file.read_bytes() for file in sorted(JS.iterdir()))
    return f"demos/{hashlib.sha256(content).hexdigest()[:12]}"


def _published(project: Project) -> tuple[Published, bytes]:
    """What is known of the published model, and its bytes.

    Raises:
        UserError: it is damaged, elsewhere, or not the one that was published.
    """
    place = f"models/{project.version}"
    shown = f"{project.name}/{place}/metadata.json"
    content = read_json(project.root / place / "metadata.json", shown)
    if content is None:
        raise UserError(f"{shown}: there is no such file.")
    published = parse(Published, content, shown, "")
    folder = (project.root / place).resolve()
    file = (folder / published.file).resolve()
    if not folder.is_relative_to(project.root.resolve()) or file.parent != folder:
        raise UserError(f"{shown}: `file` leads out of its folder.")
    if not file.is_file():
        raise UserError(f"{project.name}/{place}/{published.file}: there is no such file.")
    model = file.read_bytes()
    if hashlib.sha256(model).hexdigest() != published.sha256:
        raise UserError(
            f"{project.name}/{place}/{published.file}: its checksum is not that of metadata.json."
        )
    return published, model
