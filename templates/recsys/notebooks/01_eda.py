# %% [markdown]
# # Recommender: a first look at the data
#
# How much is known of whom, and of what? This notebook answers with plots. Below each one stands
# what it shows, computed from the data at hand: with another data set in `config.yaml` the
# sentences change with the plots.

# %%
from recommender.notebook import start

# %matplotlib inline
paths = start()

# %%
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Markdown, display

# %%
from recommender import eda
from recommender.data import read_processed
from recommender.markdown import code
from recommender.wording import split

# %% [markdown]
# ## The data
#
# Only the training interactions are shown here, and how the validation slice differs from them.
# Whoever looks at the test slice starts to choose models that suit it, and the test score is no
# longer honest.

# %%
data, info = read_processed(paths)
train, validation = data.train, data.validation
per_user = eda.counts(train["user"], info.users)
per_item = eda.counts(train["item"], info.items)
note = " (synthetic sample)" if info.synthetic else ""

origin = "**made up by this project: a synthetic sample**" if info.synthetic else "read from a file"
like = "every interaction"
if info.positive_rating is not None:
    like = f"a rating of {info.positive_rating:g} or more"
display(
    Markdown(
        f"The data set {code(info.name)} is {origin}. An interaction says that a user met an item; "
        f"a like is {like}. They are split {split(info.__dict__)}: {len(train):,} to train, "
        f"{len(validation):,} to validate, {len(data.test):,} for the test."
    )
)
eda.overview(info).to_frame("all slices")

# %% [markdown]
# ## Sparsity
#
# Each dot is an interaction between one of the most active users and one of the most popular
# items: the fullest corner of the table. All the rest is emptier. A recommender has to fill in the
# white, and a white spot does not mean dislike: mostly the two have never met.

# %%
filled = len(train) / (info.users * info.items)
fig, axes = plt.subplots(figsize=(6, 6), layout="constrained")
eda.draw_table(axes, train["user"], train["item"])
axes.set_title(f"The fullest corner of the table{note}")
plt.show()

height, width = (min(eda.MAP, train[role].nunique()) for role in ("user", "item"))
corner = len(eda.corner(train["user"], train["item"])[0]) / (height * width)
display(
    Markdown(
        f"In this corner {corner:.1%} of the pairs are known, in the whole table {filled:.2%}: of "
        f"{1 / filled:,.0f} pairs of a user and an item about one."
    )
)

# %% [markdown]
# ## The long tail
#
# Items by their number of interactions, the most popular first; both axes are logarithmic, and the
# shaded part is the most popular tenth. A model that recommends from that tenth alone is often
# right, and shows nobody anything new.

# %%
head, inequality = eda.share_of_top(per_item, 0.1), eda.gini(per_item)
fig, axes = plt.subplots(layout="constrained")
eda.draw_tail(axes, per_item)
axes.set_xlabel("rank of the item by popularity")
axes.set_ylabel("interactions")
axes.set_title(f"A tenth of the items gets {head:.0%} of all interactions{note}")
plt.show()

most = int(per_item.argmax())
display(
    Markdown(
        f"The most popular item, {code(data.items['title'][most])}, has {per_item[most]:,.0f} "
        f"interactions; half of the items have at most {np.median(per_item):,.0f}. The Gini "
        f"coefficient is {inequality:.2f} (0: all alike, 1: one has everything). So what is "
        "popular is the baseline that every model must beat, and the share of popular items in "
        "its lists is reported beside its accuracy."
    )
)

# %% [markdown]
# ## How active users are

# %%
groups = eda.by_count(per_user)
fig, axes = plt.subplots(figsize=(7, 1.2 + 0.35 * len(groups)), layout="constrained")
eda.draw_bars(axes, groups, "users by number of interactions in training")
axes.set_title(f"Half of the users have at most {np.median(per_user):,.0f} interactions{note}")
plt.show()

