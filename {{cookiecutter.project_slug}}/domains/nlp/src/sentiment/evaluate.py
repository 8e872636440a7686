"""Score the candidate on the test set, count the money, publish the model."""

from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from . import figures, money
from .aspects import Lexicon, blame, mentions, revenue_at_risk
from .config import CUT, Config
from .data import POSITIVE, TEXT, read_processed
from .features import is_negated, tokens
from .kit import ModelError
from .kit.decisions import break_even, weighted_scores
from .kit.files import Paths, replacing, write_json
from .kit.intervals import Array, intervals
from .kit.store import SCHEMA, publish, read_candidate
from .money import Reviews
from .predictor import Predictor

TOLERANCE = 1e-5  # largest difference in probability between the model and its export
PACKAGES = ["numpy", "onnx", "onnxruntime", "pandas", "scikit-learn"]
SKILLS = ["TF-IDF", "linear models", "calibration", "ONNX", "scraping", "API", "dashboard"]
LENGTHS = (0, 11, 26, 101)  # words: where each group of reviews begins
MIN_ROWS = 10  # fewer reviews than this say nothing about a group
MISTAKES = 3  # shown word by word
MIN_WORDS, MAX_LETTERS = 12, 400  # of a review that is shown


def run(config: Config, paths: Paths) -> list[Path]:
    """Turn the candidate into the published model and ``reports/metrics.json``."""
    data, info = read_processed(paths)
    training = read_candidate(paths)
    model = (paths.candidate / "model.onnx").read_bytes()
    about = paths.project()
    metadata = {
        "project": about["name"],
        "title": about["description"],
        "file": "model.onnx",
        "dataset": dataset(info),
        "data": training["data"],
        "model": training["selected"],
        "signature": [{"name": "text", "type": "text"}],
        "threshold": break_even(config.prices.stakes),
        "prices": config.prices.model_dump(),
        "limits": config.limits.model_dump(),
        "aspects": config.aspects,
    }
    predictor = Predictor(model, metadata)
    difference = check_parity(predictor, pd.read_parquet(paths.candidate / "parity.parquet"))
    test = pd.DataFrame({"text": data.test[TEXT], "y": data.test[POSITIVE].astype(float)})
    test["probability"] = predictor.predict_proba(test[["text"]].to_dict("records"))
    validation = pd.read_parquet(paths.candidate / "validation.parquet")
    parts = {"validation": validation, "test": test}
    for part in parts.values():
        part["rule"] = [float(bool(mentions(text, {"rule": config.rule}))) for text in part["text"]]
    blamed = blame(test["text"].tolist(), config.aspects, predictor)
    metrics = summarise(config, info, training, parts)
    metrics["project"] = about["name"]
    metrics["nlp"] |= {
        "export_difference": difference,
        "aspects": revenue_at_risk(1 - test["y"].to_numpy(), blamed, config.prices, config.seed),
        "examples": examples(test, predictor),
    }
    metadata["metrics"] = {name: score["value"] for name, score in metrics["test"].items()}
    return [
        publish(paths, model, metadata, PACKAGES),
        write_json(paths.reports / "metrics.json", metrics),
        _write_predictions(paths.reports / "predictions.csv", parts),
        write_json(paths.reports / "figures.json", figures.draw(paths.figures, metrics)),
    ]


def check_parity(predictor: Predictor, parity: pd.DataFrame) -> float:
    """Return the largest difference between the trained model and its export.

    ``parity`` has each ``text`` with the trained model's ``probability``.

    Raises:
        ModelError: it is above ``TOLERANCE``.
    """
    found = predictor.predict_proba([{"text": text} for text in parity["text"]])
    difference = float(np.abs(parity["probability"] - found).max())
    if difference > TOLERANCE:
        raise ModelError(
            f"the exported model differs from the trained one by {difference:.2g} in probability; "
            f"expected at most {TOLERANCE}. Nothing was published: the previous model stays. "
            "Leave the model out of `models`, and please report it."
        )
    return difference


def dataset(info: dict[str, Any]) -> dict[str, Any]:
    """What every report says of the data behind it."""
    return {key: info[key] for key in ("name", "synthetic", "rows", "sha256", "licence")}


def to_reviews(part: pd.DataFrame) -> Reviews:
    """What money is counted with."""
    y, probability, rule = (part[name].to_numpy(float) for name in ("y", "probability", "rule"))
    return Reviews(1 - y, 1 - probability, rule)


