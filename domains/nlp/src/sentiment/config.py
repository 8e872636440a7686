"""The settings of this project: what ``config.yaml`` may say."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from .features import tokens
from .kit.decisions import Stakes
from .kit.settings import MAX_NUMBER, Limits, Section, ServedSettings, TableSource, read_settings

CUT = 0.5  # a review is called positive from this probability on

Label = str | int | float | bool


class Dataset(TableSource):
    """A table of reviews, one a row, and the roles of its columns."""

    text: str
    label: str
    positive: tuple[Label, ...] | None = None
    negative: tuple[Label, ...] = ()
    ignore: tuple[Label | None, ...] = ()
    rating_threshold: float | None = Field(default=None, allow_inf_nan=False)
    product: str | None = None
    date: str | None = None
    date_format: str | None = None

    @field_validator("positive", mode="before")
    @classmethod
    def _one_or_many(cls, positive: object) -> object:
        return positive if positive is None or isinstance(positive, list | tuple) else (positive,)

    @model_validator(mode="after")
    def _roles_fit_together(self) -> Self:
        if (self.positive is None) == (self.rating_threshold is None):
            raise ValueError(
                "expected either positive (the label's values for a good review) or "
                "rating_threshold (the lowest rating of a good one)"
            )
        if self.positive == ():
            raise ValueError("positive is empty: name at least one value of a good review")
        columns = [name for name in (self.text, self.label, self.product, self.date) if name]
        if len(set(columns)) < len(columns):
            raise ValueError("text, label, product and date must be different columns")
        return self


class Split(Section):
    """How much is kept for the final test, and how many folds validate on the rest."""

    test_size: float = Field(gt=0, lt=1)
    folds: int = Field(ge=2, le=20)


class Bert(Section):
    """The optional transformer, and how it is fine-tuned; ``checkpoint``: a name or a folder."""

    checkpoint: str = Field(min_length=1)
    epochs: int = Field(ge=1)
    batch: int = Field(ge=1)
    learning_rate: float = Field(gt=0, lt=1)
    max_tokens: int = Field(ge=8, le=512)
    patience: int = Field(ge=1)


class Prices(Section):
    """Money, in ``currency`` per review; ``win_back`` is a share of unhappy customers."""

    currency: str = Field(pattern=r"^[A-Z]{3}$")
    customer_value: float = Field(ge=0, le=MAX_NUMBER)
    win_back: float = Field(ge=0, le=1)
    reading_cost: float = Field(ge=0, le=MAX_NUMBER)

    @property
    def stakes(self) -> Stakes:
        """What reading an unhappy customer's review brings on average, what reading any costs."""
        return Stakes(self.win_back * self.customer_value, self.reading_cost)


class TextLimits(Limits):
    """And how long a review may be."""

    characters: int = Field(ge=1)


class Scrape(Section):
    """How ``scrape`` behaves towards the sites it visits."""

    contact: str = Field(pattern=r"^[!-~][ -~]*$")  # a header takes nothing else
    delay_seconds: float = Field(ge=0, allow_inf_nan=False)
    timeout_seconds: float = Field(gt=0, allow_inf_nan=False)
    max_pages: int = Field(ge=1)


def _has_words(text: str) -> str:
    if not tokens(text):
        raise ValueError("expected a word, or several with blanks between them")
    return text


Words = Annotated[tuple[Annotated[str, AfterValidator(_has_words)], ...], Field(min_length=1)]
ModelName = Literal["naive_bayes", "logistic_regression", "svm", "embeddings", "bert"]


class Config(ServedSettings):
    """The whole of ``config.yaml``."""

    datasets: dict[str, Dataset] = Field(default_factory=dict)
    split: Split
    models: tuple[ModelName, ...] = Field(min_length=1)
    bert: Bert
    aspects: dict[str, Words]
    rule: Words
    prices: Prices
    limits: TextLimits
    scrape: Scrape


def load_config(path: Path, dataset: str | None = None) -> Config:
    """Read and check ``config.yaml``; ``dataset`` overrides the data set it names.

    A ProjectError says that the file is missing, is not YAML, or has a wrong or unknown setting.
    """
    return read_settings(path, Config, dataset)
