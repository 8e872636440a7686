# %% [markdown]
# # The mathematics behind it
#
# Five ideas carry nearly all of machine learning: vectors, matrices, eigenvectors, derivatives and
# gradient descent. Each is worked out on this project's own table, beside the library's answer.

# %%
from analysis.kit.charts import BLUE, GREEN, GREY, ORANGE, short, start

# %matplotlib inline
paths = start()

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.linear_model import LinearRegression

from analysis.data import whole
from analysis.figures import few_ticks
from analysis.roles import as_number, as_numbers, readable

table, info = whole(paths)
numbers = as_numbers(table, info)
outcome = as_number(table[info.outcome])[numbers.index]
closeness = numbers.loc[:, numbers.std() > 0].corrwith(outcome).abs()
names = closeness.sort_values(ascending=False).index[:4]
standard = (numbers[names] - numbers[names].mean()) / numbers[names].std(ddof=0)
X = standard.to_numpy()
up, across = names[0], names[1]
print(f"data set: {info.name}{info.note}")
print(f"{len(X):,} {info.rows_are}, {len(names)} numbers: {', '.join(names)}")

# %% [markdown]
# ## 1. Vectors: a row is an arrow
#
# All numbers are **standardised**: the origin is the average row, 1 is one standard deviation. The
# **dot product** of two rows is length × length × cos(angle): positive where both are special in the
# same way, 0 at a right angle. And a distance is made of dot products: |a - b|² = a·a - 2 a·b + b·b.

