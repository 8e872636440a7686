"""One prediction: the exported model against the scikit-learn pipeline it was made from.

Runs in the environment of a generated sentiment project that has run `all`:

    uv run --project PROJECT python benchmarks/predict_text.py PROJECT
"""

import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any

from measure import in_turn, report
from sentiment.config import load_config
from sentiment.data import POSITIVE, TEXT, read_processed
from sentiment.features import document
from sentiment.kit.files import Paths
from sentiment.models import ladder, to_onnx
from sentiment.predictor import Predictor
from sklearn.pipeline import Pipeline

ROUNDS = 20
REVIEWS = 25  # in one round, each predicted and timed alone
TARGET = 10


def seconds(predict: Callable[[Any], Any], inputs: Iterator[Any]) -> float:
    """Predict the next reviews one by one and return the median time."""
    times = []
    for _ in range(REVIEWS):
        review = next(inputs)
        start = time.perf_counter()
        predict(review)
        times.append(time.perf_counter() - start)
    return median(times)


def by_pipeline(pipeline: Pipeline, text: str) -> Any:
    """What scikit-learn says of one review."""
    return pipeline.predict_proba([document(text)])


def by_export(predictor: Predictor, text: str) -> Any:
    """What the exported model says of it."""
    return predictor.predict_proba([{"text": text}])


def main(project: Path) -> None:
    """Predict test reviews by every rung in both forms, a few dozen each in turn."""
    data, _ = read_processed(Paths(project))
    X, y = data.train[TEXT].map(document), data.train[POSITIVE]
    texts = data.test[TEXT].head(ROUNDS * REVIEWS).tolist()
    for rung in ladder(load_config(project / "config.yaml"))[1:]:
        pipeline = rung.pipeline().fit(X, y)
        predictor = Predictor(to_onnx(pipeline), {"model": rung.name})
        trained, exported = in_turn(
            partial(seconds, partial(by_pipeline, pipeline), cycle(texts)),
            partial(seconds, partial(by_export, predictor), cycle(texts)),
            ROUNDS,
        )
        ratio = trained / exported
        figure = f"{ratio:.1f}x as fast ({1e6 * exported:.0f} microseconds)"
        report(f"predict_text, {rung.name}", figure, ratio >= TARGET, f">= {TARGET}x")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
