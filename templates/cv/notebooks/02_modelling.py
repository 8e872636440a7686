# %% [markdown]
# # Medical Imaging: models, maps, money
#
# > **Not a medical device.** This is a learning project, for study only: do not use it, or anything
# > it says, to decide about a person's care.
#
# From a model that knows nothing to one that says which case to refer, and where it looked. All
# numbers and all sentences below a table or plot are computed from the results of the pipeline.

# %%
from imaging.notebook import start

# %matplotlib inline
paths = start()

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import Markdown, display

# %%
from imaging import business, charts, figures, wording
from imaging.config import Prices, load_config
from imaging.data import read_processed
from imaging.explain import with_outcomes
from imaging.explain_figures import draw_outcome
from imaging.files import read_json
from imaging.markdown import amount, code
from imaging.pipeline import STAGES
from imaging.policy import PRICE_SWING, moved
from imaging.predictor import Predictor
from imaging.wording import METRICS, label

# %% [markdown]
# ## The results at hand
#
# Where the pipeline has run, its results are read. Where it has not, or has run on other data, it
# runs now, which takes a few minutes.

# %%
metrics_file, explain_file = paths.reports / "metrics.json", paths.reports / "explain.json"
data, info = read_processed(paths)

reports = [read_json(file) for file in (metrics_file, explain_file) if file.exists()]
fresh = [report["dataset"]["sha256"] for report in reports] == [info.sha256, info.sha256]
if not fresh or not (paths.models / "current.txt").exists():
    for stage in STAGES[1:]:  # the first made the data
        stage.run(load_config(paths.root / "config.yaml", info.name), paths)
plt.rcParams.update(charts.STYLE)  # from here on: figures of the pipeline bring their own style

metrics, explanation = read_json(metrics_file), read_json(explain_file)
detail = metrics["cv"]
predictions = pd.read_csv(paths.reports / "predictions.csv")
validation, test = (
    (rows["y"].to_numpy(float), rows["probability"].to_numpy())
    for rows in (predictions[predictions["part"] == part] for part in ("validation", "test"))
)
note = " (synthetic sample)" if info.synthetic else ""

origin = "**a synthetic sample, made up by this project**" if info.synthetic else "read from a file"
lines = [
    f"The data set {code(info.name)} ({origin}) has {info.rows:,} images. The models learned "
    f"from {len(data.train.images):,}, {len(validation[0]):,} others chose among them, and "
    f"{len(test[0]):,} tested the chosen one, once. Positive cases are those labelled "
    f"{wording.positive(metrics)}: {detail['positive_rate']:.0%} of the test images."
]
if not info.share_images:
    lines.append(
        "**This notebook shows images, and `config.yaml` does not say that they may be shared "
        "(`share_images`): keep it to yourself.**"
    )
display(Markdown("\n\n".join(lines)))

# %% [markdown]
# ## The ladder
#
# Every rung must earn its place: it is harder to explain than the one below it, so it has to see
# something that the one below cannot.
#
# - **dummy**: nothing. It gives every image the share of positive cases, and what does not beat it
#   has learned nothing.
# - **logistic regression**: each pixel for itself. A finding counts where it stood in training, and
#   nowhere else.
# - **ResNet**: edges, then shapes made of edges, wherever they stand. Its shortcuts let gradients
#   pass, so that many layers can be trained (He and others, 2016). At the end it averages over
#   places and adds up.
# - **transfer learning**: the same, starting from what another network learned from photographs.
#
# All rungs named under `models` in `config.yaml` are scored on the same validation images. Brackets
# hold the 95% bootstrap interval; sensitivity, specificity and accuracy are at a probability of
# 0.5.

# %%
pd.DataFrame(
    {
        label(model["name"]): {
            METRICS[key]: "{value:.3f} ({low:.3f} to {high:.3f})".format(**model["metrics"][key])
            for key in wording.LADDER
        }
        | {"Parameters": f"{model['parameters']:,}"}
        for model in metrics["models"]
    }
).T

# %%
ranked = sorted(metrics["models"], key=lambda model: -model["metrics"]["roc_auc"]["value"])
fig, axes = plt.subplots(figsize=(7, 1.5 + 0.6 * len(ranked)), layout="constrained")
figures.ladder(axes, metrics["models"], note)
plt.show()

best = ranked[0]
display(
    Markdown(
        f"Of a positive and a negative validation image, {label(best['name'])} gives the positive "
        f"one the higher probability {best['metrics']['roc_auc']['value']:.1%} of the time. "
        + " ".join(filter(None, [wording.lead(metrics), wording.passed_over(metrics)]))
    )
)

