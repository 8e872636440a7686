"""The settings of this project: what ``config.yaml`` may say."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from .kit.settings import SAMPLE, ProjectSettings, Section, TableSource, read_settings

Name = Annotated[str, Field(min_length=1)]


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Names = Annotated[tuple[Name, ...], BeforeValidator(_listed)]


class Join(TableSource):
    """A second table with one row for each value of the column ``on``."""

    on: Name


class Dataset(TableSource):
    """A table and the roles of its columns, all of them optional."""

    rows_are: Name = "rows"
    regression_target: Name | None = None
    classification_target: Name | None = None
    date: Name | None = None
    date_format: Name | None = None
    group: Names = ()
    id: Name | None = None
    unit: Name | None = None
    categories: Names = ()
    labels: dict[Name, dict[int | str, Name]] = Field(default_factory=dict)
    drop: Names = ()
    join: Join | None = None

    @model_validator(mode="after")
    def _one_role_a_column(self) -> Self:
        roles = [self.regression_target, self.classification_target, self.date, self.id, self.unit]
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

    test_size: float = Field(gt=0, le=0.5)
    folds: int = Field(ge=2, le=20)


class Prices(Section):
    """Profit of one unit of the number to predict, and of one row of the class looked for."""

    currency: str = Field(pattern=r"^[A-Z]{3}$")
    per_unit: float | None = Field(default=None, allow_inf_nan=False)
    per_case: float | None = Field(default=None, allow_inf_nan=False)


ModelName = Literal["linear", "nearest_neighbours", "decision_tree"]


class Config(ProjectSettings):
    """The whole of ``config.yaml``."""

    datasets: dict[str, Dataset] = Field(default_factory=dict)
    cleaning: Cleaning
    alpha: float = Field(gt=0, lt=0.5)
    split: Split
    models: tuple[ModelName, ...] = Field(min_length=1)
    prices: dict[str, Prices] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _prices_belong_to_a_data_set(self) -> Self:
        known = [SAMPLE, *self.datasets]
        for name in self.prices:
            if name not in known:
                raise ValueError(f"prices for {name!r}, which is none of: {', '.join(known)}")
        return self


def load_config(path: Path, dataset: str | None = None) -> Config:
    """Read and check ``config.yaml``; ``dataset`` overrides the data set it names.

    A ProjectError says that the file is missing, is not YAML, or has a wrong or unknown setting.
    """
    return read_settings(path, Config, dataset)
