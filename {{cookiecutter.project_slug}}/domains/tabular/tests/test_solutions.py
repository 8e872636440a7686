"""Queries and exercises of ``docs``, held against this project's own numbers."""

from pathlib import Path

import pandas as pd
import pytest

from churn.files import read_json
from churn.paths import Paths

from .practice import SOLUTIONS, answers


def test_sql_finds_the_confusion_matrix_and_the_best_cut(own_project: Path):
    paths = Paths(own_project)
    metrics = read_json(paths.reports / "metrics.json")["tabular"]
    found = answers(paths)
    assert found[3].iloc[0].to_dict() == metrics["confusion"]
    test = pd.read_csv(paths.reports / "predictions.csv").query("part == 'test'")
    prices = metrics["business"]["prices"]
    worth = prices["offer_acceptance"] * prices["customer_value"]
    best = SOLUTIONS["best_cut"](
        test["y"].tolist(), test["probability"].tolist(), worth, prices["offer_cost"]
    )
    assert (found[5]["contacts"][0], found[5]["earned"][0]) == pytest.approx(best)
    assert found[6].empty  # nobody is in both parts


def test_ranks_give_the_reported_roc_auc(project: Path):
    metrics = read_json(project / "reports" / "metrics.json")
    test = pd.read_csv(project / "reports" / "predictions.csv").query("part == 'test'")
    auc = SOLUTIONS["roc_auc"](test["y"].tolist(), test["probability"].tolist())
    assert auc == pytest.approx(metrics["test"]["roc_auc"]["value"], abs=1e-4)


def test_folds_hold_their_share_of_each_class():
    labels = [1] * 25 + [0] * 75
    folds = SOLUTIONS["stratified_folds"](labels, 5)
    for fold in range(5):
        rows = [label for label, where in zip(labels, folds, strict=True) if where == fold]
        assert (len(rows), sum(rows)) == (20, 5)
