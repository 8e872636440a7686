"""The application: health, model, recommendations, reasons and similar items, from one file."""

import os
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Query
from fastapi_offline import FastAPIOffline

from recommender.kit.serving import watch
from recommender.kit.store import current_version, place
from recommender.predictor import Predictor

from .errors import Refusal, explain_errors, require
from .newest import Newest
from .schemas import Explanations, Health, Predictions, Similar, request_model, rows

MODELS = place(os.environ.get("MODELS") or str(Path(__file__).resolve().parents[1] / "models"))
PRIVATE = ("signature", "limits")  # in the schema of /predict, so no need to repeat it


def create_app(models: Path = MODELS) -> FastAPI:
    """Load and verify the published model, and build the app around it.

    Raises:
        ModelError: there is no published model, or it is not the one that was published.
    """
    predictor = Predictor.load(models)
    about, limits = predictor.metadata, predictor.metadata["limits"]
    too_large = {413: {"model": Refusal}}
    app = FastAPIOffline(title=about["title"], version=predictor.version, responses=too_large)
    explain_errors(app, limits["body_mb"])
    log = watch(app, about, models.parent / "logs")
    Body = request_model(predictor)
    Length = Annotated[int | None, Query(ge=1, le=limits["k_max"])]
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
    async def predict(body: Body) -> dict[str, Any]:  # type: ignore[valid-type]
        """Recommendations for known users, or for whoever liked some items, in the order sent.

        A user who is not known gets what is popular, and `basis` says so.
        """
        asked = rows(body, predictor)
        predictions = log.add(predictor.predict(asked), asked)
        return {"model_version": predictor.version, "predictions": predictions}

    # Not async: it looks at each liked item for each recommended one, so it runs in a thread.
    @app.post("/explain", response_model=Explanations, **json_only)
    def explain(body: Body) -> dict[str, Any]:  # type: ignore[valid-type]
        """What speaks for each recommended item: "because you liked ...", strongest first."""
        explanations = predictor.explain(rows(body, predictor))
        return {"model_version": predictor.version, "explanations": explanations}

    @app.get(
        "/items/{item:path}/similar", response_model=Similar, responses={404: {"model": Refusal}}
    )
    async def similar(item: str, k: Length = None) -> dict[str, Any]:  # type: ignore[valid-type]
        """The items that a like of this one speaks for most."""
        if item not in predictor.items:
            raise HTTPException(404, f"no item {item!r}: expected an id of the catalogue")
        found = predictor.similar(item, k)
        return {"model_version": predictor.version, "item": item, "similar": found}

    return app


def create_newest_app() -> Newest:
    """The application that takes each version which is published while it runs."""
    return Newest(create_app, current_version, MODELS)
