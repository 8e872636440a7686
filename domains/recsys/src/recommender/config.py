"""The settings of this project: what ``config.yaml`` may say."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from .kit.settings import MAX_NUMBER, Limits, Section, ServedSettings, TableSource, read_settings


class Rule(Section):
    """What everybody is shown without a model: ``items``, by id, then what is liked most."""

    name: str = "the most liked items"
    items: tuple[str, ...] = ()


class ItemTable(TableSource):
    """A table with one row per item, and the roles of its columns."""

    id: str
    title: str
    text: tuple[str, ...] = ()
    unknown: Literal["refuse", "keep"] = "refuse"


class Dataset(TableSource):
    """A table of interactions, one user and one item a row, and the roles of its columns."""

    user: str
    item: str
    rating: str | None = None
    timestamp: str | None = None
    date_format: str | None = None
    positive_rating: float | None = Field(default=None, allow_inf_nan=False)
    rating_range: tuple[float, float] | None = None
    split_by: Literal["time", "user"] | None = None
    items: ItemTable | None = None
    rule: Rule = Rule()

    @model_validator(mode="after")
    def _roles_fit_together(self) -> Self:
        if self.rating is None and (self.positive_rating, self.rating_range) != (None, None):
            raise ValueError("positive_rating and rating_range need `rating`, which they judge")
        if self.user == self.item:
            raise ValueError("user and item are the same column")
        if self.rating_range and not self.rating_range[0] < self.rating_range[1]:
            raise ValueError("expected rating_range as [lowest, highest]")
        return self


class Split(Section):
    """How the interactions are divided; the sizes are shares of all interactions."""

    by: Literal["time", "user"]
    test_size: float = Field(gt=0, lt=1)
    validation_size: float = Field(gt=0, lt=1)

    @model_validator(mode="after")
    def _leaves_some_to_train(self) -> Self:
        if self.test_size + self.validation_size >= 1:
            raise ValueError("test_size and validation_size leave nothing to train on")
        return self


class Search(Section):
    """How many settings each model may try on the validation slice."""

    draws: int = Field(ge=1)


class Prices(Section):
    """Money, in ``currency``: what a click is worth, and how often recommendations are seen."""

    currency: str = Field(pattern=r"^[A-Z]{3}$")
    visits_per_month: int = Field(ge=1)
    revenue_per_click: float = Field(gt=0, le=MAX_NUMBER)


class AbTest(Section):
    """What the experiment must be able to find, and how sure it must be."""

    min_effect: float = Field(ge=0.001, le=10)
    alpha: float = Field(ge=0.0001, le=0.5)
    power: float = Field(ge=0.5, le=0.999)


class ListLimits(Limits):
    """And how long a list may be, and what a model may take to train."""

    k_max: int = Field(ge=1)
    memory_gb: float = Field(gt=0, le=MAX_NUMBER)
    minutes: float = Field(default=30, gt=0, le=MAX_NUMBER)


ModelName = Literal[
    "content", "user_user", "item_item", "svd", "ease", "als", "bpr", "neural"
]  # popularity, the baseline, is always there


class Config(ServedSettings):
    """The whole of ``config.yaml``."""

    datasets: dict[str, Dataset] = Field(default_factory=dict)
    split: Split
    models: tuple[ModelName, ...] = Field(min_length=1)
    k: int = Field(ge=1)
    search: Search
    prices: Prices
    ab_test: AbTest
    limits: ListLimits

    @model_validator(mode="after")
    def _lists_are_not_too_long(self) -> Self:
        if self.k > self.limits.k_max:
            raise ValueError(f"k is {self.k}, above limits.k_max, which is {self.limits.k_max}")
        return self


def load_config(path: Path, dataset: str | None = None) -> Config:
    """Read ``config.yaml``; ``dataset`` overrides the one it names. ProjectError: what is wrong."""
    return read_settings(path, Config, dataset)
