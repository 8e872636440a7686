"""Why the model predicts what it predicts: the words that tell more than chance."""

import hashlib
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control, fisher_exact

from .config import Config
from .data import POSITIVE, TEXT, read_processed
from .evaluate import dataset
from .features import tokens
from .figures import draw_words
from .kit import ModelError
from .kit.files import Paths, read_json, write_json
from .kit.store import SCHEMA, read_candidate
from .predictor import Predictor
from .transfer import RUNGS

ROWS = 1_000  # reviews explained: enough for a stable ranking
ROWS_BERT = 200  # fewer, as a transformer is asked anew for every word
TOP = 20  # telling words of either kind
MIN_SHARE, MIN_REVIEWS = 0.01, 5  # a word in fewer of the reviews explained is no pattern
FALSE_DISCOVERIES = 0.05  # share of the words listed that may be there by chance


def run(config: Config, paths: Paths) -> list[Path]:
    """Explain the published model: ``reports/explain.json`` and a figure.

    A ModelError says that the model was trained again, but not evaluated since.
    """
    data, info = read_processed(paths)
    read_candidate(paths)  # refuses one that was trained on other data
    predictor = Predictor.load(paths.models)
    checksum = hashlib.sha256((paths.candidate / "model.onnx").read_bytes()).hexdigest()
    if checksum != predictor.metadata["sha256"]:
        raise ModelError("the candidate is not the published model: run the `evaluate` command")
    rows = ROWS_BERT if predictor.metadata["model"] in RUNGS else ROWS
    reviews = pd.concat(data)
    some = reviews.sample(min(rows, len(reviews)), random_state=config.seed)
    words = beyond_chance(mean_effects(some[TEXT].tolist(), predictor), data.train)
    result = {
        "schema": SCHEMA,
        "dataset": dataset(info),
        "model_version": predictor.version,
        "rows": len(some),
        "unit": "log-odds",
        "importance": [{"feature": w["word"], "value": w["contribution"]} for w in words],
        "positive_words": [row for row in words if row["contribution"] > 0][:TOP],
        "negative_words": [row for row in words[::-1] if row["contribution"] < 0][:TOP],
    }
    file = paths.reports / "figures.json"
    others = [entry for entry in read_json(file, "evaluate") if entry["role"] != "explanation"]
    drawn = draw_words(paths.figures, result, info["synthetic"])
    return [write_json(file, others + drawn), write_json(paths.reports / "explain.json", result)]


def mean_effects(texts: list[str], predictor: Predictor) -> list[dict[str, Any]]:
    """Every word that is frequent enough with its mean contribution to the log-odds of its reviews,
    from the one that speaks most for a good review down."""
    found: dict[str, list[float]] = defaultdict(list)
    for text in texts:
        for reason in predictor.explain([{"text": text}])[0]:
            found[reason["feature"]].append(reason["contribution"])
    enough = max(MIN_REVIEWS, MIN_SHARE * len(texts))
    rows = [
        {"word": word, "contribution": float(np.mean(values)), "reviews": len(values)}
        for word, values in found.items()
        if len(values) >= enough
    ]
    return sorted(rows, key=lambda row: (-row["contribution"], row["word"]))


def beyond_chance(rows: list[dict[str, Any]], train: pd.DataFrame) -> list[dict[str, Any]]:
    """Those of the words that go with good or bad training reviews more than chance explains.

    Fisher's exact test for each, at a false discovery rate of 5% over all (Benjamini and Hochberg
    1995); a word must also point the way in which the model takes it.
    """
    good, said = train[POSITIVE].to_numpy() == 1, [set(tokens(text)) for text in train[TEXT]]
    tests = []
    for row in rows:
        there = np.array([row["word"] in words for words in said])
        counts = [[(there & side).sum(), (~there & side).sum()] for side in (good, ~good)]
        tests.append(fisher_exact(counts))
    if not tests:
        return []
    adjusted = false_discovery_control([test.pvalue for test in tests])
    return [
        row
        for row, test, p in zip(rows, tests, adjusted, strict=True)
        if p <= FALSE_DISCOVERIES and (test.statistic > 1) == (row["contribution"] > 0)
    ]
