# %% [markdown]
# # Mini-Analysis: first models
#
# A model is a rule, learnt from rows whose answer is known, for rows whose answer is not. Two
# kinds of answer: a number (**regression**) and a category (**classification**). Three kinds of
# rule: a weighted sum, the most similar rows, a tree of questions. And one art: to find out how
# good they are without fooling oneself.

# %%
import os

from analysis.notebook import start

# %matplotlib inline
# On small tables one thread is faster than several that wait for each other.
os.environ["OMP_NUM_THREADS"] = "1"
paths = start()

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import Markdown, display

# %%
from scipy import sparse
from sklearn.feature_selection import SelectKBest, f_regression
from sklearn.linear_model import LinearRegression
from sklearn.metrics import (
    confusion_matrix,
    precision_recall_curve,
    r2_score,
    roc_auc_score,
    roc_curve,
)
from sklearn.model_selection import (
    KFold,
    ShuffleSplit,
    StratifiedShuffleSplit,
    cross_val_predict,
    cross_val_score,
    validation_curve,
)
from sklearn.pipeline import make_pipeline
from sklearn.tree import plot_tree

from analysis import lessons
from analysis.blocks import METRICS
from analysis.charts import BLUE, GREEN, GREY, ORANGE, short
from analysis.config import load_config
from analysis.data import read_processed
from analysis.files import read_json
from analysis.markdown import code
from analysis.models import folds, ladder, preparation
from analysis.pipeline import STAGES
from analysis.summaries import display_name, rarer_class
from analysis.train import learning, reason_to_skip, scoring, split

# %% [markdown]
# ## 1. Split first
#
# A model is judged on rows that it has never seen: everybody is good at exam questions whose
# answers they have read. So some rows are put away *before* anything is looked at. They are the
# **test set**: the pipeline scores the chosen model on it, once. This notebook only explores, on
# the **training rows**, and reads the test scores from `reports/metrics.json` at the very end.
#
# Of the classes, each part gets the same shares (`stratify`). The seed and the size stand in
# `config.yaml`, so these are the very rows of the
# pipeline: `split` in `train.py` calls scikit-learn's `train_test_split`.

# %%
table, info = read_processed(paths)
config = load_config(paths.root / "config.yaml", info.name)
metrics_file = paths.reports / "metrics.json"
metrics = read_json(metrics_file) if metrics_file.exists() else {}
if metrics.get("dataset") != info.summary:
    for stage in STAGES[1:]:  # the first made the data
        stage.run(config, paths)
    metrics = read_json(metrics_file)
note = " (synthetic sample)" if info.synthetic else ""
# Every model is looked at here, whichever of them `config.yaml` lets compete.
names = ("linear", "nearest_neighbours", "decision_tree")
all_models = config.model_copy(update={"models": names})

tasks, skipped, scorers, lines = {}, {}, {}, []
for task, target in (
    ("regression", info.regression_target),
    ("classification", info.classification_target),
):
    reason = reason_to_skip(table, info, config, target)
    if reason:
        skipped[task] = f"No {task}: {reason}."
        lines.append(f"- {skipped[task]}")
        continue
    is_class = task == "classification"
    X_train, X_test, y_train, y_test = split(table, info, config, target, is_class)
    tasks[task] = (X_train, y_train)
    scorers[task] = scoring(y_train, is_class)
    lines.append(
        f"- **{task.capitalize()}** of {code(target)}: {len(X_train):,} {info.rows_are} to learn "
        f"from, {len(X_test):,} put away for the test."
    )
    del X_test, y_test  # nothing below can look at them
first = next(iter(tasks), None)
score_names = {"regression": "R²", "classification": "ROC-AUC"}
nothing = "Skipped: this data set has nothing to predict."
features = f"Features ({len(info.features)}): {', '.join(map(code, info.features)) or 'none'}."
display(Markdown("\n".join([*lines, "", features])))

# %% [markdown]
# ### Leakage
#
# A score can be too good to be true. **Leakage** is when a model learns from what it will not
# have when it is used: a column that was filled in *after* the answer was known, or anything
# that was worked out with the help of the rows it is judged on.

