# %% [markdown]
# # Customer Churn: a first look at the data
#
# Who are the customers, who of them left, and what distinguishes the two? This notebook answers
# with plots. Below each one stands what it shows, computed from the data at hand: with another
# data set in `config.yaml` the sentences change with the plots.

# %%
from churn.notebook import start

# %matplotlib inline
paths = start()

# %%
import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import Markdown, display
from matplotlib.ticker import PercentFormatter

# %%
from churn import eda
from churn.charts import outside_fences
from churn.data import read_processed
from churn.markdown import code

# %% [markdown]
# ## The data
#
# Only the training customers are shown here. Whoever looks at the test customers starts to choose
# features and models that suit them, and the test score is no longer honest.

# %%
data, info = read_processed(paths)
train, left = data.train, data.train[info.target]
numeric = [column for column in info.numeric if train[column].nunique() > 1]
strength = eda.associations(train, info)
by_strength = list(strength.index)
note = " (synthetic sample)" if info.synthetic else ""

origin = "**made up by this project: a synthetic sample**" if info.synthetic else "read from a file"
display(
    Markdown(
        f"The data set {code(info.name)} is {origin}. Of its {info.rows:,} customers "
        f"{len(train):,} are for training and {len(data.test):,} are kept for the test. Features: "
        f"{len(info.features)} ({len(info.numeric)} numeric, {len(info.categorical)} categorical). "
        f"The column {code(info.target)} says whether the customer left ({code(info.positive)})."
    )
)
for column, reason in info.left_out.items():
    display(Markdown(f"Left out: {code(column)} {reason}."))
eda.overview(train, info)

# %% [markdown]
# ## Missing values

# %%
unknown = eda.missing(train[info.features])
missing = unknown.mean().sort_values(ascending=False, kind="stable")
missing = missing[missing > 0].head(12)
if missing.empty:
    display(Markdown("No value is missing, so nothing has to be filled in."))
else:
    fig, axes = plt.subplots(figsize=(7, 1.2 + 0.35 * len(missing)), layout="constrained")
    eda.draw_shares(axes, missing, "share of customers without a value", "{:.1%}")
    axes.set_title(f"{eda.short(missing.index[0])} is missing most often{note}")
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    plt.show()

    first = missing.index[0]
    rates = eda.churn_rates(unknown[first].map({True: "missing", False: "known"}), left)
    sentence = f"{code(first)} is missing for {missing.iloc[0]:.1%} of the customers."
    if len(rates) == 2:
        without, known = rates.loc["missing"], rates.loc["known"]
        apart = without["low"] > known["high"] or without["high"] < known["low"]
        verdict = "the gap itself may say something" if apart else "no clear difference"
        sentence += (
            f" Without it {without['rate']:.0%} left (95% interval {without['low']:.0%} to "
            f"{without['high']:.0%}), with it {known['rate']:.0%}: {verdict}."
        )
    display(Markdown(sentence))

# %% [markdown]
# ## How many left

# %%
overall = left.mean()
counts = pd.Series({"stayed": (left == 0).sum(), "left": (left == 1).sum()})
fig, axes = plt.subplots(figsize=(7, 2), layout="constrained")
eda.draw_shares(axes, counts, "training customers", "{:,}")
axes.set_title(f"{overall:.0%} of the customers left{note}")
axes.xaxis.set_major_formatter("{x:,.0f}")
plt.show()

display(
    Markdown(
        f"For one customer who left there are {counts['stayed'] / counts['left']:.1f} who stayed. "
        f"To say \u201cstays\u201d of everybody would be right for {1 - overall:.0%}, "
        "and useless: so the models are compared by how well they rank customers (ROC-AUC), not by "
        "how often they are right."
        if overall < 0.5
        else f"More customers left than stayed: {overall:.0%}. The models are compared by how well "
        "they rank customers (ROC-AUC), not by how often they are right."
    )
)

# %% [markdown]
# ## Which features go with churn
#
# Cramér's V measures how much the churn rate differs between groups of customers: 0 means not at
# all, 1 means that the group decides who leaves. Numbers are cut into up to five ranges that hold
# about equally many customers, so that one measure serves all features. It looks at one feature
# at a time: what two do together comes further below.

# %%
shown = strength.head(12)
fig, axes = plt.subplots(figsize=(7, 1.2 + 0.35 * len(shown)), layout="constrained")
eda.draw_shares(axes, shown, "association with churn (Cramér's V)", "{:.2f}")
axes.set_title(f"{eda.short(by_strength[0])} goes with churn most{note}")
plt.show()

silent = [column for column in by_strength if strength[column] < 0.02]
sentence = f"{code(by_strength[0])} goes with churn most ({strength.iloc[0]:.2f})"
if len(by_strength) > 1:
    sentence += f", followed by {code(by_strength[1])} ({strength.iloc[1]:.2f})"
