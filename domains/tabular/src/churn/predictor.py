"""Predicting with the exported model, on the server's dependencies alone."""

from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any, Self

import numpy as np
import onnxruntime

from .config import MISSING, Prices
from .kit.decisions import expected_value
from .kit.files import rounded
from .kit.intervals import Array
from .kit.store import load_current

Instance = dict[str, Any]  # feature name -> number, text, or None where it is not known


class Predictor:
    """An exported model with its signature and prices."""

    def __init__(self, model: bytes, metadata: dict[str, Any]) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # a request is too small to share between threads
        self.model, self.metadata = model, metadata
        self.columns: list[dict[str, Any]] = metadata["signature"]
        self._session = onnxruntime.InferenceSession(model, options)
        self._inputs = [entry.name for entry in self._session.get_inputs()]

    @classmethod
    def load(cls, models: Path) -> Self:
        """Load the current version; a ModelError says that none is there as it was published."""
        return cls(*load_current(models))

    @property
    def version(self) -> str:
        """The name of the published version."""
        return str(self.metadata["version"])

    def predict_proba(self, instances: list[Instance]) -> Array:
        """Churn probability of each instance: (n,), in the order given."""
        feed = {}
        for name, column in zip(self._inputs, self.columns, strict=True):
            values = [row[column["name"]] for row in instances]
            if column["type"] == "category":
                values = [MISSING if value is None else value for value in values]
            kind: Any = np.float32 if column["type"] == "number" else object
            feed[name] = np.array(values, kind).reshape(-1, 1)  # a number's None becomes NaN
        return np.asarray(self._session.run(["probabilities"], feed)[0][:, 1], dtype=float)

    def predict(self, instances: list[Instance]) -> list[dict[str, Any]]:
        """Probability, expected value of an offer, and whom to contact: where it is positive."""
        # By the digits that are shown: whoever works it out from them finds the same.
        probability = np.array(rounded(self.predict_proba(instances)))
        worth = expected_value(probability, Prices(**self.metadata["prices"]).stakes)
        return [
            {
                "probability": p,
                "decision": "contact" if value > 0 else "leave alone",
                "expected_value": value,
            }
            for p, value in zip(probability.tolist(), rounded(worth), strict=True)
        ]

    def warnings(self, instances: list[Instance]) -> list[list[dict[str, Any]]]:
        """Values that the model does not know, of each instance: ``column``, ``value``, and as
        ``expected`` the nearest category frequent enough to learn from, or the range of numbers.
        """
        found: list[list[dict[str, Any]]] = [[] for _ in instances]
        for column in self.columns:
            name = column["name"]
            if wanted := _expected(column, {row[name] for row in instances}):
                for row, warnings in zip(instances, found, strict=True):
                    if (value := row[name]) in wanted:
                        warnings.append({"column": name, "value": value, "expected": wanted[value]})
        return found

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
        last, first = self._effects(own, own), self._effects(typical, own)
        reasons = [
            {"feature": n, "value": own[n], "contribution": rounded((last[n] + first[n]) / 2)}
            for n in own
        ]
        return sorted(reasons, key=lambda reason: -abs(reason["contribution"]))

    def _effects(self, base: Instance, own: Instance) -> dict[str, float]:
        """For each feature: log-odds with its own value less those with typical ones."""
        tried = {c["name"]: (own[c["name"]], *c["typical"]) for c in self.columns}
        rows = [{**base, name: value} for name, values in tried.items() for value in values]
        probability = np.clip(self.predict_proba(rows), 1e-7, 1 - 1e-7)
        log_odds, effects = iter(np.log(probability / (1 - probability))), {}
        for column in self.columns:
            # Categories are as frequent as the signature says, quantiles all alike.
            shares = None if column["type"] == "number" else list(column["typical"].values())
            now, *usual = islice(log_odds, 1 + len(column["typical"]))
            effects[column["name"]] = float(now - np.average(usual, weights=shares))
        return effects


def typical_value(column: dict[str, Any]) -> float | str:
    """The median of a number, the most frequent category."""
    values = column["typical"]
    if column["type"] == "number":
        return float(np.median(values))
    return str(max(values, key=values.get))


def _expected(column: dict[str, Any], values: set[Any]) -> dict[Any, str]:
    """Of ``values``, those that the model does not know, and what is expected instead of each."""
    if column["type"] == "category":
        unknown = values - {None, MISSING, *column["typical"]}
        return {value: _nearest(value, column["typical"]) for value in unknown}
    low, high = column.get("range", (-np.inf, np.inf))  # older versions do not have it
    slack = 1e-5 * max(-low, high)  # both ends are rounded
    beyond = (v for v in values - {None} if v < low - slack or v > high + slack)
    return dict.fromkeys(beyond, f"{low:.15g} to {high:.15g}")


def _nearest(value: str, known: Iterable[str]) -> str:
    """The name that has most letters in common with ``value`` (Jaccard 1901)."""
    own = set(value.casefold())
    return max(known, key=lambda n: len(own & {*n.casefold()}) / len(own | {*n.casefold()}))
