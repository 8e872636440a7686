"""The settings of this project: what ``config.yaml`` may say."""

import re
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from .kit.settings import MAX_NUMBER, Limits, Section, ServedSettings, Source, read_settings

NOTICE = (
    "Not a medical device: a learning project, for study only. "
    "Do not use it, or anything it says, to decide about a person's care."
)


class Rule(Section):
    """Whom a ward would refer without a model: the baseline that matters.

    Images at least as bright as ``brighter_than``, on the mean of all pixels: 0 black, 1 white.
    """

    name: str = Field(min_length=1, max_length=60)
    brighter_than: float = Field(ge=0, le=1)


class Dataset(Source):
    """Labelled images, and which class is the positive one."""

    layout: Literal["folder", "npz"]
    size: int = Field(ge=16, le=512)
    channels: Literal[1, 3] = 1
    bits: int | None = Field(default=None, ge=8, le=16)
    classes: tuple[str, ...] = ()
    positive: tuple[str, ...] = Field(min_length=1)
    patient: str | None = None
    share_images: bool = False
    rule: Rule | None = None

    @field_validator("classes", "positive", mode="before")
    @classmethod
    def _one_or_many(cls, names: Any) -> Any:
        several = tuple(names) if isinstance(names, list | tuple) else (names,)
        if not all(isinstance(name, str) for name in several):
            raise ValueError('expected names; YAML takes 1 or no for one only in quotes: "no"')
        return several

    @field_validator("patient")
    @classmethod
    def _has_one_group(cls, patient: str | None) -> str | None:
        try:
            groups = 1 if patient is None else re.compile(patient).groups
        except re.error as error:
            raise ValueError(f"expected a regular expression: {error}") from error
        if groups != 1:
            raise ValueError("expected one group in brackets: the part that names the patient")
        return patient

    @model_validator(mode="after")
    def _classes_fit(self) -> Self:
        if len(set(self.classes)) < len(self.classes):
            raise ValueError("expected different `classes`")
        if self.layout == "npz" and not self.classes:
            raise ValueError("expected `classes`, in the order of their numbers in the file")
        if self.classes and not set(self.positive) < set(self.classes):
            known = ", ".join(self.classes)
            raise ValueError(f"expected `positive` to be some, not all, of the classes: {known}")
        return self


class Split(Section):
    """How much is kept for the final test and for validation."""

    test_size: float = Field(gt=0, lt=1)
    validation_size: float = Field(gt=0, lt=1)

    @model_validator(mode="after")
    def _leaves_something(self) -> Self:
        if self.test_size + self.validation_size >= 1:
            raise ValueError("expected test_size and validation_size to leave cases to train on")
        return self


class Phase(Section):
    """The training of a network: ``steps`` and ``batch`` are the most."""

    steps: int = Field(ge=1)
    batch: int = Field(ge=2)
    learning_rate: float = Field(gt=0, allow_inf_nan=False)
    decay: float = Field(ge=0, allow_inf_nan=False)


class Augmentation(Section):
    """How far training images are changed; shares of the side or of the brightness."""

    rotation: float = Field(ge=0, le=180)
    shift: float = Field(ge=0, le=0.5)
    zoom: float = Field(ge=0, le=0.5)
    exposure: float = Field(ge=0, le=1)
    flip: bool


class Transfer(Phase):
    """Where a trained network comes from, and how it is trained further."""

    checkpoint: str = Field(min_length=1)
    size: int = Field(ge=32, le=512)


class Prices(Section):
    """Money, in ``currency`` per case; ``prevalence`` is a share of cases."""

    currency: str = Field(pattern=r"^[A-Z]{3}$")
    missed_case: float = Field(ge=0, le=MAX_NUMBER)
    false_alarm: float = Field(ge=0, le=MAX_NUMBER)
    prevalence: float | None = Field(default=None, gt=0, lt=1)


class ImageLimits(Limits):
    """And how large an image may be."""

    pixels: int = Field(ge=256)


class Config(ServedSettings):
    """The whole of ``config.yaml``."""

    datasets: dict[str, Dataset] = Field(default_factory=dict)
    split: Split
    models: tuple[Literal["logistic_regression", "resnet", "transfer"], ...] = Field(min_length=1)
    training: Phase
    augmentation: Augmentation
    transfer: Transfer
    prices: Prices
    limits: ImageLimits


def load_config(path: Path, dataset: str | None = None) -> Config:
    """Read and check ``config.yaml``; ``dataset`` overrides the data set it names.

    A ProjectError says that the file is missing, is not YAML, or has a wrong or unknown setting.
    """
    return read_settings(path, Config, dataset)