# %%
if tasks:
    X_train, y_train = tasks[first]
    is_class = first == "classification"
    rng = np.random.default_rng(config.seed)
    # "Known afterwards": the answer itself, a little blurred.
    blur = rng.random(len(y_train)) < 0.1
    if is_class:
        afterwards = y_train.where(~blur, rng.permutation(y_train.to_numpy()))
    else:
        afterwards = y_train + rng.normal(0, 0.3 * y_train.std(), len(y_train))
    honest, leaking = (
        cross_val_score(
            ladder(all_models, rows, is_class)["linear"],
            rows,
            y_train,
            cv=folds(config, is_class),
            scoring=scorers[first],
        ).mean()
        for rows in (X_train, X_train.assign(**{"known afterwards": afterwards}))
    )

# Nothing but noise: 1,000 features, of which the ten most promising are chosen, and a random answer.
rng = np.random.default_rng(config.seed)
noise, luck = rng.normal(size=(100, 1_000)), rng.normal(size=100)
cv = KFold(5, shuffle=True, random_state=config.seed)
chosen_before = SelectKBest(f_regression, k=10).fit_transform(noise, luck)
inside = make_pipeline(SelectKBest(f_regression, k=10), LinearRegression())
cheating = r2_score(luck, cross_val_predict(LinearRegression(), chosen_before, luck, cv=cv))
fair = r2_score(luck, cross_val_predict(inside, noise, luck, cv=cv))
answer = (
    f"- A column from the future takes the linear model of {code(y_train.name)} from "
    f"{honest:.3f} to {leaking:.3f} ({score_names[first]}).\n"
    if tasks
    else ""
)
display(
    Markdown(
        answer
        + "- 1,000 columns of pure noise seem to predict a random number if the ten best are "
        f"chosen on all rows: R² {cheating:.2f}. Chosen inside each fold, by the training rows "
        f"alone, they show what they are worth: {fair:.2f}."
    )
)

# %% [markdown]
# So every step that learns from data (filling in, scaling, choosing) belongs *inside* the model.
# scikit-learn's `Pipeline` does just that.
#
# *Try it:* which columns of your own table would be empty at the moment when the prediction is
# needed? They go under `drop` in `config.yaml`.

# %% [markdown]
# ## 2. Preparation: filling in, scaling, encoding
#
# Models do sums. So a missing number gets the median, numbers are **scaled** to mean 0 and standard
# deviation 1, and a category becomes one column of 0 and 1 for each value (**one-hot encoding**):
# numbering the values 1, 2, 3 would claim an order and distances that are not there. Here is one
# row, before and after.

# %%
if tasks:
    prepared = preparation(X_train).fit(X_train)
    row = prepared.transform(X_train.head(1))
    row = (row.toarray() if sparse.issparse(row) else row)[0]
    after = pd.Series(row, index=prepared.get_feature_names_out()).round(2)
    display(X_train.head(1).T.set_axis(["before"], axis=1).head(15))
    display(after.rename("after").to_frame().head(20))
    display(Markdown(f"Columns before: {X_train.shape[1]}, after: {len(after)}."))
else:
    display(Markdown(nothing))

# %% [markdown]
# Does scaling matter? To models that measure distances it does: the number with the largest unit
# would decide alone which rows are alike. A tree only asks whether a number is above a limit, and
# does not care.

# %%
if tasks:
    few = slice(0, 1_000)  # enough to see the point; the split has mixed the rows already
    scores = {}
    for label in ("nearest_neighbours", "decision_tree"):
        scaled = ladder(all_models, X_train, is_class)[label]
        unscaled = ladder(all_models, X_train, is_class)[label].set_params(
            columntransformer__numbers__standardscaler="passthrough"
        )
        scores[label.replace("_", " ")] = {
            how: cross_val_score(
                model,
                X_train[few],
                y_train[few],
                cv=folds(config, is_class),
                scoring=scorers[first],
            ).mean()
            for how, model in (("scaled", scaled), ("as it is", unscaled))
        }
    scores = pd.DataFrame(scores).T
    scores.index.name = score_names[first]
    display(scores.map("{:.3f}".format))
    gain = (scores["scaled"] - scores["as it is"])["nearest neighbours"]
    verdict = "change little" if abs(gain) < 0.005 else "gain" if gain > 0 else "lose"
    display(
        Markdown(
            f"By scaling, the nearest neighbours of {code(y_train.name)} {verdict} ({gain:+.3f})."
        )
    )

