"""Refusing requests that are too large or of the wrong kind, before anything is done with them."""

from typing import Any

from fastapi import Depends, HTTPException, Request
from pydantic import BaseModel
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Refusal(BaseModel):
    """Why a request was not answered."""

    detail: str


class BodyLimit:
    """Answers 413 to a request whose body is larger than ``megabytes``."""

    def __init__(self, app: ASGIApp, megabytes: float) -> None:
        self.app = app
        self.megabytes = megabytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self.megabytes * 1_000_000
        body, more = b"", True
        while more and len(body) <= limit:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        if len(body) > limit:
            detail = f"the request is too large: expected at most {self.megabytes:g} MB"
            answer = JSONResponse({"detail": detail}, status_code=413)
            await answer(scope, receive, send)
            return
        delivered = False

        async def replay() -> Message:
            nonlocal delivered
            if delivered:
                return await receive()
            delivered = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self.app(scope, replay, send)


def require(kind: str) -> dict[str, Any]:
    """What makes a route answer 415 to a body that does not say it is of ``kind``, and say so."""

    async def check(request: Request) -> None:
        found = request.headers.get("content-type", "").split(";")[0].strip().lower()
        if found != kind:
            raise HTTPException(415, f"expected Content-Type {kind}, found {found or 'none'}")

    return {"dependencies": [Depends(check)], "responses": {415: {"model": Refusal}}}