# %% [markdown]
# ## Learning curves
#
# The loss on training images goes down as long as one trains. The loss on validation images says
# when the network starts to learn these images by heart. The epoch that is kept is chosen by
# validation images alone.

# %%
fig = plt.figure(figsize=(10, 3.6), layout="constrained")
figures.curves(fig, metrics["models"], note)
plt.show()

lines = []
for model in metrics["models"]:
    if model["curve"]:
        last = model["curve"][-1]
        apart = last["validation_loss"] - last["loss"]
        sides = "above" if apart > 0 else "below"
        lines.append(
            f"- {label(model['name'])}: epoch {model['kept_epoch']} of {len(model['curve'])} was "
            f"kept. At the end the validation loss is {abs(apart):.3f} {sides} the training loss "
            "(training images are varied, validation images are not)."
        )
display(Markdown("\n".join(lines) or "No network was trained."))

# %% [markdown]
# ## The choice
#
# The highest validation ROC-AUC wins, among the models small enough to be published. Then the test
# set is used, once: this is what to expect from new images of the same kind.

# %%
chosen = wording.selected(metrics)
pd.DataFrame(
    {
        METRICS[key]: {
            "validation": "{value:.3f} ({low:.3f} to {high:.3f})".format(**chosen["metrics"][key]),
            "test": "{value:.3f} ({low:.3f} to {high:.3f})".format(**metrics["test"][key]),
        }
        # The others depend on the threshold: 0.5 in validation, set by money in the test.
        for key in ("roc_auc", "brier")
    }
).T

# %%
fig, axes = plt.subplots(figsize=(6, 4.6), layout="constrained")
figures.roc(axes, test, metrics["test"], note)
plt.show()

score, expected = metrics["test"]["roc_auc"], chosen["metrics"]["roc_auc"]["value"]
if score["low"] <= expected <= score["high"]:
    verdict = "inside", "choosing it did not flatter it noticeably"
elif expected > score["high"]:
    verdict = "above", "it was flattered, the test images are of another kind, or it is chance"
else:
    verdict = "below", "the test images are easier, or it is chance"
display(
    Markdown(
        f"Chosen: {label(chosen['name'])} ({wording.settings(chosen)}). Its validation ROC-AUC of "
        f"{expected:.3f} lies {verdict[0]} the 95% interval of the test ({score['low']:.3f} to "
        f"{score['high']:.3f}): {verdict[1]}."
    )
)

# %% [markdown]
# ## Calibration
#
# If the model says 30% of ten images, three should be positive cases: only then is money expected
# from it worth anything. Networks tend to be too sure. Platt's sigmoid can repair that; it is used
# where it lowers the Brier score on validation images, and not otherwise.

# %%
fig, axes = plt.subplots(figsize=(6, 4.2), layout="constrained")
figures.calibration(axes, detail["calibration_curve"], note)
plt.show()

widest = max(detail["calibration_curve"], key=lambda p: abs(p["predicted"] - p["observed"]))
display(
    Markdown(
        f"{wording.calibration(detail['calibration'])} On the test images the mean gap is "
        f"{detail['test_calibration_error']:.1%}. It is widest in the group predicted at "
        f"{widest['predicted']:.0%}, of which {widest['observed']:.0%} are positive "
        f"({widest['rows']:,} images, so some of the gap may be chance)."
    )
)

# %% [markdown]
# ## From probability to a decision
#
# A missed case and a false alarm cost differently, so there is a probability from which a referral
# pays. The threshold is the one that would have cost least on the validation images; the test
# images then show what it costs where it was not chosen. The prices stand in `config.yaml`: they
# are assumptions, and the result is no better than they are.

# %%
money = detail["business"]
prices = Prices(**money["prices"])
currency = prices.currency
fig, axes = plt.subplots(figsize=(6.5, 4.4), layout="constrained")
figures.tradeoff(axes, money, note)
plt.show()

display(
    Markdown(
        f"A missed case costs {amount(prices.missed_case)} {currency}, a false alarm "
        f"{amount(prices.false_alarm)} {currency}. {wording.prevalence(money['prevalence'])} "
        f"{wording.break_even(money)} {wording.confusion(metrics)}"
    )
)

# %%
pd.DataFrame(
    {
        name: {
            "missed": f"{row['missed']['value']:,.1f}",
            "false alarms": f"{row['alarms']['value']:,.1f}",
            f"cost ({currency})": wording.money(row["cost"]),
        }
        for name, row in money["policies"].items()
    }
).T.rename_axis("of 1,000 cases")

