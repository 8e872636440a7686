"""An application that takes each version which is published while it runs, and the first."""

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

Create = Callable[[Path], ASGIApp]


class Newest:
    """The application of the version that ``current.txt`` names, made anew when that changes.

    Requests under way end in the application in which they began, so that none is lost. Before a
    first version every answer is 503, and says why.
    """

    def __init__(self, create_app: Create, version: Callable[[Path], str], models: Path) -> None:
        self._create_app, self._version, self._models = create_app, version, models
        self._served: str | None = None
        self._problem = ""
        self.app: ASGIApp | None = None
        self.take()
        threading.Thread(target=self._follow, daemon=True).start()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.app:
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            await JSONResponse({"detail": self._problem}, 503)(scope, receive, send)

    def _follow(self) -> None:
        while True:
            time.sleep(1 if isinstance(self._models, Path) else 10)  # a cloud charges for each look
            self.take()

    def take(self) -> None:
        """Take the current version, if it is another one; the log says why it cannot."""
        try:
            if (version := self._version(self._models)) != self._served:
                self.app, self._served = self._create_app(self._models), version
            self._problem = ""
        except Exception as error:  # of a model, a disk or a cloud: what was served goes on
            if str(error) != self._problem:
                logging.getLogger("uvicorn.error").error("no new version is served: %s", error)
            self._problem = str(error)
