# %% [markdown]
# # Demand Forecasting: models, intervals, stock
#
# From last week's value to a model that knows the plans for next week, how far its intervals can
# be trusted, and what better forecasts are worth in stock. All numbers and all sentences below a
# table or plot are computed from the results of the pipeline.

# %%
from demand.notebook import start

# %matplotlib inline
paths = start()

# %%
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import Markdown, display

# %%
from demand import charts, figures
from demand.backtest import forecast, origins, window
from demand.config import load_config
from demand.data import read_processed
from demand.files import read_json
from demand.markdown import amount, code, table
from demand.models import AVERAGE, ladder
from demand.pipeline import STAGES
from demand.predictor import Predictor
from demand.wording import (
    ACCURACY,
    SPREAD,
    brackets,
    choice,
    classes,
    compared,
    comparison,
    estimate,
    label,
    series,
    step_name,
    steps,
)

# %% [markdown]
# ## The results at hand
#
# Where the pipeline has run, its results are read. Where it has not, or has run on other data, it
# runs now, which takes a minute or two on the sample.

# %%
metrics_file, explain_file = paths.reports / "metrics.json", paths.reports / "explain.json"
panel, info = read_processed(paths)
config = load_config(paths.root / "config.yaml", info.name)

reports = [read_json(file) for file in (metrics_file, explain_file) if file.exists()]
fresh = [report["dataset"]["sha256"] for report in reports] == [info.sha256, info.sha256]
if not fresh or not (paths.models / "current.txt").exists():
    for stage in STAGES[1:]:  # the first made the data
        stage.run(config, paths)
plt.rcParams.update(charts.STYLE)  # from here on: figures of the pipeline bring their own style

metrics = read_json(metrics_file)
tested = pd.read_csv(paths.reports / "forecasts.csv", dtype={"unique_id": str})
detail, data = metrics["timeseries"], metrics["timeseries"]["data"]
step = step_name(data)
note = " (synthetic sample)" if info.synthetic else ""

origin = "**a synthetic sample, made up by this project**" if info.synthetic else "read from a file"
display(
    Markdown(
        f"The data set {code(info.name)} ({origin}) has {series(info.series)} of {info.rows:,} "
        f"values in all. Models were chosen by {len(detail['origins'])} windows of "
        f"{steps(data, info.horizon)}; the last one, {detail['test_start']} to "
        f"{detail['test_end']}, was used once."
    )
)

# %% [markdown]
# ## The backtest
#
# Time has a direction, so rows are not shuffled: from each of several dates every model forecasts
# one horizon, knowing only what was known then, and the dates move on by one horizon. A forecaster
# is given no demand after its date, so it cannot look ahead even by mistake.

# %%
starts = origins(panel.series["ds"], info.horizon, len(detail["origins"]))
ends = [*starts[1:], panel.series["ds"].max()]
first = panel.series["ds"].max() - 4 * len(starts) * (ends[-1] - starts[-1])
fig, axes = plt.subplots(figsize=(8, 1.2 + 0.35 * len(starts)), layout="constrained")
for row, (begin, end) in enumerate(zip(starts, ends)):
    last = row == len(starts) - 1
    axes.plot([max(first, panel.series["ds"].min()), begin], [row, row], color=charts.GREY, lw=7)
    axes.plot([begin, end], [row, row], color=charts.ORANGE if last else charts.BLUE, lw=7)
for colour, name in ((charts.GREY, "known"), (charts.BLUE, "validation"), (charts.ORANGE, "test")):
    axes.plot([], [], color=colour, lw=7, label=name)
axes.set_yticks(range(len(starts)), [f"window {row + 1}" for row in range(len(starts))])
axes.invert_yaxis()
axes.tick_params(axis="x", rotation=20)
axes.set_title(f"What each window knows, and what it must foretell{note}")
axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()

# %% [markdown]
# ## The ladder
#
# Every rung must earn its place: it has to see something that the one below cannot.
#
# - **seasonal naive**: the value of one season before. Free, and often hard to beat.
# - **moving average**: a level from several seasons, so that one odd value counts less.
# - **ETS**: a level, a trend and a season that are updated with every value (exponential
#   smoothing).
# - **ARIMA**: how each value goes with those before it and with past errors, after differencing;
#   **SARIMA** does the same from season to season.
# - **LightGBM**: one model for all series together, from lags, the calendar and what is known in
#   advance. It alone of these sees a promotion coming.
# - **Prophet** and **LSTM**, where `config.yaml` lists them: a curve with seasons and holidays, and
#   a neural network over all series.
# - **the average of the models**: errors that differ cancel.

