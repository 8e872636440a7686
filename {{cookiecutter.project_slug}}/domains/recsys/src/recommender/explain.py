"""Why the model recommends what it recommends, from its own weights."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from .charts import BLUE, GREY, figure, short, source_note
from .config import Config
from .data import read_processed
from .errors import ModelError
from .evaluate import make_catalogue, read_candidate
from .export import compact, to_bytes
from .files import write_json
from .paths import Paths
from .predictor import Predictor
from .sample import truth

Explanation = dict[str, Any]

QUANTILES = (0.5, 0.1, 0.3, 0.7, 0.9)  # users with so many likes are the examples, first of all 0.5
FAMOUS = 5  # items whose neighbours are shown
SHOWN = 3  # reasons or neighbours in a row of a table
NEIGHBOURS = 10  # of each item, to compare tastes


def explain(config: Config, paths: Paths) -> list[Path]:
    """Explain the published model: ``reports/explain.json`` and a figure.

    Raises:
        ModelError: the model was trained again, but not evaluated since.
    """
    data, info = read_processed(paths)
    candidate, _ = read_candidate(paths)
    predictor = Predictor.load(paths.models)
    catalogue = make_catalogue(data)
    content = to_bytes(compact(candidate, catalogue)[0], catalogue)
    if hashlib.sha256(content).hexdigest() != predictor.metadata["sha256"]:
        raise ModelError("the candidate is not the published model: run the `evaluate` stage first")
    examples = [example(predictor, user) for user in typical_users(predictor)]
    result = {
        "dataset": info.summary,
        "model_version": predictor.version,
        "examples": examples,
        "neighbours": neighbours(predictor),
        "tastes": shared_tastes(predictor, info.seed) if info.synthetic else None,
    }
    file = write_json(paths.reports / "explain.json", result)
    figure_file = paths.figures / "because.png"
    draw_reasons(figure_file, examples[0], source_note(result))
    return [file, figure_file]


def typical_users(predictor: Predictor) -> list[str]:
    """Users from few likes to many, of those who like something and have not met everything.

    Raises:
        ModelError: there are none.
    """
    catalogue = predictor.catalogue
    counts = np.add.reduceat(np.append(catalogue.liked, False).astype(int), catalogue.starts[:-1])
    order = np.argsort(counts, kind="stable")
    left = np.diff(catalogue.starts) < len(catalogue.items)
    order = order[((counts > 0) & left)[order]]
    if not len(order):
        raise ModelError(
            "there is nothing to explain: everybody who likes something has met every item. "
            "Add items, or interactions of people who do not know them all."
        )
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
        "likes": len(predictor.likes(user)),
        "title": first["title"],
        "score": first["score"],
        "because": [reason["feature"] for reason in strongest],
        "added": sum(reason["contribution"] for reason in strongest),
        "reasons": [{key: r[key] for key in ("feature", "contribution")} for r in reasons],
    }


def neighbours(predictor: Predictor) -> list[Explanation]:
    """The items to whose scores a like of each of the most liked items adds most."""
    catalogue = predictor.catalogue
    liked = np.bincount(catalogue.seen[catalogue.liked], minlength=len(catalogue.items))
    famous = np.argsort(-liked, kind="stable")[:FAMOUS]
    return [
        {
            "title": catalogue.titles[code],
            "similar": [row["title"] for row in predictor.similar(catalogue.items[code], SHOWN)],
        }
        for code in famous
    ]


def shared_tastes(predictor: Predictor, seed: int) -> Explanation:
    """How often an item's nearest ``NEIGHBOURS`` have its main taste, by the sample's truth.

    Against ``chance``: how often any other item has it.
    """
    items = predictor.catalogue.items
    code = {item: place for place, item in enumerate(items)}
    main = truth(seed).item_tastes.argmax(axis=1)
    same, chance = [], []
    for place, item in enumerate(items):
        near = [code[row["item"]] for row in predictor.similar(item, NEIGHBOURS)]
        same.append(np.mean(main[near] == main[place]))
        chance.append((np.sum(main == main[place]) - 1) / (len(items) - 1))
    return {"k": NEIGHBOURS, "neighbours": float(np.mean(same)), "chance": float(np.mean(chance))}


def draw_reasons(path: Path, shown: Explanation, note: str) -> None:
    """What each like adds to the score of one recommendation, strongest first."""
    rows = shown["reasons"][::-1]
    with figure(path) as drawing:
        axes = drawing.subplots()
        axes.barh(
            range(len(rows)),
            [row["contribution"] for row in rows],
            color=[BLUE if row in shown["reasons"][:SHOWN] else GREY for row in rows],
        )
        axes.set_yticks(range(len(rows)), [short(row["feature"]) for row in rows])
        axes.axvline(0, color="black", lw=1)
        axes.set_xlabel(f"added to the score; together {shown['score']:.3g}")
        axes.set_title(f"Why {short(shown['title'])}{note}")
