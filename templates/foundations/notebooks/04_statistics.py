# %% [markdown]
# # Mini-Analysis: statistics, by simulation
#
# Statistics answers one question: what would have been different with other rows? Formulas answer
# it in a line, and are easy to believe wrongly. So each idea is simulated here: let the computer
# draw the rows a thousand times, and look.

# %%
from analysis.notebook import start

# %matplotlib inline
paths = start()

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import Markdown, display
from matplotlib.ticker import PercentFormatter

# %%
from scipy import stats
from statsmodels.stats.power import TTestIndPower

from analysis import effects, lessons
from analysis.charts import BLUE, GREEN, GREY, ORANGE, short
from analysis.config import load_config
from analysis.data import read_processed, read_report
from analysis.files import read_json
from analysis.hypotheses import (
    compare_counts,
    compare_numbers,
    parts_of,
    rows_needed,
)
from analysis.markdown import code
from analysis.roles import focus
from analysis.statistics import MIN_ROWS, statistics
from analysis.summaries import rarer_class, written_p

# %% [markdown]
# ## The data
#
# Most of what follows is about one number of the table, and about the groups in which it may
# differ. All tests of the project stand in `reports/statistics.json`; where that is about other
# data, they are worked out now.

# %%
table, info = read_processed(paths)
config = load_config(paths.root / "config.yaml", info.name)

statistics_file = paths.reports / "statistics.json"
report = read_json(statistics_file) if statistics_file.exists() else {}
if report.get("dataset") != info.summary:
    statistics(config, paths)
    report = read_json(statistics_file)
alpha, seed, rng = config.alpha, config.seed, np.random.default_rng(config.seed)
note = " (synthetic sample)" if info.synthetic else ""

main = focus(table, info) if info.numeric else None
values = table[main].dropna().to_numpy(float) if main else np.array([])
enough = len(values) >= 30 and len(np.unique(values)) > 2
skipped = "Skipped: this needs a column of numbers, known in at least thirty rows."

origin = "**a synthetic sample, made up by this project**" if info.synthetic else "read from a file"
display(
    Markdown(
        f"The data set {code(info.name)} ({origin}) has {info.rows:,} {info.rows_are}. "
        + (f"The main number is {code(main)}, known in {len(values):,}. " if main else "")
        + f"Groups: {', '.join(map(code, info.groups)) or 'none are configured'}."
    )
)

# %% [markdown]
# ## 1. Mean and variance
#
# The **mean** is the point of balance. The **variance** is the mean squared distance from it, and
# the **standard deviation** its root, in the unit of the number. One divides by *n - 1*: distances
# from a mean that was taken from the same rows come out a little too small.

# %%
if enough:
    n = len(values)
    by_hand = values.sum() / n
    variance = ((values - by_hand) ** 2).sum() / (n - 1)
    display(
        pd.DataFrame(
            {
                "by hand": [by_hand, variance, variance**0.5],
                "pandas": [table[main].mean(), table[main].var(), table[main].std()],
            },
            index=["mean", "variance", "standard deviation"],
        ).map("{:,.6g}".format)
    )
else:
    display(Markdown(skipped))

# %% [markdown]
# What does a single wrong value do? Let one row drift away from the others, and watch.

