# %% [markdown]
# # From models to money
#
# All numbers come from the last run of `recommender all`. Each picture is followed by the question
# it can answer; the answers are yours.

# %%
from recommender.kit.charts import start

# %matplotlib inline
paths = start()

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from recommender.ab_test import Plan, sample_size
from recommender.config import load_config
from recommender.data import read_processed
from recommender.figures import metric
from recommender.kit.files import read_json
from recommender.ladder import recommend, rung
from recommender.linear import NO_ITEM
from recommender.predictor import Predictor

data, info = read_processed(paths)
config = load_config(paths.root / "config.yaml", info.name)
metrics = read_json(paths.reports / "metrics.json", "evaluate")
detail, primary = metrics["recsys"], metrics["primary_metric"]["name"]
models = {model["label"]: model for model in metrics["models"]}
print("SYNTHETIC SAMPLE: made up by this project" if info.synthetic else f"data set: {info.name}")

# %% [markdown]
# ## The ladder
#
# Popularity knows nothing of the user; content looks at words, item-item and user-user at who liked
# the same; SVD finds a few directions of taste; EASE fits one weight from each item to each other,
# so that nothing is counted twice; ALS and BPR are factors made for likes without dislikes.
#
# **Read it:** each model on the validation slice, and its paired difference to the chosen one with
# the 95% interval over the same users.
#
# **Ask:** which rung does not earn its place?

# %%
order = ["value", "low", "high"]
pd.DataFrame(
    {
        label: {
            metric(primary): model["metrics"][primary]["value"],
            **{f"difference, {key}": (model["difference"] or {}).get(key) for key in order},
        }
        for label, model in models.items()
    }
).T.round(4)

# %% [markdown]
# ## What each model recommends to the same person
#
# Somebody who liked a middling number of items before and later; every model with its best
# settings, fitted on the training slice. A star marks what this person went on to like.
#
# **Ask:** which list would you rather get? Why does one person prove nothing?

# %%
task, texts = data.task("validation"), data.texts()
known, later = np.diff(task.likes.indptr), np.diff(task.relevant.indptr)
candidates = np.flatnonzero((known > 0) & (later >= np.median(later[later > 0])))
person = int(candidates[np.argsort(known[candidates], kind="stable")[len(candidates) // 2]])
wanted, lists = set(task.relevant[person].indices), {}
for label, model in models.items():
    fitted = rung(model["name"]).fit(task.likes, texts, model["settings"], config.seed)
    lists[label] = recommend(fitted, task, detail["k"])
titles = data.items["title"]
print("likes:", ", ".join(titles[task.likes[person].indices[:8]]))
pd.DataFrame(
    {
        label: [f"{'* ' if item in wanted else ''}{titles[item]}" for item in found[person][:5]]
        for label, found in lists.items()
        if NO_ITEM not in found[person][:5]
    }
).T

# %% [markdown]
# ## How much the models agree
#
# **Read it:** the share of a list that two models have in common, on average over all users.
# **Ask:** which two are nearly the same idea? Which two would be worth mixing?

# %%
agree = pd.DataFrame(
    {
        one: {
            other: np.mean([len(np.intersect1d(x, y)) for x, y in zip(mine, theirs, strict=True)])
            for other, theirs in lists.items()
        }
        for one, mine in lists.items()
    }
) / detail["k"]
fig, axes = plt.subplots(figsize=(7, 6))
axes.imshow(agree, cmap="Blues", vmin=0, vmax=1)
for (row, column), share in np.ndenumerate(agree.to_numpy()):
    colour = "white" if share > 0.5 else "black"
    axes.text(column, row, f"{share:.0%}", ha="center", va="center", color=colour)
axes.set_xticks(range(len(agree)), agree.columns, rotation=45, ha="right")
axes.set_yticks(range(len(agree)), agree.index)
axes.grid(visible=False)
plt.show()

# %% [markdown]
# ## Right, and yet always the same
#
# **Read it:** accuracy against coverage, the share of the items that anybody is shown. Up is right
# more often, to the right is more of the catalogue.
#
# **Ask:** what would one step to the right be worth to those who make the items?

# %%
fig, axes = plt.subplots(figsize=(8, 4.2))
for marker, (label, model) in zip("osD^v<>PX*", models.items()):
    accuracy = model["metrics"][primary]["value"]
    axes.plot(model["coverage"], accuracy, marker, ms=10, label=label)
axes.set(xlabel="coverage", ylabel=f"{metric(primary)}, validation")
axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()
pd.DataFrame(
    {
        label: {name: model["metrics"][name]["value"] for name in ("novelty", "diversity")}
        | {"from the most liked tenth": model["metrics"]["popularity_share"]["value"]}
        for label, model in models.items()
    }
).T.round(3)

# %% [markdown]
# ## How many users a test takes
#
# **Read it:** users in each group to find a lift of that size at the planned power and alpha; the
# dot is the plan. README shows what the simulated test found, and what peeking at it would do.
#
# **Ask:** what does half the effect cost? What would you fix in writing before the first visitor?

# %%
plan = Plan(**detail["experiment"]["plan"])
lifts = np.linspace(0.02, min(0.3, 0.9 * (1 / plan.baseline - 1)), 60)
sizes = [
    sample_size(plan.baseline, plan.baseline * (1 + lift), plan.alpha, plan.power) for lift in lifts
]
fig, axes = plt.subplots()
axes.semilogy(lifts, sizes)
axes.plot(plan.min_effect, plan.users_per_group, "o", color="C1", label="the plan")
axes.xaxis.set_major_formatter("{x:.0%}")
axes.yaxis.set_major_formatter("{x:,.0f}")
axes.set(xlabel="relative lift of the click-through rate", ylabel="users per group")
axes.legend()
plt.show()

# %% [markdown]
# ## Because you liked
#
# The same person as the published model sees them now: what each like adds to the score of the
# first recommendation. **Ask:** would this person nod? What would you not say to them?

# %%
predictor = Predictor.load(paths.models)
instance = {"user": data.users["id"][person], "k": 1}
print(predictor.predict([instance])[0])
pd.DataFrame(predictor.explain([instance])[0])

# %% [markdown]
# ## What this does not show
#
# - **Whether people click.** The clicks are simulated; only a real test, planned first, can tell.
# - **What they would have liked but never met.** Past likes come from what was shown, so popular
#   items may look better than they are.
# - **What it does to them.** Who is shown more of the same may like more of the same: watch
#   coverage and novelty after a launch, not clicks alone.
