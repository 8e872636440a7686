"""ROC-AUC of the chosen model on IBM's Telco customers, tuned and chosen inside each fold.

Runs in a generated churn project's environment, on the data set that lies in it:

    uv run --project PROJECT python benchmarks/telco_auc.py PROJECT
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from churn.config import Config, load_config
from churn.data import DatasetInfo, load, validate
from churn.kit.files import Paths
from churn.models import ladder, tune
from measure import report
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline

FOLDS = 5
FOLD_SEEDS = (0, 1, 2)
TARGET = 0.85


def choose(
    X: pd.DataFrame, y: pd.Series, info: DatasetInfo, config: Config
) -> tuple[str, Pipeline]:
    """Climb the project's ladder on these rows alone: the best rung, tuned but not fitted.

    As in the project's training. Its calibration is left out: a sigmoid changes no ranking.
    """
    tuned = {rung.name: tune(rung, X, y, info, config) for rung in ladder(config)}
    best = max(tuned, key=lambda name: roc_auc_score(y, tuned[name][1]))
    return best, tuned[best][0]


def score_fold_seed(table: pd.DataFrame, info: DatasetInfo, config: Config, seed: int) -> float:
    """Mean ROC-AUC over the outer folds of one seed."""
    X, y = table[info.features], table[info.target]
    outer = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    scores = []
    for train, test in outer.split(X, y):
        name, pipeline = choose(X.iloc[train], y.iloc[train], info, config)
        pipeline.fit(X.iloc[train], y.iloc[train])
        probability = pipeline.predict_proba(X.iloc[test])[:, 1]
        scores.append(roc_auc_score(y.iloc[test], probability))
        print(f"seed {seed}: {name} {scores[-1]:.4f}", flush=True)
    return float(np.mean(scores))


def main(project: Path) -> None:
    """Score all fold seeds."""
    config = load_config(project / "config.yaml", "telco")
    raw, dataset, sha256 = load(config, Paths(project))
    table, info = validate(raw, dataset, "telco", sha256)
    means = [score_fold_seed(table, info, config, seed) for seed in FOLD_SEEDS]
    detail = ", ".join(f"{mean:.4f}" for mean in means)
    figure = float(np.mean(means))
    report("telco_auc", f"{figure:.4f} (by fold seed: {detail})", figure >= TARGET, f">= {TARGET}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
