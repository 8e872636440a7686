"""The settings of this project: what ``config.yaml`` may say."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from .formats import TableSource
from .settings import ProjectSettings, Section, read_settings


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class Join(TableSource):
    """A second table with one row for each value of the column ``on``."""

    on: str


class Dataset(TableSource):
    """A table and the roles of its columns, all of them optional."""

    rows_are: str = Field(default="rows", min_length=1)
    regression_target: str | None = None
    classification_target: str | None = None
    date: str | None = None
    group: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    id: str | None = None
    drop: tuple[str, ...] = ()
    join: Join | None = None

    @model_validator(mode="after")
    def _one_role_a_column(self) -> Self:
        roles = [self.regression_target, self.classification_target, self.date, self.id]
        # The class to predict may be a group as well: its numbers are worth comparing.
        groups = [name for name in self.group if name != self.classification_target]
        named = [name for name in [*roles, *groups, *self.drop] if name is not None]
        twice = sorted({name for name in named if named.count(name) > 1})
        if twice:
            raise ValueError(f"column {twice[0]!r} has more than one role; expected one")
        return self


class Cleaning(Section):
    """A number so many times the 99th percentile is taken for a typing error."""

    outlier_factor: float = Field(gt=1)


class Split(Section):
    """How much is kept for the final test, and how many folds validate on the rest."""

    test_size: float = Field(gt=0, lt=1)
    folds: int = Field(ge=2, le=20)


class Prices(Section):
    """Money, in ``currency``: of one unit of the number, and of one row of the class."""

    currency: str = Field(pattern=r"^[A-Z]{3}$")
    per_unit: float = Field(allow_inf_nan=False)
    per_case: float = Field(allow_inf_nan=False)


ModelName = Literal["linear", "nearest_neighbours", "decision_tree"]


class Config(ProjectSettings):
    """The whole of ``config.yaml``."""

    datasets: dict[str, Dataset] = Field(default_factory=dict)
    cleaning: Cleaning
    alpha: float = Field(gt=0, lt=0.5)
    split: Split
    models: tuple[ModelName, ...] = Field(min_length=1)
    prices: Prices


def load_config(path: Path, dataset: str | None = None) -> Config:
    """Read and check ``config.yaml``; ``dataset`` overrides the data set it names.

    Raises:
        ConfigError: the file is missing, is not YAML, or has a wrong or unknown setting.
    """
    return read_settings(path, Config, dataset)
