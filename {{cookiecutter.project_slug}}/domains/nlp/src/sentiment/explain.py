"""Why the model predicts what it predicts: the most telling words, and reviews word by word."""

import hashlib
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from .checks import POSITIVE, TEXT
from .config import Config
from .data import read_processed
from .errors import ModelError
from .evaluate import read_candidate
from .explain_figures import draw_explanation
from .files import write_json
from .paths import Paths
from .predictor import Predictor

ROWS = 1_000  # test reviews explained: enough for a stable ranking
ROWS_BERT = 200  # fewer, as a transformer is asked anew for every word
TOP = 20  # telling words of either kind
MIN_SHARE, MIN_REVIEWS = 0.01, 5  # a word in fewer of the reviews explained is no pattern
EXAMPLES = 3  # reviews shown word by word, of each kind
MAX_LETTERS = 400  # longer reviews make poor pictures


def explain(config: Config, paths: Paths) -> list[Path]:
    """Explain the published model on test reviews: ``reports/explain.json`` and figures.

    Raises:
        ModelError: the model was trained again, but not evaluated since.
    """
    data, info = read_processed(paths)
    candidate, predictor = read_candidate(paths), Predictor.load(paths.models)
    if hashlib.sha256(candidate.model).hexdigest() != predictor.metadata["sha256"]:
        raise ModelError("the candidate is not the published model: run the `evaluate` stage first")
    rows = ROWS_BERT if predictor.metadata["model"] == "bert" else ROWS
    test = data.test.sample(min(rows, len(data.test)), random_state=config.seed)
    words = telling_words(test[TEXT].tolist(), predictor)
    result = {
        "dataset": info.summary,
        "model_version": predictor.version,
        "rows": len(test),
        "unit": "log-odds",
        "positive_words": [row for row in words if row["contribution"] > 0][:TOP],
        "negative_words": [row for row in words[::-1] if row["contribution"] < 0][:TOP],
        "examples": examples(test[TEXT].tolist(), test[POSITIVE].to_numpy(), predictor),
    }
    file = write_json(paths.reports / "explain.json", result)
    note = "\n(synthetic sample)" if info.synthetic else ""
    return [file, *draw_explanation(paths.figures, result, note)]


def telling_words(texts: list[str], predictor: Predictor) -> list[dict[str, Any]]:
    """Every word that is frequent enough with its mean contribution to the log-odds of its reviews,
    from the one that speaks most for a good review down."""
    found: dict[str, list[float]] = defaultdict(list)
    # The bar shows after two seconds only: on little data it would be noise.
    for text in tqdm(texts, "explaining", delay=2, leave=False):
        for reason in predictor.explain([{"text": text}])[0]:
            found[reason["feature"]].append(reason["contribution"])
    enough = max(MIN_REVIEWS, MIN_SHARE * len(texts))
    rows = [
        {"word": word, "contribution": float(np.mean(values)), "reviews": len(values)}
        for word, values in found.items()
        if len(values) >= enough
    ]
    return sorted(rows, key=lambda row: (-row["contribution"], row["word"]))


def examples(texts: list[str], y: np.ndarray, predictor: Predictor) -> list[dict[str, Any]]:
    """The reviews of which the model was most certain, rightly and wrongly, word by word."""
    short = np.flatnonzero([len(text) <= MAX_LETTERS for text in texts])
    if not len(short):
        return []
    probability = predictor.predict_proba([{"text": texts[place]} for place in short])
    error = np.abs(y[short] - probability)
    order = np.argsort(error, kind="stable")
    right = [place for place in order[:EXAMPLES] if error[place] < 0.5]
    wrong = [place for place in order[::-1][:EXAMPLES] if error[place] >= 0.5]
    return [
        {
            "text": texts[short[place]],
            "probability": float(probability[place]),
            "positive": int(y[short[place]]),
            "words": predictor.coloured(texts[short[place]]),
        }
        for place in [*right, *wrong]
    ]
