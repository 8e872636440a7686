"""What the tool reads of a project: the contract between the two, as types.

A key with a default may be absent from a file; a key that is there has the type that stands
here. Keys that are not named here are the project's own and are left alone.
"""

import html
import json
import re
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from functools import cached_property
from pathlib import Path
from types import NoneType, UnionType
from typing import Literal, get_args, get_origin, get_type_hints

import yaml

from portfolio import prose
from portfolio.errors import UserError
from portfolio.files import read_text

SCHEMA = 2
FIRST_EDITION = ".cookiecutter.json"  # where that kept the record of plain cookiecutter's projects
# What a domain's package and command are called.
PACKAGES = {
    "foundations": "analysis",
    "tabular": "churn",
    "nlp": "sentiment",
    "cv": "imaging",
    "timeseries": "demand",
    "recsys": "recommender",
}
SECTIONS = ("In my own words", "Decisions", "What I learned")
Role = Literal["headline", "data", "result", "money", "explanation"]
Json = dict[str, object]


class ContractError(UserError):
    """A folder is no project that the tool can read, or a file of it is not as agreed."""


@dataclass(frozen=True)
class Score:
    """A figure, with its 95 % interval where there is one. A bare number is read as one, too."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Metric:
    """The metric by which the models of a project are compared, of the selected one."""

    name: str
    value: float
    higher_is_better: bool
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Dataset:
    """The data that the results are about. `synthetic`: made by the project itself."""

    name: str
    synthetic: bool
    rows: int
    sha256: str | None = None
    licence: str | None = None


@dataclass(frozen=True)
class Model:
    """One rung. `difference` is its score less the selected model's, on the same rows.

    `settings` are those that validation chose; `parameters` counts what was learned, of networks.
    """

    name: str
    label: str
    selected: bool
    metrics: dict[str, Score] = field(default_factory=dict)
    difference: Score | None = None
    settings: Json = field(default_factory=dict)
    parameters: int | None = None


@dataclass(frozen=True)
class Business:
    """What it is worth: `value` of `currency` per `per`, if `assumption` holds."""

    headline: str
    value: float
    currency: str
    per: str
    assumption: str | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Results:
    """`reports/metrics.json`. What is the domain's own is in `detail`, under its own keys."""

    schema: int
    project: str
    domain: str
    package: str
    dataset: Dataset
    primary_metric: Metric | None = None
    models: tuple[Model, ...] = ()
    test: dict[str, Score] = field(default_factory=dict)
    business: Business | None = None
    skills: tuple[str, ...] = ()
    detail: Json = field(default_factory=dict)

    @property
    def selected(self) -> Model | None:
        """The model that was chosen."""
        return next((model for model in self.models if model.selected), None)


@dataclass(frozen=True)
class Dropped:
    """Rows that the data stage left out, and why."""

    reason: str
    rows: int


@dataclass(frozen=True)
class Column:
    """What the data stage took a column for, and why."""

    name: str
    kind: str
    reason: str | None = None


@dataclass(frozen=True)
class Target:
    """Which class a value of the target stands for, and how many rows have it."""

    rows: int
    class_: str | int | None = None


@dataclass(frozen=True)
class Finding:
    """What cleaning found `count` times, in a column or in whole rows, and what it did about it."""

    kind: str
    action: str
    count: int
    column: str | None = None


@dataclass(frozen=True)
class Receipt:
    """`reports/data.json`: what was read, kept, left out, and taken for what.

    `source` is an address or a path; earlier projects say there what `Dataset` says.
    """

    schema: int
    source: object
    rows_read: int
    rows_kept: int
    lines: int | None = None
    dropped: tuple[Dropped, ...] = ()
    columns: tuple[Column, ...] = ()
    target: dict[str, Target] = field(default_factory=dict)
    files: object = None
    allowed: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Figure:
    """A picture under `reports/`; `file` is its path from there or from the project's root."""

    file: str
    title: str
    alt: str
    role: Role


@dataclass(frozen=True)
class Importance:
    """How much a feature matters to the model; `driver`: more than a shuffled copy would."""

    feature: str
    value: float
    driver: bool | None = None


@dataclass(frozen=True)
class Explanation:
    """`reports/explain.json`; the whole of it is in `content`."""

    schema: int
    model_version: str | None = None
    importance: tuple[Importance, ...] = ()
    content: Json = field(default_factory=dict)


@dataclass(frozen=True)
class Metadata:
    """`models/<version>/metadata.json` of the published model."""

    version: str
    file: str | None = None
    sha256: str | None = None
    created: str | None = None
    commit: str | None = None
    signature: object = None
    threshold: float | None = None
    metrics: dict[str, Score] = field(default_factory=dict)
    packages: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Config:
    """What of `config.yaml` the tool reads."""

    live_url: str | None = None
    prices: Json = field(default_factory=dict)
    datasets: Json = field(default_factory=dict)


@dataclass(frozen=True)
class Record:
    """`.cruft.json`: from which template, at which commit, by which answers."""

    template: str | None = None
    commit: str | None = None
    answers: Json = field(default_factory=dict)


