"""Request and response types; how much a request may hold is the published model's limit."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

EXAMPLE: dict[str, Any] = {"text": "Great screen, but the battery is not good: it lasts two hours."}


class Answer(BaseModel):
    """What every answer says: which model gave it."""

    model_config = ConfigDict(protected_namespaces=())

    model_version: str


class Health(Answer):
    """The server is up and has a verified model."""

    status: str
    commit: str | None


class Prediction(BaseModel):
    """How likely one review is a good one, and what to do about it."""

    probability: float
    label: Literal["positive", "negative"]
    decision: Literal["read", "skip"]
    expected_value: float


class Predictions(Answer):
    """Predictions in the order in which the reviews were sent."""

    predictions: list[Prediction]


class Reason(BaseModel):
    """How often a word occurs in a review, and what it adds to the log-odds of a good one."""

    feature: str
    value: int
    contribution: float


class Explanations(Answer):
    """Words, strongest first, for each review in the order sent."""

    explanations: list[list[Reason]]


class Batch(BaseModel):
    """What every request has: reviews under ``instances``."""

    model_config = ConfigDict(extra="forbid")

    instances: list[Any]


def rows(body: Batch) -> list[dict[str, Any]]:
    """The reviews of a request as the predictor takes them."""
    return [instance.model_dump() for instance in body.instances]


def request_model(limit: int, characters: int) -> type[Batch]:
    """Build the request type: at most ``limit`` reviews of at most ``characters`` each."""
    text = Annotated[str, Field(strict=True, max_length=characters)]
    config = ConfigDict(extra="forbid", json_schema_extra={"example": EXAMPLE})
    review = create_model("Review", __config__=config, text=(text, ...))
    instances = Annotated[list[review], Field(min_length=1, max_length=limit)]  # type: ignore[valid-type]
    return create_model("Request", __base__=Batch, instances=(instances, ...))
