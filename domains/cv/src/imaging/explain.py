"""Where the published model finds its evidence: maps of test images, measured and shown."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .config import Config
from .data import read_processed
from .evaluate import proportion
from .figures import SYNTHETIC, draw_gallery
from .gradcam import peak
from .images import to_png
from .kit import ModelError
from .kit.files import Paths, read_json, replacing, write_json
from .kit.intervals import Array
from .kit.store import SCHEMA, require_whole
from .predictor import Predictor
from .sample import SIZE

# What a decision comes to, by label and decision, and how its example files are called.
OUTCOMES = {
    (1, "refer"): "caught",
    (1, "do not refer"): "missed",
    (0, "refer"): "false alarm",
    (0, "do not refer"): "cleared",
}
COLUMNS = ["file", "id", "class", "probability", "decision", "outcome"]
MARKER_REACH = 2.0  # pixels from the middle of a marker, either way, that are on it


def run(config: Config, paths: Paths) -> list[Path]:
    """Explain the published model on test images: ``reports/explain.json``, examples, a figure.

    Images leave ``data/`` only where the data set's entry says ``share_images``.

    A ModelError says that the model was trained on other data than are prepared now.
    """
    data, info = read_processed(paths)
    predictor, images = Predictor.load(paths.models), data.test.images
    if predictor.metadata["data"] != require_whole(paths.processed):
        raise ModelError("the published model learned from other data: run the `all` command")
    probability, maps = predictor.maps(images)
    decisions = [answer["decision"] for answer in predictor.decide(probability)]
    outcomes = [OUTCOMES[pair] for pair in zip(data.test.y, decisions, strict=True)]
    cases = data.test.cases.assign(probability=probability, decision=decisions, outcome=outcomes)
    shown = examples(cases) if info.share_images else cases.head(0).assign(file=[])
    result = {
        "schema": SCHEMA,
        "model_version": predictor.version,
        "dataset": info.summary,
        "rows": len(cases),
        "importance": [],
        "pointing_game": pointing_game(maps, cases) if info.synthetic else None,
        "examples": shown[COLUMNS].to_dict("records"),
    }
    file, gallery = paths.reports / "explain.json", paths.figures / "gallery.png"
    folder = paths.reports / "examples"
    shutil.rmtree(folder, ignore_errors=True)  # an earlier model's must not pass for this one's
    if not info.share_images:
        gallery.unlink(missing_ok=True)
        return [write_json(file, result)]
    places = shown.index.to_numpy()
    for name, image in zip(shown["file"], images[places], strict=True):
        with replacing(folder / name) as temporary:
            temporary.write_bytes(to_png(image))
    strong, note = predictor.signature["strong"], SYNTHETIC if info.synthetic else ""
    drawn = draw_gallery(gallery, shown, images[places], maps[places], strong, note)
    entries = read_json(paths.reports / "figures.json", "evaluate")
    others = [entry for entry in entries if entry["file"] != drawn["file"]]
    # The picture that says most is the headline: the trade-off, drawn first, leads without it.
    others[0]["role"] = "money"
    listed = write_json(paths.reports / "figures.json", [*others, drawn])
    return [folder, gallery, listed, write_json(file, result)]


def examples(cases: pd.DataFrame) -> pd.DataFrame:
    """Of each outcome that occurs, the case of which the model was surest and the middle one."""
    chosen: list[pd.DataFrame] = []
    for (_, decision), name in OUTCOMES.items():
        rows = cases[cases["outcome"] == name]
        surest = rows.sort_values("probability", ascending=decision != "refer", kind="stable")
        places = sorted({0, len(rows) // 2} & set(range(len(rows))))
        files = [f"{name.replace(' ', '_')}_{number + 1}.png" for number in range(len(places))]
        chosen.append(surest.iloc[places].assign(file=files))
    return pd.concat(chosen)


def pointing_game(maps: Array, cases: pd.DataFrame) -> dict[str, Any]:
    """How often the strongest place of each case's map, (n, h, w), lies on its planted opacity.

    The pointing game (Zhang et al. 2016) without tolerance; on the marker, of the ill cases that
    have one. ``by_chance`` is how often a place drawn at random would lie on the opacity.
    """
    peaks = np.array([peak(activation, SIZE) for activation in maps], dtype=float)
    truth = cases[["row", "column"]].to_numpy(float)
    radius = cases["diameter"].to_numpy(float) / 2
    markers = cases[["marker_row", "marker_column"]].to_numpy(float)
    ill = radius > 0
    marked = ill & np.isfinite(markers[:, 0])
    on_finding = np.linalg.norm(peaks - truth, axis=1) <= radius
    on_marker = np.abs(peaks - markers).max(axis=1) <= MARKER_REACH
    return {
        "cases": int(ill.sum()),
        "marked": int(marked.sum()),
        "on_finding": proportion(on_finding[ill]),
        "on_marker": proportion(on_marker[marked]) if marked.any() else None,
        "by_chance": float(np.mean(np.pi * radius[ill] ** 2) / SIZE**2),
    }
