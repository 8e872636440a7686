"""Customers, answers and outcomes since a version is served, against those it was made with."""

from pathlib import Path

import numpy as np
import pandas as pd

from . import sample
from .config import MISSING, Config
from .data import DatasetInfo, left, read_processed
from .kit.decisions import judged
from .kit.files import Paths
from .kit.served import Columns, Json, Kept, Log, answers, report
from .predictor import Predictor

ANSWERS = "probability", "decision"


def run(config: Config, paths: Paths, log: Log, outcomes: Path | None) -> None:
    """Write ``reports/monitoring.md``; a CheckError says what is no more as it was promised."""
    data, info = read_processed(paths)
    # What it says of test customers: of those it learned from it is surer.
    said = Predictor.load(paths.models).predict(instances(data.test, info))
    lines = log.read()
    given = pd.DataFrame([line["inputs"] for line in lines if "inputs" in line])
    before = typed(data.train, info) | answers(said, *ANSWERS)
    now = typed(given, info) | answers([line["prediction"] for line in lines], *ANSWERS)
    kept: Kept = {}
    if outcomes:
        roles = config.datasets.get(info.name, sample.ROLES)
        known, came = log.outcomes(outcomes, info.target, lambda y, where: left(y, roles, where))
        then = np.array([line["prediction"]["probability"] for line in known])
        tested, stakes = data.test[info.target].to_numpy(float), config.prices.stakes
        promised = judged(tested, before["answer: probability"].to_numpy(), stakes, config.seed)
        found = judged(came, then, stakes, config.seed)
        kept = {name: (promised[name], found[name]) for name in found}
    report(paths, log, before, now, kept)


def typed(given: pd.DataFrame, info: DatasetInfo) -> Columns:
    """Inputs with the types of training data, as far as they are there."""
    numbers = {name: given[name].astype(np.float32) for name in info.numeric if name in given}
    texts = {name: given[name].fillna(MISSING) for name in info.categorical if name in given}
    return numbers | texts


def moved(config: Config, paths: Paths) -> list[Json]:
    """Requests for the rehearsal of an alarm: the riskier half of the test customers."""
    data, info = read_processed(paths)
    asked = instances(data.test, info)
    order = np.argsort(Predictor.load(paths.models).predict_proba(asked))
    riskier = [asked[place] for place in order[len(order) // 2 :]]
    most = config.limits.batch
    return [{"json": {"instances": riskier[n : n + most]}} for n in range(0, len(riskier), most)]


def instances(table: pd.DataFrame, info: DatasetInfo) -> list[Json]:
    """Rows as the API takes them."""
    rows = table[info.features].astype(object)
    return rows.where(rows.notna(), None).to_dict("records")
