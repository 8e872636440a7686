"""The application: health, model, predictions and telling words, from the exported model alone."""

import os
from pathlib import Path
from typing import Any

from fastapi import FastAPI, HTTPException
from fastapi_offline import FastAPIOffline

from sentiment.kit.serving import watch
from sentiment.kit.store import current_version, place
from sentiment.predictor import Predictor
from sentiment.transfer import RUNGS

from .errors import Refusal, explain_errors, require
from .newest import Newest
from .schemas import Explanations, Health, Predictions, request_model, rows

MODELS = place(os.environ.get("MODELS") or str(Path(__file__).resolve().parents[1] / "models"))
# Explained in one request by a transformer, which is asked anew for every word: some seconds' work.
LETTERS = 10_000
PRIVATE = ("signature", "limits")  # in the schema of /predict, so no need to repeat it


def create_app(models: Path = MODELS) -> FastAPI:
    """Load and verify the published model, and build the app around its limits.

    Raises:
        ModelError: there is no published model, or it is not the one that was published.
    """
    predictor = Predictor.load(models)
    about, limits = predictor.metadata, predictor.metadata["limits"]
    too_large = {413: {"model": Refusal}}
    app = FastAPIOffline(title=about["title"], version=predictor.version, responses=too_large)
    explain_errors(app, limits["body_mb"])
    log = watch(app, about, models.parent / "logs")
    Body = request_model(limits["batch"], limits["characters"])
    json_only = require("application/json")

    @app.get("/health")
    async def health() -> Health:
        """Whether it is up, and with which model."""
        return Health(status="ok", model_version=about["version"], commit=about["commit"])

    @app.get("/model")
    async def model() -> dict[str, Any]:
        """What the model is, what it was trained on, and how well it does."""
        return {k: v for k, v in about.items() if k not in PRIVATE}

    # Not async: a batch of long reviews takes seconds, so both run in a thread.
    @app.post("/predict", response_model=Predictions, **json_only)
    def predict(body: Body) -> dict[str, Any]:  # type: ignore[valid-type]
        """Probability of a good review, label, decision, expected value of reading, in order."""
        asked = rows(body)
        predictions = log.add(predictor.predict(asked), asked)
        return {"model_version": predictor.version, "predictions": predictions}

    @app.post("/explain", response_model=Explanations, **json_only)
    def explain(body: Body) -> dict[str, Any]:  # type: ignore[valid-type]
        """What each word adds to the log-odds of a good review, strongest first."""
        asked = rows(body)
        letters = sum(len(review["text"]) for review in asked)
        if about["model"] in RUNGS and letters > LETTERS:
            why = (
                f"the reviews have {letters:,} letters, and this model is asked anew for each word"
            )
            raise HTTPException(
                413, f"{why}: expected at most {LETTERS:,} in a request to /explain"
            )
        explanations = predictor.explain(asked)
        return {"model_version": predictor.version, "explanations": explanations}

    return app


def create_newest_app() -> Newest:
    """The application that takes each version which is published while it runs."""
    return Newest(create_app, current_version, MODELS)
