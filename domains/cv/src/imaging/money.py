"""Whom to refer, and what that is worth: arithmetic on outcomes, probabilities and prices.

A positive case that is not referred costs the price of a missed case; a referral that finds
nothing costs that of a false alarm. One rule acts: refer where the expected value is positive.
"""

from dataclasses import asdict, dataclass
from itertools import product
from typing import Any

import numpy as np

from .config import Prices
from .kit import DataError, decisions
from .kit.decisions import Stakes
from .kit.documents import span
from .kit.intervals import Array, Estimate

CASES = 1_000  # what money is counted for
DRAWS = 2_000  # of how often each kind of case occurs
ELSEWHERE = (0.01, 0.05, 0.2)  # shares of positive cases for which the threshold is shown
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

    def referred(self, prices: Prices, share: float) -> dict[str, Array]:
        """Whom each policy refers, 1 or 0: (n,). The model's refers where that is worth it.

        ``share`` is that of positive cases where the probabilities were calibrated.
        """
        nobody = np.zeros(len(self.y))
        model = (expected_value(self.probability, prices, share) > 0).astype(float)
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
    """The probability above which a referral pays for itself; ``NEVER`` if at none.

    It is on the scale of probabilities that were calibrated on a sample with this ``share``.
    """
    return decisions.break_even(stakes(prices, share))


def in_practice(probability: Array, prices: Prices, share: float) -> Array:
    """The same evidence where the odds beforehand differ (Saerens et al. 2002): (n,).

    The probabilities were calibrated on a sample with this ``share`` of positive cases.
    """
    positive, other = frequency(prices, share)
    ill, healthy = probability * positive, (1 - probability) * other
    return ill / (ill + healthy)


def expected_value(probability: Array, prices: Prices, share: float) -> Array:
    """Money expected from referring each case, before the outcome is known: (n,)."""
    usual = Stakes(prices.missed_case + prices.false_alarm, prices.false_alarm)
    return decisions.expected_value(in_practice(probability, prices, share), usual)


def errors(y: Array, referred: Array, prices: Prices) -> dict[str, Array]:
    """Of each case, whether it is referred, missed or a false alarm, and what that costs: (n,)."""
    missed, alarms = y * (1 - referred), (1 - y) * referred
    cost = missed * prices.missed_case + alarms * prices.false_alarm
    return {"referred": referred, "missed": missed, "alarms": alarms, "cost": cost}


def count(y: Array, referred: Array, prices: Prices) -> dict[str, float]:
    """Referrals, missed cases, false alarms and their cost per 1,000 cases in practice."""
    positive, other = frequency(prices, float(y.mean()))
    often = np.where(y == 1, positive, other)
    found = errors(y, referred, prices)
    return {name: CASES * float(np.mean(often * values)) for name, values in found.items()}


def judged(
    y: Array, probability: Array, prices: Prices, share: float, seed: int
) -> dict[str, Estimate]:
    """How well a model ranks cases, and its money in practice, however many in ``y`` are ill."""
    here = float(y.mean())
    if not 0 < here < 1:
        raise DataError("all outcomes are alike: wait for positive cases, and for others")
    practice = share if prices.prevalence is None else prices.prevalence
    usual, now = (prices.model_copy(update={"prevalence": part}) for part in (practice, here))
    believed = in_practice(probability, now, share)
    return decisions.judged(y, believed, stakes(usual, here), seed)


def best_without_model(validation: Cases, prices: Prices) -> str:
    """The policy that needs no model and cost least on validation cases: the reference."""
    referred = validation.referred(prices, validation.share)
    costs = {name: count(validation.y, acted, prices)["cost"] for name, acted in referred.items()}
    return min((name for name in costs if name != MODEL), key=lambda name: costs[name])


def compare(share: float, test: Cases, prices: Prices, seed: int) -> list[dict[str, Any]]:
    """Per 1,000 cases: errors and cost of each policy, and what the model saves against it.

    Savings are differences in pairs, on the same cases. ``share`` as in ``Cases.referred``.
    """
    referred = test.referred(prices, share)
    may = [{NOBODY: (0,), EVERYBODY: (1,)}.get(name, (0, 1)) for name in referred]
    kinds = np.array(list(product((0, 1), *may)), dtype=float)  # of case: label, then who refers it
    seen = np.column_stack([test.y, *referred.values()])
    counts = np.array([(seen == kind).all(axis=1).sum() for kind in kinds])
    often = CASES * frequencies(counts, prices.prevalence, seed)
    found = {name: errors(kinds[:, 0], kinds[:, 1 + k], prices) for k, name in enumerate(referred)}
    for values in found.values():
        values["saved"] = values["cost"] - found[MODEL]["cost"]
    return [
        {"name": name, **{key: around(often @ value) for key, value in values.items()}}
        for name, values in found.items()
    ]


def frequencies(counts: Array, prevalence: float | None, seed: int) -> Array:
    """How often each kind of case occurs: as was seen, then as may be; (1 + 2 ``DRAWS``, k).

    ``counts`` (k,) holds the kinds of negative cases, then as many of positive ones. A bootstrap
    draws no miss where none was seen, and too few where few were. So frequencies are drawn from
    their posterior: with Jeffreys' prior for the rate at which any policy refers, half a case that
    is referred and half a case that is not, or a whole one where none was seen; then once more
    without what was not seen. That is the modified interval of Brown, Cai and DasGupta (2001).
    """
    seen = counts.reshape(1, 2, -1).astype(float)
    more = seen + np.where(seen > 0, 1, 2) / seen.shape[2]
    drawn = np.random.default_rng(seed).standard_gamma(more, size=(DRAWS, *more.shape[1:]))
    often = np.concatenate([seen, drawn, drawn * (seen > 0)])
    of_label = often.sum(axis=2, keepdims=True)
    practice = of_label / of_label.sum(axis=1, keepdims=True)
    if prevalence is not None:
        practice = np.array([1 - prevalence, prevalence]).reshape(1, 2, 1)
    return (practice * often / of_label).reshape(len(often), -1)


