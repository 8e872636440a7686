# %% [markdown]
# # Mini-Analysis: seven plots, and what they say
#
# Which plot for which column, how each is read, and when it misleads. Below each one stands what it
# shows, computed from the data at hand: with another data set in `config.yaml` the sentences change
# with the plots. Say your own sentence first, then read the computed one.

# %%
from analysis.notebook import start

# %matplotlib inline
paths = start()

# %%
import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import Markdown, display

# %%
from analysis import charts, figures, interactive
from analysis.data import read_processed
from analysis.markdown import code
from analysis.roles import focus, main_category
from analysis.summaries import kind, readable

# %%
pd.options.display.max_colwidth = 80

# %% [markdown]
# ## The plan
#
# The type of a column decides how it can be drawn. One number: its distribution. Two numbers: dots.
# A number and a category: one summary for each category. A number and a date: a line. So the plots
# are chosen by column type, and what does not apply is left out.

# %%
table, info = read_processed(paths)
number = focus(table, info) if info.numeric else None
group = main_category(info)
skip = figures.reasons_to_skip(info)
note = " (synthetic sample)" if info.synthetic else ""

origin = "**made up by this project: a synthetic sample**" if info.synthetic else "read from a file"
kinds = table.drop(columns=[name for name in info.left_out if name in table]).apply(kind)
have = ", ".join(f"{what} ({count})" for what, count in kinds.value_counts().items())
about = f"most plots are about {code(number)}" if number else "no plot can be about a number"
colour = f"rows are told apart by {code(group)}" if group else "there is no category to colour by"
display(
    Markdown(
        f"The data set {code(info.name)} is {origin}. It has {info.rows:,} rows, and columns of "
        f"these types: {have}. Here {about}, and {colour}. "
        f"{len(figures.PLOTS) - len(skip)} of {len(figures.PLOTS)} plots apply."
    )
)
pd.DataFrame(
    {
        name: {
            "what it draws": plot.__doc__.splitlines()[0],
            "here": f"left out: {skip[name]}" if name in skip else "drawn",
        }
        for name, plot in figures.PLOTS.items()
    }
).T

# %% [markdown]
# ## Distribution
#
# **How to read it.** A histogram cuts the range into equal parts and counts the rows in each. Look
# for the middle, the width, the longer tail, and for two humps: they often mean two kinds of rows.
# Where mean and median lie apart, the tail pulls the mean.
#
# **When it misleads.** The number of bars is a choice: few hide humps, many show noise. Whole
# numbers in bars that are not a whole number wide make gaps that are not there. And a hump of 20
# rows is no hump.

# %%
sentence = interactive.show("distribution", table, info)
plt.show()
Markdown(sentence)

# %% [markdown]
# *Try it:* set `BARS` in `figures.py` to 5, then to 200. Which humps stay?
#
# ## Outliers
#
# **How to read it.** The box holds the middle half of the rows, the line in it is the median. The
# whiskers reach to the last value within one and a half boxes; dots lie beyond these fences
# (Tukey). One box for each value of the main category, so that what is usual is judged among its
# like.
#
# **When it misleads.** Dots are unusual, not wrong: a long tail makes hundreds of them, and the
# more rows, the more dots. A box hides two humps, and does not say how many rows it stands for.

# %%
sentence = interactive.show("outliers", table, info)
plt.show()
Markdown(sentence)

# %% [markdown]
# *Try it:* look up the furthest row with `table.nlargest(1, ...)`. Error, or your most interesting
# row?
#
# ## Skew
#
# **How to read it.** Skewness is 0 for a symmetric column, positive for a long tail to the right,
# negative to the left; beyond ±1 it is strong. The second bar shows the same after a logarithm,
# which turns “so many times larger” into “so much more”. Where it comes close to 0, plots and
# linear models are often better off with the logarithm.
#
# **When it misleads.** A single extreme value can make the whole of it. Negative numbers have no
# logarithm (no second bar). And a symmetric column need not be a bell: two humps are symmetric too.

# %%
sentence = interactive.show("skew", table, info)
plt.show()
Markdown(sentence)

