# %% [markdown]
# # Mini-Analysis: clean and summarise
#
# What does the table look like as somebody wrote it, what is wrong with it, and what does it say
# once it is mended? Every sentence below a table is computed from the data at hand: with another
# data set in `config.yaml` the sentences change with the tables.

# %%
from analysis.notebook import start

# %matplotlib inline
paths = start()

# %%
import inspect
from textwrap import dedent

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import Markdown, display
from matplotlib.ticker import PercentFormatter

# %%
from analysis import charts, data, sql
from analysis.clean import read_numbers
from analysis.config import load_config
from analysis.markdown import code
from analysis.roles import focus, main_category
from analysis.summaries import (
    by_group,
    gap_companions,
    kind,
    measure,
    overview,
    rarer_class,
    readable,
    shares,
    written_p,
)

# %%
pd.options.display.max_colwidth = 60
pd.options.display.float_format = readable

# %% [markdown]
# ## Loading
#
# Text first, types later. pandas would guess a type for each column, and one stray word turns a
# whole column of numbers into text without telling. So `data.load` reads a CSV file as it is
# written, and what is a number is decided afterwards, with the odd value in sight.

# %%
table, info = data.read_processed(paths)
config = load_config(paths.root / "config.yaml", info.name)
raw = data.load(config, paths)
main, *joined = raw.tables
note = " (synthetic sample)" if info.synthetic else ""

origin = "**made up by this project: a synthetic sample**" if info.synthetic else "read from a file"
display(Markdown(f"The data set {code(info.name)} is {origin}."))
for label, part in raw.tables.items():
    display(Markdown(f"{code(label)}: {len(part):,} rows and {part.shape[1]} columns, as written:"))
    display(part.head())

# %% [markdown]
# ## Types
#
# `object` is what pandas calls a column of text. Beside it: how many different values there are,
# the most frequent, and the two ends of the alphabet. Odd values love the ends: blanks and signs
# come first, words after numbers. Read this table slowly. It is the cheapest check there is.

# %%
for label, part in raw.tables.items():
    text = part.fillna("").astype(str)
    display(Markdown(code(label)))
    display(
        pd.DataFrame(
            {
                "stored as": part.dtypes.astype(str),
                "different values": part.nunique(),
                "most frequent": text.mode().iloc[0].map('"{}"'.format),
                "first in the alphabet": text.min().map('"{}"'.format),
                "last": text.max().map('"{}"'.format),
            }
        )
    )

# %% [markdown]
# Text is compared letter by letter, so a column of numbers that is stored as text lies without an
# error: it sorts, it has a largest value, only the wrong one.

# %%
cleaned, findings = data.clean_all(raw, config.cleaning.outlier_factor)
texts = raw.tables[main].select_dtypes("object").columns
numbers = [column for column in texts if kind(cleaned[main].get(column, texts)) == "number"]
wrong = {}
for column in numbers:
    text = raw.tables[main][column].astype(str)
    as_text, as_number = text.max(), read_numbers(text).max()
    if read_numbers(pd.Series([as_text]))[0] != as_number:
        wrong[column] = as_text, as_number
if wrong:
    column, (as_text, as_number) = next(iter(wrong.items()))
    display(
        Markdown(
            f"As text, {len(wrong)} of {len(numbers)} columns of numbers have a wrong largest "
            f"value. That of {code(column)}, for one, would be {code(as_text)}; among its numbers "
            f"it is {readable(as_number)}."
        )
    )
else:
    display(Markdown("No column of numbers that is stored as text has a wrong largest value here."))

