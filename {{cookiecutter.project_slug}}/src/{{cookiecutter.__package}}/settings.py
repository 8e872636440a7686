"""What the configuration is made of: frozen sections, data sources, and helpful refusals."""

from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from .errors import ConfigError, DataError
from .files import read_json

MAX_NUMBER = 1e15  # far beyond any real value, and safe in the 32-bit arithmetic of models


class Section(BaseModel):
    """A part of ``config.yaml``: cannot be changed, and refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(Section):
    """Where a data set comes from: a file on this machine or an address."""

    path: Path | None = None
    url: str | None = Field(default=None, pattern=r"^https?://")
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    md5: str | None = Field(default=None, pattern=r"^[0-9a-f]{32}$")
    member: str | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.path is None) == (self.url is None):
            raise ValueError("expected either path (a file) or url (an address)")
        return self


class Portfolio(Section):
    """How the drafts of the `posts` command speak, and of what."""

    tone: Literal["learning-in-public", "upskilling"] = "learning-in-public"
    hashtags: tuple[Annotated[str, Field(pattern=r"^\w+$")], ...] = ("DataScience",)
    tools: tuple[str, ...] = ("Python",)


SAMPLE = "sample"


@dataclass(frozen=True)
class Provenance:
    """What every report says of the data behind it; ``sha256`` is that of the source's bytes."""

    name: str
    synthetic: bool
    rows: int
    sha256: str

    @property
    def summary(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(Provenance)}

    @classmethod
    def read(cls, processed: Path) -> Self:
        """Read what the data stage has written of its data set into ``processed``.

        Raises:
            DataError: it is damaged, or another version of this project wrote it.
            FileNotFoundError: the stage has not run.
        """
        file = processed / "dataset.json"
        try:
            return cls(**read_json(file))
        except (TypeError, ValueError) as error:
            raise DataError(
                f"{file} is damaged, or another version of this project wrote it: run the `data` "
                "stage again"
            ) from error


class ProjectSettings(Section):
    """What the ``config.yaml`` of every project says: the seed, and which data to use."""

    seed: int = Field(ge=0, lt=2**32)
    dataset: str
    datasets: dict[str, Any] = Field(default_factory=dict)
    portfolio: Portfolio = Portfolio()

    @field_validator("datasets")
    @classmethod
    def _sample_is_built_in(cls, datasets: dict[str, Any]) -> dict[str, Any]:
        if SAMPLE in datasets:
            raise ValueError(f"{SAMPLE!r} is the built-in data set; choose another name")
        return datasets

    @field_validator("models", check_fields=False)  # each project says which there are
    @classmethod
    def _each_model_once(cls, models: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(models)) < len(models):
            raise ValueError("expected each model once")
        return models

    @model_validator(mode="after")
    def _dataset_is_known(self) -> Self:
        known = [SAMPLE, *self.datasets]
        if self.dataset not in known:
            raise ValueError(f"dataset {self.dataset!r} is none of: {', '.join(known)}")
        return self


Settings = TypeVar("Settings", bound=ProjectSettings)


def read_settings(path: Path, model: type[Settings], dataset: str | None) -> Settings:
    """Read a YAML file into ``model``; ``dataset`` overrides the data set it names.

    Raises:
        ConfigError: names each wrong key with its place and, for unknown ones, the nearest
            right one.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(
            f"{path} does not exist. Run the command in the project's folder, "
            "or name the file with --config."
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"{path} is not valid YAML in UTF-8: {error}") from error
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    if not isinstance(content, dict):
        raise ConfigError(f"{path}: expected `key: value` lines, found {type(content).__name__}")
    try:
        return model.model_validate(content | ({"dataset": dataset} if dataset else {}))
    except ValidationError as error:
        lines = [_explain(problem, model) for problem in error.errors()]
        message = "\n".join([f"{path} has {len(lines)} wrong setting(s):", *lines])
        raise ConfigError(message) from error


def _explain(problem: Any, model: type[BaseModel]) -> str:
    place = ".".join(str(part) for part in problem["loc"]) or "(top level)"
    if problem["type"] == "extra_forbidden":
        known = _keys_at(model.model_json_schema(), problem["loc"][:-1])
        near = get_close_matches(str(problem["loc"][-1]), known, n=1, cutoff=0.0)
        return f"  {place}: unknown key; did you mean `{near[0]}`? Known: {', '.join(known)}"
    message = problem["msg"].removeprefix("Value error, ")
    found = f" (found {problem['input']!r})" if not isinstance(problem["input"], dict) else ""
    return f"  {place}: {message}{found}"


def _keys_at(schema: dict[str, Any], place: tuple[Any, ...]) -> list[str]:
    """The keys that a JSON schema allows at ``place``."""
    node = schema
    for part in place:
        node = node.get("properties", {}).get(part) or node.get("additionalProperties", {})
        node = node.get("anyOf", [node])[0]  # an optional section
        if "$ref" in node:
            node = schema["$defs"][node["$ref"].rsplit("/", 1)[-1]]
    return sorted(node.get("properties", {}))
