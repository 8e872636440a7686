# %% [markdown]
# # Seven plots, and how to read them
#
# The type of a column decides how it is drawn: one number, its distribution; two numbers, dots; a
# number and a category, one summary each; a number and a date, a line. Say your own sentence about
# each picture before you read on.

# %%
from analysis.kit.charts import BLUE, GREEN, GREY, ORANGE, short, start

# %matplotlib inline
paths = start()

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from scipy import stats

from analysis.data import whole
from analysis.figures import few_ticks
from analysis.hypotheses import MIN_ROWS, counted, enough_rows, robust_means, rows_together
from analysis.roles import as_number, as_numbers

table, info = whole(paths)
outcome = as_number(table[info.outcome]).rename(short(info.outcome))
numbers = as_numbers(table, info)
# A group of few rows says too little to be looked at.
large = {name: table[name].value_counts() >= MIN_ROWS for name in [*info.groups, *info.categorical]}
categories = [name for name, enough in large.items() if enough.any() and name != info.outcome]
group = table[categories[0]] if categories else pd.Series("all rows", table.index, name="all")
small = [] if not categories else large[group.name].index[~large[group.name]]
group = group.mask(group.isin(small))
print(f"data set: {info.name}{info.note}")
print(f"{info.rows:,} {info.rows_are}; the pictures are about {outcome.name}")
if len(small):
    print(f"fewer than {MIN_ROWS} rows, so not drawn as groups of {group.name}:", *small)
if not info.outcome_is_number:
    print("It is a category: 1 stands for its rarest value, 0 for all others.")

# %% [markdown]
# ## 1. Histogram: how often does each value occur?
#
# Look for the middle, the width, the longer tail, for two humps. The number of bars is a choice: few
# hide humps, many show noise.

# %%
fig, pair = plt.subplots(1, 2, figsize=(9, 3), sharex=True)
for axes, bars in zip(pair, (8, 80)):
    axes.hist(outcome.dropna(), bins=bars, color=BLUE, alpha=0.7)
    axes.axvline(outcome.mean(), color=ORANGE, label="mean")
    axes.axvline(outcome.median(), color=GREEN, ls="--", label="median")
    axes.set(xlabel=outcome.name, title=f"{bars} bars{info.note}")
    few_ticks(axes.xaxis)
pair[0].legend()
plt.show()

# %% [markdown]
# ## 2. Box plot: what is unusual among its like?
#
# The box holds the middle half, dots lie further out than one and a half boxes (Tukey). Dots are
# unusual, not wrong, and a box does not say how many rows it stands for.

# %%
order = group.value_counts().index[:8]
fig, axes = plt.subplots(figsize=(8, 3.4))
sns.boxplot(x=outcome, y=group, order=order, color=BLUE, fliersize=2, ax=axes)
axes.set(title=f"{outcome.name} by {short(group.name)}{info.note}", ylabel="")
few_ticks(axes.xaxis)
plt.show()

# %% [markdown]
# ## 3. Skew: is a logarithm the better ruler?
#
# Skewness is 0 for a symmetric column and positive for a long tail to the right. A logarithm turns
# "so many times larger" into "so much more".

# %%
skews = pd.DataFrame(
    {"as it is": numbers.skew(), "after log(1 + x)": np.log1p(numbers.clip(lower=0)).skew()}
)
skews.sort_values("as it is", key=abs, ascending=False).head(8).round(2)

# %% [markdown]
# ## 4. Heat map: what moves together?
#
# Spearman's correlation compares orders: 1 when both rise together, -1 when one falls as the other
# rises. A U-shape is near 0 and no coincidence; of 100 pairs of random columns about 5 look
# "significant"; and what moves together need not cause each other.

# %%
closeness = numbers.corrwith(outcome[numbers.index], method="spearman").abs()
near = closeness.sort_values(ascending=False).index[:8]
fig, axes = plt.subplots(figsize=(7, 4.6))
matrix = numbers[near].corr(method="spearman").rename(index=short, columns=short)
sns.heatmap(matrix, annot=True, fmt=".2f", cmap="coolwarm", vmin=-1, vmax=1, ax=axes)
axes.set_title(f"Spearman's correlation{info.note}")
plt.show()

