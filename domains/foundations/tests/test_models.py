"""Models: better than the dummy where there is something to learn, and scored as written."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import SETTINGS, report, two_groups
from sklearn import metrics as sklearn_metrics

from analysis.config import load_config
from analysis.scores import compared, drawn, scorer
from analysis.train import fit_task, reason_to_skip


def test_models_beat_the_dummy_on_the_sample(project: Path):
    tasks = report(project, "metrics")["foundations"]["tasks"]
    assert set(tasks) == {"regression", "classification"}
    for task in tasks.values():
        dummy = task["models"][0]
        assert dummy["name"] == "dummy"
        assert dummy["difference"]["high"] < 0
        assert [model["selected"] for model in task["models"]].count(True) == 1
        assert task["test"][task["metric"]]["low"] > dummy["metrics"][task["metric"]]["value"]


def test_shuffled_answers_cannot_be_predicted():
    # A leak from the answer into its own prediction would show here.
    table, info = two_groups(1.0, rows=300)
    config = load_config(SETTINGS)
    rng = np.random.default_rng(0)
    for task, target, chance in (("regression", "n", 0), ("classification", "c", 0.5)):
        shuffled = table.assign(**{target: rng.permutation(table[target])})
        found, _ = fit_task(shuffled, info, config, task, target)
        for model in found["models"]:
            assert model["metrics"][found["metric"]]["value"] < chance + 0.12


def test_scores_of_numbers_are_those_of_the_library():
    rng = np.random.default_rng(0)
    y = pd.Series(rng.normal(100, 20, 300))
    predicted = y.to_numpy() + rng.normal(0, 10, 300)
    found = drawn(scorer(y, predicted, "regression"), None, 300, 0)
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
    found = drawn(scorer(y, probabilities, "classification"), None, 300, 0)
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


def test_models_are_compared_in_pairs():
    # Both are off by the same large noise, so that only the paired difference can tell them apart.
    rng = np.random.default_rng(2)
    y = pd.Series(rng.normal(size=400))
    noise = rng.normal(size=400)
    scorers = {
        "better": scorer(y, y.to_numpy() + noise, "regression"),
        "worse": scorer(y, y.to_numpy() + 1.1 * noise, "regression"),
    }
    best, models = compared(scorers, "r2", None, 400, 0)
    assert best == "better"
    assert models["better"]["difference"] is None
    assert models["worse"]["difference"]["high"] < 0
    assert models["worse"]["metrics"]["r2"]["high"] > models["better"]["metrics"]["r2"]["low"]


def test_units_are_drawn_whole():
    y = pd.Series(np.random.default_rng(0).normal(size=40).repeat(25))
    figures = scorer(y, np.zeros(1_000), "regression")
    alone = drawn(figures, None, 1_000, 0)["mse"]
    together = drawn(figures, np.arange(40.0).repeat(25), 1_000, 0)["mse"]
    assert together.high - together.low > 3 * (alone.high - alone.low)


def test_a_task_that_does_not_apply_is_left_out_with_a_reason():
    table, info = two_groups(1.0)
    config = load_config(SETTINGS)
    assert reason_to_skip(table, info, config, "n") == ""
    assert "no target" in reason_to_skip(table, info, config, None)
    assert "needed are 50" in reason_to_skip(table.head(40), info, config, "n")
    rare = table.assign(c=["yes"] * 2 + ["no"] * (len(table) - 2))
    assert "too few for folds" in reason_to_skip(rare, info, config, "c")
