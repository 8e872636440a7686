"""An A/B test from plan to verdict: how many users, what they click, and what it proves.

A visit is one user looking once at one list of items. It ends at the first click, or without one.
The click-through rate (CTR) is the share of visits that end in a click. Users are what is assigned
to a group and what is counted: each takes part with one visit, so that visits are independent and
two proportions can be compared. Counting several visits of a user, or every item shown, as if
they were independent would make intervals too narrow.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from .bootstrap import Array, Estimate
from .errors import ConfigError, DataError

Counts = NDArray[np.int64]

NORMAL = NormalDist()
LOOKS = 20  # how often an impatient tester looks, at equal distances
SIMULATIONS = 10_000
MIN_CLICKS = 10  # in the control group: with fewer, clicks are not nearly normal


@dataclass(frozen=True)
class Plan:
    """What is fixed before the test: ``min_effect`` is the smallest relative lift to detect."""

    baseline: float
    min_effect: float
    alpha: float
    power: float
    users_per_group: int


@dataclass(frozen=True)
class Result:
    """What the test found; ``difference`` is treatment less control, ``lift`` relative to it."""

    users_per_group: int
    control: Estimate
    treatment: Estimate
    difference: Estimate
    lift: Estimate
    p_value: float
    significant: bool


def position_bias(k: int) -> Array:
    """The chance that a user looks at each of ``k`` ranks: (k,), from 1 down.

    It is 1 / log2(rank + 1), the discount of nDCG (Järvelin and Kekäläinen 2002): assumed, since
    only logged clicks could tell.
    """
    return 1 / np.log2(np.arange(2, k + 2))


def visit_rate(probability: Array) -> Array:
    """The chance that a visit ends in a click: (users,).

    Args:
        probability: (users, k), the chance of a click on the item at each rank once it is seen.
            Seeing it is independent of that (the examination hypothesis, Richardson 2007).
    """
    missed = 1 - position_bias(probability.shape[1]) * probability
    return 1 - missed.prod(axis=1)


def click_model(hits: NDArray[np.bool_], held_out: Counts) -> Array:
    """The same for real data, where nobody knows the truth: (users,).

    It assumes that a user comes for one of the items that they liked in the held-out slice, each
    equally likely, and clicks it if it is in the list and they look that far down. Items that
    the user would have liked but never met count as misses, which favours popular items.

    Args:
        hits: (users, k), whether the item at each rank is among the user's held-out likes.
        held_out: (users,), how many held-out likes each user has: at least one.
    """
    return hits @ position_bias(hits.shape[1]) / held_out


def plan(baseline: float, min_effect: float, alpha: float, power: float) -> Plan:
    """Fix the number of users before the test starts.

    Raises:
        DataError: no visit, or every visit, of the control group ends in a click.
        ConfigError: the lift would take the CTR to 100 % or above, or so few users would show it
            that the formulas do not hold.
    """
    if baseline <= 0:
        raise DataError(
            "no held-out user clicks on a popular item, so an A/B test has nothing to compare "
            "with. Add interactions, or raise `k` or `split.test_size`."
        )
    if baseline >= 1:
        raise DataError(
            "every held-out user clicks on a popular item, so an A/B test cannot find more clicks. "
            "Lower `k`, or add items."
        )
    if baseline * (1 + min_effect) >= 1:
        raise ConfigError(
            f"ab_test.min_effect: a lift of {min_effect:.0%} on a CTR of {baseline:.1%} gives "
            "100% or more. Choose a smaller one."
        )
    users = sample_size(baseline, baseline * (1 + min_effect), alpha, power)
    if users * baseline < MIN_CLICKS:
        raise ConfigError(
            f"ab_test.min_effect: to find a lift of {min_effect:.0%} {users:,} users per group "
            f"would do, with about {users * baseline:.1f} clicks: expected at least {MIN_CLICKS}. "
            "Choose a smaller one."
        )
    return Plan(baseline, min_effect, alpha, power, users)


def sample_size(control: float, treatment: float, alpha: float, power: float) -> int:
    """Users per group for a two-sided test of two proportions (Fleiss, Levin and Paik 2003, 4.2).

    Without continuity correction; the smaller of the two tails is neglected.
    """
    under_null, under_effect = _spreads(control, treatment)
    reach = NORMAL.inv_cdf(1 - alpha / 2) * under_null + NORMAL.inv_cdf(power) * under_effect
    return int(np.ceil((reach / (treatment - control)) ** 2))


def achieved_power(control: float, treatment: float, users: Array, alpha: float) -> Array:
    """The same formula the other way round: the power with so many ``users`` per group."""
    under_null, under_effect = _spreads(control, treatment)
    shift = abs(treatment - control) * np.sqrt(users)
    return _normal_cdf((shift - NORMAL.inv_cdf(1 - alpha / 2) * under_null) / under_effect)


def _spreads(control: float, treatment: float) -> tuple[float, float]:
    """The standard deviation of a difference of one user's clicks, without and with the effect."""
    mean = (control + treatment) / 2
    variance = control * (1 - control) + treatment * (1 - treatment)
    return float(np.sqrt(2 * mean * (1 - mean))), float(np.sqrt(variance))


