"""An A/B test from plan to verdict: how many users, what they click, and what it proves.

A visit is one user looking once at one list; it ends at the first click, or without one. The
click-through rate (CTR) is the share of visits that end in a click. Users are counted, with one
visit each: several of one user, taken for independent, would make intervals too narrow.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from .kit import DataError, ProjectError
from .kit.intervals import Array, Estimate

Counts = NDArray[np.int64]

NORMAL = NormalDist()
LOOKS = 20  # how often an impatient tester looks, at equal distances
SIMULATIONS = 10_000
MIN_CLICKS = 10  # in the control group: with fewer, clicks are not nearly normal


@dataclass(frozen=True)
class Plan:
    """What is fixed before the test; ``min_effect`` is the smallest relative lift to find."""

    baseline: float
    min_effect: float
    alpha: float
    power: float
    users_per_group: int


@dataclass(frozen=True)
class Result:
    """What the test found; ``difference`` is treatment less control, ``lift`` relative to it."""

    control: Estimate
    treatment: Estimate
    difference: Estimate
    lift: Estimate
    p_value: float
    significant: bool


def position_bias(k: int, steepness: float = 1.0) -> Array:
    """The chance that a user looks at each of ``k`` ranks: (k,), from 1 down.

    It is 1 / log2(rank + 1), the discount of nDCG (Järvelin and Kekäläinen 2002), to the power of
    ``steepness``: assumed, since only logged clicks could tell. With 0 everybody looks at all.
    """
    return np.log2(np.arange(2, k + 2)) ** -steepness


def visit_rate(probability: Array, seen: Array) -> Array:
    """The chance that a visit ends in a click: (users,).

    ``probability`` (users, k) is that of a click on the item at each rank once it is seen, ``seen``
    (k,) the chance that it is, whatever the item (examination hypothesis, Richardson 2007).
    """
    return 1 - (1 - seen * probability).prod(axis=1)


def click_model(hits: Array, held_out: Counts, seen: Array) -> Array:
    """The same for real data, where nobody knows the truth: (users,).

    It assumes that a user comes for one of their ``held_out`` (users,) likes, each equally likely,
    and clicks it if it is in the list, where ``hits`` (users, k) is 1, and they look that far down,
    with chance ``seen`` (k,). What they would have liked but never met counts as a miss, which
    favours popular items.
    """
    return hits @ seen / held_out


def plan(baseline: float, min_effect: float, alpha: float, power: float) -> Plan:
    """Fix the number of users before the test starts.

    A DataError says that none or all of today's visits end in a click, a ProjectError that the
    lift would take the CTR to 100 % or above, or need too few users.
    """
    if not 0 < baseline < 1:
        raise DataError(
            f"{'every' if baseline else 'no'} held-out user clicks on what is shown today, so an "
            "A/B test has nothing to find. Change `k` or `split`, or add interactions."
        )
    treatment = baseline * (1 + min_effect)
    users = sample_size(baseline, treatment, alpha, power) if treatment < 1 else 0
    if users * baseline < MIN_CLICKS:
        raise ProjectError(
            f"ab_test.min_effect: a lift of {min_effect:.1%} on a CTR of {baseline:.1%} would show "
            f"in {users * baseline:.0f} clicks, if it can be: expected at least {MIN_CLICKS}. "
            "Choose a smaller one."
        )
    return Plan(baseline, min_effect, alpha, power, users)


def sample_size(control: float, treatment: float, alpha: float, power: float) -> int:
    """Users per group for a two-sided test of two proportions (Fleiss, Levin and Paik 2003, 4.2),
    without continuity correction and the smaller of the two tails."""
    under_null, under_effect = spreads(control, treatment)
    reach = NORMAL.inv_cdf(1 - alpha / 2) * under_null + NORMAL.inv_cdf(power) * under_effect
    return int(np.ceil((reach / (treatment - control)) ** 2))


def spreads(control: float, treatment: float) -> tuple[float, float]:
    """The standard deviation of a difference of one user's clicks, without and with the effect."""
    mean = (control + treatment) / 2
    variance = control * (1 - control) + treatment * (1 - treatment)
    return float(np.sqrt(2 * mean * (1 - mean))), float(np.sqrt(variance))


