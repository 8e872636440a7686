"""Response types; requests are files."""

from typing import Literal

from pydantic import BaseModel, ConfigDict


class Health(BaseModel):
    """The server is up and has a verified model."""

    model_config = ConfigDict(protected_namespaces=())

    status: str
    model_version: str
    commit: str | None


class Unfamiliar(BaseModel):
    """A figure of an image, 0 to 1, that no training image had; expected: the range they had."""

    column: Literal["brightness", "contrast"]
    value: float
    expected: str


class Prediction(BaseModel):
    """How likely one image is to be a positive case, and what to do about it."""

    probability: float
    decision: Literal["refer", "do not refer"]
    expected_value: float
    warnings: list[Unfamiliar]


class Predictions(BaseModel):
    """Predictions in the order in which the images were sent."""

    model_config = ConfigDict(protected_namespaces=())

    model_version: str
    predictions: list[Prediction]
