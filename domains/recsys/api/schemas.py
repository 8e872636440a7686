"""Request and response types; limits and examples come from the published model."""

from typing import Annotated, Any, Literal, Self

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, create_model, model_validator

from recommender.predictor import Predictor

MAX_TEXT = 1_000
MAX_LIST = 10_000
EXAMPLES = 3  # liked items in the example request
ONE_OF_TWO: list[Any] = [  # how JSON schema says what `_one_of_two` checks
    {"required": ["user"], "properties": {"user": {"type": "string"}}},
    {"required": ["liked"], "properties": {"liked": {"type": "array"}}},
]

Text = Annotated[str, Field(strict=True, max_length=MAX_TEXT)]
Items = Annotated[list[Text], Field(max_length=MAX_LIST)]


class Health(BaseModel):
    """The server is up and has a verified model."""

    model_config = ConfigDict(protected_namespaces=())

    status: str
    model_version: str
    commit: str | None


class Item(BaseModel):
    """An item and what speaks for it."""

    item: str
    title: str
    score: float


class Prediction(BaseModel):
    """Recommendations, best first, and what they rest on."""

    basis: Literal["history", "liked", "popular"]
    items: list[Item]


class Predictions(BaseModel):
    """Recommendations in the order in which the instances were sent."""

    model_config = ConfigDict(protected_namespaces=())

    model_version: str
    predictions: list[Prediction]


class Reason(BaseModel):
    """What a liked item (its title and id), or popularity, adds to the score of ``item``."""

    item: str
    feature: str
    value: str | None
    contribution: float


class Explanations(BaseModel):
    """Reasons for the recommendations to each instance, in the order sent."""

    model_config = ConfigDict(protected_namespaces=())

    model_version: str
    explanations: list[list[Reason]]


class Similar(BaseModel):
    """The items to whose scores a like of ``item`` adds most, and how much."""

    model_config = ConfigDict(protected_namespaces=())

    model_version: str
    item: str
    similar: list[Item]


class Person(BaseModel):
    """Somebody to recommend to: a known ``user``, or whoever ``liked`` these items."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"oneOf": ONE_OF_TWO})

    user: Text | None = None
    liked: Items | None = None
    exclude: Items = []

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.user is None) == (self.liked is None):
            raise ValueError("expected either user or liked")
        return self


class Batch(BaseModel):
    """What every request has: people under ``instances``."""

    model_config = ConfigDict(extra="forbid")

    instances: list[Any]


def rows(body: Batch, predictor: Predictor) -> list[dict[str, Any]]:
    """The people of a request as the predictor takes them.

    Raises:
        RequestValidationError: names every liked item that is not in the catalogue.
    """
    people = [instance.model_dump() for instance in body.instances]
    problems = [
        {
            "type": "unknown_item",
            "loc": ("body", "instances", number, "liked", place),
            "msg": f"no item {item!r} in the catalogue",
        }
        for number, person in enumerate(people)
        for place, item in enumerate(person["liked"] or ())
        if item not in predictor.items
    ]
    if problems:
        raise RequestValidationError(problems)
    return people


def request_model(predictor: Predictor) -> type[Batch]:
    """Build the request type with this model's limits, and items of its own as example."""
    limits, usual = predictor.metadata["limits"], predictor.metadata["signature"]["k"]
    length = Annotated[int, Field(strict=True, ge=1, le=limits["k_max"])]
    person = create_model("Instance", __base__=Person, k=(length | None, None))
    example = {"liked": predictor.catalogue.items[:EXAMPLES], "k": usual}
    field: Any = Field(
        min_length=1, max_length=limits["batch"], json_schema_extra={"example": [example]}
    )
    return create_model("Request", __base__=Batch, instances=(list[person], field))  # type: ignore[valid-type]