sentence += f". {len(silent)} of {len(by_strength)} features show next to none (below 0.02)"
sentence += f": {', '.join(map(code, silent[:8]))}." if silent else "."
display(Markdown(sentence))

# %% [markdown]
# ## Churn rate by category
#
# Each dot is the churn rate of a group, the bar its 95% interval: the smaller the group, the
# wider. The dashed line is the rate of all customers. Up to six features are shown, strongest
# first, and groups of at least 20 customers.

# %%
categories = [column for column in by_strength if column in info.categorical]
rates = {column: eda.churn_rates(eda.grouped(train[column]), left) for column in categories}
large = {column: table[table["customers"] >= eda.MIN_CUSTOMERS] for column, table in rates.items()}
shown = [column for column in categories if len(large[column])][:6]
if not shown:
    kind = "category with groups of that size" if categories else "categories"
    display(Markdown(f"This data set has no {kind}."))
else:
    height = (len(shown) + 1) // 2
    fig, grid = plt.subplots(
        height, 2, figsize=(10, 2.6 * height + 0.4), layout="constrained", squeeze=False
    )
    for axes in grid.flat[len(shown) :]:
        axes.remove()
    lines = []
    for axes, column in zip(grid.flat, shown):
        eda.draw_rates(axes, large[column], overall)
        axes.set_xlim(0, max(large[other]["high"].max() for other in shown))
        top, bottom = large[column]["rate"].idxmax(), large[column]["rate"].idxmin()
        high, low = large[column].loc[top], large[column].loc[bottom]
        axes.set_title(f"{eda.short(column)}: {low['rate']:.0%} to {high['rate']:.0%}")
        verdict = "overlap" if high["low"] <= low["high"] else "are apart"
        lines.append(
            f"- {code(column)}: {high['rate']:.0%} of {code(top)} left, {low['rate']:.0%} of "
            f"{code(bottom)}; the intervals {verdict}."
        )
    title = f"Of the categories, {eda.short(shown[0])} parts customers best{note}"
    fig.suptitle(title, x=0.01, ha="left", weight="bold")
    plt.show()
    display(Markdown("\n".join(lines)))

# %% [markdown]
# ## Numbers of leavers and stayers
#
# Leavers and stayers each add up to 100%, so the two shapes can be compared although there are
# more of one kind. The lowest and the highest bar also hold what lies beyond the 1st and 99th
# percentile.

# %%
numbers = [column for column in by_strength if column in numeric][:6]
if not numbers:
    display(Markdown("This data set has no numbers."))
else:
    height = (len(numbers) + 1) // 2
    fig, grid = plt.subplots(
        height, 2, figsize=(10, 2.8 * height + 0.4), layout="constrained", squeeze=False
    )
    for axes in grid.flat[len(numbers) :]:
        axes.remove()
    for axes, column in zip(grid.flat, numbers):
        eda.draw_distribution(axes, train[column], left)
    title = f"Of the numbers, {eda.short(numbers[0])} parts customers best{note}"
    fig.suptitle(title, x=0.01, ha="left", weight="bold")
    plt.show()

    medians = train[numbers].groupby(left).median()
    lines = [
        f"- {code(column)}: half of the leavers have at most {medians.loc[1, column]:,.4g}, "
        f"half of the stayers at most {medians.loc[0, column]:,.4g}."
        for column in numbers
    ]
    display(Markdown("\n".join(lines)))

# %% [markdown]
# ## Which numbers say the same
#
# Spearman's rank correlation: 1 when two columns rise together, -1 when one falls as the other
# rises, 0 when neither says anything of the other. It does not mind outliers. The last line is
# churn itself.

# %%
chosen = [column for column in by_strength if column in numeric][:11]
if not chosen:
    display(Markdown("This data set has no numbers to correlate."))
else:
    correlation = train[[*chosen, info.target]].corr(method="spearman")
    correlation = correlation.rename({info.target: "churn"}, axis=0)
    correlation = correlation.rename({info.target: "churn"}, axis=1)
    texts = (correlation.round(2) + 0.0).map(lambda value: "" if pd.isna(value) else f"{value:.2f}")
    side = 3.2 + 0.55 * len(correlation)
    pairs = correlation.iloc[:-1, :-1].stack()
    pairs = pairs[[one < other for one, other in pairs.index]]
    fig, axes = plt.subplots(figsize=(side + 1, side), layout="constrained")
    eda.draw_heat_map(axes, correlation, texts, (-1, 1), "rank correlation")
    if pairs.empty:
        sentence = f"{code(chosen[0])} is the only number"
        axes.set_title(f"{eda.short(chosen[0])} is the only number{note}")
    else:
        one, other = pairs.abs().idxmax()
        value = pairs[one, other]
        same = "say much the same" if abs(value) > 0.8 else "each say something of their own"
        sentence = f"The closest are {code(one)} and {code(other)} ({value:.2f}): they {same}"
        axes.set_title(f"Closest: {eda.short(one)} and {eda.short(other)}, {value:.2f}{note}")
    plt.show()

    with_churn = correlation.iloc[-1, :-1].fillna(0)  # known for leavers only, or stayers only
    nearest = with_churn.abs().idxmax()
    direction = "more" if with_churn[nearest] > 0 else "less"
    display(
        Markdown(
            f"{sentence}. Of the numbers, {code(nearest)} moves most steadily with churn "
            f"({with_churn[nearest]:.2f}): the higher it is, the {direction} churn."
        )
    )

