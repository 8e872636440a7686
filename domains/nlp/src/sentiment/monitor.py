"""Reviews, answers and outcomes since a version is served, against those it was made with."""

from collections.abc import Collection
from pathlib import Path

import numpy as np
import pandas as pd

from .config import Config
from .data import POSITIVE, SAMPLE_ROLES, TEXT, is_good, read_processed
from .features import tokens
from .kit.decisions import judged
from .kit.files import Paths
from .kit.served import Json, Kept, Log, answers, report
from .predictor import Predictor

ANSWERS = "probability", "label", "decision"
SHORT = 40  # letters of a review in the rehearsal


def run(config: Config, paths: Paths, log: Log, outcomes: Path | None) -> None:
    """Write ``reports/monitoring.md``; a CheckError says what is no more as it was promised."""
    data, info = read_processed(paths)
    # Test reviews for all: of those it learned from it is surer, and knows every word.
    asked = [{"text": text} for text in data.test[TEXT]]
    said = answers(Predictor.load(paths.models).predict(asked), *ANSWERS)
    lines = log.read()
    given = [line["inputs"] for line in lines if "inputs" in line]
    words = {word for text in data.train[TEXT] for word in tokens(text)}
    before = dict(pd.DataFrame([counted(**each, known=words) for each in asked])) | said
    now = dict(pd.DataFrame([counted(**each, known=words) for each in given]))
    now |= answers([line["prediction"] for line in lines], *ANSWERS)
    kept: Kept = {}
    if outcomes:
        dataset = config.datasets.get(info["name"], SAMPLE_ROLES)
        known, came = log.outcomes(
            outcomes, dataset.label, lambda raw, where: is_good(raw, dataset, where)
        )
        then = np.array([line["prediction"]["probability"] for line in known])
        # The case that calls for acting is the unhappy customer's.
        unhappy, p = 1 - data.test[POSITIVE].to_numpy(float), 1 - said["answer: probability"]
        stakes = config.prices.stakes
        promised = judged(unhappy, p.to_numpy(), stakes, config.seed)
        found = judged(1 - came, 1 - then, stakes, config.seed)
        kept = {name: (promised[name], found[name]) for name in found}
    report(paths, log, before, now, kept)


def counted(text: str, known: Collection[str]) -> dict[str, float]:
    """What is compared of a review; ``known`` are the words of those that were learned from."""
    found, letters = tokens(text), [sign for sign in text if sign.isalpha()]
    far = sum(not letter.isascii() for letter in letters)
    return {
        "words": len(found),
        "share of new words": sum(word not in known for word in found) / (len(found) or 1),
        "share of letters not a to z": far / (len(letters) or 1),
    }


def moved(config: Config, paths: Paths) -> list[Json]:
    """Requests for the rehearsal of an alarm: test reviews that a new form has cut off."""
    asked = [{"text": text[:SHORT]} for text in read_processed(paths)[0].test[TEXT]]
    most = config.limits.batch
    return [{"json": {"instances": asked[n : n + most]}} for n in range(0, len(asked), most)]
