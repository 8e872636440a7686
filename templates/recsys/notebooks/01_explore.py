# %% [markdown]
# # A first look at who likes what
#
# How much is known of whom, and of what? Each picture is followed by the question it can answer.
# Only training interactions are shown: whoever looks at the test slice starts to choose what suits
# it.

# %%
from recommender.kit.charts import start

# %matplotlib inline
paths = start()

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns

from recommender.data import read_processed

data, info = read_processed(paths)
train = data.train
per_user = np.bincount(train["user"], minlength=info.users)
per_item = np.bincount(train["item"], minlength=info.items)
print("SYNTHETIC SAMPLE: made up by this project" if info.synthetic else f"data set: {info.name}")
train.head()

# %% [markdown]
# ## How full the table is
#
# **Read it:** a dot for each interaction of the 150 most active users with the 150 most popular
# items: the fullest corner of the table. All the rest is emptier.
#
# **Ask:** does a white spot mean dislike? What else may it mean?

# %%
filled = len(train) / (info.users * info.items)
print(f"{filled:.2%} of all pairs of a user and an item are known")
ranks = {"user": (-per_user).argsort().argsort(), "item": (-per_item).argsort().argsort()}
corner = pd.DataFrame({role: rank[train[role]] for role, rank in ranks.items()}).query(
    "user < 150 and item < 150"
)
fig, axes = plt.subplots(figsize=(6, 6))
axes.plot(corner["item"], corner["user"], "s", ms=1.6)
axes.invert_yaxis()
axes.set(xlabel="items, most popular first", ylabel="users, most active first")
plt.show()

# %% [markdown]
# ## The long tail, and how active users are
#
# **Read it:** on the left, items by their number of interactions, both axes logarithmic; the shaded
# part is the most popular tenth. A model that recommends from it alone is often right, and shows
# nobody anything new. On the right, users by their number of interactions.
#
# **Ask:** how much of all attention does the tenth get, and who loses by that? For how many users is
# there next to nothing to learn from?

# %%
ordered = np.sort(per_item)[::-1]
head = max(1, len(ordered) // 10)
print(f"a tenth of the items has {ordered[:head].sum() / ordered.sum():.0%} of all interactions")
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6))
left.axvspan(1, head, color="C1", alpha=0.15)
left.loglog(np.arange(1, len(ordered) + 1)[ordered > 0], ordered[ordered > 0], lw=2)
left.set(xlabel="rank of the item by popularity", ylabel="interactions")
sns.histplot(x=per_user[per_user > 0], log_scale=True, bins=30, ax=right)
right.set(xlabel="interactions of a user", ylabel="users")
for axis in (left.xaxis, left.yaxis, right.xaxis):
    axis.set_major_formatter("{x:,.0f}")
plt.show()

# %% [markdown]
# ## When it happened
#
# **Read it:** interactions a week on the left; on the right, which share of users and items had
# turned up by then. Empty where the data has no times. The last week ends where the slice does.
#
# **Ask:** are there seasons? How fast would a model of last month grow old?

# %%
if "timestamp" in train:
    times = pd.to_datetime(train["timestamp"], unit="s")
    fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6))
    sns.histplot(x=times, binwidth=7, element="step", ax=left)
    left.set(xlabel="", ylabel="interactions a week")
    for role in ("user", "item"):
        sns.ecdfplot(x=times.groupby(train[role]).min(), label=f"{role}s", ax=right)
    right.set(xlabel="", ylabel="seen so far")
    right.legend()
    for axes in (left, right):
        axes.tick_params(axis="x", rotation=30)
    plt.show()

# %% [markdown]
# ## Cold start
#
# **Read it:** for each like of the validation slice, how many likes of its user, and of its item,
# were known in training. At 0, models that learn from likes alone know nothing.
#
# **Ask:** what would you show to those at 0? What would the text of an item be good for?

# %%
liked, wanted = train[train["like"] == 1], data.validation[data.validation["like"] == 1]
bounds = [-0.5, 0.5, 5.5, 20.5, 50.5, np.inf]
names = ["0", "1 to 5", "6 to 20", "21 to 50", "more"]
fig, grid = plt.subplots(1, 2, figsize=(10, 3.6))
for axes, role, size in zip(grid, ("user", "item"), (info.users, info.items), strict=True):
    known = np.bincount(liked[role], minlength=size)[wanted[role]]
    share = pd.Series(pd.cut(known, bounds, labels=names)).value_counts(normalize=True)
    sns.barplot(x=names, y=share.reindex(names).to_numpy(), ax=axes)
    axes.set(xlabel=f"known likes of the {role}", ylabel="share of the likes to guess")
plt.show()

# %% [markdown]
# ## What a star means
#
# **Read it:** how often each rating is given, on the left; on the right, the mean rating of each
# user with five ratings or more. Dashed: from here on a rating counts as a like. Empty where the
# data has no ratings.
#
# **Ask:** does the same star mean the same to everybody? Where would you draw the line?

# %%
if "rating" in train:
    fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6))
    whole = bool((train["rating"] % 1 == 0).all())  # a bar for each star
    sns.histplot(x=train["rating"], discrete=whole, stat="proportion", ax=left)
    means = train.groupby("user")["rating"].agg(["size", "mean"]).query("size >= 5")["mean"]
    sns.histplot(x=means, ax=right)
    right.set(xlabel="mean rating of a user", ylabel="users")
    if info.positive_rating is not None:
        for axes in (left, right):
            axes.axvline(info.positive_rating, color="black", ls="--")
    plt.show()