# %% [markdown]
# *Try it:* a category with a thousand values would become a thousand columns. How does
# `preparation` in `models.py` limit them?

# %% [markdown]
# ## 3. Cross-validation: every row is judged once
#
# To compare models one needs rows that they have not seen, but the test set is put away. So the
# training rows are cut into **folds**: each fold is judged by a model that learnt from the others.
# All rows serve both ends, and the luck of a single split is averaged out. How much luck is that?

# %%
if tasks:
    model = ladder(all_models, X_train, is_class)["linear"]
    single = (StratifiedShuffleSplit if is_class else ShuffleSplit)(
        20, test_size=config.split.test_size, random_state=config.seed
    )
    splits, kept = (
        cross_val_score(model, X_train[few], y_train[few], cv=cv, scoring=scorers[first])
        for cv in (single, folds(config, is_class))
    )

    fig, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.6), layout="constrained")
    grid = np.zeros((config.split.folds, 60))
    for place, (_, judged) in enumerate(folds(config, False).split(grid[0])):
        grid[place, judged] = 1
    left.imshow(grid, aspect="auto", cmap="Blues", vmin=-0.4, vmax=1.2)
    left.set_yticks(range(len(grid)), [f"fold {place + 1}" for place in range(len(grid))])
    left.grid(visible=False)
    left.set_xlabel("60 rows: dark ones are judged, light ones learnt")
    left.set_title("Each row is judged in one fold")
    label = score_names[first]
    right.hist(splits, bins=12, color=GREY, label="20 single splits")
    right.axvline(kept.mean(), color=BLUE, lw=2, label=f"mean of {len(kept)} folds")
    right.set_xlabel(f"{label} of the linear model of {short(y_train.name)}")
    right.set_ylabel("splits")
    right.set_title(f"One split is a matter of luck{note}")
    right.legend(fontsize=8)
    plt.show()
    display(
        Markdown(
            f"The same model, the same data: depending on the split, {label} lies between "
            f"{splits.min():.3f} and {splits.max():.3f}. The folds say {kept.mean():.3f}."
        )
    )
else:
    display(Markdown(nothing))

# %% [markdown]
# *Try it:* what would be wrong with `KFold` without `shuffle` on a table that is sorted by date?
# And when would it be right *not* to shuffle?

# %% [markdown]
# ## 4. Linear regression, MSE and R²
#
# The prediction is a weighted sum. Its weights, the **coefficients**, can be read: how far the
# prediction moves when one feature moves and the others stay. Numbers move by one standard
# deviation here, categories from their lowest to their highest value, so that all can be compared.

# %%
if "regression" in tasks:
    X_train, y_train = tasks["regression"]
    target = y_train.name
    linear = ladder(all_models, X_train, False)["linear"].fit(X_train, y_train)
    changes = lessons.what_changes(linear, X_train)
    lines = []
    for feature, change in changes.head(5).iterrows():
        moved = f"{abs(change['change']):,.4g} {'higher' if change['change'] > 0 else 'lower'}"
        if pd.api.types.is_numeric_dtype(X_train[feature]):
            moved_from = f"{change['from']:,.3g} to {change['to']:,.3g}"
            lines.append(f"- With {code(feature)} up from {moved_from}, {code(target)} is {moved}.")
        else:
            lines.append(
                f"- With {code(feature)} {code(change['to'])} instead of {code(change['from'])}, "
                f"{code(target)} is {moved}."
            )
    display(Markdown("All else equal, says the model:\n\n" + "\n".join(lines)))
    weights = pd.Series(linear[-1].coef_, index=linear[:-1].get_feature_names_out())
    display(weights.rename("coefficient").round(2).to_frame().head(20))
