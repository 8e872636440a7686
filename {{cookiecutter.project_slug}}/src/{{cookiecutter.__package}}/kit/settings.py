"""What ``config.yaml`` is made of: frozen sections, data sources, and helpful refusals."""

from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from . import ProjectError

SAMPLE = "sample"
MAX_NUMBER = 1e15  # far beyond any real value, and safe in the 32-bit arithmetic of models


class Section(BaseModel):
    """A part of ``config.yaml``: cannot be changed, and refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Query(Section):
    """A query to a database, whose address, with its password, is in an environment variable."""

    url_env: str = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    query: str = Field(min_length=1)


class Source(Section):
    """Where a data set comes from: a file on this machine or an address."""

    path: Path | None = None
    url: str | None = Field(default=None, pattern=r"^https?://")
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    md5: str | None = Field(default=None, pattern=r"^[0-9a-f]{32}$")
    member: str | None = None
    licence: str | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        origins = [name for name in ("path", "url", "sql") if name in type(self).model_fields]
        if sum(getattr(self, origin) is not None for origin in origins) != 1:
            raise ValueError(f"expected one of {', '.join(origins)}")
        return self


class TableSource(Source):
    """A table in a text, JSON Lines or Parquet file or a database, and how to read it."""

    sql: Query | None = None
    format: Literal["csv", "jsonl", "parquet"] | None = None
    separator: str = Field(default_factory=lambda at: "\t" if ".tsv" in str(at).lower() else ",")
    quotes: bool = True
    header: bool = True
    encoding: str | None = None
    decimal: Literal[".", ","] | None = None
    na_values: tuple[str, ...] = ()


class Limits(Section):
    """How large a model may be that is committed, how many stay, and one request to the API."""

    model_mb: float = Field(gt=0, le=MAX_NUMBER)
    versions: int = Field(default=2, ge=2)
    batch: int = Field(ge=1)
    body_mb: float = Field(gt=0, le=MAX_NUMBER)


class Monitoring(Section):
    """What the server logs of each prediction, and how large a file of its log may grow."""

    log_inputs: bool = False
    log_mb: float = Field(default=10, gt=0, le=MAX_NUMBER)


class ProjectSettings(Section):
    """What the ``config.yaml`` of every project says: the seed, and which data to use."""

    seed: int = Field(ge=0, lt=2**32)
    dataset: str
    datasets: dict[str, Any] = Field(default_factory=dict)
    live_url: str | None = Field(default=None, pattern=r"^https?://")

    @model_validator(mode="after")
    def _names_are_right(self) -> Self:
        models, known = getattr(self, "models", ()), [SAMPLE, *self.datasets]
        if len(set(models)) < len(models):
            raise ValueError("models: expected each model once")
        if self.dataset not in known:
            raise ValueError(f"dataset {self.dataset!r} is none of: {', '.join(known)}")
        if SAMPLE in self.datasets:
            raise ValueError(f"{SAMPLE!r} is the built-in data set; choose another name")
        return self


class ServedSettings(ProjectSettings):
    """What those of a project with a model that is served say besides: who watches it, and how."""

    monitoring: Monitoring = Monitoring()
    tracking: Literal["none", "mlflow"] = "none"
    storage: str | None = Field(default=None, min_length=1)
    engine: str = Field(default="local", pattern=r"^(local|dask|ray|spark|(tcp|tls)://\S+)$")


Settings = TypeVar("Settings", bound=ProjectSettings)


def read_settings(path: Path, model: type[Settings], dataset: str | None) -> Settings:
    """Read a YAML file, with ``dataset`` for its own; a ProjectError names each wrong key."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        why = f"{path} cannot be read as YAML in UTF-8: {error}"
        raise ProjectError(f"{why}. Run this in the project, or use --config.") from error
    if not isinstance(content, dict):
        raise ProjectError(f"{path}: expected `key: value` lines, found {type(content).__name__}")
    try:
        return model.model_validate(content | ({"dataset": dataset} if dataset else {}))
    except ValidationError as error:
        wrong = [_explain(problem, model) for problem in error.errors()]
        said = "\n".join([f"{path} has {len(wrong)} wrong setting(s):", *wrong])
        raise ProjectError(said) from error


def _explain(problem: Any, model: type[BaseModel]) -> str:
    place = ".".join(map(str, problem["loc"])) or "(top level)"
    if problem["type"] == "extra_forbidden":
        parts = [schema := model.model_json_schema(), *schema["$defs"].values()]
        known = sorted({name for part in parts for name in part.get("properties", {})})
        near = get_close_matches(str(problem["loc"][-1]), known, n=1, cutoff=0.0)
        return f"  {place}: unknown key; did you mean `{near[0]}`? Known: {', '.join(known)}"
    message = problem["msg"].removeprefix("Value error, ")
    found = f" (found {problem['input']!r})" if not isinstance(problem["input"], dict) else ""
    return f"  {place}: {message}{found}"
