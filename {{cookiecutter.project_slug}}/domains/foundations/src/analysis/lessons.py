"""What the notebooks on mathematics, statistics and models show step by step.

The pipeline does without these functions: they open up what it takes from libraries.
"""

from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from scipy import stats
from sklearn.pipeline import Pipeline

from .bootstrap import Array, Estimate, bootstrap_weights, intervals
from .charts import BLUE, GREEN, ORANGE
from .effects import cohens_d
from .hypotheses import holm

LEVEL = 0.95
RARE = 0.05  # a value in a smaller share of rows says too little to be compared

# Mathematics


def line_loss(x: Array, y: Array, intercept: Any, slope: Any) -> Any:
    """Mean squared error of a line; arrays of intercepts and slopes give one loss each."""
    # Around the means, so that a whole grid of lines costs little more than one.
    level = intercept + slope * x.mean() - y.mean()
    covariance = ((x - x.mean()) * (y - y.mean())).mean()
    return level**2 + slope**2 * x.var() - 2 * slope * covariance + y.var()


def line_gradient(x: Array, y: Array, line: Array) -> Array:
    """Slope of the loss along the intercept and along the slope of a ``line`` (both in it)."""
    error = line[0] + line[1] * x - y
    return np.array([2 * error.mean(), 2 * (error * x).mean()])


def descend(x: Array, y: Array, start: Array, rate: float, steps: int) -> Array:
    """Gradient descent: ``rate`` times the gradient downhill at each step; (steps + 1, 2)."""
    path = [np.asarray(start, dtype=float)]
    for _ in range(steps):
        path.append(path[-1] - rate * line_gradient(x, y, path[-1]))
    return np.array(path)


def principal_axes(covariance: Array) -> tuple[Array, Array]:
    """Variance along each principal axis, largest first, and the axes, one a column."""
    variances, axes = np.linalg.eigh(covariance)
    variances, axes = variances[::-1], axes[:, ::-1]
    # An axis has no front: let its largest part point up, so that it is the same everywhere.
    largest = axes[np.abs(axes).argmax(axis=0), np.arange(len(axes))]
    return variances, axes * np.sign(largest)


def draw_arrow(axes: Axes, tip: Array, colour: str, label: str) -> None:
    """An arrow from the origin."""
    units: dict[str, Any] = {"angles": "xy", "scale_units": "xy", "scale": 1}
    axes.quiver(0, 0, *tip, color=colour, label=label, width=0.012, zorder=3, **units)


# Statistics


def draw_quantiles(axes: Axes, values: Array, distribution: Any) -> None:
    """QQ plot of the percentiles: on the line where the values are as the distribution has them."""
    shares = np.arange(0.01, 1, 0.01)
    expected, seen = distribution.ppf(shares), np.quantile(values, shares)
    axes.plot(expected, seen, ".", color=BLUE)
    ends = [min(expected[0], seen[0]), max(expected[-1], seen[-1])]
    axes.plot(ends, ends, color=ORANGE, lw=1)


def draw_counts(axes: Axes, counts: Array, distribution: Any, label: str) -> float:
    """Shares of whole numbers beside those of a distribution; returns the largest gap."""
    places = np.arange(counts.min(), counts.max() + 1)
    seen = np.array([(counts == place).mean() for place in places])
    expected = distribution.pmf(places)
    axes.bar(places, seen, color=BLUE, alpha=0.6, label="seen")
    axes.plot(places, expected, "o-", color=ORANGE, ms=4, lw=1, label=label)
    return float(np.abs(seen - expected).max())


def t_intervals(samples: Array) -> tuple[Array, Array]:
    """95% interval of the mean of each sample (one a row), by Student's t."""
    rows = samples.shape[-1]
    reach = stats.t.ppf((1 + LEVEL) / 2, rows - 1) * samples.std(axis=-1, ddof=1) / np.sqrt(rows)
    return samples.mean(axis=-1) - reach, samples.mean(axis=-1) + reach


def bootstrap_intervals(samples: Array, seed: int) -> tuple[Array, Array]:
    """95% percentile bootstrap interval of the mean of each sample (one a row)."""
    rows = samples.shape[-1]
    means = np.hstack([samples @ drawn.T / rows for drawn in bootstrap_weights(rows, seed)])
    low, high = np.percentile(means, [50 * (1 - LEVEL), 50 * (1 + LEVEL)], axis=-1)
    return low, high


def coverage(values: Array, rows: int, runs: int, seed: int) -> dict[str, float]:
    """How often an interval from ``rows`` drawn values holds the mean of all ``values``."""
    samples = np.random.default_rng(seed).choice(values, (runs, rows))
    found = {"t": t_intervals(samples), "bootstrap": bootstrap_intervals(samples, seed)}
    return {
        name: float(((low <= values.mean()) & (values.mean() <= high)).mean())
        for name, (low, high) in found.items()
    }


