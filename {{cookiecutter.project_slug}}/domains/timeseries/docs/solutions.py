"""Solutions of the three exercises in this folder, in plain Python."""

from collections.abc import Sequence


def mase(
    history: Sequence[float], actual: Sequence[float], forecast: Sequence[float], season: int
) -> float:
    """The mean absolute error in units of what seasonal naive missed by in the past.

    >>> mase(history=[1, 2, 3, 4], actual=[5, 6], forecast=[4, 4], season=2)
    0.75
    """
    past = [abs(history[i] - history[i - season]) for i in range(season, len(history))]
    errors = [abs(a - f) for a, f in zip(actual, forecast, strict=True)]
    return (sum(errors) / len(errors)) / (sum(past) / len(past))


def windows(steps: int, horizon: int, count: int) -> list[tuple[range, range]]:
    """What to learn from and what to forecast, for ``count`` windows that end with the series.

    >>> windows(steps=10, horizon=2, count=2)
    [(range(0, 6), range(6, 8)), (range(0, 8), range(8, 10))]
    """
    starts = [steps - horizon * back for back in range(count, 0, -1)]
    return [(range(start), range(start, start + horizon)) for start in starts]


def served(demand: Sequence[float], level: float, lead_time: int) -> float:
    """The share of demand that is served when stock and open orders are filled up to ``level``.

    Orders are placed at the start of a step and arrive ``lead_time`` steps later, before that
    step's demand; demand that finds no stock is lost. The stock starts full.

    >>> served([3, 3, 3], level=3, lead_time=1)
    0.6666666666666666
    """
    stock, coming, sold = level, [0.0] * lead_time, 0.0
    for wanted in demand:
        coming.append(level - stock - sum(coming))
        stock += coming.pop(0)
        taken = min(stock, wanted)
        stock, sold = stock - taken, sold + taken
    return sold / sum(demand)