# %% [markdown]
# *Try it:* sort one of these columns of `raw.tables[main]` with `sort_values` and look at both
# ends.
#
# ## What is wrong, and what is done about it
#
# Each kind of problem has one rule, stated once in `clean.py`, and every change is counted. Nothing
# is mended quietly.
#
# | Problem | Rule | The risk |
# | --- | --- | --- |
# | duplicate | whole rows that repeat an earlier one go, if an `id` says what a row is | without an id, two equal rows may be two things |
# | missing | blanks, `N/A`, `-`, `?` … all become one mark | a dash that means “none” is no gap |
# | number as text | signs of money, thousands and decimal commas are read | `1,234` has two meanings |
# | date format | ISO and unmistakable formats are read | `03/04` is March or April: only a day above 12 tells |
# | spelling | values that differ in case, blanks or hyphens become the most frequent one | two real categories may differ by a hyphen |
# | outlier | far beyond nearly all others (`outlier_factor` in `config.yaml`): a typing error | it may be the most important row |
# | orphan | a key without a partner in the second table is kept, with gaps | dropping it would bias the rest |

# %%
table, orphans = data.join(cleaned, raw.dataset)
found = pd.DataFrame(
    [
        {
            "table": finding.table,
            "column": finding.column or "(whole rows)",
            "problem": finding.kind,
            "rows": finding.count,
            "examples": ", ".join(f'"{example}"' for example in finding.examples),
            "what was done": finding.action,
        }
        for finding in sorted(findings + orphans, key=lambda finding: -finding.count)
    ]
)
if found.empty:
    display(Markdown("No problem was found: the table is clean, or wrong in some other way."))
else:
    worst = found.groupby("column")["rows"].sum().sort_values(ascending=False, kind="stable")
    display(found.set_index(["table", "column"]))
    display(
        Markdown(
            f"Kinds of problems: {found['problem'].nunique()}, in {found['rows'].sum():,} places. "
            f"Worst is {code(worst.index[0])} with {worst.iloc[0]:,}."
        )
    )

# %% [markdown]
# How much did the typing errors alone matter? The mean is a sum, and one number with two zeros too
# many is enough to move it. The median only counts which value stands in the middle.

# %%
typos = [finding for finding in findings if finding.kind == "outlier"]
if typos:
    typo = typos[0]
    before = read_numbers(raw.tables[typo.table][typo.column].astype(str))
    after = cleaned[typo.table][typo.column]
    display(
        Markdown(
            f"{typo.count:,} values of {code(typo.column)} ({typo.count / len(before):.1%}) were "
            f"taken for typing errors. With them its mean was {readable(before.mean())}, without "
            f"them it is {readable(after.mean())}; the median went from "
            f"{readable(before.median())} to {readable(after.median())}."
        )
    )
else:
    factor = config.cleaning.outlier_factor
    display(
        Markdown(
            f"No number is {factor:g} times the 99th percentile of its column, or more: nothing "
            "was taken for a typing error."
        )
    )

# %% [markdown]
# *Try it:* set `outlier_factor` in `config.yaml` to 3 and run the notebook again. Which of the
# values that go now would you have kept?
#
# ## Before and after
#
# The same counts on both sides. More missing values afterwards are no loss: they were missing
# before, and nobody could see it.

# %%
pd.concat(
    {
        label: pd.DataFrame({"before": measure(part), "after": measure(cleaned[label])})
        for label, part in raw.tables.items()
    },
    names=["table", "count of"],
).assign(change=lambda counts: (counts["after"] - counts["before"]).map("{:+,}".format))

# %% [markdown]
# ## Joins
#
# A join puts columns of a second table beside the first where a key is the same. What it does with
# rows that have no partner is the question to ask of each one:
#
# - **inner** keeps only rows with a partner on both sides,
# - **left** keeps all rows of the first table, with gaps where there is no partner,
# - **right** does so for the second, and **outer** for both.

# %%
on = raw.dataset.join.on if raw.dataset.join else main_category(info)
if joined:
    first, second = (main, joined[0])
    left, right = cleaned[first], cleaned[second]
    right = right[right[on].notna()]
    told = f"{code(first)} and {code(second)} are joined by {code(on)}."
elif on:
    first, second = main, "counts"
    left = data.read_processed(paths)[0]
    right = left[on].value_counts().rename("rows_like_this").reset_index().iloc[:-1]
    told = (
        "This data set is a single table (`join:` in `config.yaml` names a second one). To have "
        f"something to join, here is one of the counts of each {code(on)}, without the rarest."
    )
else:
    told = "This data set has one table and no category: there is nothing to join by."
