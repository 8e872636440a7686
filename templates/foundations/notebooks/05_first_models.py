# %% [markdown]
# # First models
#
# A model is a rule, learnt from rows whose answer is known, for rows whose answer is not: a number
# (**regression**) or a class (**classification**). The art is to find out how good it is without
# fooling oneself.

# %%
from analysis.kit.charts import BLUE, GREY, ORANGE, short, start

# %matplotlib inline
paths = start()

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import ConfusionMatrixDisplay, RocCurveDisplay, classification_report
from sklearn.metrics import mean_squared_error, r2_score
from sklearn.model_selection import cross_val_predict, cross_val_score, learning_curve
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, plot_tree

from analysis.data import folds_of, read_processed, unit_of
from analysis.figures import few_ticks
from analysis.models import inputs, preparation
from analysis.roles import as_number, rarer_class, readable

train, _, info = read_processed(paths)  # rows kept aside are not looked at here
rng = np.random.default_rng(0)
number = info.regression_target or next(iter(info.measures), info.outcome)
train = train[train[number].notna()]
y = as_number(train[number])
classes = train[info.classification_target] if info.classification_target else None
# A class that is not known counts as not the rarer one.
yes = (classes == rarer_class(classes)) if classes is not None else y > y.median()
hidden = {number, info.outcome, info.classification_target}
features = [name for name in info.features if name not in hidden]
X = inputs(train, features).assign(noise=rng.normal(size=len(train)))
units = unit_of(train, info)
cv = list(folds_of(5, True, units is not None, 0).split(X, yes, units))
print(f"data set: {info.name}{info.note}")
print(f"{len(X):,} {info.rows_are}, {X.shape[1]} features, one of them noise")
print(f"the number to predict is {number}; the class is {yes.name} ({yes.mean():.0%} yes)")

# %% [markdown]
# ## 1. Preparation belongs inside the model
#
# Models do sums: a missing number gets the median, numbers are **scaled**, a category becomes columns
# of 0 and 1 (**one-hot**). All of that is learnt, so it is learnt from training rows alone: that is
# what a pipeline is for. Whatever is known only after the answer is **leakage**.


# %%
def unseen(model, rows: pd.DataFrame, answer: pd.Series, **how) -> np.ndarray:
    """What the model says of every row, when it has not seen that row."""
    return cross_val_predict(make_pipeline(preparation(rows), model), rows, answer, cv=cv, **how)


leak = X.assign(known_afterwards=y + rng.normal(0, y.std() / 3, len(y)))
for label, rows in (("honest", X), ("with a column from the future", leak)):
    print(f"{label}: R² {r2_score(y, unseen(LinearRegression(), rows, y)):.3f}")
pd.DataFrame(preparation(X).fit_transform(X)[:3]).round(2) if X.shape[1] < 30 else X.head(3)

# %% [markdown]
# *Try it:* which columns of your own table would be empty when the prediction is needed?
#
# ## 2. Cross-validation: every row is judged once
#
# Each fold is judged by a model that learnt from the others. The folds differ: a single split is a
# matter of luck.

# %%
linear = make_pipeline(preparation(X), LinearRegression())
scores = cross_val_score(linear, X, y, cv=cv, scoring="r2")
print("R² of each fold:", scores.round(3), "| spread:", scores.std().round(3))

# %% [markdown]
# ## 3. Linear regression, MSE and R²
#
# **MSE** is the mean squared error (its root reads like a typical error); **R²** the share of the
# variance that is explained: 0 is no better than always saying the mean. A pattern in the errors is
# work left to do.

# %%
said = unseen(LinearRegression(), X, y)
for label, guess in (("dummy", unseen(DummyRegressor(), X, y)), ("linear", said)):
    error = mean_squared_error(y, guess) ** 0.5
    print(f"{label}: typical error {readable(error)}, R² {round(r2_score(y, guess), 3) + 0.0}")
fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4))
left.plot(said, y, ".", color=BLUE, ms=3)
left.axline((y.mean(), y.mean()), slope=1, color=ORANGE)
left.set(xlabel=f"predicted {short(number)}", ylabel=short(number), title=f"Unseen rows{info.note}")
right.plot(said, y - said, ".", color=BLUE, ms=3)
right.axhline(0, color=ORANGE)
right.set(xlabel=f"predicted {short(number)}", ylabel="error", title="Errors")
for axes in (left, right):
    few_ticks(axes.xaxis)
    few_ticks(axes.yaxis)
plt.show()

# %% [markdown]
# The **coefficients** can be read: how far the prediction moves with one standard deviation of a
# number, or with a category, while the rest stays.

