# %% [markdown]
# # From models to money
#
# > **Not a medical device.** This is a learning project, for study only: do not use it, or anything
# > it says, to decide about a person's care.
#
# All numbers come from the last run of `imaging all`. Each picture is followed by the question it
# can answer; the answers are yours.

# %%
from imaging.kit.charts import start

# %matplotlib inline
paths = start()

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.metrics import RocCurveDisplay

from imaging.config import Prices
from imaging.data import read_processed
from imaging.figures import draw_image, tradeoff
from imaging.gradcam import overlay, peak
from imaging.kit.files import read_json
from imaging.kit.intervals import intervals
from imaging.money import MODEL, Cases, break_even, compare
from imaging.predictor import Predictor

data, info = read_processed(paths)
metrics = read_json(paths.reports / "metrics.json", "evaluate")
predictions = pd.read_csv(paths.reports / "predictions.csv", index_col="part").loc["test"]
rules = {name: predictions[name].to_numpy() for name in predictions.columns[2:]}
y, p = (predictions[name].to_numpy(float) for name in ("y", "probability"))
test, predictor = Cases(y, p, rules), Predictor.load(paths.models)
business = metrics["cv"]["business"]
prices, share = Prices(**business["prices"]), predictor.signature["positive_share"]
print("SYNTHETIC SAMPLE: made up by this project" if info.synthetic else f"data set: {info.name}")

# %% [markdown]
# ## The ladder
#
# A dummy that knows nothing; a logistic regression, for which a finding counts only where it stood
# in training; a residual network, which finds edges, then shapes made of edges, wherever they are.
#
# **Read it:** ROC-AUC on the same validation images, and the paired difference to the chosen model
# with its 95% interval. These images also chose the epoch and the calibration, so they flatter.
#
# **Ask:** is the step from one rung to the next worth its price in explaining?

# %%
order = ["value", "low", "high"]
pd.DataFrame(
    {
        model["label"]: {
            "ROC-AUC": model["metrics"]["roc_auc"]["value"],
            **{f"difference, {key}": (model["difference"] or {}).get(key) for key in order},
            "parameters": model["parameters"],
        }
        for model in metrics["models"]
    }
).T.round(4)

# %% [markdown]
# ## Learning curves
#
# **Read it:** the loss on training images goes down as long as one trains; the loss on validation
# images says when the network starts to learn these images by heart. Dotted: the epoch kept.
#
# **Ask:** would more epochs help, or more images?

# %%
fig, axes = plt.subplots(figsize=(7, 3.2))
for model in metrics["models"]:
    if model["curve"]:
        curve = pd.DataFrame(model["curve"]).set_index("epoch")
        axes.plot(curve["loss"], "--", label=f"{model['label']}, training (varied images)")
        axes.plot(curve["validation_loss"], label=f"{model['label']}, validation")
        axes.axvline(curve["validation_loss"].idxmin(), color="grey", ls=":")
axes.set(xlabel="epoch", ylabel="loss")
axes.legend()
plt.show()

# %% [markdown]
# ## On images that chose nothing
#
# **Read it:** each point is a threshold; the square is where a referral begins to pay. On the
# right, how often the decision is right for each kind of image, with its 95% interval.
#
# **Ask:** is the test ROC-AUC below that of validation, and what are possible reasons? Whom does
# the model serve worse?

# %%
fig, (axes, kinds) = plt.subplots(1, 2, figsize=(11, 4))
RocCurveDisplay.from_predictions(y, p, ax=axes, name="model", plot_chance_level=True)
test_scores = metrics["test"]
point = 1 - test_scores["specificity"]["value"], test_scores["sensitivity"]["value"]
axes.plot(*point, "s", color="C1", label="break-even")
axes.legend()
for place, row in enumerate(metrics["cv"]["slices"]):
    kinds.plot([row["accuracy"]["low"], row["accuracy"]["high"]], [place, place], color="grey", lw=4)
    kinds.plot(row["accuracy"]["value"], place, "o", color="C0")
names = [f"{str(row['name'])[:20]} ({row['kind']})" for row in metrics["cv"]["slices"]]
kinds.set_yticks(range(len(names)), names)
kinds.set(xlabel="share of right decisions", title="By kind of image")
plt.show()