def p_values(control: Counts, treatment: Counts, users: int | Counts) -> Array:
    """Two-sided p-values of the z-test of two proportions with pooled variance.

    ``control`` and ``treatment`` are clicks, in arrays of one shape; ``users`` are per group.
    """
    pooled = (control + treatment) / (2 * users)
    # Without any click, or with nothing but clicks, the groups do not differ.
    error = np.sqrt(np.maximum(pooled * (1 - pooled), 1e-300) * 2 / users)
    z = np.abs(treatment - control) / users / error
    return 2 * (1 - normal_cdf(z))


def run(plan: Plan, treatment: float, users: int, seed: int) -> Result:
    """Test a list with the CTR ``treatment`` on so many ``users`` a group, drawn with replacement,
    so that their clicks are independent: binomial in sum."""
    rng = np.random.default_rng(seed)
    today, ours = (int(rng.binomial(users, rate)) for rate in (plan.baseline, treatment))
    return compare(today, ours, users, plan.alpha)


def compare(control: int, treatment: int, users: int, alpha: float) -> Result:
    """Judge one test by the clicks of each group of ``users``; intervals hold 1 - ``alpha``.

    The interval of the difference is Wald's, that of the lift Katz's (1978). A DataError says that
    a group has no click, so that there is no lift.
    """
    if not control or not treatment:
        raise DataError(
            f"a group of {users:,} users has no click, so there is no lift: expected at least one. "
            "Raise the number of users, or `k`, the length of lists."
        )
    p, q = control / users, treatment / users
    z = NORMAL.inv_cdf(1 - alpha / 2)
    spread = z * float(np.sqrt((p * (1 - p) + q * (1 - q)) / users))
    factor = float(np.exp(z * np.sqrt((1 - p) / control + (1 - q) / treatment)))
    p_value = float(p_values(np.array(control), np.array(treatment), users))
    return Result(
        control=_wilson(p, users, z),
        treatment=_wilson(q, users, z),
        difference=Estimate(q - p, q - p - spread, q - p + spread),
        lift=Estimate(q / p - 1, q / p / factor - 1, q / p * factor - 1),
        p_value=p_value,
        significant=p_value < alpha,
    )


def false_alarms(rate: float, users: int, alpha: float, seed: int) -> tuple[float, Array]:
    """How often tests without a real difference come out significant: the share with one look at
    the end, and (LOOKS,) that of those significant at one of the first 1, 2, … looks on the way."""
    rng = np.random.default_rng(seed)
    seen = np.linspace(users / LOOKS, users, LOOKS).round().astype(int)
    arriving = np.diff(seen, prepend=0)
    control, treatment = (
        rng.binomial(arriving, rate, size=(SIMULATIONS, LOOKS)).cumsum(axis=1) for _ in range(2)
    )
    significant = p_values(control, treatment, seen) < alpha
    peeking = np.logical_or.accumulate(significant, axis=1).mean(axis=0)
    return float(significant[:, -1].mean()), peeking


def in_words(p_value: float) -> str:
    """A p-value as people write it."""
    return "p < 0.0001" if p_value < 0.0001 else f"p = {p_value:.4f}"


def normal_cdf(z: Array) -> Array:
    """The standard normal distribution function."""
    return np.vectorize(NORMAL.cdf, otypes=[float])(z)


def _wilson(rate: float, users: int, z: float) -> Estimate:
    """A proportion with Wilson's (1927) interval."""
    centre = (rate + z**2 / (2 * users)) / (1 + z**2 / users)
    spread = z * np.sqrt(rate * (1 - rate) / users + (z / (2 * users)) ** 2) / (1 + z**2 / users)
    # Rounding must not put the rate outside its own interval where it is 0 or 1.
    return Estimate(rate, min(rate, float(centre - spread)), max(rate, float(centre + spread)))