@dataclass(frozen=True)
class Readme:
    """The project's page."""

    text: str

    @property
    def title(self) -> str:
        """What stands in its first heading, without marks of Markdown; empty without one."""
        found = re.search(r"^# +(.+?)[ #]*$", self.text, re.MULTILINE)
        return html.unescape(re.sub(r"\\(\W)", r"\1", found[1])) if found else ""

    @property
    def blocks(self) -> dict[str, str]:
        """What the project wrote between its markers, by the block's name."""
        return prose.blocks(self.text)

    @property
    def sections(self) -> dict[str, str]:
        """The author's own words, by heading."""
        return prose.sections(self.text)

    def is_written(self, section: str) -> bool:
        """Whether the author has written one of the sections."""
        return prose.is_written(self.sections.get(section, ""))


@dataclass(frozen=True)
class Project:
    """A project of ours. A part that does not exist yet is None (or empty); it is read when
    asked for, and raises ContractError where it is damaged.
    """

    root: Path
    domain: str
    package: str
    record: Record

    @property
    def name(self) -> str:
        """The name of the folder, which is that of the repository on GitHub."""
        return self.root.resolve().name

    @property
    def title(self) -> str:
        """The project's name for people: the title of its page, which is the author's."""
        asked = self.record.answers.get("project_name")
        return self.readme.title or str(asked or self.name)

    @property
    def served(self) -> bool:
        """Whether the domain has a model that is served."""
        return self.domain != "foundations"

    @cached_property
    def results(self) -> Results | None:
        """`reports/metrics.json`; None before the first run."""
        content = self._json("reports/metrics.json")
        if content is None:
            return None
        detail = content.get(self.domain) or {}
        return self._parse(Results, "reports/metrics.json", content | {"detail": detail})

    @cached_property
    def receipt(self) -> Receipt | None:
        """`reports/data.json`."""
        return self._parse(Receipt, "reports/data.json")

    @cached_property
    def figures(self) -> tuple[Figure, ...]:
        """`reports/figures.json`: a list, or an object with the list under `figures`."""
        name = "reports/figures.json"
        content = self._json(name, (dict, list))
        listed = content.get("figures", []) if isinstance(content, dict) else content or []
        return parse(tuple[Figure, ...], listed, f"{self.name}/{name}", "")

    @property
    def headline_figure(self) -> Figure | None:
        """The picture for the first screen."""
        return next((figure for figure in self.figures if figure.role == "headline"), None)

    def picture(self, figure: Figure) -> Path:
        """Where the file of a figure lies."""
        direct = self.root / figure.file
        return direct if direct.is_file() else self.root / "reports" / figure.file

    @cached_property
    def explanation(self) -> Explanation | None:
        """`reports/explain.json`."""
        name = "reports/explain.json"
        content = self._json(name)
        whole = content and content | {"content": content}
        return self._parse(Explanation, name, whole) if whole else None

    @cached_property
    def version(self) -> str | None:
        """The published model's version, by `models/current.txt`."""
        file = self.root / "models" / "current.txt"
        return read_text(file).strip() if file.is_file() else None

    @cached_property
    def metadata(self) -> Metadata | None:
        """What is known of the published model."""
        return self.version and self._parse(Metadata, f"models/{self.version}/metadata.json")

    @cached_property
    def readme(self) -> Readme:
        """`README.md`; empty where there is none."""
        file = self.root / "README.md"
        return Readme(read_text(file) if file.is_file() else "")

    @cached_property
    def config(self) -> Config:
        """`config.yaml`."""
        file = self.root / "config.yaml"
        if not file.is_file():
            return Config()
        try:
            content = yaml.load(read_text(file), Loader=SafeLoader) or {}
        except yaml.YAMLError as error:
            raise ContractError(f"{self.name}/config.yaml: no YAML: {_line(error)}") from error
        return parse(Config, content, f"{self.name}/config.yaml", "")

    def _json(self, name: str, kinds: tuple[type, ...] = (dict,)) -> Json | list | None:
        return read_json(self.root / name, f"{self.name}/{name}", kinds)

    def _parse(self, kind: type, name: str, content: Json | None = None):
        """A report as its type; None where there is no such file."""
        content = self._json(name) if content is None else content
        if content is None:
            return None
        reported = name.startswith("reports/")  # a model counts its own schemas
        if reported and content.get("schema", SCHEMA) != SCHEMA:
            raise ContractError(_other_schema(self.root, self.package, name, content["schema"]))
        return parse(kind, content, f"{self.name}/{name}", "")