# %% [markdown]
# ## Whom to refer
#
# A missed case and a needless referral cost differently, so there is a probability from which a
# referral pays, and that is the rule. Nobody chose the best point of this curve: it moves with
# every sample.
#
# **Read it:** each point of the curve is a threshold. **Ask:** how far is the ward's rule from it?

# %%
fig, axes = plt.subplots()
tradeoff(axes, business, test)
plt.show()

# %% [markdown]
# ## If the prices, or the ward, are others
#
# **Read it:** a line for each cost of a missed case and each share of positive cases in practice;
# the threshold follows. **Ask:** who could tell you either figure, and would the answer change what
# is done?

# %%
rows = {}
for cost in (500, 2_000, 5_000, 20_000):
    for prevalence in (0.05, 0.2, test.share):
        moved = prices.model_copy(update={"missed_case": cost, "prevalence": prevalence})
        ours = next(r for r in compare(share, test, moved, 0) if r["name"] == MODEL)
        rows[f"missed case {cost:,}, {prevalence:.0%} positive"] = {
            "refer above": break_even(moved, share),
            **{key: ours[key]["value"] for key in ("referred", "missed", "alarms")},
        }
pd.DataFrame(rows).T.round(3)

# %% [markdown]
# ## Where it looks
#
# The network averages each of its feature maps and adds the averages up. Sum and average can be
# swapped: adding the maps up first gives a picture whose mean is the log-odds but for a constant.
# So it shows what each place adds (Zhou and others, 2016), and Grad-CAM (Selvaraju and others,
# 2017) gives the same up to scale.
#
# **Read it:** above the image, below it what speaks for a positive case. Left: the surest positive
# answers; right: the surest negative answers that were wrong, or nearly.
#
# **Ask:** does it look where you would? What else is at that place?

# %%
probability, maps = predictor.maps(data.test.images)
surest = np.argsort(-probability)[:3]
missed = np.flatnonzero(data.test.y)[np.argsort(probability[data.test.y == 1])[:3]]
fig, grid = plt.subplots(2, 6, figsize=(10, 3.8))
for (above, below), place in zip(grid.T, [*surest, *missed], strict=True):
    image, case = data.test.images[place], data.test.cases.loc[place]
    draw_image(above, image, f"{case['class'][:16]}: {probability[place]:.1%}", case)
    draw_image(below, overlay(image, maps[place], predictor.signature["strong"]))
plt.show()

# %% [markdown]
# ## Does the map point at what decides?
#
# Red beside a finding may be a map that is wrong, or a model that looks elsewhere. So each referred
# image is asked again with a square over the strongest place of its map, in the image's mean, and
# once more with one of the same size at a place drawn at random (Zeiler and Fergus, 2014).
#
# **Read it:** by how much the probability falls on average, with its 95% interval; the last row is
# the difference in pairs. Around 0, the map says nothing of what decides.
#
# **Ask:** if covering hardly matters, what else does the model go by?

# %%
decided = predictor.decide(probability)
referred = np.flatnonzero([answer["decision"] == "refer" for answer in decided])[:500]
images, size = data.test.images[referred], info.size
reach = size // 8
strongest = np.array([peak(one, size) for one in maps[referred]]).reshape(-1, 2)
anywhere = np.random.default_rng(0).integers(size, size=strongest.shape)
falls = {}
for name, places in (("strongest place covered", strongest), ("any place covered", anywhere)):
    covered = images.copy()
    for image, (row, column) in zip(covered, places.clip(reach, size - reach - 1), strict=True):
        square = slice(row - reach, row + reach + 1), slice(column - reach, column + reach + 1)
        image[square] = image.mean(axis=(0, 1))
    falls[name] = probability[referred] - predictor.predict_proba(covered)
falls["more where it is strongest"] = falls["strongest place covered"] - falls["any place covered"]
if len(images):
    found = intervals(
        lambda w: {name: w @ fall / len(images) for name, fall in falls.items()}, len(images), 0
    )
    print(f"{len(images)} referred test images")
    display(pd.DataFrame({name: vars(value) for name, value in found.items()}).T.round(3))

# %% [markdown]
# ## What this does not show
#
# - **Whether anybody is better off.** That takes readers with and without the model, then patients.
# - **Other hospitals.** The test images come from where the training images come from.
# - **Why.** A map says where, not what. A shortcut next to a finding looks like the finding.
# - **What the labels missed.** The model is scored against labels, not against the truth.
