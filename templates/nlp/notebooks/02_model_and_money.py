# %% [markdown]
# # From words to money
#
# All numbers come from the last run of `sentiment all`. Each picture is followed by the question
# it can answer; the answers are yours.

# %%
from sentiment.kit.charts import start

# %matplotlib inline
paths = start()

# %%
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import simplemma
from sklearn.calibration import CalibrationDisplay
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline

from sentiment import figures
from sentiment.config import load_config
from sentiment.data import read_processed
from sentiment.features import NEGATION, names, tokens
from sentiment.kit.decisions import break_even, gain, profit_curve, weighted_scores
from sentiment.kit.files import read_json
from sentiment.kit.intervals import intervals
from sentiment.models import folds
from sentiment.money import MODEL, Reviews, compare

data, info = read_processed(paths)
config = load_config(paths.root / "config.yaml", info["name"])
metrics = read_json(paths.reports / "metrics.json", "evaluate")
texts, y = data.train["text"], data.train["positive"]
parts = pd.read_csv(paths.reports / "predictions.csv", index_col="part").astype(float)
good, probability, rule = (parts.loc["test", name].to_numpy() for name in parts)
test, prices = Reviews(1 - good, 1 - probability, rule), config.prices
name, made_up = info["name"], info["synthetic"]
print("SYNTHETIC SAMPLE: made up by this project" if made_up else f"data set: {name}")

# %% [markdown]
# ## What each step of cleaning earns
#
# The same model, logistic regression, on the same folds; only what it is given of a review
# changes. **Counts** say how often a word occurs; **TF-IDF** makes words that few reviews have
# weigh more. The last step is what all models but a transformer count.
#
# **Read it:** what a step earns per 1,000 reviews more than plain words, in pairs, with its 95%
# interval; each at the threshold that is best on these same reviews, which flatters them all. An
# interval that holds 0 may be chance, and of seven, one may miss 0 by chance as well.
#
# **Ask:** most tutorials take stop words out. What happens where negations go with them?


# %%
def without_stop_words(text: str) -> list[str]:
    """The words but those that any text is full of; negations stay."""
    return [t for t in tokens(text) if t not in ENGLISH_STOP_WORDS or NEGATION.fullmatch(t)]


steps = {
    "plain words": tokens,
    "split at blanks": str.split,
    "counts instead of TF-IDF": tokens,
    "without stop words": without_stop_words,
    "and without negations": lambda text: [
        t for t in without_stop_words(text) if not NEGATION.fullmatch(t)
    ],
    "lemmas": lambda text: [simplemma.lemmatize(t, lang="en") for t in tokens(text)],
    "with pairs": lambda text: tokens(text) + ["_".join(p) for p in pairwise(tokens(text))],
    "with pairs and parts of words": names,
}
scores, earned = {}, {}
for name, step in steps.items():
    kind = CountVectorizer if name.startswith("counts") else TfidfVectorizer
    model = make_pipeline(kind(analyzer=list, min_df=2), LogisticRegression(C=3, max_iter=2_000))
    p = cross_val_predict(model, texts.map(step), y, cv=folds(config), method="predict_proba")[:, 1]
    thresholds, gains = profit_curve(1 - y.to_numpy(), 1 - p, prices.stakes)
    earned[name] = 1_000 * gain(1 - y.to_numpy(), 1 - p >= thresholds[gains.argmax()], prices.stakes)
    scores[name] = weighted_scores(y.to_numpy(), p, 0.5, np.ones((1, len(y))))["roc_auc"][0]
more = {name: money - earned["plain words"] for name, money in earned.items()}
found = intervals(
    lambda weights: {name: weights @ money / len(y) for name, money in more.items()}, len(y), 0
)
table = pd.DataFrame({name: {"ROC-AUC": scores[name], **vars(found[name])} for name in steps}).T
fig, axes = plt.subplots()
axes.hlines(table.index, table["low"], table["high"], color="C3", lw=4)
axes.plot(table["value"], table.index, "o")
axes.axvline(0, color="black", lw=1)
axes.invert_yaxis()
axes.set(xlabel=f"earned more than on plain words, {prices.currency} per 1,000 reviews",
         title="Steps of cleaning")
