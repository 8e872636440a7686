"""Accuracy on the Amazon part of Sentiment Labelled Sentences, tuned and chosen in each fold.

The model is the one that the project would ship: the best rung of its ladder, exported to ONNX.
Runs in a generated project's environment:

    uv run --project PROJECT python benchmarks/amazon.py PROJECT amazon_cells_labelled.txt
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from measure import report
from sentiment.checks import POSITIVE, TEXT
from sentiment.config import Config, load_config
from sentiment.data import load, validate
from sentiment.kit.files import Paths
from sentiment.models import ladder
from sentiment.predictor import Predictor
from sentiment.text import document
from sentiment.train import climb, fit_best
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

FOLDS = 10
FOLD_SEEDS = (0, 1, 2, 3, 4)
TARGET = 0.835


def load_amazon(config: Config, file: Path) -> pd.DataFrame:
    """Read the file with the roles that the shipped ``config.yaml`` gives its columns.

    Repeated sentences are left out, as in the project: they would stand in training and test.
    """
    elsewhere = {"path": file.resolve(), "url": None, "sha256": None, "member": None}
    source = config.datasets["amazon"].model_copy(update=elsewhere)
    amazon = config.model_copy(update={"dataset": "amazon", "datasets": {"amazon": source}})
    raw, roles, sha256 = load(amazon, Paths(file.parent))
    return validate(raw, roles, "amazon", sha256)[0]


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


def main(project: Path, file: Path) -> None:
    """Score all fold seeds, or say that the file is not there."""
    if not file.is_file():
        print(f"amazon: skipped, there is no {file}")
        return
    config = load_config(project / "config.yaml")
    table = load_amazon(config, file)
    means = [score_fold_seed(table, config, seed) for seed in FOLD_SEEDS]
    detail = ", ".join(f"{mean:.4f}" for mean in means)
    figure = float(np.mean(means))
    report("amazon", f"{figure:.4f} (by fold seed: {detail})", figure >= TARGET, f">= {TARGET}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
