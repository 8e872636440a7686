"""The application: health, model, forecasts, reasons and orders, from what was published alone."""

import os
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi_offline import FastAPIOffline

from demand.kit.serving import watch
from demand.kit.store import current_version, place
from demand.predictor import Instance, Predictor

from .errors import Refusal, explain_errors, require
from .newest import Newest
from .schemas import AllSeries, Explanations, Health, Orders, Predictions, request_models, rows

MODELS = place(os.environ.get("MODELS") or str(Path(__file__).resolve().parents[1] / "models"))
PRIVATE = ("signature", "limits")  # in the schema of /predict, so no need to repeat it


def create_app(models: Path = MODELS) -> FastAPI:
    """Load and verify the published forecasts, and build the app around their series.

    Raises:
        ModelError: nothing was published, or it is not what was published.
    """
    predictor = Predictor.load(models)
    about = predictor.metadata
    too_large = {413: {"model": Refusal}}
    app = FastAPIOffline(title=about["title"], version=predictor.version, responses=too_large)
    explain_errors(app, about["limits"]["body_mb"])
    log = watch(app, about, models.parent / "logs")
    Body, OrderBody = request_models(predictor)
    json_only = require("application/json")

    @app.get("/health")
    async def health() -> Health:
        """Whether it is up, and with which model."""
        return Health(status="ok", model_version=about["version"], commit=about["commit"])

    @app.get("/model")
    async def model() -> dict[str, Any]:
        """What the model is, what it was trained on, and how well it does."""
        return {k: v for k, v in about.items() if k not in PRIVATE}

    @app.get("/series")
    async def series() -> AllSeries:
        """Every series that there are forecasts for, and the periods ahead."""
        found = predictor.catalogue
        return AllSeries(model_version=predictor.version, dates=found.dates, series=found.ids)

    @app.post("/predict", response_model=Predictions, **json_only)
    async def predict(body: Body) -> dict[str, Any]:  # type: ignore[valid-type]
        """Forecasts with 80 % and 95 % intervals, in the order sent; without a horizon, all."""
        asked = known(rows(body), predictor)
        predictions = log.add(predictor.predict(asked), asked)
        return {"model_version": predictor.version, "predictions": predictions}

    @app.post("/explain", response_model=Explanations, **json_only)
    async def explain(body: Body) -> dict[str, Any]:  # type: ignore[valid-type]
        """What each forecast is made of, strongest part first; the parts sum to it."""
        explanations = predictor.explain(known(rows(body), predictor))
        return {"model_version": predictor.version, "explanations": explanations}

    @app.post("/order", response_model=Orders, **json_only)
    async def order(body: OrderBody) -> dict[str, Any]:  # type: ignore[valid-type]
        """How much to order now, so that stock lasts until the next order can arrive.

        Without a `service_level` it is the one that cost least in the validation windows.
        """
        asked = known(rows(body), predictor)
        orders = log.add([predictor.order(**instance) for instance in asked], asked)
        return {
            "model_version": predictor.version,
            "currency": predictor.prices.currency,
            "lead_time": predictor.metadata["signature"]["lead_time"],
            "orders": orders,
        }

    return app


def known(instances: list[Instance], predictor: Predictor) -> list[Instance]:
    """The instances, if there are forecasts for all; else 422 that names the other series."""
    problems = [
        {
            "type": "unknown_series",
            "loc": ("body", "instances", number, "unique_id"),
            "msg": f"no series {instance['unique_id']!r} in the published forecasts",
        }
        for number, instance in enumerate(instances)
        if not predictor.knows(instance["unique_id"])
    ]
    if problems:
        raise RequestValidationError(problems)
    return instances


def create_newest_app() -> Newest:
    """The application that takes each version which is published while it runs."""
    return Newest(create_app, current_version, MODELS)