def around(values: Array) -> dict[str, float]:
    """The first value with the widest of the intervals that both halves of the others give."""
    if np.allclose(values, values[0], rtol=1e-9, atol=0):  # sums of shares round differently
        values = np.full_like(values, values[0])
    ends = np.percentile(values[1:].reshape(2, -1), [2.5, 97.5], axis=1)
    return {"value": float(values[0]), "low": float(ends.min()), "high": float(ends.max())}


def sensitivity(share: float, test: Cases, reference: str, prices: Prices) -> list[dict[str, Any]]:
    """The saving per 1,000 cases when one price is lower or higher; what moves it most comes first.

    Decisions follow the price, the reference stays. ``share`` as in ``Cases.referred``.
    """

    def saved(**moved: float) -> float:
        now = prices.model_copy(update=moved)
        referred = test.referred(now, share)
        ours, theirs = (count(test.y, referred[key], now)["cost"] for key in (MODEL, reference))
        return theirs - ours

    practice = test.share if prices.prevalence is None else prices.prevalence
    rows, base = [], saved()
    for label, (name, value, most) in {
        "cost of a missed case": ("missed_case", prices.missed_case, np.inf),
        "cost of a false alarm": ("false_alarm", prices.false_alarm, np.inf),
        "share of positive cases": ("prevalence", practice, max(0.99, practice)),
    }.items():
        low, high = (1 - SWING) * value, min((1 + SWING) * value, most)
        ends = {"if_lower": saved(**{name: low}), "if_higher": saved(**{name: high})}
        rows.append({"price": label, "swing": SWING, **ends})
    return sorted(rows, key=lambda row: -np.ptp([base, row["if_lower"], row["if_higher"]]))


def summarise(validation: Cases, test: Cases, prices: Prices, seed: int) -> dict[str, Any]:
    """What every project reports, this project's detail; the test cases referred, True: (n,)."""
    share, reference = validation.share, best_without_model(validation, prices)
    policies = compare(share, test, prices, seed)
    saved = next(row for row in policies if row["name"] == reference)["saved"]
    at_stake = stakes(prices, share)
    others = [prices.model_copy(update={"prevalence": part}) for part in ELSEWHERE]
    best = decisions.best_threshold(validation.y, validation.probability, at_stake, seed)
    detail = {
        "threshold": break_even(prices, share),
        "best_threshold": asdict(best),
        "reference": reference,
        "policies": policies,
        "sensitivity": sensitivity(share, test, reference, prices),
        "prevalence": test.share if prices.prevalence is None else prices.prevalence,
        "elsewhere": [{"share": o.prevalence, "threshold": break_even(o, share)} for o in others],
        "prices": prices.model_dump(),
    }
    said = headline(policies[-1], saved, detail)
    summary = {"headline": said, "assumption": assumption(prices), "currency": prices.currency}
    summary |= {"per": f"{CASES:,} cases", **saved}
    referred = test.referred(prices, share)[MODEL] == 1
    return {"summary": summary, "detail": detail, "referred": referred}


def assumption(prices: Prices) -> str:
    """What nobody has measured yet, and every figure of money rests on."""
    missed, alarm = (f"{price:,.12g}" for price in (prices.missed_case, prices.false_alarm))
    return f"if a missed case costs {missed} {prices.currency} and a false alarm {alarm}"


def headline(ours: dict[str, Any], saved: dict[str, float], detail: dict[str, Any]) -> str:
    """The finding, of the model's row of ``compare``, claiming no more than its interval holds."""
    prices = Prices(**detail["prices"])
    start = assumption(prices).replace("if", "If", 1)
    if detail["threshold"] >= 1:
        return f"{start}, no referral pays for itself: refer nobody"
    share = round(ours["referred"]["value"] / CASES, 9)
    if not 0 < share < 1:
        whom = "everybody" if share else "nobody"
        return f"{start}, the model would refer {whom}: it makes no choice"
    what = f"referring the {100 * share:.3g}% of cases with the highest risk"
    return f"{start}, {what} {effect(saved, detail['reference'], prices.currency)}; {made(ours)}"


def effect(saved: dict[str, float], reference: str, currency: str) -> str:
    """What the model does with money, as far as the interval of the saving lets one say it."""
    unit = f"{currency} per {CASES:,} cases"
    if saved["low"] <= 0 <= saved["high"]:
        chance = f"the difference may be chance, a saving of {span(saved)} {unit}"
        return f"does about as well as {reference}: {chance}"
    if saved["value"] < 0:
        lost = {"value": -saved["value"], "low": -saved["high"], "high": -saved["low"]}
        return f"costs about {span(lost)} {unit} more than {reference}"
    return f"saves about {span(saved)} {unit} against {reference}"


def made(ours: dict[str, Any]) -> str:
    """The model's errors with their intervals; ``ours`` is its row of ``compare``."""
    missed, alarms = (
        f"{in_words(row['value'])} ({in_words(row['low'])} to {in_words(row['high'])})"
        for row in (ours["missed"], ours["alarms"])
    )
    return f"of {CASES:,} cases {missed} are missed, {alarms} false alarms"


def in_words(cases: float) -> str:
    """A number of cases in 1,000, with decimals only where they say something."""
    return f"{round(cases, 2):.2g}" if cases < 10 else f"{cases:,.0f}"
