"""Predicting with the exported model, on the server's dependencies alone."""

from pathlib import Path
from typing import Any, Self

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from .config import Prices
from .images import Images, light, normalise, read_image, to_array
from .kit.files import rounded
from .kit.intervals import Array
from .kit.store import load_current
from .money import expected_value

AT_ONCE = 64  # images in memory at a time


class Predictor:
    """An exported model with its signature and prices."""

    def __init__(self, model: bytes, metadata: dict[str, Any]) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # a request is too small to share between threads
        self.metadata = metadata
        self.signature: dict[str, Any] = metadata["signature"]
        self._session = onnxruntime.InferenceSession(model, options)

    @classmethod
    def load(cls, models: Path) -> Self:
        """Load the current version; a ModelError says that none is there as it was published."""
        return cls(*load_current(models))

    @property
    def version(self) -> str:
        return str(self.metadata["version"])

    def read(self, content: bytes) -> NDArray[np.uint8]:
        """The image in a PNG or JPEG file as the model takes it: (size, size, channels).

        An ImageError says that it is of another type, too large, or damaged.
        """
        image = read_image(content, self.metadata["limits"]["pixels"])
        bits = self.signature.get("bits") or 16
        return to_array(image, self.signature["size"], self.signature["channels"], bits)

    def predict_proba(self, images: Images) -> Array:
        """Probability (n,) that each of ``images`` (n, size, size, channels) is positive."""
        return self.maps(images)[0]

    def maps(self, images: Images) -> tuple[Array, Array]:
        """Probability (n,) and class-activation map (n, h, w) of each image.

        A map says how far each place moves the log-odds: its mean is the log-odds but for a
        constant. Positive places speak for the positive class.
        """
        parts = []
        for start in range(0, max(len(images), 1), AT_ONCE):
            batch = images[start : start + AT_ONCE]
            feed = {"images": normalise(batch, self.signature["mean"], self.signature["std"])}
            parts.append(self._session.run(["probability", "map"], feed))
        probability, maps = (np.concatenate(found) for found in zip(*parts, strict=True))
        return probability.astype(float), maps.astype(float)

    def predict(self, images: Images) -> list[dict[str, Any]]:
        """Probability, expected value of referring, and whom to refer: where it is positive."""
        return self.decide(self.predict_proba(images))

    def warnings(self, images: Images) -> list[list[dict[str, Any]]]:
        """Of each image, which figures lie a tenth of the range of all training images or more
        beyond it, so that the model only guesses: ``column``, ``value``, ``expected``."""
        seen = self.signature.get("light", {})  # older versions do not have it
        return [
            [
                {"column": n, "value": rounded(own[n]), "expected": f"{low:.3g} to {high:.3g}"}
                for n, (low, high) in seen.items()
                if abs(own[n] - (low + high) / 2) > 0.6 * (high - low)
            ]
            for own in map(light, images)
        ]

    def decide(self, probability: Array) -> list[dict[str, Any]]:
        """What ``predict`` says of cases with these probabilities (n,), to six digits."""
        prices = Prices(**self.metadata["prices"])
        values = expected_value(probability, prices, self.signature["positive_share"])
        whom = np.where(values > 0, "refer", "do not refer").tolist()
        rows = zip(probability.tolist(), whom, values.tolist(), strict=True)
        said = [{"probability": p, "decision": d, "expected_value": v} for p, d, v in rows]
        return list(rounded(said))
