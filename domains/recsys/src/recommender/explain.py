"""Why the model recommends what it recommends, from its own weights."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from .config import Config
from .data import read_processed
from .figures import draw_reasons
from .kit import ModelError
from .kit.files import Paths, read_json, write_json
from .kit.store import SCHEMA, read_candidate
from .predictor import Predictor
from .sample import truth

Explanation = dict[str, Any]

QUANTILES = (0.5, 0.1, 0.9)  # users with so many likes are the examples, first of all 0.5
SHOWN = 3  # reasons in a row of a table
NEIGHBOURS = 10  # of each item, to compare tastes


def run(config: Config, paths: Paths) -> list[Path]:
    """Explain the published model; a ModelError says that another one was trained since."""
    predictor, (_, info) = Predictor.load(paths.models), read_processed(paths)
    read_candidate(paths)
    content = (paths.candidate / "model.npz").read_bytes()
    if hashlib.sha256(content).hexdigest() != predictor.metadata["sha256"]:
        raise ModelError("the candidate is not the published model: run the `evaluate` stage first")
    result = {
        "schema": SCHEMA,
        "dataset": info.summary,
        "model_version": predictor.version,
        "examples": [example(predictor, user) for user in typical_users(predictor)],
        "tastes": shared_tastes(predictor, info.seed) if info.synthetic else None,
    }
    figures = read_json(paths.reports / "figures.json", "evaluate")
    others = [figure for figure in figures if figure["role"] != "explanation"]
    drawn = draw_reasons(paths.figures, result)
    listed = write_json(paths.reports / "figures.json", others + drawn)
    return [listed, write_json(paths.reports / "explain.json", result)]


def typical_users(predictor: Predictor) -> list[str]:
    """Users with a middling number of likes, few and many, who have not met everything."""
    catalogue = predictor.catalogue
    counts = np.add.reduceat(np.append(catalogue.liked, False).astype(int), catalogue.first[:-1])
    order = np.argsort(counts, kind="stable")
    left = np.diff(catalogue.first) < len(catalogue.items)
    order = order[((counts > 0) & left)[order]]
    if not len(order):
        raise ModelError("nothing to explain: whoever likes something has met every item")
    places = (np.array(QUANTILES) * (len(order) - 1)).astype(int)
    return [catalogue.users[user] for user in order[places]]


def example(predictor: Predictor, user: str) -> Explanation:
    """The first recommendation to ``user``, who is not named, and the reasons for it."""
    instance = {"user": user, "k": 1}
    first = predictor.predict([instance])[0]["items"][0]
    reasons = predictor.explain([instance])[0]
    likes = [reason for reason in reasons if reason["value"] is not None]
    strongest = [reason for reason in likes if reason["contribution"] > 0][:SHOWN]
    return {
        "title": first["title"],
        "score": first["score"],
        "because": [reason["feature"] for reason in strongest],
        "added": sum(reason["contribution"] for reason in strongest),
        "reasons": [{key: r[key] for key in ("feature", "contribution")} for r in reasons],
    }


def shared_tastes(predictor: Predictor, seed: int) -> Explanation:
    """How often an item's nearest have its main taste, by the sample's truth, and any others."""
    main, same, chance = truth(seed).item_tastes.argmax(axis=1), [], []
    for item, code in predictor.items.items():
        near = [predictor.items[row["item"]] for row in predictor.similar(item, NEIGHBOURS)]
        same.append(np.mean(main[near] == main[code]))
        chance.append((np.sum(main == main[code]) - 1) / (len(main) - 1))
    return {"k": NEIGHBOURS, "neighbours": float(np.mean(same)), "chance": float(np.mean(chance))}