# %% [markdown]
# ## 5. Pair plot: the same, drawn
#
# Look for bends, fans (the spread grows), stripes (whole numbers) and colours that keep apart. Dots
# cover dots, so only some rows are drawn.

# %%
some = numbers[near[:3]].rename(columns=short).iloc[:: max(1, len(numbers) // 400)]
colour = group[some.index].where(group.isin(order[:4])).rename("colour")
with plt.rc_context({"figure.constrained_layout.use": False}):  # seaborn lays it out itself
    rows = some.assign(colour=colour.to_numpy())
    grid = sns.pairplot(rows, hue="colour", diag_kind="hist", height=2)
    for axes in (*grid.axes[-1], *grid.axes[:, 0]):
        few_ticks(axes.xaxis)
        few_ticks(axes.yaxis)
    grid.figure.suptitle(f"Each against each{info.note}", y=1.05)
plt.show()

# %% [markdown]
# ## 6. Line: what happens over time?
#
# Look for a trend, for what returns each week or year, for gaps. An axis that does not begin at 0
# makes mountains of molehills; first and last periods are often incomplete. Without a date, the rows
# are drawn in their order.

# %%
when = table[info.date] if info.date else pd.Series(np.arange(len(table)), table.index)
line = outcome.set_axis(when).dropna()
line = line[line.index.notna()].sort_index()
step = max(1, len(line) // 30)
fig, axes = plt.subplots(figsize=(8, 3))
axes.plot(line.index, line.rolling(step).mean(), color=GREY, label=f"mean of {step} rows")
axes.plot(line.index, line.rolling(4 * step).mean(), color=BLUE, label=f"of {4 * step}")
order_of = "over time" if info.date else "in the order of the rows"
axes.set(title=f"{outcome.name} {order_of}{info.note}", ylabel=outcome.name)
few_ticks(axes.yaxis)
axes.legend()
plt.show()

# %% [markdown]
# ## 7. Means with intervals: do groups differ?
#
# Of 100 such samples about 95 would draw a bar that holds the true mean, if no row tells of another.
# Where rows of one customer, day or month may be alike, wide grey bars count these together, as README
# does: believe them, and not the blue ones. Bars that overlap a little can still differ: the interval of the *difference* decides (notebook 04). And groups may differ in
# something else that makes the difference.

# %%
summary = outcome.groupby(group).agg(["count", "mean", "sem"]).loc[lambda part: part["count"] > 1]
summary = summary.sort_values("mean").tail(10)
reach = summary["sem"] * stats.t.ppf(0.975, summary["count"] - 1)
fig, axes = plt.subplots(figsize=(8, 3))
axes.errorbar(summary["mean"], summary.index.map(short), xerr=reach, fmt="o", color=BLUE, capsize=3)
known = enough_rows(table, info, group.name, info.outcome)[0] if categories else table[:0]
if len(known) and (together := rows_together(known, info, group.name, info.outcome)):
    fit = robust_means(as_number(known[info.outcome]), known[group.name], together)
    spans = pd.DataFrame(fit.spans, sorted(known[group.name].unique())).reindex(summary.index)
    label = f"{counted(together.by, together.count)} compared"
    axes.hlines(summary.index.map(short), spans[0], spans[1], color=GREY, lw=8, alpha=0.5, label=label)
    axes.legend()
axes.set(title=f"Mean {outcome.name} by {short(group.name)}{info.note}", xlabel=outcome.name)
few_ticks(axes.xaxis)
plt.show()

# %% [markdown]
# *Try it:* make another column the first `group` in `config.yaml`, run `analysis all` and look
# again. Whoever draws seven plots looks at dozens of comparisons, and some stand out by chance: a
# plot finds a question, a test says whether the answer holds.