# %%
if enough:
    center, spread = values.mean(), values.std(ddof=1)
    away = np.geomspace(3, 3_000, 25)
    spoiled = np.tile(values, (len(away), 1))
    spoiled[:, 0] = center + away * spread
    lines = {
        "mean": spoiled.mean(axis=1),
        "median": np.median(spoiled, axis=1),
        "standard deviation": spoiled.std(axis=1, ddof=1),
        "middle half (quartile range)": stats.iqr(spoiled, axis=1),
    }
    fig, grid = plt.subplots(1, 2, figsize=(9.5, 3.8), layout="constrained")
    for axes, pair in zip(grid, (["mean", "median"], list(lines)[2:])):
        for label, colour in zip(pair, (ORANGE, BLUE)):
            axes.plot(away, lines[label], color=colour, lw=2, label=label)
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.set_xlabel("how far off the one value is (standard deviations)")
        axes.legend()
    grid[0].set_ylabel(short(main))
    grid[0].set_title(f"One value moves the mean{note}")
    grid[1].set_title("and the standard deviation more")
    plt.show()

    sentence = (
        f"A single value 3,000 standard deviations off moves the mean from {center:,.4g} to "
        f"{lines['mean'][-1]:,.4g} and multiplies the standard deviation by "
        f"{lines['standard deviation'][-1] / spread:,.3g}; the median moves by "
        f"{abs(lines['median'][-1] - np.median(values)):,.2g}. "
    )
    quality = read_report(paths, "data", info)
    count = sum(
        finding["count"]
        for finding in quality["findings"]
        if finding["kind"] == "outlier" and finding["column"] == main
    )
    sentence += (
        f"Cleaning took {count} values of {code(main)} for typing errors: now you see why it looks."
        if count
        else f"Cleaning found no such value in {code(main)}."
    )
    display(Markdown(sentence))

# %% [markdown]
# ### The mean of other rows
#
# Take a few rows at random and compute their mean; take others, and it is another one. The means
# of all such samples form the **sampling distribution**. Its standard deviation, the **standard
# error**, is *standard deviation / √n*; and however lopsided the values are, the means of large
# samples are nearly normal (the **central limit theorem**).

# %%
if enough:
    fig, grid = plt.subplots(1, 4, figsize=(12, 3.4), layout="constrained")
    lines = []
    for axes, size in zip(grid, (1, 5, 30, 200)):
        means = rng.choice(values, (4_000, size)).mean(axis=1)
        expected = values.std() / np.sqrt(size)
        axes.hist(means, bins=40, density=True, color=BLUE, alpha=0.6)
        points = np.linspace(means.min(), means.max(), 200)
        axes.plot(points, stats.norm.pdf(points, values.mean(), expected), color=ORANGE)
        axes.set_title(f"means of {size}" if size > 1 else "single values")
        axes.set_xlabel(short(main))
        axes.set_yticks([])
        lines.append(
            f"- {size} rows: standard error {means.std():,.4g} in the simulation, "
            f"{expected:,.4g} by the formula; skewness {stats.skew(means):.2f}."
        )
    grid[0].set_ylabel("density")
    title = f"Means of more rows are closer together, and more normal{note}"
    fig.suptitle(title, x=0.01, ha="left", weight="bold")
    plt.show()
    display(Markdown("\n".join(lines)))

# %% [markdown]
# *Try it:* how many rows make the standard error half as large? Draw medians instead of means: are
# they as steady?

# %% [markdown]
# ## 2. Probability distributions
#
# A **distribution** is a story of how numbers come about. **Normal**: many small influences add
# up. **Lognormal**: they multiply, as in incomes and prices. To fit one is to choose its
# parameters; a fit can always be made, and may still be bad. The **QQ plot** shows it: its points
# are the percentiles, on the line where the data is as the story says.

