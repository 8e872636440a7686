"""The application: health, model, predictions and reasons, from the exported model alone."""

import os
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi_offline import FastAPIOffline

from churn.kit.serving import watch
from churn.kit.store import current_version, place
from churn.predictor import Predictor

from .errors import Refusal, explain_errors, require
from .newest import Newest
from .schemas import Explanations, Health, Predictions, request_model, rows

MODELS = place(os.environ.get("MODELS") or str(Path(__file__).resolve().parents[1] / "models"))
PRIVATE = ("signature", "limits")  # in the schema of /predict, so no need to repeat it


def create_app(models: Path = MODELS) -> FastAPI:
    """Build the app around the published model; a ModelError where it is not as published."""
    predictor = Predictor.load(models)
    about, limits = predictor.metadata, predictor.metadata["limits"]
    too_large = {413: {"model": Refusal}}
    app = FastAPIOffline(title=about["title"], version=predictor.version, responses=too_large)
    explain_errors(app, limits["body_mb"])
    log = watch(app, about, models.parent / "logs")
    Body = request_model(predictor.columns, limits["batch"])
    json_only = require("application/json")

    @app.get("/health")
    async def health() -> Health:
        """Whether it is up, and with which model."""
        return Health(status="ok", model_version=about["version"], commit=about["commit"])

    @app.get("/model")
    async def model() -> dict[str, Any]:
        """What the model is, what it was trained on, and how well it does."""
        return {k: v for k, v in about.items() if k not in PRIVATE}

    @app.post("/predict", response_model=Predictions, **json_only)
    async def predict(body: Body, strict: bool = False) -> dict[str, Any]:  # type: ignore[valid-type]
        """Churn probability, decision and expected value of an offer, in the order sent.

        Values that the model does not know are named in `warnings`, or refused with `strict`.
        """
        asked = rows(body)
        warnings, problems = predictor.warnings(asked), []
        for row, several in enumerate(warnings if strict else []):
            for one in several:
                said = {"type": "unknown", "msg": f"expected {one['expected']}"}
                problems.append(said | {"loc": ("body", "instances", row, one["column"])})
        if problems:
            raise RequestValidationError(problems)
        answers = zip(log.add(predictor.predict(asked), asked), warnings, strict=True)
        predictions = [answer | {"warnings": found} for answer, found in answers]
        return {"model_version": predictor.version, "predictions": predictions}

    # Not async: it asks the model hundreds of times per customer, so it runs in a thread.
    @app.post("/explain", response_model=Explanations, **json_only)
    def explain(body: Body) -> dict[str, Any]:  # type: ignore[valid-type]
        """The reasons for each prediction, strongest first, as effects on the log-odds."""
        explanations = predictor.explain(rows(body))
        return {"model_version": predictor.version, "explanations": explanations}

    return app


def create_newest_app() -> Newest:
    """The application that takes each version which is published while it runs."""
    return Newest(create_app, current_version, MODELS)
