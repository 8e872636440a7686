# %% [markdown]
# # Medical Imaging: a first look at the images
#
# > **Not a medical device.** This is a learning project, for study only: do not use it, or anything
# > it says, to decide about a person's care.
#
# What do the images show, how are they prepared, and what does a network do to them? This notebook
# answers with plots. Below each one stands what it shows, computed from the data at hand: with
# another data set in `config.yaml` the sentences change with the plots.

# %%
from imaging.notebook import start

# %matplotlib inline
paths = start()

# %%
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Markdown, display

# %%
from imaging import eda
from imaging.augment import augmented
from imaging.charts import short
from imaging.config import load_config
from imaging.data import read_processed
from imaging.explain_figures import draw_image
from imaging.markdown import code

# %% [markdown]
# ## The data
#
# Only the training images are shown here. Whoever looks at the test images starts to choose models
# that suit them, and the test score is no longer honest.

# %%
data, info = read_processed(paths)
config = load_config(paths.root / "config.yaml")
train = data.train
note = " (synthetic sample)" if info.synthetic else ""

origin = "**made up by this project: a synthetic sample**" if info.synthetic else "read from a file"
colour = "grey" if info.channels == 1 else "colour"
positive = " or ".join(map(code, info.positive))
lines = [
    f"The data set {code(info.name)} is {origin}. It has {info.rows:,} {colour} images, brought to "
    f"{info.size} x {info.size} pixels. Positive cases are those labelled {positive}."
]
lines += [f"Left out: {count:,} images ({reason})." for reason, count in info.left_out.items()]
if not info.share_images:
    lines.append(
        "**This notebook shows images, and `config.yaml` does not say that they may be shared "
        "(`share_images`): keep it to yourself.**"
    )
display(Markdown("\n\n".join(lines)))
eda.overview(data)

# %% [markdown]
# ## How many of each class

# %%
fig, axes = plt.subplots(
    figsize=(7, 1.2 + 0.4 * train.cases["class"].nunique()), layout="constrained"
)
eda.draw_counts(axes, train.cases)
rate = train.y.mean()
axes.set_title(f"{rate:.0%} of the training images are positive cases{note}")
plt.show()

lazy = max(rate, 1 - rate)
said = "refer" if rate > 0.5 else "do not refer"
display(
    Markdown(
        f"To say \u201c{said}\u201d of every image would be right for {lazy:.0%}, and useless. So "
        "models are compared by how well they rank cases (ROC-AUC), and judged by how many "
        "positive cases they find (sensitivity) and how many negative ones they leave alone "
        "(specificity). The share in a data set is not the share in a practice: what follows from "
        "that for money stands under `prevalence` in `config.yaml`."
    )
)

# %% [markdown]
# ## Some images
#
# Drawn at random, not picked.

# %%
chosen = eda.picked(train, 6, config.seed)
shown = dict(list(chosen.items())[:6])
fig = plt.figure(figsize=(9, 1.75 * len(shown) + 0.5), layout="constrained")
eda.draw_grid(fig, {name: train.images[places] for name, places in shown.items()})
fig.suptitle(f"Up to six training images of each class{note}", x=0.01, ha="left", weight="bold")
plt.show()

# %% [markdown]
# ## Does brightness give it away?
#
# A difference that anybody could measure without looking at the image is a warning: the images of
# the ill may come from another device. A network would learn that first.

# %%
fig, axes = plt.subplots(figsize=(7, 3.4), layout="constrained")
eda.draw_brightness(axes, train)
alone = eda.separation(train.cases["brightness"].to_numpy(), train.y)
axes.set_title(f"Mean brightness ranks cases with a ROC-AUC of {max(alone, 1 - alone):.2f}{note}")
plt.show()

direction = "brighter" if alone > 0.5 else "darker"
told = max(alone, 1 - alone) >= 0.6
display(
    Markdown(
        f"Of a positive and a negative image, the positive one is {direction} "
        f"{max(alone, 1 - alone):.0%} of the time (50% would mean that brightness says nothing). "
        + (
            "That is a trace which any model can follow: the score of a network is only worth what "
            "it adds. How far training varies brightness stands in `config.yaml` (`exposure`)."
            if told
            else "So brightness alone does not explain what a model may find."
        )
    )
)

# %% [markdown]
# ## Where the classes differ on average
#
# The mean of all positive images less that of all negative ones, pixel by pixel. What lies at the
# same place in every image shows up; what moves around, or is small, averages out. A logistic
# regression on pixels sees little more than this; a convolution does not mind where a thing is.

# %%
grey = eda.grey(train.images)
means = {name: grey[train.y == y].mean(axis=0) for name, y in (("negative", 0), ("positive", 1))}
difference = means["positive"] - means["negative"]
fig, grid = plt.subplots(1, 3, figsize=(9, 3.3), layout="constrained")
for axes, (name, mean) in zip(grid, means.items()):
    eda.draw_values(axes, mean, f"mean of {name} images")
eda.draw_values(grid[2], difference, "difference (red: positive is brighter)", centred=True)
strongest = np.abs(difference).max()
title = f"The means differ by at most {strongest:.0%} of full brightness{note}"
fig.suptitle(title, x=0.01, ha="left", weight="bold")
plt.show()

# %% [markdown]
# ## Resizing
#
# A network needs all images in one size, and time grows with the number of pixels. What is lost on
# the way cannot be found by any model. Here images are shrunk and blown up again.