# %%
length = np.linalg.norm(X, axis=1)
a = X[length.argsort()[len(X) // 2]]
cosine = X @ a / np.maximum(length * np.linalg.norm(a), 1e-12)
distance = np.sqrt(np.maximum(0, a @ a - 2 * X @ a + length**2))
alike = numbers[names].assign(cosine=cosine, distance=distance)
alike.sort_values("distance").iloc[[0, 1, 2, -1]].round(2)

# %% [markdown]
# The first row is the one asked about, then its two nearest, then the furthest: "nearest neighbours" in
# notebook 05 does no more than this. The same product tells which *columns* move together: of two
# standardised columns it is rows × correlation.

# %%
by_hand = X[:, 0] @ X[:, 1] / len(X)
print(f"dot product / rows: {by_hand:.4f}, pandas: {numbers[across].corr(numbers[up]):.4f}")

# %% [markdown]
# *Try it:* what is the dot product of any row with the average row, and why?
#
# ## 2. Matrices: a table is a function
#
# A matrix sends vectors elsewhere: its first column says where (1, 0) lands, its second where (0, 1)
# does. The order of two of them matters; the determinant says how areas grow; the inverse undoes it.

# %%
angle = np.radians(35)
stretch = np.array([[1.7, 0], [0, 0.6]])
turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
moves = {"as it is": np.eye(2), "stretched, then turned": turn @ stretch}
moves["turned, then stretched"] = stretch @ turn
some = X[:: max(1, len(X) // 500), [1, 0]]
fig, row = plt.subplots(1, 3, figsize=(10, 3.4), sharey=True)
for axes, (title, matrix) in zip(row, moves.items()):
    axes.plot(*(some @ matrix.T).T, ".", color=BLUE, ms=3, alpha=0.5)
    axes.set(title=title + info.note, xlim=(-4, 4), ylim=(-4, 4), aspect="equal")
plt.show()
print("determinant:", np.linalg.det(turn @ stretch).round(2), "= 1.7 × 0.6")
print("all correlations are one product:", np.allclose(X.T @ X / len(X), np.corrcoef(X.T)))

# %% [markdown]
# *Try it:* which matrix swaps two numbers? Which forgets one, and why has it no inverse?
#
# ## 3. Eigenvectors: directions that do not turn
#
# Of the covariance matrix they are the axes of the cloud of points. Along the first, rows differ
# most: the one number that says most about a row, and the heart of principal component analysis.

# %%
variances, axes_of = np.linalg.eigh(np.cov(X.T, ddof=0))
variances, axes_of = variances[::-1].clip(0), axes_of[:, ::-1]
fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6))
left.plot(*some.T, ".", color=GREY, ms=3)
pair = np.linalg.eigh(np.cov(X[:, [1, 0]].T, ddof=0))
for variance, vector, colour in zip(pair[0], pair[1].T, (GREEN, ORANGE)):
    left.plot(*(2 * np.sqrt(max(variance, 0)) * np.outer(vector, [-1, 1])), color=colour, lw=3)
left.set(xlabel=short(across), ylabel=short(up), aspect="equal", title=f"Two axes{info.note}")
right.bar(range(1, len(variances) + 1), variances / variances.sum(), color=BLUE)
right.set(xlabel="principal axis", title="share of the variance", xticks=range(1, len(names) + 1))
plt.show()
pd.DataFrame(axes_of, names, [f"axis {place + 1}" for place in range(len(names))]).round(2)

# %%
first = axes_of[:, 0]
print("C v = λ v:", np.allclose(np.cov(X.T, ddof=0) @ first, variances[0] * first))

# %% [markdown]
# *Try it:* what are both eigenvalues if two columns are the same?
#
# ## 4. Derivatives: which way is down
#
# Learning is making a **loss** small. The simplest model says one number *c* for every row; its loss
# is the mean squared error, its slope *2 (c - mean)*. Where the slope is 0, the loss is lowest.

# %%
y = outcome.dropna().to_numpy()
guesses = y.mean() + y.std() * np.linspace(-2, 2, 100)
losses = ((y[:, None] - guesses) ** 2).mean(axis=0) / y.var()
fig, axes = plt.subplots(figsize=(7, 3))
axes.plot(guesses, losses, color=BLUE)
for c, colour in ((y.mean() - y.std(), ORANGE), (y.mean(), GREEN)):
    slope, height = 2 * (c - y.mean()) / y.var(), ((y - c) ** 2).mean() / y.var()
    near = c + y.std() * np.array([-0.6, 0.6])
    tangent, label = height + slope * (near - c), f"slope {readable(slope)}"
    axes.plot(near, tangent, color=colour, lw=2, label=label)
axes.set(xlabel=f"one guess for {short(info.outcome)}", ylabel="loss / variance")
axes.set_title(f"Lowest at the mean{info.note}")
few_ticks(axes.xaxis)
axes.legend()
plt.show()

# %% [markdown]
# *Try it:* take the *absolute* error instead. Where is its lowest point, and what is it called?
#
# ## 5. Gradient descent: learning is walking downhill
#
# A line has two numbers to learn. The **gradient** holds the slope along each and points uphill; each
# step goes a little against it. The **learning rate** says how little.

# %%
other = names[names != info.outcome][0]
x = standard[other][outcome.notna()].to_numpy()
y = (y - y.mean()) / y.std()


def descend(rate: float, steps: int) -> np.ndarray:
    """The path of intercept and slope, from (-2, -2): (steps + 1, 2)."""
    path = [np.array([-2.0, -2.0])]
    for _ in range(steps):
        error = path[-1][0] + path[-1][1] * x - y
        path.append(path[-1] - rate * 2 * np.array([error.mean(), (error * x).mean()]))
    return np.array(path)


fig, row = plt.subplots(1, 3, figsize=(10, 3.4), sharey=True)
for axes, rate in zip(row, (0.02, 0.2, 1.01)):
    axes.plot(*descend(rate, 15).T, ".-", color=ORANGE)
    axes.plot(y.mean(), np.corrcoef(x, y)[0, 1], "*", color="black", ms=10, label="lowest point")
    axes.set(title=f"rate {rate}{info.note}", xlabel="intercept", xlim=(-3, 3), ylim=(-3, 3))
row[0].set_ylabel(f"slope along {short(other)}")
row[0].legend()
plt.show()
library = LinearRegression().fit(x[:, None], y)
print("60 steps:", descend(0.2, 60)[-1].round(4), "| library:", library.coef_.round(4))

# %% [markdown]
# *Try it:* why does a rate above 1 fly off here? What happens to the path if `x` is not standardised?
