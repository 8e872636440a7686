"""Whether to act on a model, and from which probability on.

Arithmetic on outcomes, probabilities and two amounts of money.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from .bootstrap import Array, Estimate
from .errors import ModelError

# Whether a case is one to act on (1 or 0), and the probability of it; both (rows,).
Outcomes = tuple[Array, Array]

CHANCE = 0.5  # ROC-AUC of a coin
ALWAYS = 0.0
NEVER = 1.01  # the one threshold above 1: no probability is at or above it
GRID = 200
PRICE_SWING = 0.3  # how far the sensitivity analysis moves each price, up and down


class Stakes(Protocol):
    """What acting on a case that calls for it brings, and what acting on any case costs."""

    @property
    def worth(self) -> float: ...

    @property
    def cost(self) -> float: ...


Prices = TypeVar("Prices", bound=BaseModel)


def require_better_than_chance(roc_auc: Estimate, cases: str, remedy: str) -> None:
    """Refuse the best model of all if it may rank no better than a coin.

    Raises:
        ModelError: chance lies within the interval of its ROC-AUC, or above it.
    """
    if roc_auc.low <= CHANCE:
        raise ModelError(
            f"no model ranks {cases} better than chance on this data (the 95% interval of the "
            f"best ROC-AUC holds {CHANCE}), so there is nothing to publish. {remedy}"
        )


def gain(y: Array, acted: Array | NDArray[np.bool_], stakes: Stakes) -> Array:
    """Money from each case: (n,) from whether it called for acting and whether we acted."""
    return acted * (y * stakes.worth - stakes.cost)


def expected_value(probability: Array, stakes: Stakes) -> Array:
    """Money expected from acting on each case, before the outcome is known: (n,)."""
    return probability * stakes.worth - stakes.cost


def break_even(stakes: Stakes) -> float | None:
    """The probability from which acting pays for itself, if any does."""
    return stakes.cost / stakes.worth if 0 < stakes.worth >= stakes.cost else None


def profit_curve(y: Array, probability: Array, stakes: Stakes) -> tuple[Array, Array]:
    """Thresholds, from ``ALWAYS`` to ``NEVER``, and the mean gain per case at each."""
    quantiles = np.quantile(probability, np.linspace(0, 1, GRID))
    thresholds = np.unique([ALWAYS, *quantiles, NEVER])
    gains = [gain(y, probability >= threshold, stakes).mean() for threshold in thresholds]
    return thresholds, np.array(gains)


def best_threshold(y: Array, probability: Array, stakes: Stakes) -> float:
    """The threshold that earns most on these cases; on a tie, the one nearest to break-even."""
    thresholds, gains = profit_curve(y, probability, stakes)
    best, pays = thresholds[gains == gains.max()], break_even(stakes)
    if pays is None or NEVER in best:
        return float(best[-1])
    # Between two cases every threshold does the same: take what theory says, or near it.
    below = [probability[probability < threshold].max(initial=0) for threshold in best]
    nearest = np.clip(pays, np.nextafter(below, 1), best)
    return float(min(nearest, key=lambda threshold: abs(threshold - pays)))


def always_pays(y: Array, stakes: Stakes) -> bool:
    """Whether acting on every one of these cases earns more than acting on none."""
    return bool(gain(y, np.ones(len(y)), stakes).mean() > 0)


def mean_saving(validation: Outcomes, test: Outcomes, chosen: Stakes, counted: Stakes) -> float:
    """Saving per case against the better of acting always and never.

    The threshold and the better of the two are ``chosen`` at the stakes of validation cases, and
    ``counted`` at those of test cases.
    """
    threshold, naive = best_threshold(*validation, chosen), always_pays(validation[0], chosen)
    y, probability = test
    ours = gain(y, probability >= threshold, counted)
    return float((ours - gain(y, np.full(len(y), naive), counted)).mean())


def moved(prices: Prices, name: str, factor: float, most: float = math.inf) -> Prices:
    """The same prices with one multiplied, but at most ``most``."""
    return prices.model_copy(update={name: min(getattr(prices, name) * factor, most)})


def sensitivity(
    saving: Callable[[Prices], float], prices: Prices, most: Mapping[str, float]
) -> list[dict[str, Any]]:
    """How ``saving`` moves when one price moves; ``most`` says how large each can be."""
    rows = []
    for name, limit in most.items():
        low, high = (
            saving(moved(prices, name, factor, limit))
            for factor in (1 - PRICE_SWING, 1 + PRICE_SWING)
        )
        rows.append({"price": name, "swing": PRICE_SWING, "if_lower": low, "if_higher": high})
    return sorted(rows, key=lambda row: -abs(row["if_higher"] - row["if_lower"]))
