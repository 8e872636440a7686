# %% [markdown]
# # Mini-Analysis: Python and NumPy on your own table
#
# The Python that an analysis needs, then the arrays that make it fast. Every example works on the
# table of this project, so with another data set in `config.yaml` the outputs change. Before you
# run a cell, say what it will print: being wrong is how one learns.

# %%
from analysis.notebook import start

# %matplotlib inline
paths = start()

# %%
from dataclasses import FrozenInstanceError, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from timeit import repeat

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import Markdown, display

# %%
from analysis import charts
from analysis.config import load_config
from analysis.data import read_processed
from analysis.markdown import code
from analysis.roles import focus
from analysis.summaries import kind, readable

# %% [markdown]
# ## The table

# %%
table, info = read_processed(paths)
note = " (synthetic sample)" if info.synthetic else ""

if info.numeric:
    number, numbers = focus(table, info), table[info.numeric]
    chosen = f"Its main number is {code(number)}."
else:
    number = info.categorical[0]
    places, _ = pd.factorize(table[number])
    numbers = pd.DataFrame({number: np.where(places >= 0, places, np.nan)})
    chosen = (
        f"It has no column of numbers. So that there is something to count with, the values of "
        f"{code(number)} are numbered in the order in which they come."
    )

origin = "**made up by this project: a synthetic sample**" if info.synthetic else "read from a file"
display(
    Markdown(
        f"The data set {code(info.name)} is {origin}. It has {info.rows:,} rows and "
        f"{table.shape[1]} columns. {chosen}"
    )
)
table.head()

# %% [markdown]
# # Part 1: Python
#
# ## Lists: things in an order
#
# A list keeps its order, may grow, and counts from 0. A slice `[start:end]` takes what stands
# from `start` up to, but not including, `end`; negative places count from the back.

# %%
values = numbers[number].dropna().head(8).tolist()
print("all of them:   ", values)
print("the first:     ", values[0])
print("the last:      ", values[-1])
print("second, third: ", values[1:3])
print("every other:   ", values[::2])
print("in order:      ", sorted(values))

# %% [markdown]
# `sorted` returned a new list and left the old one alone. Changing a list in place is another
# matter: a second *name* is not a second *list*. This is the commonest surprise of the first month.

# %%
same_list = values
copied = values.copy()
same_list.append(0.0)
print("values has become", len(values), "long, the copy is still", len(copied))
del values[-1]

# %% [markdown]
# *Try it:* what do `values[100:]` and `values[100]` do? Why is one an error and the other not?
#
# ## Tuples: a few things that belong together
#
# A tuple cannot be changed. Its use is to hand around several values at once and to unpack them
# into names.

# %%
rows, columns = table.shape
lowest, *between, highest = sorted(values)
print("rows:", rows, "| columns:", columns)
print("lowest:", lowest, "| highest:", highest, "| between them:", len(between))

# %% [markdown]
# ## Dictionaries: look up by name
#
# A dictionary finds a value by its key, and takes as long with a million keys as with three. `get`
# answers with something else where a key is not there, instead of stopping with a `KeyError`.

# %%
kinds = {}
for column in table.columns:
    kinds[column] = kind(table[column])
print(number, "is a", kinds[number])
print("no such column:", kinds.get("no such column", "unknown"))

counts = {}
for what in kinds.values():
    counts[what] = counts.get(what, 0) + 1
print(counts)

# %% [markdown]
# ## Sets: what is in it, and each thing once
#
# Sets answer questions such as “what do both have?” (`&`), “what has only the first?” (`-`) and
# “is it in there?”, the last of them as fast as a dictionary does.

# %%
all_columns, features = set(table.columns), set(info.features)
print("columns that may predict:   ", len(all_columns & features))
print("columns that are kept out:  ", sorted(all_columns - features))
print(number, "may predict:", number in features)

# %% [markdown]
# *Try it:* turn `kinds.values()` into a set. What does it hold, and why is it so short?
#
# ## Comprehensions: build a container in one line
#
# `[result for item in container if condition]` reads like the sentence it stands for: the result,
# for each item, if the condition holds. In braces it builds a set or, with a colon, a dictionary;
# without brackets, inside a call, it hands over one item after the other and stores none.

# %%
average = sum(values) / len(values)
above = [value for value in values if value > average]
gaps = {column: int(table[column].isna().sum()) for column in table if table[column].isna().any()}
letters = sum(len(column) for column in table.columns)
print(f"{len(above)} of {len(values)} values lie above their mean, {readable(average)}")
print("missing values:", gaps or "none")
print("letters in all names of columns:", letters)