busiest = eda.share_of_top(per_user, 0.1)
display(
    Markdown(
        f"The most active tenth of the users made {busiest:.0%} of the interactions. Metrics are "
        "means over users, so that these do not count more than the others."
    )
)

# %% [markdown]
# ## Activity over time

# %%
if info.timed:
    fig, grid = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
    eda.draw_months(grid[0], eda.by_month(train["timestamp"]), "interactions in a month")
    for codes, name in ((train["user"], "users"), (train["item"], "items")):
        arrivals = eda.by_month(train["timestamp"].groupby(codes).min())
        share = arrivals.cumsum() / arrivals.sum()
        grid[1].plot(share.index.to_timestamp(), share, label=name)
    grid[1].yaxis.set_major_formatter("{x:.0%}")
    grid[1].set_ylabel("of all in training, seen so far")
    grid[1].tick_params(axis="x", rotation=30)
    grid[1].legend()
    title = f"When it happened, and when users and items arrived{note}"
    fig.suptitle(title, x=0.01, ha="left", weight="bold")
    plt.show()
    months = eda.by_month(train["timestamp"])
    display(
        Markdown(
            f"The training interactions reach from {months.index[0]} to {months.index[-1]}; the "
            f"busiest month is {months.idxmax()} with {months.max():,}. The last month ends where "
            "the slice does."
        )
    )
else:
    display(Markdown("The data set has no timestamps, so nothing can be said of time."))

# %% [markdown]
# ## Cold start
#
# In the validation slice stands who came, and what was liked, after the training ended. Of users
# and items without a like in training, collaborative models know nothing: there popularity has to
# serve, or, for items, their words.

# %%
liked = train[train["like"] == 1]
wanted = validation[validation["like"] == 1]
likes = {
    "user": eda.counts(liked["user"], info.users),
    "item": eda.counts(liked["item"], info.items),
}
fig, grid = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
for axes, (role, known) in zip(grid, likes.items()):
    eda.draw_bars(axes, eda.by_count(known[wanted[role]]), "likes in the validation slice")
    axes.set_title(f"by likes of the {role} in training")
title = f"What is known before each like that must be guessed{note}"
fig.suptitle(title, x=0.01, ha="left", weight="bold")
plt.show()

cold = {role: (known[wanted[role]] == 0).mean() for role, known in likes.items()}
few = (likes["user"][wanted["user"]] < 5).mean()
display(
    Markdown(
        f"{cold['user']:.1%} of the likes to guess come from users without any like in training, "
        f"{few:.1%} from users with fewer than five, and {cold['item']:.1%} go to items that "
        "nobody had liked. The test is reported for such users and items separately."
    )
)

# %% [markdown]
# ## Ratings

# %%
if info.rating_range is None:
    display(Markdown("The data set has no ratings: every interaction counts as a like."))
else:
    fig, axes = plt.subplots(layout="constrained")
    eda.draw_ratings(axes, train["rating"], info.positive_rating)
    axes.set_title(f"{train['like'].mean():.0%} of the ratings count as a like{note}")
    plt.show()

    means = train.groupby("user")["rating"].agg(["size", "mean"])
    means = means.loc[means["size"] >= 5, "mean"]
    sentence = f"The mean rating is {train['rating'].mean():.2f}."
    if len(means) > 1:
        low, high = means.quantile([0.05, 0.95])
        sentence += (
            f" The most lenient twentieth of the users give {high:.1f} or more on average, the "
            f"strictest at most {low:.1f}: a star does not mean the same to everybody, so a model "
            "of ratings starts with a bias for each user."
        )
    display(Markdown(sentence))

# %% [markdown]
# ## What this means for the models
#
# - Most of the table is unknown, and unknown does not mean disliked: rank items, and count what is
#   found among the first few.
# - Popularity is strong, so it is the baseline, and coverage and novelty stand beside accuracy.
# - The future is guessed from the past: split by time where there are timestamps.
# - New users and items are reported separately: an average would hide them.
