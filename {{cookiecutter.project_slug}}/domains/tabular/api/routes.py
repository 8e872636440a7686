"""Predictions and reasons for customers."""

from typing import Any

from fastapi import FastAPI

from churn.predictor import Predictor

from .limits import require
from .schemas import Explanations, Predictions, request_model, rows


def add_routes(app: FastAPI, predictor: Predictor) -> None:
    """Add ``/predict`` and ``/explain``, typed by the columns of the exported model."""
    Body = request_model(predictor.columns, predictor.metadata["limits"]["batch"])
    json_only = require("application/json")

    @app.post("/predict", response_model=Predictions, **json_only)
    async def predict(body: Body) -> dict[str, Any]:  # type: ignore[valid-type]
        """Churn probability, decision and expected value of acting, in the order sent."""
        predictions = predictor.predict(rows(body))
        return {"model_version": predictor.version, "predictions": predictions}

    # Not async: it asks the model hundreds of times per customer, so it runs in a thread.
    @app.post("/explain", response_model=Explanations, **json_only)
    def explain(body: Body) -> dict[str, Any]:  # type: ignore[valid-type]
        """The reasons for each prediction, strongest first, as effects on the log-odds."""
        explanations = predictor.explain(rows(body))
        return {"model_version": predictor.version, "explanations": explanations}
