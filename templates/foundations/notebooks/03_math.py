# %% [markdown]
# # Mini-Analysis: the mathematics behind it
#
# Five ideas carry nearly all of machine learning: vectors, matrices, eigenvectors, derivatives
# and gradient descent. Each is drawn here, and then used on this project's own table. Sentences
# about the data are computed: with another data set in `config.yaml` they change.

# %%
from analysis.notebook import start

# %matplotlib inline
paths = start()

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import Markdown, display

# %%
from sklearn.linear_model import LinearRegression

from analysis import lessons
from analysis.charts import BLUE, GREEN, GREY, ORANGE, short
from analysis.data import read_processed
from analysis.markdown import code
from analysis.roles import focus

# %% [markdown]
# ## The numbers
#
# Mathematics needs numbers, and rows in which none is missing. The notebook is about the main
# number of the table and the (at most three) numbers that move with it most closely.

# %%
table, info = read_processed(paths)
note = " (synthetic sample)" if info.synthetic else ""

names = []
if info.numeric:
    main = focus(table, info)
    closeness = table[info.numeric].corr()[main].drop(main).abs().dropna()
    names = [main, *closeness.sort_values(ascending=False, kind="stable").index[:3]]
known = table[names].dropna().astype(float)
one_number = bool(names) and len(known) >= 20 and known[names[0]].nunique() > 1
enough = one_number and len(names) > 1 and known.nunique().min() > 1
skipped = "Skipped: this needs two columns of numbers and twenty rows in which both are known."

origin = "**a synthetic sample, made up by this project**" if info.synthetic else "read from a file"
display(
    Markdown(
        f"The data set {code(info.name)} ({origin}) has {info.rows:,} {info.rows_are}. "
        + (
            f"The main number is {code(main)}; closest to it: "
            f"{', '.join(map(code, names[1:])) or 'no other'}. All are known in {len(known):,} "
            "rows."
            if names
            else "It has no column of numbers."
        )
    )
)
known.describe().loc[["mean", "std", "min", "max"]].map("{:,.4g}".format) if names else None

# %% [markdown]
# ## 1. Vectors: a row is an arrow
#
# A row of numbers is a **vector**: a point, or the arrow that leads there from the origin. So
# that each number counts alike, all are **standardised** first: less the mean, divided by the
# standard deviation. The origin is then the average row, and 1 means "one standard deviation more
# than average".
#
# The **dot product** multiplies two vectors number by number and adds up. It is
# `length × length × cos(angle)`, so it measures how far two rows point the same way: positive if
# they are special in the same respects, 0 at a right angle, negative if they are opposites.

