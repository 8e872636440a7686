# %% [markdown]
# # From forecasts to money
#
# All numbers come from the last run of `demand all`. Each picture is followed by the question it
# can answer; the answers are yours.

# %%
from demand.kit.charts import short, start

# %matplotlib inline
paths = start()

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from demand.backtest import actual, origins, window
from demand.conformal import LEVELS, blind
from demand.data import read_processed
from demand.figures import forecasts, inventory
from demand.kit.files import read_json
from demand.money import SERVICE_LEVELS
from demand.predictor import Predictor

panel, info = read_processed(paths)
metrics = read_json(paths.reports / "metrics.json", "evaluate")
tested = pd.read_csv(paths.reports / "forecasts.csv", dtype={"unique_id": str})
validation = pd.read_parquet(paths.candidate / "validation.parquet")
detail, models = metrics["timeseries"], metrics["models"]
labels = {model["name"]: model["label"] for model in models}
print("SYNTHETIC SAMPLE: made up by this project" if info.synthetic else f"data set: {info.name}")

# %% [markdown]
# ## The backtest
#
# Time has a direction, so rows are not shuffled: from each of several dates every model forecasts
# one horizon, knowing only what was known then. A forecaster is given no demand after its date, so
# it cannot look ahead even by mistake. The last window is used for no choice.

# %%
starts = origins(panel.series["ds"], info.horizon, info.windows)
step = starts[-1] - starts[-2]
fig, axes = plt.subplots(figsize=(8, 1.2 + 0.22 * len(starts)))
for row, begin in enumerate(starts):
    axes.plot([starts[0] - 6 * step, begin], [row, row], color="C3", lw=6)
    axes.plot([begin, begin + step], [row, row], color="C1" if row == info.windows else "C0", lw=6)
axes.invert_yaxis()
axes.set(yticks=[], title="Grey: known (its end). Blue: validation. Orange: kept for the end")
axes.tick_params(axis="x", rotation=20)
plt.show()

# %% [markdown]
# ## The ladder
#
# Every rung must earn its place: it has to see something that the one below cannot. Seasonal naive:
# the value of one season before. Moving average: a level from several seasons. ETS: level, trend
# and season, updated with every value. ARIMA: how a value goes with those before it; SARIMA from
# season to season as well. LightGBM: all series together, from lags, calendar and what is known in
# advance. The average: errors that differ cancel.
#
# **Read it:** MASE, and the paired difference to the chosen model with its 95% interval. **Ask:**
# how many of these differences could be chance, and what would more windows cost?

# %%
pd.DataFrame(
    {
        model["label"]: {
            "MASE": model["metrics"]["mase"]["value"],
            **{f"difference, {k}": (model["difference"] or {}).get(k) for k in ("low", "high")},
            "error, share of demand": model["metrics"]["wmape"]["value"],
            "bias, share of demand": model["metrics"]["bias"]["value"],
        }
        for model in models
    }
).T.round(3)

# %% [markdown]
# ## The same days, by every model
#
# **Read it:** the series with the most demand in the last validation window. **Ask:** which model
# saw the odd days coming, and from what?

# %%
largest = validation.groupby("unique_id")["y"].mean().idxmax()
shown = validation[validation["unique_id"] == largest].tail(info.horizon).set_index("ds")
fig, axes = plt.subplots(figsize=(9, 4))
axes.set_prop_cycle(color=plt.colormaps["tab10"].colors)
axes.plot(shown["y"], "o", color="black", ms=4, label="demand")
for name, label in labels.items():
    axes.plot(shown[name], lw=1.2, label=label)
axes.set(ylabel="units", title="Demand" if info.series == 1 else short(largest))
axes.tick_params(axis="x", rotation=20)
axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()

# %% [markdown]
# ## Predicted against actual
#
# **Read it:** the window that was used for no choice. On the right, on the line what was said is what came.
# **Ask:** is the model wrong at random, or always on the same side?

# %%
fig, (left, right) = plt.subplots(1, 2, figsize=(12, 4.4))
forecasts(left, tested)
top = max(tested["y"].max(), tested["yhat"].max())
right.plot([0, top], [0, top], color="C3", ls="--")
right.plot(tested["yhat"], tested["y"], ".", alpha=0.5)
scale = "linear" if info.series == 1 else "symlog"  # series may be of very different sizes
right.set(xscale=scale, yscale=scale, xlabel="predicted, units", ylabel="actual, units")
right.xaxis.set_major_formatter("{x:,.0f}")
right.yaxis.set_major_formatter("{x:,.0f}")
plt.show()

# %% [markdown]
# ## How far the intervals can be trusted
#
# They are conformal: as wide as the errors in other windows were. That errors to come are like
# those is an assumption, so it is measured.
#
# **Read it:** what share of demand stayed below each quantile; on the line, as promised. **Ask:**
# what happened in a window that falls far off the line, and could anybody have known?

# %%
happened = actual([window(panel.series, start, info.horizon) for start in starts[:-1]], info)
chosen = validation[detail["selected"]].to_numpy().reshape(happened.demand.shape)
widths = blind(happened, chosen, detail["business"]["lead_time"])
quantiles = np.stack([w.quantiles(means) for w, means in zip(widths, chosen, strict=True)])
below = happened.demand[..., np.newaxis] <= quantiles
fig, axes = plt.subplots(figsize=(6, 5))
axes.plot(LEVELS, below.mean(axis=(1, 2)).T, color="C3", lw=0.7)
axes.plot(LEVELS, below.mean(axis=(0, 1, 2)), "o-", label="all validation windows")
axes.plot([0, 1], [0, 1], color="black", ls="--", label="as promised")
axes.set(xlabel="promised", ylabel="held", title="Grey: each window by itself")
axes.legend()
plt.show()

# %% [markdown]
# ## What it is worth: stock
#
# An order must last until the next one can arrive; how much that is, is a quantile of the demand
# until then. **Read it:** what the stock of the validation windows cost a month at each service
# level. **Ask:** is the level of the theory the cheapest, and if not, why? (Think of lost sales, and
# of the days that an order is under way.) How flat is the curve around its lowest point?

# %%
fig, axes = plt.subplots()
inventory(axes, detail["business"])
plt.show()
pd.DataFrame(detail["business"]["policies"]).set_index("name")[["cost", "fill_rate"]].round(3)

# %% [markdown]
# ## If the prices are wrong
#
# **Read it:** the cheapest service level when a missing unit costs less or more. **Ask:** which of
# the two prices could you find out next month, and how?

# %%
predictor = Predictor.load(paths.models)
rows = {}
for factor in (0.1, 0.3, 1, 3, 10):
    price = predictor.prices.stockout_cost * factor
    prices = predictor.prices.model_copy(update={"stockout_cost": price})
    costs = predictor.costs(prices)
    rows[price] = {"cheapest level": SERVICE_LEVELS[costs.argmin()], "cost a month": costs.min()}
pd.DataFrame(rows).T.rename_axis("a missing unit costs").round(3)

# %% [markdown]
# ## One forecast, and one order
#
# As the API answers. **Ask:** which part would you explain to the person who orders?

# %%
print(predictor.order(largest))
pd.DataFrame(predictor.explain([{"unique_id": largest, "horizon": 1}])[0])

# %% [markdown]
# ## What this does not show
#
# - **What people would have bought.** Where the shelf was empty, sales are not demand.
# - **What causes demand.** That sales are high in promotions does not say what a further one brings.
# - **What has never happened.** A new competitor or a lockdown is in no interval.
# - **How other stock behaves.** The policy knows no minimum order, no shelf life and no full truck.
