"""Do groups really differ? Tests, their assumptions, and which of them counts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from statsmodels.stats.power import FTestAnovaPower, GofChisquarePower, TTestIndPower

from .bootstrap import Array
from .summaries import written_p

POWER = 0.8
SHAPIRO_ROWS = 5_000  # beyond, Shapiro's p-value is not accurate
LEVEL_OF_CHECKS = 0.05


@dataclass(frozen=True)
class Test:
    """One test's statistic and p-value."""

    name: str
    statistic: float
    p: float


@dataclass(frozen=True)
class Verdict:
    """All tests of one question, the one that counts, and why, in words."""

    tests: tuple[Test, ...]
    counts: Test
    why: str
    checks: tuple[str, ...]


def compare_numbers(parts: Sequence[Array]) -> Verdict:
    """Test whether groups of numbers differ: means, and ranks as the twin without assumptions."""
    if len(parts) == 2:
        welch = stats.ttest_ind(*parts, equal_var=False)
        ranks = stats.mannwhitneyu(*parts)
        names = ("Welch's t-test", "Mann-Whitney")
    else:
        welch = stats.f_oneway(*parts, equal_var=False)
        ranks = stats.kruskal(*parts)
        names = ("Welch's ANOVA", "Kruskal-Wallis")
    means = Test(names[0], float(welch.statistic), float(welch.pvalue))
    twin = Test(names[1], float(ranks.statistic), float(ranks.pvalue))
    shapiro = min(_shapiro(part) for part in parts)
    normal, large = shapiro >= LEVEL_OF_CHECKS, _large_enough(parts)
    word = "normal" if normal else "not normal"
    checks = (f"Shapiro-Wilk: {word} (smallest {written_p(shapiro)})", _spread(parts))
    if normal:
        why = "the values of each group look normal"
    elif large:
        why = "values are not normal, but the groups are large enough for means (Cochran's rule)"
    else:
        why = "values are not normal and the groups too small for means: ranks count"
    return Verdict((means, twin), means if normal or large else twin, why, checks)


def _large_enough(parts: Sequence[Array]) -> bool:
    """Cochran's rule (Sampling Techniques, 1977): n > 25 times the squared skewness."""
    return all(len(part) >= max(30, 25 * float(stats.skew(part)) ** 2) for part in parts)


def _shapiro(part: Array) -> float:
    if np.ptp(part) == 0:
        return 0.0
    step = -(-len(part) // SHAPIRO_ROWS)
    return float(stats.shapiro(part[::step]).pvalue)


def _spread(parts: Sequence[Array]) -> str:
    p = float(stats.levene(*parts).pvalue)
    alike = "alike" if p >= LEVEL_OF_CHECKS else "different; Welch's test allows for that"
    return f"Levene: spreads are {alike} ({written_p(p)})"


def compare_counts(counts: Array) -> Verdict:
    """Test whether the shares of categories differ between groups: chi-square, or Fisher."""
    chi = stats.chi2_contingency(counts, correction=False)
    approximate = Test("chi-square", float(chi.statistic), float(chi.pvalue))
    small = float((chi.expected_freq < 5).mean())
    fine = small <= 0.2 and chi.expected_freq.min() >= 1
    check = f"smallest expected count {chi.expected_freq.min():,.1f}"
    if fine:
        why = "expected counts are large enough (Cochran: 80% are 5 or more)"
        return Verdict((approximate,), approximate, why, (check,))
    # The exact test is drawn at random where it cannot be worked out: from a seed of its own.
    method = (
        None if counts.shape == (2, 2) else stats.MonteCarloMethod(rng=np.random.default_rng(0))
    )
    fisher = stats.fisher_exact(counts.astype(int), method=method)
    exact = Test("Fisher's exact test", float(fisher.statistic), float(fisher.pvalue))
    why = "some expected counts are too small for chi-square"
    return Verdict((approximate, exact), exact, why, (check,))


def holm(p: Sequence[float], alpha: float) -> tuple[NDArray[np.bool_], Array]:
    """Which of several tests are significant together, and corrected p-values (Holm 1979)."""
    values = np.asarray(p, dtype=float)
    order = np.argsort(values)
    # The smallest is multiplied by the number of tests, the next by one less, and so on.
    steps = np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1))
    corrected = np.empty_like(values)
    corrected[order] = np.minimum(steps, 1)
    return corrected < alpha, corrected


def detectable(sizes: Sequence[int], classes: int, alpha: float) -> tuple[str, float]:
    """Name and size of the smallest effect that such groups show four times out of five.

    Args:
        sizes: rows of each group. classes: categories of the outcome; 0 if it is a number.
    """
    total = sum(sizes)
    if classes:
        bins = (len(sizes) - 1) * (classes - 1) + 1
        solved = GofChisquarePower().solve_power(
            nobs=total, n_bins=bins, alpha=alpha, power=POWER, effect_size=None
        )
        name = "Cohen's w"
    elif len(sizes) == 2:
        solved = TTestIndPower().solve_power(
            nobs1=sizes[0], ratio=sizes[1] / sizes[0], alpha=alpha, power=POWER, effect_size=None
        )
        name = "Cohen's d"
    else:
        solved = FTestAnovaPower().solve_power(
            nobs=total, k_groups=len(sizes), alpha=alpha, power=POWER, effect_size=None
        )
        name = "Cohen's f"
    return name, float(np.squeeze(solved))


def rows_needed(d: float, alpha: float) -> int:
    """Rows that each of two groups needs to show a difference of ``d`` four times out of five."""
    solved = TTestIndPower().solve_power(effect_size=d, alpha=alpha, power=POWER, nobs1=None)
    return int(np.ceil(np.squeeze(solved)))


def parts_of(table: pd.DataFrame, group: str, number: str) -> dict[str, Array]:
    """The known numbers of each group, in the groups' alphabetical order."""
    known = table[[group, number]].dropna()
    return {str(name): part.to_numpy(float) for name, part in known.groupby(group)[number]}
