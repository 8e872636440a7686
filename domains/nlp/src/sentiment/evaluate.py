"""Score the candidate on the test set, count the money, publish the model."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import binomtest, fisher_exact

from . import figures, money
from .aspects import Lexicon, blame, mentions
from .config import CUT, Config, Prices
from .data import POSITIVE, TEXT, read_processed
from .features import is_negated, tokens
from .kit import ModelError, decisions
from .kit.decisions import break_even, weighted_scores
from .kit.files import Paths, replacing, write_json
from .kit.intervals import Array, Estimate, intervals
from .kit.store import SCHEMA, about, publish, read_candidate, results
from .money import Report, Reviews
from .predictor import Predictor

TOLERANCE = 1e-5  # largest difference in probability between the model and its export
PACKAGES = ["numpy", "onnx", "onnxruntime", "pandas", "scikit-learn"]
SKILLS = ["TF-IDF", "linear models", "calibration", "ONNX", "scraping", "API", "dashboard"]
LENGTHS = (0, 11, 26, 101)  # words: where each group of reviews begins
MIN_ROWS = 10  # fewer reviews than this say nothing about a group
CHANCE = 0.05  # a difference that chance makes so often is not claimed
MISTAKES = 3  # shown word by word
MIN_WORDS, MAX_LETTERS = 12, 400  # of a review that is shown

Mask = NDArray[np.bool_]


def run(config: Config, paths: Paths) -> list[Path]:
    """Turn the candidate into the published model and ``reports/metrics.json``."""
    data, info = read_processed(paths)
    training = read_candidate(paths)
    model, metadata = exported(config, paths)
    predictor = Predictor(model, metadata)
    parity = check_parity(predictor, pd.read_parquet(paths.candidate / "parity.parquet"))
    test = pd.DataFrame({"text": data.test[TEXT], "y": data.test[POSITIVE].astype(float)})
    test["probability"] = predictor.predict_proba(test[["text"]].to_dict("records"))
    validation = pd.read_parquet(paths.candidate / "validation.parquet")
    parts = {"validation": validation, "test": test}
    for part in parts.values():
        part["rule"] = [float(bool(mentions(text, {"rule": config.rule}))) for text in part["text"]]
    reviews = {name: to_reviews(part) for name, part in parts.items()}
    impact = money.summarise(**reviews, prices=config.prices, seed=config.seed)
    blamed = blame(test["text"].tolist(), config.aspects, predictor)
    metrics = summarise(config, info, training, test, impact)
    metrics["project"] = metadata["project"]
    quantised = {k: v for k, v in training["quantised"].items() if k != "milliseconds"}
    metrics["nlp"] |= {
        "export_difference": max(parity, quantised.get("difference", 0)),
        "quantised": quantised,  # without times, which differ from run to run
        "naming": int((~np.isnan([*blamed.values()])).any(axis=0).sum()),
        "aspects": revenue_at_risk(reviews["test"].unhappy == 1, blamed, config.prices),
        "examples": examples(test, predictor),
    }
    return [
        publish(paths, model, metadata | results(metrics), PACKAGES),
        write_json(paths.reports / "metrics.json", metrics),
        _write_predictions(paths.reports / "predictions.csv", parts),
        write_json(paths.reports / "figures.json", figures.draw(paths.figures, metrics)),
    ]


def exported(config: Config, paths: Paths) -> tuple[bytes, Report]:
    """The candidate as it would be published: model and metadata."""
    info, training = read_processed(paths)[1], read_candidate(paths)
    metadata = about(config, paths, dataset(info)) | {
        "file": "model.onnx",
        "data": training["data"],
        "model": training["selected"],
        "signature": [{"name": "text", "type": "text"}],
        "threshold": break_even(config.prices.stakes),
        "aspects": config.aspects,
    }
    return (paths.candidate / "model.onnx").read_bytes(), metadata


def difference(
    first: Predictor, second: Predictor, config: Config, paths: Paths
) -> dict[str, Estimate]:
    """How much better ``second`` finds unhappy customers in the same test reviews, in pairs."""
    test = read_processed(paths)[0].test
    rows = [{"text": text} for text in test[TEXT]]
    one, other = (1 - each.predict_proba(rows) for each in (first, second))
    unhappy = 1 - test[POSITIVE].to_numpy(float)
    return decisions.difference(unhappy, one, other, config.prices.stakes, config.seed)


def check_parity(predictor: Predictor, parity: pd.DataFrame) -> float:
    """Return the largest difference between the trained model and its export.

    ``parity`` has each ``text`` with the trained model's ``probability``.

    A ModelError says that it is above ``TOLERANCE``.
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


def dataset(info: Report) -> Report:
    """What every report says of the data behind it."""
    return {key: info[key] for key in ("name", "synthetic", "rows", "sha256", "licence")}


def to_reviews(part: pd.DataFrame) -> Reviews:
    """What money is counted with."""
    y, probability, rule = (part[name].to_numpy(float) for name in ("y", "probability", "rule"))
    return Reviews(1 - y, 1 - probability, rule)


