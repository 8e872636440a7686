"""Uploaded images: how many there may be, and what is answered to those that cannot be used."""

from typing import Any

import numpy as np
from fastapi import Depends, HTTPException, Request, UploadFile
from fastapi.exceptions import RequestValidationError
from numpy.typing import NDArray

from imaging.images import ImageError
from imaging.predictor import Predictor

from .errors import require

STATUS = {"size": 413, "type": 415}  # any other fault of an image is a wrong value: 422


def uploads(field: str, most: int) -> dict[str, Any]:
    """What makes a route answer 415 to what is no form, and 422 to text, or to more than ``most``
    files, in ``field``.

    FastAPI alone would take the last of many where one is expected, and speak of types of its own.
    """

    async def check(request: Request) -> None:
        sent = (await request.form()).getlist(field)
        if len(sent) > most:
            raise wrong("too_long", (field,), f"expected at most {most} file(s), found {len(sent)}")
        if any(isinstance(value, str) for value in sent):
            message = "expected a file, found text (with curl: an @ before the file's name)"
            raise wrong("file", (field,), message)

    form = require("multipart/form-data")
    return form | {"dependencies": [*form["dependencies"], Depends(check)]}


def read(predictor: Predictor, file: UploadFile, place: tuple[str | int, ...]) -> NDArray[np.uint8]:
    """The image in an uploaded file as the model takes it, or the answer that says what is wrong.

    Raises:
        HTTPException: 413 for too many pixels, 415 for what is neither PNG nor JPEG.
        RequestValidationError: the image is broken, empty or animated.
    """
    try:
        return predictor.read(file.file.read())
    except ImageError as error:
        problem = f"{(file.filename or 'unnamed')[:100]!r}: {error}"
        if error.kind in STATUS:
            raise HTTPException(STATUS[error.kind], problem) from error
        raise wrong("image", place, problem) from error


def wrong(kind: str, place: tuple[str | int, ...], message: str) -> RequestValidationError:
    """What is answered with 422, naming the field."""
    return RequestValidationError([{"type": kind, "loc": ("body", *place), "msg": message}])