display(Markdown(told))

if on:
    partners = pd.DataFrame(
        {
            how: left.merge(right, on=on, how=how, indicator=True)["_merge"].value_counts()
            for how in ("inner", "left", "right", "outer")
        }
    ).T[["both", "left_only", "right_only"]]
    partners.columns = ["with a partner", f"only in {first}", f"only in {second}"]
    partners.insert(0, "rows", partners.sum(axis=1))
    display(partners)

    lost = partners.loc["left", "rows"] - partners.loc["inner", "rows"]
    repeated = pd.concat([right, right.head(3)])
    too_many = len(left.merge(repeated, on=on, how="left")) - len(left)
    try:
        left.merge(repeated, on=on, how="left", validate="many_to_one")
        caught = "found nothing"
    except pd.errors.MergeError as error:
        caught = f"stops (“{str(error).strip()}”)"
    display(
        Markdown(
            f"An inner join would lose {lost:,} of {len(left):,} rows, without a word; the left "
            "join keeps them, with gaps. The other trap is a key that stands twice on the right: "
            f"were the first {min(3, len(right))} rows of {code(second)} repeated, the left join "
            f"would have {too_many:,} rows too many, and every sum after it would be wrong. "
            f'`validate="many_to_one"` {caught}.'
        )
    )

# %% [markdown]
# So: clean the second table first, state what you expect of the keys, and compare the number of
# rows before and after.
#
# *Try it:* list the rows without a partner with `how="left", indicator=True`. Do they have anything
# in common?
#
# ## The clean table
#
# What is on disk now, in `data/processed/`, and what every later step reads.

# %%
table, info = data.read_processed(paths)
overview(table)

# %% [markdown]
# ## Groups
#
# `groupby` is three steps: split the rows by a category, compute something in each part, and put
# the answers together. Always look at the count beside the mean: a mean of five rows is a rumour.

# %%
group = main_category(info)
number = focus(table, info) if info.numeric else None
if group is None or number is None:
    display(Markdown("Groups need a column of categories and one of numbers; one is missing here."))
else:
    summary = by_group(table, group, number)
    display(summary.head(12))
    top, bottom = summary.iloc[0], summary.iloc[-1]
    order = summary["median"].sort_values(ascending=False, kind="stable").index
    same_order = list(order) == list(summary.index)
    without = int(table[group].isna().sum())
    sentence = (
        f"The mean of {code(number)} is highest for {code(summary.index[0])} "
        f"({readable(top['mean'])}, {top['count']:,.0f} rows) and lowest for "
        f"{code(summary.index[-1])} ({readable(bottom['mean'])}, {bottom['count']:,.0f} rows). The "
        f"medians put the groups in {'the same' if same_order else 'another'} order. The means lie "
        f"{readable(top['mean'] - bottom['mean'])} apart; within one group single values spread by "
        f"{readable(summary['std'].median())} (standard deviation). "
    )
    left_out = f"{without:,} rows without a {code(group)} are in none of the groups."
    display(Markdown(sentence + (left_out if without else "Every row is in a group.")))

# %% [markdown]
# ### Two categories at once
#
# A pivot table is a `groupby` with two keys, one of them laid out as columns. With numbers inside
# it shows means, with counts inside it is a cross table.

# %%
candidates = [*info.groups, info.classification_target, *info.categorical]
few = [column for column in dict.fromkeys(candidates) if column and table[column].nunique() <= 20]
if len(few) < 2 or number is None:
    display(Markdown("This needs two categories of at most 20 values each, and a number."))
else:
    pivot = table.pivot_table(
        number, index=few[0], columns=few[1], aggfunc="mean", margins=True, margins_name="all"
    )
    display(pivot)
    cells = pivot.drop(index="all", columns="all").stack()
    highest, lowest = cells.idxmax(), cells.idxmin()
    display(
        Markdown(
            f"The mean of {code(number)} runs from {readable(cells.min())} ({code(lowest[0])}, "
            f"{code(lowest[1])}) to {readable(cells.max())} ({code(highest[0])}, "
            f"{code(highest[1])}). The margins (“all”) are means over rows, not over cells: "
            "larger cells weigh more."
        )
    )