# %%
linear.fit(X, y)
weights = pd.Series(linear[-1].coef_, linear[:-1].get_feature_names_out())
weights.sort_values(key=abs, ascending=False).head(8).round(3)

# %% [markdown]
# *Try it:* does the noise get a small coefficient? How small is small?
#
# ## 4. Logistic regression and its metrics
#
# It gives a probability; a **threshold** turns that into yes or no. **Precision**: how many of those
# pointed at are right. **Recall**: how many of those looked for are found. **F1** is high only if
# both are. **Accuracy** flatters where one class is rare. **ROC-AUC** goes through all thresholds: of
# a random pair, how often does the right one get the higher probability?

# %%
how = {"method": "predict_proba"}
probability = unseen(LogisticRegression(max_iter=2_000), X, yes, **how)[:, 1]
fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6))
said_yes = probability >= yes.mean()
ConfusionMatrixDisplay.from_predictions(yes, said_yes, ax=left, cmap="Blues", colorbar=False)
left.set_title(f"Yes from {yes.mean():.2f} on{info.note}")
left.grid(visible=False)
RocCurveDisplay.from_predictions(yes, probability, ax=right, plot_chance_level=True)
plt.show()
print(classification_report(yes, said_yes, zero_division=0))

# %% [markdown]
# *Try it:* move the threshold to 0.5. What does accuracy say of a model that never says yes?
#
# ## 5. Nearest neighbours and trees: how wild may a model be?
#
# One neighbour, or a deep tree, knows its rows by heart, noise included (**variance**). Very many, or
# one question, say nearly the same of everybody (**bias**). Only unseen rows show what is best.

# %%
ks = [k for k in (1, 3, 7, 15, 40, 100) if k < len(X) // 2]
depths = [1, 2, 3, 5, 8, 12]
trees = [DecisionTreeRegressor(max_depth=depth, random_state=0) for depth in depths]
models = {
    "neighbours": (ks, [KNeighborsRegressor(k) for k in ks]),
    "levels of the tree": (depths, trees),
}
fig, pair = plt.subplots(1, 2, figsize=(9, 3.4), sharey=True)
for axes, (label, (settings, tried)) in zip(pair, models.items()):
    fitted = [make_pipeline(preparation(X), model).fit(X, y).score(X, y) for model in tried]
    axes.plot(settings, fitted, "o-", color=ORANGE, label="rows it has learnt")
    judged = [r2_score(y, unseen(model, X, y)) for model in tried]
    axes.plot(settings, judged, "o-", color=BLUE, label="unseen rows")
    axes.set(xlabel=label, title=f"R² of {short(number)}{info.note}", xscale="log")
    axes.set_xticks(settings, [str(setting) for setting in settings])
    axes.minorticks_off()
pair[0].legend()
plt.show()

# %%
tree = make_pipeline(preparation(X), DecisionTreeClassifier(max_depth=2)).fit(X, yes)
questions = [short(name.split("__", 1)[1]) for name in tree[:-1].get_feature_names_out()]
fig, axes = plt.subplots(figsize=(10, 3.6))
classes = ["no", "yes"]
plot_tree(tree[-1], feature_names=questions, class_names=classes, filled=True, ax=axes, fontsize=8)
axes.set_title(f"Two questions about {short(yes.name)} (numbers in standard deviations){info.note}")
plt.show()

# %% [markdown]
# ## 6. Learning curve: more rows, or another model?
#
# Look at the end of the curve of unseen rows. Where it still rises, more rows would help; where it
# is flat or falls, another model or other columns may. The gap between both curves is what was learnt
# by heart: a simpler model makes it smaller.

# %%
model, shares = make_pipeline(preparation(X), LinearRegression()), [0.2, 0.4, 0.7, 1.0]
how = {"cv": cv, "scoring": "r2", "train_sizes": shares, "shuffle": True, "random_state": 0}
sizes, learnt, new = learning_curve(model, X, y, **how)
fig, axes = plt.subplots(figsize=(7, 3))
axes.plot(sizes, learnt.mean(axis=1), "o-", color=ORANGE, label="rows it has learnt")
axes.plot(sizes, new.mean(axis=1), "o-", color=BLUE, label="unseen rows")
axes.set(xlabel="rows to learn from", ylabel="R²")
axes.set_title(f"Linear regression of {short(number)}{info.note}")
axes.legend()
plt.show()

# %% [markdown]
# *Try it:* what would be wrong with shuffled folds if you wanted to predict next month? Which model
# did `analysis train` choose, and by how much (`reports/metrics.json`)?
