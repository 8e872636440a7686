"""The settings of this project: what ``config.yaml`` may say."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from .settings import Section, TableSource, read_settings

SAMPLE = "sample"
MISSING = "(missing)"  # a missing category is a category: the model may learn from it


class Dataset(TableSource):
    """A table of customers and the roles of its columns; all others are features."""

    target: str
    positive: str | int | float | bool = True
    id: str | None = None
    drop: tuple[str, ...] = ()
    ratios: dict[str, tuple[str, str]] = Field(default_factory=dict)


class Split(Section):
    """How much is kept for the final test, and how many folds validate on the rest."""

    test_size: float = Field(gt=0, lt=1)
    folds: int = Field(ge=2, le=20)


class Search(Section):
    """How many random draws of hyper-parameters a tree model gets."""

    draws: int = Field(ge=1)


class Prices(Section):
    """Money, in ``currency`` per customer; ``offer_acceptance`` is a share of customers."""

    currency: str = Field(pattern=r"^[A-Z]{3}$")
    customer_value: float = Field(ge=0, allow_inf_nan=False)
    offer_cost: float = Field(ge=0, allow_inf_nan=False)
    offer_acceptance: float = Field(ge=0, le=1)
    customers_per_year: int = Field(ge=1)


class Limits(Section):
    """What one request to the API may hold."""

    batch: int = Field(ge=1)
    body_mb: float = Field(gt=0)


ModelName = Literal["logistic_regression", "random_forest", "xgboost"]


class Config(Section):
    """The whole of ``config.yaml``."""

    seed: int = Field(ge=0, lt=2**32)
    dataset: str
    datasets: dict[str, Dataset] = Field(default_factory=dict)
    split: Split
    models: tuple[ModelName, ...] = Field(min_length=1)
    search: Search
    prices: Prices
    limits: Limits

    @field_validator("datasets")
    @classmethod
    def _sample_is_built_in(cls, datasets: dict[str, Dataset]) -> dict[str, Dataset]:
        if SAMPLE in datasets:
            raise ValueError(f"{SAMPLE!r} is the built-in data set; choose another name")
        return datasets

    @model_validator(mode="after")
    def _dataset_is_known(self) -> Self:
        known = [SAMPLE, *self.datasets]
        if self.dataset not in known:
            raise ValueError(f"dataset {self.dataset!r} is none of: {', '.join(known)}")
        return self


def load_config(path: Path, dataset: str | None = None) -> Config:
    """Read and check ``config.yaml``; ``dataset`` overrides the data set it names.

    Raises:
        ConfigError: the file is missing, is not YAML, or has a wrong or unknown setting.
    """
    overrides = {"dataset": dataset} if dataset else {}
    return read_settings(path, Config, overrides)
