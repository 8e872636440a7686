"""Predictions and telling words for reviews."""

from typing import Any

from fastapi import FastAPI

from sentiment.predictor import Predictor

from .limits import require
from .schemas import Explanations, Predictions, request_model, rows


def add_routes(app: FastAPI, predictor: Predictor) -> None:
    """Add ``/predict`` and ``/explain``, with the limits of the published model."""
    limits = predictor.metadata["limits"]
    Body = request_model(limits["batch"], limits["characters"])
    json_only = require("application/json")

    # Not async: a batch of long reviews takes seconds, so it runs in a thread.
    @app.post("/predict", response_model=Predictions, **json_only)
    def predict(body: Body) -> dict[str, Any]:  # type: ignore[valid-type]
        """Probability of positive, label, decision and expected value of reading, in order."""
        predictions = predictor.predict(rows(body))
        return {"model_version": predictor.version, "predictions": predictions}

    @app.post("/explain", response_model=Explanations, **json_only)
    def explain(body: Body) -> dict[str, Any]:  # type: ignore[valid-type]
        """What each word adds to the log-odds of positive, strongest first."""
        explanations = predictor.explain(rows(body))
        return {"model_version": predictor.version, "explanations": explanations}
