"""The application: health, model, predictions and maps, from the exported model alone."""

import os
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from fastapi import FastAPI, File, Query, Response, UploadFile
from fastapi_offline import FastAPIOffline

from imaging.config import NOTICE
from imaging.gradcam import overlay
from imaging.images import light, to_png
from imaging.kit.serving import watch
from imaging.kit.store import current_version, place
from imaging.predictor import Predictor

from .errors import Refusal, explain_errors
from .newest import Newest
from .schemas import Health, Predictions
from .uploads import read, uploads

MODELS = place(os.environ.get("MODELS") or str(Path(__file__).resolve().parents[1] / "models"))
PRIVATE = ("signature", "limits")  # of use to the server alone
PNG = "image/png"


def create_app(models: Path = MODELS) -> FastAPI:
    """Load and verify the published model, and build the app around it.

    Raises:
        ModelError: there is no published model, or it is not the one that was published.
    """
    predictor = Predictor.load(models)
    about, limits = predictor.metadata, predictor.metadata["limits"]
    app = FastAPIOffline(
        title=about["title"],
        description=NOTICE,
        version=predictor.version,
        responses={413: {"model": Refusal}},
    )
    explain_errors(app, limits["body_mb"])
    log = watch(app, about, models.parent / "logs")
    most, one_file = limits["batch"], uploads("file", 1)
    Files = Annotated[
        list[UploadFile],
        File(min_length=1, max_length=most, description=f"1 to {most} PNG or JPEG images"),
    ]
    Opacity = Annotated[float, Query(ge=0, le=1, description="of the map over the image")]

    @app.get("/health")
    async def health() -> Health:
        """Whether it is up, and with which model."""
        return Health(status="ok", model_version=about["version"], commit=about["commit"])

    @app.get("/model")
    async def model() -> dict[str, Any]:
        """What the model is, what it was trained on, and how well it does."""
        known = {k: v for k, v in about.items() if k not in PRIVATE}
        return known | {"positive": predictor.signature["positive"], "notice": NOTICE}

    # Not async: reading images takes time, so it runs in a thread.
    @app.post("/predict", response_model=Predictions, **uploads("files", most))
    def predict(files: Files) -> dict[str, Any]:
        """Probability, decision and expected value of referring each image, in the order sent.

        An image that is darker, brighter, flatter or harsher than all training images has
        `warnings`: the model only guesses there.
        """
        read_in = (read(predictor, file, ("files", place)) for place, file in enumerate(files))
        images = np.stack(list(read_in))
        # Of an image that may be a person's, the log gets two figures and no pixel.
        answers = log.add(predictor.predict(images), list(map(light, images)))
        found = zip(answers, predictor.warnings(images), strict=True)
        predictions = [answer | {"warnings": warnings} for answer, warnings in found]
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
        return Response(to_png(picture), headers=headers, media_type=PNG)

    return app


def create_newest_app() -> Newest:
    """The application that takes each version which is published while it runs."""
    return Newest(create_app, current_version, MODELS)