def summarise(
    config: Config, info: Report, training: Report, test: pd.DataFrame, impact: dict[str, Report]
) -> Report:
    """The content of ``reports/metrics.json``; domain detail stands under its own key."""
    y, probability = test["y"].to_numpy(), test["probability"].to_numpy()
    found = intervals(partial(weighted_scores, y, probability, CUT), len(y), config.seed)
    scores = {name: asdict(value) for name, value in found.items()}
    called, right = probability >= CUT, (probability >= CUT) == y
    shares = {"accuracy": right, "precision": right[called], "recall": right[y == 1]}
    scores |= {name: wilson(hits) for name, hits in shares.items() if len(hits)}
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
            "slices": slices(test["text"].tolist(), right, config.aspects),
        },
    }


def wilson(hits: Mask) -> dict[str, float]:
    """The share of hits with Wilson's 95% interval (1927), which has a width even at 0 and 1."""
    ends = binomtest(int(hits.sum()), len(hits)).proportion_ci(method="wilson")
    return {"value": float(hits.mean()), "low": float(ends.low), "high": float(ends.high)}


def slices(texts: list[str], right: Mask, lexicon: Lexicon) -> list[Report]:
    """Accuracy with its interval in each group of ``MIN_ROWS`` reviews or more.

    ``worse``: there are fewer ``right`` (rows,) than in the rest, by Fisher's exact test; as one
    group of many is always the lowest, what chance allows is divided by how many there are.
    """
    found = [group for group in groups(texts, lexicon) if group[2].sum() >= MIN_ROWS]
    rows = []
    for kind, name, inside in found:
        cells = [[(right & part).sum(), (~right & part).sum()] for part in (inside, ~inside)]
        worse = fisher_exact(cells, alternative="less").pvalue * len(found) < CHANCE
        row = {"rows": int(inside.sum()), "accuracy": wilson(right[inside]), "worse": bool(worse)}
        rows.append({"kind": kind, "name": name, **row})
    return rows


def groups(texts: list[str], lexicon: Lexicon) -> Iterator[tuple[str, str, Mask]]:
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


def revenue_at_risk(unhappy: Mask, blamed: Mapping[str, Array], prices: Prices) -> list[Report]:
    """Aspects by the money that customers are worth who are unhappy and blame them.

    Args:
        unhappy: (rows,); blamed: for each aspect (rows,), see ``aspects.blame``. A customer may
            blame several.

    Returns:
        For each aspect that any review mentions: how many ``reviews`` do, how many of these are
        ``unhappy``, how many of the unhappy have it ``blamed``, and the ``revenue_at_risk`` per
        1,000 reviews with its interval; most first. ``leads``: more blame it than each other one,
        by the sign test on those who blame one of the two.
    """
    hits = {name: unhappy & (values == 1) for name, values in blamed.items()}
    scale, rows = money.REVIEWS * prices.customer_value, []
    for name, values in blamed.items():
        there, own = ~np.isnan(values), hits[name]
        if there.any():
            row = {
                "aspect": name,
                "reviews": int(there.sum()),
                "unhappy": int(unhappy[there].sum()),
                "blamed": int(own.sum()),
                "revenue_at_risk": {key: scale * part for key, part in wilson(own).items()},
                "leads": all(_more(own, other) for key, other in hits.items() if key != name),
            }
            rows.append(row)
    return sorted(rows, key=lambda row: (-row["revenue_at_risk"]["value"], row["aspect"]))


def _more(own: Mask, other: Mask) -> bool:
    alone, either = int((own & ~other).sum()), int((own ^ other).sum())
    return bool(binomtest(alone, max(either, 1), alternative="greater").pvalue < CHANCE / 2)


def examples(test: pd.DataFrame, predictor: Predictor) -> list[Report]:
    """A good and a bad review of which the model was rightly most certain, then those of which it
    was wrongly most certain, word by word; long enough to tell something, where there are such."""
    few = test["text"].map(lambda text: len(tokens(text)) < MIN_WORDS)
    dull = few + 2 * (test["text"].str.len() > MAX_LETTERS)
    table = test.assign(dull=dull, error=(test["y"] - test["probability"]).abs())
    hits, misses = table[table["error"] < CUT].sort_values(["dull", "error"]), table["error"] >= CUT
    right = [hits[hits["y"] == side].index[:1] for side in (1, 0)]
    wrong = table[misses].sort_values(["dull", "error"], ascending=[True, False]).index[:MISTAKES]
    return [
        {
            "text": row["text"],
            "probability": row["probability"],
            "positive": int(row["y"]),
            "words": predictor.coloured(row["text"]),
        }
        for row in test.loc[[*right[0], *right[1], *wrong]].to_dict("records")
    ]


def _write_predictions(file: Path, parts: dict[str, pd.DataFrame]) -> Path:
    """Outcomes and probabilities without the texts, so that the dashboard can try other prices."""
    named = [part.assign(part=name).drop(columns="text") for name, part in parts.items()]
    table = pd.concat(named).astype({"y": int, "rule": int})
    with replacing(file) as temporary:
        columns = ["part", "y", "probability", "rule"]
        table[columns].to_csv(temporary, index=False, float_format="%.6g", lineterminator="\n")
    return file
