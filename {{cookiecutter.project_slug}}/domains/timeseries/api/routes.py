"""Forecasts, what they are made of, orders, and the list of series."""

from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError

from demand.predictor import Instance, Predictor

from .limits import require
from .schemas import AllSeries, Explanations, Orders, Predictions, request_models, rows


def add_routes(app: FastAPI, predictor: Predictor) -> None:
    """Add ``/series``, ``/predict``, ``/explain`` and ``/order`` for the published forecasts."""
    Body, OrderBody = request_models(predictor)
    json_only = require("application/json")

    @app.get("/series", response_model=AllSeries)
    async def series() -> dict[str, Any]:
        """Every series that there are forecasts for, and the periods ahead."""
        dates, found = predictor.catalogue.dates, predictor.series()
        return {"model_version": predictor.version, "dates": dates, "series": found}

    @app.post("/predict", response_model=Predictions, **json_only)
    async def predict(body: Body) -> dict[str, Any]:  # type: ignore[valid-type]
        """Forecasts with 80 % and 95 % intervals, in the order sent; without a horizon, all."""
        predictions = predictor.predict(known(rows(body), predictor))
        return {"model_version": predictor.version, "predictions": predictions}

    @app.post("/explain", response_model=Explanations, **json_only)
    async def explain(body: Body) -> dict[str, Any]:  # type: ignore[valid-type]
        """What each forecast is made of, strongest part first.

        The contributions to a period sum to its forecast.
        """
        explanations = predictor.explain(known(rows(body), predictor))
        return {"model_version": predictor.version, "explanations": explanations}

    @app.post("/order", response_model=Orders, **json_only)
    async def order(body: OrderBody) -> dict[str, Any]:  # type: ignore[valid-type]
        """How much to order now, so that stock lasts until the next order can arrive.

        Without a `service_level` it is the one that costs least at the published prices.
        """
        orders = [predictor.order(**instance) for instance in known(rows(body), predictor)]
        return {
            "model_version": predictor.version,
            "currency": predictor.metadata["prices"]["currency"],
            "lead_time": predictor.metadata["inventory"]["lead_time"],
            "orders": orders,
        }


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
