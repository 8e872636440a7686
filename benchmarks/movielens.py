"""nDCG@10 and more of every model on MovieLens small, side by side.

Every rating counts as a like, 25 % of each user's ratings are the test, drawn at random; settings
are tuned on a quarter of the rest, so that the test ratings play no part in any choice. Runs in a
generated project's environment, on a folder with GroupLens's `ratings.csv` and `movies.csv`:

    uv run --project PROJECT python benchmarks/movielens.py PROJECT ml-latest-small
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
from measure import report
from recommender import data
from recommender.config import Config, load_config
from recommender.data import Split
from recommender.kit.files import Paths
from recommender.ladder import ladder, recommend
from recommender.ranking import accuracy
from recommender.train import tune

SPLIT_SEEDS = (0, 1, 2)
TEST_SHARE = 0.25
K = 10
DRAWS = 8
TARGET = 0.395

Scores = dict[str, dict[str, float]]


def settings(project: Path, folder: Path, seed: int) -> Config:
    """The shipped configuration with this benchmark's data, split and budget."""
    config = load_config(project / "config.yaml")
    shipped = config.datasets["movielens"]
    assert shipped.items is not None
    here = {"url": None, "sha256": None, "member": None}
    items = shipped.items.model_copy(update=here | {"path": folder / "movies.csv"})
    ratings = here | {"path": folder / "ratings.csv", "positive_rating": None, "items": items}
    changes = {
        "seed": seed,
        "dataset": "movielens",
        "datasets": {"movielens": shipped.model_copy(update=ratings)},
        "k": K,
        "split": config.split.model_copy(
            # A quarter of what the test leaves.
            update={"by": "user", "test_size": TEST_SHARE, "validation_size": 0.1875}
        ),
        "search": config.search.model_copy(update={"draws": DRAWS}),
    }
    return config.model_copy(update=changes)


def load(config: Config) -> Split:
    """The split as the project's first stage makes it."""
    with tempfile.TemporaryDirectory() as folder:
        data.run(config, Paths(Path(folder)))
        return data.read_processed(Paths(Path(folder)))[0]


def score_seed(config: Config) -> tuple[Scores, str]:
    """Test scores of each model, tuned on validation, and the name of the best there."""
    split = load(config)
    texts = split.texts()
    validation, test = split.task("validation"), split.task("test")
    scores, chosen = {}, {}
    for rung in ladder(config):
        tuned = tune(rung, texts, validation, config)
        chosen[rung.name] = float(tuned.ndcg.mean())
        model = rung.fit(test.likes, texts, tuned.settings, config.seed)
        lists = recommend(model, test, K)
        vectors = accuracy(lists, test.relevant)
        scores[rung.name] = {name: float(np.nanmean(v)) for name, v in vectors.items()}
        figures = " ".join(f"{name} {value:.4f}" for name, value in scores[rung.name].items())
        print(f"seed {config.seed}: {rung.name:10} {figures}  {tuned.settings}", flush=True)
    return scores, max(chosen, key=lambda name: chosen[name])


def main(project: Path, folder: Path) -> None:
    """Score all split seeds and print the table, or say that the files are not there."""
    if not (folder / "ratings.csv").is_file():
        print(f"movielens: skipped, there is no {folder / 'ratings.csv'}")
        return
    found = [score_seed(settings(project, folder, seed)) for seed in SPLIT_SEEDS]
    names = list(found[0][0])
    metrics = list(found[0][0][names[0]])
    print(f"\nmean of {len(found)} split seeds\n| model | {' | '.join(metrics)} |")
    print("|" + " --- |" * (len(metrics) + 1))
    for name in names:
        means = [np.mean([scores[name][metric] for scores, _ in found]) for metric in metrics]
        print(f"| {name} | " + " | ".join(f"{mean:.4f}" for mean in means) + " |")
    best = [scores[name][f"ndcg_at_{K}"] for scores, name in found]
    detail = ", ".join(f"{name} {value:.4f}" for (_, name), value in zip(found, best, strict=True))
    figure = float(np.mean(best))
    report("movielens", f"{figure:.4f} ({detail})", figure >= TARGET, f">= {TARGET}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
