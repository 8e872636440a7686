"""Whom to refer, and what that is worth: arithmetic on outcomes, probabilities and prices.

A positive case that is not referred costs the price of a missed case; a referral that finds
nothing costs that of a false alarm. One rule acts: refer where the expected value is positive.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from .config import Prices
from .kit import decisions
from .kit.decisions import NEVER, Stakes
from .kit.documents import amount
from .kit.intervals import Array, intervals

CASES = 1_000  # what money is counted for
SWING = 0.3  # how far the sensitivity analysis moves each price, up and down
MODEL, NOBODY, EVERYBODY = "the model", "referring nobody", "referring everybody"


@dataclass(frozen=True)
class Cases:
    """Which are positive (1 or 0), how likely that was to the model, whom the ward's rule refers.

    All (n,); ``rules`` by name, empty where the data set has none.
    """

    y: Array
    probability: Array
    rules: dict[str, Array]

    @property
    def share(self) -> float:
        """Of positive cases."""
        return float(self.y.mean())

    def referred(self, threshold: float) -> dict[str, Array]:
        """Whom each policy refers, 1 or 0: (n,). The model's refers from ``threshold`` on."""
        nobody = np.zeros(len(self.y))
        model = (self.probability >= threshold).astype(float)
        return {NOBODY: nobody, EVERYBODY: nobody + 1, **self.rules, MODEL: model}


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


def break_even(prices: Prices, share: float) -> float:
    """The probability from which a referral pays for itself; ``NEVER`` if at none.

    It is on the scale of probabilities that were calibrated on a sample with this ``share``.
    """
    return decisions.break_even(stakes(prices, share))


def expected_value(probability: Array, prices: Prices, share: float) -> Array:
    """Money expected from referring each case, before the outcome is known: (n,).

    The probabilities were calibrated on a sample with this ``share`` of positive cases. In practice
    the model's evidence is the same, but the odds beforehand differ (Saerens et al. 2002).
    """
    positive, other = frequency(prices, share)
    ill, healthy = probability * positive, (1 - probability) * other
    usual = Stakes(prices.missed_case + prices.false_alarm, prices.false_alarm)
    return decisions.expected_value(ill / (ill + healthy), usual)


def errors(y: Array, referred: Array, prices: Prices) -> dict[str, Array]:
    """Of each case, whether it is referred, missed or a false alarm, and what that costs.

    Each counts as often as in practice: name -> (n,).
    """
    positive, other = frequency(prices, float(y.mean()))
    missed, alarms = positive * y * (1 - referred), other * (1 - y) * referred
    return {
        "referred": (positive * y + other * (1 - y)) * referred,
        "missed": missed,
        "alarms": alarms,
        "cost": missed * prices.missed_case + alarms * prices.false_alarm,
    }


def count(y: Array, referred: Array, prices: Prices) -> dict[str, float]:
    """Referrals, missed cases, false alarms and their cost per 1,000 cases."""
    return {name: CASES * float(n.mean()) for name, n in errors(y, referred, prices).items()}


def best_without_model(validation: Cases, prices: Prices) -> str:
    """The policy that needs no model and cost least on validation cases: the reference."""
    referred = validation.referred(NEVER)
    costs = {name: count(validation.y, acted, prices)["cost"] for name, acted in referred.items()}
    return min((name for name in costs if name != MODEL), key=lambda name: costs[name])


def compare(test: Cases, threshold: float, prices: Prices, seed: int) -> list[dict[str, Any]]:
    """Per 1,000 cases: errors and cost of each policy, and what the model saves against it.

    Savings are differences in pairs, on the same resampled cases.
    """
    found = {k: errors(test.y, v, prices) for k, v in test.referred(threshold).items()}
    for values in found.values():
        values["saved"] = values["cost"] - found[MODEL]["cost"]
    keys = [(name, key) for name, values in found.items() for key in values]
    table = np.column_stack([found[name][key] for name, key in keys])

    def means(weights: Array) -> dict[str, Array]:
        sums = CASES * (weights @ table) / len(test.y)
        return {f"{name} {key}": sums[:, place] for place, (name, key) in enumerate(keys)}

    estimates = intervals(means, len(test.y), seed)
    return [
        {"name": name, **{key: asdict(estimates[f"{name} {key}"]) for key in values}}
        for name, values in found.items()
    ]


