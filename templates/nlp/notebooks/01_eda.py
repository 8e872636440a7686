# %% [markdown]
# # Review Sentiment: a first look at the reviews
#
# How long are the reviews, which words do they use, how many are good ones, and what distinguishes
# the two kinds? Below each plot stands what it shows, computed from the data at hand: with another
# data set in `config.yaml` the sentences change with the plots.

# %%
from sentiment.notebook import start

# %matplotlib inline
paths = start()

# %%
import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import Markdown, display

# %%
from sentiment import eda, trends
from sentiment.config import load_config
from sentiment.data import read_processed
from sentiment.markdown import code
from sentiment.text import is_negated

# %% [markdown]
# ## The data
#
# Only the training reviews are shown here. Whoever looks at the test reviews starts to choose
# features and models that suit them, and the test score is no longer honest.

# %%
data, info = read_processed(paths)
config = load_config(paths.root / "config.yaml", info.name)
train, positive = data.train, data.train["positive"]
texts = train["text"]
note = " (synthetic sample)" if info.synthetic else ""

origin = "**made up by this project: a synthetic sample**" if info.synthetic else "read from a file"
display(
    Markdown(
        f"The data set {code(info.name)} is {origin}. Of its {info.rows:,} reviews {len(train):,} "
        f"are for training and {len(data.test):,} are kept for the test. A review is positive "
        f"where {code(info.rule)}. Left out before: {info.empty:,} without words and "
        f"{info.duplicates:,} that say the same as another one, so that no review stands on both "
        "sides of the split."
    )
)
train.head()

# %% [markdown]
# ## How many are positive

# %%
overall = positive.mean()
counts = pd.Series({"positive": (positive == 1).sum(), "negative": (positive == 0).sum()})
fig, axes = plt.subplots(figsize=(7, 2), layout="constrained")
eda.draw_shares(axes, counts, "training reviews")
axes.set_title(f"{overall:.0%} of the reviews are positive{note}")
plt.show()

common = "positive" if overall >= 0.5 else "negative"
display(
    Markdown(
        f"To call every review {common} would be right for {max(overall, 1 - overall):.0%} of "
        "them: that is what a model has to beat. Because accuracy depends on this share, models are "
        "compared by how well they rank reviews (ROC-AUC)."
    )
)

# %% [markdown]
# ## How long they are

# %%
lengths = eda.lengths(texts)
fig, axes = plt.subplots(figsize=(7, 3.6), layout="constrained")
eda.draw_lengths(axes, lengths, positive)
middle = lengths.groupby(positive).median()
axes.set_title(f"Half of the reviews have at most {lengths.median():.0f} words{note}")
plt.show()

display(
    Markdown(
        f"The shortest has {lengths.min():,}, the longest {lengths.max():,} words. The median is "
        f"{middle[1]:.0f} for good reviews and {middle[0]:.0f} for bad ones. A transformer cuts a "
        f"review off at {config.bert.max_tokens} tokens (`max_tokens` in `config.yaml`)."
    )
)

# %% [markdown]
# ## The most frequent words
#
# First all of them, then without stop words: words that any text is full of. Negations ("not",
# "never") are on most lists of stop words; here they are kept, for they turn the meaning round.

# %%
fig, grid = plt.subplots(1, 2, figsize=(10, 4.5), layout="constrained")
everything = eda.frequent(texts, 1)
without_stops = eda.frequent(texts, 1, eda.STOP_WORDS)
for axes, values, name in zip(
    grid, (everything, without_stops), ("all words", "without stop words")
):
    eda.draw_shares(axes, values.head(15), "reviews with the word")
    axes.set_title(name)
fig.suptitle(f"The most frequent words{note}", x=0.01, ha="left", weight="bold")
plt.show()

rare = (everything == 1).mean()
display(
    Markdown(
        f"There are {len(everything):,} different words; {rare:.0%} of them occur in one review "
        "only. A model can learn nothing from those that it could use elsewhere, but it can learn "
        "from their parts, which misspelt words and other endings share."
    )
)

# %% [markdown]
# ## Runs of words
#
# "Not good" is two words: what they mean together, neither says alone.

# %%
fig, grid = plt.subplots(1, 2, figsize=(10, 4.5), layout="constrained")
for axes, size in zip(grid, (2, 3)):
    eda.draw_shares(axes, eda.frequent(texts, size, eda.STOP_WORDS).head(15), "reviews with it")
    axes.set_title(f"{size} words")
fig.suptitle(f"The most frequent runs of words{note}", x=0.01, ha="left", weight="bold")
plt.show()

