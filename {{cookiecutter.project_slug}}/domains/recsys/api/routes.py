"""Recommendations, reasons for them, and similar items."""

from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Query
from fastapi.exceptions import RequestValidationError

from recommender.predictor import Instance, Predictor

from .limits import Refusal, require
from .schemas import Explanations, Predictions, Similar, request_model, rows


def add_routes(app: FastAPI, predictor: Predictor) -> None:
    """Add ``/predict``, ``/explain`` and ``/items/{item}/similar`` for the published model."""
    Body = request_model(predictor)
    json_only = require("application/json")
    Length = Annotated[int | None, Query(ge=1, le=predictor.metadata["limits"]["k_max"])]

    @app.post("/predict", response_model=Predictions, **json_only)
    async def predict(body: Body) -> dict[str, Any]:  # type: ignore[valid-type]
        """Recommendations for known users, or for whoever liked some items, in the order sent.

        A user who is not known gets what is popular, and `basis` says so.
        """
        predictions = predictor.predict(known(rows(body), predictor))
        return {"model_version": predictor.version, "predictions": predictions}

    @app.post("/explain", response_model=Explanations, **json_only)
    async def explain(body: Body) -> dict[str, Any]:  # type: ignore[valid-type]
        """What speaks for each recommended item: "because you liked ...", strongest first.

        The contributions to an item sum to its score.
        """
        explanations = predictor.explain(known(rows(body), predictor))
        return {"model_version": predictor.version, "explanations": explanations}

    @app.get(
        "/items/{item:path}/similar",
        response_model=Similar,
        responses={404: {"model": Refusal}},
    )
    async def similar(item: str, k: Length = None) -> dict[str, Any]:  # type: ignore[valid-type]
        """The items that a like of this one speaks for most."""
        if not predictor.knows(item):
            raise HTTPException(404, f"no item {item!r}")
        found = predictor.similar(item, k)
        return {"model_version": predictor.version, "item": item, "similar": found}


def known(instances: list[Instance], predictor: Predictor) -> list[Instance]:
    """The instances, if every liked item is in the catalogue; else 422 that names the others."""
    problems = [
        {
            "type": "unknown_item",
            "loc": ("body", "instances", number, "liked", place),
            "msg": f"no item {item!r} in the catalogue",
        }
        for number, instance in enumerate(instances)
        for place, item in enumerate(instance["liked"] or ())
        if not predictor.knows(item)
    ]
    if problems:
        raise RequestValidationError(problems)
    return instances
