"""What the benchmarks share: measuring two things in turn, and saying what came out."""

from collections.abc import Callable
from pathlib import Path
from statistics import median


def in_turn(
    first: Callable[[], float], second: Callable[[], float], rounds: int
) -> tuple[float, float]:
    """Call both functions in turn, A B A B …, and return the median of what each measured.

    Whatever else the machine does meanwhile then hits both alike. One call each warms up.
    """
    first(), second()
    pairs = [(first(), second()) for _ in range(rounds)]
    return median(a for a, _ in pairs), median(b for _, b in pairs)


def report(name: str, figure: str, met: bool, target: str) -> None:
    """Print one result and whether it meets its target."""
    print(f"{name}: {figure}; target {target}: {'met' if met else 'MISSED'}")


def resident_kb(process: int) -> int:
    """What a process holds in memory; 0 where there is no /proc."""
    status = Path(f"/proc/{process}/status")
    lines = status.read_text(encoding="utf-8").splitlines() if status.exists() else []
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS")), 0)
