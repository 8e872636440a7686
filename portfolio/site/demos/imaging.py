"""The demo of an imaging project: an image of one's own or an example, and where the evidence is.

Images leave a project only where its data set allows that they are shared.
"""

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path

from portfolio.contract import Project, parse
from portfolio.site.demos import tested
from portfolio.site.demos.parts import Parts, Published, Recorded

SAYS = (
    "Drop an image or pick an example: the model says how likely a positive case is and shows "
    "where the evidence lies. Not a medical device: a learning project, for study only. Do not "
    "use it, or anything it says, to decide about a person's care."
)
SHARED = "share_images"  # what the receipt allows where images may be shown
FOLDER = "reports/examples"
SHOWN = 5  # recorded cases
PILLOW = 13  # the first version that does so


@dataclass(frozen=True)
class Prices:
    """The prices at which the published model decides."""

    currency: str
    missed_case: float
    false_alarm: float
    prevalence: float | None = None


@dataclass(frozen=True)
class Signature:
    """What an image is to the model, and how strong the evidence of a typical positive case is."""

    size: int
    channels: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    positive: tuple[str, ...]
    positive_share: float
    strong: float
    bits: int | None = None


@dataclass(frozen=True)
class Limits:
    """The pixels of the largest image."""

    pixels: int


@dataclass(frozen=True)
class Example:
    """An image that `explain` picked, and what the model made of it."""

    class_: str
    outcome: str
    file: str
    probability: float
    decision: str


def parts(project: Project, published: Published, model: bytes) -> Parts:
    """What the demo of an imaging project needs.

    Raises:
        UserError: a file of the project is missing or damaged.
    """
    shown = f"{project.name}/models/{published.version}/metadata.json"
    prices = parse(Prices, published.prices, shown, "prices")
    signature = parse(Signature, published.signature, shown, "signature")
    limits = parse(Limits, published.limits, shown, "limits")
    examples, files, listed = _examples(project), {}, []
    for example, file in examples:
        content = file.read_bytes()
        name = f"example-{hashlib.sha256(content).hexdigest()[:12]}{file.suffix}"
        files[name] = content
        listed.append({"name": f"{example.class_}: {example.outcome}", "file": name})
    data = {
        "prices": asdict(prices),
        "signature": asdict(signature),
        "pixels": limits.pixels,
        "tall_by_columns": _is_new(published.packages.get("pillow")),
        "examples": listed,
    }
    shared = [example for example, _ in examples]
    recorded = _of_examples(shared) if shared else _of_cases(project, signature)
    return Parts("imaging", SAYS, model, "onnx", data, recorded, onnx=True, files=files)


def _is_new(pillow: object) -> bool:
    """Whether Pillow shrinks tall images by columns first (its pull request 9549)."""
    major = str(pillow).partition(".")[0]
    return int(major) >= PILLOW if major.isdecimal() else True


def _examples(project: Project) -> list[tuple[Example, Path]]:
    """The examples and their files, where images may be shared."""
    receipt, explanation = project.receipt, project.explanation
    if not receipt or SHARED not in receipt.allowed or not explanation:
        return []
    shown = f"{project.name}/reports/explain.json"
    listed = parse(tuple[Example, ...], explanation.content.get("examples"), shown, "examples")
    folder = (project.root / FOLDER).resolve()
    found = [(one, (folder / one.file).resolve()) for one in listed]
    inside = folder.is_relative_to(project.root.resolve())
    return [(one, file) for one, file in found if inside and file.parent == folder and _is(file)]


def _is(file: Path) -> bool:
    return file.suffix in (".png", ".jpg", ".jpeg") and file.is_file()


def _of_examples(examples: list[Example]) -> Recorded:
    rows = ((one.class_, f"{one.probability:.1%}", one.decision, one.outcome) for one in examples)
    header = ("Test image", "Probability of a positive case", "Decision", "Outcome")
    return Recorded("Recorded: examples from the test", header, tuple(rows))


def _of_cases(project: Project, signature: Signature) -> Recorded:
    """The first cases of the test, where no image may be shown."""
    names = {1: " or ".join(signature.positive), 0: f"not {' or '.join(signature.positive)}"}
    cases = tested.read(project).first(SHOWN)
    rows = tuple((f"{probability:.1%}", names.get(y, "")) for y, probability in cases)
    header = ("Probability of a positive case", "What it was")
    return Recorded("Recorded: the first cases of the test", header, rows)
