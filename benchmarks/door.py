"""What reading a table with care costs, against pandas alone, on 400,000 rows of ten columns.

Read is what the kit does: the bytes, their encoding, titles, totals, quotation marks. Validated
is what the churn project makes of it on top: missing words, numbers as people write them, kinds
of columns, answers among the features. Runs in a generated churn project's environment:

    uv run --project CHURN python benchmarks/door.py
"""

import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from churn.config import Dataset
from churn.data import validate
from churn.kit.tables import mark_missing, read_table
from measure import in_turn, report

ROWS, ROUNDS, TARGET = 400_000, 5, 2.0


def make(file: Path) -> Dataset:
    """Customers with five columns of numbers, three of categories, an id and an outcome."""
    rng = np.random.default_rng(0)
    columns = {
        "id": [f"C{number:07d}" for number in range(ROWS)],
        "age": rng.integers(18, 90, ROWS),
        "tenure": rng.integers(0, 72, ROWS),
        "charge": rng.normal(60, 20, ROWS).round(2),
        "total": rng.normal(2000, 800, ROWS).round(2),
        "data": rng.normal(9, 3, ROWS).round(3),
        "plan": rng.choice(["basic", "plus", "pro"], ROWS),
        "payment": rng.choice(["card", "bank transfer", "mail"], ROWS),
        "city": rng.choice([f"city {number}" for number in range(300)], ROWS),
        "left": rng.choice(["yes", "no"], ROWS),
    }
    pd.DataFrame(columns).to_csv(file, index=False)
    return Dataset(path=file, target="left", positive="yes", id="id")


def timed(act: Callable[[], object]) -> Callable[[], float]:
    """A function that says how many seconds the act takes."""

    def seconds() -> float:
        start = time.perf_counter()
        act()
        return time.perf_counter() - start

    return seconds


def main() -> None:
    """Measure both, and the most memory that this process has held."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "customers.csv"
        source = make(file)
        raw = read_table(file, source)
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        alone, read = in_turn(
            timed(lambda: pd.read_csv(file)), timed(lambda: read_table(file, source)), ROUNDS
        )
        checked = timed(lambda: validate(mark_missing(raw), source, "mine", "0" * 64))()
    ratio = f"{read / alone:.2f}x pandas ({read:.2f} s), {most:.0f} MB at most"
    report("Read", ratio, read <= TARGET * alone, f"at most {TARGET:g}x")
    whole = (read + checked) / alone
    report("Read and validated", f"{whole:.1f}x", whole <= TARGET, f"at most {TARGET:g}x")


if __name__ == "__main__":
    main()