else:
    display(Markdown(skipped["regression"]))

# %% [markdown]
# What is left over are the errors. Their mean square is the **MSE** (in squared units; its root
# reads like a typical error), and **R²** is the share of the variance that is explained: 1 is
# perfect, 0 is no better than always saying the mean, and below 0 is worse.

# %%
if "regression" in tasks:
    predicted = cross_val_predict(linear, X_train, y_train, cv=folds(config, False))
    errors = y_train.to_numpy() - predicted
    mse = (errors**2).mean()
    r2 = 1 - mse / y_train.var(ddof=0)
    competed = {
        model["name"]: model["metrics"]
        for model in metrics["models"]
        if model["task"] == "regression"
    }

    fig, (left, right) = plt.subplots(1, 2, figsize=(9.5, 4.2), layout="constrained")
    left.plot(predicted, y_train, ".", color=BLUE, ms=3, alpha=0.5)
    ends = [min(predicted.min(), y_train.min()), max(predicted.max(), y_train.max())]
    left.plot(ends, ends, color=ORANGE, lw=1, label="perfect")
    left.set_ylabel(short(target))
    left.set_title(f"R² = {r2:.2f}{note}")
    left.legend()
    right.plot(predicted, errors, ".", color=BLUE, ms=3, alpha=0.5)
    right.axhline(0, color=ORANGE, lw=1)
    right.set_ylabel("error (real less predicted)")
    right.set_title("A pattern in the errors is work left to do")
    for axes in (left, right):
        axes.set_xlabel(f"predicted {short(target)} (unseen rows)")
    plt.show()

    fan = pd.Series(np.abs(errors)).corr(pd.Series(predicted), method="spearman")
    lower = int((predicted < y_train.min()).sum())
    display(
        Markdown(
            f"By hand: MSE {mse:,.4g} (typical error {mse**0.5:,.4g}), R² {r2:.3f}. "
            + (
                f"The pipeline found {competed['linear']['r2']['value']:.3f} on the same folds. "
                if "linear" in competed
                else ""
            )
            + (
                "The errors grow with the prediction: a logarithm of the target, or a tree, may do "
                "better. "
                if fan > 0.3
                else "The errors are about as large everywhere. "
            )
            + f"{lower} of {len(predicted):,} predictions lie below the lowest value there is."
        )
    )

# %% [markdown]
# *Try it:* predict `np.log(y)` instead, turn the predictions back with `np.exp`, and compare the
# R². Why is MSE so much moved by a few large errors, and what would you use instead?

# %% [markdown]
# ## 5. Logistic regression, and the many ways to score a class
#
# The same weighted sum, but it gives **log-odds**, which an S-shaped curve turns into a
# probability. One unit more multiplies the odds (yes : no) by a factor. The class that is looked
# for is the rarer one; of more than two, it is set against all others here.

# %%
if "classification" in tasks:
    X_train, y_train = tasks["classification"]
    target, rare = y_train.name, rarer_class(y_train)
    sought = (y_train == rare).to_numpy()
    logistic = ladder(all_models, X_train, True)["linear"].fit(X_train, sought)
    changes = lessons.what_changes(logistic, X_train)
    lines = []
    for feature, change in changes.head(5).iterrows():
        factor = np.exp(change["change"])
        if pd.api.types.is_numeric_dtype(X_train[feature]):
            moved = f"{code(feature)} up from {change['from']:,.3g} to {change['to']:,.3g}"
        else:
            moved = f"{code(feature)} {code(change['to'])} instead of {code(change['from'])}"
        lines.append(f"- {moved}: the odds of {code(rare)} are multiplied by {factor:.2f}.")
    display(Markdown("All else equal, says the model:\n\n" + "\n".join(lines)))

    probability = cross_val_predict(
        logistic, X_train, sought, cv=folds(config, True), method="predict_proba"
    )[:, 1]
    inside = np.clip(probability, 1e-6, 1 - 1e-6)
    log_odds = np.log(inside / (1 - inside))
    fig, axes = plt.subplots(figsize=(8, 3.8), layout="constrained")
    bins = np.linspace(log_odds.min(), log_odds.max(), 40)
    for of, colour, label in ((~sought, GREY, "others"), (sought, ORANGE, short(rare))):
        axes.hist(log_odds[of], bins, density=True, alpha=0.5, color=colour, label=label)
    axes.set_xlabel("log-odds that the model gives (unseen rows)")
    axes.set_ylabel("density of rows")
    curve = axes.twinx()
    curve.plot(bins, 1 / (1 + np.exp(-bins)), color=BLUE)
    curve.set_ylabel("probability (blue)", color=BLUE)
    curve.set_ylim(0, 1)
    curve.grid(visible=False)
    axes.set_title(f"The further apart the two, the better the model{note}")
    axes.legend(title=short(target))
    plt.show()
