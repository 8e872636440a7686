"""Answering from the published forecasts, on the server's dependencies alone."""

from pathlib import Path
from typing import Any, Self

import numpy as np

from . import artifacts, inventory
from .errors import DataError
from .export import from_bytes

Instance = dict[str, Any]  # unique_id, and what else the question needs

# The ends of the intervals, as levels of quantiles.
ENDS = {"low_80": 0.1, "high_80": 0.9, "low_95": 0.025, "high_95": 0.975}


class Predictor:
    """Published forecasts with their metadata; the series that it knows are fixed."""

    def __init__(self, model: bytes, metadata: dict[str, Any]) -> None:
        self.metadata = metadata
        self.catalogue = from_bytes(model)
        self._rows = {name: row for row, name in enumerate(self.catalogue.ids)}

    @classmethod
    def load(cls, models: Path) -> Self:
        """Load the current version from the ``models`` folder.

        Raises:
            ModelError: there is none, or its bytes are not those that were published.
        """
        version = artifacts.load_current(models)
        return cls(version.model, version.metadata)

    @property
    def version(self) -> str:
        return str(self.metadata["version"])

    @property
    def horizon(self) -> int:
        """How many steps ahead there are forecasts for."""
        return len(self.catalogue.dates)

    @property
    def best_service_level(self) -> float:
        """The service level at which the published prices make cost least."""
        prices = self.metadata["prices"]
        return inventory.best_service_level(prices["holding_cost"], prices["stockout_cost"])

    def knows(self, unique_id: str) -> bool:
        """Whether there are forecasts for a series of this name."""
        return unique_id in self._rows

    def series(self) -> list[dict[str, str]]:
        """Every series: its name, its class, and the model behind its forecasts."""
        columns = zip(
            self.catalogue.ids, self.catalogue.classes, self.catalogue.models, strict=True
        )
        return [{"unique_id": name, "class": kind, "model": model} for name, kind, model in columns]

    def predict(self, instances: list[Instance]) -> list[dict[str, Any]]:
        """Forecasts for each instance, in the order given; see ``forecast``."""
        return [self.forecast(**instance) for instance in instances]

    def forecast(self, unique_id: str, horizon: int | None = None) -> dict[str, Any]:
        """The mean forecast of each step with its 80 % and 95 % interval, in units per period.

        Raises:
            DataError: there is no such series.
        """
        row = self._row(unique_id)
        quantiles = self.catalogue.quantiles(row)
        columns = {"yhat": self.catalogue.forecasts[row]}
        for name, level in ENDS.items():
            columns[name] = inventory.quantile(self.catalogue.levels, quantiles, level)
        steps = zip(self.catalogue.dates[:horizon], *columns.values(), strict=False)
        rows = [
            {"ds": ds} | dict(zip(columns, map(float, values), strict=True))
            for ds, *values in steps
        ]
        return {"unique_id": unique_id, "forecasts": rows}

    def order(
        self,
        unique_id: str,
        service_level: float | None = None,
        on_hand: float = 0.0,
        on_order: float = 0.0,
    ) -> dict[str, Any]:
        """How much to order now, before the first step's demand, and what that may cost.

        The order brings stock and open orders up to a level that lasts until the next one can
        arrive with probability ``service_level``; without one, it is the best at the published
        prices. ``expected_cost`` is that of holding what is then left over for one period, and of
        what falls short by then. Beyond the published levels the last of them is used, and told.

        Raises:
            DataError: there is no such series.
        """
        row, levels = self._row(unique_id), self.catalogue.levels
        wanted = self.best_service_level if service_level is None else service_level
        level = float(np.clip(wanted, levels[0], levels[-1]))
        totals = self.catalogue.totals(row, self.metadata["inventory"]["lead_time"] + 1)
        plan = inventory.Plan(levels, totals[np.newaxis, np.newaxis])
        whole = self.metadata["whole"]
        target = float(inventory.targets(plan, level, whole)[0, 0])
        quantity = max(0.0, target - on_hand - on_order)
        if whole:
            quantity = float(np.ceil(quantity - inventory.ROUNDING))
        stock = on_hand + on_order + quantity
        left, short = inventory.leftover_and_short(levels, totals, stock)
        prices = self.metadata["prices"]
        return {
            "unique_id": unique_id,
            "service_level": level,
            "order_up_to": target,
            "quantity": quantity,
            "expected_leftover": left,
            "expected_short": short,
            "expected_cost": prices["holding_cost"] * left + prices["stockout_cost"] * short,
        }

    def explain(self, instances: list[Instance]) -> list[list[dict[str, Any]]]:
        """What each forecast is made of, step after step, strongest part first.

        The contributions to a step sum to its forecast.
        """
        return [self._reasons(**instance) for instance in instances]

    def _reasons(self, unique_id: str, horizon: int | None = None) -> list[dict[str, Any]]:
        row, catalogue = self._row(unique_id), self.catalogue
        reasons = []
        for step, ds in enumerate(catalogue.dates[:horizon]):
            added, values = catalogue.contributions[row, step], catalogue.values[row, step]
            for place in np.argsort(-np.abs(added), kind="stable"):
                value = float(values[place])
                reasons.append(
                    {
                        "ds": ds,
                        "feature": catalogue.features[place],
                        "value": value if np.isfinite(value) else None,
                        "contribution": float(added[place]),
                    }
                )
        return reasons

    def _row(self, unique_id: str) -> int:
        if unique_id not in self._rows:
            raise DataError(f"no series {unique_id!r} in the published forecasts")
        return self._rows[unique_id]
