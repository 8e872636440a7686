"""Predictions for images, and maps of where the evidence was."""

from typing import Annotated, Any

import numpy as np
from fastapi import Depends, FastAPI, File, HTTPException, Query, Request, Response, UploadFile
from fastapi.exceptions import RequestValidationError
from numpy.typing import NDArray

from imaging.gradcam import overlay
from imaging.images import ImageError
from imaging.predictor import Predictor
from imaging.wording import NOTICE

from .limits import require
from .schemas import Predictions

STATUS = {"size": 413, "type": 415}  # any other fault of an image is a wrong value: 422
PNG = "image/png"


def add_routes(app: FastAPI, predictor: Predictor) -> None:
    """Add ``/predict`` and ``/explain``, with the limits of the published model."""
    app.description = NOTICE
    limit = predictor.metadata["limits"]["batch"]
    one_file = uploads("file", 1)
    Files = Annotated[
        list[UploadFile],
        File(min_length=1, max_length=limit, description=f"1 to {limit} PNG or JPEG images"),
    ]
    Opacity = Annotated[float, Query(ge=0, le=1, description="of the map over the image")]

    # Not async: reading images takes time, so it runs in a thread.
    @app.post("/predict", response_model=Predictions, **uploads("files", limit))
    def predict(files: Files) -> dict[str, Any]:
        """Probability, decision and expected value of referring each image, in the order sent."""
        images = [read(predictor, file, ("files", place)) for place, file in enumerate(files)]
        predictions = predictor.predict(np.stack(images))
        return {"model_version": predictor.version, "predictions": predictions}

    @app.post(
        "/explain",
        response_class=Response,
        responses={200: {"content": {PNG: {}}}, **one_file["responses"]},
        dependencies=one_file["dependencies"],
    )
    def explain(file: UploadFile, opacity: Opacity = 0.5) -> Response:
        """The image as the model sees it, under the map of what speaks for a positive case.

        The headers hold ``Model-Version``, ``Probability`` and ``Decision``.
        """
        image = read(predictor, file, ("file",))[np.newaxis]
        probability, [evidence] = predictor.maps(image)
        [answer] = predictor.decide(probability)
        headers = {
            "Model-Version": predictor.version,
            "Probability": f"{answer['probability']:.6g}",
            "Decision": answer["decision"],
        }
        picture = overlay(image[0], evidence, predictor.signature["strong"], opacity)
        return Response(picture, headers=headers, media_type=PNG)


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


def wrong(kind: str, place: tuple[str | int, ...], message: str) -> RequestValidationError:
    """What is answered with 422, naming the field."""
    return RequestValidationError([{"type": kind, "loc": ("body", *place), "msg": message}])


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
