"""An order-up-to policy: how much to order, and what demand then does to the stock.

At the start of each period the stock is counted, and as much is ordered as brings stock and open
orders together up to a target. An order arrives ``lead_time`` periods later, before that period's
demand, so the target must last for ``lead_time + 1`` periods: it is a quantile of the demand in
them. Demand that finds no stock is lost, as in a shop, and not served later. For lost sales such a
policy is not the best there is, but comes close where a lost sale costs much more than holding a
unit (Huh, Janakiraman, Muckstadt & Rusmevichientong 2009).

The server uses this module: it needs NumPy alone.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]

TINY = 1e-9  # what sums of floats may leave over
ROUNDING = 1e-4  # so small a part of a unit is no reason to order another one
GRID = (np.arange(400) + 0.5) / 400  # equally likely cases that stand for a distribution


@dataclass(frozen=True)
class Plan:
    """What is known of demand when orders are placed.

    Attributes:
        levels: (levels,) probabilities, increasing.
        quantiles: (series, orders, levels) of the demand from the period in which an order is
            placed up to the one in which it arrives, both included.
    """

    levels: Array
    quantiles: Array


@dataclass(frozen=True)
class Outcome:
    """What a policy did over ``periods``, for each series: all arrays are (series,).

    Attributes:
        held: units left at the end of a period, summed over periods.
        short: units asked for that were not in stock.
        demand: units asked for.
        stockouts: periods in which something was short.
    """

    held: Array
    short: Array
    demand: Array
    stockouts: Array
    periods: int

    @property
    def fill_rate(self) -> float:
        """Share of all demand that was served; 1 where there was none."""
        return 1 - float(self.short.sum() / max(self.demand.sum(), TINY))

    @property
    def cycle_service(self) -> float:
        """Share of periods without a stock-out, over all series."""
        return 1 - float(self.stockouts.mean()) / self.periods


def best_service_level(holding_cost: float, stockout_cost: float) -> float:
    """The probability of no stock-out at which cost is least: the newsvendor's critical ratio.

    One unit more costs ``holding_cost`` if it is left over and saves ``stockout_cost`` if not
    (Arrow, Harris & Marschak 1951).
    """
    return stockout_cost / (stockout_cost + holding_cost)


def lead_time_sums(values: Array, lead_time: int) -> Array:
    """Sums over ``lead_time + 1`` periods: (..., periods) to (..., periods - lead_time)."""
    windows = np.lib.stride_tricks.sliding_window_view(values, lead_time + 1, axis=-1)
    return np.asarray(windows.sum(axis=-1), dtype=float)


def quantile(levels: Array, quantiles: Array, level: float) -> Array:
    """The quantile at ``level``: (..., levels) to (...), by straight lines; none beyond the ends.

    Args:
        levels: (levels,) probabilities, increasing.
    """
    level = float(np.clip(level, levels[0], levels[-1]))
    right = int(np.clip(np.searchsorted(levels, level), 1, len(levels) - 1))
    share = (level - levels[right - 1]) / (levels[right] - levels[right - 1])
    return np.asarray(quantiles[..., right - 1] * (1 - share) + quantiles[..., right] * share)


def targets(plan: Plan, service_level: float, whole: bool) -> Array:
    """Order-up-to levels (series, orders) that last with probability ``service_level``.

    They are rounded up where demand comes in ``whole`` units.
    """
    exact = np.maximum(quantile(plan.levels, plan.quantiles, service_level), 0)
    return round_up(exact) if whole else exact


def round_up(units: Array) -> Array:
    """To whole units; what floats leave over does not count."""
    return np.asarray(np.ceil(units - ROUNDING))


def simulate(demand: Array, target: Array, lead_time: int) -> Outcome:
    """Follow the stock of each series through the window.

    It begins with the first target in stock and nothing on order. Counting begins when the first
    order can arrive: what happens before is not the policy's doing.

    Args:
        demand: (series, periods).
        target: (series, orders) order-up-to levels; an order later than these is not needed, as
            it would arrive after the window.
    """
    series, periods = demand.shape
    stock, on_order = target[:, 0].copy(), np.zeros(series)
    arriving = np.zeros((series, periods + lead_time))
    held, short, stockouts = np.zeros(series), np.zeros(series), np.zeros(series)
    for period in range(periods):
        if period < target.shape[1]:
            order = np.maximum(target[:, period] - stock - on_order, 0)
            arriving[:, period + lead_time] = order
            on_order += order
        stock += arriving[:, period]
        on_order -= arriving[:, period]
        lost = np.maximum(demand[:, period] - stock, 0)
        stock = np.maximum(stock - demand[:, period], 0)
        if period >= lead_time:
            held += stock
            short += lost
            stockouts += lost > TINY
    counted = demand[:, lead_time:]
    return Outcome(held, short, counted.sum(axis=1), stockouts, counted.shape[1])


def leftover_and_short(levels: Array, quantiles: Array, stock: float) -> tuple[float, float]:
    """Units expected to be left over, and to be short, if ``stock`` meets uncertain demand.

    Args:
        levels: (levels,) probabilities, increasing.
        quantiles: (levels,) of the demand; straight lines between them, none beyond the ends.
    """
    demand = np.interp(GRID, levels, quantiles)
    left, short = np.maximum(stock - demand, 0), np.maximum(demand - stock, 0)
    return float(left.mean()), float(short.mean())