else:
    display(Markdown(skipped["classification"]))

# %% [markdown]
# To act, one needs a **threshold**: from which probability on is it a yes? Then there are two ways
# to be right and two to be wrong, the **confusion matrix**. From it follow
#
# - **accuracy**: how many are right. It flatters where one class is rare;
# - **precision**: how many of those pointed at are right;
# - **recall**: how many of those looked for are found;
# - **F1**: high only if both of these are.

# %%
if "classification" in tasks:
    limits = {"0.5": 0.5, "the share of the class": sought.mean()}
    fig, grid = plt.subplots(1, 2, figsize=(9.5, 3.6), layout="constrained")
    rows = {}
    for axes, (label, limit) in zip(grid, limits.items()):
        cells = confusion_matrix(sought, probability >= limit)
        (right_no, alarm), (missed, hit) = cells
        axes.imshow(cells, cmap="Blues", vmin=0, vmax=1.5 * cells.max(), aspect="auto")
        for (row, column), count in np.ndenumerate(cells):
            axes.text(column, row, f"{count:,}", ha="center", va="center", fontsize=14)
        axes.set_xticks([0, 1], ["others", short(rare)])
        axes.set_yticks([0, 1], ["others", short(rare)])
        axes.set_xlabel(f"predicted, from {limit:.2f} on")
        axes.set_ylabel(f"real {short(target)}")
        axes.grid(visible=False)
        axes.set_title(f"{hit:,} found, {missed:,} missed, {alarm:,} false alarms")
        rows[f"threshold: {label}"] = {
            "accuracy": (hit + right_no) / cells.sum(),
            "precision": hit / max(1, hit + alarm),
            "recall": hit / (hit + missed),
            "F1": 2 * hit / (2 * hit + alarm + missed),
        }
    plt.show()
    nobody = {"precision": 0.0, "recall": 0.0, "F1": 0.0}
    rows["always \u201cothers\u201d"] = {"accuracy": 1 - sought.mean(), **nobody}
    display(pd.DataFrame(rows).T.map("{:.3f}".format))
    lazy, at_half = 1 - sought.mean(), rows["threshold: 0.5"]["accuracy"]
    display(
        Markdown(
            f"Whoever always says \u201cothers\u201d is right for {lazy:.1%}, the model at 0.5 for "
            f"{at_half:.1%}: accuracy hardly tells them apart."
            if abs(at_half - lazy) < 0.05
            else f"The model at 0.5 is right for {at_half:.1%}; to say \u201cothers\u201d always, "
            f"for {lazy:.1%}."
        )
    )

# %% [markdown]
# The **ROC curve** goes through all thresholds at once: how many are found, against how many
# others are bothered. The area below it, **ROC-AUC**, is the chance that of a random pair, one of
# each class, the right one gets the higher probability. 0.5 is guessing.

