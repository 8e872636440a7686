"""Predicting with the exported model, on the server's dependencies alone."""

from pathlib import Path
from typing import Any, Self

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from . import artifacts
from .config import MISSING, Prices
from .policy import expected_value

Instance = dict[str, Any]  # feature name -> number, text, or None where it is not known
Array = NDArray[np.float64]

TINY = 1e-7


class Predictor:
    """An exported model with its signature, operating threshold and prices."""

    def __init__(self, model: bytes, metadata: dict[str, Any]) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # a request is too small to share between threads
        self.metadata = metadata
        self.columns: list[dict[str, Any]] = metadata["signature"]
        self._session = onnxruntime.InferenceSession(model, options)
        self._inputs = [entry.name for entry in self._session.get_inputs()]

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

    def predict_proba(self, instances: list[Instance]) -> Array:
        """Churn probability of each instance: (n,), in the order given."""
        return self._run([[row[c["name"]] for row in instances] for c in self.columns])

    def predict(self, instances: list[Instance]) -> list[dict[str, Any]]:
        """Probability, decision at the operating threshold, and expected value of acting."""
        probability, threshold = self.predict_proba(instances), self.metadata["threshold"]
        worth = expected_value(probability, Prices(**self.metadata["prices"]))
        return [
            {
                "probability": p,
                "decision": "contact" if p >= threshold else "leave alone",
                "expected_value": value,
            }
            for p, value in zip(probability.tolist(), worth.tolist(), strict=True)
        ]

    def explain(self, instances: list[Instance]) -> list[list[dict[str, Any]]]:
        """The reasons for each prediction, strongest first, in log-odds.

        A feature's contribution is the change in log-odds when it moves from its typical values
        to this customer's, averaged over two extremes: all other features as this customer has
        them, and all others typical. Shapley's value (Shapley 1953) averages over every order in
        which features can move; these are the last and the first, which come close to it.
        """
        return [self._reasons(instance) for instance in instances]

    def _reasons(self, instance: Instance) -> list[dict[str, Any]]:
        own = {column["name"]: instance[column["name"]] for column in self.columns}
        typical = {column["name"]: typical_value(column) for column in self.columns}
        last = self._effects(own, own)
        first = self._effects(typical, own)
        reasons = [
            {"feature": name, "value": own[name], "contribution": (last[name] + first[name]) / 2}
            for name in own
        ]
        return sorted(reasons, key=lambda reason: -abs(reason["contribution"]))

    def _effects(self, base: Instance, own: Instance) -> dict[str, float]:
        """For each feature: log-odds with its own value less those with typical ones."""
        rows: list[Instance] = []
        for column in self.columns:
            name = column["name"]
            rows += [{**base, name: value} for value in (own[name], *column["typical"])]
        probability = np.clip(self.predict_proba(rows), TINY, 1 - TINY)
        log_odds = np.log(probability / (1 - probability))
        effects, start = {}, 0
        for column in self.columns:
            end = start + 1 + len(column["typical"])
            usual = np.average(log_odds[start + 1 : end], weights=_shares(column))
            effects[column["name"]] = float(log_odds[start] - usual)
            start = end
        return effects

    def _run(self, columns: list[list[Any]]) -> Array:
        feed = {
            name: _numbers(values) if column["type"] == "number" else _texts(values)
            for name, column, values in zip(self._inputs, self.columns, columns, strict=True)
        }
        return np.asarray(self._session.run(["probabilities"], feed)[0][:, 1], dtype=float)


def _numbers(values: list[Any]) -> NDArray[np.float32]:
    return np.array(values, dtype=np.float32).reshape(-1, 1)  # None becomes NaN: not known


def _texts(values: list[Any]) -> NDArray[np.object_]:
    return np.array([MISSING if v is None else v for v in values], dtype=object).reshape(-1, 1)


def typical_value(column: dict[str, Any]) -> float | str:
    """The median of a number, the most frequent category."""
    values = column["typical"]
    if column["type"] == "number":
        return float(values[len(values) // 2])
    return str(max(values, key=values.get))


def _shares(column: dict[str, Any]) -> list[float] | None:
    """How frequent each typical value is; quantiles are equally so."""
    return None if column["type"] == "number" else list(column["typical"].values())