# %%
if enough:
    found = {"normal": stats.norm(*stats.norm.fit(values))}
    if values.min() > 0:  # a lognormal is a normal one of the logarithms
        found["lognormal"] = stats.lognorm(*stats.lognorm.fit(values, floc=0))
    gaps = {label: stats.kstest(values, fit.cdf).statistic for label, fit in found.items()}
    best = min(gaps, key=gaps.get)
    fig, grid = plt.subplots(1, 1 + len(found), figsize=(11, 3.8), layout="constrained")
    grid[0].hist(values, bins=40, density=True, color=BLUE, alpha=0.5)
    points = np.linspace(values.min(), values.max(), 300)
    for (label, fit), axes, colour in zip(found.items(), grid[1:], (ORANGE, GREEN)):
        grid[0].plot(points, fit.pdf(points), color=colour, lw=2, label=label)
        lessons.draw_quantiles(axes, values, fit)
        axes.set_title(f"QQ plot: {label}")
        axes.set_xlabel(f"{short(main)} if it were {label}")
        axes.set_ylabel(short(main))
    grid[0].set_title(f"{best} fits better{note}" if len(found) > 1 else f"A normal fit{note}")
    grid[0].set_xlabel(short(main))
    grid[0].set_ylabel("density")
    grid[0].legend()
    plt.show()

    simulated = found[best].rvs(len(values), random_state=seed)
    rows = {"the data": values, f"simulated, {best}": simulated}
    display(
        pd.DataFrame(
            {
                label: [some.mean(), np.median(some), some.std(), np.quantile(some, 0.95)]
                for label, some in rows.items()
            },
            index=["mean", "median", "standard deviation", "95th percentile"],
        ).map("{:,.4g}".format)
    )
    verdict = "close" if gaps[best] < 0.03 else "rough" if gaps[best] < 0.1 else "bad"
    parts = [f"{label} {gap:.1%}" for label, gap in gaps.items()]
    display(
        Markdown(
            f"Largest gap between the share of values below any point and the fitted share: "
            f"{', '.join(parts)}. The {best} fit is {verdict}."
            + ("" if len(found) > 1 else " A lognormal needs values above zero.")
        )
    )
else:
    display(Markdown(skipped))

# %% [markdown]
# **Counts** have stories of their own. **Poisson**: how many events happen when each comes by
# itself at a steady rate; mean and variance are then equal. **Binomial**: how many of *n* rows are
# of a kind when each is with the same probability, whatever the others are. (A whole number that
# is a code, not a count, fits neither, and should not.)

# %%
whole = {}
for column in info.numeric:
    some = table[column].dropna().to_numpy(float)
    some = some - some.min() if len(some) else some  # counted from the smallest value there is
    if len(some) >= 30 and np.all(some % 1 == 0) and 2 < len(np.unique(some)) and some.max() <= 60:
        whole[column] = some
category = info.classification_target or next(iter([*info.groups, *info.categorical]), None)
known = table[category].dropna() if category else pd.Series(dtype=object)
BATCH = 40
batches = len(known) // BATCH

if whole or batches >= 5:
    fig, grid = plt.subplots(1, 2, figsize=(9.5, 3.8), layout="constrained")
    sentences = []
    if whole:
        # The column whose variance is closest to its mean has the best claim to be Poisson.
        column = min(whole, key=lambda key: abs(np.log(whole[key].var() / whole[key].mean())))
        counts = whole[column]
        gap = lessons.draw_counts(grid[0], counts, stats.poisson(counts.mean()), "Poisson")
        ratio = counts.var() / counts.mean()
        story = "more even than" if ratio < 0.8 else "more varied than" if ratio > 1.25 else "like"
        grid[0].set_title(f"Counts are {story} Poisson{note}")
        grid[0].set_xlabel(f"{short(column)}, counted from its smallest value")
        grid[0].set_ylabel("share of rows")
        grid[0].legend()
        sentences.append(
            f"- {code(column)}: variance / mean = {ratio:.2f}, where Poisson has 1. The largest "
            f"gap between a bar and the Poisson share is {gap:.1%}."
        )
    else:
        grid[0].remove()
        sentences.append("- No column of small whole numbers, so no Poisson.")
    if batches >= 5:
        sought = rarer_class(known)
        is_sought = (known.astype(str) == sought).to_numpy()
        share = is_sought.mean()
        counts = is_sought[: batches * BATCH].reshape(batches, BATCH).sum(axis=1)
        lessons.draw_counts(grid[1], counts, stats.binom(BATCH, share), "binomial")
        ratio = counts.var() / (BATCH * share * (1 - share))
        # How far the ratio itself moves by chance, with so many batches.
        low, high = stats.chi2.ppf([0.005, 0.995], batches - 1) / batches
        steady = low <= ratio <= high
        grid[1].set_title(f"Counts are {'like' if steady else 'not like'} binomial")
        grid[1].set_xlabel(f"{short(sought)} in {short(category)}, of {BATCH} rows in table order")
        grid[1].set_ylabel("share of batches")
        grid[1].legend()
        sentences.append(
            f"- {code(sought)} in {code(category)} is {share:.1%} of all. Its count in {batches} "
            f"batches varies {ratio:.2f} times as much as the binomial says (by chance, nearly "
            f"always {low:.2f} to {high:.2f}): "
            + ("rows look independent." if steady else "rows depend on their place in the table.")
        )
    else:
        grid[1].remove()
        sentences.append("- No category with enough rows, so no binomial.")
    plt.show()
    display(Markdown("\n".join(sentences)))