# %%
if "classification" in tasks:
    alarms, found, _ = roc_curve(sought, probability)
    precision, recall, thresholds = precision_recall_curve(sought, probability)
    area = roc_auc_score(sought, probability)
    rng = np.random.default_rng(config.seed)
    ones, others = rng.choice(probability[sought], 20_000), rng.choice(probability[~sought], 20_000)
    pairs = (ones > others).mean() + (ones == others).mean() / 2

    fig, (left, right) = plt.subplots(1, 2, figsize=(9.5, 4.2), layout="constrained")
    left.plot(alarms, found, color=BLUE, lw=2, label="logistic regression")
    left.plot([0, 1], [0, 1], "--", color="black", lw=1, label="guessing")
    for limit, marker in ((0.5, "o"), (sought.mean(), "s")):
        act = probability >= limit
        place = (act[~sought].mean(), act[sought].mean())
        left.plot(*place, marker, color=ORANGE, label=f"threshold {limit:.2f}")
    left.set_xlabel("others pointed at (false alarms)")
    left.set_ylabel(f"{short(rare)} found (recall)")
    left.set_title(f"ROC-AUC {area:.3f}{note}")
    left.legend(fontsize=8)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    scores = {"precision": (precision, BLUE), "recall": (recall, GREEN), "F1": (f1, ORANGE)}
    for label, (score, colour) in scores.items():
        right.plot(thresholds, score[:-1], color=colour, label=label)
    right.set_xlabel("threshold")
    right.set_ylabel("score")
    right.set_title("More found means more false alarms")
    right.legend(fontsize=8)
    plt.show()

    competed = {
        model["name"]: model["metrics"]
        for model in metrics["models"]
        if model["task"] == "classification"
    }
    best = f1[:-1].argmax()
    same = "linear" in competed and y_train.nunique() == 2
    display(
        Markdown(
            f"Of 20,000 random pairs the model puts {pairs:.1%} in the right order; the area is "
            f"{area:.3f}"
            + (
                f", and the pipeline found {competed['linear']['roc_auc']['value']:.3f} on the same "
                "folds. "
                if same
                else ". "
            )
            + f"F1 is highest ({f1[best]:.3f}) at a threshold of {thresholds[best]:.2f}. Which "
            "threshold is best for you is a question of what a miss and a false alarm cost."
        )
    )

# %% [markdown]
# *Try it:* choose the threshold at which a false alarm costs you as much as a tenth of a miss.
# Does ROC-AUC change when all probabilities are squared? Does accuracy?

# %% [markdown]
# ## 6. Nearest neighbours: how many?
#
# No formula at all: the prediction is the average answer of the *k* most similar rows. With k = 1
# the model knows every row by heart, noise included (**variance**). With a very large k it says
# nearly the same for everybody (**bias**). In between lies the best one, and only rows that it has
# not seen can show where.

# %%
if tasks:
    fig, grid = plt.subplots(
        1, len(tasks), figsize=(4.75 * len(tasks), 4), layout="constrained", squeeze=False
    )
    lines = []
    for axes, (task, (X_train, y_train)) in zip(grid[0], tasks.items()):
        is_class = task == "classification"
        model = ladder(all_models, X_train, is_class)["nearest_neighbours"]
        ks = [k for k in (1, 3, 7, 15, 40, 150) if k <= 0.3 * len(X_train[few])]
        learnt, unseen = validation_curve(
            model,
            X_train[few],
            y_train[few],
            param_name=f"{model.steps[-1][0]}__n_neighbors",
            param_range=ks,
            cv=folds(config, is_class),
            scoring=scorers[task],
        )
        lessons.draw_scores(axes, ks, learnt, unseen)
        axes.set_xscale("log")
        axes.set_xticks(ks, [str(k) for k in ks])
        axes.minorticks_off()
        axes.set_xlabel("neighbours k")
        axes.set_ylabel(score_names[task])
        axes.set_title(f"{short(y_train.name)}{note}")
        best = ks[unseen.mean(axis=1).argmax()]
        gap = (learnt - unseen).mean(axis=1).round(2) + 0.0  # no "-0.00"
        lines.append(
            f"- {code(y_train.name)}: best with k = {best}. With k = {ks[0]} the model is "
            f"{gap[0]:.2f} better on rows it has learnt than on others, with k = {ks[-1]} "
            f"{gap[-1]:.2f}."
        )
    title = "With one neighbour the rows are learnt by heart"
    fig.suptitle(title, x=0.01, ha="left", weight="bold")
    plt.show()
    display(Markdown("\n".join(lines)))
