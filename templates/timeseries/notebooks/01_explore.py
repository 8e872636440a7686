# %% [markdown]
# # A first look at the series
#
# What is in them: trend, season, noise? And what must be taken out before a model can count on the
# past being like the future? Each picture is followed by the question it can answer. Only what
# lies before the window kept for the end is shown: whoever looks at that window starts to choose
# models that suit it.

# %%
from demand.kit.charts import short, start

# %matplotlib inline
paths = start()

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from statsmodels.graphics.tsaplots import plot_acf, plot_pacf

from demand.backtest import origins
from demand.data import read_processed
from demand.stationarity import MEANING, decompose, judge

panel, info = read_processed(paths)
season, last = info.season_length, origins(panel.series["ds"], info.horizon, 1)[-1]
history = panel.series[panel.series["ds"] <= last]
largest = history.groupby("unique_id")["y"].mean().idxmax()
one = history[history["unique_id"] == largest].set_index("ds")["y"]
print("SYNTHETIC SAMPLE: made up by this project" if info.synthetic else f"data set: {info.name}")
history.groupby("unique_id")["y"].describe().sort_values("mean", ascending=False).head(10).round(1)

# %% [markdown]
# ## Gaps and zeros
#
# **Read it:** how many dates each series has, how many were filled in, and how often nothing was
# asked for. A percentage error cannot be divided by 0; MASE divides by the usual error of the
# seasonal naive forecast instead.
#
# **Ask:** is a zero a day without customers, or a day without stock? The data cannot say.

# %%
rule = f" by the rule {info.fill!r}" if info.filled else ""
print(f"{info.series:,} series, {info.filled:,} values filled in{rule}")
zeros = history.groupby("unique_id")["y"].agg(
    steps="size", without_demand=lambda y: (y == 0).mean()
)
zeros.sort_values("without_demand", ascending=False).head(10).round(3)

# %% [markdown]
# ## Taken apart
#
# The series with the most demand, by STL: a trend that moves slowly, a season that repeats, and the
# rest, where promotions, holidays and chance are left. The strengths go from 0 (none) to 1 (all
# that the other parts leave).
#
# **Ask:** does the level move, at once or slowly? Which odd days in the rest are chance, and which
# could have been known before?

# %%
parts = decompose(one.to_numpy(), season)
if parts is not None:
    print(f"over {len(one) // season} seasons, strength of trend {parts.trend_strength:.2f}, "
          f"of season {parts.season_strength:.2f}")
    table = pd.DataFrame(
        {"demand": one, "trend": parts.trend, "season": parts.season, "rest": parts.rest}
    )
    table.plot(subplots=True, figsize=(9, 6), legend=False, title=list(table), lw=0.9)
    plt.show()
else:
    print("too short to be taken apart")

# %% [markdown]
# ## When demand is high, and when low
#
# **Read it:** demand at each place in the season and in each month, 1 being the series' own mean; a
# dot is the mean, the bar holds the middle half of all values. It is no interval of the mean:
# neighbouring values are alike, so many of them say little more than few. **Ask:** is the yearly
# pattern a season, or growth that a short history cannot tell from one?

# %%
relative = history.assign(
    demand=history["y"] / history.groupby("unique_id")["y"].transform("mean"),
    month=history["ds"].dt.month,
    place=history["ds"].dt.dayofweek
    if (info.freq, season) == ("D", 7)
    else history.groupby("unique_id").cumcount() % season,
)
fig, grid = plt.subplots(1, 2, figsize=(11, 3.6), sharey=True)
for axes, name in zip(grid, ("place", "month"), strict=True):
    sns.pointplot(relative, x=name, y="demand", errorbar=("pi", 50), ax=axes)
    axes.set_xlabel("weekday, 0 is Monday" if name == "place" and season == 7 else name)
plt.show()

# %% [markdown]
# ## Does the level stay?
#
# ADF assumes a unit root until the data speak against it, KPSS a fixed level: two opposite
# questions. KPSS's p ends at 0.01 and 0.1, as its table does. **Ask:** where do both tests reject, and what would a plot of that series show?

# %%
verdicts = {}
for name, y in list(history.groupby("unique_id")["y"])[:: -(-info.series // 12)]:
    values = y.to_numpy(float)
    verdicts[short(name)] = vars(judge(values))
found = pd.DataFrame(verdicts).T
for verdict in found["verdict"].unique():
    print(f"{verdict}: {MEANING[verdict]}")
found

# %% [markdown]
# ## How a series goes with its own past
#
# **Read it:** where nothing is there, a bar lies outside the band once in twenty. Bars that fade slowly ask for a
# difference; bars at one season and its multiples for seasonal terms. Below: after one seasonal
# and one plain difference. **Ask:** which lags would you give to a model?

# %%
fig, grid = plt.subplots(2, 2, figsize=(10, 5.5))
changes = one.diff(season).diff().dropna()
for row, (values, label) in zip(grid, ((one, "before"), (changes, "after")), strict=True):
    lags = int(np.clip(3 * season, 12, len(values) // 2 - 1))
    plot_acf(values, ax=row[0], lags=lags, title=f"autocorrelation, {label} differencing")
    plot_pacf(values, ax=row[1], lags=lags, title=f"partial, {label} differencing", method="ywm")
plt.show()