kinds = texts.map(is_negated).map({True: "with", False: "without"})
negated = trends.positive_rates(kinds, positive)
if len(negated) == 2:
    with_it, without = negated.loc["with"], negated.loc["without"]
    apart = with_it["low"] > without["high"] or with_it["high"] < without["low"]
    display(
        Markdown(
            f"{with_it['reviews'] / len(texts):.0%} of the reviews have a negation. Of them "
            f"{with_it['rate']:.0%} are positive, of the others {without['rate']:.0%}: "
            + ("the intervals are apart." if apart else "the intervals overlap.")
        )
    )

# %% [markdown]
# ## The most telling words
#
# Frequent words are not telling ones. For each word (and pair) the plot shows how surely it goes
# with good reviews (blue) or bad ones (orange): the log-odds ratio between the two kinds, shrunk
# towards the average of all words where there is little evidence, in standard deviations (Monroe,
# Colaresi and Quinn 2008).

# %%
fig, grid = plt.subplots(1, 2, figsize=(10, 5.5), layout="constrained")
strength = {size: eda.telling(texts, positive, size) for size in (1, 2)}
for axes, (size, values) in zip(grid, strength.items()):
    ends = pd.concat([values.head(10), values.tail(10)])
    eda.draw_shares(axes, ends[~ends.index.duplicated()], "standard deviations", "{:+.1f}")
    axes.set_title("words" if size == 1 else "pairs of words")
fig.suptitle(f"The most telling words and pairs{note}", x=0.01, ha="left", weight="bold")
plt.show()

words = strength[1]
if len(words):
    sure = (words.abs() > 1.96).sum()
    display(
        Markdown(
            f"{code(words.index[0])} speaks most surely for a good review, "
            f"{code(words.index[-1])} against. {sure:,} of {len(words):,} words go beyond 1.96 "
            f"standard deviations; about {0.05 * len(words):,.0f} would by chance alone."
        )
    )
else:
    display(Markdown("No word occurs in enough reviews to be called telling."))

# %% [markdown]
# ## What they speak of
#
# An aspect is known by the words that `config.yaml` lists for it; a review may speak of several.
# Each dot is the share of positive reviews among those that mention it, the bar its 95% interval,
# the dashed line the share of all.

# %%
aspects = trends.by_aspect(texts, positive, config.aspects)
if aspects.empty:
    display(Markdown("No review mentions an aspect that `config.yaml` names."))
else:
    aspects = aspects.sort_values("rate")
    fig, axes = plt.subplots(figsize=(7, 1 + 0.4 * len(aspects)), layout="constrained")
    eda.draw_rates(axes, aspects, overall)
    axes.set_title(f"Least liked: {eda.short(aspects.index[0])}{note}")
    plt.show()
    worst = aspects.iloc[0]
    verdict = "clearly below" if worst["high"] < overall else "not clearly below"
    display(
        Markdown(
            f"Of the {worst['reviews']:,.0f} reviews that mention {code(aspects.index[0])} "
            f"{worst['rate']:.0%} are positive, which is {verdict} the share of all reviews, "
            f"{overall:.0%}. What they say of it, and what that costs, comes in the next notebook."
        )
    )

# %% [markdown]
# ## Over time and by product

# %%
if "product" in train:
    products = trends.positive_rates(train["product"], positive).nlargest(12, "reviews")
    fig, axes = plt.subplots(figsize=(7, 1 + 0.4 * len(products)), layout="constrained")
    eda.draw_rates(axes, products.sort_values("rate"), overall)
    axes.set_title(f"Share of positive reviews by product{note}")
    plt.show()
else:
    display(Markdown("The data set has no column of products."))

# %%
months = trends.by_month(train["date"], positive) if "date" in train else pd.DataFrame()
if len(months) < 2:
    display(Markdown("The data set has no dates in two months or more."))
else:
    fig, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
    eda.draw_months(axes, months)
    low = months["rate"].idxmin()
    axes.set_title(f"Lowest in {low:%B %Y}: {months.loc[low, 'rate']:.0%} positive{note}")
    plt.show()

    if "product" in train:
        halves = train["date"] >= train["date"].quantile(0.5)
        change = positive.groupby([train["product"], halves]).mean().unstack()
        change = (change[True] - change[False]).dropna().sort_values()
        if len(change):
            display(
                Markdown(
                    f"Between the earlier and the later half of the reviews "
                    f"{code(change.index[0])} changed by {100 * change.iloc[0]:+.0f} percentage "
                    "points of positive reviews, the lowest change of all products."
                )
            )

# %% [markdown]
# ## What follows for the models
#
# Single words tell much, pairs add what negation turns round, and parts of words help with rare
# ones. What each of these is worth is measured in [02_modelling](02_modelling.ipynb).