# %%
fig, axes = plt.subplots(figsize=(6.5, 4), layout="constrained")
figures.profit(axes, money, note)
plt.show()

gains = [point["per_1000_cases"] for point in money["profit_curve"]]
ours = money["per_1000_cases"]["refer nobody"]["value"]
display(
    Markdown(
        f"The chosen threshold gains {amount(ours)} {currency} per 1,000 cases against referring "
        f"nobody. The best threshold in hindsight would have gained {amount(max(gains))}."
    )
)

# %% [markdown]
# ### If the prices are wrong
#
# Each price is moved by itself, and the threshold chosen anew each time.

# %%
fig, axes = plt.subplots(figsize=(6.5, 3), layout="constrained")
figures.sensitivity(axes, money, metrics["business"], note)
plt.show()

ends = [row[key] for row in money["sensitivity"] for key in ("if_lower", "if_higher")]
display(
    Markdown(
        f"With one price {PRICE_SWING:.0%} lower or higher, the saving against the better "
        f"rule without a model stays between {amount(min(ends))} and {amount(max(ends))} "
        f"{currency} per 1,000 cases. (Which rule is better may change with the prices; at these "
        f"it is \u201c{money['naive']}\u201d.)"
    )
)

# %% [markdown]
# The same functions answer other questions, for example what a dearer missed case would do:

# %%
rows = []
for factor in (0.1, 0.5, 1, 2, 10):
    other = moved(prices, "missed_case", factor)
    policy = business.choose_policy(*validation, other)
    referred = test[1] >= policy.threshold
    ill = test[0] == 1
    rows.append(
        {
            f"missed case ({currency})": amount(other.missed_case),
            "threshold": f"{policy.threshold:.3g}" if policy.threshold <= 1 else "refer nobody",
            "sensitivity": f"{referred[ill].mean():.1%}",
            "specificity": f"{1 - referred[~ill].mean():.1%}",
        }
    )
pd.DataFrame(rows).set_index(f"missed case ({currency})")

# %% [markdown]
# ## Where it looks
#
# After the last convolution the network has a small picture for each of its features. It averages
# each over all places and adds the averages up with one weight each. Sum and average can be
# swapped: adding the pictures up with the same weights first gives a map whose mean is the
# log-odds, apart from a constant. So the map shows what each place adds, exactly (Zhou and others,
# 2016). With this head Grad-CAM (Selvaraju and others, 2017) gives the same map, apart from scale
# and from what speaks against, which it drops. A logistic regression on pixels has a map too: its
# weight times how far a pixel is from its mean.

# %%
predictor = Predictor.load(paths.models)
images = data.test.images
_, maps = predictor.maps(images)
cases = with_outcomes(data.test.cases, predictor.predict(images))
for kind in (wording.CAUGHT, wording.MISSED, wording.ALARM, wording.CLEARED):
    lowest_first = kind in (wording.MISSED, wording.CLEARED)
    rows = cases[cases["outcome"] == kind].sort_values("probability", ascending=lowest_first)
    if rows.empty:
        display(Markdown(f"No test image is of this kind: {kind}."))
        continue
    fig = plt.figure(figsize=(10, 3.9), layout="constrained")
    strong = predictor.signature["strong"]
    draw_outcome(fig, rows, images[rows.index], maps[rows.index], strong)
    title = f"{kind[0].upper()}{kind[1:]}: {len(rows):,} test images{note}"
    fig.suptitle(title, x=0.01, ha="left", weight="bold")
    plt.show()

# %% [markdown]
# Above each image stands its probability. Where the sample is used, a ring marks the planted
# opacity. Full red is what the strongest place of a typical positive case has.

# %%
game = explanation["pointing_game"]
display(
    Markdown(
        wording.pointing(game)
        or "Where the findings are is not known for these images, so nothing can be said about how "
        "often the map points at them."
    )
)

# %% [markdown]
# ## Whom it serves worse
#
# One number for all hides those for whom it does not hold.

# %%
fig, axes = plt.subplots(layout="constrained")
figures.slices(axes, detail["slices"], note)
plt.show()
display(Markdown(wording.slices(detail["slices"])))

# %% [markdown]
# ## What this does not show
#
# - **Whether anybody is better off.** That takes readers with and without the model, then patients.
# - **Other hospitals.** The test images come from where the training images come from.
# - **Why.** A map says where, not what. A shortcut next to a finding looks like the finding.
# - **What the labels missed.** The model is scored against labels, not against the truth.
