"""What the first notebook shows: groups of customers, their churn rates, and plots of them."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from scipy.stats import chi2_contingency

from .charts import BLUE, GREY, ORANGE, short
from .config import MISSING
from .data import DatasetInfo

OTHER = "(other)"
CATEGORIES = 8  # the most frequent ones; all others are one group
GROUPS = 5  # of a number's values, about equally large
MIN_CUSTOMERS = 20  # a rate over fewer says too little to be shown
Z = 1.96  # 95% of a normal distribution lie within so many standard deviations
BARS = 24


def overview(table: pd.DataFrame, info: DatasetInfo) -> pd.DataFrame:
    """One row per feature: its type, missing and different values, and what is typical."""
    rows = {}
    unknown = missing(table[info.features])
    for name in info.features:
        known = table[name][~unknown[name]]
        rows[name] = {
            "type": "number" if name in info.numeric else "category",
            "missing": f"{1 - len(known) / len(table):.1%}",
            "different values": known.nunique(),
            "typical": _typical(known, name in info.numeric),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def missing(table: pd.DataFrame) -> pd.DataFrame:
    """Whether each value is missing."""
    return table.isna() | (table == MISSING)


def grouped(column: pd.Series) -> pd.Series:
    """Put values into a few ordered groups: ranges of a number, or the frequent categories."""
    if column.dtype.kind == "f":
        groups = _ranges(column)
        order = list(groups[column.sort_values().index].dropna().unique())
        groups = groups.where(column.notna(), MISSING)
    else:
        order = list(column[column != MISSING].value_counts().index[:CATEGORIES])
        groups = column.where(column.isin([*order, MISSING]), OTHER)
    order += [name for name in (OTHER, MISSING) if name not in order and (groups == name).any()]
    return groups.astype(pd.CategoricalDtype(order, ordered=True))


def churn_rates(groups: pd.Series, left: pd.Series) -> pd.DataFrame:
    """Customers and churn rate of each group, with Wilson's 95% interval (Wilson 1927)."""
    rates = left.groupby(groups, observed=True).agg(customers="size", rate="mean")
    n, rate = rates["customers"], rates["rate"]
    middle = (rate + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z * np.sqrt(rate * (1 - rate) / n + Z**2 / (4 * n**2)) / (1 + Z**2 / n)
    return rates.assign(low=middle - half, high=middle + half)


def cramers_v(groups: pd.Series, left: pd.Series) -> float:
    """Association of groups with churn, from 0 (none) to 1, free of bias (Bergsma 2013)."""
    counts = pd.crosstab(groups, left).to_numpy()
    n, (rows, columns) = counts.sum(), counts.shape
    if rows < 2 or columns < 2:
        return 0.0
    phi2 = chi2_contingency(counts, correction=False).statistic / n
    phi2 = max(0.0, phi2 - (rows - 1) * (columns - 1) / (n - 1))
    rows -= (rows - 1) ** 2 / (n - 1)
    columns -= (columns - 1) ** 2 / (n - 1)
    return float(np.sqrt(phi2 / (min(rows, columns) - 1)))


def associations(table: pd.DataFrame, info: DatasetInfo) -> pd.Series:
    """Each feature's association with churn, strongest first."""
    left = table[info.target]
    values = {name: cramers_v(grouped(table[name]), left) for name in info.features}
    return pd.Series(values, dtype=float).sort_values(ascending=False, kind="stable")


def written(value: object) -> str:
    """A feature's value as a reader wants it: a short number, or that it is not known."""
    if value is None or value == MISSING or value != value:
        return "not known"
    return f"{value:,.4g}" if isinstance(value, float) else short(value)


def _typical(known: pd.Series, numeric: bool) -> str:
    if known.empty:
        return ""
    if numeric:
        low, middle, high = known.quantile([0.05, 0.5, 0.95])
        return f"{middle:,.4g} (most from {low:,.4g} to {high:,.4g})"
    counts = known.value_counts()
    return f"{short(counts.index[0])} ({counts.iloc[0] / len(known):.0%})"


def _ranges(column: pd.Series) -> pd.Series:
    """Name the range that each number is in by the lowest and highest value in it."""
    codes = column if column.nunique() <= GROUPS else pd.qcut(column, GROUPS, duplicates="drop")
    ends = column.groupby(codes, observed=True).agg(["min", "max"])
    names = {
        code: f"{low:,.4g}" if low == high else f"{low:,.4g} to {high:,.4g}"
        for code, low, high in ends.itertuples()
    }
    return codes.astype(object).map(names)


def draw_shares(axes: Axes, shares: pd.Series, label: str, pattern: str) -> None:
    """A bar for each share, the first on top, with its value written as ``pattern`` says."""
    bars = axes.barh([short(name) for name in shares.index], shares, color=BLUE)
    axes.bar_label(bars, [pattern.format(value) for value in shares], padding=3)
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.set_xlabel(label)


def draw_rates(axes: Axes, rates: pd.DataFrame, overall: float) -> None:
    """A point with its interval for each group, and a line at the overall churn rate."""
    places = np.arange(len(rates))
    reach = np.array([rates["rate"] - rates["low"], rates["high"] - rates["rate"]])
    axes.axvline(overall, color=GREY, ls="--")
    axes.errorbar(rates["rate"], places, xerr=reach, fmt="o", color=BLUE, capsize=3)
    axes.set_yticks(places, [short(name) for name in rates.index])
    axes.set_ylim(len(rates) - 0.5, -0.5)
    axes.xaxis.set_major_formatter("{x:.0%}")
    axes.set_xlabel("churn rate, 95% interval")


def draw_distribution(axes: Axes, column: pd.Series, left: pd.Series) -> None:
    """How often each value occurs among leavers and among stayers; the outer bars hold the rest."""
    known = column.dropna()
    low, high = known.quantile([0.01, 0.99], interpolation="nearest")
    values = known.clip(low, high)
    edges = np.histogram_bin_edges(values, bins=BARS)
    if high - low < BARS and (values % 1 == 0).all():
        edges = np.arange(low, high + 2) - 0.5  # whole numbers get a bar each
        axes.locator_params(axis="x", integer=True)
    for outcome, colour, name in ((0, BLUE, "stayed"), (1, ORANGE, "left")):
        part = values[left[values.index] == outcome]
        weights = np.full(len(part), 1 / max(len(part), 1))
        axes.hist(part, edges.tolist(), weights=weights, color=colour, alpha=0.5, label=name)
    axes.yaxis.set_major_formatter("{x:.0%}")
    axes.set_xlabel(f"{short(column.name)} (units as in the data)")
    axes.set_ylabel("share of customers")
    axes.margins(y=0.25)  # room for the legend
    axes.legend()


def draw_box(axes: Axes, column: pd.Series) -> None:
    """Median, middle half, reach of the fences, and a dot for each value beyond them."""
    axes.boxplot(
        [column.dropna()],
        widths=0.6,
        flierprops={"marker": ".", "alpha": 0.3},
        medianprops={"color": ORANGE, "lw": 2},
    )
    axes.set_xticks([])
    axes.set_ylabel(f"{short(column.name)} (units as in the data)")


def draw_heat_map(
    axes: Axes, values: pd.DataFrame, texts: pd.DataFrame, limits: tuple[float, float], label: str
) -> None:
    """A coloured cell with a text for each value; a value that is not known stays white."""
    cells = values.to_numpy(dtype=float)
    colours = "coolwarm" if limits[0] < 0 else "Blues"
    image = axes.imshow(cells, cmap=colours, vmin=limits[0], vmax=limits[1], aspect="auto")
    for (row, column), text in np.ndenumerate(texts.to_numpy()):
        value = cells[row, column]
        dark = not np.isnan(value) and sum(image.to_rgba(value)[:3]) < 1.6
        colour = "white" if dark else "black"
        axes.text(column, row, text, ha="center", va="center", fontsize=8, color=colour)
    columns, rows = map(short, values.columns), map(short, values.index)
    axes.set_xticks(range(values.shape[1]), list(columns), rotation=30, ha="right")
    axes.set_yticks(range(values.shape[0]), list(rows))
    axes.grid(visible=False)
    axes.figure.colorbar(image, label=label)