else:
    display(Markdown("Skipped: this needs whole numbers, or a category with enough rows."))

# %% [markdown]
# *Try it:* simulate a table as long as this one from the better of the two fits, and draw its QQ
# plot. How crooked is it although the story is true? That is what to expect by chance.

# %% [markdown]
# ## 3. Confidence intervals
#
# An estimate without an interval is a rumour. A **95% confidence interval** comes from a recipe
# that holds the truth in 95 of 100 samples. It does not say that *this* interval holds it with
# 95%: it does or does not. Two recipes:
#
# - **t**: mean ± about two standard errors. It assumes that means are nearly normal.
# - **bootstrap**: draw as many rows as there are, with replacement, a thousand times; between the
#   2.5th and 97.5th percentile of these means lies the interval. It assumes that the rows at hand
#   look like the others, and serves for any figure, not only for means.

# %%
if enough:
    FEW = 40
    some = rng.choice(values, FEW, replace=len(values) < FEW)
    rows = {}
    for label, part in ((f"{FEW} random rows", some), (f"all {len(values):,} rows", values)):
        recipes = {
            "t": lessons.t_intervals(part[None, :]),
            "bootstrap": lessons.bootstrap_intervals(part[None, :], seed),
        }
        rows[label] = {"mean": f"{part.mean():,.4g}"} | {
            recipe: f"{low[0]:,.4g} to {high[0]:,.4g}" for recipe, (low, high) in recipes.items()
        }
    display(pd.DataFrame(rows).T)
else:
    display(Markdown(skipped))

# %% [markdown]
# Is the promise kept? Take the whole table for the world, so that the truth is known, and draw
# samples from it. (The bootstrap and t share a weakness: few rows of a lopsided number.)

# %%
if enough:
    samples = rng.choice(values, (60, 30))
    low, high = lessons.t_intervals(samples)
    truth = values.mean()
    misses = (low > truth) | (high < truth)
    sizes = (5, 10, 30, 100, 300)
    kept = pd.DataFrame({size: lessons.coverage(values, size, 1_500, seed) for size in sizes}).T
    fig, (left, right) = plt.subplots(1, 2, figsize=(9.5, 4.2), layout="constrained")
    for place in range(len(samples)):
        colour = ORANGE if misses[place] else GREY
        left.plot([place, place], [low[place], high[place]], color=colour, lw=1.8)
    left.axhline(truth, color="black", lw=1, label="truth")
    left.set_title(f"{misses.sum()} of 60 intervals miss{note}")
    left.set_xlabel("sample of 30 rows")
    left.set_ylabel(f"mean {short(main)}, 95% interval (t)")
    left.legend()
    for recipe, colour in (("t", BLUE), ("bootstrap", GREEN)):
        right.plot(sizes, kept[recipe], "o-", color=colour, label=recipe)
    right.axhline(0.95, color="black", ls="--", lw=1, label="promised")
    right.set_xscale("log")
    right.set_xticks(sizes, [str(size) for size in sizes])
    right.minorticks_off()
    right.yaxis.set_major_formatter(PercentFormatter(1))
    right.set_xlabel("rows in a sample")
    right.set_ylabel("intervals that hold the truth")
    right.set_title("The promise needs enough rows")
    right.legend()
    plt.show()

    good = [size for size in sizes if kept.loc[size:, "t"].min() >= 0.94]
    display(
        Markdown(
            f"In 1,500 samples of 30 rows, t intervals held the truth "
            f"{kept.loc[30, 't']:.1%} of the time and bootstrap intervals "
            f"{kept.loc[30, 'bootstrap']:.1%}. "
            + (
                f"From {good[0]} rows on, t keeps its promise for {code(main)} (94% or more)."
                if good
                else f"For {code(main)} even {sizes[-1]} rows are too few for t."
            )
        )
    )

