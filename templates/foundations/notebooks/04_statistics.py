# %% [markdown]
# # Statistics, by simulation
#
# Statistics asks one question: what would have been different with other rows? Formulas answer it in
# a line, and are easy to believe wrongly. So let the computer draw the rows a thousand times, and look.

# %%
from analysis.kit.charts import BLUE, GREEN, GREY, ORANGE, short, start

# %matplotlib inline
paths = start()

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats

from analysis.data import whole
from analysis.figures import few_ticks
from analysis.hypotheses import counted, enough_rows, robust_means, rows_together
from analysis.roles import as_number, as_numbers, readable

table, info = whole(paths)
rng = np.random.default_rng(0)
numbers = as_numbers(table, info)
name = info.outcome if info.outcome in numbers else numbers.columns[0]
if name in info.measures:  # all rows in which it is known, whatever else they lack
    numbers = table[[name]].dropna()
values = numbers[name].to_numpy()
print(f"data set: {info.name}, {len(values):,} values of {name}{info.note}")

# %% [markdown]
# ## 1. Mean, variance, and the mean of other rows
#
# The **variance** is the mean squared distance from the mean, the **standard deviation** its root.
# Take a few rows, compute their mean, take others: these means spread by *standard deviation / √n*,
# the **standard error**, and the more rows, the nearer they are to normal, even of lopsided values.

# %%
fig, row = plt.subplots(1, 3, figsize=(10, 3))
for axes, size in zip(row, (1, 10, 100)):
    means = rng.choice(values, (4_000, size)).mean(axis=1)
    axes.hist(means, bins=40, density=True, color=BLUE, alpha=0.6)
    points = np.linspace(means.min(), means.max(), 200)
    normal = stats.norm(values.mean(), values.std() / np.sqrt(size))
    axes.plot(points, normal.pdf(points), color=ORANGE)
    axes.set(title=f"means of {size}{info.note}", xlabel=short(name), yticks=[])
    few_ticks(axes.xaxis)
    spread, formula = readable(means.std()), readable(normal.std())
    print(f"{size:>3} rows: spread {spread}, by the formula {formula}")
plt.show()

# %% [markdown]
# *Try it:* how many rows make the standard error half as large? Are medians as steady as means?
#
# ## 2. Distributions: a story of how numbers come about
#
# **Normal**: many small influences add up. **Lognormal**: they multiply, as in prices. On a **QQ
# plot** the dots follow the line where the data is as the story says; the ends tell most.

# %%
stories = {"normal": values, "lognormal (log of 1 + x)": np.log1p(values - values.min())}
fig, pair = plt.subplots(1, 2, figsize=(9, 3.2))
for axes, (story, data) in zip(pair, stories.items()):
    stats.probplot(data, plot=axes)
    axes.set_title(f"{story}{info.note}")
    few_ticks(axes.yaxis)
plt.show()

# %% [markdown]
# ## 3. Confidence intervals: is the promise kept?
#
# A recipe for 95% intervals holds the truth in 95 of 100 samples. Take the table for the world, so
# that the truth is known, and try: mean ± t × standard error, from few rows and from many.


# %%
def covered(size: int, runs: int = 2_000) -> float:
    """How often a 95% t interval from ``size`` rows holds the mean of all."""
    samples = rng.choice(values, (runs, size))
    error = samples.std(axis=1, ddof=1) / np.sqrt(size)
    reach = stats.t.ppf(0.975, size - 1) * error
    return float((np.abs(samples.mean(axis=1) - values.mean()) <= reach).mean())


pd.Series({size: covered(size) for size in (5, 10, 30, 100, 300)}, name="held").rename_axis("rows")

# %% [markdown]
# *Try it:* what do 80% intervals cost, and what do they buy?
#
# ## 4. Two groups: the p-value
#
# If the group made no difference, its labels could be dealt out at random. So deal them out, 2,000
# times: the **p-value** is the share of deals with a difference at least as large as the real one.
# **Welch's t-test** gets it by a formula from means, **Mann-Whitney** from ranks: not the same
# question where values are lopsided. All three take rows for independent: section 5 asks what if
# they are not.

# %%
others = [column for column in [*info.groups, *info.categorical] if column != name]
varied = numbers[name].groupby  # a group that fixes the value leaves nothing to test
key = next((column for column in others if varied(table[column]).nunique().min() > 1), None)
group = table[key][numbers.index] if key else pd.Series(rng.choice(["a", "b"], len(values)))
first, second = group.value_counts().index[:2]
one, other = values[(group == first).to_numpy()], values[(group == second).to_numpy()]
gap, both = one.mean() - other.mean(), np.concatenate([one, other])
shuffled = np.empty(2_000)
for place in range(len(shuffled)):
    rng.shuffle(both)
    shuffled[place] = both[: len(one)].mean() - both[len(one) :].mean()