plt.show()
table.round(3)

# %% [markdown]
# ## The ladder
#
# A dummy that knows nothing; naive Bayes, to which words know nothing of each other; logistic
# regression, whose weights fit together; a linear SVM with the widest margin; where they are
# asked for, words in their context: a transformer as it is, and fine-tuned.
#
# **Read it:** ROC-AUC on validation folds with its interval. README has the paired differences:
# two intervals may overlap where the difference is sure, as all models see the same reviews.
#
# **Ask:** is the step from one rung to the next worth its price in explaining?

# %%
fig, axes = plt.subplots()
figures.ladder(axes, metrics["models"])
plt.show()

# %% [markdown]
# ## Can the probabilities be believed?
#
# **Read it:** ten groups of test reviews; on the diagonal, what was said is what happened.
# **Ask:** where is it off, and would that change which reviews you read?

# %%
CalibrationDisplay.from_predictions(good, probability, n_bins=10, strategy="quantile")
plt.show()

# %% [markdown]
# ## Which reviews to read
#
# Reading costs the same whatever a review says, and brings something only where an unhappy
# customer stays. So it pays from one risk on, and that is the rule. Nobody chose the peak of this
# curve: it moves with every sample. The title is the verdict of README, computed once.
#
# **Read it:** each point of the curve is a threshold; the lines need no model.
# **Ask:** how flat is it around the dashed line, and what does that say about the threshold?

# %%
fig, axes = plt.subplots()
detail = metrics["nlp"]["business"]
figures.money(axes, detail, metrics["business"]["per"])
plt.show()
pd.DataFrame({row["name"]: {"read": row["read"], "reached": row["reached"],
                            **row["per_1000_reviews"]} for row in detail["policies"]}).T.round(2)

# %% [markdown]
# ## If the assumptions are wrong
#
# **Read it:** a line for each share of unhappy customers that may stay; the threshold follows.
# **Ask:** which of the prices could you measure next month, and how?

# %%
rows = {}
for share in (0.05, 0.1, 0.15, 0.2, 0.3, 0.5):
    moved = prices.model_copy(update={"win_back": share})
    policies = {row["name"]: row for row in compare(test, moved, seed=0)}
    rows[f"{share:.0%} stay"] = {
        "reading pays from": break_even(moved.stakes),
        "read": policies[MODEL]["read"],
        **{name: row["per_1000_reviews"]["value"] for name, row in policies.items()},
    }
pd.DataFrame(rows).T.round(2)

# %% [markdown]
# ## Words with the same neighbours
#
# To a bag of words, "awful" and "terrible" have nothing in common. Vectors of words that are used
# alike lie close together; word2vec learns them by guessing neighbours, which comes down to
# factorising a table of who meets whom more than by chance (Levy and Goldberg 2014): done here.
#
# **Read it:** near words stand in similar reviews, as far as two directions can show it; colour:
# what the word adds in the published model.
# **Ask:** which opposites lie close together, and why may they? What would BERT do better?

# %%
counter = CountVectorizer(analyzer=tokens, binary=True, min_df=5)
there = counter.fit_transform(texts)
meets = (there.T @ there).toarray().astype(float)
chance = np.outer(meets.sum(axis=0), meets.sum(axis=0)) / meets.sum()
vectors = TruncatedSVD(2, random_state=0).fit_transform(np.log(np.maximum(meets / chance, 1)))
effects = {r["feature"]: r["value"]
           for r in read_json(paths.reports / "explain.json", "explain")["importance"]}
shown = [(word, vectors[place]) for place, word in enumerate(counter.get_feature_names_out())
         if word in effects][:60]
fig, axes = plt.subplots(figsize=(8, 5))
for word, (across, up) in shown:
    axes.annotate(word, (across, up), color="C0" if effects[word] > 0 else "C1")
axes.update_datalim([place for _, place in shown])
axes.autoscale()
axes.set(title="Telling words by their neighbours", xlabel="first direction", ylabel="second")
plt.show()