def sensitivity(share: float, test: Cases, reference: str, prices: Prices) -> list[dict[str, Any]]:
    """The saving per 1,000 cases when one price is lower or higher; the largest move comes first.

    The threshold follows the price, the reference stays. ``share`` is that of positive cases in
    the sample that the probabilities were calibrated on.
    """

    def saved(name: str, value: float) -> float:
        moved = prices.model_copy(update={name: value})
        referred = test.referred(break_even(moved, share))
        ours, theirs = (count(test.y, referred[key], moved)["cost"] for key in (MODEL, reference))
        return theirs - ours

    practice = test.share if prices.prevalence is None else prices.prevalence
    rows = []
    for label, (name, value, most) in {
        "cost of a missed case": ("missed_case", prices.missed_case, np.inf),
        "cost of a false alarm": ("false_alarm", prices.false_alarm, np.inf),
        "share of positive cases": ("prevalence", practice, max(0.99, practice)),
    }.items():
        low, high = saved(name, (1 - SWING) * value), saved(name, min((1 + SWING) * value, most))
        rows.append({"price": label, "swing": SWING, "if_lower": low, "if_higher": high})
    return sorted(rows, key=lambda row: -abs(row["if_higher"] - row["if_lower"]))


def summarise(validation: Cases, test: Cases, prices: Prices, seed: int) -> dict[str, Any]:
    """The ``summary`` that every project reports, and this project's ``detail``."""
    threshold = break_even(prices, validation.share)
    reference = best_without_model(validation, prices)
    policies = compare(test, threshold, prices, seed)
    saved = next(row for row in policies if row["name"] == reference)["saved"]
    best = decisions.best_threshold(
        validation.y, validation.probability, stakes(prices, validation.share), seed
    )
    detail = {
        "threshold": threshold,
        "best_threshold": asdict(best),
        "reference": reference,
        "policies": policies,
        "sensitivity": sensitivity(validation.share, test, reference, prices),
        "prevalence": test.share if prices.prevalence is None else prices.prevalence,
        "prices": prices.model_dump(),
    }
    summary = {
        "headline": headline(policies[-1], saved, detail),
        "assumption": assumption(prices),
        "currency": prices.currency,
        "per": f"{CASES:,} cases",
        **saved,
    }
    return {"summary": summary, "detail": detail}


def assumption(prices: Prices) -> str:
    """What nobody has measured yet, and every figure of money rests on."""
    return (
        f"if a missed case costs {prices.missed_case:,.12g} {prices.currency} and a false alarm "
        f"{prices.false_alarm:,.12g}"
    )


def headline(ours: dict[str, Any], saved: dict[str, float], detail: dict[str, Any]) -> str:
    """The finding in one sentence that claims no more than its interval holds.

    ``ours`` is the model's row of ``compare``, ``saved`` what it saves against the reference.
    """
    prices = Prices(**detail["prices"])
    start, against = assumption(prices), f"against {detail['reference']}"
    start = start[0].upper() + start[1:]
    if detail["threshold"] == NEVER:
        return f"{start}, no referral pays for itself: refer nobody"
    share = round(ours["referred"]["value"] / CASES, 9)
    if not 0 < share < 1:
        whom = "everybody" if share else "nobody"
        return f"{start}, the model would refer {whom}: it makes no choice"
    missed, alarms = (in_words(ours[key]["value"]) for key in ("missed", "alarms"))
    made = f"; of {CASES:,} cases it misses {missed} and raises {alarms} false alarms"
    what = f"referring the {share:.0%} of cases with the highest risk"
    width, unit = saved["high"] - saved["low"], f"{prices.currency} per {CASES:,} cases"
    value, low, high = (amount(saved[key], width) for key in ("value", "low", "high"))
    if saved["low"] <= 0 <= saved["high"]:
        return (
            f"{start}, {what} does about as well as {detail['reference']}: the difference may be "
            f"chance ({low} to {high} {unit}){made}"
        )
    if saved["value"] < 0:
        value, low, high = (amount(-saved[key], width) for key in ("value", "high", "low"))
    verb = "saves" if saved["value"] > 0 else "costs"
    return f"{start}, {what} {verb} about {value} {unit} ({low} to {high}) {against}{made}"


def in_words(cases: float) -> str:
    """A number of cases in 1,000, with a decimal only where it says something."""
    return f"{cases:,.1f}" if 0 < cases < 10 else f"{cases:,.0f}"