# %% [markdown]
# *Try it:* leave out the 1% largest values of the most skewed number. How much of its skewness was
# theirs?
#
# ## Correlation
#
# **How to read it.** Each cell is Spearman's rank correlation of two numbers: 1 when both rise
# together, −1 when one falls as the other rises, 0 when neither says anything about the *order* of
# the other. The diagonal is each column with itself. Ranks do not mind outliers or bent lines.
#
# **When it misleads.** A U-shape has a correlation near 0 and is no coincidence. Many cells mean
# many chances: of 100 pairs of random columns, about 5 look “significant”. Two numbers can fall
# together within each group and rise together over all rows (Simpson's paradox). And what moves
# together need not cause each other.

# %%
sentence = interactive.show("correlations", table, info)
plt.show()
Markdown(sentence)

# %% [markdown]
# *Try it:* compute the same matrix for one value of the main category only. Does any sign turn?
#
# ## Pairs
#
# **How to read it.** What the heat map says in one number, drawn: each number against each, with
# its own distribution on the diagonal. Look for bends, fans (the spread grows), stripes (whole
# numbers) and colours that keep apart.
#
# **When it misleads.** Dots cover dots: where there are thousands, the eye sees the rim and not the
# heap, so only some rows are drawn. The colour drawn last wins. Four columns at a time hide what
# needs five.

# %%
sentence = interactive.show("pairs", table, info)
plt.show()
Markdown(sentence)

# %% [markdown]
# ### The same, to point at
#
# The main number against the one closest to it. Point at a dot to read its row, click a name in the
# legend to hide its dots, drag to zoom. That is for exploring; a report needs the plots that stand
# still.
#
# The notebook stores the dots, not the five megabytes of code that draw them. JupyterLab, with
# Plotly installed beside it as here, and VS Code bring that code along, so it works offline. A web
# page made from this notebook fetches it from the network and stays blank without. GitHub runs no
# code at all and shows nothing here: there the plot above, with the same dots, has to do.

# %%
if number is None:
    display(Markdown(f"This plot is left out: {skip['distribution']}."))
else:
    drawing = interactive.figure(table, info)
    dots = sum(len(trace.y) for trace in drawing.data)
    beside = drawing.layout.xaxis.title.text
    title = f"{charts.short(number)} against {charts.short(beside)}: each dot is a row{note}"
    drawing.update_layout(title=title, height=420)
    display(interactive.as_output(drawing) | {"text/plain": title}, raw=True)

    highest = max((y, x, trace.name) for trace in drawing.data for x, y in zip(trace.x, trace.y))
    of_group = f", {code(group)} {code(highest[2])}" if group else ""
    display(
        Markdown(
            f"{dots:,} of {info.rows:,} rows are drawn. The highest dot has {code(number)} "
            f"{readable(highest[0])} at {code(beside)} {readable(highest[1])}{of_group}. Find it."
        )
    )

# %% [markdown]
# *Try it:* add columns to `hover_data` in `interactive.figure` and find out what the highest dots
# share.
#
# ## Time
#
# **How to read it.** Look for a trend, for what returns each year or week, for jumps and for gaps.
# The thin line (weeks) shows how noisy the thick one (months) is.
#
# **When it misleads.** An axis that does not begin at 0 makes mountains of molehills: read the
# numbers beside it. First and last months are often incomplete. A mean per month hides how many
# rows are behind it, and two lines that both rise over time are correlated for no other reason.

# %%
sentence = interactive.show("timeline", table, info)
plt.show()
Markdown(sentence)

# %% [markdown]
# *Try it:* draw the number of rows of each week below it. Are the extreme weeks those with few
# rows?
#
# ## Categories
#
# **How to read it.** A dot is the mean (or the share) in a group, the bar its 95% interval: of 100
# such samples, about 95 would draw a bar that holds the true mean. Bars that do not overlap show a
# difference.
#
# **When it misleads.** Bars that overlap a little can still differ: the interval of the
# *difference* decides, and [04_statistics](04_statistics.ipynb) computes it. The interval is about
# the mean, not about single rows, most of which lie outside. The highest of many groups is high
# partly by luck. And groups may differ in something else that makes the difference.

# %%
sentence = interactive.show("categories", table, info)
plt.show()
Markdown(sentence)

# %% [markdown]
# *Try it:* make another column the first `group` in `config.yaml` and run the `data` stage and this
# notebook again. Which category parts the rows most?
#
# ## What plots cannot say
#
# Whoever draws seven plots looks at dozens of comparisons, and some of them stand out by chance. A
# plot finds a question; whether the answer holds is for [04_statistics](04_statistics.ipynb), and
# how well one column can be predicted from the others for [05_first_models](05_first_models.ipynb).
