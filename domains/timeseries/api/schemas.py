"""Request and response types; limits and examples come from the published forecasts."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, create_model

from demand.kit.settings import MAX_NUMBER
from demand.predictor import Predictor

MAX_TEXT = 1_000

Text = Annotated[str, Field(strict=True, max_length=MAX_TEXT)]
Units = Annotated[float, Field(strict=True, ge=0, le=MAX_NUMBER)]
Level = Annotated[float, Field(strict=True, gt=0, lt=1)]


class Health(BaseModel):
    """The server is up and has verified forecasts."""

    model_config = ConfigDict(protected_namespaces=())

    status: str
    model_version: str
    commit: str | None


class Step(BaseModel):
    """Demand in one period: the forecast, and 80 % and 95 % prediction intervals."""

    ds: str
    yhat: float
    low_80: float
    high_80: float
    low_95: float
    high_95: float


class Prediction(BaseModel):
    """The forecasts of one series, first step first."""

    unique_id: str
    forecasts: list[Step]


class Predictions(BaseModel):
    """Forecasts in the order in which the instances were sent."""

    model_config = ConfigDict(protected_namespaces=())

    model_version: str
    predictions: list[Prediction]


class Reason(BaseModel):
    """What one input adds to the forecast of the period ``ds``."""

    ds: str
    feature: str
    value: float | None
    contribution: float


class Explanations(BaseModel):
    """Reasons for the forecasts of each instance, in the order sent."""

    model_config = ConfigDict(protected_namespaces=())

    model_version: str
    explanations: list[list[Reason]]


class Order(BaseModel):
    """How much to order, the level it fills up to, and what such orders cost in simulation.

    ``cost_per_month`` is that of all series together, over the validation windows.
    """

    unique_id: str
    service_level: float
    order_up_to: float
    quantity: float
    cost_per_month: float


class Orders(BaseModel):
    """Orders in the order in which the instances were sent."""

    model_config = ConfigDict(protected_namespaces=())

    model_version: str
    currency: str
    lead_time: int
    orders: list[Order]


class AllSeries(BaseModel):
    """Every series, and the periods that are forecast for all of them."""

    model_config = ConfigDict(protected_namespaces=())

    model_version: str
    dates: list[str]
    series: list[str]


class Instance(BaseModel):
    """The series that a question is about."""

    model_config = ConfigDict(extra="forbid")

    unique_id: Text


class Stock(Instance):
    """What is in stock and under way, and how sure it must be that it lasts."""

    service_level: Level | None = None
    on_hand: Units = 0.0
    on_order: Units = 0.0


class Batch(BaseModel):
    """What every request has: series under ``instances``."""

    model_config = ConfigDict(extra="forbid")

    instances: list[Any]


def rows(body: Batch) -> list[dict[str, Any]]:
    """The instances of a request as the predictor takes them."""
    return [instance.model_dump() for instance in body.instances]


def request_models(predictor: Predictor) -> tuple[type[Batch], type[Batch]]:
    """Build the types of a request for forecasts and of one for orders, with their limits."""
    steps = Annotated[int, Field(strict=True, ge=1, le=len(predictor.catalogue.dates))]
    question = create_model("Question", __base__=Instance, horizon=(steps | None, None))
    first = predictor.catalogue.ids[0]
    asked = {"unique_id": first, "horizon": min(7, len(predictor.catalogue.dates))}
    stock = {"unique_id": first, "service_level": 0.95, "on_hand": 10, "on_order": 0}
    return (
        _batch("Request", question, asked, predictor),
        _batch("OrderRequest", Stock, stock, predictor),
    )


def _batch(
    name: str, instance: type[Instance], example: dict[str, Any], predictor: Predictor
) -> type[Batch]:
    field: Any = Field(
        min_length=1,
        max_length=predictor.metadata["limits"]["batch"],
        json_schema_extra={"example": [example]},
    )
    return create_model(name, __base__=Batch, instances=(list[instance], field))  # type: ignore[valid-type]
