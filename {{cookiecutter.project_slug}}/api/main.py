"""The application: health, model, and what every answer has in common."""

from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from {{ cookiecutter.__package }}.predictor import Predictor

from .limits import BodyLimit, Refusal
from .routes import add_routes

PRIVATE = ("signature", "limits")  # in the schema of /predict, so no need to repeat it


class Health(BaseModel):
    """The server is up and has a verified model."""

    status: str
    model_version: str


def create_app(models: Path = Path("models")) -> FastAPI:
    """Load and verify the published model, and build the app around its signature.

    Raises:
        ModelError: there is no published model, or it is not the one that was published.
    """
    predictor = Predictor.load(models)
    app = FastAPI(
        title=predictor.metadata["title"],
        version=predictor.version,
        responses={413: {"model": Refusal}},
    )
    app.add_middleware(BodyLimit, megabytes=predictor.metadata["limits"]["body_mb"])
    app.add_exception_handler(RequestValidationError, _explain_wrong_input)
    app.add_exception_handler(400, _explain_unreadable)

    @app.get("/health")
    async def health() -> Health:
        return Health(status="ok", model_version=predictor.version)

    @app.get("/model")
    async def model() -> dict[str, Any]:
        """What the model is, what it was trained on, and how well it does."""
        return {k: v for k, v in predictor.metadata.items() if k not in PRIVATE}

    add_routes(app, predictor)
    return app


async def _explain_wrong_input(request: Request, error: Exception) -> JSONResponse:
    # FastAPI's own answer repeats the input, which may hold what JSON cannot (NaN).
    assert isinstance(error, RequestValidationError)
    detail = [{key: problem[key] for key in ("type", "loc", "msg")} for problem in error.errors()]
    return JSONResponse({"detail": detail}, status_code=422)


async def _explain_unreadable(request: Request, error: Exception) -> JSONResponse:
    # Not even text or a form: FastAPI's own answer has another status and form than wrong values.
    assert isinstance(error, HTTPException)
    problem = {"type": "unreadable", "loc": ["body"], "msg": error.detail}
    return JSONResponse({"detail": [problem]}, status_code=422)
