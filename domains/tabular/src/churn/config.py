"""The settings of this project: what ``config.yaml`` may say."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from .kit.decisions import Stakes
from .kit.settings import MAX_NUMBER, Limits, Section, ServedSettings, TableSource, read_settings

Label = str | int | float | bool
MISSING = "(missing)"  # a missing category is a category: the model may learn from it


class Rule(Section):
    """Whom a manager would contact without a model: the baseline that matters."""

    name: str = Field(min_length=1, max_length=60)
    contact: str  # a condition on columns, as ``DataFrame.query`` takes it


class Dataset(TableSource):
    """A table of customers and the roles of its columns; all others are features."""

    target: str
    positive: Label = True
    negative: tuple[Label, ...] = ()
    ignore: tuple[Label | None, ...] = ()
    allow: tuple[Literal["leak", "mixed"], ...] = ()
    id: str | None = None
    drop: tuple[str, ...] = ()
    ratios: dict[str, tuple[str, str]] = Field(default_factory=dict)
    rule: Rule | None = None


class Split(Section):
    """How much is kept for the final test, and how many folds validate on the rest."""

    test_size: float = Field(gt=0, lt=1)
    folds: int = Field(ge=2, le=20)


class Search(Section):
    """How many random draws of hyper-parameters each model gets."""

    draws: int = Field(ge=1)


class Prices(Section):
    """Money, in ``currency`` per customer; ``offer_acceptance`` is a share of customers."""

    currency: str = Field(pattern=r"^[A-Z]{3}$")
    customer_value: float = Field(ge=0, le=MAX_NUMBER)
    offer_cost: float = Field(ge=0, le=MAX_NUMBER)
    offer_acceptance: float = Field(ge=0, le=1)
    customers_per_year: int = Field(ge=1)

    @property
    def stakes(self) -> Stakes:
        """What an offer to a customer about to leave brings on average, what any offer costs."""
        return Stakes(self.offer_acceptance * self.customer_value, self.offer_cost)


ModelName = Literal["logistic_regression", "random_forest", "xgboost"]


class Config(ServedSettings):
    """The whole of ``config.yaml``."""

    datasets: dict[str, Dataset] = Field(default_factory=dict)
    split: Split
    models: tuple[ModelName, ...] = Field(min_length=1)
    search: Search
    prices: Prices
    limits: Limits


def load_config(path: Path, dataset: str | None = None) -> Config:
    """Read ``config.yaml``, with ``dataset`` for its own; a ProjectError says what is wrong."""
    return read_settings(path, Config, dataset)