# libyaml, where PyYAML has it: the same answers, ten times as fast.
SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load(folder: Path) -> Project:
    """Know a folder as a project of ours.

    Raises:
        ContractError: the folder is no project of this template, or one of another schema.
    """
    root = Path(folder)
    if not root.is_dir():
        raise ContractError(f"{folder}: there is no such folder.")
    record = record_of(root)
    name = "reports/metrics.json"
    results = read_json(root / name, f"{root.resolve().name}/{name}") or {}
    domain = str(results.get("domain") or record.answers.get("domain"))
    old = "package_name" in record.answers  # the first edition asked for it
    if domain not in PACKAGES and not old:
        raise ContractError(f"{folder}: no project of this template (no domain of it is named).")
    asked = record.answers.get("package_name")
    package = str(results.get("package") or asked or PACKAGES.get(domain) or "PACKAGE")
    if results and results.get("schema") != SCHEMA:
        raise ContractError(_other_schema(root, package, name, results.get("schema")))
    if not results and old:
        raise ContractError(_other_schema(root, package, ".cookiecutter.json or .cruft.json", None))
    return Project(root, domain, package, record)


def read_json(file: Path, shown: str, kinds: tuple[type, ...] = (dict,)) -> Json | list | None:
    """A JSON file of one of the kinds; None where there is none.

    Raises:
        ContractError: the file is no JSON, or holds something else.
    """
    if not file.is_file():
        return None
    try:
        content = json.loads(read_text(file))
    except ValueError as error:
        raise ContractError(f"{shown}: no JSON: {error}") from error
    if not isinstance(content, kinds):
        raise ContractError(f"{shown}: should be {_expected(kinds[0])}, is {_shown(content)}.")
    return content


def parse(kind: object, value: object, file: str, key: str) -> object:
    """A value of a file as a type of this module.

    Raises:
        ContractError: it is of another type, or lacks a key; names the file and the key.
    """
    origin, arguments = get_origin(kind), get_args(kind)
    if kind is object:
        return value
    if kind is Score and _is_number(value):
        return Score(float(value))
    if is_dataclass(kind) and isinstance(value, dict):
        return _parse_object(kind, value, file, key)
    if origin is UnionType:
        if value is None and NoneType in arguments:
            return None
        kinds = [one for one in arguments if one is not NoneType]
        if len(kinds) == 1:
            return parse(kinds[0], value, file, key)
        if type(value) in kinds:
            return value
    if origin is tuple and isinstance(value, list):
        items = (parse(arguments[0], one, file, f"{key}[{n}]") for n, one in enumerate(value))
        return tuple(items)
    if origin is dict and isinstance(value, dict):
        return {
            str(name): parse(arguments[1], one, file, _join(key, name))
            for name, one in value.items()
            if not (arguments[1] is Score and _is_undefined(one))
        }
    if origin is Literal and value in arguments:
        return value
    if kind is float and _is_number(value):
        return float(value)
    if kind in (str, int, bool) and type(value) is kind:
        return value
    where = f"`{key}` " if key else ""
    raise ContractError(f"{file}: {where}should be {_expected(kind)}, is {_shown(value)}.")


def _parse_object(kind: type, value: Json, file: str, key: str) -> object:
    hints, found = get_type_hints(kind), {}
    for one in fields(kind):
        name = one.name.rstrip("_")  # `class` is a word of Python
        optional = one.default is not MISSING or one.default_factory is not MISSING
        if optional and value.get(name) is None:
            continue
        if name not in value:
            raise ContractError(f"{file}: `{_join(key, name)}` is missing.")
        found[one.name] = parse(hints[one.name], value[name], file, _join(key, name))
    return kind(**found)


def record_of(root: Path) -> Record:
    """The record of the project's origin, by the first edition's file if need be; or empty."""
    name = root.resolve().name
    if (root / ".cruft.json").is_file() or not (root / FIRST_EDITION).is_file():
        file = f"{name}/.cruft.json"
        content = read_json(root / ".cruft.json", file) or {}
        context = content.get("context")
        answers = context.get("cookiecutter") if isinstance(context, dict) else None
    else:
        file = f"{name}/{FIRST_EDITION}"
        content = read_json(root / FIRST_EDITION, file)
        answers = {"package_name": None} | (content.get("default_context") or {})
    return parse(Record, content | {"answers": answers}, file, "")


def _other_schema(root: Path, package: str, file: str, schema: object) -> str:
    name = root.resolve().name
    if isinstance(schema, int) and schema > SCHEMA:
        return (
            f"{name}: {file} is of schema {schema}, and this tool reads schema {SCHEMA}: "
            "install the newest version of the tool."
        )
    return (
        f"{name}: made by an older template, before schema {SCHEMA} ({file} shows it). "
        f"Run `portfolio update {root}`, then `uv run {package} all` in it."
    )


def _is_undefined(score: object) -> bool:
    """A measure that is not defined, such as the precision where nobody acts, is null."""
    return score is None or (isinstance(score, dict) and score.get("value", 0) is None)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _join(key: str, name: object) -> str:
    return f"{key}.{name}" if key else str(name)


def _expected(kind: object) -> str:
    words = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return f"one of: {', '.join(map(str, arguments))}"
    if origin is UnionType:
        return " or ".join(_expected(one) for one in arguments if one is not NoneType)
    if origin is tuple or kind is list:
        return "a list"
    return words.get(kind, "an object")


def _shown(value: object) -> str:
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    return json.dumps(value, ensure_ascii=False, default=str)


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