# %% [markdown]
# *Try it:* write the loop that does the same as the line of `gaps`. Which of the two would you
# rather read again in half a year?
#
# ## Functions: a name for a step
#
# A function takes arguments and returns a result. The docstring says what it promises; the types
# say what goes in and out. Python does not enforce types, but editors and `mypy` read them. Where
# the promise cannot be kept, a function raises an error that says what it expected: better to stop
# than to return a wrong number.


# %%
def summarise(values: list[float]) -> dict[str, float]:
    """Return the mean of some values, the lowest and the highest.

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("expected at least one value, found none")
    return {"mean": sum(values) / len(values), "lowest": min(values), "highest": max(values)}


print(summarise(values))
try:
    summarise([])
except ValueError as error:
    print("ValueError:", error)

# %% [markdown]
# `try` and `except` name the error that is expected. A bare `except:` would also swallow the ones
# that are bugs, and hide them.
#
# *Try it:* add the median (the middle of the sorted values). What about an even number of them?
#
# ## A small class: data with its own questions
#
# A class bundles values with the functions that belong to them. `@dataclass` writes the dull part
# (`__init__`, `==`, how it prints); `frozen=True` forbids later changes, so that nobody has to
# wonder who changed it. A method with two underscores plugs into Python itself: `__contains__` is
# what `in` calls.


# %%
@dataclass(frozen=True)
class Span:
    """All numbers from ``low`` to ``high``."""

    low: float
    high: float

    @property
    def width(self) -> float:
        """How far it is from one end to the other."""
        return self.high - self.low

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


quarters = numbers[number].quantile([0.25, 0.75]).tolist()
middle = Span(*quarters)
inside = [value for value in values if value in middle]
print(middle, "is", readable(middle.width), "wide")
print(f"{len(inside)} of the {len(values)} values lie in it")
try:
    middle.low = 0
except FrozenInstanceError as error:
    print("FrozenInstanceError:", error)

# %% [markdown]
# The code of this project is made of the same pieces: `info`, used above, is a frozen dataclass
# (`DatasetInfo` in `roles.py`).
#
# *Try it:* give `Span` a method `overlaps(other)`. When do two spans *not* overlap?
#
# ## Files and `with`
#
# A file must be closed even if something goes wrong in between; `with` does that. Say the encoding
# (`utf-8`) always: without it, each system chooses its own, and umlauts break on the way.

# %%
with TemporaryDirectory() as folder:
    file = Path(folder) / "values.txt"
    with file.open("w", encoding="utf-8", newline="\n") as writing:
        for value in values:
            writing.write(f"{value}\n")
    lines = file.read_text(encoding="utf-8").splitlines()
    print(len(lines), "lines; the first is the text", repr(lines[0]))
    again = [float(text) for text in lines]
    print("turned into numbers again, they are the same:", again == values)
print("after the block the folder is gone:", not file.exists())

# %% [markdown]
# What comes out of a file is text. `"10" < "9"` is true, because text is compared letter by letter:
# the next notebook meets this in a whole table.
#
# *Try it:* in what order would `sorted(lines)` be? Guess first.
#
# # Part 2: NumPy
#
# ## Arrays: many numbers of one type
#
# A list may hold anything; an array holds one type only, its `dtype`, packed side by side in
# memory. That is why it is small and fast, and why arithmetic on it means arithmetic on every
# element.

# %%
x = numbers[number].dropna().to_numpy(dtype=float)
print("shape", x.shape, "| dtype", x.dtype, f"| {x.nbytes:,} bytes, {x.itemsize} for each number")
print("a list times two:       ", [1, 2, 3] * 2)
print("an array times two:     ", np.array([1, 2, 3]) * 2)
print("mixed types become one: ", np.array([1, 2.5]), "and", np.array([1, "a"]))

# %% [markdown]
# A smaller type saves memory and costs digits. How many?

# %%
smaller = x.astype(np.float32)
lost, largest = np.abs(smaller - x).max(), np.abs(x).max()
fits = "cannot" if largest > np.iinfo(np.int8).max else "can"
display(
    Markdown(
        f"As `float32` the {len(x):,} known values of {code(number)} take "
        f"{smaller.nbytes / x.nbytes:.0%} of the memory, and the worst of them is off by "
        f"{lost:.1g}. In eight bits (`int8`, up to {np.iinfo(np.int8).max}) the largest, "
        f"{readable(largest)}, {fits} be kept."
    )
)

# %% [markdown]
# ## Slices are views
#
# A slice of a list is a copy; a slice of an array is a window on the same memory. That is fast, and
# a trap: what you write into the window stands in the array. `copy()` makes it your own.

# %%
window, own = x[:3], x[:3].copy()
print("first three:", x[:3], "| last two:", x[-2:])
print("the slice shares memory:", np.shares_memory(x, window))
print("the copy does not:      ", not np.shares_memory(x, own))

# %% [markdown]
# The whole table of numbers is an array with two dimensions: rows first, then columns. A missing
# value is `nan`, “not a number”: it is not even equal to itself, and it spreads into every sum.
# The functions that begin with `nan` leave it out.

# %%
matrix = numbers.to_numpy(dtype=float)
holes = np.isnan(matrix)
print("shape:", matrix.shape, "= (rows, columns)")
print("first row:           ", matrix[0])
print("first column, 4 rows:", matrix[:4, 0])
print("shape of the last column:", matrix[:, -1].shape, "| as a slice:", matrix[:, -1:].shape)
print("is nan equal to nan? ", np.nan == np.nan)
print("missing:             ", holes.sum(), "of", holes.size)
print("columns whose plain mean is nan:", np.isnan(matrix.mean(axis=0)).sum())

# %% [markdown]
# `axis=0` runs down the rows and leaves one result for each column. `axis=1` leaves one for each
# row. The axis you name is the one that disappears.
#
# *Try it:* what shape has `matrix.mean(axis=1)`? And `matrix.mean()`?
#
# ## Boolean masks: ask, then take
#
# A comparison of an array returns an array of yes and no. It can be counted (yes is 1), averaged
# (the share of yes) and used to pick. Conditions are joined with `&`, `|` and `~`, each in brackets
# of its own.

# %%
high = x > x.mean()
far = np.abs(x - x.mean()) > 2 * x.std()
print("above the mean:", high.sum(), "of", high.size)
print("and not far:   ", (high & ~far).sum())
print("their mean:    ", readable(x[high & ~far].mean()) if (high & ~far).any() else "none")

share, rare = high.mean(), far.mean()
side = "a few large ones pull it up" if share < 0.45 else "a few small ones pull it down"
display(
    Markdown(
        f"{share:.0%} of the values of {code(number)} lie above their mean"
        + (": the mean is in the middle." if 0.45 <= share <= 0.55 else f": {side}.")
        + f" {rare:.1%} lie more than two standard deviations away from it; in a bell curve it "
        "would be 4.6%."
    )
)

# %% [markdown]
# *Try it:* why does `x > 1 and x < 5` stop with an error, where `(x > 1) & (x < 5)` does not?
#
# ## Loop against vectorised
#
# *Vectorised* means: the loop is written once, in C, over packed numbers of one type. A Python loop
# asks every element anew what it is and how one multiplies it. Both functions below compute the
# variance: the mean of the squared distances from the mean.


# %%
def variance_loop(values: list[float]) -> float:
    """The variance, one value at a time."""
    mean = sum(values) / len(values)
    total = 0.0
    for value in values:
        total += (value - mean) ** 2
    return total / len(values)


def variance_array(values: np.ndarray) -> float:
    """The variance, all values at once."""
    return float(((values - values.mean()) ** 2).mean())


# The column over and over again, so that there is something to measure.
many = np.resize(x, 10_000)
as_list = many.tolist()
few, few_as_list = many[:3].copy(), as_list[:3]
print("the same result:", bool(np.isclose(variance_loop(as_list), variance_array(many))))

# %% [markdown]
# Time is measured several times and the *best* counts: whatever else the computer does can only
# make a run slower. Even so the ratio differs from machine to machine and a little from run to run,
# so it is rounded to one digit.

# %%
loop = min(repeat("variance_loop(as_list)", globals=globals(), number=50, repeat=15)) / 50
array = min(repeat("variance_array(many)", globals=globals(), number=50, repeat=50)) / 50
short_loop = min(repeat("variance_loop(few_as_list)", globals=globals(), number=500, repeat=9))
short_array = min(repeat("variance_array(few)", globals=globals(), number=500, repeat=9))

ratio = float(f"{loop / array:.1g}")
winner = "the loop" if short_loop < short_array else "the array"
display(
    Markdown(
        f"On {len(many):,} values the array is about **{ratio:,.0f} times** as fast as the loop. "
        f"On {len(few)} values {winner} wins: each call of NumPy costs something before the first "
        "number is touched, and pays only where there are many."
    )
)

# %% [markdown]
# *Try it:* measure `sum(as_list)`, `sum(many)` and `many.sum()`. Why is the middle one the slowest?
#
# ## Broadcasting: shapes that fit
#
# Arrays of different shapes can be combined if, read from the right, each pair of lengths is equal
# or one of them is 1. The shorter one is stretched, without being copied. So *all* columns can be
# standardised at once: (rows, columns) minus (columns,) fits.

# %%
means, spreads = np.nanmean(matrix, axis=0), np.nanstd(matrix, axis=0)
standardised = (matrix - means) / spreads
print(matrix.shape, "minus", means.shape, "gives", standardised.shape)
print("every mean is 0:  ", np.allclose(np.nanmean(standardised, axis=0), 0))
print("every spread is 1:", np.allclose(np.nanstd(standardised, axis=0), 1))

# %% [markdown]
# Now each number says how many standard deviations a value lies from its column's mean, so columns
# in different units can be compared. Which row is least like the others?

# %%
distance = np.abs(np.nan_to_num(standardised))
row, column = np.unravel_index(distance.argmax(), distance.shape)
steps = standardised[row, column]
who = f", {code(table[info.id].iloc[row])}" if info.id else ""
display(
    Markdown(
        f"Row {row} (counted from 0){who}: its {code(numbers.columns[column])} is "
        f"{readable(matrix[row, column])}, {abs(steps):.1f} standard deviations "
        f"{'above' if steps > 0 else 'below'} the mean of {readable(means[column])}."
    )
)

# %% [markdown]
# Standardising changes neither the order nor the shape, only the ruler. It does not make a column
# normal, a common mistake.

# %%
place = list(numbers.columns).index(number)
fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2), sharey=True, layout="constrained")
left.hist(x, bins=30, color=charts.BLUE, alpha=0.7)
left.set_xlabel(charts.short(number))
left.set_ylabel("rows")
left.set_title(f"as it is: mean {readable(means[place])}")
known = standardised[:, place][~np.isnan(standardised[:, place])]
right.hist(known, bins=30, color=charts.ORANGE, alpha=0.7)
right.set_xlabel("standard deviations from the mean")
right.set_title("standardised: mean 0")
title = f"{charts.short(number)}: standardising changes the ruler, not the shape{note}"
fig.suptitle(title, x=0.01, ha="left", weight="bold")
plt.show()

# %% [markdown]
# ### When shapes do not fit
#
# To subtract each *row's* mean, its shape (rows,) meets (rows, columns) at the wrong end. With luck
# that is an error. With bad luck the shapes fit by chance and the result is nonsense: so look at
# shapes. `keepdims=True` keeps the axis, with length 1, and then it fits where it should.

# %%
part = np.nan_to_num(standardised[: standardised.shape[1] + 1])
row_means = part.mean(axis=1)
try:
    wrong = part - row_means
    print("no error, but", part.shape, "minus", row_means.shape, "gave", wrong.shape)
except ValueError as error:
    print("ValueError:", error)
row_means = part.mean(axis=1, keepdims=True)
print(part.shape, "minus", row_means.shape, "gives", (part - row_means).shape)

# %% [markdown]
# *Try it:* scale every column to lie between 0 and 1 with two lines of broadcasting. What does one
# extreme value do to all the others?
#
# ## Random numbers that can be repeated
#
# Chance in an analysis comes from a generator with a seed: same seed, same numbers, and whoever
# reruns the notebook gets the same result. All of this project's seeds start in `config.yaml`.

# %%
seed = load_config(paths.root / "config.yaml", info.name).seed
first = np.random.default_rng(seed).choice(x, size=5)
again = np.random.default_rng(seed).choice(x, size=5)
other = np.random.default_rng(seed + 1).choice(x, size=5)
print("same seed, same draw: ", np.array_equal(first, again))
print("another seed, another:", not np.array_equal(first, other))

means_of_50 = np.random.default_rng(seed).choice(x, size=(2_000, 50)).mean(axis=1)
display(
    Markdown(
        f"2,000 draws of 50 values each, in one line without a loop: their means spread by "
        f"{readable(means_of_50.std())}, the values themselves by {readable(x.std())}, "
        f"{x.std() / means_of_50.std():.1f} times as much. Theory says √50 = {np.sqrt(50):.1f}."
    )
)

# %% [markdown]
# *Try it:* draw 200 values at a time instead of 50. By how much does the spread of the means fall?
# [04_statistics](04_statistics.ipynb) builds confidence intervals on just that.
#
# ## Where to go from here
#
# pandas, in [01_clean_and_summarise](01_clean_and_summarise.ipynb), is NumPy with names: each
# column is an array with an index, and everything above (masks, vectorised arithmetic, missing
# values) works there too.