# %% [markdown]
# *Try it:* make intervals of 80%. How many of the 60 should miss? What is the price of 99%?

# %% [markdown]
# ## 4. The t-test and its twin
#
# Two groups differ in their means. Would they if the group made no difference? Then the labels
# could be dealt out at random, so do that: shuffle them, take the difference, a thousand times.
# The **p-value** is the share of shuffles with a difference at least as large as the real one.
# **Welch's t-test** gets it by a formula, from means. Its **non-parametric twin**, Mann-Whitney,
# asks only which group has the larger value in a pair, and does not mind outliers or skew.

# %%
choices = {}
for candidate in info.groups or info.categorical:
    if main:
        some = table[[candidate, main]].dropna()
        sizes = some[candidate].value_counts()
        sizes = sizes[sizes >= MIN_ROWS].sort_index()
        if len(sizes) > 1:
            choices[candidate] = sizes
pair = None
if enough and choices:
    # Two groups are the plain case; of more, the two with most rows, whatever they show.
    group = min(choices, key=lambda key: len(choices[key]) != 2)
    largest = choices[group].sort_values(ascending=False, kind="stable").index[:2]
    pair = table.loc[table[group].isin(largest), [group, main]].dropna()
no_groups = "Skipped: this needs a column of numbers, and a group with ten rows of each kind."

if pair is not None:
    parts = parts_of(pair, group, main)
    (first, one), (second, other) = parts.items()
    difference = other.mean() - one.mean()
    shuffled = lessons.shuffled_differences(np.concatenate([one, other]), len(one), 2_000, seed)
    beyond = int((np.abs(shuffled) >= abs(difference)).sum())
    verdict = compare_numbers([one, other])

    fig, (left, right) = plt.subplots(1, 2, figsize=(9.5, 4), layout="constrained")
    bins = np.histogram_bin_edges(np.concatenate([one, other]), 35)
    for label, part, colour in ((first, one, GREY), (second, other, BLUE)):
        left.hist(part, bins, density=True, alpha=0.5, color=colour, label=short(label))
        left.axvline(part.mean(), color=colour, lw=2)
    left.set_title(f"The means are {abs(difference):,.4g} apart{note}")
    left.set_xlabel(short(main))
    left.set_ylabel("density (lines: means)")
    left.legend(title=short(group))
    right.hist(shuffled, bins=40, color=GREY, label="labels shuffled")
    right.axvline(difference, color=ORANGE, lw=2, label="as it is")
    right.set_title(f"{beyond:,} of 2,000 shuffles differ as much")
    right.set_xlabel(f"difference of the means, {short(second)} less {short(first)}")
    right.set_ylabel("shuffles")
    right.legend()
    plt.show()

    lines = [f"- Shuffling: {written_p((beyond + 1) / 2_001)}."]
    for test in verdict.tests:
        mark = " (**counts here**)" if test == verdict.counts else ""
        lines.append(f"- {test.name}: {written_p(test.p)}{mark}.")
    lines += [f"- Why: {verdict.why}.", *(f"- Checked: {check}." for check in verdict.checks)]
    display(Markdown("\n".join(lines)))
else:
    display(Markdown(no_groups))

# %% [markdown]
# What p is **not**: the probability that there is no difference, or the size of one. And *p > 0.05*
# does not show that groups are equal; it shows that these rows cannot tell.
#
# *Try it:* replace the largest value of one group by a thousand times as much. Which of the two
# tests changes its mind?

# %% [markdown]
# ## 5. Chi-square: are two categories related?
#
# If they were not, each cell would hold *row total × column total / all* rows. Chi-square adds up
# how far the cells are from that: *(seen - expected)² / expected*. The heat map shows which cells
# are to blame, in about standard deviations.

