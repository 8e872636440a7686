"""What acting on the predictions earns: arithmetic on outcomes, probabilities and prices.

A positive case that is not referred costs the price of a missed case; a referral that finds
nothing costs that of a false alarm. Money is counted against referring nobody, which is worth zero.
"""

import math
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import policy as rules
from .bootstrap import Array, Estimate, intervals
from .config import Prices
from .policy import ALWAYS, NEVER, Outcomes, always_pays, best_threshold, gain, profit_curve

CASES = 1_000  # what money is counted for
# The policies that ours is compared with, and their thresholds.
OTHERS = {"refer nobody": NEVER, "refer everybody": ALWAYS, "threshold 0.5": 0.5}


@dataclass(frozen=True)
class Stakes:
    """What referring a positive case brings, and what referring any case costs."""

    worth: float
    cost: float


@dataclass(frozen=True)
class Policy:
    """Refer the cases whose probability is at or above ``threshold``."""

    threshold: float
    naive: str  # "refer nobody" or "refer everybody": the better of the two without a model


def frequency(prices: Prices, share: float) -> tuple[float, float]:
    """How much more often positive and other cases occur in practice than in a sample.

    ``share`` is that of positive cases in the sample, strictly between 0 and 1. Without a
    prevalence among the prices, practice is taken to be like the sample.
    """
    practice = share if prices.prevalence is None else prices.prevalence
    return practice / share, (1 - practice) / (1 - share)


def stakes(prices: Prices, share: float) -> Stakes:
    """Stakes of a case in a sample with this ``share`` of positive cases, as practice weighs it."""
    positive, other = frequency(prices, share)
    missed, alarm = prices.missed_case * positive, prices.false_alarm * other
    return Stakes(worth=missed + alarm, cost=alarm)


def expected_value(probability: Array, prices: Prices, share: float) -> Array:
    """Money expected from referring each case, before the outcome is known: (n,).

    The probabilities were calibrated on a sample with this ``share`` of positive cases. In practice
    the model's evidence is the same, but the odds beforehand differ (Saerens et al. 2002).
    """
    positive, other = frequency(prices, share)
    ill, healthy = probability * positive, (1 - probability) * other
    usual = Stakes(prices.missed_case + prices.false_alarm, prices.false_alarm)
    return rules.expected_value(ill / (ill + healthy), usual)


def break_even(prices: Prices, share: float) -> float | None:
    """The probability from which a referral pays for itself, if any does."""
    return rules.break_even(stakes(prices, share))


def choose_policy(y: Array, probability: Array, prices: Prices) -> Policy:
    """The threshold and the naive policy that cost least on validation cases."""
    found = stakes(prices, float(y.mean()))
    naive = "refer everybody" if always_pays(y, found) else "refer nobody"
    return Policy(best_threshold(y, probability, found), naive)


def gain_curve(y: Array, probability: Array, prices: Prices) -> tuple[Array, Array]:
    """Thresholds, from everybody to nobody, and the gain per 1,000 cases at each."""
    thresholds, gains = profit_curve(y, probability, stakes(prices, float(y.mean())))
    return thresholds, CASES * gains


def saved(y: Array, probability: Array, policy: Policy, prices: Prices) -> dict[str, Array]:
    """What each case saves against each other policy: name -> (n,)."""
    found = stakes(prices, float(y.mean()))
    ours = gain(y, probability >= policy.threshold, found)
    return {name: ours - gain(y, probability >= t, found) for name, t in OTHERS.items()}


def savings(
    y: Array, probability: Array, policy: Policy, prices: Prices, seed: int
) -> dict[str, Estimate]:
    """Saving per 1,000 cases against each other policy, on cases never used before."""
    return per_1000(saved(y, probability, policy, prices), seed)


def errors(y: Array, referred: NDArray[np.bool_], prices: Prices) -> dict[str, Array]:
    """Of each case, whether it is missed or a false alarm, as often as in practice, and what both
    cost: name -> (n,)."""
    positive, other = frequency(prices, float(y.mean()))
    missed, alarms = positive * y * ~referred, other * (1 - y) * referred
    cost = missed * prices.missed_case + alarms * prices.false_alarm
    share = (positive * y + other * (1 - y)) * referred
    return {"missed": missed, "alarms": alarms, "cost": cost, "referred": share}


def counts(y: Array, probability: Array, threshold: float, prices: Prices) -> dict[str, float]:
    """Missed cases, false alarms, their cost and referrals per 1,000 cases, at a threshold."""
    found = errors(y, probability >= threshold, prices)
    return {name: CASES * float(values.mean()) for name, values in found.items()}


