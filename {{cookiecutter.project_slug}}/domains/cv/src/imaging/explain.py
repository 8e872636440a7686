"""Where the published model finds its evidence: maps of test images, measured and shown."""

import hashlib
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .charts import source_note
from .config import Config
from .data import read_processed
from .errors import ModelError
from .evaluate import read_candidate
from .explain_figures import draw_explanation
from .files import replacing, write_json
from .images import to_png
from .paths import Paths
from .pointing import pointing_game
from .predictor import Predictor
from .wording import ALARM, CAUGHT, CLEARED, MISSED, outcome

# How the files of each outcome are called.
FILES = {CAUGHT: "caught", MISSED: "missed", ALARM: "alarm", CLEARED: "cleared"}
COLUMNS = ["file", "id", "class", "probability", "decision", "outcome"]


def explain(config: Config, paths: Paths) -> list[Path]:
    """Explain the published model on test images: ``reports/explain.json``, examples, a figure.

    Images leave ``data/`` only where the data set's entry says ``share_images``.

    Raises:
        ModelError: data or model were made again since the model was published.
    """
    data, info = read_processed(paths)
    predictor = published(paths)
    images = data.test.images
    probability, maps = predictor.maps(images)
    cases = with_outcomes(data.test.cases, predictor.decide(probability))
    shown = examples(cases) if info.share_images else cases.head(0).assign(file=[])
    result = {
        "dataset": info.summary,
        "model_version": predictor.version,
        "rows": len(cases),
        "pointing_game": (
            pointing_game(maps, cases, info.size, config.seed) if info.synthetic else None
        ),
        "examples": shown[COLUMNS].to_dict("records"),
    }
    file = write_json(paths.reports / "explain.json", result)
    folder, gallery = paths.reports / "examples", paths.figures / "gallery.png"
    if not info.share_images:  # what an earlier data set left must not pass for this one's
        shutil.rmtree(folder, ignore_errors=True)
        gallery.unlink(missing_ok=True)
        return [file]
    places = shown.index.to_numpy()
    write_examples(folder, shown, images[places])
    strong, note = predictor.signature["strong"], source_note(result)
    draw_explanation(gallery, shown, images[places], maps[places], strong, note)
    return [file, folder, gallery]


def published(paths: Paths) -> Predictor:
    """The published model.

    Raises:
        ModelError: it is not the candidate, or was trained on other data than are prepared now.
    """
    candidate, _, _ = read_candidate(paths)
    predictor = Predictor.load(paths.models)
    if hashlib.sha256(candidate).hexdigest() != predictor.metadata["sha256"]:
        raise ModelError("the candidate is not the published model: run the `evaluate` stage first")
    return predictor


def with_outcomes(cases: pd.DataFrame, answers: list[dict[str, Any]]) -> pd.DataFrame:
    """The cases, numbered from 0, with probability, decision and what that came to."""
    table = cases.reset_index(drop=True).assign(
        probability=[answer["probability"] for answer in answers],
        decision=[answer["decision"] for answer in answers],
    )
    found = [
        outcome(bool(y), decision)
        for y, decision in zip(table["y"], table["decision"], strict=True)
    ]
    return table.assign(outcome=found)


def examples(cases: pd.DataFrame) -> pd.DataFrame:
    """Of each outcome that occurs, the case of which the model was surest and the middle one."""
    chosen: list[pd.DataFrame] = []
    for name, stem in FILES.items():
        rows = cases[cases["outcome"] == name]
        surest_first = rows.sort_values(
            "probability", ascending=name in (MISSED, CLEARED), kind="stable"
        )
        places = sorted({0, len(rows) // 2} & set(range(len(rows))))
        files = [f"{stem}_{number}.png" for number in range(1, len(places) + 1)]
        chosen.append(surest_first.iloc[places].assign(file=files))
    return pd.concat(chosen)


def write_examples(folder: Path, shown: pd.DataFrame, images: NDArray[np.uint8]) -> None:
    """Write the images that the dashboard offers, as the model takes them."""
    with replacing(folder) as temporary:
        temporary.mkdir()
        for name, image in zip(shown["file"], images, strict=True):
            (temporary / name).write_bytes(to_png(image))
