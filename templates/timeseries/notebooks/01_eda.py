# %% [markdown]
# # Demand Forecasting: a first look at the data
#
# What is in the series: trend, season, noise? And what has to be taken out before a model can
# count on the past being like the future? Below each plot stands what it shows, computed from the
# data at hand: with another data set in `config.yaml` the sentences change with the plots.

# %%
from demand.notebook import start

# %matplotlib inline
paths = start()

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import Markdown, display
from statsmodels.tsa.stattools import acf

# %%
from demand import eda
from demand.charts import short
from demand.data import read_processed
from demand.decompose import decompose
from demand.explain import draw_decomposition, series_values
from demand.markdown import amount, code, table
from demand.stationarity import judge
from demand.wording import MEANING, known, p_value, series, step_name

# %% [markdown]
# ## The data
#
# Only what lies before the last window is shown: whoever looks at that window starts to choose
# models that suit it, and the final score is no longer honest.

# %%
panel, info = read_processed(paths)
facts, season, step = info.__dict__, info.season_length, step_name(info.__dict__)
past = eda.before_test(panel, info)
history, values = past.series, series_values(past)
note = " (synthetic sample)" if info.synthetic else ""
largest = max(values, key=lambda name: values[name].mean())
dates = history.loc[history["unique_id"] == largest, "ds"]

origin = "**made up by this project: a synthetic sample**" if info.synthetic else "read from a file"
display(
    Markdown(
        f"The data set {code(info.name)} is {origin}: {series(info.series)}, one value for each "
        f"{step}. Known of the time ahead: {known(facts)}."
    )
)
eda.overview(info).to_frame("all data")

# %% [markdown]
# ## Kinds of demand
#
# Demand can come at every step or seldom, and evenly or in lumps (Syntetos, Boylan & Croston
# 2005). What is seldom asked for cannot be forecast to the unit: there the mean and the width of
# the intervals count.

# %%
kinds = eda.kinds(history)
display(kinds.round(2))

usual = kinds["series"].idxmax()
quiet = (history["y"] == 0).mean()
display(
    Markdown(
        f"The most common kind is {usual} demand ({kinds['series'].max():,} of {info.series:,} "
        f"series); {quiet:.0%} of all values are 0. A percentage error cannot be divided by 0, "
        "so MASE divides by the error of the seasonal naive forecast instead."
    )
)

# %% [markdown]
# ## Demand over time, and its parts
#
# The series with the most demand. STL takes it apart: a trend that moves slowly, a season that
# repeats, and the rest, where promotions, holidays and chance are left.

# %%
fig, axes = plt.subplots(figsize=(9, 3.4), layout="constrained")
eda.draw_line(axes, dates, values[largest], "units")
axes.set_title(f"{short(largest)}: demand, and its mean over a while{note}")
axes.legend()
plt.show()

# %%
parts = decompose(values[largest], season)
if parts is None:
    display(Markdown("The series are too short to be taken apart."))
else:
    fig = plt.figure(layout="constrained")
    draw_decomposition(fig, largest, dates, parts, 16 * season, note)
    plt.show()
    size = np.abs(parts.season).mean()
    display(
        Markdown(
            f"The trend moves between {amount(parts.trend.min())} and {amount(parts.trend.max())} "
            f"units; the season adds or takes {amount(size)} on average, the rest "
            f"{amount(np.abs(parts.rest).mean())}. The strengths go from 0 (none) to 1 (all "
            "variation that the other parts leave)."
        )
    )

# %% [markdown]
# ## Seasonality
#
# Mean demand at each place in the season, and in each month where there are about two years or
# more. A box holds the middle half of the series, each divided by its own mean, so that large and
# small ones count alike.

# %%
groups = {"place in the season": eda.places(history["ds"], info)} if season > 1 else {}
span, months = history["ds"].max() - history["ds"].min(), history["ds"].dt.month.nunique()
if span.days > 600 and months > 1 and season != 12:
    groups["month"] = eda.named(history["ds"], *eda.MONTHS)
found = {name: eda.profiles(history, each) for name, each in groups.items()}
if found:
    fig, grid = plt.subplots(
        1, len(found), figsize=(5.5 * len(found), 4), layout="constrained", squeeze=False
    )
    for axes, (name, profile) in zip(grid[0], found.items()):
        eda.draw_profiles(axes, profile)
        axes.set_title(f"by {name}")
    fig.suptitle(f"When demand is high, and when low{note}", x=0.01, ha="left", weight="bold")
    plt.show()

lines = []
for name, profile in found.items():
    medians = profile.median()
    lines.append(
        f"By {name}, the median series is highest at {medians.idxmax()} ({medians.max():.2f} times "
        f"its mean) and lowest at {medians.idxmin()} ({medians.min():.2f})."
    )
display(Markdown(" ".join(lines) or "There is no season."))

# %% [markdown]
# ## What is known in advance
#
# Columns known for the time ahead, such as holidays, planned prices or promotions. Where one has
# two values, demand with the higher is compared with demand with the lower; where it has more, the
# correlation with demand is shown. Neither says what causes what.