# %%
pd.DataFrame(
    {
        label(model["name"]): {
            label(name): estimate(model["metrics"][name], name) for name in ACCURACY
        }
        for model in metrics["models"]
    }
).T

# %%
fig, axes = plt.subplots(figsize=(7, 1.5 + 0.5 * len(metrics["models"])), layout="constrained")
figures.ladder(axes, metrics, note)
plt.show()

display(Markdown(f"{choice(metrics)} In the table, {brackets(metrics)}."))

# %% [markdown]
# ## The same days, by every model
#
# One series in the last validation window. Here every model is fitted to a few series only, so that
# it is quick: a model of all series together learns less than it does in the backtest.

# %%
sizes = panel.series.groupby("unique_id")["y"].mean().sort_values(kind="stable")
few = list(sizes.index[-3:])
picked = few[len(few) // 2]
small = panel.series[panel.series["unique_id"].isin(few)].reset_index(drop=True)
part = window(small, starts[-2], info.horizon)
place = sorted(few).index(picked)
few_info = replace(info, series=len(few))
found = {
    rung.name: forecast(rung.name, rung.forecast, part, few_info, config.seed)[place]
    for rung in ladder(config)
    if rung.name != AVERAGE
}

dates = part.future.loc[part.future["unique_id"] == picked, "ds"]
known = part.history[part.history["unique_id"] == picked].tail(3 * info.horizon)
fig, axes = plt.subplots(figsize=(9, 4), layout="constrained")
axes.plot(known["ds"], known["y"], color=charts.GREY, label="known demand")
axes.plot(dates, part.actual[place], "o", color="black", ms=4, label="demand that came")
for name, values in found.items():
    axes.plot(dates, values, lw=1.5, label=label(name))
axes.tick_params(axis="x", rotation=20)
axes.set_ylabel("units")
axes.set_title(f"{charts.short(picked)}: one window, every model{note}")
axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()

errors = {name: np.abs(values - part.actual[place]).mean() for name, values in found.items()}
closest, farthest = min(errors, key=errors.get), max(errors, key=errors.get)
display(
    Markdown(
        f"On these {steps(data, info.horizon)} {label(closest)} came closest (mean absolute error "
        f"{amount(errors[closest])} units), {label(farthest)} stayed farthest away "
        f"({amount(errors[farthest])}). One window of one series proves nothing: therefore the "
        "means over all series and windows, and their intervals."
    )
)

# %% [markdown]
# ## The untouched window: predicted against actual

# %%
display(Markdown(comparison(metrics, ACCURACY)))
fig = plt.figure(layout="constrained")
figures.forecasts(fig, metrics, tested, note)
plt.show()

# %%
fig, axes = plt.subplots(figsize=(5.2, 5), layout="constrained")
top = 1.05 * max(tested["y"].max(), tested["yhat"].max())
axes.plot([0, top], [0, top], color=charts.GREY, ls="--", label="predicted = actual")
axes.plot(tested["yhat"], tested["y"], ".", color=charts.BLUE, alpha=0.5)
axes.set_xscale("symlog", linthresh=1)
axes.set_yscale("symlog", linthresh=1)
axes.xaxis.set_major_formatter("{x:,.0f}")
axes.yaxis.set_major_formatter("{x:,.0f}")
axes.set_xlabel("predicted, units")
axes.set_ylabel("actual, units")
axes.set_title(f"Predicted against actual, all series{note}")
axes.legend()
plt.show()

over = (tested["yhat"] > tested["y"]).mean()
sentence = f"{over:.0%} of the values came below their forecast."
bias = metrics["test"]["bias"]
if bias["value"] is not None:
    sentence += (
        f" Summed over everything the forecasts are off by {estimate(bias, 'bias')} of demand."
    )
display(Markdown(sentence))

# %%
fig, axes = plt.subplots(layout="constrained")
figures.steps(axes, metrics, note)
plt.show()
display(Markdown(classes(metrics)))

# %% [markdown]
# ## How far the intervals can be trusted
#
# An interval that is to hold 95% should hold 95%, no less and not much more: what is too wide costs
# stock, what is too narrow costs sales. These are conformal: as wide as the errors in the
# validation windows were. That the future errs like the past is an assumption, so coverage is
# measured in the window that nobody had seen.

# %%
fig, axes = plt.subplots(layout="constrained")
figures.coverage(axes, metrics, note)
plt.show()
display(Markdown(comparison(metrics, SPREAD)))

held = metrics["test"]["coverage_95"]
if held["low"] is None:
    verdict = f"One window of few series: {info.horizon} steps that go together say little."
elif held["low"] <= 0.95 <= held["high"]:
    verdict = "95% lies in its interval over series: nothing speaks against the promise."
elif held["low"] > 0.95:
    verdict = "That is more than promised: they are wider than they need to be."
else:
    verdict = "95% lies above its interval over series: the promise was not kept."
display(Markdown(f"The 95% intervals held {estimate(held, 'coverage_95')}. {verdict}"))

# %% [markdown]
# ## What it is worth: stock
#
# An order must last until the next one can arrive. How much to order is a quantile of the demand
# until then, and which quantile follows from the prices: a unit too many costs holding, a unit too
# few a sale. The same policy runs with both forecasts on demand that neither had seen.

# %%
fig, axes = plt.subplots(layout="constrained")
figures.inventory(axes, metrics, note)
plt.show()

stock, names = detail["business"], compared(metrics)
rows = [
    [
        name,
        *(amount(stock["policies"][key][part]) for part in ("cost", "holding", "stockout")),
        *(f"{stock['policies'][key][part]:.1%}" for part in ("fill_rate", "cycle_service")),
    ]
    for key, name in (*names.items(), ("perfect_foresight", "perfect foresight"))
]
header = ["Ordering by", "Cost a month", "Holding", "Stock-outs", "Demand served"]
display(Markdown(table([*header, f"{step.capitalize()}s without stock-out"], rows)))
display(
    Markdown(
        f"{metrics['business']['headline']}. The service level of {stock['service_level']:.1%} "
        f"follows from the prices: short {stock['prices']['stockout_cost']:g}, holding "
        f"{stock['prices']['holding_cost']:g} {stock['prices']['currency']}."
    )
)

# %% [markdown]
# ## One order, by service level

# %%
predictor = Predictor.load(paths.models)
levels = np.linspace(0.5, 0.99, 50)
orders = [predictor.order(picked, float(level)) for level in levels]
fig, grid = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
for axes, key, what in (
    (grid[0], "order_up_to", "units in stock and on order"),
    (grid[1], "expected_cost", f"expected cost, {stock['prices']['currency']}"),
):
    axes.plot(levels, [order[key] for order in orders], color=charts.BLUE)
    axes.axvline(predictor.best_service_level, color=charts.GREEN, ls="--")
    axes.xaxis.set_major_formatter("{x:.0%}")
    axes.set_xlabel("service level")
    axes.set_ylabel(what)
fig.suptitle(
    f"{charts.short(picked)}: what a service level takes, and costs{note}",
    x=0.01,
    ha="left",
    weight="bold",
)
plt.show()

half, high = orders[0]["order_up_to"], orders[-1]["order_up_to"]
display(
    Markdown(
        f"At 50% {amount(half)} units are enough, at 99% it takes {amount(high)}; the green line "
        f"is the level that costs least at these prices, {predictor.best_service_level:.1%}."
    )
)

# %% [markdown]
# ## What one forecast is made of

# %%
instance = {"unique_id": picked, "horizon": 1}
ahead = predictor.predict([instance])[0]["forecasts"][0]
reasons = predictor.explain([instance])[0]
fig, axes = plt.subplots(figsize=(7, 1.2 + 0.4 * len(reasons)), layout="constrained")
parts = [reason["contribution"] for reason in reasons]
axes.barh(range(len(parts)), parts, color=[charts.BLUE if p >= 0 else charts.ORANGE for p in parts])
axes.set_yticks(range(len(parts)), [charts.short(reason["feature"]) for reason in reasons])
axes.invert_yaxis()
axes.axvline(0, color="black", lw=1)
axes.set_xlabel(f"units added; together {amount(sum(parts))}")
axes.set_title(f"Why so many of {charts.short(picked)} on {ahead['ds']}{note}")
plt.show()

strongest = reasons[0]
display(
    Markdown(
        f"The forecast is {amount(ahead['yhat'])} units, its 95% interval "
        f"{amount(ahead['low_95'])} to {amount(ahead['high_95'])}. The largest part is "
        f"{code(strongest['feature'])} with {amount(strongest['contribution'])}."
    )
)

# %% [markdown]
# ## What this does not show
#
# - **What people would have bought.** Where the shelf was empty, sales are not demand: a model
#   learns from them that nobody came.
# - **What causes demand.** That sales are high in promotions does not say how much a further one
#   would bring.
# - **What has never happened.** Intervals are as wide as past errors; a new competitor or a
#   lockdown is in none of them.
# - **How other stock behaves.** The policy knows no minimum order, no shelf life and no full truck.
