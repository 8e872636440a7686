"""Light, answers and outcomes since a version is served, against those it was made with."""

from pathlib import Path

import numpy as np
import pandas as pd

from . import money
from .config import Config
from .data import DatasetInfo, read_processed
from .images import light, to_png
from .kit.files import Paths
from .kit.served import Json, Kept, Log, answers, report
from .kit.tables import refuse_values
from .predictor import Predictor

ANSWERS = "probability", "decision"


def run(config: Config, paths: Paths, log: Log, outcomes: Path | None) -> None:
    """Write ``reports/monitoring.md``; a CheckError says what is no more as it was promised."""
    data, info = read_processed(paths)
    predictor = Predictor.load(paths.models)
    # What it says of test images: of those it learned from it is surer.
    said = answers(predictor.predict(data.test.images), *ANSWERS)
    lines = log.read()
    before = dict(pd.DataFrame([light(image) for image in data.train.images])) | said
    now = dict(pd.DataFrame([line["inputs"] for line in lines if "inputs" in line]))
    now |= answers([line["prediction"] for line in lines], *ANSWERS)
    kept: Kept = {}
    if outcomes:
        known, came = log.outcomes(outcomes, "class", lambda raw, where: is_ill(raw, info, where))
        then = np.array([line["prediction"]["probability"] for line in known])
        tested = said["answer: probability"].to_numpy()
        share = predictor.signature["positive_share"]
        promised = money.judged(data.test.y, tested, config.prices, share, config.seed)
        found = money.judged(came, then, config.prices, share, config.seed)
        kept = {name: (promised[name], found[name]) for name in found}
    report(paths, log, before, now, kept)


def is_ill(raw: pd.Series, info: DatasetInfo, where: str) -> pd.Series:
    """Return 1 for cases of a positive class and 0 for those of another; refuse what is none."""
    expected = f"expected one of {', '.join(info.classes)}"
    refuse_values(raw, ~raw.isin(info.classes), where, expected, "Correct it, or leave it out.")
    return raw.isin(info.positive).astype("int8")


def moved(config: Config, paths: Paths) -> list[Json]:
    """Requests for the rehearsal of an alarm: test images as from a pale film, in PNG."""
    pale = [to_png(image // 2 + 100) for image in read_processed(paths)[0].test.images]
    files = [("files", (f"{n}.png", content, "image/png")) for n, content in enumerate(pale)]
    most = config.limits.batch
    return [{"files": files[n : n + most]} for n in range(0, len(files), most)]
