"""Predicting with the exported model, on the server's dependencies alone."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from .config import CUT, Prices
from .features import Word, features, names, words
from .kit import store
from .kit.decisions import expected_value
from .kit.files import rounded
from .transfer import RUNGS
from .transfer.serving import BertScorer

Instance = dict[str, str]  # {"text": a review}
Array = NDArray[np.float64]

AT_ONCE = 32  # reviews in memory together


class Predictor:
    """An exported model with the prices at which it decides."""

    def __init__(self, model: bytes, metadata: dict[str, Any]) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # a request is too small to share between threads
        session = onnxruntime.InferenceSession(model, options)
        self.metadata = metadata
        self._scorer = (BertScorer if metadata["model"] in RUNGS else WordScorer)(session)

    @classmethod
    def load(cls, models: Path) -> Self:
        """Load the current version from the ``models`` folder.

        A ModelError says that there is none, or its bytes are not those that were published.
        """
        return cls(*store.load_current(models))

    @property
    def version(self) -> str:
        return str(self.metadata["version"])

    def predict_proba(self, instances: list[Instance]) -> Array:
        """Probability that each review is a good one: (n,), in the order given."""
        found = self._scorer.probability([instance["text"] for instance in instances])
        return np.array(rounded(found))  # as in files: who decides by either decides alike

    def predict(self, instances: list[Instance]) -> list[dict[str, Any]]:
        """Probability, label, whether to read the review, and the expected value of reading it."""
        probability = self.predict_proba(instances)
        worth = expected_value(1 - probability, Prices(**self.metadata["prices"]).stakes)
        answers = [
            {
                "probability": p,
                "label": "positive" if p >= CUT else "negative",
                "decision": "read" if value > 0 else "skip",
                "expected_value": value,
            }
            for p, value in zip(probability.tolist(), worth.tolist(), strict=True)
        ]
        return list(rounded(answers))

    def explain(self, instances: list[Instance]) -> list[list[dict[str, Any]]]:
        """The words behind each prediction, strongest first, with what they add to the log-odds.

        ``value`` is how often the word occurs; above 0, a contribution speaks for a good review.
        """
        return [rounded(self._reasons(instance["text"])) for instance in instances]

    def _reasons(self, text: str) -> list[dict[str, Any]]:
        reasons: dict[str, dict[str, Any]] = {}
        for word, value in zip(*self._scorer.contributions(text), strict=True):
            new = {"feature": word.token, "value": 0, "contribution": 0.0}
            reason = reasons.setdefault(word.token, new)
            reason["value"] += 1
            reason["contribution"] += float(value)
        return sorted(reasons.values(), key=lambda reason: -abs(reason["contribution"]))

    def coloured(self, text: str) -> list[dict[str, Any]]:
        """Every word of ``text`` as it is written, where it stands, and its contribution."""
        return [
            {
                "word": text[word.start : word.end],
                "start": word.start,
                "end": word.end,
                "contribution": float(value),
            }
            for word, value in zip(*self._scorer.contributions(text), strict=True)
        ]


class WordScorer:
    """A linear model over words, pairs and parts of words."""

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        kept = session.get_modelmeta().custom_metadata_map
        self._session = session
        self._places = {name: place for place, name in enumerate(json.loads(kept["vocabulary"]))}
        self.intercept = float(json.loads(kept["intercept"]))

    def probability(self, texts: list[str]) -> Array:
        """Probability that each text is a good review: (n,)."""
        parts = [
            self._run("probability", map(names, texts[start : start + AT_ONCE]))[:, 0]
            for start in range(0, len(texts), AT_ONCE)
        ]
        return np.concatenate(parts).astype(float)

    def contributions(self, text: str) -> tuple[list[Word], Array]:
        """The words of ``text``, and what each adds to the log-odds: (words,).

        With ``intercept`` they add up to the prediction's log-odds exactly. What a pair, a part or
        a repeated word adds is shared by the words that it comes from.
        """
        found = words(text)
        counted = features([word.token for word in found])
        effects = self._run("effects", [[feature.name for feature in counted]])[0]
        added = np.zeros(len(found))
        for feature in counted:
            place = self._places.get(feature.name)
            if place is not None:
                np.add.at(added, list(feature.words), effects[place] / len(feature.words))
        return found, added

    def _run(self, output: str, texts: Iterable[list[str]]) -> NDArray[np.float32]:
        rows = [found or [""] for found in texts]  # one without words has a blank place
        width = max(map(len, rows))
        filled = np.array([row + [""] * (width - len(row)) for row in rows], dtype=object)
        return np.asarray(self._session.run([output], {"names": filled})[0])
