"""Whether a series keeps its level (ADF and KPSS), and a series taken apart (STL).

ADF (Dickey & Fuller 1979) assumes a unit root until the data speak against it; KPSS (Kwiatkowski
et al. 1992) a fixed level. Only where one rejects and the other does not is the answer clear.
"""

import warnings
from dataclasses import dataclass

import numpy as np
from statsmodels.tools.sm_exceptions import InterpolationWarning, SingularMatrixWarning
from statsmodels.tsa.seasonal import STL
from statsmodels.tsa.stattools import acf, adfuller, kpss

from .kit.intervals import Array

ALPHA = 0.05
SURE = 1.96  # standard errors beyond which an autocorrelation is taken for a season
SHORTEST = 20  # values without which nothing is tested
LONGEST = 2_000  # of a longer series the last values: the tests take long, and then reject all
SEASONAL = 13  # seasons that one place is smoothed over: fewer, and the season follows noise
SMOOTH = 5  # seasons that the trend is smoothed over: fewer, and it follows promotions
MIN_SEASONS = 5  # of noise alone STL makes a season of strength 0.2 with 5, 0.98 with 2.75 of them

MEANING = {
    "stationary": "ADF rejects a unit root, KPSS does not object to a fixed level",
    "stationary around a trend": "around a line ADF rejects a unit root and KPSS does not object",
    "unit root": "ADF finds nothing against a unit root, KPSS objects to a fixed level: "
    "difference, unless a plot shows one jump, which looks the same to the tests (Perron 1989)",
    "no unit root, but the level moves": "both reject: slow seasons or small shifts",
    "unclear": "neither rejects: too little evidence for either",
    "not tested": f"constant, or fewer than {SHORTEST} values",
}
STATIONARY, TREND, UNIT_ROOT, MOVING, UNCLEAR, UNTESTED = MEANING


@dataclass(frozen=True)
class Decomposition:
    """``trend + season + rest`` is the series; all (n,), in its units."""

    trend: Array
    season: Array
    rest: Array

    @property
    def trend_strength(self) -> float:
        """0 (none) to 1: how little is left of the variation without season if the trend goes.
        Wang, Smith & Hyndman (2006), in the form of Hyndman & Athanasopoulos (2021, section
        4.3)."""
        return _strength(self.rest, self.trend)

    @property
    def season_strength(self) -> float:
        """The same for the season: how little is left of the variation without trend."""
        return _strength(self.rest, self.season)


@dataclass(frozen=True)
class Verdict:
    """Both tests' p-values, None where nothing was tested (KPSS's lies between 0.01 and 0.1)."""

    adf_p: float | None
    kpss_p: float | None
    verdict: str


def decompose(values: Array, season_length: int) -> Decomposition | None:
    """Take a series (n,) without gaps apart; None where it has too few seasons. STL (Cleveland,
    Cleveland, McRae & Terpenning 1990), robust, so that single odd values (a promotion, a
    stock-out) stay in the rest. Without a season (``season_length`` 1) there is only trend and
    rest."""
    if len(values) < MIN_SEASONS * max(season_length, 7):
        return None
    if np.ptp(values) == 0:
        return Decomposition(values, np.zeros(len(values)), np.zeros(len(values)))
    period = max(season_length, 2)
    trend = SMOOTH * period // 2 * 2 + 1  # STL wants it odd
    found = STL(values, period=period, seasonal=SEASONAL, trend=trend, robust=True).fit()
    smooth, season = np.asarray(found.trend), np.asarray(found.seasonal)
    season = season if season_length > 1 else np.zeros(len(values))
    return Decomposition(smooth, season, values - smooth - season)


def judge(values: Array) -> Verdict:
    """Test the last ``LONGEST`` values of one series (n,) without gaps at ``ALPHA``."""
    values = values[-LONGEST:]
    if len(values) < SHORTEST or is_constant(values):
        return Verdict(None, None, UNTESTED)
    adf_p, kpss_p = p_values(values, "c")
    return Verdict(adf_p, kpss_p, _verdict(values, adf_p, kpss_p))


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


def repeating(values: Array, seasons: list[int]) -> list[int]:
    """Those of ``seasons``, the shortest first, after which changes of a series (n,) come again. A
    level that wanders shows none. Changes are over an eighth of a season, and over whole shorter
    ones, so that these do not pass for it. They must come again by more than chance (Bartlett 1946,
    for moving averages), and by so much that a mean of these few seasons says more than it
    blurs."""
    found: list[int] = []
    for season in seasons:
        unit = found[-1] if found else 1
        gap = max(season // 8 // unit, 1) * unit
        moves = values[gap:] - values[:-gap]
        if len(moves) <= season + 1 or is_constant(moves):
            continue
        again = acf(moves, nlags=season, adjusted=True, fft=True)
        error = np.sqrt((1 + 2 * (again[1 : gap + 1] ** 2).sum()) / (len(moves) - season))
        if again[season] > max(SURE * error, 1 / (len(values) / season + 1)):
            found.append(season)
    return found


def is_constant(values: Array) -> bool:
    """Whether there is no variation that a test could look at."""
    return bool(np.ptp(values) <= 1e-12 * max(1.0, float(np.abs(values).max())))


def _strength(rest: Array, part: Array) -> float:
    whole = float(np.var(part + rest))
    return max(0.0, 1 - float(np.var(rest)) / whole) if whole > 0 else 0.0


def _verdict(values: Array, adf_p: float, kpss_p: float) -> str:
    no_root, moves = adf_p < ALPHA, kpss_p < ALPHA
    if no_root and not moves:
        return STATIONARY
    trend_adf, trend_kpss = p_values(values, "ct")
    if trend_adf < ALPHA <= trend_kpss:
        return TREND
    return (MOVING if no_root else UNIT_ROOT) if moves else UNCLEAR
