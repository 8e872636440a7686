# %% [markdown]
# # A first look at the reviews
#
# How long are they, which words do they use, and which of these tell a good review from a bad one?
# Only training reviews are shown: whoever looks at the test reviews begins to choose what suits
# them. Each picture is followed by the question it can answer; the answers are yours.

# %%
from sentiment.kit.charts import short, start

# %matplotlib inline
paths = start()

# %%
from collections import Counter

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy.stats import binomtest
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from sentiment.aspects import mentions
from sentiment.config import load_config
from sentiment.data import read_processed
from sentiment.features import is_negated, tokens

data, info = read_processed(paths)
config = load_config(paths.root / "config.yaml", info["name"])
train = data.train.assign(words=data.train["text"].map(lambda text: len(tokens(text))))
name, made_up = info["name"], info["synthetic"]
print("SYNTHETIC SAMPLE: made up by this project" if made_up else f"data set: {name}")
print(f"{len(train):,} training reviews, {train['positive'].mean():.1%} of them good")
train.head()

# %% [markdown]
# ## How long they are
#
# **Read it:** the share of reviews by number of words, good ones and bad ones apart.
# **Ask:** do people write more when they are angry? What would a model need that reads long ones?

# %%
words = train["words"].clip(upper=train["words"].quantile(0.99))
kinds = {"good": words[train["positive"] == 1], "bad": words[train["positive"] == 0]}
shares = [[100 / len(kind)] * len(kind) for kind in kinds.values()]
plt.hist(kinds.values(), bins=20, weights=shares, label=list(kinds))
plt.legend(title="review")
plt.ylabel("percent of reviews")
plt.xlabel("words (the last bar also holds what is longer)")
plt.show()

# %% [markdown]
# ## Frequent words
#
# Words that any text is full of are left out on the right; negations, on most such lists, stay.
#
# **Read it:** in how many reviews a word stands. **Ask:** which of these could say anything about
# an opinion? How many words stand in one review only, and what can be learned from those?

# %%
said = [set(tokens(text)) for text in train["text"]]
counts = pd.Series(Counter(word for words in said for word in words)).sort_index()
counts = counts.sort_values(ascending=False, kind="stable")
kept = [word for word in counts.index if word not in ENGLISH_STOP_WORDS or is_negated(word)]
fig, axes = plt.subplots(1, 2, figsize=(10, 4.5))
for place, (shown, title) in zip(axes, ((counts, "all"), (counts[kept], "without stop words"))):
    place.barh([short(word) for word in shown.index[:15]], shown[:15])
    place.invert_yaxis()
    place.set(title=title, xlabel="reviews with the word")
plt.show()
print(f"{len(counts):,} different words, {(counts == 1).mean():.0%} of them in one review only")

# %% [markdown]
# ## Telling words
#
# Frequent words are not telling ones. How surely a word goes with good reviews (right) or bad ones
# (left) is the log-odds ratio between both kinds, shrunk towards the average of all words where
# there is little evidence, in standard deviations (Monroe, Colaresi and Quinn 2008).
#
# **Read it:** beyond 2 in either direction chance is a poor explanation, for one word looked at.
# **Ask:** how many of these many words would be beyond 2 by chance alone? Which surprises you?


# %%
def telling(grams: list[set[str]]) -> pd.Series:
    """Standard deviations towards good reviews, for what stands in five reviews or more."""
    good, bad = (
        Counter(g for one, side in zip(grams, train["positive"]) if side == kind for g in one)
        for kind in (1, 0)
    )
    both = pd.Series(good + bad).sort_index()
    both = both[both >= 5]
    prior = 100 * both / both.sum()  # as much as a hundred made-up words of the average would add
    score, variance = pd.Series(0.0, both.index), pd.Series(0.0, both.index)
    for found, sign in ((good, 1), (bad, -1)):
        n, total = pd.Series({gram: found[gram] for gram in both.index}), sum(found.values())
        score += sign * np.log((n + prior) / (total + 100 - n - prior))
        variance += 1 / (n + prior)
    return (score / np.sqrt(variance)).sort_values(kind="stable")


pairs = [set(map(" ".join, zip(t, t[1:]))) for t in (tokens(text) for text in train["text"])]
fig, axes = plt.subplots(1, 2, figsize=(10, 5.5))
for place, grams, title in zip(axes, (said, pairs), ("words", "pairs of words")):
    strength = telling(grams)
    ends = pd.concat([strength.head(10), strength.tail(10)]) if len(strength) > 20 else strength
    place.barh([short(name) for name in ends.index], ends, color=np.where(ends > 0, "C0", "C1"))
    place.set(title=title, xlabel="standard deviations")
plt.show()

# %% [markdown]
# ## Groups of reviews
#
# **Read it:** the share of good reviews in each group with its 95% interval (Wilson 1927); dashed:
# all reviews. **Ask:** which group is unlike the others for sure, and which may be chance?


# %%
def draw_rates(groups: pd.Series, title: str) -> None:
    """The share of good reviews in each group; a review may be in several."""
    positive = train["positive"].loc[groups.index].set_axis(groups.index)
    rates = positive.groupby(groups.to_numpy()).agg(["sum", "size"])
    found = {
        name: binomtest(int(row["sum"]), int(row["size"])).proportion_ci(method="wilson")
        for name, row in rates.iterrows()
    }
    fig, axes = plt.subplots(figsize=(7, 1.2 + 0.35 * len(rates)))
    for place, (name, ci) in enumerate(found.items()):
        axes.plot([ci.low, ci.high], [place, place], color="C3", lw=4)
        axes.plot(rates.loc[name, "sum"] / rates.loc[name, "size"], place, "o", color="C0")
    axes.axvline(train["positive"].mean(), color="black", ls="--", lw=1)
    axes.set_yticks(range(len(rates)), [f"{short(n)} ({rates.loc[n, 'size']:,})" for n in found])
    axes.xaxis.set_major_formatter("{x:.0%}")
    axes.set(title=title, xlabel="share of good reviews")
    plt.show()


draw_rates(train["text"].map(is_negated).map({True: "with a negation", False: "without"}),
           "Negation")
spoken = train["text"].map(lambda text: mentions(text, config.aspects)).explode().dropna()
if len(spoken):
    draw_rates(spoken, "What they speak of (as config.yaml knows it)")
if "product" in train:
    draw_rates(train["product"].dropna(), "Products")
if "date" in train:
    draw_rates(train["date"].dropna().dt.to_period("Q").astype(str), "Quarters")