def per_1000(values: dict[str, Array], seed: int) -> dict[str, Estimate]:
    """Means of ``values``, name -> (n,), for 1,000 cases, with their intervals."""
    rows = len(next(iter(values.values())))

    def means(weights: Array) -> dict[str, Array]:
        return {name: CASES * (weights @ found) / rows for name, found in values.items()}

    return intervals(means, rows, seed)


def mean_saving(validation: Outcomes, test: Outcomes, prices: Prices) -> float:
    """Saving per 1,000 cases against the better naive policy, chosen on validation like ours."""
    chosen, counted = (stakes(prices, float(y.mean())) for y, _ in (validation, test))
    return CASES * rules.mean_saving(validation, test, chosen, counted)


def sensitivity(validation: Outcomes, test: Outcomes, prices: Prices) -> list[dict[str, Any]]:
    """How the saving moves when one price moves; the policy is chosen anew each time."""
    most = {"missed_case": math.inf, "false_alarm": math.inf}
    if prices.prevalence is not None:
        most["prevalence"] = max(0.99, prices.prevalence)
    return rules.sensitivity(partial(mean_saving, validation, test), prices, most)


def summarise(
    policy: Policy, validation: Outcomes, test: Outcomes, prices: Prices, seed: int
) -> dict[str, Any]:
    """The ``summary`` that every project reports, and this project's ``detail``."""
    y, share = test[0], float(validation[0].mean())
    found = savings(*test, policy, prices, seed)
    against = {name: asdict(saving) for name, saving in found.items()}
    policies = _policies(policy, test, prices, seed)
    best = against[policy.naive]
    chooses = bool(0 < np.mean(validation[1] >= policy.threshold) < 1)
    headline = _headline(policy, chooses, policies["chosen threshold"], best, prices)
    summary = {"headline": headline, "currency": prices.currency, "per": "1,000 cases", **best}
    detail = {
        "threshold": policy.threshold,
        "break_even_probability": break_even(prices, share),
        "naive": policy.naive,
        "prevalence": {
            "data": share,
            "practice": float(y.mean()) if prices.prevalence is None else prices.prevalence,
            "given": prices.prevalence is not None,
        },
        "per_1000_cases": against,
        "policies": policies,
        "sensitivity": sensitivity(validation, test, prices),
        "profit_curve": _curve(test, prices),
        "prices": prices.model_dump(),
    }
    return {"summary": summary, "detail": detail}


def _policies(policy: Policy, test: Outcomes, prices: Prices, seed: int) -> dict[str, Any]:
    """Errors, cost and referrals per 1,000 test cases under each policy, with intervals."""
    y, probability = test
    rows: dict[str, dict[str, Any]] = {}
    for name, threshold in {"chosen threshold": policy.threshold, **OTHERS}.items():
        found = per_1000(errors(y, probability >= threshold, prices), seed)
        rows[name] = {key: asdict(estimate) for key, estimate in found.items()}
        rows[name]["threshold"] = threshold
    return rows


def _headline(
    policy: Policy, chooses: bool, ours: dict[str, Any], saving: dict[str, float], prices: Prices
) -> str:
    if not prices.missed_case + prices.false_alarm:
        return "At these prices neither error costs anything, so the model decides nothing"
    if not chooses:
        return (
            "No choice of cases to refer cost less on validation images than the rule "
            f"\u201c{policy.naive}\u201d, so the model decides nothing"
        )
    what = f"Referring {ours['referred']['value'] / CASES:.0%} of cases"
    missed = f"of 1,000 cases, {ours['missed']['value']:,.1f} are missed"
    value, low, high = (saving[key] for key in ("value", "low", "high"))
    if low == high == 0:
        return f"{what} costs as much as the rule \u201c{policy.naive}\u201d; {missed}"
    if high < 0:  # said as what it costs
        low, high = -high, -low
    ends = f"95% interval {low:,.0f} to {high:,.0f}"
    if low <= 0 <= high:
        return (
            f"{what} does about as well as the rule \u201c{policy.naive}\u201d: the difference may "
            f"be chance ({ends} {prices.currency} per 1,000 cases); {missed}"
        )
    return (
        f"{what} {'saves' if value > 0 else 'costs'} {abs(value):,.0f} {prices.currency} per 1,000 "
        f"cases against the rule \u201c{policy.naive}\u201d ({ends}); {missed}"
    )


def _curve(test: Outcomes, prices: Prices) -> list[dict[str, float]]:
    """Gain, missed cases and false alarms per 1,000 test cases at each threshold."""
    rows = []
    for threshold, value in zip(*gain_curve(*test, prices), strict=True):
        found = counts(*test, threshold, prices)
        row = {"threshold": float(threshold), "per_1000_cases": float(value)}
        rows.append({**row, "missed": found["missed"], "alarms": found["alarms"]})
    return rows