def shuffled_differences(values: Array, first: int, runs: int, seed: int) -> Array:
    """Differences of means (second less first group) when chance alone deals out the groups."""
    rng, rest = np.random.default_rng(seed), len(values) - first
    sums = np.array([rng.permutation(values)[:first].sum() for _ in range(runs)])
    return (values.sum() - sums) / rest - sums / first


def p_values_without_effect(values: Array, rows: int, runs: int, seed: int) -> Array:
    """P-values of Welch's t-test between two groups of ``rows`` that come from one source."""
    one, other = np.random.default_rng(seed).choice(values, (2, runs, rows))
    return stats.ttest_ind(one, other, axis=1, equal_var=False).pvalue


def false_alarms(p: Array, alpha: float) -> tuple[float, float]:
    """Share of families (one a row) with any p below ``alpha``, and with any left by Holm."""
    corrected = [holm(family, alpha)[0].any() for family in p]
    return float((p < alpha).any(axis=1).mean()), float(np.mean(corrected))


def spread_alarms(rows: tuple[int, int], ratio: float, alpha: float, seed: int) -> dict[str, float]:
    """False alarms of both t-tests when the first group's spread is ``ratio`` times the other's."""
    rng = np.random.default_rng(seed)
    one, other = rng.normal(0, ratio, (4_000, rows[0])), rng.normal(0, 1, (4_000, rows[1]))
    kinds = {"Student": True, "Welch": False}
    return {
        name: float((stats.ttest_ind(one, other, axis=1, equal_var=equal).pvalue < alpha).mean())
        for name, equal in kinds.items()
    }


def effect_by_rows(one: Array, other: Array, seed: int) -> pd.DataFrame:
    """P of Welch's t-test and Cohen's d with its interval, on more and more rows of two groups."""
    rng, found = np.random.default_rng(seed), []
    one, other = rng.permutation(one), rng.permutation(other)
    for share in np.geomspace(max(0.01, 20 / (len(one) + len(other))), 1, 8):
        parts = [part[: max(8, round(share * len(part)))] for part in (one, other)]
        d = _d_interval(np.concatenate(parts), len(parts[0]), seed)
        p = stats.ttest_ind(*parts, equal_var=False).pvalue
        found.append({"rows": sum(map(len, parts)), "p": p, **asdict(d)})
    return pd.DataFrame(found)


def _d_interval(values: Array, first: int, seed: int) -> Estimate:
    member = np.repeat(np.eye(2), [first, len(values) - first], axis=0)
    found = intervals(lambda weights: {"d": cohens_d(weights, values, member)}, len(values), seed)
    return found["d"]


def simulated_power(d: float, rows: int, alpha: float, seed: int) -> float:
    """How often a difference of ``d`` standard deviations is found with ``rows`` in each group."""
    one, other = np.random.default_rng(seed).normal(size=(2, 2_000, rows))
    return float((stats.ttest_ind(one, other + d, axis=1).pvalue < alpha).mean())


# Models


def what_changes(model: Pipeline, X: pd.DataFrame) -> pd.DataFrame:
    """How far a linear prediction moves with each feature while the others stay, largest first.

    A number moves up by a standard deviation, a category from its lowest value to its highest of
    those that are not rare. A classifier moves in log-odds of its second class.
    """
    predict, rows = getattr(model, "decision_function", model.predict), []
    for name, column in X.items():
        values = _tried(column)
        # The model is linear, so any row will do for the features that stay.
        moved = predict(pd.concat([X.iloc[[0]]] * len(values)).assign(**{str(name): values}))
        number = pd.api.types.is_numeric_dtype(column)
        low, high = (0, 1) if number else (moved.argmin(), moved.argmax())
        rows.append((name, values[low], values[high], moved[high] - moved[low]))
    found = pd.DataFrame(rows, columns=["feature", "from", "to", "change"]).set_index("feature")
    return found.sort_values("change", key=np.abs, ascending=False, kind="stable")


def _tried(column: pd.Series) -> list[Any]:
    if pd.api.types.is_numeric_dtype(column):
        return [column.mean(), column.mean() + column.std(ddof=0)]
    shares = column.value_counts(normalize=True)
    return list(shares[shares >= min(RARE, shares.max())].index)


def draw_scores(axes: Axes, settings: Any, learnt: Array, unseen: Array) -> None:
    """Mean score of all folds on rows that were learnt and on rows that were not."""
    axes.plot(settings, learnt.mean(axis=1), "o-", color=ORANGE, label="rows it has learnt")
    axes.plot(settings, unseen.mean(axis=1), "o-", color=BLUE, label="rows it has not seen")
    best = int(unseen.mean(axis=1).argmax())
    axes.axvline(settings[best], color=GREEN, ls="--", lw=1, label=f"best: {settings[best]}")
    axes.legend(fontsize=8)