# %%
classes = info.classification_target or next(
    (name for name in info.categorical if name not in info.groups), None
)
tables = {}
for candidate in [name for name in info.groups or info.categorical if name != classes]:
    if classes:
        some = table[[candidate, classes]].dropna()
        some = some[some[candidate].map(some[candidate].value_counts()) >= MIN_ROWS]
        counts = pd.crosstab(some[candidate], some[classes])
        if min(counts.shape) > 1:
            tables[candidate] = counts

if tables:
    strengths = {
        key: float(effects.v_of_counts(counts.to_numpy(float)[None])[0])
        for key, counts in tables.items()
    }
    closest = max(strengths, key=strengths.get)
    seen = tables[closest].iloc[:, :12]
    expected = np.outer(seen.sum(axis=1), seen.sum(axis=0)) / seen.to_numpy().sum()
    residue = (seen - expected) / np.sqrt(expected)
    by_hand = float((residue.to_numpy() ** 2).sum())
    verdict = compare_counts(seen.to_numpy())

    height = 1.6 + 0.45 * len(seen)
    fig, axes = plt.subplots(figsize=(3.5 + 1.3 * seen.shape[1], height), layout="constrained")
    reach = max(3, np.abs(residue.to_numpy()).max())
    image = axes.imshow(residue, cmap="coolwarm", vmin=-reach, vmax=reach, aspect="auto")
    for (row, column), value in np.ndenumerate(residue.to_numpy()):
        text = f"{seen.iloc[row, column]:,}\n(expected {expected[row, column]:,.0f})"
        colour = "white" if abs(value) > 0.6 * reach else "black"
        axes.text(column, row, text, ha="center", va="center", fontsize=8, color=colour)
    axes.set_xticks(range(seen.shape[1]), [short(key) for key in seen.columns])
    axes.set_yticks(range(len(seen)), [short(key) for key in seen.index])
    axes.set_xlabel(short(classes))
    axes.set_ylabel(short(closest))
    axes.grid(visible=False)
    axes.set_title(f"Rows seen and expected{note}")
    fig.colorbar(image, label="residue")
    plt.show()

    row, column = np.unravel_index(np.abs(residue.to_numpy()).argmax(), residue.shape)
    more = "more" if residue.iloc[row, column] > 0 else "fewer"
    display(
        Markdown(
            f"Of the groups compared ({len(tables)}), {code(closest)} goes with {code(classes)} most "
            f"closely. By hand chi-square is {by_hand:,.3f}, by the library {verdict.tests[0].statistic:,.3f} "
            f"({written_p(verdict.tests[0].p)}). The test that counts: {verdict.counts.name}, "
            f"{written_p(verdict.counts.p)}, as {verdict.why}. The cell furthest from what "
            f"one would expect: {more} rows with {code(residue.index[row])} and "
            f"{code(residue.columns[column])}."
        )
    )
else:
    display(Markdown("Skipped: this needs two columns of categories."))

# %% [markdown]
# *Try it:* halve all counts (`seen // 2`). The shares stay; what becomes of p, and why?

# %% [markdown]
# ## 6. Effect size: significant is not large
#
# p mixes two things: how large a difference is, and how many rows there are. **Cohen's d** is the
# difference alone, in standard deviations (0.2 is called small, 0.5 medium, 0.8 large). Here are
# the two groups of section 4 again, with more and more of their rows.

