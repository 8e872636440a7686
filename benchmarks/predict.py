"""One prediction: the exported model against the scikit-learn pipeline it was made from.

Runs in the environment of a generated project that has run `all`:

    uv run --project PROJECT python benchmarks/predict.py PROJECT
"""

import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any

import joblib
from churn.data import read_processed
from churn.kit.files import Paths
from churn.predictor import Predictor
from measure import in_turn, report

ROUNDS = 20
CUSTOMERS = 25  # in one round, each predicted and timed alone
TARGET = 50


def seconds(predict: Callable[[Any], Any], inputs: Iterator[Any]) -> float:
    """Predict the next customers one by one and return the median time."""
    times = []
    for _ in range(CUSTOMERS):
        customer = next(inputs)
        start = time.perf_counter()
        predict(customer)
        times.append(time.perf_counter() - start)
    return median(times)


def main(project: Path) -> None:
    """Predict test customers by both, a few dozen each in turn."""
    paths = Paths(project)
    data, info = read_processed(paths)
    pipeline = joblib.load(paths.candidate / "pipeline.joblib")
    predictor = Predictor.load(paths.models)
    customers = data.test[info.features].head(ROUNDS * CUSTOMERS)
    # Each gets what it takes, made beforehand: a table of one row, a list of one dictionary.
    tables = cycle([customers.iloc[[row]] for row in range(len(customers))])
    instances = cycle([[row] for row in customers.to_dict("records")])
    trained, exported = in_turn(
        partial(seconds, pipeline.predict_proba, tables),
        partial(seconds, predictor.predict, instances),
        ROUNDS,
    )
    ratio = trained / exported
    report("predict", f"{ratio:.0f}x as fast", ratio >= TARGET, f">= {TARGET}x")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
