"""Test AUC and accuracy of the network on PneumoniaMNIST, trained from scratch on three seeds.

The official split; which epoch is kept and the calibration come from the validation images alone,
and each test image is scored once a seed. Accuracy needs a threshold, and another hospital's share
of ill children is not known: it is the one from which a referral pays for itself if both errors
cost the same and both classes are as frequent. On probabilities that are calibrated for the
validation images that is their share of positive ones, and it maximises Youden's index. Accuracy
at 0.5 is shown beside it. Runs in a generated project's environment with the shipped
configuration, on a MedMNIST `pneumoniamnist.npz`:

    uv run --project PROJECT python benchmarks/pneumonia.py PROJECT pneumoniamnist.npz
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from imaging.business import break_even
from imaging.calibration import choose_calibration
from imaging.config import Config, Prices, load_config
from imaging.data import Split, prepare, read_processed
from imaging.export import shipped_probability
from imaging.kit.files import Paths
from imaging.models import make_task, small_resnet
from measure import report
from sklearn.metrics import roc_auc_score

SEEDS = (0, 1, 2)
AUC, ACCURACY, SECONDS = 0.975, 0.92, 300
EQUAL = Prices(currency="USD", missed_case=1, false_alarm=1, prevalence=0.5)


def settings(project: Path, file: Path, seed: int) -> Config:
    """The shipped configuration with this benchmark's file and seed."""
    config = load_config(project / "config.yaml")
    here = {"url": None, "md5": None, "path": file.resolve()}
    entry = config.datasets["pneumonia"].model_copy(update=here)
    changes = {"seed": seed, "dataset": "pneumonia", "datasets": {"pneumonia": entry}}
    return config.model_copy(update=changes)


def load(config: Config) -> Split:
    """The split as the project's first stage makes it."""
    with tempfile.TemporaryDirectory() as folder:
        prepare(config, Paths(Path(folder)))
        return read_processed(Paths(Path(folder)))[0]


def score_seed(config: Config, data: Split) -> tuple[float, float, float, float]:
    """On the test images: AUC, accuracy, accuracy at 0.5; and the seconds that training took."""
    start = time.perf_counter()
    fitted = small_resnet(make_task(data), config)
    seconds = time.perf_counter() - start
    y = data.validation.y
    calibration = choose_calibration(y, fitted.predict(data.validation.images), config.seed)
    threshold = break_even(EQUAL, float(y.mean()))
    assert threshold is not None
    test = shipped_probability(fitted, calibration, data.test.images)
    auc = float(roc_auc_score(data.test.y, test))
    accuracy, usual = (float(np.mean((test >= t) == data.test.y)) for t in (threshold, 0.5))
    assert fitted.curve is not None
    kept = fitted.curve.epochs[fitted.curve.kept - 1]
    print(
        f"seed {config.seed}: test AUC {auc:.4f}, accuracy {accuracy:.4f} at {threshold:.3f} "
        f"({usual:.4f} at 0.5), {seconds:.0f} s; validation AUC "
        f"{kept['validation_roc_auc']:.4f}, loss {kept['validation_loss']:.4f}, epoch "
        f"{fitted.curve.kept} kept",
        flush=True,
    )
    return auc, accuracy, usual, seconds


def main(project: Path, file: Path) -> None:
    """Score all seeds and print their mean."""
    print(f"{torch.get_num_threads()} threads")
    data = load(settings(project, file, SEEDS[0]))
    found = np.array([score_seed(settings(project, file, seed), data) for seed in SEEDS])
    (auc, accuracy, usual, _), spread = found.mean(axis=0), found.std(axis=0, ddof=1)
    slowest = found[:, 3].max()
    report("pneumonia AUC", f"{auc:.4f} (spread {spread[0]:.4f})", auc >= AUC, f">= {AUC}")
    text = f"{accuracy:.4f} (spread {spread[1]:.4f}; {usual:.4f} at 0.5)"
    report("pneumonia accuracy", text, accuracy >= ACCURACY, f">= {ACCURACY}")
    report("pneumonia training", f"{slowest:.0f} s", slowest < SECONDS, f"< {SECONDS} s")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