else:
    display(Markdown(nothing))

# %% [markdown]
# *Try it:* add ten columns of random numbers to `X_train`. Why do the neighbours suffer more than
# the linear model?

# %% [markdown]
# ## 7. Decision tree: how deep?
#
# A tree asks one question at a time, each time the one that parts the answers best, and says the
# average (or the most frequent class) of the leaf where a row ends. Two levels can be read; go left
# where the line holds. (A column of 0 and 1 is a category: `<= 0.5` means "is not".)

# %%
for task, (X_train, y_train) in tasks.items():
    is_class = task == "classification"
    model = ladder(all_models, X_train, is_class)["decision_tree"]
    small = model.set_params(
        **{
            # Numbers stay in their own units, so that the limits can be read.
            "columntransformer__numbers__standardscaler": "passthrough",
            f"{model.steps[-1][0]}__max_depth": 2,
        }
    ).fit(X_train, y_train)
    labels = [name.split("__", 1)[1] for name in small[:-1].get_feature_names_out()]
    fig, axes = plt.subplots(figsize=(10, 4.6), layout="constrained")
    plot_tree(
        small[-1],
        ax=axes,
        feature_names=[short(label) for label in labels],
        class_names=[short(label) for label in small[-1].classes_] if is_class else None,
        impurity=False,
        filled=True,
        rounded=True,
        precision=1,
        fontsize=9,
    )
    root_question = short(labels[small[-1].tree_.feature[0]])
    axes.set_title(f"{short(y_train.name)}: the first question is about {root_question}{note}")
    plt.show()
if not tasks:
    display(Markdown(nothing))

# %% [markdown]
# The deeper, the better it fits the rows it learns from, down to one row a leaf. On other rows it
# gets better at first and then worse. That is **overfitting**, and the two curves part where it
# begins.

# %%
if tasks:
    fig, grid = plt.subplots(
        1, len(tasks), figsize=(4.75 * len(tasks), 4), layout="constrained", squeeze=False
    )
    lines = []
    for axes, (task, (X_train, y_train)) in zip(grid[0], tasks.items()):
        is_class = task == "classification"
        model = ladder(all_models, X_train, is_class)["decision_tree"]
        step = model.steps[-1][0]
        depths = [1, 2, 3, 5, 8, 14]
        learnt, unseen = validation_curve(
            model.set_params(**{f"{step}__min_samples_leaf": 1}),
            X_train[few],
            y_train[few],
            param_name=f"{step}__max_depth",
            param_range=depths,
            cv=folds(config, is_class),
            scoring=scorers[task],
        )
        lessons.draw_scores(axes, depths, learnt, unseen)
        axes.set_xticks(depths)
        axes.set_xlabel("levels of the tree")
        axes.set_ylabel(score_names[task])
        axes.set_title(f"{short(y_train.name)}{note}")
        best = unseen.mean(axis=1).argmax()
        lines.append(
            f"- {code(y_train.name)}: best with {depths[best]} levels. With {depths[-1]} the tree "
            f"scores {learnt.mean(axis=1)[-1]:.2f} on what it has learnt and "
            f"{unseen.mean(axis=1)[-1]:.2f} on what it has not; at its best it was "
            f"{unseen.mean(axis=1)[best]:.2f}."
        )
    title = "A deep tree learns its rows by heart"
    fig.suptitle(title, x=0.01, ha="left", weight="bold")
    plt.show()
    display(Markdown("\n".join(lines)))

# %% [markdown]
# *Try it:* the project's tree is not limited in depth, but each leaf must hold at least
# `LEAF_ROWS` rows (`models.py`). Draw the same curve over that number.

# %% [markdown]
# ## 8. Learning curves: more rows, or another model?
#
# Train on more and more rows. If both curves have met, the model has learnt what it can, and more
# rows will not help: **bias**; try a richer model or better features. If there is a gap, the model
# follows the accidents of its rows: **variance**; more rows would help, or a simpler model. Beside
# the chosen model stands a tree without any limit.

