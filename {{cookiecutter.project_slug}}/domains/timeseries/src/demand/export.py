"""The published file: forecasts of every series, with all that stands behind an interval.

It is a NumPy archive without pickle, so that reading it runs no code. A quantile of demand is
``max(0, forecast + scale * offset)``: offsets are shared by all series, the scale is the series'
own, so that the file stays small with thousands of series.
"""

import json
from dataclasses import dataclass, fields
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
TEXTS = ("ids", "dates", "history_dates", "features", "models", "classes")


@dataclass(frozen=True)
class Catalogue:
    """Everything the server knows; S series, H steps ahead, Q levels, F features, P periods.

    Attributes:
        ids: S names of series, sorted; the place is the row of every array below.
        dates: H dates that are forecast (ISO 8601), the same for all series.
        history_dates: P dates before them.
        features: F names of what a forecast is made of; their contributions sum to it.
        models: S names of the models that made the forecasts.
        classes: S classes: smooth, erratic, intermittent or lumpy.
        forecasts: (S, H) mean forecasts, in units per period.
        scale: (S,) the series' own scale, in units: see ``conformal``.
        levels: (Q,) levels of the quantiles, rising from 0 to 1.
        offsets: (H, Q) quantiles of the scaled error of one step.
        total_offsets: (Q,) quantiles of the scaled error of the sum over the first
            ``metadata["inventory"]["lead_time"] + 1`` steps.
        history: (S, P) what was sold; NaN before a series begins.
        values: (S, H, F) value of each feature; NaN where it has none.
        contributions: (S, H, F) what each adds to the forecast, in units.
    """

    ids: list[str]
    dates: list[str]
    history_dates: list[str]
    features: list[str]
    models: list[str]
    classes: list[str]
    forecasts: Array
    scale: Array
    levels: Array
    offsets: Array
    total_offsets: Array
    history: Array
    values: Array
    contributions: Array

    def quantiles(self, row: int) -> Array:
        """(H, Q) quantiles of demand at each step of one series."""
        center = self.forecasts[row][:, np.newaxis]
        return np.maximum(0, center + self.scale[row] * self.offsets)

    def totals(self, row: int, periods: int) -> Array:
        """(Q,) quantiles of one series' total demand over the first ``periods`` steps."""
        center = self.forecasts[row, :periods].sum()
        return np.maximum(0, center + self.scale[row] * self.total_offsets)


def to_bytes(catalogue: Catalogue) -> bytes:
    """The archive; the same content gives the same bytes."""
    content = {field.name: getattr(catalogue, field.name) for field in fields(Catalogue)}
    arrays = {
        name: _packed(value) if name in TEXTS else np.asarray(value, np.float32)
        for name, value in content.items()
    }
    file = BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return file.getvalue()


def from_bytes(content: bytes) -> Catalogue:
    """Read what ``to_bytes`` wrote."""
    with np.load(BytesIO(content), allow_pickle=False) as archive:
        arrays: dict[str, Any] = dict(archive)
    return Catalogue(**{**arrays, **{name: _unpacked(arrays[name]) for name in TEXTS}})


def _packed(texts: list[str]) -> NDArray[np.uint8]:
    return np.frombuffer(json.dumps(texts).encode(), np.uint8)


def _unpacked(content: NDArray[np.uint8]) -> list[str]:
    return list(json.loads(content.tobytes()))
