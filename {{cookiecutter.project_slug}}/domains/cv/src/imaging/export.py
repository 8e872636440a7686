"""From a trained network to one ONNX file that any server can run."""

import logging
import warnings

import numpy as np
import onnx
import torch
from torch import Tensor, nn

from .bootstrap import Array
from .calibration import Calibration
from .errors import ModelError
from .images import Images
from .models import Fitted
from .predictor import Predictor

TOLERANCE = 1e-4  # largest difference in probability between the network and its export
BATCHES = (1, 7, 64)  # sizes in which parity is checked


class Shipped(nn.Module):
    """The model with its calibration, as it is exported."""

    def __init__(self, model: nn.Module, calibration: Calibration) -> None:
        super().__init__()
        self.model = model
        self.scale, self.offset = calibration.scale, calibration.offset

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        log_odds, activation = self.model(images)
        return torch.sigmoid(self.scale * log_odds + self.offset), self.scale * activation


def to_onnx(fitted: Fitted, calibration: Calibration) -> bytes:
    """Return the ONNX file: ``images`` (n, channels, size, size) in, standardised.

    Out come ``probability`` (n,) and ``map`` (n, h, w), whose mean is the log-odds of that
    probability but for a constant.
    """
    shipped = Shipped(fitted.model.cpu(), calibration).eval()
    size, channels = fitted.task.train.shape[1], fitted.task.train.shape[3]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the exporter's own insides
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        program = torch.onnx.export(
            shipped,
            (torch.zeros(2, channels, size, size),),
            dynamo=True,  # the older exporter gave wrong numbers without an error
            verbose=False,
            input_names=["images"],
            output_names=["probability", "map"],
            dynamic_shapes={"images": {0: torch.export.Dim("n", min=1)}},
        )
    assert program is not None, "without a file name, export returns the program"
    model = program.model_proto
    _forget_origin(model.graph)
    return bytes(model.SerializeToString())


def _forget_origin(graph: onnx.GraphProto) -> None:
    """Remove notes on the code that each step came from: they name folders of this machine."""
    del graph.metadata_props[:]
    for part in (*graph.node, *graph.input, *graph.output, *graph.value_info, *graph.initializer):
        del part.metadata_props[:]
        part.doc_string = ""


def shipped_probability(fitted: Fitted, calibration: Calibration, images: Images) -> Array:
    """(n,) what the export must say of images (n, height, width, channels)."""
    log_odds = calibration.scale * fitted.predict(images) + calibration.offset
    return np.asarray(1 / (1 + np.exp(-log_odds)))


def largest_difference(expected: Array, predictor: Predictor, images: Images) -> float:
    """How far the exported probabilities are from ``expected`` (n,), at most, in any batch size."""
    found = [
        np.concatenate(
            [
                predictor.predict_proba(images[start : start + batch])
                for start in range(0, len(images), batch)
            ]
        )
        for batch in BATCHES
    ]
    return max(float(np.abs(expected - probability).max()) for probability in found)


def check_parity(expected: Array, predictor: Predictor, images: Images) -> float:
    """Return the largest difference between the network and its export.

    Raises:
        ModelError: it is above ``TOLERANCE``.
    """
    difference = largest_difference(expected, predictor, images)
    if difference > TOLERANCE:
        raise ModelError(
            f"the exported model differs from the trained one by {difference:.2g} in probability; "
            f"expected at most {TOLERANCE}. Nothing was kept: the previous model stays. Leave out "
            "a model with `models`, or train it with a lower `learning_rate`."
        )
    return difference