# %%
for task, (X_train, y_train) in tasks.items():
    is_class = task == "classification"
    report = metrics["foundations"]["tasks"][task]
    tree = ladder(all_models, X_train, is_class)["decision_tree"]
    tree.set_params(**{f"{tree.steps[-1][0]}__min_samples_leaf": 1})
    curves = {
        display_name(report["selected"], task): report["learning"],
        "a tree without limits": learning(tree, X_train[few], y_train[few], config, is_class),
    }
    fig, grid = plt.subplots(1, 2, figsize=(9.5, 4), layout="constrained", sharey=True)
    for axes, (label, curve) in zip(grid, curves.items()):
        axes.plot(curve["rows"], curve["learnt"], "o-", color=ORANGE, label="rows it has learnt")
        axes.plot(curve["rows"], curve["unseen"], "o-", color=BLUE, label="rows it has not seen")
        axes.set_xlabel("rows to learn from")
        axes.set_title(label)
    grid[0].set_ylabel(report["learning"]["metric"])
    grid[0].legend(fontsize=8)
    title = f"{short(y_train.name)}: what more rows would bring{note}"
    fig.suptitle(title, x=0.01, ha="left", weight="bold")
    plt.show()
    wild = curves["a tree without limits"]["sentence"].replace("The chosen model", "The tree")
    display(Markdown(f"{report['learning']['sentence']} {wild}"))
if not tasks:
    display(Markdown(nothing))

# %% [markdown]
# ## 9. The comparison, and the test
#
# All models on the same folds, as the pipeline scored them, with 95% bootstrap intervals. A model
# that does not beat the **dummy** has learnt nothing. The best one by R² or ROC-AUC is chosen, and
# only that one has met the test rows. (Of more than two classes each is looked for in turn, and
# the mean counts.)

# %%
for task in tasks:
    report = metrics["foundations"]["tasks"][task]
    models = [model for model in metrics["models"] if model["task"] == task]
    rows = {
        display_name(model["name"], task) + " (chosen)" * model["selected"]: model["metrics"]
        for model in models
    }
    rows["chosen, on the test rows"] = report["test"]
    show = "{value:,.3f} ({low:,.3f} to {high:,.3f})"
    large = "{value:,.0f} ({low:,.0f} to {high:,.0f})"
    display(
        pd.DataFrame(
            {
                label: {
                    METRICS[key]: (large if score["value"] > 1_000 else show).format(**score)
                    for key, score in scores.items()
                }
                for label, scores in rows.items()
            }
        ).T.rename_axis(task)
    )
    key = "roc_auc" if task == "classification" else "r2"
    validated = next(model for model in models if model["selected"])["metrics"][key]
    chosen = validated["value"]
    beaten = validated["low"] > models[0]["metrics"][key]["high"]
    test = report["test"][key]
    held = test["low"] <= chosen <= test["high"]
    better = "better" if test["value"] > chosen else "worse"
    ranked = sorted(models, key=lambda model: -model["metrics"][key]["value"])
    close = len(ranked) > 1 and ranked[0]["metrics"][key]["low"] < ranked[1]["metrics"][key]["high"]
    display(
        Markdown(
            f"{code(report['target'])}: the chosen model, "
            f"{display_name(report['selected'], task)}, was {chosen:.3f} in validation and is {test['value']:.3f} on the test rows "
            f"({test['low']:.3f} to {test['high']:.3f}): "
            + ("as promised. " if held else f"{better} than validation promised. ")
            + (
                "The next best is so close that other rows could turn the order."
                if close
                else "The next best is clearly behind."
            )
            + ("" if beaten else " It does not clearly beat the dummy: little can be learnt here.")
        )
    )
if not tasks:
    display(Markdown("\n".join(skipped.values())))

# %% [markdown]
# *Try it:* explain to somebody why the test score may be looked at once. What would you do if it
# were much lower than expected, and what may you *not* do?
