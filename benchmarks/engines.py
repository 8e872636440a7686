"""What a task costs on each engine, and from which length its workers beat one process.

Every engine runs on this machine, with as many workers as it has processors, through the project's
own `engine`. Tasks compute for a time that the processor's clock measures, so that waiting for a
busy machine is not taken for work. Runs in the environment of a generated project:

    uv run --project PROJECT --extra dask --with ray,joblibspark,pyspark \
        python benchmarks/engines.py PROJECT [ENGINE …]
"""

import sys
import time
from functools import partial
from importlib import import_module
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from measure import in_turn

ENGINES = ("local", "dask", "ray", "spark")
EMPTY, TASKS = 100, 8  # tasks that do nothing, and that compute
LENGTHS = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)  # seconds that a task computes
ROUNDS = 3
TABLE = np.ones((2_500_000, 1))  # 20 MB, an argument of every task


def compute(seconds: float, table: np.ndarray | None = None) -> None:
    """Be at work for so long."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def run(jobs: int, length: float, count: int, table: np.ndarray | None = None) -> float:
    """Seconds that so many tasks of this length take together."""
    start = time.perf_counter()
    Parallel(n_jobs=jobs)(delayed(compute)(length, table) for _ in range(count))
    return time.perf_counter() - start


def alone(length: float) -> float:
    """Seconds that the tasks take in this process, one after the other."""
    start = time.perf_counter()
    for _ in range(TASKS):
        compute(length)
    return time.perf_counter() - start


def measure(name: str) -> None:
    """Print an engine's cost a task and, length by length, its time against one process's."""
    start = time.perf_counter()
    run(-1, 0, 2)
    ready = time.perf_counter() - start
    empty, with_table = in_turn(
        partial(run, -1, 0, EMPTY), partial(run, -1, 0, EMPTY, TABLE), ROUNDS
    )
    cost = f"first call {ready:.2f} s, {1e3 * empty / EMPTY:.1f} ms a task"
    print(f"{name}: {cost}, {1e3 * with_table / EMPTY:.1f} ms with 20 MB", flush=True)
    for length in LENGTHS:
        one, all_of_them = in_turn(partial(alone, length), partial(run, -1, length, TASKS), ROUNDS)
        print(f"  {TASKS} tasks of {length:g} s: {one / all_of_them:.2f}x as fast", flush=True)
        if all_of_them < one / 1.1:
            break  # longer ones pay the more


def main(project: Path, names: list[str]) -> None:
    """Measure these engines, or all that are there, one after the other."""
    package = next(file.parent.name for file in (project / "src").glob("*/__init__.py"))
    engine = import_module(f"{package}.kit.engine").engine
    for name in names or ENGINES:
        start = time.perf_counter()
        try:
            with engine(name):
                print(f"{name}: started in {time.perf_counter() - start:.1f} s", flush=True)
                measure(name)
        except Exception as error:  # what the engine needs
            print(f"{name}: skipped, {error}")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), sys.argv[2:])
