# %% [markdown]
# # A first look at the customers
#
# Who are they, who left, and what distinguishes the two? Each picture is followed by the question
# it can answer. Only training customers are shown: whoever looks at the test customers starts to
# choose what suits them.

# %%
from churn.kit.charts import start

# %matplotlib inline
paths = start()

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from scipy.stats import binomtest
from scipy.stats.contingency import association

from churn.data import read_processed

data, info = read_processed(paths)
train, left = data.train, data.train[info.target].rename("left")
print("SYNTHETIC SAMPLE: made up by this project" if info.synthetic else f"data set: {info.name}")
train.head().astype(dict.fromkeys(info.numeric, str))  # with the digits that the file has

# %% [markdown]
# ## What is in the columns
#
# **Read it:** one line per feature. `missing` is a share; a category `(missing)` is one, too.
#
# **Ask:** which value would you not believe? What is missing, and for whom?

# %%
features = train[info.features]
missing = features.isna() | features.eq("(missing)")
pd.DataFrame(
    {
        "kind": ["number" if name in info.numeric else "category" for name in info.features],
        "values": train[info.features].nunique().to_numpy(),
        "missing": missing.mean().to_numpy(),
        "example": [str(train[name].mode().iloc[0]) for name in info.features],
    },
    index=info.features,
)

# %% [markdown]
# ## How many left
#
# **Ask:** how often would somebody be right who always says "stays"? Why is accuracy a bad guide
# here?

# %%
print(f"{left.mean():.1%} of {len(train):,} customers left")

# %% [markdown]
# ## Which features go with churn
#
# **Read it:** Cramér's V is 0 where the churn rate differs no more between groups than by chance, 1
# where the group decides. What chance alone would give is taken off (Bergsma 2013): a feature of
# many groups has more of it. Numbers are cut into five groups of about equal size, so that one
# measure serves all. It looks at one feature at a time; neighbours may be alike.
#
# **Ask:** which of the strongest could a company change? Which are two names for one thing?


# %%
def grouped(name: str) -> pd.Series:
    if name not in info.numeric or train[name].nunique() <= 5:
        return train[name]
    parts = pd.qcut(train[name], 5, duplicates="drop")
    ends = [float(str(np.float32(part.right))) for part in parts.cat.categories]  # as in the file
    return parts.cat.rename_categories([f"up to {end:,.12g}" for end in ends])


def cramers_v(name: str) -> float:
    table = pd.crosstab(grouped(name), left)
    if min(table.shape) < 2:
        return 0.0
    chance = (len(table) - 1) / (table.to_numpy().sum() - 1)
    return max(0.0, association(table) ** 2 - chance) ** 0.5


strength = pd.Series({name: cramers_v(name) for name in info.features})
strength = strength.sort_values(ascending=False, kind="stable")
fig, axes = plt.subplots(figsize=(7, 1 + 0.3 * len(strength)))
sns.barplot(x=strength, y=strength.index, ax=axes)
axes.set(xlabel="association with churn (Cramér's V)", ylabel="", title="What goes with churn")
plt.show()

# %% [markdown]
# ## Churn rate by category
#
# **Read it:** a dot is the churn rate of a group, the bar its 95% interval (Wilson): the smaller
# the group, the wider. Dashed: all customers. The categories highest above, at most four, and of
# each at most eight groups, those of 20 customers or more in which most left.
#
# **Ask:** where do the bars overlap, and what may you not say then?

# %%
shown = [name for name in strength.index if name in info.categorical][:4]
fig, grid = plt.subplots(2, 2, figsize=(10, 6))
for axes, name in zip(grid.flat, shown, strict=False):
    groups = left.groupby(train[name]).agg(["sum", "size"])
    groups = groups[groups["size"] >= 20].sort_values("sum").tail(8)
    for place, (hits, size) in enumerate(groups.to_numpy()):
        low, high = binomtest(int(hits), int(size)).proportion_ci(method="wilson")
        axes.plot([low, high], [place, place], color="C3", lw=3)
        axes.plot(hits / size, place, "o", color="C0")
    axes.axvline(left.mean(), color="grey", ls="--")
    axes.set_yticks(range(len(groups)), [str(value)[:24] for value in groups.index])
    axes.set(title=name, xlabel="share that left")
plt.show()

# %% [markdown]
# ## Numbers of leavers and stayers
#
# **Read it:** both areas are of the same size, so the shapes can be compared although one group
# is smaller. **Ask:** from which value on does one colour win? Is the step sharp or smooth?

# %%
numbers = [name for name in strength.index if name in info.numeric][:3]
fig, grid = plt.subplots(1, max(len(numbers), 1), figsize=(11, 3.4), squeeze=False)
for axes, name in zip(grid.flat, numbers, strict=False):
    sns.histplot(
        x=train[name], hue=left, stat="density", common_norm=False, bins=24, element="step", ax=axes
    )
plt.show()

# %% [markdown]
# ## Which numbers say the same, and what is far out
#
# **Read it:** Spearman's rank correlation on the left: 1 or -1 means that one column nearly
# replaces the other. On the right, dots lie further out than one and a half times the box.
#
# **Ask:** is a far value an error, or a customer worth knowing?

# %%
fig, (axes, boxes) = plt.subplots(1, 2, figsize=(11, 4))
correlation = train[[*info.numeric, info.target]].corr(method="spearman")
sns.heatmap(correlation, annot=True, fmt=".2f", vmin=-1, vmax=1, cmap="RdBu_r", ax=axes)
scaled = train[info.numeric].apply(lambda column: (column - column.median()) / column.std())
sns.boxplot(data=scaled, orient="h", ax=boxes)
boxes.set(xlabel="standard deviations from the median")
plt.show()

# %% [markdown]
# ## The two strongest together
#
# **Read it:** the churn rate in each cell of 20 customers or more. If the two simply added up, every
# column would show the same pattern. **Ask:** where does one feature matter only because of the other? A linear model
# cannot see that, trees can.

# %%
first, second = (*strength.index, *strength.index)[:2]
rates = left.groupby([grouped(first), grouped(second)], observed=True).agg(["mean", "size"])
table = rates["mean"].where(rates["size"] >= 20).unstack()
fig, axes = plt.subplots(figsize=(8, 1.5 + 0.5 * len(table)))
sns.heatmap(table, annot=True, fmt=".0%", cmap="Blues", ax=axes)
axes.set(xlabel=second, ylabel=first, title="Share that left")
plt.show()