# %%
rows = []
for column in info.known:
    if history[column].nunique() == 2:
        means = eda.profiles(history, history[column])
        ratio = (means.iloc[:, -1] / means.iloc[:, 0]).replace(np.inf, np.nan).median()
        shown = f"{ratio:.2f} times as high" if np.isfinite(ratio) else "not known"
        rows.append([code(column), f"demand is {shown}"])
    else:
        ranked = history[["y", column]].groupby(history["unique_id"]).rank()
        found = [own["y"].corr(own[column]) for _, own in ranked.groupby(history["unique_id"])]
        known_ones = [value for value in found if np.isfinite(value)]
        shown = f"{np.median(known_ones):+.2f}" if known_ones else "none: it never moves"
        rows.append([code(column), f"rank correlation {shown}"])
if rows:
    display(Markdown(table(["Column", "In the median series"], rows)))
else:
    display(Markdown("Nothing but the calendar is known in advance."))

# %% [markdown]
# ## Is the past like the future? ADF and KPSS
#
# A series is stationary if its level and spread stay the same. Two tests ask from opposite sides:
# ADF assumes a unit root (a level that wanders off) until the data speak against it, KPSS assumes a
# fixed level. Not rejecting is no proof, so only both together say something.

# %%
places = np.unique(np.linspace(0, len(values) - 1, 5).round().astype(int))
picked = sorted({largest, *(list(values)[place] for place in places)})
verdicts = {name: judge(values[name], season, decompose(values[name], season)) for name in picked}
rows = [
    [
        code(name),
        p_value(v.adf_p),
        p_value(v.kpss_p),
        v.verdict,
        str(v.differences),
        str(v.seasonal_differences),
    ]
    for name, v in verdicts.items()
]
header = ["Series", "p of ADF", "p of KPSS", "Verdict", "Differences", "Seasonal ones first"]
display(Markdown(table(header, rows)))

counts = pd.Series([v.verdict for v in verdicts.values()]).value_counts()
display(
    Markdown(
        "\n".join(
            f"- **{name}** ({count} of {len(picked)}): {MEANING[name]}"
            for name, count in counts.items()
        )
    )
)

# %% [markdown]
# ## Differencing, before and after
#
# Where the level wanders, models of the ARIMA family work on differences from one step to the
# next; where the season is strong, on differences from one season to the next.

# %%
needed = {name: (v.differences, v.seasonal_differences) for name, v in verdicts.items()}
name = max(needed, key=lambda each: (*needed[each], values[each].mean()))
verdict, before = verdicts[name], values[name]
plain, seasonal = verdict.differences, verdict.seasonal_differences
if plain + seasonal == 0:
    plain = 1
after = eda.differenced(before, plain, seasonal, season)
moments = history.loc[history["unique_id"] == name, "ds"]
fig, rows_of_axes = plt.subplots(2, 1, figsize=(9, 5.5), sharex=True, layout="constrained")
eda.draw_line(rows_of_axes[0], moments, before, "units")
eda.draw_line(rows_of_axes[1], moments, after, "change, units")
rows_of_axes[0].set_title(f"{short(name)}: before, and after differencing{note}")
rows_of_axes[0].legend()
plt.show()

later = judge(after, 1, None)
words = (
    f"needs {plain} plain and {seasonal} seasonal difference(s)"
    if verdict.differences + verdict.seasonal_differences
    else "needs no difference; one is taken all the same, to see what it does"
)
tests = ""
if verdict.kpss_p is not None and later.kpss_p is not None:
    tests = (
        f" The p-value of KPSS goes from {p_value(verdict.kpss_p)} to {p_value(later.kpss_p)} (its "
        f"table ends at 0.01 and 0.1), that of ADF from {p_value(verdict.adf_p)} to "
        f"{p_value(later.adf_p)}."
    )
display(
    Markdown(
        f"{code(name)} {words}.{tests} The standard deviation goes from {amount(before.std())} to "
        f"{amount(after.std())} units: where it rises, differencing put noise in."
    )
)

# %% [markdown]
# ## ACF and PACF
#
# How a value goes together with those before it (autocorrelation), and what each lag adds to the
# shorter ones (partial). Peaks at one season and its multiples ask for seasonal terms; bars that
# fade slowly ask for a difference; a single negative bar at lag 1 after differencing hints at one
# difference too many.

# %%
fig, grid = plt.subplots(2, 2, figsize=(10, 5.5), layout="constrained")
for pair, shown, label in zip(grid, (before, after), ("before differencing", "after")):
    if np.ptp(shown) > 0:
        eda.draw_correlations(pair, shown, season)
    pair[0].set_title(f"{short(name)}, {label}{note}")
plt.show()

lines = []
for shown, label in ((before, "Before"), (after, "After")):
    if np.ptp(shown) > 0:
        found = acf(shown, nlags=season)
        at_season = f" and {found[season]:+.2f} at lag {season}, one season" if season > 1 else ""
        lines.append(f"{label}, the autocorrelation is {found[1]:+.2f} at lag 1{at_season}.")
display(Markdown(" ".join(lines)))

# %% [markdown]
# ## What this means for the models
#
# - The seasonal naive forecast is the baseline: a model must clearly beat it to be worth its
#   upkeep.
# - Levels may move: so models difference, or look at recent values, and are compared on several
#   windows, not on one.
# - What is known in advance is worth more than the past where it moves demand: a model that can
#   use it sees what the history of a series alone cannot show.
# - Chance is large where demand is small: so forecasts come with intervals, and orders are made
#   from these, not from the mean.
