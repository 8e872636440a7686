"""Request and response types; the request's come from the model's own signature."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from churn.kit.settings import MAX_NUMBER
from churn.predictor import typical_value

Number = Annotated[float, Field(strict=True, ge=-MAX_NUMBER, le=MAX_NUMBER, allow_inf_nan=False)]
Text = Annotated[str, Field(strict=True, max_length=1_000)]


class Health(BaseModel, protected_namespaces=()):
    """The server is up and has a verified model."""

    status: str
    model_version: str
    commit: str | None


class Unfamiliar(BaseModel):
    """A value that the model does not know; expected: the nearest category, a number's range."""

    column: str
    value: float | str
    expected: str


class Prediction(BaseModel):
    """One customer's churn probability and what to do about it."""

    probability: float
    decision: Literal["contact", "leave alone"]
    expected_value: float
    warnings: list[Unfamiliar]


class Predictions(BaseModel, protected_namespaces=()):
    """Predictions in the order in which the customers were sent."""

    model_version: str
    predictions: list[Prediction]


class Reason(BaseModel):
    """How a feature's value moves one customer's log-odds of leaving."""

    feature: str
    value: float | str | None
    contribution: float


class Explanations(BaseModel, protected_namespaces=()):
    """Reasons, strongest first, for each customer in the order sent."""

    model_version: str
    explanations: list[list[Reason]]


def rows(body: Any) -> list[dict[str, Any]]:
    """The customers of a request as the predictor takes them."""
    return [instance.model_dump(by_alias=True) for instance in body.instances]


def request_model(columns: list[dict[str, Any]], limit: int) -> type[BaseModel]:
    """Build the request type: every column required, null where a value is not known."""
    # Field names are numbered and the columns are aliases: a column may be called anything.
    fields: dict[str, Any] = {}
    for position, column in enumerate(columns):
        kind: Any = Number if column["type"] == "number" else Text
        fields[f"x{position}"] = kind | None, Field(alias=column["name"], title=column["name"])
    example: dict[str, Any] = {column["name"]: typical_value(column) for column in columns}
    config = ConfigDict(extra="forbid", json_schema_extra={"example": example})
    customer = create_model("Customer", __config__=config, **fields)
    instances = Annotated[list[customer], Field(min_length=1, max_length=limit)]  # type: ignore[valid-type]
    return create_model("Request", __config__={"extra": "forbid"}, instances=(instances, ...))