# %%
sizes = [info.size, info.size // 2, info.size // 4, info.size // 8]
samples = np.concatenate([places[:1] for places in chosen.values()])[:3]
fig, grid = plt.subplots(
    len(samples), 4, figsize=(9, 2.3 * len(samples) + 0.4), layout="constrained", squeeze=False
)
for line, place in zip(grid, samples):
    for axes, size in zip(line, sizes):
        draw_image(axes, eda.shrunk(train.images[place], size), f"{size} x {size}")
fig.suptitle(f"What is left of smaller images{note}", x=0.01, ha="left", weight="bold")
plt.show()

many = train.images[:200]
spread = eda.grey(many).var(axis=(1, 2)).mean()
lines = []
for size in sizes[1:]:
    small = np.stack([eda.shrunk(image, size) for image in many])
    lost = ((eda.grey(small) - eda.grey(many)) ** 2).mean()
    lines.append(
        f"- {size} x {size}: {(info.size // size) ** 2} times fewer pixels keep "
        f"{max(0.0, 1 - lost / spread):.0%} of the variation inside an image."
    )
lines.append("\nWhether the rest is noise or the finding itself, only a model's score can tell.")
display(Markdown("\n".join(lines)))

# %% [markdown]
# ## Normalising
#
# Bytes from 0 to 255 become numbers around 0 with a spread of about 1, by the mean and standard
# deviation of all training pixels. Gradients are then of a useful size from the first step. The
# same numbers travel with the exported model: a server that used others would see other images.

# %%
pixels = train.images / 255
mean, deviation = pixels.mean(), pixels.std()
fig, (left, right) = plt.subplots(1, 2, figsize=(9, 2.8), layout="constrained")
eda.draw_histogram(left, train.images[:500].astype(float), "before: bytes")
eda.draw_histogram(right, (pixels[:500] - mean) / deviation, "after: standard deviations")
title = f"From a mean of {255 * mean:.0f} to one of about 0{note}"
fig.suptitle(title, x=0.01, ha="left", weight="bold")
plt.show()

# %% [markdown]
# ## What a convolution does
#
# A kernel of 3 x 3 numbers slides over the image; at each place products are summed. Averages
# blur, differences find edges. A convolutional layer does the same with kernels that it learns,
# and then sets what is negative to zero (ReLU).

# %%
image = eda.grey(train.images[samples[-1:]])[0]
fig, grid = plt.subplots(1, 1 + len(eda.KERNELS), figsize=(11, 2.7), layout="constrained")
eda.draw_values(grid[0], image, "image")
for axes, (name, kernel) in zip(grid[1:], eda.KERNELS.items()):
    centred = kernel.min() < 0
    eda.draw_values(axes, eda.convolved(image, kernel), name, centred)
title = f"One image through four kernels (red: positive, blue: negative){note}"
fig.suptitle(title, x=0.01, ha="left", weight="bold")
plt.show()

# %% [markdown]
# **Padding** puts zeros around the image, so that the result is as large as the image and the
# border counts too. **Pooling** keeps the largest (or mean) value of each block: a quarter of the
# numbers, and a finding that moves by a pixel often gives the same result.

# %%
edges = np.maximum(eda.convolved(image, eda.KERNELS["vertical edges"], padding=1), 0)
bare = eda.convolved(image, eda.KERNELS["vertical edges"])
steps = {
    "image": image,
    "3 x 3 kernel, no padding": bare,
    "padding 1, then ReLU": edges,
    "max pooling 2 x 2": eda.pooled(edges),
    "mean pooling 2 x 2": eda.pooled(edges, how="mean"),
}
fig, grid = plt.subplots(1, len(steps), figsize=(11, 2.9), layout="constrained")
for axes, (name, values) in zip(grid, steps.items()):
    eda.draw_values(axes, values, f"{name}\n{values.shape[0]} x {values.shape[1]}")
fig.suptitle(f"Padding keeps the size, pooling halves it{note}", x=0.01, ha="left", weight="bold")
plt.show()

display(
    Markdown(
        "By hand: the result has as many lines as the image, plus twice the padding, less the "
        f"kernel's size, plus one. {info.size} + 2 x 0 - 3 + 1 = {bare.shape[0]}, and {info.size} "
        f"+ 2 x 1 - 3 + 1 = {edges.shape[0]}."
    )
)

# %% [markdown]
# ## Augmentation
#
# The same training image is shown a little differently each time. The network then learns what
# stays the same: the label. Only changes that do not change the label are allowed. In a chest film,
# for example, mirroring moves the heart to the other side. `config.yaml` says what is used.

# %%
settings = config.augmentation
copies = np.repeat(train.images[samples[-1:]], 11, axis=0)
varied = np.concatenate([copies[:1], augmented(copies, settings, config.seed)])
fig, grid = plt.subplots(2, 6, figsize=(9, 3.4), layout="constrained")
for axes, each, place in zip(grid.flat, varied, range(12)):
    draw_image(axes, each, "" if place else "as it is")
title = f"One training image and eleven variations{note}"
fig.suptitle(title, x=0.01, ha="left", weight="bold")
plt.show()

used = ", ".join(f"{name} {value:g}" for name, value in settings if name != "flip")
used += ", mirrored or not" if settings.flip else ", never mirrored"
display(Markdown(f"Used here: {used}."))

# %% [markdown]
# ## What leaks
#
# Images of one patient resemble each other, and copies are the same. If they stood on both sides
# of a split, a model could remember them and score well without having learned anything.

# %%
lines = [
    f"- Images with the same pixels as another one: {info.duplicates:,}. Copies stay on one side."
]
if info.patients is None:
    lines.append(
        "- The source does not say which images are of the same patient, so this cannot be ruled "
        "out."
    )
else:
    lines.append(
        f"- {info.patients:,} patients are known: all images of one stand on the same side."
    )
display(Markdown("\n".join(lines)))

# %% [markdown]
# ## What follows for the models
#
# What averages show, a logistic regression on pixels can use. What moves around, or is small,
# needs convolutions. Both climb the ladder in [02_modelling](02_modelling.ipynb).