# %%
if enough:
    standard = (known - known.mean()) / known.std(ddof=0)
    across, up = names[1], names[0]
    plane = standard[[across, up]].to_numpy()
    shown = plane[:: max(1, len(plane) // 500)]
    length = np.linalg.norm(plane, axis=1)

    # Three rows for the drawing, of middling length: A, one at a small angle, one at a wide one.
    middling = np.argsort(np.abs(length - 1.8), kind="stable")[: max(20, len(length) // 3)]
    a = middling[0]
    cosine = plane[middling] @ plane[a] / (length[middling] * length[a])
    b = middling[np.abs(cosine - 0.77).argmin()]
    c = middling[np.abs(cosine + 0.77).argmin()]
    A, B, C = plane[a], plane[b], plane[c]
    foot = (B @ A) / (A @ A) * A

    fig, (left, right) = plt.subplots(1, 2, figsize=(9.5, 4.6), layout="constrained")
    left.plot(*shown.T, ".", color=GREY, ms=3, alpha=0.5, label="other rows")
    for tip, colour, label in ((A, BLUE, "A"), (B, GREEN, "B"), (C, ORANGE, "C")):
        lessons.draw_arrow(left, tip, colour, label)
    left.set_title(f"A·B = {A @ B:.2f}, A·C = {A @ C:.2f}{note}")
    lessons.draw_arrow(right, B, GREEN, "B")
    lessons.draw_arrow(right, A, BLUE, "A")
    lessons.draw_arrow(right, foot, GREY, "projection of B on A")
    right.plot(*np.array([B, foot]).T, ls="--", color="black", lw=1)
    right.set_title(f"The shadow of B on A is {B @ A / length[a]:.2f} long")
    for axes in (left, right):
        axes.set(xlim=(-3, 3), ylim=(-3, 3), aspect="equal")
        axes.set_xlabel(f"{short(across)} (standard deviations)")
        axes.set_ylabel(f"{short(up)} (standard deviations)")
        axes.legend(fontsize=8)
    plt.show()
else:
    display(Markdown(skipped))

# %%
if enough:
    rows = known.iloc[[a, b, c]].map("{:,.4g}".format).set_axis(["A", "B", "C"])
    rows["dot product with A"] = [f"{A @ tip:.2f}" for tip in (A, B, C)]
    rows["cosine of the angle"] = [
        f"{A @ tip / np.linalg.norm(A) / np.linalg.norm(tip):.2f}" for tip in (A, B, C)
    ]
    display(rows)

# %% [markdown]
# **Projection**: the shadow that B throws on A is `(B·A / A·A) A`. What is left, B less its
# shadow, stands at a right angle to A: A cannot explain it. A regression does just this: it
# projects the outcome on the features, and what is left are the errors.
#
# The same arithmetic works in any number of dimensions, where nothing can be drawn any more. It
# finds rows that are alike, and it finds columns that move together: two standardised columns
# have the dot product *rows × correlation*.

# %%
if enough:
    points = standard.to_numpy()
    # |A - B|² = A·A - 2 A·B + B·B: a distance is made of dot products.
    squares = (points**2).sum(axis=1)
    distance = np.sqrt(np.maximum(0, squares[a] - 2 * points @ points[a] + squares))
    distance[a] = 0
    nearest = np.argsort(distance, kind="stable")
    nearest = nearest[nearest != a][:3]
    alike = known.iloc[[a, *nearest]].map("{:,.4g}".format)
    alike.index = ["A", "nearest", "second", "third"][: len(alike)]
    alike["distance to A"] = distance[[a, *nearest]].round(2)
    display(alike)

    by_hand = plane[:, 0] @ plane[:, 1] / len(plane)
    by_library = known[across].corr(known[up])
    display(
        Markdown(
            f"In {len(names)} numbers at once, these are the rows most like A: the model "
            "\u201cnearest neighbours\u201d of notebook 05 does no more than this. The columns "
            f"{code(across)} and {code(up)}: dot product / rows = {by_hand:.4f}; pandas says that "
            f"their correlation is {by_library:.4f}."
        )
    )

# %% [markdown]
# *Try it:* what is the dot product of A with the average row, and why? Take `middling[1]` as A:
# which rows are its neighbours, and would you have said so from the table?

# %% [markdown]
# ## 2. Matrices: a table is a function
#
# A **matrix** holds rows of numbers, but it also *does* something: multiplied with a vector, it
# makes another one. Its first column says where the arrow (1, 0) lands, its second where (0, 1)
# lands; everything else follows, since lines stay lines. Here two matrices act on all rows at
# once. The orange square shows what becomes of the axes.

# %%
angle = np.radians(35)
stretch = np.array([[1.7, 0.0], [0.0, 0.6]])
turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
steps = {
    "as it is": np.eye(2),
    "stretched": stretch,
    "stretched, then turned": turn @ stretch,
    "turned, then stretched": stretch @ turn,
}
if enough:
    square = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]])
    above = shown[:, 1] > 0
    fig, grid = plt.subplots(1, 4, figsize=(11, 3.4), layout="constrained", sharey=True)
    for axes, (title, matrix) in zip(grid, steps.items()):
        moved = shown @ matrix.T
        axes.plot(*moved[above].T, ".", color=BLUE, ms=3, alpha=0.5)
        axes.plot(*moved[~above].T, ".", color=GREY, ms=3, alpha=0.5)
        axes.plot(*(square @ matrix.T).T, color=ORANGE, lw=2)
        axes.set(xlim=(-4, 4), ylim=(-4, 4), aspect="equal")
        axes.set_title(title)
    grid[0].set_ylabel("standard deviations")
    fig.supxlabel(f"blue: {short(up)} above average in the table", fontsize=10)
    fig.suptitle(f"The order of two matrices matters{note}", x=0.01, ha="left", weight="bold")
    plt.show()

    there = shown @ (turn @ stretch).T
    back = there @ np.linalg.inv(turn @ stretch).T
    display(
        Markdown(
            f"- `turn @ stretch` and `stretch @ turn` differ by up to "
            f"{np.abs(turn @ stretch - stretch @ turn).max():.2f} in a cell.\n"
            f"- The **determinant** says how areas grow: {np.linalg.det(stretch):.2f} for the "
            f"stretch, {np.linalg.det(turn):.2f} for the turn, "
            f"{np.linalg.det(turn @ stretch):.2f} for both.\n"
            f"- The **inverse** undoes it. All points back where they were: "
            f"{np.allclose(back, shown)}."
        )
    )
else:
    display(Markdown(skipped))

# %% [markdown]
# Tables are full of such products. Standardising multiplies with a diagonal matrix. The prediction
# of a linear model is `X @ w`. And all correlations at once are one product: the standardised
# table, turned on its side, times itself.

# %%
if enough:
    matrix = points.T @ points / len(points)
    display(pd.DataFrame(matrix, index=names, columns=names).round(3))
    same = np.allclose(matrix, known.corr())
    display(Markdown(f"The same as `known.corr()`: {same}."))

# %% [markdown]
# *Try it:* write down the matrix that swaps the two numbers, and the one that forgets the second
# (what is its determinant, and why has it no inverse?).

# %% [markdown]
# ## 3. Eigenvectors: the directions that do not turn
#
# A matrix turns most arrows. Those that it only stretches are its **eigenvectors**; by how much,
# says the **eigenvalue**. For the covariance matrix they are special: they are the axes of the
# cloud of points. Along the first the rows differ most. It is the one number that would say most
# about a row, and the heart of principal component analysis.

# %%
if enough:
    covariance = np.cov(plane.T, ddof=0)
    variances, vectors = lessons.principal_axes(covariance)
    turns = np.linspace(0, 2 * np.pi, 25)
    circle = np.column_stack([np.cos(turns), np.sin(turns)])
    ellipse = circle @ covariance.T

    fig, (left, right) = plt.subplots(1, 2, figsize=(9.5, 4.8), layout="constrained")
    left.plot(*circle.T, color=GREY, label="arrows of length 1")
    left.plot(*ellipse.T, ".-", color=BLUE, label="where the matrix sends them")
    for start, end in zip(circle, ellipse):
        left.plot(*np.array([start, end]).T, color=GREY, lw=0.6)
    right.plot(*shown.T, ".", color=GREY, ms=3, alpha=0.6)
    for variance, vector, colour in zip(variances, vectors.T, (ORANGE, GREEN)):
        lessons.draw_arrow(left, variance * vector, colour, f"eigenvalue {variance:.2f}")
        ends = 2 * np.sqrt(max(0, variance)) * np.array([-vector, vector])
        right.plot(*ends.T, color=colour, lw=2.5, label=f"variance {variance:.2f}")
    for axes, reach in ((left, 2.1), (right, 3.5)):
        axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
        axes.set_xlabel(f"{short(across)} (standard deviations)")
        axes.set_ylabel(f"{short(up)} (standard deviations)")
        axes.legend(fontsize=8, loc="upper left")
    left.set_title("Two directions do not turn")
    right.set_title(f"They are the axes of the cloud{note}")
    plt.show()

    own, own_axes = lessons.principal_axes(np.cov(known[[across, up]].to_numpy().T))
    winner = (across, up)[np.abs(own_axes[:, 0]).argmax()]
    display(
        Markdown(
            f"Two standardised numbers always have the diagonals for axes, with eigenvalues 1 + r "
            f"and 1 - r (r = {abs(by_hand):.2f} without its sign): the closer they move together, "
            f"the longer one diagonal. Along the first lie {variances[0] / 2:.0%} of the variance. "
            f"Without standardising, the first axis would lie along {code(winner)} and hold "
            f"{own[0] / own.sum():.2%}: the number with the largest unit would win."
        )
    )
else:
    display(Markdown(skipped))

# %% [markdown]
# With more than two numbers the axes are no longer known in advance.

# %%
if enough and len(names) > 2:
    variances, vectors = lessons.principal_axes(matrix)
    share = variances / variances.sum()
    fig, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
    axes.bar(range(1, len(share) + 1), share, color=BLUE, label="of this axis")
    axes.plot(range(1, len(share) + 1), share.cumsum(), "o-", color=ORANGE, label="up to here")
    axes.axhline(1 / len(share), color="black", ls="--", lw=1, label="if nothing moved together")
    axes.set_xticks(range(1, len(share) + 1))
    axes.set_xlabel("principal axis")
    axes.set_ylabel("share of the variance")
    axes.set_title(f"The first axis holds {share[0]:.0%} of what {len(names)} numbers say{note}")
    axes.legend()
    plt.show()

    parts = pd.Series(vectors[:, 0], index=names)
    together = [name for name in names if abs(parts[name]) > 0.4]
    needed = int((share.cumsum() < 0.9 - 1e-9).sum()) + 1
    display(parts.round(2).rename("part in the first axis").to_frame().T)
    display(
        Markdown(
            f"The first axis is mostly made of {', '.join(map(code, together))}. {needed} of "
            f"{len(names)} axes hold 90% of the variance: "
            + (
                f"what the other {len(names) - needed} say could be dropped with little loss."
                if needed < len(names)
                else "each number says something of its own, and none can be dropped."
            )
        )
    )
elif enough:
    display(Markdown("Skipped: the table has only two such columns of numbers."))

# %% [markdown]
# *Try it:* check that `covariance @ vectors[:, 0]` is `variances[0] * vectors[:, 0]`, for the two
# numbers. What would both eigenvalues be if the two numbers were the same column twice?

# %% [markdown]
# ## 4. Derivatives: which way is down
#
# A model learns by making a **loss** small. The simplest model says the same number *c* for every
# row; its loss is the mean squared error. The **derivative** is the slope of the curve at a point:
# how much the loss changes when *c* moves a little. Where it is 0, the curve has its lowest point.
# Here the formula is known: *2 (c - mean)*. So the best single guess, by squared error, is the
# mean.

# %%
if one_number:
    y = known[names[0]].to_numpy()
    mean, spread = y.mean(), y.std()
    guesses = np.linspace(mean - 2.2 * spread, mean + 2.2 * spread, 200)
    left_of, flat = mean - 1.2 * spread, mean
    widths = spread * 10.0 ** -np.arange(13)
    exact = 2 * (left_of - mean)
    # The loss of a line without slope is that of one guess.
    rises = lessons.line_loss(y, y, left_of + widths, 0) - lessons.line_loss(y, y, left_of, 0)
    errors = np.abs(rises / widths - exact)

    fig, (left, right) = plt.subplots(1, 2, figsize=(9.5, 4), layout="constrained")
    left.plot(guesses, lessons.line_loss(y, y, guesses, 0), color=BLUE)
    for point, colour in ((left_of, ORANGE), (flat, GREEN)):
        slope, height = 2 * (point - mean), lessons.line_loss(y, y, point, 0)
        near = point + spread * np.array([-0.7, 0.7])
        left.plot(near, height + slope * (near - point), color=colour, lw=2)
        left.plot(point, height, "o", color=colour, label=f"slope {slope:,.4g}")
    left.set_xlabel(f"one guess for {short(names[0])}")
    left.set_ylabel("mean squared error")
    left.set_title(f"The slope is 0 at the mean, {mean:,.4g}{note}")
    left.legend()
    right.loglog(widths, np.maximum(errors, 1e-16 * abs(exact)), "o-", color=BLUE)
    for axis in (right.xaxis, right.yaxis):
        axis.set_major_formatter("{x:.0e}")
    right.set_xlabel("width of the small step h")
    right.set_ylabel("error of the numerical slope")
    right.set_title("A smaller step helps only up to a point")
    plt.show()

    best = errors.argmin()
    display(
        Markdown(
            f"By the formula the slope at {left_of:,.4g} is {exact:,.6g}. By rise over run, "
            f"`(loss(c + h) - loss(c)) / h`, it is {exact + errors[2]:,.6g} with h = "
            f"{widths[2]:.2g}, and best with h near {widths[best]:.0e}. A wide step misses the "
            "curve between; a tiny one compares two losses that agree in nearly all the digits "
            "that a computer keeps."
        )
    )
else:
    display(Markdown("Skipped: this needs a column of numbers, known in twenty rows."))

# %% [markdown]
# *Try it:* use the *absolute* error instead of the squared one. Where is the lowest point of
# `np.abs(y - c).mean()` now, and what is that number called?

# %% [markdown]
# ## 5. Gradient descent: learning is walking downhill
#
# A line has two numbers to learn, intercept and slope, so its loss is a landscape. The
# **gradient** holds the derivative in each direction and points uphill. Gradient descent takes a
# step against it, again and again; the **learning rate** says how long the steps are. It starts
# from a flat line at the lowest value.

# %%
if enough:
    x, y = standard[across].to_numpy(), known[up].to_numpy()
    X = np.column_stack([np.ones_like(x), x])
    solution = np.linalg.solve(X.T @ X, X.T @ y)
    start = np.array([y.min(), 0.0])
    lowest = lessons.line_loss(x, y, *solution)
    rates = {"too small: 0.01": 0.01, "right: 0.2": 0.2, "too large: 1.02": 1.02}
    walks = {label: lessons.descend(x, y, start, rate, 15) for label, rate in rates.items()}

    reach = 2 * np.linalg.norm(solution - start)
    intercepts, slopes = solution[:, None] + np.linspace(-reach, reach, 80)
    surface = lessons.line_loss(x, y, intercepts[None, :], slopes[:, None])
    fig, grid = plt.subplots(1, 3, figsize=(11, 4), layout="constrained", sharey=True)
    for axes, (label, walk) in zip(grid, walks.items()):
        drawn = axes.contourf(intercepts, slopes, np.sqrt(surface), 14, cmap="Blues_r")
        axes.plot(*walk.T, ".-", color=ORANGE, lw=1, label="15 steps")
        axes.plot(*solution, "*", color="black", ms=10, label="lowest point")
        axes.set_title(label)
        axes.set_aspect("equal")
        axes.set_xlabel("intercept")
    grid[0].set_ylabel(f"slope of {short(up)}\nper standard deviation of {short(across)}")
    grid[0].legend(fontsize=8, loc="upper left")
    fig.colorbar(drawn, ax=grid, label="typical error (root of the loss)", shrink=0.8)
    title = f"Three learning rates on the same landscape{note}"
    fig.suptitle(title, x=0.01, ha="left", weight="bold")
    plt.show()
else:
    display(Markdown(skipped))

# %%
if enough:
    fig, (left, right) = plt.subplots(1, 2, figsize=(9.5, 4), layout="constrained")
    for (label, walk), colour in zip(walks.items(), (GREY, BLUE, ORANGE)):
        excess = np.array([lessons.line_loss(x, y, *line) for line in walk]) - lowest
        left.semilogy(np.maximum(excess / excess[0], 1e-9), "o-", ms=3, color=colour, label=label)
    left.yaxis.set_major_formatter("{x:.0e}")
    left.set_xlabel("step")
    left.set_ylabel("loss above the lowest, share of the first")
    left.set_title("Only one of them arrives")
    left.legend(fontsize=8)
    some = slice(None, None, max(1, len(known) // 500))
    right.plot(known[across].iloc[some], y[some], ".", color=GREY, ms=3, alpha=0.5)
    ends = np.array([known[across].min(), known[across].max()])
    ends_standard = (ends - known[across].mean()) / known[across].std(ddof=0)
    for step, colour in ((0, "#bfdbfe"), (1, "#93c5fd"), (3, "#3b82f6"), (15, "#1e3a8a")):
        line = walks["right: 0.2"][step]
        heights = line[0] + line[1] * ends_standard
        right.plot(ends, heights, color=colour, lw=2, label=f"step {step}")
    right.set_xlabel(short(across))
    right.set_ylabel(short(up))
    right.set_title(f"The line learns{note}")
    right.legend(fontsize=8)
    plt.show()

# %% [markdown]
# For a line there is also a formula, the **normal equations** `(X.T @ X) w = X.T @ y`: the
# projection of section 1, solved in one go. Most models have no such formula. All of them have a
# gradient.

# %%
if enough:
    library = LinearRegression().fit(x[:, None], y)
    walked = lessons.descend(x, y, start, 0.2, 60)[-1]
    answers = {
        "gradient descent, 15 steps": walks["right: 0.2"][-1],
        "gradient descent, 60 steps": walked,
        "normal equations": solution,
        "scikit-learn": np.array([library.intercept_, library.coef_[0]]),
    }
    columns = ["intercept", "slope per standard deviation"]
    display(pd.DataFrame(answers, index=columns).T.map("{:,.6g}".format))

    unit = solution[1] / known[across].std(ddof=0)
    explained = 1 - lowest / y.var()
    display(
        Markdown(
            f"In plain words: with one {code(across)} more, {code(up)} is {abs(unit):,.4g} "
            f"{'higher' if unit > 0 else 'lower'} on average. After 60 steps the walk has "
            f"{'arrived' if np.allclose(walked, solution) else 'not arrived yet'}. The line "
            f"explains {explained:.0%} of the variance (R²), which is the squared correlation, "
            f"{by_library:.2f}²."
        )
    )

# %% [markdown]
# ### Why one standardises first
#
# Not standardised, the landscape is a long narrow valley: steep across, nearly flat along. Its
# second derivatives form a matrix, whose **eigenvalues** are the steepness in both directions. A
# rate above 2 / the larger one makes the walk fly off; with rates below, the flat direction takes
# ages. So eigenvalues say how fast a model can learn.

# %%
if enough:
    results = {}
    for label, feature in (("as it is", known[across].to_numpy()), ("standardised", x)):
        design = np.column_stack([np.ones_like(feature), feature])
        steepness, _ = lessons.principal_axes(2 * design.T @ design / len(feature))
        walk = lessons.descend(feature, y, start, 2 / steepness.sum(), 5_000)
        excess = lessons.line_loss(feature, y, walk[:, 0], walk[:, 1]) - lowest
        close = np.flatnonzero(excess < 1e-4 * excess[0])
        results[label] = {
            "steepest direction": f"{steepness[0]:,.3g}",
            "flattest direction": f"{steepness[1]:,.3g}",
            "ratio (condition number)": f"{steepness[0] / steepness[1]:,.3g}",
            "steps to the last 0.01% of the loss": f"{close[0]:,}" if len(close) else "over 5,000",
        }
    display(pd.DataFrame(results))

# %% [markdown]
# *Try it:* find the largest rate that still arrives by trying 0.9, 0.99 and 1.0, and explain it
# with the table above. Then use only 50 random rows for each gradient
# (*stochastic* gradient descent): what does the path look like?
