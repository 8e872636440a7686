"""Accuracy on the Amazon part of Sentiment Labelled Sentences, tuned and chosen in each fold.

The model is the one that the project would ship: the best rung of its ladder, exported to ONNX.
Runs in a generated sentiment project's environment, on the data set that lies in it:

    uv run --project PROJECT python benchmarks/amazon.py PROJECT
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from measure import report
from sentiment.config import Config, load_config
from sentiment.data import POSITIVE, TEXT, check_reviews, load
from sentiment.features import document
from sentiment.kit.files import Paths
from sentiment.models import ladder
from sentiment.predictor import Predictor
from sentiment.train import climb, fit_best
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

FOLDS = 10
FOLD_SEEDS = (0, 1, 2, 3, 4)
TARGET = 0.839


def ship(texts: pd.Series, y: pd.Series, config: Config) -> tuple[str, Predictor]:
    """Climb the project's ladder on these rows alone, and export the best rung."""
    tuned = climb(ladder(config), texts.map(document), y, config)
    ranked = sorted(tuned, key=lambda name: -roc_auc_score(y, tuned[name].validation))
    winner = fit_best(ranked, tuned, texts, y, config, Paths(Path()))
    return winner.name, Predictor(winner.model, {"model": winner.name})


def score_fold_seed(table: pd.DataFrame, config: Config, seed: int) -> float:
    """Accuracy over the outer folds of one seed."""
    texts, y = table[TEXT], table[POSITIVE]
    right = np.empty(len(table))
    outer = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    for train, test in outer.split(texts, y):
        name, predictor = ship(texts.iloc[train], y.iloc[train], config)
        probability = predictor.predict_proba([{"text": text} for text in texts.iloc[test]])
        right[test] = (probability >= 0.5) == y.iloc[test]
        print(f"seed {seed}: {name} {right[test].mean():.4f}", flush=True)
    return float(right.mean())


def main(project: Path) -> None:
    """Score all fold seeds; sentences that are there twice are left out, as in the project."""
    config = load_config(project / "config.yaml", "amazon")
    raw, dataset, _ = load(config, Paths(project))
    table, _ = check_reviews(raw, dataset, "amazon")
    means = [score_fold_seed(table, config, seed) for seed in FOLD_SEEDS]
    detail = ", ".join(f"{mean:.4f}" for mean in means)
    figure = float(np.mean(means))
    report("amazon", f"{figure:.4f} (by fold seed: {detail})", figure >= TARGET, f">= {TARGET}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