# %%
if pair is not None:
    growth = lessons.effect_by_rows(one, other, seed)
    fig, (left, right) = plt.subplots(1, 2, figsize=(9.5, 4), layout="constrained")
    left.loglog(growth["rows"], growth["p"].clip(lower=1e-20), "o-", color=BLUE)
    left.axhline(alpha, color=ORANGE, ls="--", label=f"alpha = {alpha}")
    left.yaxis.set_major_formatter("{x:.0e}")
    left.set_ylabel("p, Welch's t-test")
    left.set_title(f"p moves with the rows{note}")
    left.legend()
    right.fill_between(growth["rows"], growth["low"], growth["high"], color=BLUE, alpha=0.2)
    right.plot(growth["rows"], growth["value"], "o-", color=BLUE)
    right.axhline(0, color="black", lw=1)
    right.set_xscale("log")
    right.set_ylabel("Cohen's d, 95% interval")
    right.set_title("The effect only gets clearer")
    for axes in (left, right):
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.xaxis.set_minor_formatter("")
        axes.set_xlabel("rows")
    plt.show()

    d = growth["value"].iloc[-1]
    words = [(0.2, "less than small"), (0.5, "small"), (0.8, "medium"), (np.inf, "large")]
    word = next(word for limit, word in words if abs(d) < limit)
    display(
        Markdown(
            f"On all rows d is {d:.2f} ({growth['low'].iloc[-1]:.2f} to "
            f"{growth['high'].iloc[-1]:.2f}): {word}. With {rows_needed(0.01, alpha):,} rows in each "
            "group, four tests out of five would find a d of 0.01: significant, and no use to "
            "anybody."
        )
    )
else:
    display(Markdown(no_groups))

# %% [markdown]
# *Try it:* look up the effects of all comparisons in `report["tests"]`. Which one is significant
# and yet too small to act on?

# %% [markdown]
# ## 7. Many tests
#
# At a level of 0.05, one test in twenty finds something where there is nothing. That is what the
# level *means*. Who tests twenty things and reports the one that came out has found chance. Here
# are tests between two groups of 100 rows, both drawn from the same column: nothing to find.
# **Holm's correction** multiplies the smallest p by the number of tests, the next by one less, and
# so on.

# %%
TESTS = 20_000
if enough:
    p = lessons.p_values_without_effect(values, 100, TESTS, seed)
    families = (1, 2, 5, 10, 20, 50)
    alarms = [lessons.false_alarms(p.reshape(-1, size), alpha) for size in families]
    fig, (left, right) = plt.subplots(1, 2, figsize=(9.5, 4), layout="constrained")
    left.hist(p, bins=20, range=(0, 1), color=GREY, weights=np.full(TESTS, 1 / TESTS))
    left.axvline(alpha, color=ORANGE, label=f"alpha = {alpha}")
    left.set_title(f"With nothing to find, {(p < alpha).mean():.1%} are below {alpha}")
    left.set_xlabel("p")
    left.set_ylabel("share of tests")
    left.legend()
    for label, shares, colour in zip(("as they are", "after Holm"), zip(*alarms), (ORANGE, BLUE)):
        right.plot(families, shares, "o-", color=colour, label=label)
    theory = 1 - (1 - alpha) ** np.array(families)
    right.plot(families, theory, "--", color="black", lw=1, label="by the formula")
    right.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    right.set_title(f"Many tests find something{note}")
    right.set_xlabel("tests made at once")
    right.set_ylabel("share with at least one false alarm")
    right.legend()
    plt.show()

    at = families.index(20)
    display(
        Markdown(
            f"Of {TESTS:,} tests with nothing to find, {(p < alpha).mean():.1%} gave p < {alpha}. "
            f"Of those who make twenty, {alarms[at][0]:.0%} find something (the formula says "
            f"{theory[at]:.0%}); after Holm's correction {alarms[at][1]:.1%}."
        )
    )
else:
    display(Markdown(skipped))

# %% [markdown]
# The same correction on this project's own tests:

# %%
tests = report["tests"]
if tests:
    display(
        pd.DataFrame(
            {
                f"{result['outcome']} by {result['group']}": {
                    "p": written_p(result["p"]),
                    "p, corrected": written_p(result["p_holm"]),
                    "holds": "yes" if result["significant"] else "no",
                }
                for result in tests
            }
        ).T
    )
    alone = sum(result["p"] < alpha for result in tests)
    held = sum(result["significant"] for result in tests)
    display(
        Markdown(
            f"Tests that pass at {alpha}, taken one by one: {alone} of {len(tests)}; after the "
            f"correction: {held}. If there were nothing to find at all, {alpha * len(tests):.2g} "
            "would pass on average."
        )
    )
