"""How much memory each recommender takes to train, at 1,000, 5,000 and 20,000 items.

Each model is fitted in a process of its own, on random likes of 2,000 people; what is counted is
the most memory the process held while fitting, less what it held before. Beside it stands what
the project expects, by which it leaves out models that would not fit. Runs in a generated
project's environment, on Linux:

    uv run --project PROJECT python benchmarks/memory.py PROJECT
"""

import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
from measure import report
from recommender.config import load_config
from recommender.ladder import Rung, ladder, memory
from scipy.sparse import csr_matrix

USERS, LIKES = 2_000, 50  # likes of each
SIZES = (1_000, 5_000, 20_000)
WORDS = 500
SLACK = 0.2  # gigabytes that libraries take at their first call, whatever the size
TARGET = 1.2


def rungs(project: Path) -> dict[str, Rung]:
    """The models of the shipped configuration, by name."""
    return {rung.name: rung for rung in ladder(load_config(project / "config.yaml"))}


def fit(rung: Rung, items: int) -> float:
    """Fit with the first settings; return the gigabytes that it took."""
    rng = np.random.default_rng(0)
    columns = (items * rng.random(USERS * LIKES) ** 2).astype(int)  # some are far more popular
    rows = np.repeat(np.arange(USERS), LIKES)
    likes = csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=(USERS, items))
    likes.data[:] = 1
    texts = [" ".join(f"w{word}" for word in rng.integers(0, WORDS, 8)) for _ in range(items)]
    before = peak()
    model = rung.fit(likes, texts, rung.draw(1, 0, rung.most(likes, texts))[0], 0)
    if not rung.exportable:
        model.score_all(likes[:500])  # it has nothing to learn, and takes its memory when asked
    return (peak() - before) / 1e9


def peak() -> int:
    """The most bytes this process has held so far."""
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def measured(project: Path, name: str, items: int) -> float:
    """Fit in another process, so that one model does not hide another."""
    command = [sys.executable, __file__, str(project), name, str(items)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main(project: Path) -> None:
    """Print the table, and whether any model takes far more than the project expects."""
    print("| model | " + " | ".join(f"{items:,} items" for items in SIZES) + " |")
    print("|" + " --- |" * (len(SIZES) + 1))
    worst = 0.0
    for name in rungs(project):
        cells = []
        for items in SIZES:
            found, expected = measured(project, name, items), memory(name, USERS, items) / 1e9
            worst = max(worst, (found - SLACK) / max(expected, SLACK))
            cells.append(f"{found:.2f} (expected {expected:.2f})")
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)
    text = f"{worst:.2f}x of what is expected at the most, beyond {SLACK:g} GB"
    report("memory", text, worst <= TARGET, f"<= {TARGET}x")


if __name__ == "__main__":
    if len(sys.argv) == 4:
        print(fit(rungs(Path(sys.argv[1]))[sys.argv[2]], int(sys.argv[3])))
    else:
        main(Path(sys.argv[1]))
