"""What better forecasts save: arithmetic on simulated stock, and prices.

The same order-up-to policy runs three times on demand that no model has seen: with the quantiles
of the chosen model, with those of the seasonal naive forecast, and with the demand itself known
in advance, which bounds what any forecast can save.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import inventory
from .bootstrap import Array, intervals
from .config import Prices
from .conformal import LEVELS
from .inventory import Outcome, Plan
from .markdown import amount

DAYS_PER_MONTH = 365.25 / 12
FEW = 5  # with fewer series, drawing some of them again says nothing of others
PRICE_SWING = 0.3  # how far the sensitivity analysis moves each price, up and down
CURVE = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.925, 0.95, 0.975, 0.99)  # service levels compared
MODEL, NAIVE, FORESIGHT = "model", "seasonal_naive", "perfect_foresight"


@dataclass(frozen=True)
class Trial:
    """The untouched window, and what each policy knew before it.

    Attributes:
        demand: (series, periods).
        plans: what ``MODEL`` and ``NAIVE`` forecast.
        whole: whether demand comes in whole units.
        periods_per_month: to turn periods into months.
    """

    demand: Array
    plans: dict[str, Plan]
    lead_time: int
    whole: bool
    periods_per_month: float

    def run(self, name: str, service_level: float) -> Outcome:
        """Order by one plan, at one service level."""
        target = (
            inventory.lead_time_sums(self.demand, self.lead_time)
            if name == FORESIGHT
            else inventory.targets(self.plans[name], service_level, self.whole)
        )
        return inventory.simulate(self.demand, target, self.lead_time)


def periods_per_month(dates: NDArray[np.datetime64]) -> float:
    """How many periods a month has, given the dates (n,) of many, in order."""
    day = np.timedelta64(1, "D")
    return DAYS_PER_MONTH * (len(dates) - 1) / float((dates[-1] - dates[0]) / day)


def best_service_level(prices: Prices) -> float:
    """The service level, of those that there are quantiles for, at which cost is least."""
    best = inventory.best_service_level(prices.holding_cost, prices.stockout_cost)
    return float(np.clip(best, LEVELS[0], LEVELS[-1]))


def cost(outcome: Outcome, prices: Prices) -> Array:
    """Money for each series over the periods that were counted: (series,)."""
    return prices.holding_cost * outcome.held + prices.stockout_cost * outcome.short


def monthly_cost(trial: Trial, name: str, service_level: float, prices: Prices) -> Array:
    """Money a month for each series, ordering by one plan: (series,)."""
    outcome = trial.run(name, service_level)
    return cost(outcome, prices) * trial.periods_per_month / outcome.periods


def savings(trial: Trial, prices: Prices) -> Array:
    """Money a month that the model saves against seasonal naive, at the best level: (series,)."""
    level = best_service_level(prices)
    naive, model = (monthly_cost(trial, name, level, prices) for name in (NAIVE, MODEL))
    return np.asarray(naive - model)


def total(saved: Array, seed: int) -> dict[str, Any]:
    """The sum over series, and its interval where there are at least ``FEW`` of them."""
    if len(saved) < FEW:
        return {"value": float(saved.sum()), "low": None, "high": None}

    def sums(weights: Array) -> dict[str, Array]:
        return {"total": weights @ saved}

    return asdict(intervals(sums, len(saved), seed)["total"])


def moved(prices: Prices, name: str, factor: float) -> Prices:
    """The same prices with one multiplied."""
    return prices.model_copy(update={name: getattr(prices, name) * factor})


def sensitivity(trial: Trial, prices: Prices) -> list[dict[str, Any]]:
    """How the saving moves when one price moves; the service level is chosen anew each time."""
    rows = []
    for name in ("holding_cost", "stockout_cost"):
        low, high = (
            float(savings(trial, moved(prices, name, factor)).sum())
            for factor in (1 - PRICE_SWING, 1 + PRICE_SWING)
        )
        rows.append({"price": name, "swing": PRICE_SWING, "if_lower": low, "if_higher": high})
    return sorted(rows, key=lambda row: -abs(row["if_higher"] - row["if_lower"]))


def policies(trial: Trial, prices: Prices) -> dict[str, dict[str, float]]:
    """Cost a month and service of each policy, at the best service level."""
    level, rows = best_service_level(prices), {}
    for name in (MODEL, NAIVE, FORESIGHT):
        outcome = trial.run(name, level)
        months = outcome.periods / trial.periods_per_month
        rows[name] = {
            "cost": float(cost(outcome, prices).sum()) / months,
            "holding": prices.holding_cost * float(outcome.held.sum()) / months,
            "stockout": prices.stockout_cost * float(outcome.short.sum()) / months,
            "fill_rate": outcome.fill_rate,
            "cycle_service": outcome.cycle_service,
        }
    return rows


def curve(trial: Trial, prices: Prices) -> list[dict[str, float]]:
    """Cost a month at other service levels, for the model and for seasonal naive."""
    return [
        {"service_level": level}
        | {name: float(monthly_cost(trial, name, level, prices).sum()) for name in (MODEL, NAIVE)}
        for level in CURVE
    ]


def summarise(trial: Trial, model: str | None, prices: Prices, seed: int) -> dict[str, Any]:
    """The ``summary`` that every project reports, and this project's ``detail``.

    Args:
        model: what the published forecasts are called; None where they are seasonal naive's.
    """
    saved = total(savings(trial, prices), seed)
    rows = policies(trial, prices)
    possible = rows[NAIVE]["cost"] - rows[FORESIGHT]["cost"]
    periods = trial.demand.shape[1] - trial.lead_time
    return {
        "summary": {
            "headline": _headline(saved, model, prices.currency),
            "currency": prices.currency,
            "per": "month",
            **saved,
        },
        "detail": {
            "service_level": best_service_level(prices),
            "lead_time": trial.lead_time,
            "periods": periods,
            "series": len(trial.demand),
            "policies": rows,
            "share_of_possible": saved["value"] / possible if possible else None,
            "sensitivity": sensitivity(trial, prices),
            "curve": curve(trial, prices),
            "prices": prices.model_dump(),
        },
    }


def _headline(saved: dict[str, Any], model: str | None, currency: str) -> str:
    if model is None:
        return (
            "The seasonal naive forecast does best here, so that is published itself, and saves "
            "nothing"
        )
    value, low, high = saved["value"], saved["low"], saved["high"]
    policy = "the seasonal naive forecast with the same policy"
    if low is not None and low <= 0 <= high:
        return (
            f"Ordering by the forecasts of {model} costs about what it does by {policy}: the "
            "difference may be chance"
        )
    ends = "too few series for an interval: it may be chance"
    if low is not None:
        first, last = sorted((abs(low), abs(high)))
        ends = f"95% interval {amount(first)} to {amount(last)}"
    word = "saves" if value >= 0 else "loses"
    return (
        f"Ordering by the forecasts of {model} {word} {amount(abs(value))} {currency} a month "
        f"against {policy} ({ends})"
    )