welch = stats.ttest_ind(one, other, equal_var=False)
fig, axes = plt.subplots(figsize=(7, 3))
axes.hist(shuffled, bins=40, color=GREY, label="labels dealt out at random")
axes.axvline(gap, color=ORANGE, lw=2, label=f"{short(first)} less {short(second)}")
axes.set_title(f"{short(name)} by {short(key or 'chance')}{info.note}")
axes.set_xlabel("difference of the means")
few_ticks(axes.xaxis)
axes.legend()
plt.show()
print(f"shuffled: p = {(1 + (np.abs(shuffled) >= abs(gap)).sum()) / 2_001:.2g}")
print(
    f"Welch: p = {welch.pvalue:.2g}, Mann-Whitney: p = {stats.mannwhitneyu(one, other).pvalue:.2g}"
)
low, high = welch.confidence_interval()
print(f"difference {readable(gap)}, 95% interval {readable(low)} to {readable(high)}")
if key and name in table:
    known = table.loc[numbers.index][(group == first) | (group == second)]
    known = enough_rows(known, info, key, name)[0]
    if known[key].nunique() == 2 and (together := rows_together(known, info, key, name)):
        reach = robust_means(as_number(known[name]), known[key], together).reach(0.05)[0, 1]
        ends = f"{readable(gap - reach)} to {readable(gap + reach)}"
        print(f"where rows may be alike, {counted(together.by, together.count)} compared: {ends}")

# %% [markdown]
# p is *not* the probability that there is no difference, nor the size of one. And a large p does not
# show that groups are equal: read the interval, which says what is still possible.
#
# *Try it:* make one value a thousand times as large. Which of the tests changes its mind?
#
# ## 5. Many tests, and rows that hang together
#
# Where nothing is there, p is below 0.05 once in twenty tests, so of many tests some "find" what is
# not there. **Holm** corrects for that: the smallest p is multiplied by the number of tests, the next
# by one less, and so on. Worse is to take rows for independent that are not: ten orders of one
# customer tell less than ten customers.


# %%
def nothing(customers: int, orders: int, alike: float) -> tuple[float, float]:
    """p-values of two groups of customers that do not differ: by rows, and robust by customer."""
    who = np.repeat(np.arange(customers), orders)
    y = alike * rng.normal(size=customers)[who] + rng.normal(size=len(who))
    X = sm.add_constant((who % 2).astype(float))
    robust = sm.OLS(y, X).fit(cov_type="cluster", cov_kwds={"groups": who}, use_t=True)
    return stats.ttest_ind(y[who % 2 == 0], y[who % 2 == 1]).pvalue, robust.pvalues[1]


single = np.array([nothing(40, 1, 0) for _ in range(400)])[:, 0].reshape(40, 10)
print(f"families of 10 tests with a false finding: {(single < 0.05).any(axis=1).mean():.0%}")
print(f"after Holm's correction: {(10 * single.min(axis=1) < 0.05).mean():.0%}")
together = np.array([nothing(40, 10, 1) for _ in range(300)])
for label, p in zip(("rows taken for independent", "robust by customer"), together.T):
    print(f"{label}: a false finding in {(p < 0.05).mean():.0%} of tables")

# %% [markdown]
# ## 6. Two categories: chi-square
#
# If they had nothing to do with each other, each cell would hold row total × column total / all.
# Chi-square adds up how far the cells are from that, in squared standard deviations. It takes rows for
# independent, too: README divides the counts where they are not.

# %%
halves = pd.Series(np.where(values > np.median(values), "upper half", "lower half"), numbers.index)
seen = pd.crosstab(group.set_axis(numbers.index), halves).head(12)
chi = stats.chi2_contingency(seen, correction=False)
print(f"chi-square {chi.statistic:.1f}, p = {chi.pvalue:.2g}")
print(f"smallest expected count: {chi.expected_freq.min():.1f}")
((seen - chi.expected_freq) / np.sqrt(chi.expected_freq)).round(1)

# %% [markdown]
# ## 7. How many rows does one need?
#
# **Power** is the chance to find what is there. Decide on the smallest difference that matters, then
# count the rows, before looking at the data.

# %%
sizes = np.geomspace(10, 3_000, 40)
fig, axes = plt.subplots(figsize=(7, 3))
for d, colour in ((0.2, BLUE), (0.5, GREEN), (0.8, ORANGE)):
    power = stats.norm.cdf(d * np.sqrt(sizes / 2) - stats.norm.ppf(0.975))
    axes.plot(sizes, power, color=colour, label=f"{d} standard deviations")
axes.axhline(0.8, color="black", ls="--", lw=1)
axes.set(xscale="log", xlabel="rows in each group", ylabel="power")
axes.set_xticks([10, 30, 100, 300, 1_000, 3_000], ["10", "30", "100", "300", "1,000", "3,000"])
axes.minorticks_off()
axes.set_title("Small differences need many rows (by formula, not from the table)")
axes.legend()
plt.show()

# %% [markdown]
# *Try it:* a difference of 0.05 standard deviations matters to a shop with a million orders. How many
# rows would show it?
