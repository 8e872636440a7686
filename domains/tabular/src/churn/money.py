"""Whom to contact, and what that is worth: arithmetic on outcomes, probabilities and prices.

A contacted customer costs the offer. One who was about to leave accepts it with an assumed chance
and then stays, which is worth the customer value. Doing nothing is worth zero, so the model
contacts where the expected value of an offer is above zero.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .config import Prices
from .kit import DataError
from .kit.decisions import NEVER, best_threshold, break_even, expected_value, gain
from .kit.documents import amount
from .kit.intervals import Array, intervals

MODEL, NOBODY, EVERYBODY = "the model", "contacting nobody", "contacting everybody"
SWING = 0.3  # how far the sensitivity analysis moves a price, up and down

# Acceptance and value enter as a product: moving either moves the saving by the same amount.
MOVED = {"acceptance \u00d7 customer value": "customer_value", "offer cost": "offer_cost"}


@dataclass(frozen=True)
class Customers:
    """Who left (1 or 0), how likely that was to the model, whom a manager would contact: (n,)."""

    y: Array
    probability: Array
    rules: dict[str, Array]  # by the rule's name; empty where the data set has none

    def contacted(self, prices: Prices) -> dict[str, Array]:
        """Whom each policy contacts, 1 or 0: (n,)."""
        nobody = np.zeros(len(self.y))
        acted = (expected_value(self.probability, prices.stakes) > 0).astype(float)
        return {NOBODY: nobody, EVERYBODY: nobody + 1, **self.rules, MODEL: acted}

    def earned(self, prices: Prices) -> dict[str, Array]:
        """Money that each policy earns with each customer: (n,)."""
        contacted = self.contacted(prices)
        return {name: gain(self.y, acted, prices.stakes) for name, acted in contacted.items()}


def read_customers(file: Path) -> Customers:
    """The test customers of ``predictions.csv``; a DataError where it is missing or damaged."""
    try:
        table = pd.read_csv(file, index_col="part").loc[["test"]].astype(float)
        y, probability = table.pop("y"), table.pop("probability")
    except (OSError, ValueError, KeyError) as error:
        remedy = "Restore it from git, or run `evaluate`."
        raise DataError(f"{file} cannot be read: {error}. {remedy}") from error
    rules = {str(name): table[name].to_numpy() for name in table}
    return Customers(y.to_numpy(), probability.to_numpy(), rules)


def best_without_model(training: Customers, prices: Prices) -> str:
    """The policy that needs no model and earned most on training customers: the reference."""
    earned = training.earned(prices)
    return max((name for name in earned if name != MODEL), key=lambda name: earned[name].sum())


def compare(test: Customers, prices: Prices, seed: int) -> list[dict[str, Any]]:
    """What each policy earns per 1,000 customers; in pairs, what the model saves a year on it."""
    earned, contacted = test.earned(prices), test.contacted(prices)

    def figures(weights: Array) -> dict[str, Array]:
        means = {name: weights @ money / len(test.y) for name, money in earned.items()}
        more = {name: means[MODEL] - mean for name, mean in means.items()}
        saved = {f"{name} saved": prices.customers_per_year * lead for name, lead in more.items()}
        return {name: 1_000 * mean for name, mean in means.items()} | saved

    found = intervals(figures, len(test.y), seed)
    return [
        {
            "name": name,
            "contacted": float(contacted[name].mean()),
            "per_1000_customers": asdict(found[name]),
            "saved_per_year": asdict(found[f"{name} saved"]),
        }
        for name in earned
    ]


def sensitivity(test: Customers, reference: str, prices: Prices) -> list[dict[str, Any]]:
    """The yearly saving at other prices, the reference as it was; what moves it furthest first."""

    def saving(changes: dict[str, float]) -> float:
        earned = test.earned(prices.model_copy(update=changes))
        return float((earned[MODEL] - earned[reference]).mean() * prices.customers_per_year)

    rows = []
    for name, price in MOVED.items():
        now = getattr(prices, price)
        low, high = (saving({price: factor * now}) for factor in (1 - SWING, 1 + SWING))
        rows.append({"price": name, "swing": SWING, "if_lower": low, "if_higher": high})
    base = saving({})
    return sorted(rows, key=lambda row: -float(np.ptp([base, row["if_lower"], row["if_higher"]])))


def summarise(training: Customers, test: Customers, prices: Prices, seed: int) -> dict[str, Any]:
    """The ``summary`` that every project reports, our ``detail``, and who is ``contacted`` (n,)."""
    reference = best_without_model(training, prices)
    policies = compare(test, prices, seed)
    saved = next(row for row in policies if row["name"] == reference)["saved_per_year"]
    per_1000 = {key: 1_000 * money / prices.customers_per_year for key, money in saved.items()}
    contacted = policies[-1]["contacted"]
    # What nobody has measured yet, and every figure of money rests on.
    assumed = f"if {100 * prices.offer_acceptance:.6g}% of those about to leave accept the offer"
    who = f"contacting {share(contacted)} of customers, those with the highest risk,"
    found = finding(who, contacted, saved, reference, prices, "a year")
    summary = {
        "headline": f"{assumed.capitalize()}, {found}",
        "assumption": assumed,
        "currency": prices.currency,
        "per": "year",
        **saved,
    }
    best = best_threshold(training.y, training.probability, prices.stakes, seed)
    detail = {
        "threshold": break_even(prices.stakes),
        "best_threshold": asdict(best),
        "reference": reference,
        "finding": finding(MODEL, contacted, per_1000, reference, prices, "per 1,000 customers"),
        "policies": policies,
        "sensitivity": sensitivity(test, reference, prices),
        "prices": prices.model_dump(),
    }
    return {"summary": summary, "detail": detail, "contacted": test.contacted(prices)[MODEL]}


def in_words(policy: str) -> str:
    """What a policy is called in a sentence: a manager's rule by its own name."""
    return policy if policy in (MODEL, NOBODY, EVERYBODY) else f"the rule \u201c{policy}\u201d"


def share(part: float) -> str:
    """A share of customers in percent; one that is rounded is not said to be none or all."""
    if 0 < part < 0.01:
        return "less than 1%"
    return "more than 99%" if 0.99 < part < 1 else f"{part:.0%}"


def finding(
    who: str, contacted: float, saved: dict[str, float], reference: str, prices: Prices, per: str
) -> str:
    """What is said of the model, here and in the figure: no more than the interval holds."""
    if break_even(prices.stakes) == NEVER:
        return "no offer pays for itself at these prices: contact nobody"
    if contacted in (0, 1):
        whom = "everybody" if contacted else "nobody"
        return f"the model would contact {whom}: it makes no choice"
    unit, called = f"{prices.currency} {per}", in_words(reference)
    width = saved["high"] - saved["low"]
    if saved["low"] <= 0 <= saved["high"]:
        chance = f"{amount(saved['low'], width)} to {amount(saved['high'], width)} {unit}"
        return f"{who} does about as well as {called}: the difference may be chance ({chance})"
    low, value, high = (amount(end, width) for end in sorted(map(abs, saved.values())))
    verb = "saves" if saved["value"] > 0 else "costs"
    return f"{who} {verb} about {value} {unit} ({low} to {high}) against {called}"