# %% [markdown]
# Shares can be read in two directions, and the two answer different questions. Mixing them up is
# the commonest mistake with cross tables. Below, each *row* adds up to 100%; of all categories, the
# one is shown in which the shares differ most.

# %%
target = info.classification_target if info.classification_target in few else None
outcome = target or (few[1] if len(few) > 1 else None)
value = rarer_class(table[outcome]) if outcome else None
others = [column for column in few if column != outcome]
# The category in which the shares differ most, if all its values are frequent enough to tell.
frequent = [column for column in others if table[column].value_counts().min() >= 30]
apart = {column: np.ptp(shares(table, column, outcome)[value]) for column in frequent}
across = max(apart, key=apart.get) if apart else next(iter(others), None)
if outcome is None or across is None:
    display(Markdown("There are no two categories to cross."))
else:
    by_row = shares(table, across, outcome)
    by_column = shares(table, outcome, across)
    display(by_row.map("{:.1%}".format))
    most = by_row[value].idxmax()
    display(
        Markdown(
            f"Of the rows with {code(across)} {code(most)}, {by_row.loc[most, value]:.1%} have "
            f"{code(outcome)} {code(value)}. But of the rows with {code(outcome)} {code(value)}, "
            f"{by_column.loc[value, most]:.1%} have {code(across)} {code(most)}."
        )
    )

# %% [markdown]
# *Try it:* compare each row with its own group: divide a number by
# `table.groupby(...)[...].transform("mean")`. What is the mean of the result within each group?
#
# ## Missing values
#
# How many, where, together with what, and is there a pattern? Only then: what to do about them.

# %%
gaps = table.isna().mean().sort_values(ascending=False, kind="stable")
gaps = gaps[gaps > 0].head(12)
if gaps.empty:
    display(Markdown("No value is missing."))
else:
    fig, axes = plt.subplots(figsize=(7, 1.2 + 0.35 * len(gaps)), layout="constrained")
    bars = axes.barh([charts.short(column) for column in gaps.index], gaps, color=charts.BLUE)
    axes.bar_label(bars, [f"{share:.1%}" for share in gaps], padding=3)
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.set_xlabel("share of rows without a value")
    axes.locator_params(axis="x", nbins=5)
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=1 if gaps.iloc[0] > 0.01 else 2))
    axes.set_title(f"{charts.short(gaps.index[0])} is missing most often{note}")
    plt.show()

    complete = table.notna().all(axis=1).mean()
    together = table[gaps.index].isna().value_counts()
    together.index = [
        ", ".join(column for column, gap in zip(gaps.index, pattern, strict=True) if gap) or "none"
        for pattern in together.index
    ]
    display(together.rename_axis("missing together").rename("rows").head(8).to_frame())
    display(
        Markdown(
            f"{code(gaps.index[0])} is missing in {gaps.iloc[0]:.1%} of the rows. To drop every "
            f"row with any gap would cost {1 - complete:.1%} of the table."
        )
    )

# %% [markdown]
# *Try it:* which rows miss two values at once? `table[table.isna().sum(axis=1) > 1]` shows them.
#
# ### Are the gaps random?
#
# Three cases, from harmless to bad. Gaps may be *completely at random*: rows with a gap are like
# all others. They may go with *other columns*: then those columns help to fill them. Or they depend
# on *the missing value itself*: high earners keep quiet about their income, and no other column
# says so.
#
# The first two can be told apart from data. Below, rows with a gap are compared with the others,
# column by column. Then the same number of gaps is dealt out at random 999 times: `p` says how
# often chance alone makes a difference as large in any column. The third case cannot be seen: only
# somebody who knows how the table came about can rule it out.

# %%
usable = info.numeric + info.categorical
often = [column for column in gaps.index if 5 <= table[column].isna().sum() <= 0.9 * len(table)]
if not often or len(usable) < 2:
    display(Markdown("No column has at least five gaps and others to compare it with."))
