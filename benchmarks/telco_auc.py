"""ROC-AUC of the chosen model on IBM's Telco file, tuned and chosen inside each fold.

Runs in a generated project's environment:

    uv run --project PROJECT python benchmarks/telco_auc.py PROJECT telco-churn.csv
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from churn.config import Config, load_config
from churn.data import DatasetInfo, load, validate
from churn.kit.files import Paths
from churn.models import ladder, tune
from churn.train import out_of_fold
from measure import report
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline

FOLDS = 5
FOLD_SEEDS = (0, 1, 2)
TARGET = 0.849


def load_telco(config: Config, csv: Path) -> tuple[pd.DataFrame, DatasetInfo]:
    """Read the file with the roles that the shipped ``config.yaml`` gives its columns."""
    source = config.datasets["telco"].model_copy(update={"path": csv.resolve(), "url": None})
    telco = config.model_copy(update={"dataset": "telco", "datasets": {"telco": source}})
    raw, roles, sha256 = load(telco, Paths(csv.parent))
    return validate(raw, roles, "telco", sha256)


def choose(
    X: pd.DataFrame, y: pd.Series, info: DatasetInfo, config: Config
) -> tuple[str, Pipeline]:
    """Climb the project's ladder on these rows alone: the best rung, tuned but not fitted.

    As in the project's training. Its calibration is left out: a sigmoid changes no ranking.
    """
    tuned = {rung.name: tune(rung, rung.pipeline(X, info), X, y, config) for rung in ladder(config)}
    scores = {
        name: roc_auc_score(y, out_of_fold(pipeline, X, y, config))
        for name, pipeline in tuned.items()
    }
    best = max(scores, key=lambda name: scores[name])
    return best, tuned[best]


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


def main(project: Path, csv: Path) -> None:
    """Score all fold seeds, or say that the file is not there."""
    if not csv.is_file():
        print(f"telco_auc: skipped, there is no {csv}")
        return
    config = load_config(project / "config.yaml")
    table, info = load_telco(config, csv)
    means = [score_fold_seed(table, info, config, seed) for seed in FOLD_SEEDS]
    detail = ", ".join(f"{mean:.4f}" for mean in means)
    figure = float(np.mean(means))
    report("telco_auc", f"{figure:.4f} (by fold seed: {detail})", figure >= TARGET, f">= {TARGET}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