def simulate(
    control: Array, treatment: Array, users: int, seed: int, runs: int = 1
) -> tuple[Counts, Counts]:
    """Clicks in both groups in each of ``runs`` tests: two arrays (runs,).

    Args:
        control, treatment: (any,), the chance of a click for each kind of visitor; visitors are
            drawn from these with replacement, ``users`` for each group.
    """
    rng = np.random.default_rng(seed)
    # Visitors drawn at random click independently, so their number of clicks is binomial.
    clicks = [rng.binomial(users, rates.mean(), size=runs) for rates in (control, treatment)]
    return clicks[0], clicks[1]


def p_values(control: Counts, treatment: Counts, users: int | Counts) -> Array:
    """Two-sided p-values of the z-test of two proportions with pooled variance.

    Args:
        control, treatment: clicks, in arrays of one shape; ``users`` per group.
    """
    pooled = (control + treatment) / (2 * users)
    # Without any click, or with nothing but clicks, the groups do not differ.
    error = np.sqrt(np.maximum(pooled * (1 - pooled), 1e-300) * 2 / users)
    z = np.abs(treatment - control) / users / error
    return 2 * (1 - _normal_cdf(z))


def compare(control: int, treatment: int, users: int, alpha: float) -> Result:
    """Judge one test by the clicks of each group of ``users``; intervals hold 1 - ``alpha``.

    The interval of the difference is Wald's; that of the lift is exp of the logarithm's (Katz
    1978).

    Raises:
        DataError: a group has no click, so that there is no lift.
    """
    if not control or not treatment:
        raise DataError(f"a group of {users:,} users has no click: expected at least one")
    p, q = control / users, treatment / users
    z = NORMAL.inv_cdf(1 - alpha / 2)
    log_error = z * float(np.sqrt((1 - p) / control + (1 - q) / treatment))
    spread = z * float(np.sqrt((p * (1 - p) + q * (1 - q)) / users))
    ratio = q / p
    p_value = float(p_values(np.array(control), np.array(treatment), users))
    return Result(
        users_per_group=users,
        control=_wilson(p, users, z),
        treatment=_wilson(q, users, z),
        difference=Estimate(q - p, q - p - spread, q - p + spread),
        lift=Estimate(
            ratio - 1, ratio * np.exp(-log_error) - 1, ratio * float(np.exp(log_error)) - 1
        ),
        p_value=p_value,
        significant=p_value < alpha,
    )


def simulate_null(rate: float, users: int, alpha: float, seed: int) -> float:
    """The share of tests without any real difference that come out significant."""
    same = np.array([rate])
    control, treatment = simulate(same, same, users, seed, SIMULATIONS)
    return float(np.mean(p_values(control, treatment, users) < alpha))


def peeking(rate: float, users: int, alpha: float, seed: int) -> Array:
    """How often someone who looks again and again sees a difference where there is none.

    Returns:
        (LOOKS,): the share of tests that were significant at one of the first 1, 2, … looks.
        The looks are spread evenly, and the last one sees all ``users`` of both groups.
    """
    rng = np.random.default_rng(seed)
    seen = np.linspace(users / LOOKS, users, LOOKS).round().astype(int)
    arriving = np.diff(seen, prepend=0)
    control, treatment = (
        rng.binomial(arriving, rate, size=(SIMULATIONS, LOOKS)).cumsum(axis=1) for _ in range(2)
    )
    significant = p_values(control, treatment, seen) < alpha
    return np.logical_or.accumulate(significant, axis=1).mean(axis=0)


def _normal_cdf(z: Array) -> Array:
    return np.vectorize(NORMAL.cdf, otypes=[float])(z)


def _wilson(rate: float, users: int, z: float) -> Estimate:
    """A proportion with Wilson's (1927) interval."""
    centre = (rate + z**2 / (2 * users)) / (1 + z**2 / users)
    spread = z * np.sqrt(rate * (1 - rate) / users + (z / (2 * users)) ** 2) / (1 + z**2 / users)
    return Estimate(rate, float(centre - spread), float(centre + spread))
