"""Whether a series keeps its level: the ADF and KPSS tests, and what they say together.

The two ask opposite questions. ADF (Dickey & Fuller 1979) assumes a unit root until the data speak
against it; KPSS (Kwiatkowski, Phillips, Schmidt & Shin 1992) assumes a fixed level. Only where one
rejects and the other does not is the answer clear.
"""

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from statsmodels.tools.sm_exceptions import InterpolationWarning, SingularMatrixWarning
from statsmodels.tsa.stattools import adfuller, kpss

from .decompose import Decomposition
from .wording import MOVING, SHORTEST, STATIONARY, TREND, UNCLEAR, UNIT_ROOT, UNTESTED

Array = NDArray[np.float64]

ALPHA = 0.05
MAX_DIFFERENCES = 2
STRONG = 0.64  # from here on a seasonal difference pays (Hyndman & Athanasopoulos 2021)
LONGEST = 2_000  # of a longer series the last values: the tests take long, and then reject all


@dataclass(frozen=True)
class Verdict:
    """Both tests of one series for a fixed level, and the differences it needs.

    p-values are None where nothing was tested. That of KPSS comes from a table that ends at 0.01
    and 0.1. ``seasonal_differences`` come first, then ``differences``.
    """

    adf_p: float | None
    kpss_p: float | None
    verdict: str
    differences: int
    seasonal_differences: int


def judge(values: Array, season_length: int, parts: Decomposition | None) -> Verdict:
    """Test one series (n,) without gaps at ``ALPHA``; ``parts`` is what ``decompose`` made of it.

    A seasonal difference is needed where the season is strong.
    """
    values = values[-max(LONGEST, 3 * season_length) :]
    if len(values) < SHORTEST or is_constant(values):
        return Verdict(None, None, UNTESTED, 0, 0)
    adf_p, kpss_p = p_values(values, "c")
    seasonal = int(season_length > 1 and parts is not None and parts.season_strength > STRONG)
    left = values[season_length:] - values[:-season_length] if seasonal else values
    return Verdict(adf_p, kpss_p, _verdict(values, adf_p, kpss_p), differences(left), seasonal)


def p_values(values: Array, regression: str) -> tuple[float, float]:
    """p-values of ADF and KPSS around a fixed level ("c") or a straight line ("ct")."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularMatrixWarning)  # where nearly all values are 0
        adf = adfuller(values, regression=regression, autolag="AIC", result_object=True)
    # Where only the last value differs, the regression fits exactly and has no p-value.
    adf_p = float(adf.pvalue) if np.isfinite(adf.pvalue) else 1.0
    return adf_p, kpss_p_value(values, regression)


def kpss_p_value(values: Array, regression: str = "c") -> float:
    """The p-value of KPSS, at least 0.01 and at most 0.1."""
    with warnings.catch_warnings(), np.errstate(divide="ignore"):
        warnings.simplefilter("ignore", InterpolationWarning)  # the docstring says where it ends
        try:
            found = kpss(values, regression=regression, nlags="auto", result_object=True)
        except (OverflowError, ValueError):  # the automatic choice divides by 0 where sales are few
            found = kpss(values, regression=regression, nlags="legacy", result_object=True)
        return float(found.pvalue)


def differences(values: Array) -> int:
    """How often to difference until KPSS no longer objects (Hyndman & Khandakar 2008)."""
    for times in range(MAX_DIFFERENCES):
        left = np.diff(values, times)
        if is_constant(left) or kpss_p_value(left) >= ALPHA:
            return times
    return MAX_DIFFERENCES


def is_constant(values: Array) -> bool:
    """Whether there is no variation that a test could look at."""
    return bool(np.ptp(values) <= 1e-12 * max(1.0, float(np.abs(values).max())))


def _verdict(values: Array, adf_p: float, kpss_p: float) -> str:
    no_root, moves = adf_p < ALPHA, kpss_p < ALPHA
    if no_root and not moves:
        return STATIONARY
    trend_adf, trend_kpss = p_values(values, "ct")
    if trend_adf < ALPHA <= trend_kpss:
        return TREND
    if moves:
        return MOVING if no_root else UNIT_ROOT
    return UNCLEAR
