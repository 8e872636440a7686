"""Models: better than the dummy where there is something to learn, and scored as written."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sklearn_metrics

from analysis.scores import class_scores, regression_scores


def test_models_beat_the_dummy_on_the_sample(project: Path):
    report = json.loads((project / "reports" / "metrics.json").read_text(encoding="utf-8"))
    for task, metric in (("regression", "r2"), ("classification", "roc_auc")):
        models = [model for model in report["models"] if model["task"] == task]
        scores = {model["name"]: model["metrics"][metric] for model in models}
        assert all(
            score["low"] > scores["dummy"]["high"]
            for name, score in scores.items()
            if name != "dummy"
        )
        assert [model["selected"] for model in models].count(True) == 1


def test_scores_of_numbers_are_those_of_the_library():
    rng = np.random.default_rng(0)
    y = rng.normal(100, 20, 300)
    predicted = y + rng.normal(0, 10, 300)
    found = regression_scores(y, predicted, 0)
    assert found["mse"].value == pytest.approx(sklearn_metrics.mean_squared_error(y, predicted))
    assert found["r2"].value == pytest.approx(sklearn_metrics.r2_score(y, predicted))
    assert all(score.low < score.value < score.high for score in found.values())


@pytest.mark.parametrize("classes", [["no", "yes"], ["a", "b", "c"]])
def test_scores_of_classes_are_those_of_the_library(classes: list[str]):
    rng = np.random.default_rng(1)
    y = pd.Series(rng.choice(classes, 300, p=[0.7, 0.3] if len(classes) == 2 else [0.5, 0.3, 0.2]))
    probabilities = rng.dirichlet(np.ones(len(classes)), 300) + (
        y.to_numpy()[:, None] == np.asarray(classes)
    )
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    found = class_scores(y, probabilities, classes, classes[-1], 0)
    chosen = np.asarray(classes)[probabilities.argmax(axis=1)]
    two = len(classes) == 2
    options = {"pos_label": classes[-1]} if two else {"average": "macro"}
    ranked = probabilities[:, 1] if two else probabilities
    expected = {
        "roc_auc": sklearn_metrics.roc_auc_score(y, ranked, multi_class="ovr"),
        "f1": sklearn_metrics.f1_score(y, chosen, **options),
        "precision": sklearn_metrics.precision_score(y, chosen, **options),
        "recall": sklearn_metrics.recall_score(y, chosen, **options),
        "accuracy": sklearn_metrics.accuracy_score(y, chosen),
    }
    assert {name: score.value for name, score in found.items()} == pytest.approx(expected)