else:
    display(Markdown("\n".join(report["skipped"]) or "No groups were compared."))

# %% [markdown]
# *Try it:* why does Holm's correction stay at or below alpha, and what does it cost? (Hint: add an
# effect to a few of the tests, and count how many are still found.)

# %% [markdown]
# ## 8. Power: could the test have found it?
#
# **Power** is the chance to find a difference that is there. It grows with the rows and with the
# size of the effect. A test without power that finds nothing says nothing. Lines are the formula,
# dots are simulations.

# %%
rows = np.unique(np.geomspace(5, 1_000, 60).astype(int))
checked = (10, 30, 100, 300)
fig, axes = plt.subplots(figsize=(8, 4.2), layout="constrained")
for d, colour in ((0.2, BLUE), (0.5, GREEN), (0.8, ORANGE)):
    # Where the power is 1 to all digits, the library has no number.
    curve = np.nan_to_num([TTestIndPower().power(d, count, alpha) for count in rows], nan=1)
    needed = rows_needed(d, alpha)
    axes.plot(rows, curve, color=colour, label=f"d = {d}: {needed:,} rows for 80%")
    simulated = [lessons.simulated_power(d, count, alpha, seed) for count in checked]
    axes.plot(checked, simulated, "o", color=colour)
axes.axhline(0.8, color="black", ls="--", lw=1)
axes.set_xscale("log")
axes.xaxis.set_major_formatter("{x:,.0f}")
axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
axes.set_xlabel("rows in each group")
axes.set_ylabel("differences found")
axes.set_title("Small differences need many rows")
axes.legend(loc="lower right")
plt.show()

if pair is not None:
    small = float(TTestIndPower().power(0.2, len(one), alpha, ratio=len(other) / len(one)))
    display(
        Markdown(
            f"{code(group)} has {len(one):,} rows of {code(first)} and {len(other):,} of "
            f"{code(second)}. A single test on them finds a small difference (d = 0.2) with a "
            f"chance of {small:.0%}: "
            + (
                "if it finds nothing, there is hardly one to speak of."
                if small >= 0.8
                else "if it finds nothing, there may still be one."
            )
        )
    )

# %% [markdown]
# *Try it:* a shop can ask 50 customers of each kind. What is the smallest difference that it is
# likely to find? And how many rows does it need at a level of 0.01?

# %% [markdown]
# ## 9. Which test counts, and why
#
# Each test assumes something. What it assumes is checked, not hoped for; here is what the checks
# of this project said. Normal values matter less than one thinks, because *means* are nearly
# normal in large groups.

# %%
if tests:
    with pd.option_context("display.max_colwidth", None):
        display(
            pd.DataFrame(
                {
                    f"{result['outcome']} by {result['group']}": {
                        "test that counts": result["counts"],
                        "why": result["why"],
                        "checks": "; ".join(result["checks"]),
                    }
                    for result in tests
                }
            ).T
        )
    display(Markdown("\n".join(f"- {result['sentence']}" for result in tests)))
else:
    display(Markdown("\n".join(report["skipped"]) or "No groups were compared."))

# %% [markdown]
# What happens where an assumption fails? Student's t-test assumes equal spreads. Give the smaller
# group (20 rows) a spread three times that of the larger (80 rows), and no difference of means:

# %%
unequal = lessons.spread_alarms((20, 80), 3, alpha, seed)
display(pd.Series(unequal, name="false alarms").map("{:.1%}".format).to_frame())
display(
    Markdown(
        f"Student's test raises {unequal['Student'] / alpha:.0f} times as many false alarms as "
        f"the level of {alpha:.0%} promises, Welch's {unequal['Welch'] / alpha:.1f} times. So this "
        "project uses Welch's throughout, and needs no test of spreads to choose."
    )
)

# %% [markdown]
# *Try it:* give the *larger* group the larger spread. Is Student's test too bold or too timid now?
