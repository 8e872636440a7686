"""The published forecasts: their file, and answers from it on the server's dependencies alone.

The file is a NumPy archive without pickle, so that reading it runs no code. A quantile of demand is
``max(0, forecast + scale * offset)``: offsets are shared by all series, the scale is the series'
own, so that the file stays small with thousands of series.
"""

import json
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Self

import numpy as np

from . import money
from .config import Prices
from .kit import DataError
from .kit.files import rounded
from .kit.intervals import Array
from .kit.store import load_current

Instance = dict[str, Any]  # unique_id, and what else the question needs

TEXTS = ("ids", "dates", "history_dates", "features")
ENDS = {"low_80": 0.1, "high_80": 0.9, "low_95": 0.025, "high_95": 0.975}  # levels of quantiles


@dataclass(frozen=True)
class Catalogue:
    """Everything the server knows; S series, H steps ahead, Q levels, F features, P periods.

    Attributes:
        ids: S names of series, sorted; the place is the row of every array below.
        dates, history_dates: H dates that are forecast (ISO 8601), and P dates before them.
        features: F names of what a forecast is made of; their contributions sum to it.
        forecasts: (S, H), in units per period; ``scale`` (S,) the series' own, in units.
        levels: (Q,) of the quantiles, rising; ``offsets`` (H, Q) of the scaled error of a step.
        total_offsets: (Q,) of that of the sum over the ``lead_time + 1`` first steps.
        history: (S, P) what was sold; NaN before a series begins.
        values, contributions: (S, H, F) each feature's value, NaN where it has none, and what it
            adds to the forecast, in units.
    """

    ids: list[str]
    dates: list[str]
    history_dates: list[str]
    features: list[str]
    forecasts: Array
    scale: Array
    levels: Array
    offsets: Array
    total_offsets: Array
    history: Array
    values: Array
    contributions: Array

    def to_bytes(self) -> bytes:
        """The archive; the same content gives the same bytes."""
        file, known = BytesIO(), vars(self)
        texts = {n: np.frombuffer(json.dumps(known[n]).encode(), np.uint8) for n in TEXTS}
        arrays = {n: np.asarray(known[n], np.float32) for n in known if n not in TEXTS}
        np.savez_compressed(file, allow_pickle=False, **texts, **arrays)
        return file.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Read what ``to_bytes`` wrote."""
        with np.load(BytesIO(content), allow_pickle=False) as archive:
            arrays: dict[str, Any] = {n: np.asarray(a, float) for n, a in archive.items()}
            texts = {name: json.loads(archive[name].tobytes()) for name in TEXTS}
        return cls(**arrays | texts)


class Predictor:
    """Published forecasts with their metadata; answers have six digits, whole units all of them."""

    def __init__(self, model: bytes, metadata: dict[str, Any]) -> None:
        self.metadata = metadata
        self.catalogue = Catalogue.from_bytes(model)
        self.prices = Prices(**metadata["prices"])
        self._rows = {name: row for row, name in enumerate(self.catalogue.ids)}

    @classmethod
    def load(cls, models: Path) -> Self:
        """Load the current version from a folder; ``ModelError`` where it is not intact."""
        return cls(*load_current(models))

    @property
    def version(self) -> str:
        return str(self.metadata["version"])

    def knows(self, unique_id: str) -> bool:
        """Whether there are forecasts for a series of this name."""
        return unique_id in self._rows

    def costs(self, prices: Prices) -> Array:
        """Money a month at each of ``SERVICE_LEVELS``, as simulated in the validation windows."""
        curve = self.metadata["curve"]
        held, short = np.array(curve["held"]), np.array(curve["short"])
        return np.asarray(prices.holding_cost * held + prices.stockout_cost * short)

    def best_service_level(self, prices: Prices) -> float:
        """The service level at which the validation windows cost least."""
        return float(money.SERVICE_LEVELS[self.costs(prices).argmin()])

    def predict(self, instances: list[Instance]) -> list[dict[str, Any]]:
        """Forecasts for each instance, in the order given; see ``forecast``."""
        return [self.forecast(**instance) for instance in instances]

    def forecast(self, unique_id: str, horizon: int | None = None) -> dict[str, Any]:
        """The forecast of each step with its 80 % and 95 % interval, in units per period. A
        DataError says that there is no such series."""
        row, catalogue = self._row(unique_id), self.catalogue
        means = catalogue.forecasts[row]
        quantiles = np.maximum(0, means[:, np.newaxis] + catalogue.scale[row] * catalogue.offsets)
        levels, columns = catalogue.levels, {"yhat": means}
        columns |= {name: money.quantile(levels, quantiles, at) for name, at in ENDS.items()}
        rows = [
            {"ds": ds} | {name: rounded(values[step]) for name, values in columns.items()}
            for step, ds in enumerate(catalogue.dates[:horizon])
        ]
        return {"unique_id": unique_id, "forecasts": rows}

    def order(
        self,
        unique_id: str,
        service_level: float | None = None,
        on_hand: float = 0.0,
        on_order: float = 0.0,
    ) -> dict[str, Any]:
        """How much to order now, before the first step's demand. The order brings stock and open
        orders up to what lasts until the next one can arrive with probability ``service_level`` (by
        default the one that costs least at the published prices). ``cost_per_month`` is what stock
        at this level cost in the validation windows, all series together. Beyond the ends of that
        curve its last level is used, and told. A DataError says that there is no such series."""
        row, catalogue = self._row(unique_id), self.catalogue
        wanted = self.best_service_level(self.prices) if service_level is None else service_level
        level = float(np.clip(wanted, money.SERVICE_LEVELS[0], money.SERVICE_LEVELS[-1]))
        costs, signature = self.costs(self.prices), self.metadata["signature"]
        center = catalogue.forecasts[row, : signature["lead_time"] + 1].sum()
        totals = center + catalogue.scale[row] * catalogue.total_offsets
        target = float(money.targets(catalogue.levels, totals, level, signature["whole"]))
        quantity = max(0.0, target - on_hand - on_order)
        if signature["whole"]:
            quantity = float(money.round_up(np.array(quantity)))
        else:
            target, quantity = rounded([target, quantity])
        cost = rounded(np.interp(level, money.SERVICE_LEVELS, costs))
        found = {"unique_id": unique_id, "service_level": rounded(level), "order_up_to": target}
        return found | {"quantity": quantity, "cost_per_month": cost}

    def explain(self, instances: list[Instance]) -> list[list[dict[str, Any]]]:
        """What each forecast is made of, step after step, strongest part first. The contributions
        to a step sum to its forecast, up to rounding. A value is None where a part has none, or
        stands for several."""
        return [self._reasons(**instance) for instance in instances]

    def _reasons(self, unique_id: str, horizon: int | None = None) -> list[dict[str, Any]]:
        row, catalogue = self._row(unique_id), self.catalogue
        reasons = []
        for step, ds in enumerate(catalogue.dates[:horizon]):
            added, values = catalogue.contributions[row, step], catalogue.values[row, step]
            for place in np.argsort(-np.abs(added), kind="stable"):
                reason = {"ds": ds, "feature": catalogue.features[place]}
                reason |= {"value": rounded(values[place]), "contribution": rounded(added[place])}
                reasons.append(reason)
        return reasons

    def _row(self, unique_id: str) -> int:
        if unique_id not in self._rows:
            raise DataError(f"no series {unique_id!r} in the published forecasts")
        return self._rows[unique_id]