lines = []
for column in often if len(usable) > 1 else []:
    companions = gap_companions(table, column, usable, config.seed)
    strongest = companions.iloc[0]
    without, elsewhere = strongest["where it is missing"], strongest["elsewhere"]
    shown = readable if strongest["what"] == "mean" else "{:.1%}".format
    verdict = "not random" if strongest["p"] < config.alpha else "may well be random"
    if column == often[0]:
        display(Markdown(f"Where {code(column)} is missing:"))
        display(companions.head(6))
    lines.append(
        f"- {code(column)}: {verdict} ({written_p(strongest['p'])}). The largest difference is in "
        f"{code(companions.index[0])}: {strongest['what']} "
        f"{shown(without)} where it is missing, {shown(elsewhere)} elsewhere."
    )
display(Markdown("\n".join(lines)))

# %% [markdown]
# ### What to do about them
#
# Dropping rows is honest if gaps are random and few. Filling keeps the rows but makes up values:
# with one and the same number for all, the spread shrinks, and every interval computed from it is
# too narrow. So the clean table keeps its gaps, and only models, which cannot live with them, fill
# them in, inside the training folds.

# %%
incomplete = [column for column in gaps.index if column in info.numeric]
if not incomplete:
    display(Markdown("No number is missing, so there is nothing to fill in."))
else:
    values = table[incomplete[0]]
    ways = {
        "left missing": values,
        "filled with 0": values.fillna(0),
        "filled with the mean": values.fillna(values.mean()),
        "filled with the median": values.fillna(values.median()),
    }
    display(
        pd.DataFrame(
            {way: filled.agg(["count", "mean", "median", "std"]) for way, filled in ways.items()}
        ).T
    )
    shrinks = 1 - ways["filled with the mean"].std() / values.std()
    display(
        Markdown(
            f"Filling the {values.isna().sum():,} gaps of {code(incomplete[0])} with the mean "
            f"makes its spread {shrinks:.2%} smaller than it is; zeros move the mean by "
            f"{readable(ways['filled with 0'].mean() - values.mean())}."
        )
    )

# %% [markdown]
# *Try it:* remove half of the values of a column yourself (`mask` with a seeded generator), fill
# them with the mean, and compare the spread.
#
# ## Five questions in SQL and in pandas
#
# Most tables live in databases, and databases speak SQL. DuckDB runs it here, inside Python, on the
# clean table, which it calls `data`. Read each pair side by side: `WHERE` is a mask, `GROUP BY` is
# `groupby`, `HAVING` is a mask on the groups, `OVER` keeps the rows and looks at others, `WITH`
# names a step.

# %%
asked, unasked = sql.questions(table, info)
for sentence in unasked:
    display(Markdown(sentence))
if asked:
    named = f"`number` is {code(number)} and `group` is {code(group)}"
    display(Markdown(f"In the pandas code, {named}."))
agree = []
for place, question in enumerate(asked, start=1):
    answer = sql.ask(question.sql, table)
    agree.append(sql.same(answer, question.pandas(table)))
    python = dedent(inspect.getsource(question.pandas)).strip().rstrip(",")
    display(
        Markdown(
            f"### {place}. {question.words}\n\n```sql\n{question.sql}\n```\n\n"
            f"```python\n{python}\n```\n\n"
            f"Both give {'the same answer' if agree[-1] else '**different answers**'}, "
            f"{len(answer):,} {'row' if len(answer) == 1 else 'rows'}:"
        )
    )
    display(answer.head(12))
if asked:
    display(Markdown(f"SQL and pandas agree on {sum(agree)} of {len(asked)} answers."))

# %% [markdown]
# When both disagree, one of them has treated missing values or ties in its own way: `COUNT(*)`
# counts rows, `COUNT(x)` only known values, and an `ORDER BY` that leaves ties open gives no fixed
# order. That is why each question above says how ties are broken.
#
# *Try it:* ask a sixth question in both languages and compare with `sql.same`.
#
# ## What comes next
#
# The table is clean, summarised and asked. What it *looks* like is the subject of
# [02_explore](02_explore.ipynb).