def summarise(
    config: Config, info: dict[str, Any], training: dict[str, Any], parts: dict[str, pd.DataFrame]
) -> dict[str, Any]:
    """The content of ``reports/metrics.json``; domain detail stands under its own key."""
    test = parts["test"]
    y, probability = test["y"].to_numpy(), test["probability"].to_numpy()
    found = intervals(partial(weighted_scores, y, probability, CUT), len(y), config.seed)
    scores = {name: asdict(value) for name, value in found.items()}
    reviews = {name: to_reviews(part) for name, part in parts.items()}
    impact = money.summarise(**reviews, prices=config.prices, seed=config.seed)
    return {
        "schema": SCHEMA,
        "domain": "nlp",
        "package": __package__,
        "dataset": dataset(info),
        "primary_metric": {"name": "roc_auc", "higher_is_better": True, **scores["roc_auc"]},
        "models": training["models"],
        "test": scores,
        "business": impact["summary"],
        "skills": SKILLS,
        "nlp": {
            "business": impact["detail"],
            "calibration": training["calibration"],
            "too_large": training["too_large"],
            "positive_where": info["positive_where"],
            "positive_rate": float(y.mean()),
            "test_rows": len(y),
            "slices": slices(test["text"].tolist(), y, probability, config.aspects, config.seed),
        },
    }


def slices(
    texts: list[str], y: Array, probability: Array, lexicon: Lexicon, seed: int
) -> list[dict[str, Any]]:
    """Accuracy with its interval in each group of ``MIN_ROWS`` reviews or more."""
    rows = []
    for kind, name, inside in groups(texts, lexicon):
        if (n := int(inside.sum())) >= MIN_ROWS:
            score = partial(weighted_scores, y[inside], probability[inside], CUT)
            accuracy = asdict(intervals(score, n, seed)["accuracy"])
            rows.append({"kind": kind, "name": name, "rows": n, "accuracy": accuracy})
    return rows


def groups(texts: list[str], lexicon: Lexicon) -> Iterator[tuple[str, str, NDArray[np.bool_]]]:
    """Kind and name of each group of reviews, and who is in it: by number of words, by whether a
    word such as "not" turns others round, by the aspects that are mentioned, if any."""
    count = np.array([len(tokens(text)) for text in texts])
    for start, end in zip(LENGTHS, [*LENGTHS[1:], None], strict=True):
        name = f"{start} words or more" if end is None else f"{start} to {end - 1} words"
        yield "length", name, (count >= start) & (count < (end or np.inf))
    negated = np.array([is_negated(text) for text in texts])
    yield "negation", "with negation", negated
    yield "negation", "without negation", ~negated
    found = [mentions(text, lexicon) for text in texts]
    for aspect in lexicon:
        yield "aspect", aspect, np.array([aspect in one for one in found])
    yield "aspect", "no aspect", np.array([not one for one in found])


def examples(test: pd.DataFrame, predictor: Predictor) -> list[dict[str, Any]]:
    """A good and a bad review of which the model was rightly most certain, then those of which it
    was wrongly most certain, word by word; long enough to tell something, where there are such."""
    short = test[test["text"].str.len() <= MAX_LETTERS]
    telling = short[short["text"].map(lambda text: len(tokens(text)) >= MIN_WORDS)]
    table = telling if len(telling) >= MIN_ROWS else short
    error = (table["y"] - table["probability"]).abs().sort_values(kind="stable")
    right = [error[(error < CUT) & (table["y"] == side)].index[:1] for side in (1, 0)]
    wrong = error[error >= CUT].index[::-1][:MISTAKES]
    return [
        {
            "text": row["text"],
            "probability": row["probability"],
            "positive": int(row["y"]),
            "words": predictor.coloured(row["text"]),
        }
        for row in table.loc[[*right[0], *right[1], *wrong]].to_dict("records")
    ]


def _write_predictions(file: Path, parts: dict[str, pd.DataFrame]) -> Path:
    """Outcomes and probabilities without the texts, so that the dashboard can try other prices."""
    named = [part.assign(part=name).drop(columns="text") for name, part in parts.items()]
    table = pd.concat(named).astype({"y": int, "rule": int})
    with replacing(file) as temporary:
        columns = ["part", "y", "probability", "rule"]
        table[columns].to_csv(temporary, index=False, float_format="%.6g", lineterminator="\n")
    return file
