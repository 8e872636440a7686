"""Refusals that say what was expected: 413 too large, 415 of another kind, 422 wrong values."""

from typing import Any

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import BaseModel
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Refusal(BaseModel):
    """Why a request was not answered."""

    detail: str


class BodyLimit:
    """Stops reading at ``megabytes`` and answers 413: FastAPI's own limit cannot say why."""

    def __init__(self, app: ASGIApp, megabytes: float) -> None:
        self.app, self.megabytes = app, megabytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        left = self.megabytes * 1e6

        async def counted() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                detail = f"the request is too large: expected at most {self.megabytes:g} MB"
                raise HTTPException(413, detail)
            return message

        await self.app(scope, counted, send)


def explain_errors(app: FastAPI, megabytes: float) -> None:
    """Give every refusal of ``app`` the form ``{"detail": …}`` and a reason; ``/`` leads on."""
    app.add_middleware(BodyLimit, megabytes=megabytes)
    app.add_api_route("/", lambda: RedirectResponse("docs"), include_in_schema=False)

    @app.exception_handler(RequestValidationError)
    async def wrong_values(request: Request, error: RequestValidationError) -> JSONResponse:
        # FastAPI's own answer repeats the input, which may hold what JSON cannot (NaN).
        detail = [{key: found[key] for key in ("type", "loc", "msg")} for found in error.errors()]
        return JSONResponse({"detail": detail}, status_code=422)

    @app.exception_handler(400)
    async def unreadable(request: Request, error: HTTPException) -> JSONResponse:
        # Not even text or a form: FastAPI's own answer has another status than wrong values.
        problem = {"type": "unreadable", "loc": ["body"], "msg": error.detail}
        return JSONResponse({"detail": [problem]}, status_code=422)


def require(kind: str) -> dict[str, Any]:
    """What makes a route answer 415 to a body that does not say it is of ``kind``, and say so."""

    async def check(request: Request) -> None:
        found = request.headers.get("content-type", "").split(";")[0].strip().lower()
        if found != kind:
            raise HTTPException(415, f"expected Content-Type {kind}, found {found or 'none'}")

    return {"dependencies": [Depends(check)], "responses": {415: {"model": Refusal}}}
