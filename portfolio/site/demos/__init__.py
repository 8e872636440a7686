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
from portfolio.site.demos.parts import MOST, Parts, Published, Recorded, megabytes
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
    """The published model where a page cannot load it at once: why, and how to come by it.

    `demo` loads it for those who ask for it; None where browsers cannot run it.
    """

    called: str
    why: str
    path: str
    size: str
    demo: Demo | None


@dataclass(frozen=True)
class Offer:
    """What a page offers of a project's model.

    `demo` runs the published model; where that is `large`, another that the project has kept and
    that is `called` so, or there is none.
    """

    says: str
    called: str
    demo: Demo | None
    large: Large | None
    recorded: Recorded | None

    @property
    def demos(self) -> list[Demo]:
        """All that can be loaded."""
        return [one for one in (self.demo, self.large and self.large.demo) if one]

    @property
    def wasm(self) -> bool:
        """Whether the page's policy must allow WebAssembly."""
        return any(one.wasm for one in self.demos)


def made(project: Project, workspace: Path, notes: list[str]) -> Offer | None:
    """What the page of a project that has published a model offers; what is in the way is noted."""
    if project.domain not in MAKERS or not project.version:
        return None
    try:
        published, parts = _parts(project, project.version)
        if not parts.cannot and (demo := _demo(parts, published, workspace)).total <= MOST:
            return Offer(parts.says, published.called, demo, None, parts.recorded)
        return _beside(project, published, parts, workspace, notes)
    except UserError as error:
        notes.append(f"{project.name}: shown without its demo: {error.message}")
        return None


def _beside(
    project: Project, published: Published, parts: Parts, workspace: Path, notes: list[str]
) -> Offer:
    """What a page offers whose published model it cannot load at once: the best that it can.

    Raises:
        UserError: the published model's runtime is not there.
    """
    demo = None if parts.cannot else _demo(parts, published, workspace)
    size = demo.size if demo else megabytes(len(parts.model))
    why = parts.cannot
    if demo or len(parts.model) > MOST:
        why = f"is larger than a page loads at once ({size}, of at most {megabytes(MOST)})"
    path = f"models/{published.version}/{published.file}"
    large = Large(published.called, why, path, size, demo)
    called, smaller = _best(project, published, workspace) or ("", None)
    instead = f"{called} runs instead" if smaller else "no other version that it keeps fits"
    notes.append(f"{project.name}: in its demo {instead}: the published model {why}.")
    return Offer(parts.says, called, smaller, large, parts.recorded)


def _best(project: Project, published: Published, workspace: Path) -> tuple[str, Demo] | None:
    """The best version that a project has kept, by the same metric on the same data, of those
    that a page can load at once; None where there is none."""
    found: list[tuple[float, str, Demo]] = []
    for folder in sorted((project.root / "models").iterdir()):
        if folder.name == published.version or not (folder / "metadata.json").is_file():
            continue
        try:
            kept, parts = _parts(project, folder.name)
            if parts.cannot or (score := _score(kept, published)) is None:
                continue
            if (demo := _demo(parts, kept, workspace)).total <= MOST:
                found.append((score, kept.called, demo))
        except UserError:  # an old version that is damaged is no matter of the published one
            continue
    best = max(found, key=lambda one: one[0], default=None)
    return best and best[1:]


def _score(kept: Published, published: Published) -> float | None:
    """A version's score, more being better; None where it cannot be compared."""
    own, other = kept.primary_metric, published.primary_metric
    if not own or not other or own.name != other.name or not kept.data:
        return None
    if kept.data != published.data:
        return None
    return own.value if own.higher_is_better else -own.value


def _parts(project: Project, version: str) -> tuple[Published, Parts]:
    """A version of the project's model, and what its demo needs.

    Raises:
        UserError: something of it is missing or damaged.
    """
    published, model = _published(project, version)
    return published, MAKERS[project.domain](project, published, model)


def _demo(parts: Parts, published: Published, workspace: Path) -> Demo:
    """The demo of a model.

    Raises:
        UserError: its runtime is not there.
    """
    return Demo(parts, published.version, runtime.find(workspace) if parts.onnx else None)


def modules() -> str:
    """The folder of our modules in the site, whose name changes with them."""
    content = b"".join(file.read_bytes() for file in sorted(JS.iterdir()))
    return f"demos/{hashlib.sha256(content).hexdigest()[:12]}"


def _published(project: Project, version: str) -> tuple[Published, bytes]:
    """What is known of a version of the model, and its bytes.

    Raises:
        UserError: it is damaged, elsewhere, or not the one that was published.
    """
    place = f"models/{version}"
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
