# %% [markdown]
# # From models to money
#
# All numbers come from the last run of `churn all`. Each picture is followed by the question it
# can answer; the answers are yours.

# %%
from churn.kit.charts import start

# %matplotlib inline
paths = start()

# %%
from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from churn.config import MISSING, Prices
from churn.data import read_processed
from churn.figures import calibration, profit
from churn.kit.decisions import break_even, profit_curve
from churn.kit.files import read_json
from churn.money import MODEL, compare, read_customers
from churn.predictor import Predictor

data, info = read_processed(paths)
metrics = read_json(paths.reports / "metrics.json", "evaluate")
explanation = read_json(paths.reports / "explain.json", "explain")
test = read_customers(paths.reports / "predictions.csv")
prices = Prices(**metrics["tabular"]["business"]["prices"])
print("SYNTHETIC SAMPLE: made up by this project" if info.synthetic else f"data set: {info.name}")

# %% [markdown]
# ## The ladder
#
# A dummy that knows nothing; a logistic regression, in which every feature adds up; a forest of
# deep trees, averaged; XGBoost, in which each small tree corrects those before it. All are tuned
# and scored on the same folds, so the best of many settings looks a little better than it is.
#
# **Read it:** ROC-AUC, and the paired difference to the chosen model with its 95% interval. Two
# models may have intervals that overlap and still differ surely: they are scored on the same
# customers.
#
# **Ask:** is the step from one rung to the next worth its price in explaining?

# %%
order = ["value", "low", "high"]
pd.DataFrame(
    {
        model["label"]: {
            "ROC-AUC": model["metrics"]["roc_auc"]["value"],
            **{f"difference, {key}": (model["difference"] or {}).get(key) for key in order},
        }
        for model in metrics["models"]
    }
).T.round(4)

# %% [markdown]
# ## What else was tried
#
# Class weights and SMOTE let leavers count as if there were more of them. At one threshold for all
# they look like a gain; each at its own best threshold, in money, they have to show it.
#
# **Read it:** money per customer more or less than the model as chosen, with its interval.
# **Ask:** what happened to the Brier score, and why does it matter where money is counted?

# %%
pd.DataFrame(
    {
        row["name"]: {
            "ROC-AUC": row["roc_auc"],
            "Brier": row["brier"],
            **{f"money, {key}": (row["difference"] or {}).get(key) for key in order},
        }
        for row in metrics["tabular"]["ablation"]
    }
).T.round(4)

# %% [markdown]
# ## Can the probabilities be believed?
#
# **Read it:** ten groups of test customers; on the diagonal, what was said is what happened.
# **Ask:** where is it off, and would that change whom you contact?

# %%
fig, axes = plt.subplots()
calibration(axes, test)
plt.show()

# %% [markdown]
# ## Whom to contact
#
# An offer costs the same for everybody, but brings something only from a leaver who accepts it. So
# it pays above one probability, and that is the rule. Nobody chose the peak of this curve: it moves
# with every sample.
#
# **Read it:** each point of the curve is a threshold. **Ask:** how flat is it around the line, and
# what does that say about arguing over the threshold?

# %%
fig, axes = plt.subplots()
profit(axes, metrics["tabular"]["business"], test)
axes.set_title(fill(axes.get_title(loc="left"), 60))
plt.show()
pd.DataFrame(
    {
        row["name"]: {"contacts": row["contacted"], **row["per_1000_customers"]}
        for row in compare(test, prices, seed=0)
    }
).T.round(2)

# %% [markdown]
# ## If the assumptions are wrong
#
# **Read it:** a line for each share of leavers that may accept; the threshold follows. The last
# column is what a threshold chosen with the outcomes at hand would have earned.
#
# **Ask:** which of the prices could you measure next month, and how?

# %%
rows = {}
for acceptance in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6):
    moved = prices.model_copy(update={"offer_acceptance": acceptance})
    policies = {row["name"]: row for row in compare(test, moved, seed=0)}
    rows[f"{acceptance:.0%} accept"] = {
        "an offer pays above": break_even(moved.stakes),
        "contacted": policies[MODEL]["contacted"],
        "earned per 1,000": policies[MODEL]["per_1000_customers"]["value"],
        "in hindsight at best": 1_000 * profit_curve(test.y, test.probability, moved.stakes)[1].max(),
    }
pd.DataFrame(rows).T.round(3)

# %% [markdown]
# ## What drives the predictions
#
# **Read it:** how much worse the Brier score on test customers gets when a feature is shuffled. Grey:
# a shuffled copy may do as well, the difference is not sure (t-test, divided by the number of
# features). README shows SHAP, which says in which direction a feature moves each customer.
#
# **Ask:** which of these is a cause, and which only goes along with one?

# %%
importance = pd.DataFrame(explanation["importance"]).set_index("feature")
loss = importance.sort_values("loss_if_shuffled")
fig, axes = plt.subplots(figsize=(7, 1 + 0.3 * len(loss)))
colours = ["C0" if driver else "C3" for driver in loss["driver"]]
axes.barh(loss.index, loss["loss_if_shuffled"], color=colours)
axes.axvline(0, color="black", lw=1)
axes.set(xlabel="Brier score lost if shuffled", title="What the model needs")
plt.show()

# %% [markdown]
# ## One customer
#
# The test customer with the highest risk, as the API sees it. **Ask:** what would you say to them
# on the phone?

# %%
predictor = Predictor.load(paths.models)
customers = data.test[info.features].to_dict("records")
customer = customers[int(np.argmax(test.probability))]
print(predictor.predict([customer])[0])
reasons = pd.DataFrame(predictor.explain([customer])[0]).head(6)
reasons.assign(
    value=[v if isinstance(v, str) else f"{np.float32(v)}" for v in reasons["value"].fillna(MISSING)]
)

# %% [markdown]
# ## What this does not show
#
# - **Whether offers work.** The share who accept is an assumption. To measure it, contact a random
#   half of those above the threshold and compare.
# - **Whether it lasts.** Training and test customers come from the same time.
# - **What causes churn.** The model ranks by what goes along with leaving.