# %% [markdown]
# ## Outliers
#
# A dot is a value further from the box than one and a half times its height (Tukey's rule). Rules
# of that kind find long tails as well as errors, so the question is whether such customers behave
# differently. Whether taming these values helps the model is tried in the next notebook. Numbers
# of which the middle half is a single value have no box, and are left out.

# %%
quartiles = train[numeric].quantile([0.25, 0.75])
spread = [column for column in numeric if quartiles[column].iloc[0] < quartiles[column].iloc[1]]
if not spread:
    display(Markdown("This data set has no numbers that spread, and so no outliers."))
else:
    beyond = pd.DataFrame({column: outside_fences(train[column]) for column in spread})
    order = beyond.mean().sort_values(ascending=False, kind="stable")
    widest = list(order.index[:6])
    height = (len(widest) + 2) // 3
    fig, grid = plt.subplots(
        height, 3, figsize=(10, 3 * height + 0.4), layout="constrained", squeeze=False
    )
    for axes in grid.flat[len(widest) :]:
        axes.remove()
    for axes, column in zip(grid.flat, widest):
        eda.draw_box(axes, train[column])
        axes.set_title(f"{order[column]:.1%} beyond")
    if order.iloc[0] == 0:
        title = f"No number has values beyond the fences{note}"
        sentence = "No value of these numbers lies beyond Tukey's fences."
    else:
        title = f"{eda.short(widest[0])} has most values beyond the fences{note}"
        rates = eda.churn_rates(beyond[widest[0]].map({True: "out", False: "in"}), left)
        out, inside = rates.loc["out"], rates.loc["in"]
        apart = out["low"] > inside["high"] or out["high"] < inside["low"]
        verdict = "these values tell, so they stay" if apart else "no clear difference"
        sentence = (
            f"{order.iloc[0]:.1%} of the customers lie beyond the fences of {code(widest[0])}. "
            f"Of them {out['rate']:.0%} left (95% interval {out['low']:.0%} to {out['high']:.0%}), "
            f"of the others {inside['rate']:.0%}: {verdict}."
        )
    fig.suptitle(title, x=0.01, ha="left", weight="bold")
    plt.show()
    display(Markdown(sentence))

# %% [markdown]
# ## The two strongest features together
#
# If the two simply added up, the pattern down each column would be the same. Where it is not, the
# features interact: trees can use that, a linear model cannot. Cells of fewer than 20 customers
# are left white.

# %%
first, second = (*by_strength, None)[:2]
rates = pd.DataFrame()
if second:
    cells = left.groupby([eda.grouped(train[first]), eda.grouped(train[second])], observed=True)
    sizes = cells.size().unstack()
    rates = cells.mean().unstack().where(sizes >= eda.MIN_CUSTOMERS)
known = rates.stack()
if known.empty:
    display(Markdown("There are not two features with enough customers in each cell."))
else:
    texts = rates.map(lambda rate: "" if pd.isna(rate) else f"{rate:.0%}")
    size = (3.5 + 0.8 * rates.shape[1], 2 + 0.45 * len(rates))
    fig, axes = plt.subplots(figsize=size, layout="constrained")
    eda.draw_heat_map(axes, rates, texts, (0, known.max()), "churn rate")
    axes.set_ylabel(eda.short(first))
    axes.set_xlabel(eda.short(second))
    top, bottom = known.idxmax(), known.idxmin()
    axes.set_title(f"Together: churn from {known[bottom]:.0%} to {known[top]:.0%}{note}")
    plt.show()

    spread = (rates.max(axis=1) - rates.min(axis=1)).dropna()
    most, least = spread.idxmax(), spread.idxmin()
    display(
        Markdown(
            f"Churn is highest, {known[top]:.0%}, where {code(first)} is {code(top[0])} and "
            f"{code(second)} is {code(top[1])}. Where {code(first)} is {code(most)}, churn moves "
            f"by {100 * spread[most]:.0f} percentage points over {code(second)}; where it is "
            f"{code(least)}, by {100 * spread[least]:.0f}."
        )
    )

# %% [markdown]
# ## What follows for the models
#
# What goes with churn does not yet cause it: a plot shows who left, not why. And one feature at a
# time hides what several say together. Both questions go to [02_modelling](02_modelling.ipynb).
