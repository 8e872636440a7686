"""A server under watch: what it counts, and what it logs."""

import json
import logging
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import partial
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .settings import Monitoring

# One set for the process, as Prometheus's client has it: a new version goes on counting.
REQUESTS = Counter("api_requests_total", "Requests answered.", ("route", "status"))
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
SECONDS = Histogram("api_request_seconds", "Time to an answer.", ("route",), buckets=BUCKETS)
PREDICTIONS = Counter("api_predictions_total", "Predictions made.", ("decision", "version"))
UNLOGGED = Counter("api_predictions_unlogged_total", "Predictions that could not be logged.")
Json = dict[str, Any]
later: ContextVar[list[Callable[[str], None]]] = ContextVar("later")  # to do with a request's id


class Watch:
    """Counts and times every request, and answers with an id that the log names as well."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        name, status, start = uuid.uuid4().hex, 500, time.perf_counter()
        later.set(left := list[Callable[[str], None]]())

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", name.encode())]
            await send(message)

        try:
            await self.app(scope, receive, noted)
        finally:
            # The route's pattern, not the address: anybody can ask for a million addresses.
            route = getattr(scope.get("route"), "path", "none")
            SECONDS.labels(route).observe(time.perf_counter() - start)
            REQUESTS.labels(route, status).inc()
            for act in left:
                act(name)


class PredictionLog(RotatingFileHandler):
    """Predictions as JSON lines: ``time``, ``version``, ``request``, its ``row`` there, its
    ``prediction``, and ``inputs``, which may be personal data, only if ``log_inputs`` says so."""

    def __init__(self, folder: Path, metadata: Json) -> None:
        settings = Monitoring(**metadata.get("monitoring", {}))  # older versions have none
        folder = folder if isinstance(folder, Path) else Path("logs")  # models in object storage
        with suppress(OSError):
            folder.mkdir(exist_ok=True)
        size = int(settings.log_mb * 1e6)  # of a file: the last five full ones stay
        super().__init__(folder / "predictions.jsonl", "a", size, 5, "utf-8", delay=True)
        self._version, self._with_inputs = str(metadata["version"]), settings.log_inputs

    def add(self, predictions: list[Json], inputs: list[Json]) -> list[Json]:
        """Count and log predictions once the request is answered, so that nobody waits for it."""
        later.get().append(partial(self._write, predictions, inputs))
        return predictions

    def _write(self, predictions: list[Json], inputs: list[Json], request: str) -> None:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        start = {"time": now, "version": self._version, "request": request}
        lines = []
        for row, (prediction, given) in enumerate(zip(predictions, inputs, strict=True)):
            PREDICTIONS.labels(prediction.get("decision", "answered"), self._version).inc()
            line = start | {"row": row, "prediction": prediction}
            lines.append(json.dumps(line | ({"inputs": given} if self._with_inputs else {})))
        self.handle(logging.makeLogRecord({"msg": "\n".join(lines), "count": len(lines)}))

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (logging's name)
        UNLOGGED.inc(getattr(record, "count", 1))


def watch(app: FastAPI, metadata: Json, folder: Path) -> PredictionLog:
    """Put ``app`` under watch, with ``GET /metrics`` for Prometheus; return its log."""
    app.add_middleware(Watch)

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return PredictionLog(folder, metadata)
